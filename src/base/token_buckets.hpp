// Limits on how often something may happen, by key. In memory only.
#pragma once
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "base/clock.hpp"

namespace vitrine {

/// A bucket for each key; it refills at a steady rate and holds a minute's worth. Thread-safe.
class TokenBuckets {
 public:
  static constexpr std::size_t buckets_max = 200'000;

  explicit TokenBuckets(double per_minute) : per_minute_(per_minute) {}

  /// Takes one, or tells how many seconds to wait.
  [[nodiscard]] std::optional<std::int64_t> take(const std::string& key, TimeMs now);

 private:
  struct Bucket {
    double left;
    TimeMs at;
  };
  void refill(Bucket& bucket, TimeMs now) const;
  void forget_full(TimeMs now);

  double per_minute_;
  std::mutex mutex_;
  std::unordered_map<std::string, Bucket> buckets_;
};

}  // namespace vitrine
