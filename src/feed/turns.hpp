// At most so many at a time, first come, first served. Work that keeps a core busy gains nothing from being begun
// before there is a core for it: begun all at once, all of it ends late.
#pragma once
#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace vitrine::feed {

/// Thread-safe.
class Turns {
 public:
  explicit Turns(std::uint64_t at_once) : at_once_(at_once) {}

  /// Holds a place as long as it lives; waits for it.
  class Turn {
   public:
    explicit Turn(Turns& turns) : turns_(turns) { turns_.take(); }
    ~Turn() { turns_.give(); }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

   private:
    Turns& turns_;
  };

 private:
  void take() {
    std::unique_lock lock(mutex_);
    const auto own = came_++;
    changed_.wait(lock, [&] { return own < left_ + at_once_; });
  }
  void give() {
    {
      const std::scoped_lock lock(mutex_);
      ++left_;
    }
    changed_.notify_all();
  }

  const std::uint64_t at_once_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::uint64_t came_ = 0, left_ = 0;
};

}  // namespace vitrine::feed
