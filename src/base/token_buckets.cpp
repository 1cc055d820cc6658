#include "base/token_buckets.hpp"

namespace vitrine {

std::optional<std::int64_t> TokenBuckets::take(const std::string& key, TimeMs now) {
  std::lock_guard lock(mutex_);
  if (buckets_.size() >= buckets_max) forget_full(now);
  auto& bucket = buckets_.try_emplace(key, Bucket{per_minute_, now}).first->second;
  refill(bucket, now);
  if (bucket.left >= 1) {
    bucket.left -= 1;
    return std::nullopt;
  }
  return static_cast<std::int64_t>((1 - bucket.left) / per_minute_ * 60) + 1;
}

void TokenBuckets::refill(Bucket& bucket, TimeMs now) const {
  const auto minutes = static_cast<double>(std::max<TimeMs>(0, now - bucket.at)) / 60'000;
  bucket.left = std::min(per_minute_, bucket.left + minutes * per_minute_);
  bucket.at = now;
}

/// A bucket that is full again says no more than none.
void TokenBuckets::forget_full(TimeMs now) {
  std::erase_if(buckets_, [&](const auto& item) {
    Bucket bucket = item.second;
    refill(bucket, now);
    return bucket.left >= per_minute_ - 0.5;
  });
  if (buckets_.size() >= buckets_max) buckets_.clear();
}

}  // namespace vitrine
