// The way from any thread to one client's event stream.
#pragma once
#include <functional>
#include <mutex>
#include <string>

#include "http/message.hpp"

namespace vitrine::http {

/// What waits to be sent. Thread-safe. Over pending_bytes_max the client counts as gone.
class EventChannel {
 public:
  static constexpr std::size_t pending_bytes_max = 256 << 10;

  /// `wake` tells the connection's thread to look; it is not called after close().
  explicit EventChannel(std::function<void()> wake) : wake_(std::move(wake)) {}

  bool send(std::string_view event, std::string_view data);
  /// From the sender's side: nothing more will come.
  void end();
  /// From the connection's side: nothing more will be sent.
  void close();

  struct Taken {
    std::string bytes;
    bool ended = false;
    bool closed = false;
  };
  [[nodiscard]] Taken take();

 private:
  std::mutex mutex_;
  std::function<void()> wake_;
  std::string pending_;
  bool ended_ = false;
  bool closed_ = false;
};

/// Ends the stream when the last holder lets go.
class ChannelSender final : public EventSender {
 public:
  explicit ChannelSender(std::shared_ptr<EventChannel> channel) : channel_(std::move(channel)) {}
  ~ChannelSender() override { channel_->end(); }
  bool send(std::string_view event, std::string_view data) override { return channel_->send(event, data); }

 private:
  std::shared_ptr<EventChannel> channel_;
};

}  // namespace vitrine::http
