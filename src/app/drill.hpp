// `vitrine drill`: attacks on our own promises, carried out against real processes.
#pragma once
#include <string>
#include <vector>

#include "base/result.hpp"

namespace vitrine::app {

/// The names, in order: "december", "patched-vault", …
[[nodiscard]] std::vector<std::string> drill_names();

struct DrillOptions {
  std::string name = "all";
  bool json = false;
};
/// Prints what was tried and whether it held. Error (unprocessable) when anything did not.
[[nodiscard]] Result<void> run_drill(const DrillOptions& options);

}  // namespace vitrine::app
