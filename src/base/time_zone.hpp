// Time zones by their IANA names, from ICU's own data. Pure functions, thread-safe.
#pragma once
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace vitrine {

inline constexpr std::size_t time_zone_bytes_max = 64;

/// "Europe/Amsterdam", as it was given. Error: invalid_argument (no zone of the tz database).
[[nodiscard]] Result<std::string> checked_time_zone(std::string_view name);
/// How far local clocks were ahead of UTC; a zone that is empty or not known is UTC.
[[nodiscard]] TimeMs local_ahead_ms(std::string_view zone, TimeMs at);

}  // namespace vitrine
