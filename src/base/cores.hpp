// How much of the machine this process may use.
#pragma once

namespace vitrine {

/// Cores this process is allowed to run on (its affinity, not the machine's count); at least 1.
[[nodiscard]] int usable_cores();

}  // namespace vitrine
