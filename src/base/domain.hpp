// Names of the DNS as people write them. Pure functions, thread-safe.
#pragma once
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace vitrine {

/// As a resolver would ask for it (UTS #46): "Behörde.Example。" becomes "xn--behrde-yxa.example". Error:
/// invalid_argument.
[[nodiscard]] Result<std::string> ascii_domain(std::string_view name);
/// Both as ascii_domain gives them.
[[nodiscard]] bool is_domain_or_below(std::string_view name, std::string_view domain);

}  // namespace vitrine
