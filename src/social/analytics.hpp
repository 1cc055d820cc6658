// Creators' analytics: who, in numbers, watches what they made (docs/analytics.md).
//
// Operation: take() folds showings from the event stream into pieces (analytics_piece.hpp), each of one clip and one
// UTC day. A piece that holds enough people is told: it is added to what its clip's and its creator's pages sum up.
// What is too small waits, and is carried on to the next day when its own is over. Nobody who watched is kept: of
// people there is a sketch that counts them, nothing else.
//
// Concurrency: thread-safe; calls block on the database. take() from one thread at a time.
#pragma once
#include <array>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "social/analytics_piece.hpp"
#include "store/database.hpp"

namespace vitrine::social {

inline constexpr std::int64_t analytics_days_kept = 90;
inline constexpr std::size_t analytics_top_videos = 5;
inline constexpr int analytics_hour_levels = 5;

/// A figure, or none where it would tell of fewer than analytics_people_min.
using Figure = std::optional<std::int64_t>;

struct DayFigures {
  std::int64_t day = 0;  ///< since 1970, UTC
  Figure views, watched_ms;
  std::array<Figure, acts.size()> acted;
  Figure followers;  ///< at its end, in whole steps of analytics_people_min; only of accounts
};

/// Of the days asked for; the last is today.
struct Figures {
  std::vector<DayFigures> days;
  Figure views, viewers, watched_ms;  ///< viewers are estimated: Headcount
  Figure watched_percent;             ///< of the clip, on average; loops count once
  std::array<Figure, traffic_sources.size()> sources;
  std::array<Figure, acts.size()> acted;
};

struct TopVideo {
  std::string video;
  std::int64_t views = 0;
};

struct AccountFigures : Figures {
  /// 1 to analytics_hour_levels of the busiest; the first is Monday 0:00 of whoever asks.
  std::array<Figure, hours_a_week> hours;
  std::vector<TopVideo> top;  ///< the most viewed first
};

struct VideoFigures : Figures {
  /// Of 100 views so many still watched at this 50th of the clip; read in steps of analytics_people_min views.
  std::array<Figure, retention_points> retention;
};

class Analytics {
 public:
  [[nodiscard]] static Result<std::unique_ptr<Analytics>> open(store::Database& database, const Clock& clock);

  /// Takes in what the stream says up to record `next`, and notes `next` in the same transaction. Clips that have gone
  /// are passed over.
  [[nodiscard]] Result<void> take(std::span<const Showing> showings, std::int64_t next);
  [[nodiscard]] Result<std::int64_t> taken_until() const;

  /// `days` is 1 to analytics_days_kept; hours are moved by whole hours east of UTC.
  [[nodiscard]] Result<AccountFigures> of_account(std::string_view account, std::int64_t days,
                                                  std::int64_t hours_east) const;
  [[nodiscard]] Result<VideoFigures> of_video(std::string_view video, std::int64_t days) const;

  /// Carries on what is too small, and drops days past analytics_days_kept. Called once a minute or so.
  [[nodiscard]] Result<void> keep_up();

 private:
  Analytics(store::Database& database, const Clock& clock) : database_(database), clock_(clock) {}
  [[nodiscard]] std::int64_t today() const;

  store::Database& database_;
  const Clock& clock_;
};

}  // namespace vitrine::social
