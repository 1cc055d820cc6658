// Countries by their codes (ISO 3166-1 alpha-2). Pure functions, thread-safe.
#pragma once
#include <string_view>

namespace vitrine {

/// Two capital letters that ICU knows as a country's: "DE".
[[nodiscard]] bool is_country(std::string_view code);

}  // namespace vitrine
