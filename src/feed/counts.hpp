// Hands what the stream says to consumers that remember how far they got, each on a thread of its own: public views and
// shares, and showings that count for creators' figures.
#pragma once
#include <condition_variable>
#include <mutex>
#include <thread>

#include "feed/feed.hpp"

namespace vitrine::feed {

/// Takes records [from, …) in; they are at least one. After an error they come again, perhaps with more.
using StreamStep = std::function<Result<void>(store::Sequence from, std::span<const store::Record> records)>;
[[nodiscard]] StreamStep counting(CountsConsumer consumer);
[[nodiscard]] StreamStep watching(WatchedConsumer consumer);

/// Follows the stream from `next` on until it is destroyed.
class StreamPump {
 public:
  StreamPump(const store::Stream& stream, store::Sequence next, StreamStep take);
  ~StreamPump();

 private:
  void run(const std::stop_token& stop);
  /// Hands over one stretch of the stream.
  [[nodiscard]] Result<void> step();
  void rest(const std::stop_token& stop, std::int64_t ms);

  const store::Stream& stream_;
  store::Sequence next_;
  StreamStep take_;
  std::mutex mutex_;
  std::condition_variable_any waking_;
  std::jthread thread_;  ///< last: ends before the rest goes
};

}  // namespace vitrine::feed
