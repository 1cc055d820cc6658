// `vitrine bench vault`: how long a witnessed opening takes, with every role a process of its own.
#pragma once
#include "base/result.hpp"

namespace vitrine::app {

[[nodiscard]] Result<void> bench_vault(bool json);

}  // namespace vitrine::app
