// `vitrine bench log`: durable entries a second, and what one costs over the disk's own time.
#pragma once
#include "base/result.hpp"

namespace vitrine::app {

[[nodiscard]] Result<void> bench_log(bool json);

}  // namespace vitrine::app
