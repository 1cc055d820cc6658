// `vitrine user …`: accounts from the command line.
#pragma once
#include <string>

#include "app/config.hpp"
#include "base/result.hpp"

namespace vitrine::app {

/// Reads the password as one line from standard input.
[[nodiscard]] Result<void> add_user(const Config& config, const std::string& handle);

}  // namespace vitrine::app
