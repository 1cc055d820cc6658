// Counts public views and shares from the stream, on a thread of its own, for a consumer that remembers how far it got.
#pragma once
#include <condition_variable>
#include <mutex>
#include <thread>

#include "feed/feed.hpp"

namespace vitrine::feed {

class CountsPump {
 public:
  CountsPump(const store::Stream& stream, store::Sequence next, CountsConsumer consumer);
  ~CountsPump();

 private:
  void run(const std::stop_token& stop);
  /// Counts one stretch of the stream and hands it over.
  [[nodiscard]] Result<void> step();
  void rest(const std::stop_token& stop, std::int64_t ms);

  const store::Stream& stream_;
  store::Sequence next_;
  CountsConsumer consumer_;
  std::mutex mutex_;
  std::condition_variable_any waking_;
  std::jthread thread_;  ///< last: ends before the rest goes
};

}  // namespace vitrine::feed
