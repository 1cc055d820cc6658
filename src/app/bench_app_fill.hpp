// `vitrine bench world`: writes the world of `vitrine bench app` into an empty data directory, as a life would have
// left it: rows, search index, the feed's stream, a few real media files.
#pragma once
#include <string>

#include "app/bench_app_world.hpp"
#include "app/config.hpp"

namespace vitrine::app {

/// Takes minutes for the usual size; progress goes to standard error. `ends_at` 0: now. Errors: conflict (there is
/// something in the data directory or the database), the rooms'.
[[nodiscard]] Result<void> bench_world(const Config& config, AppWorldOptions options);

/// What was written there. Errors: not_found (no such world).
[[nodiscard]] Result<AppWorldOptions> world_options_of(const Config& config);

}  // namespace vitrine::app
