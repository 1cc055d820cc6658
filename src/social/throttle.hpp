// Slows down guessing: after a few failures each further one doubles the wait. In memory only.
#pragma once
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/clock.hpp"

namespace vitrine::social {

/// Thread-safe.
class Throttle {
 public:
  /// `free` failures cost nothing; then the wait is `first_wait_ms` and doubles up to `wait_ms_max`.
  Throttle(int free, TimeMs first_wait_ms, TimeMs wait_ms_max)
      : free_(free), first_wait_ms_(first_wait_ms), wait_ms_max_(wait_ms_max) {}

  /// Milliseconds until `key` may try again; 0 when it may now.
  [[nodiscard]] TimeMs wait_ms(std::string_view key, TimeMs now) const;
  void failed(std::string_view key, TimeMs now);
  void succeeded(std::string_view key);

 private:
  struct Entry {
    int failures = 0;
    TimeMs next_try = 0;
  };
  void forget_old(TimeMs now);

  int free_;
  TimeMs first_wait_ms_, wait_ms_max_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, Entry> entries_;
};

}  // namespace vitrine::social
