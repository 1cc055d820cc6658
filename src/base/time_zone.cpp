#include "base/time_zone.hpp"

#include <array>
#include <memory>
#include <unicode/ucal.h>

namespace vitrine {
namespace {

bool is_shaped_like_a_zone(std::string_view name) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("/_+-").contains(c);
  };
  return !name.empty() && name.size() <= time_zone_bytes_max && std::ranges::all_of(name, allowed);
}

/// Letters of ASCII are the same in UTF-16.
std::u16string wide(std::string_view ascii) { return {ascii.begin(), ascii.end()}; }

}  // namespace

Result<std::string> checked_time_zone(std::string_view name) {
  const auto unknown = [] {
    return fail(Errc::invalid_argument, "a time zone has a name of the tz database, such as Europe/Amsterdam");
  };
  if (!is_shaped_like_a_zone(name)) return unknown();
  std::array<char16_t, 2 * time_zone_bytes_max> canonical{};
  UBool is_of_database = false;
  UErrorCode status = U_ZERO_ERROR;
  const auto text = wide(name);
  ucal_getCanonicalTimeZoneID(text.data(), static_cast<std::int32_t>(text.size()), canonical.data(),
                              static_cast<std::int32_t>(canonical.size()), &is_of_database, &status);
  if (U_FAILURE(status) || !is_of_database || name == "Etc/Unknown") return unknown();
  return std::string(name);
}

TimeMs local_ahead_ms(std::string_view zone, TimeMs at) {
  if (zone.empty()) return 0;
  UErrorCode status = U_ZERO_ERROR;
  const auto text = wide(zone);
  const std::unique_ptr<UCalendar, decltype(&ucal_close)> calendar(
      ucal_open(text.data(), static_cast<std::int32_t>(text.size()), "", UCAL_GREGORIAN, &status), &ucal_close);
  if (U_FAILURE(status)) return 0;
  ucal_setMillis(calendar.get(), static_cast<double>(at), &status);
  const TimeMs ahead =
      ucal_get(calendar.get(), UCAL_ZONE_OFFSET, &status) + ucal_get(calendar.get(), UCAL_DST_OFFSET, &status);
  return U_FAILURE(status) ? 0 : ahead;
}

}  // namespace vitrine
