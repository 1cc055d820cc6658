#include "social/age.hpp"

#include <charconv>

namespace vitrine::social {
namespace {

using std::chrono::year_month_day;

Result<year_month_day> parse_date(std::string_view text) {
  const auto bad = [] { return fail(Errc::invalid_argument, "a birth date is a date such as 2001-04-30"); };
  const auto number = [&](std::size_t at, std::size_t length, auto& out) {
    const char *first = text.data() + at, *last = first + length;
    const auto [end, error] = std::from_chars(first, last, out);
    return error == std::errc() && end == last;
  };
  int year = 0;
  unsigned month = 0, day = 0;
  if (text.size() != 10 || text[4] != '-' || text[7] != '-' || !number(0, 4, year) || !number(5, 2, month) ||
      !number(8, 2, day))
    return bad();
  const year_month_day date{std::chrono::year(year), std::chrono::month(month), std::chrono::day(day)};
  if (!date.ok()) return bad();
  return date;
}

/// Whole years; who is born on 29 February has their birthday on 1 March in other years.
int years_between(year_month_day from, year_month_day to) {
  const int years = static_cast<int>(to.year()) - static_cast<int>(from.year());
  const bool had_birthday = std::pair(to.month(), to.day()) >= std::pair(from.month(), from.day());
  return had_birthday ? years : years - 1;
}

}  // namespace

std::string_view name(AgeBand band) { return band == AgeBand::minor ? "minor" : "adult"; }
AgeBand age_band_of(std::string_view name) { return name == "minor" ? AgeBand::minor : AgeBand::adult; }

Result<AgeBand> band_of(std::string_view birth_date, TimeMs now) {
  VT_TRY(const auto born, parse_date(birth_date));
  const year_month_day today(std::chrono::floor<std::chrono::days>(
      std::chrono::sys_time<std::chrono::milliseconds>(std::chrono::milliseconds(now))));
  if (born > today) return fail(Errc::invalid_argument, "this birth date is yet to come");
  const int years = years_between(born, today);
  if (years > age_years_max) return fail(Errc::invalid_argument, "this birth date is over {} years ago", age_years_max);
  if (years < age_years_min)
    return fail(Errc::forbidden, "Vitrine is for people of {} and over. Nothing of what you entered is kept.",
                age_years_min);
  return years < adult_years_min ? AgeBand::minor : AgeBand::adult;
}

Result<TimeMs> adult_from(std::string_view birth_date) {
  VT_TRY(const auto born, parse_date(birth_date));
  auto day = born + std::chrono::years(adult_years_min);
  if (!day.ok()) day = day.year() / std::chrono::March / 1;
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::sys_days(day).time_since_epoch()).count();
}

}  // namespace vitrine::social
