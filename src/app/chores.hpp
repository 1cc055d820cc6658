// Work that a request begins and does not wait for: one thread, in order, bounded. What is lost at a stop was promised
// to nobody.
#pragma once
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include "base/log.hpp"
#include "base/result.hpp"

namespace vitrine::app {

inline constexpr std::size_t chores_waiting_max = 1'000;

/// Thread-safe.
class Chores {
 public:
  using Chore = std::function<Result<void>()>;

  void add(Chore chore) {
    const std::lock_guard lock(mutex_);
    if (waiting_.size() >= chores_waiting_max) return log::warning("chores.full");
    waiting_.push_back(std::move(chore));
    wake_.notify_one();
  }

 private:
  void run(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    while (wake_.wait(lock, stop, [this] { return !waiting_.empty(); })) {
      const auto chore = std::move(waiting_.front());
      waiting_.pop_front();
      lock.unlock();
      if (const auto done = chore(); !done) log::warning("chores.failed", {{"error", done.error().message}});
      lock.lock();
      if (stop.stop_requested()) return;
    }
  }

  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::deque<Chore> waiting_;
  std::jthread thread_{[this](const std::stop_token& stop) { run(stop); }};  ///< last: it ends first
};

}  // namespace vitrine::app
