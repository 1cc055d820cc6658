// `vitrine bench http`: media ranges and small JSON against nginx on the same core, idle memory, time to start.
#pragma once
#include "base/result.hpp"

namespace vitrine::app {

/// Needs nginx and wrk. Runs for about a minute and uses two cores if there are two: one serves, one asks.
[[nodiscard]] Result<void> bench_http(bool json);

}  // namespace vitrine::app
