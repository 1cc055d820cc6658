// How long somebody may watch in a day and when the feed rests, kept with the account. It is a help, not a lock: who
// watches signed out is not known here, and what was watched is what players say.
//
// Minors begin with minor_limits. They may make them stricter, not looser, but for extra_minutes once a day; with a
// guardian (families.hpp) the guardian's limits stand in the place of minor_limits, and there are no extra minutes.
// Adults have none until they set some. Minutes are counted only where a limit or a guardian needs them, by the local
// day, for days_shown days.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "social/age.hpp"
#include "store/database.hpp"

namespace vitrine::social {

inline constexpr int minutes_of_day = 24 * 60;
inline constexpr int daily_minutes_min = 15;
inline constexpr int extra_minutes = 15;
inline constexpr std::int64_t days_shown = 7;                           ///< today among them
inline constexpr TimeMs time_zone_pause_ms = 24LL * 3600 * 1000;        ///< between a minor's changes of zone
inline constexpr std::int64_t watched_day_ms_max = 24LL * 3600 * 1000;  ///< more was not watched, whatever is said

/// From one minute of the day to another, past midnight if it is the earlier one. Never of no length.
struct Quiet {
  int from_min = 0, to_min = 0;
  bool operator==(const Quiet&) const = default;
};
struct Limits {
  std::optional<int> daily_minutes;  ///< daily_minutes_min … minutes_of_day
  std::optional<Quiet> quiet;
  bool operator==(const Limits&) const = default;
};
inline constexpr Limits minor_limits{.daily_minutes = 60, .quiet = Quiet{22 * 60, 6 * 60}};

/// Errors: invalid_argument.
[[nodiscard]] Result<void> check_limits(const Limits& limits);
[[nodiscard]] bool is_in(const Quiet& quiet, int minute_of_day);
/// The whole of `inner` lies in `outer`.
[[nodiscard]] bool covers(const Quiet& outer, const Quiet& inner);
/// What `limits` leaves open follows the bound.
[[nodiscard]] bool is_as_strict(const Limits& limits, const Limits& bound);
/// What holds for somebody who wants `own` and has to keep to `bound`.
[[nodiscard]] Limits strictest(const Limits& own, const Limits& bound);
/// "22:00"
[[nodiscard]] std::string clock_text(int minute_of_day);
/// Error: invalid_argument.
[[nodiscard]] Result<int> minute_of_day_in(std::string_view text);

enum class Rest { none, limit, night };
[[nodiscard]] std::string_view name(Rest rest);

struct LimitState {
  Limits limits;                ///< in force
  Limits own;                   ///< as they have chosen
  std::optional<Limits> bound;  ///< what they may not loosen
  bool guarded = false;         ///< by a guardian
  bool hides_sensitive = false;
  bool may_show_sensitive = true;
  std::string time_zone;  ///< empty: not told yet, taken as UTC
  std::int64_t used_ms = 0;
  int extra_minutes = 0;  ///< granted today
  bool may_extend = false;
  Rest rest = Rest::none;
  std::optional<TimeMs> until;     ///< of the rest
  std::optional<TimeMs> night_at;  ///< when quiet hours begin next
};

struct WatchDay {
  std::string day;  ///< "2026-11-25", local
  std::int64_t minutes = 0;
};

/// Thread-safe. Calls block on the database.
class WatchLimits {
 public:
  [[nodiscard]] static Result<std::unique_ptr<WatchLimits>> open(store::Database& database, const Clock& clock);

  /// Errors: not_found (as of all calls here).
  [[nodiscard]] Result<LimitState> state(std::string_view account) const;
  /// Errors: invalid_argument; forbidden (looser than they may be).
  [[nodiscard]] Result<void> set(std::string_view account, const Limits& own, bool hide_sensitive);
  /// Errors: invalid_argument; too_many_requests (a minor changed it a moment ago).
  [[nodiscard]] Result<void> set_time_zone(std::string_view account, std::string_view zone);
  /// extra_minutes for today. Errors: forbidden (a guardian sets the limit), conflict (had them, or there is no limit).
  [[nodiscard]] Result<void> extend(std::string_view account);

  /// Something was watched that was shown at `shown_at`; counted where it is needed.
  [[nodiscard]] Result<void> add_watched(std::string_view account, TimeMs shown_at, std::int64_t watched_ms);
  /// The last days_shown days, the oldest first, also those without a minute.
  [[nodiscard]] Result<std::vector<WatchDay>> days(std::string_view account) const;

  /// Whether it is quiet for them now: nothing is pushed, neither within the app nor elsewhere.
  [[nodiscard]] Result<bool> is_quiet(std::string_view account) const;

 private:
  WatchLimits(store::Database& database, const Clock& clock) : database_(database), clock_(clock) {}
  store::Database& database_;
  const Clock& clock_;
};

/// As WatchLimits::is_quiet; somebody who has left hears nothing.
[[nodiscard]] Result<bool> is_quiet(store::Database& database, std::string_view account, TimeMs now);

}  // namespace vitrine::social
