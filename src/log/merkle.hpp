// Merkle trees as RFC 6962 §2.1 hashes them, and their proofs (RFC 9162 §2.1.3, §2.1.4). Pure functions, thread-safe.
#pragma once
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "base/crypto.hpp"
#include "base/result.hpp"

namespace vitrine::tlog {

using crypto::Hash;

[[nodiscard]] Hash leaf_hash(std::string_view entry);               ///< SHA-256(0x00 ‖ entry)
[[nodiscard]] Hash node_hash(const Hash& left, const Hash& right);  ///< SHA-256(0x01 ‖ left ‖ right)
[[nodiscard]] Hash empty_root();                                    ///< SHA-256("")

/// The root over `hashes`, each the root of a complete subtree of the same height: MTH of RFC 6962 if they are leaves.
[[nodiscard]] Hash root_of(std::span<const Hash> hashes);

/// The complete subtree over the leaves [index·2^level, (index+1)·2^level).
struct Node {
  int level = 0;
  std::uint64_t index = 0;
  bool operator==(const Node&) const = default;
};
/// Where a tree's hashes come from.
using NodeReader = std::function<Result<Hash>(const Node&)>;

[[nodiscard]] Result<Hash> root_at(std::uint64_t size, const NodeReader& read);

using Proof = std::vector<Hash>;
inline constexpr std::size_t proof_hashes_max = 63;

/// That leaf `index` is in the tree of `size` leaves; hashes from the leaf upward. Error: invalid_argument if it is
/// not.
[[nodiscard]] Result<Proof> prove_inclusion(std::uint64_t index, std::uint64_t size, const NodeReader& read);
/// That the tree of `old_size` leaves is the beginning of the one of `size`. Empty if either equals 0 or the other.
[[nodiscard]] Result<Proof> prove_consistency(std::uint64_t old_size, std::uint64_t size, const NodeReader& read);

/// Errors (unprocessable) say that the proof does not hold; a proof of a wrong length never does.
[[nodiscard]] Result<void> verify_inclusion(std::span<const Hash> proof, std::uint64_t index, const Hash& leaf,
                                            std::uint64_t size, const Hash& root);
[[nodiscard]] Result<void> verify_consistency(std::span<const Hash> proof, std::uint64_t old_size, const Hash& old_root,
                                              std::uint64_t size, const Hash& root);

}  // namespace vitrine::tlog
