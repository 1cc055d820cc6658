// Keys in n parts, of which t give them back (Shamir, over GF(2^8), by libgfshare). Thread-safe.
#pragma once
#include <map>
#include <span>

#include "base/crypto.hpp"
#include "base/result.hpp"

namespace vitrine::custody {

inline constexpr int shares_max = 16;

using Share = crypto::Hash;

/// Parts 1 … count of a key; any `threshold` of them give it back, fewer tell nothing.
[[nodiscard]] std::map<int, Share> split_key(const crypto::Hash& key, int count, int threshold);

/// The key that parts give, by their numbers. With other parts than belong together it is another key: what it opens
/// tells. Error: invalid_argument (numbers).
[[nodiscard]] Result<crypto::Hash> join_key(const std::map<int, Share>& parts);

/// Part `number` of nothing: a sharing of zero that `seed` alone decides. Added to parts of a key it leaves the key as
/// it is, if every holder used the same seed; with two different ones nothing comes out.
[[nodiscard]] Share share_of_zero(const crypto::Hash& seed, int number, int threshold);
[[nodiscard]] Share add(const Share& a, const Share& b);

}  // namespace vitrine::custody
