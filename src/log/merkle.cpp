#include "log/merkle.hpp"

#include <bit>

namespace vitrine::tlog {
namespace {

constexpr unsigned char leaf_prefix = 0x00;
constexpr unsigned char node_prefix = 0x01;

/// The leaves [begin, end).
struct Range {
  std::uint64_t begin, end;
  [[nodiscard]] std::uint64_t size() const { return end - begin; }
};

/// The largest power of two smaller than n; n > 1.
std::uint64_t split_point(std::uint64_t n) { return std::bit_floor(n - 1); }

/// The hash over a range as it stands in a tree: complete subtrees from left to right, folded from the right.
Result<Hash> range_hash(Range range, const NodeReader& read) {
  std::vector<Hash> parts;
  while (range.size() > 0) {
    const auto leaves = std::bit_floor(range.size());
    const int level = std::countr_zero(leaves);
    VT_TRY(parts.emplace_back(), read({level, range.begin >> level}));
    range.begin += leaves;
  }
  Hash out = parts.back();
  for (std::size_t i = parts.size() - 1; i-- > 0;) out = node_hash(parts[i], out);
  return out;
}

Result<Proof> hashes_of(std::span<const Range> ranges_from_root, const NodeReader& read) {
  Proof proof;
  for (std::size_t i = ranges_from_root.size(); i-- > 0;) {
    VT_TRY(proof.emplace_back(), range_hash(ranges_from_root[i], read));
  }
  return proof;
}

std::unexpected<Error> wrong(std::string_view what) {
  return fail(Errc::unprocessable, "the {} proof does not hold", what);
}

}  // namespace

Hash leaf_hash(std::string_view entry) { return crypto::sha256({{&leaf_prefix, 1}, crypto::bytes_of(entry)}); }

Hash node_hash(const Hash& left, const Hash& right) {
  std::array<unsigned char, 65> bytes;
  bytes[0] = node_prefix;
  std::ranges::copy(left, bytes.begin() + 1);
  std::ranges::copy(right, bytes.begin() + 33);
  return crypto::sha256(crypto::Bytes(bytes));
}

Hash empty_root() { return crypto::sha256(std::string_view()); }

Hash root_of(std::span<const Hash> hashes) {
  if (hashes.empty()) return empty_root();
  if (hashes.size() == 1) return hashes.front();
  const auto split = split_point(hashes.size());
  return node_hash(root_of(hashes.first(split)), root_of(hashes.subspan(split)));
}

Result<Hash> root_at(std::uint64_t size, const NodeReader& read) {
  if (size == 0) return empty_root();
  return range_hash({0, size}, read);
}

Result<Proof> prove_inclusion(std::uint64_t index, std::uint64_t size, const NodeReader& read) {
  if (index >= size) return fail(Errc::invalid_argument, "entry {} is not in a tree of {}", index, size);
  std::vector<Range> beside;
  for (Range range{0, size}; range.size() > 1;) {
    const auto middle = range.begin + split_point(range.size());
    if (index < middle) {
      beside.push_back({middle, range.end});
      range.end = middle;
    } else {
      beside.push_back({range.begin, middle});
      range.begin = middle;
    }
  }
  return hashes_of(beside, read);
}

Result<Proof> prove_consistency(std::uint64_t old_size, std::uint64_t size, const NodeReader& read) {
  if (old_size > size)
    return fail(Errc::invalid_argument, "a tree of {} is not the beginning of one of {}", old_size, size);
  if (old_size == 0 || old_size == size) return Proof();
  std::vector<Range> parts;
  Range range{0, size};
  while (range.end != old_size) {
    const auto middle = range.begin + split_point(range.size());
    if (old_size <= middle) {
      parts.push_back({middle, range.end});
      range.end = middle;
    } else {
      parts.push_back({range.begin, middle});
      range.begin = middle;
    }
  }
  if (range.begin != 0) parts.push_back(range);  // else it is the old root, which the verifier has
  return hashes_of(parts, read);
}

Result<void> verify_inclusion(std::span<const Hash> proof, std::uint64_t index, const Hash& leaf, std::uint64_t size,
                              const Hash& root) {
  if (index >= size || proof.size() > proof_hashes_max + 1) return wrong("inclusion");
  std::uint64_t node = index, last = size - 1;
  Hash hash = leaf;
  for (const Hash& beside : proof) {
    if (last == 0) return wrong("inclusion");
    if ((node & 1) != 0 || node == last) {
      hash = node_hash(beside, hash);
      while ((node & 1) == 0 && node != 0) node >>= 1, last >>= 1;
    } else {
      hash = node_hash(hash, beside);
    }
    node >>= 1, last >>= 1;
  }
  if (last != 0 || hash != root) return wrong("inclusion");
  return {};
}

Result<void> verify_consistency(std::span<const Hash> proof, std::uint64_t old_size, const Hash& old_root,
                                std::uint64_t size, const Hash& root) {
  if (old_size > size) return wrong("consistency");
  if (old_size == size || old_size == 0) {
    const bool same = old_size == 0 ? old_root == empty_root() : old_root == root;
    if (!proof.empty() || !same) return wrong("consistency");
    return {};
  }
  std::uint64_t node = old_size - 1, last = size - 1;
  while ((node & 1) != 0) node >>= 1, last >>= 1;
  std::size_t next = 0;
  if (proof.empty()) return wrong("consistency");
  Hash old_hash = node == 0 ? old_root : proof[next++];
  Hash hash = old_hash;
  for (; next < proof.size(); ++next) {
    if (last == 0) return wrong("consistency");
    if ((node & 1) != 0 || node == last) {
      old_hash = node_hash(proof[next], old_hash);
      hash = node_hash(proof[next], hash);
      while ((node & 1) == 0 && node != 0) node >>= 1, last >>= 1;
    } else {
      hash = node_hash(hash, proof[next]);
    }
    node >>= 1, last >>= 1;
  }
  if (last != 0 || old_hash != old_root || hash != root) return wrong("consistency");
  return {};
}

}  // namespace vitrine::tlog
