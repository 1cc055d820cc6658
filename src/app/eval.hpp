// `vitrine eval`: how good the feed's engine is on a log whose outcome is known.
#pragma once
#include <optional>
#include <string>

#include "base/result.hpp"

namespace vitrine::app {

struct EvalOptions {
  std::string log;
  std::string protocol = "prequential";
  std::optional<std::string> warm;      ///< prequential: learned first; a log, or histories
  std::optional<std::string> test;      ///< split: what is predicted
  std::optional<std::string> settings;  ///< prequential: file of the engine's settings instead of the shipped ones
  bool json = false;
};

/// Prints figures to standard output, progress to standard error.
[[nodiscard]] Result<void> eval(const EvalOptions& options);

}  // namespace vitrine::app
