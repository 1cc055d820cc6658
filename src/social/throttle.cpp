#include "social/throttle.hpp"

namespace vitrine::social {
namespace {

constexpr std::size_t entries_max = 100'000;
constexpr int doublings_max = 20;

}  // namespace

TimeMs Throttle::wait_ms(std::string_view key, TimeMs now) const {
  std::lock_guard lock(mutex_);
  const auto found = entries_.find(std::string(key));
  return found == entries_.end() ? 0 : std::max<TimeMs>(0, found->second.next_try - now);
}

void Throttle::failed(std::string_view key, TimeMs now) {
  std::lock_guard lock(mutex_);
  if (entries_.size() >= entries_max) forget_old(now);
  auto& entry = entries_[std::string(key)];
  if (++entry.failures <= free_) return;
  const int doublings = std::min(entry.failures - free_ - 1, doublings_max);
  entry.next_try = now + std::min(first_wait_ms_ << doublings, wait_ms_max_);
}

void Throttle::succeeded(std::string_view key) {
  std::lock_guard lock(mutex_);
  entries_.erase(std::string(key));
}

void Throttle::forget_old(TimeMs now) {
  std::erase_if(entries_, [now](const auto& item) { return item.second.next_try <= now; });
  if (entries_.size() >= entries_max) entries_.clear();
}

}  // namespace vitrine::social
