// What trends: everywhere and in a language, what is watched more than it used to be; in a region, what people who
// chose it like (docs/trends.md).
//
// Views are counted by video and quarter of a day, and nothing is kept about who viewed: so there are trends of
// languages, of the videos that have captions in one, and none of where viewers are. Of a region count the likes of
// accounts that say it is theirs (regions.hpp). Nothing is told of fewer than region_people_min of them, and of nothing
// how many they are.
#pragma once
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "store/database.hpp"

namespace vitrine::social {

inline constexpr std::int64_t trend_tag_views_min = 20, trend_video_views_min = 10;
inline constexpr std::int64_t trend_tag_creators_min = 2;  ///< nobody makes a trend alone
inline constexpr double trend_score_min = 1;               ///< below it a rise is chance
inline constexpr std::size_t trend_tags_max = 20, trend_videos_max = 24;
inline constexpr std::int64_t trend_videos_counted_max = 20'000;  ///< the most viewed of the eight days
inline constexpr std::int64_t region_people_min = 20;  ///< different ones; those of whom less is told stay untold
inline constexpr TimeMs region_likes_age_ms_max = 7LL * 24 * 3600 * 1000;
inline constexpr TimeMs region_counts_after_ms = 24LL * 3600 * 1000;  ///< since somebody has chosen it
inline constexpr std::int64_t region_likes_counted_max = 50'000;      ///< the newest
inline constexpr TimeMs trends_due_ms = 5 * 60 * 1000;                ///< keep_up() then computes them anew
inline constexpr TimeMs trends_age_ms_max = 2 * trends_due_ms;        ///< of what is told

struct TrendingTag {
  std::string tag;
  std::int64_t videos = 0;  ///< of those counted
  double score = 0;         ///< of a region none: it would say how many people there are
};

struct Trending {
  std::vector<TrendingTag> tags;
  std::vector<std::string> videos;  ///< ids
};

/// By primary language ("pt"); "" is everything. Only where something trends, and "".
using TrendsByLanguage = std::map<std::string, Trending>;

/// By country (ISO 3166-1 alpha-2). Only where enough people like the same.
using TrendsByRegion = std::map<std::string, Trending>;

/// In plain words, for whoever wants to know why something is there.
[[nodiscard]] std::string trending_definition();
[[nodiscard]] std::string region_definition();
/// How far the views of a day are above those of an ordinary one.
[[nodiscard]] double trend_score(double views_of_a_day, double views_of_an_ordinary_day);

/// Thread-safe. Calls block on the database.
class Trends {
 public:
  Trends(store::Database& database, const Clock& clock) : database_(database), clock_(clock) {}

  /// May be trends_age_ms_max old; tags that have left since then are left out.
  /// `language` is a primary one, or "" for everything; in one that nobody speaks nothing trends.
  [[nodiscard]] Result<Trending> now(const std::string& language = "");
  /// Primary languages in which something trends. As old as that.
  [[nodiscard]] Result<std::vector<std::string>> languages();
  /// Nothing where too few people like the same. As old as that.
  [[nodiscard]] Result<std::optional<Trending>> in_region(const std::string& region);
  /// Those where enough do.
  [[nodiscard]] Result<std::vector<std::string>> regions();
  /// Computes them if they are due, so that nobody who asks has to wait, and drops counts older than eight days. Called
  /// once a minute or so.
  [[nodiscard]] Result<void> keep_up();

 private:
  struct All {
    TrendsByLanguage by_language;
    TrendsByRegion by_region;
  };
  using Known = std::shared_ptr<const All>;
  [[nodiscard]] Result<Known> compute() const;
  [[nodiscard]] Result<Known> known();
  /// Without the tags that have left since it was computed.
  [[nodiscard]] Result<Trending> still_there(const Trending& trending) const;
  [[nodiscard]] bool is_known(TimeMs age_ms_max) const;  ///< the mutex is held

  store::Database& database_;
  const Clock& clock_;
  std::mutex mutex_;
  Known known_;
  TimeMs known_at_ = 0;
};

}  // namespace vitrine::social
