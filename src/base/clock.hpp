// Time, passed in and never reached for, so that a test can move it.
#pragma once
#include <cstdint>

namespace vitrine {

/// Milliseconds since 1970-01-01T00:00:00Z.
using TimeMs = std::int64_t;

/// Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual TimeMs now() const = 0;
};

/// The machine's own clock.
class SystemClock final : public Clock {
 public:
  [[nodiscard]] TimeMs now() const override;
};

/// A clock that stands still until a test moves it.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(TimeMs start) : now_(start) {}
  [[nodiscard]] TimeMs now() const override { return now_; }
  void advance(TimeMs by_ms) { now_ += by_ms; }

 private:
  TimeMs now_;
};

}  // namespace vitrine
