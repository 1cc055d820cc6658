// `vitrine serve`: the whole service on this machine.
#pragma once
#include "app/config.hpp"
#include "base/result.hpp"

namespace vitrine::app {

enum class Fill { nothing, demo };

/// Runs until SIGTERM or SIGINT, then drains. Prints "listening on http://HOST:PORT" on stdout once it is ready.
[[nodiscard]] Result<void> serve(const Config& config, Fill fill);

}  // namespace vitrine::app
