#include "social/trends.hpp"

#include <cmath>
#include <set>

#include "base/language.hpp"
#include "social/search_index.hpp"
#include "social/tags_column.hpp"
#include "social/visibility.hpp"

namespace vitrine::social {
namespace {

constexpr std::int64_t buckets_a_day = 24LL * 3600 * 1000 / views_bucket_ms;
constexpr std::int64_t days_before = 7;
/// Added to every ordinary day, so that a rise from nothing is no infinite one.
constexpr double ordinary_day_more = 10;

struct Views {
  std::int64_t recent = 0, before = 0;

  Views& operator+=(const Views& more) {
    recent += more.recent;
    before += more.before;
    return *this;
  }
};

struct Watched {
  std::string video, creator;
  std::vector<std::string> tags;
  Views views;
};

struct WatchedTag {
  Views views;
  std::int64_t videos = 0;
  std::set<std::string> creators;
};

/// The bucket of now is not over yet: the last day is it and the four before it.
std::int64_t first_recent_bucket(TimeMs now) { return now / views_bucket_ms - buckets_a_day; }
std::int64_t first_counted_bucket(TimeMs now) { return first_recent_bucket(now) - days_before * buckets_a_day; }

Result<std::vector<Watched>> watched(store::Database& database, TimeMs now) {
  VT_TRY(const auto rows,
         database.query("SELECT v.id, v.creator_id, v.tags, t.recent, t.total FROM "
                        "(SELECT video, CAST(SUM(CASE WHEN bucket >= $2 THEN views ELSE 0 END) AS BIGINT) AS recent, "
                        "CAST(SUM(views) AS BIGINT) AS total FROM search_views WHERE bucket >= $1 GROUP BY video "
                        "ORDER BY total DESC, video LIMIT $3) t "
                        "JOIN search_videos s ON s.n = t.video JOIN videos v ON v.id = s.video_id AND v.limited = 0",
                        {first_counted_bucket(now), first_recent_bucket(now), trend_videos_counted_max}));
  std::vector<Watched> list;
  for (const auto& row : rows)
    list.push_back(
        {row.text(0), row.text(1), split_tags(row.text(2)), {row.integer(3), row.integer(4) - row.integer(3)}});
  return list;
}

/// Each video's languages, of those that were viewed at all.
Result<std::map<std::string, std::set<std::string>>> languages_of_videos(store::Database& database, TimeMs now) {
  VT_TRY(const auto rows,
         database.query("SELECT c.video_id, c.language FROM captions c WHERE c.video_id IN (SELECT s.video_id FROM "
                        "search_views t JOIN search_videos s ON s.n = t.video WHERE t.bucket >= $1)",
                        {first_recent_bucket(now)}));
  std::map<std::string, std::set<std::string>> languages;
  for (const auto& row : rows) languages[row.text(0)].emplace(primary_language(row.text(1)));
  return languages;
}

/// What is recent covers a day and what has passed of the bucket of now.
double score_of(const Views& views, TimeMs now) {
  const auto recent_ms = static_cast<double>(buckets_a_day * views_bucket_ms + now % views_bucket_ms);
  const double day =
      static_cast<double>(views.recent) * static_cast<double>(buckets_a_day * views_bucket_ms) / recent_ms;
  return trend_score(day, static_cast<double>(views.before) / static_cast<double>(days_before));
}

std::vector<std::string> trending_videos(const std::vector<Watched>& list, TimeMs now) {
  std::vector<std::pair<double, std::string>> scored;
  for (const auto& one : list) {
    const double score = score_of(one.views, now);
    if (one.views.recent >= trend_video_views_min && score >= trend_score_min) scored.emplace_back(score, one.video);
  }
  std::ranges::sort(scored, std::greater());
  std::vector<std::string> ids;
  for (const auto& [score, id] : scored)
    if (ids.size() < trend_videos_max) ids.push_back(id);
  return ids;
}

std::unordered_map<std::string, WatchedTag> by_tag(const std::vector<Watched>& list) {
  std::unordered_map<std::string, WatchedTag> tags;
  for (const auto& one : list) {
    for (const auto& name : one.tags) {
      auto& tag = tags[name];
      tag.views += one.views;
      ++tag.videos;
      if (one.views.recent > 0) tag.creators.insert(one.creator);
    }
  }
  return tags;
}

std::vector<TrendingTag> trending_tags(const std::vector<Watched>& list, TimeMs now) {
  std::vector<TrendingTag> tags;
  for (const auto& [name, tag] : by_tag(list)) {
    const double score = score_of(tag.views, now);
    if (tag.views.recent >= trend_tag_views_min && score >= trend_score_min &&
        std::ssize(tag.creators) >= trend_tag_creators_min)
      tags.push_back({name, tag.videos, score});
  }
  std::ranges::sort(
      tags, [](const auto& a, const auto& b) { return a.score != b.score ? a.score > b.score : a.tag < b.tag; });
  if (tags.size() > trend_tags_max) tags.resize(trend_tags_max);
  return tags;
}

Trending trending(const std::vector<Watched>& list, TimeMs now) {
  return {trending_tags(list, now), trending_videos(list, now)};
}

Result<TrendsByLanguage> by_language(store::Database& database, TimeMs now) {
  VT_TRY(const auto list, watched(database, now));
  VT_TRY(const auto languages, languages_of_videos(database, now));
  std::map<std::string, std::vector<Watched>> watched_in;
  for (const auto& one : list) {
    const auto found = languages.find(one.video);
    if (found == languages.end()) continue;
    for (const auto& language : found->second) watched_in[language].push_back(one);
  }
  TrendsByLanguage trends;
  trends[""] = trending(list, now);
  for (const auto& [language, videos] : watched_in) {
    auto found = trending(videos, now);
    if (!found.tags.empty() || !found.videos.empty()) trends[language] = std::move(found);
  }
  return trends;
}

// --- regions ---------------------------------------------------------------------------------------------------------

/// Who of a region likes something.
struct Liked {
  std::set<std::string> people, creators, videos;

  [[nodiscard]] bool by_enough() const { return std::ssize(people) >= region_people_min; }
};
using LikedByName = std::map<std::string, Liked>;

struct LikedInRegion {
  LikedByName videos, tags;
};

/// Likes of public videos by adults who have chosen a region; nobody's of their own.
Result<std::map<std::string, LikedInRegion>> liked_in_regions(store::Database& database, TimeMs now) {
  VT_TRY(const auto rows,
         database.query(
             fmt::format("SELECT g.region, l.account_id, v.id, v.creator_id, v.tags FROM likes l "
                         "JOIN account_regions g ON g.account_id = l.account_id AND g.since <= $2 "
                         "JOIN accounts a ON a.id = l.account_id AND a.age_band = 'adult' AND a.suspended_until = 0 "
                         "JOIN videos v ON v.id = l.video_id AND v.limited = 0 AND v.creator_id <> l.account_id "
                         "WHERE l.created_at > $1 AND {} ORDER BY l.created_at DESC LIMIT $3",
                         sql_listed("v")),
             {now - region_likes_age_ms_max, now - region_counts_after_ms, region_likes_counted_max}));
  std::map<std::string, LikedInRegion> regions;
  for (const auto& row : rows) {
    auto& region = regions[row.text(0)];
    const auto add = [&row](Liked& liked) {
      liked.people.insert(row.text(1));
      liked.videos.insert(row.text(2));
      liked.creators.insert(row.text(3));
    };
    add(region.videos[row.text(2)]);
    for (const auto& tag : split_tags(row.text(4))) add(region.tags[tag]);
  }
  return regions;
}

/// The names of what enough people like, the most first.
std::vector<std::string> most_liked(const LikedByName& all, std::int64_t creators_min, std::size_t limit) {
  std::vector<std::pair<std::int64_t, std::string>> liked;
  for (const auto& [name, one] : all)
    if (one.by_enough() && std::ssize(one.creators) >= creators_min) liked.emplace_back(-std::ssize(one.people), name);
  std::ranges::sort(liked);
  std::vector<std::string> names;
  for (const auto& [people, name] : liked)
    if (names.size() < limit) names.push_back(name);
  return names;
}

Result<TrendsByRegion> by_region(store::Database& database, TimeMs now) {
  VT_TRY(const auto regions, liked_in_regions(database, now));
  TrendsByRegion trends;
  for (const auto& [region, liked] : regions) {
    Trending found{{}, most_liked(liked.videos, 1, trend_videos_max)};
    for (const auto& tag : most_liked(liked.tags, trend_tag_creators_min, trend_tags_max))
      found.tags.push_back({tag, std::ssize(liked.tags.at(tag).videos)});
    if (!found.tags.empty() || !found.videos.empty()) trends[region] = std::move(found);
  }
  return trends;
}

}  // namespace

std::string trending_definition() {
  return fmt::format(
      "Views of the last 24 to 30 hours, scaled to one day, against an ordinary day of the week before: the "
      "difference, divided by the square root of the ordinary day plus {:.0f}, so that a big rise and a rise from "
      "little both count. What scores below {:.0f} is left out. A video needs {} views, a tag {}, from videos of at "
      "least {} creators. Counted are the {} most viewed videos of those eight days. In a language, those of them "
      "count that have captions in it. Nothing about who viewed them is used, and everybody sees the same list.",
      ordinary_day_more, trend_score_min, trend_video_views_min, trend_tag_views_min, trend_tag_creators_min,
      trend_videos_counted_max);
}

std::string region_definition() {
  constexpr TimeMs day_ms = 24LL * 3600 * 1000;
  return fmt::format(
      "What at least {} different people of this region have liked in the last {} days, the most liked first; a tag, "
      "from videos of at least {} creators. A region's people are those who chose it in their settings, a day ago or "
      "longer: where anybody is or comes from is not known here, nor guessed. People under 18 are not counted, nobody "
      "with their own videos, and views not at all. Counted are the {} newest likes. How many people it was is told of "
      "nothing, and everybody sees the same list.",
      region_people_min, region_likes_age_ms_max / day_ms, trend_tag_creators_min, region_likes_counted_max);
}

double trend_score(double views_of_a_day, double views_of_an_ordinary_day) {
  const double rise =
      (views_of_a_day - views_of_an_ordinary_day) / std::sqrt(views_of_an_ordinary_day + ordinary_day_more);
  return std::round(rise * 100) / 100;
}

Result<Trends::Known> Trends::compute() const {
  const TimeMs now = clock_.now();
  auto all = std::make_shared<All>();
  VT_TRY(all->by_language, by_language(database_, now));
  VT_TRY(all->by_region, by_region(database_, now));
  return all;
}

bool Trends::is_known(TimeMs age_ms_max) const {
  const TimeMs now = clock_.now();
  return known_ && now >= known_at_ && now - known_at_ < age_ms_max;
}

Result<Trends::Known> Trends::known() {
  // Whoever asks meanwhile waits for the one that computes, rather than computing as well.
  const std::lock_guard lock(mutex_);
  if (!is_known(trends_age_ms_max)) {
    VT_TRY(known_, compute());
    known_at_ = clock_.now();
  }
  return known_;
}

Result<std::vector<std::string>> Trends::languages() {
  VT_TRY(const auto all, known());
  std::vector<std::string> list;
  for (const auto& [language, trending] : all->by_language)
    if (!language.empty()) list.push_back(language);
  return list;
}

Result<std::vector<std::string>> Trends::regions() {
  VT_TRY(const auto all, known());
  std::vector<std::string> list;
  for (const auto& [region, trending] : all->by_region) list.push_back(region);
  return list;
}

Result<Trending> Trends::now(const std::string& language) {
  VT_TRY(const auto all, known());
  const auto found = all->by_language.find(language);
  return found == all->by_language.end() ? Trending{} : still_there(found->second);
}

Result<std::optional<Trending>> Trends::in_region(const std::string& region) {
  VT_TRY(const auto all, known());
  const auto found = all->by_region.find(region);
  if (found == all->by_region.end()) return std::nullopt;
  VT_TRY(auto trending, still_there(found->second));
  return trending;
}

Result<Trending> Trends::still_there(const Trending& trending) const {
  Trending out{{}, trending.videos};
  for (const auto& tag : trending.tags) {
    VT_TRY(const auto rows, database_.query("SELECT tag FROM search_tags WHERE tag = $1 LIMIT 1", {tag.tag}));
    if (!rows.empty()) out.tags.push_back(tag);
  }
  return out;
}

Result<void> Trends::keep_up() {
  VT_CHECK(database_.execute("DELETE FROM search_views WHERE bucket < $1", {first_counted_bucket(clock_.now())}));
  {
    const std::lock_guard lock(mutex_);
    if (is_known(trends_due_ms)) return {};
  }
  VT_TRY(auto fresh, compute());
  const std::lock_guard lock(mutex_);
  known_ = std::move(fresh);
  known_at_ = clock_.now();
  return {};
}

}  // namespace vitrine::social
