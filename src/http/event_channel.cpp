#include "http/event_channel.hpp"

namespace vitrine::http {
namespace {

/// One event as WHATWG HTML §9.2.6 reads it: every line of the data needs its own field.
void append_event(std::string& into, std::string_view event, std::string_view data) {
  if (!event.empty()) into.append("event: ").append(event.substr(0, event.find_first_of("\r\n"))).append("\n");
  while (true) {
    const std::size_t end = data.find_first_of("\r\n");
    into.append("data: ").append(data.substr(0, end)).append("\n");
    if (end == data.npos) break;
    data.remove_prefix(end + (data.substr(end, 2) == "\r\n" ? 2 : 1));
  }
  into.append("\n");
}

}  // namespace

bool EventChannel::send(std::string_view event, std::string_view data) {
  std::lock_guard lock(mutex_);
  if (closed_) return false;
  append_event(pending_, event, data);
  if (pending_.size() > pending_bytes_max) {
    pending_.clear();
    closed_ = true;
  }
  wake_();
  return !closed_;
}

void EventChannel::end() {
  std::lock_guard lock(mutex_);
  ended_ = true;
  if (!closed_) wake_();
}

void EventChannel::close() {
  std::lock_guard lock(mutex_);
  closed_ = true;
}

EventChannel::Taken EventChannel::take() {
  std::lock_guard lock(mutex_);
  return {std::exchange(pending_, {}), ended_, closed_};
}

}  // namespace vitrine::http
