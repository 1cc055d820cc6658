// `vitrine user …`: accounts and the roster, from the command line, beside a running service or not.
#pragma once
#include <string>

#include "app/config.hpp"

namespace vitrine::app {

/// Makes an account of an adult, on the operator's word; its password comes on standard input.
[[nodiscard]] Result<void> add_user(const Config& config, const std::string& handle);

/// Puts somebody on the roster, or makes them a moderator, or takes all that from them ("none"). For the roster the log
/// must run: what stands in it counts, after the delay that the rules ask.
[[nodiscard]] Result<void> set_user_role(const Config& config, const std::string& handle, const std::string& role);

}  // namespace vitrine::app
