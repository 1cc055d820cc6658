#include "social/limits.hpp"

#include <chrono>

#include "base/time_zone.hpp"
#include "social/families.hpp"
#include "social/limit_columns.hpp"
#include "social/schema.hpp"

namespace vitrine::social {
namespace {

constexpr TimeMs minute_ms = 60'000, day_ms = 24LL * 3600 * 1000;

struct Kept {
  AgeBand band = AgeBand::adult;
  Limits own;
  std::string zone;
  TimeMs zone_set_at = 0;
  std::int64_t extra_day = -1;
  std::optional<bool> hides_sensitive;
  bool guarded = false;
  Limits guardians;
  bool sensitive_locked = true;

  [[nodiscard]] bool is_minor() const { return band == AgeBand::minor; }
  [[nodiscard]] std::optional<Limits> bound() const {
    if (!is_minor()) return std::nullopt;
    return guarded ? guardians : minor_limits;
  }
  [[nodiscard]] Limits in_force() const { return bound() ? strictest(own, *bound()) : own; }
  [[nodiscard]] bool may_show_sensitive() const { return !is_minor() || (guarded && !sensitive_locked); }
  [[nodiscard]] bool hides() const { return !may_show_sensitive() || hides_sensitive.value_or(is_minor()); }
  [[nodiscard]] bool is_counted() const { return is_minor() || own.daily_minutes; }
};

/// Errors: not_found.
Result<Kept> kept_of(store::Session& session, std::string_view account) {
  VT_TRY(const auto rows,
         session.query(fmt::format("SELECT a.age_band, l.account_id, l.daily_minutes, l.quiet_from, l.quiet_to, "
                                   "l.time_zone, l.zone_set_at, l.extra_day, l.hide_sensitive, c.ward_id, "
                                   "c.daily_minutes, c.quiet_from, c.quiet_to, c.sensitive_locked FROM accounts a "
                                   "LEFT JOIN watch_limits l ON l.account_id = a.id LEFT JOIN ward_controls c ON {} "
                                   "WHERE a.id = $1",
                                   sql_controls_of("c", "a")),
                       {std::string(account)}));
  if (rows.empty()) return fail(Errc::not_found, "there is no such account");
  const auto& row = rows[0];
  Kept kept{.band = age_band_of(row.text(0)), .guarded = !row.is_null(9)};
  if (!row.is_null(1)) {
    kept.own = limits_at(row, 2);
    kept.zone = row.text(5);
    kept.zone_set_at = row.integer(6);
    kept.extra_day = row.integer(7);
    if (!row.is_null(8)) kept.hides_sensitive = row.integer(8) != 0;
  }
  if (kept.guarded) {
    kept.guardians = limits_at(row, 10);
    kept.sensitive_locked = row.integer(13) != 0;
  }
  return kept;
}

Result<Kept> kept_of(store::Database& database, std::string_view account) {
  Kept kept;
  VT_CHECK(database.transaction(store::Access::read, [&](store::Session& session) -> Result<void> {
    VT_TRY(kept, kept_of(session, account));
    return {};
  }));
  return kept;
}

/// A moment as local clocks show it.
struct LocalTime {
  TimeMs ms;  ///< since 1970, by the local clock
  [[nodiscard]] std::int64_t day() const { return ms / day_ms; }
  [[nodiscard]] int minute() const { return static_cast<int>(ms % day_ms / minute_ms); }
};

LocalTime local(std::string_view zone, TimeMs at) { return {at + local_ahead_ms(zone, at)}; }

/// When local clocks will show this; where they jump over it, the moment of the jump is near enough.
TimeMs moment_of(std::string_view zone, LocalTime time) {
  const TimeMs guess = time.ms - local_ahead_ms(zone, time.ms);
  return time.ms - local_ahead_ms(zone, guess);
}

/// When local clocks show this minute next.
TimeMs next(int minute_of_day, std::string_view zone, LocalTime now) {
  const TimeMs today = now.day() * day_ms + minute_of_day * minute_ms;
  return moment_of(zone, {minute_of_day > now.minute() ? today : today + day_ms});
}

Result<std::int64_t> watched_on(store::Session& session, std::string_view account, std::int64_t day) {
  VT_TRY(const auto rows, session.query("SELECT watched_ms FROM watch_days WHERE account_id = $1 AND day = $2",
                                        {std::string(account), day}));
  return rows.empty() ? 0 : rows[0].integer(0);
}

LimitState state_of(const Kept& kept, std::int64_t used_ms, TimeMs now) {
  const auto time = local(kept.zone, now);
  LimitState state{.limits = kept.in_force(),
                   .own = kept.own,
                   .bound = kept.bound(),
                   .guarded = kept.guarded,
                   .hides_sensitive = kept.hides(),
                   .may_show_sensitive = kept.may_show_sensitive(),
                   .time_zone = kept.zone,
                   .used_ms = used_ms,
                   .extra_minutes = kept.extra_day == time.day() ? extra_minutes : 0};
  const auto& [daily, quiet] = state.limits;
  state.may_extend = daily && !kept.guarded && state.extra_minutes == 0;
  if (quiet) state.night_at = next(quiet->from_min, kept.zone, time);
  if (quiet && is_in(*quiet, time.minute())) {
    state.rest = Rest::night;
    state.until = next(quiet->to_min, kept.zone, time);
  } else if (daily && used_ms >= (*daily + state.extra_minutes) * minute_ms) {
    state.rest = Rest::limit;
    state.until = moment_of(kept.zone, {(time.day() + 1) * day_ms});
  }
  return state;
}

std::string text_of_day(std::int64_t day) {
  const std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(day))};
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                     static_cast<unsigned>(date.day()));
}

Result<void> make_row(store::Session& session, std::string_view account) {
  VT_CHECK(session.execute("INSERT INTO watch_limits (account_id) VALUES ($1) ON CONFLICT (account_id) DO NOTHING",
                           {std::string(account)}));
  return {};
}

std::string words_of_bound(const Limits& bound) {
  std::string words;
  if (bound.daily_minutes) words += fmt::format("at most {} minutes a day", *bound.daily_minutes);
  if (bound.quiet)
    words += fmt::format("{}quiet at least from {} to {}", words.empty() ? "" : ", and ",
                         clock_text(bound.quiet->from_min), clock_text(bound.quiet->to_min));
  return words;
}

Result<void> check_allowed(const Kept& kept, const Limits& own, bool hide_sensitive) {
  const auto bound = kept.bound();
  // What was chosen before under looser limits may stay: the strictest holds anyway.
  if (bound && own != kept.own && !is_as_strict(own, *bound))
    return fail(Errc::forbidden, "{} may only be made stricter: {}",
                kept.guarded ? "what your guardian set" : "what holds for people under 18", words_of_bound(*bound));
  if (!hide_sensitive && !kept.may_show_sensitive())
    return fail(Errc::forbidden, "clips labelled sensitive stay out of feed and search {}",
                kept.guarded ? "until your guardian unlocks that" : "for people under 18");
  return {};
}

}  // namespace

Result<void> check_limits(const Limits& limits) {
  if (limits.daily_minutes && (*limits.daily_minutes < daily_minutes_min || *limits.daily_minutes > minutes_of_day))
    return fail(Errc::invalid_argument, "a daily limit is {} to {} minutes", daily_minutes_min, minutes_of_day);
  if (!limits.quiet) return {};
  const auto is_minute = [](int minute) { return minute >= 0 && minute < minutes_of_day; };
  if (!is_minute(limits.quiet->from_min) || !is_minute(limits.quiet->to_min) ||
      limits.quiet->from_min == limits.quiet->to_min)
    return fail(Errc::invalid_argument, "quiet hours begin and end at two different times from 00:00 to 23:59");
  return {};
}

bool is_in(const Quiet& quiet, int minute) {
  if (quiet.from_min < quiet.to_min) return minute >= quiet.from_min && minute < quiet.to_min;
  return minute >= quiet.from_min || minute < quiet.to_min;
}

bool covers(const Quiet& outer, const Quiet& inner) {
  const auto after = [&](int minute) { return (minute - outer.from_min + minutes_of_day) % minutes_of_day; };
  const int begin = after(inner.from_min),
            end = begin + (inner.to_min - inner.from_min + minutes_of_day) % minutes_of_day;
  return end <= after(outer.to_min);
}

bool is_as_strict(const Limits& limits, const Limits& bound) {
  if (limits.daily_minutes && bound.daily_minutes && *limits.daily_minutes > *bound.daily_minutes) return false;
  return !limits.quiet || !bound.quiet || covers(*limits.quiet, *bound.quiet);
}

Limits strictest(const Limits& own, const Limits& bound) {
  Limits out{.daily_minutes = own.daily_minutes ? own.daily_minutes : bound.daily_minutes,
             .quiet = own.quiet ? own.quiet : bound.quiet};
  if (own.daily_minutes && bound.daily_minutes) out.daily_minutes = std::min(*own.daily_minutes, *bound.daily_minutes);
  // Two that only overlap cannot be told as one: whoever is responsible decides.
  if (own.quiet && bound.quiet && !covers(*own.quiet, *bound.quiet)) out.quiet = bound.quiet;
  return out;
}

std::string clock_text(int minute) { return fmt::format("{:02}:{:02}", minute / 60, minute % 60); }

Result<int> minute_of_day_in(std::string_view text) {
  const auto wrong = [] { return fail(Errc::invalid_argument, "a time of day reads \"22:00\""); };
  constexpr std::string_view digits = "0123456789";
  if (text.size() != 5 || text[2] != ':') return wrong();
  for (const std::size_t at : {0u, 1u, 3u, 4u})
    if (!digits.contains(text[at])) return wrong();
  const int hour = (text[0] - '0') * 10 + text[1] - '0', minute = (text[3] - '0') * 10 + text[4] - '0';
  if (hour > 23 || minute > 59) return wrong();
  return hour * 60 + minute;
}

std::string_view name(Rest rest) {
  switch (rest) {
    case Rest::none: return "none";
    case Rest::limit: return "limit";
    case Rest::night: return "night";
  }
  return "none";
}

Result<std::unique_ptr<WatchLimits>> WatchLimits::open(store::Database& database, const Clock& clock) {
  VT_CHECK(migrate_social(database));
  return std::unique_ptr<WatchLimits>(new WatchLimits(database, clock));
}

Result<LimitState> WatchLimits::state(std::string_view account) const {
  LimitState state;
  VT_CHECK(database_.transaction(store::Access::read, [&](store::Session& session) -> Result<void> {
    VT_TRY(const auto kept, kept_of(session, account));
    const TimeMs now = clock_.now();
    std::int64_t used_ms = 0;
    if (kept.is_counted()) {
      VT_TRY(used_ms, watched_on(session, account, local(kept.zone, now).day()));
    }
    state = state_of(kept, used_ms, now);
    return {};
  }));
  return state;
}

Result<void> WatchLimits::set(std::string_view account, const Limits& own, bool hide_sensitive) {
  VT_CHECK(check_limits(own));
  return database_.transaction(store::Access::write, [&](store::Session& session) -> Result<void> {
    VT_TRY(const auto kept, kept_of(session, account));
    VT_CHECK(check_allowed(kept, own, hide_sensitive));
    VT_CHECK(make_row(session, account));
    store::Params params{std::string(account), std::int64_t{hide_sensitive}};
    append_limits(params, own);
    VT_CHECK(
        session.execute("UPDATE watch_limits SET hide_sensitive = $2, daily_minutes = $3, quiet_from = $4, "
                        "quiet_to = $5 WHERE account_id = $1",
                        params));
    if (!kept.is_minor() && !own.daily_minutes)
      VT_CHECK(session.execute("DELETE FROM watch_days WHERE account_id = $1", {std::string(account)}));
    return {};
  });
}

Result<void> WatchLimits::set_time_zone(std::string_view account, std::string_view zone) {
  VT_TRY(const auto checked, checked_time_zone(zone));
  return database_.transaction(store::Access::write, [&](store::Session& session) -> Result<void> {
    VT_TRY(const auto kept, kept_of(session, account));
    if (kept.zone == checked) return {};
    const TimeMs now = clock_.now();
    if (kept.is_minor() && !kept.zone.empty() && now - kept.zone_set_at < time_zone_pause_ms)
      return fail(Errc::too_many_requests, "the time zone was changed within the last 24 hours: try again tomorrow");
    VT_CHECK(make_row(session, account));
    VT_CHECK(session.execute("UPDATE watch_limits SET time_zone = $2, zone_set_at = $3 WHERE account_id = $1",
                             {std::string(account), checked, now}));
    return {};
  });
}

Result<void> WatchLimits::extend(std::string_view account) {
  return database_.transaction(store::Access::write, [&](store::Session& session) -> Result<void> {
    VT_TRY(const auto kept, kept_of(session, account));
    const auto today = local(kept.zone, clock_.now()).day();
    if (kept.guarded) return fail(Errc::forbidden, "your guardian sets the daily limit");
    if (!kept.in_force().daily_minutes) return fail(Errc::conflict, "there is no daily limit");
    if (kept.extra_day == today) return fail(Errc::conflict, "today's {} extra minutes are taken", extra_minutes);
    VT_CHECK(make_row(session, account));
    VT_CHECK(
        session.execute("UPDATE watch_limits SET extra_day = $2 WHERE account_id = $1", {std::string(account), today}));
    return {};
  });
}

Result<void> WatchLimits::add_watched(std::string_view account, TimeMs shown_at, std::int64_t watched_ms) {
  if (watched_ms <= 0) return {};
  const TimeMs now = clock_.now();
  VT_TRY(const auto kept, kept_of(database_, account));
  if (!kept.is_counted()) return {};
  const auto today = local(kept.zone, now).day();
  const auto day = std::clamp(local(kept.zone, shown_at).day(), today - days_shown + 1, today);
  const auto more = std::min(watched_ms, watched_day_ms_max);
  return database_.transaction(store::Access::write, [&](store::Session& session) -> Result<void> {
    VT_CHECK(
        session.execute("INSERT INTO watch_days (account_id, day, watched_ms) VALUES ($1, $2, $3) "
                        "ON CONFLICT (account_id, day) DO UPDATE SET watched_ms = CASE WHEN "
                        "watch_days.watched_ms + $3 > $4 THEN $4 ELSE watch_days.watched_ms + $3 END",
                        {std::string(account), day, more, watched_day_ms_max}));
    VT_CHECK(session.execute("DELETE FROM watch_days WHERE account_id = $1 AND day <= $2",
                             {std::string(account), today - days_shown}));
    return {};
  });
}

Result<std::vector<WatchDay>> WatchLimits::days(std::string_view account) const {
  VT_TRY(const auto kept, kept_of(database_, account));
  const auto today = local(kept.zone, clock_.now()).day(), first = today - days_shown + 1;
  VT_TRY(const auto rows, database_.query("SELECT day, watched_ms FROM watch_days WHERE account_id = $1 AND day >= $2",
                                          {std::string(account), first}));
  std::vector<WatchDay> days;
  for (auto day = first; day <= today; ++day) days.push_back({text_of_day(day), 0});
  for (const auto& row : rows)
    if (row.integer(0) <= today)
      days[static_cast<std::size_t>(row.integer(0) - first)].minutes = row.integer(1) / minute_ms;
  return days;
}

Result<bool> WatchLimits::is_quiet(std::string_view account) const {
  return social::is_quiet(database_, account, clock_.now());
}

Result<bool> is_quiet(store::Database& database, std::string_view account, TimeMs now) {
  const auto kept = kept_of(database, account);
  if (!kept && kept.error().code == Errc::not_found) return true;
  if (!kept) return std::unexpected(kept.error());
  const auto quiet = kept->in_force().quiet;
  return quiet && is_in(*quiet, local(kept->zone, now).minute());
}

}  // namespace vitrine::social
