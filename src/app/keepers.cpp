#include "app/keepers.hpp"

#include "base/log.hpp"

namespace vitrine::app {
namespace {

constexpr std::chrono::milliseconds look_every{500};
constexpr std::chrono::seconds pause_min{1}, pause_max{30};

}  // namespace

Keepers::Keepers(Household household)
    : household_(std::move(household)), thread_([this](const std::stop_token& stop) { keep(stop); }) {}

std::string Keepers::state() const {
  const std::lock_guard lock(mutex_);
  return state_;
}

void Keepers::keep(const std::stop_token& stop) {
  std::chrono::milliseconds pause = pause_min;
  while (!stop.stop_requested()) {
    std::string trouble;
    for (const auto& role : household_.roles()) {
      if (household_.runs(role)) continue;
      if (const auto started = household_.start(role); !started) {
        trouble = started.error().message;
        break;  // those above need it
      }
    }
    if (!trouble.empty()) log::warning("custody.role", {{"error", trouble}});
    std::unique_lock lock(mutex_);
    state_ = trouble.empty() ? "up" : trouble;
    wake_.wait_for(lock, stop, trouble.empty() ? look_every : pause, [] { return false; });
    pause = trouble.empty() ? pause_min : std::min<std::chrono::milliseconds>(2 * pause, pause_max);
  }
  household_.stop_all();
}

}  // namespace vitrine::app
