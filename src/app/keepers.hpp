// Keeps the roles of a household running beside the service: starts them, and starts again what ended. The service does
// not wait for them; as long as one is missing, nothing sealed is opened, and the reason can be read.
#pragma once
#include <condition_variable>
#include <mutex>
#include <thread>

#include "app/household.hpp"

namespace vitrine::app {

/// Thread-safe.
class Keepers {
 public:
  explicit Keepers(Household household);
  /// Ends all roles.
  ~Keepers() = default;

  /// "up", or which role is missing and why.
  [[nodiscard]] std::string state() const;

 private:
  void keep(const std::stop_token& stop);

  mutable std::mutex mutex_;
  std::condition_variable_any wake_;
  std::string state_ = "the keepers of sealed data are starting";
  Household household_;  ///< the thread's
  std::jthread thread_;  ///< last: it ends first. Children end with the thread that started them
};

}  // namespace vitrine::app
