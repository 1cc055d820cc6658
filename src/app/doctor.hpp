// `vitrine doctor`: is this machine fit, and is the data directory whole?
#pragma once
#include "app/config.hpp"
#include "base/result.hpp"

namespace vitrine::app {

/// Prints one line a check; an error Result when any failed. Run it while the service is stopped: it reads everything.
[[nodiscard]] Result<void> doctor(const Config& config);

}  // namespace vitrine::app
