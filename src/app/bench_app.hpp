// `vitrine bench app`: the whole service, on one core, asked by thousands of people at once: how long each kind of
// answer takes. The world is that of `vitrine bench world`; bench_app_load.hpp has what is asked.
#pragma once
#include <cstdint>

#include "app/config.hpp"

namespace vitrine::app {

struct BenchAppOptions {
  double rate_per_s = 200, seconds = 60;
  int core = 0;                 ///< of the service, its household and a PostgreSQL on this machine; asked from another
  std::int64_t people = 4'000;  ///< who ask
  bool json = false;
};

/// Prints to standard output, progress to standard error. Writes into the world, as its people do. Errors: not_found
/// (no world), internal (an answer that should not be), the rooms'.
[[nodiscard]] Result<void> bench_app(const Config& config, const BenchAppOptions& options);

}  // namespace vitrine::app
