// Ages, as far as the service wants to know them: a band. Pure functions, thread-safe.
#pragma once
#include <chrono>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace vitrine::social {

inline constexpr int age_years_min = 13;  ///< younger people are refused, and nothing of them is kept
inline constexpr int adult_years_min = 18;
inline constexpr int age_years_max = 130;

enum class AgeBand { minor, adult };
[[nodiscard]] std::string_view name(AgeBand band);
[[nodiscard]] AgeBand age_band_of(std::string_view name);

/// "YYYY-MM-DD". Errors: invalid_argument (not a date, in the future, over age_years_max ago); forbidden (too young).
[[nodiscard]] Result<AgeBand> band_of(std::string_view birth_date, TimeMs now);
/// When the day begins (UTC) on which somebody comes of age. Error: invalid_argument.
[[nodiscard]] Result<TimeMs> adult_from(std::string_view birth_date);

}  // namespace vitrine::social
