#include "social/trends.hpp"

#include <cmath>
#include <set>

#include "base/language.hpp"
#include "social/search_index.hpp"
#include "social/tags_column.hpp"

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

}  // namespace

std::string trending_definition() {
  return fmt::format(
      "Views of the last 24 to 30 hours, scaled to one day, against an ordinary day of the week before: the "
      "difference, "
      "divided by the square root of the ordinary day plus {:.0f}, so that a big rise and a rise from little both "
      "count. "
      "What scores below {:.0f} is left out. A video needs {} views, a tag {}, from videos of at least {} creators. "
      "Counted are the {} most viewed videos of those eight days. In a language, those of them count that have "
      "captions "
      "in it: where anybody is or comes from is not known here. Nothing about who viewed them is used, and everybody "
      "sees the same list.",
      ordinary_day_more, trend_score_min, trend_video_views_min, trend_tag_views_min, trend_tag_creators_min,
      trend_videos_counted_max);
}

double trend_score(double views_of_a_day, double views_of_an_ordinary_day) {
  const double rise =
      (views_of_a_day - views_of_an_ordinary_day) / std::sqrt(views_of_an_ordinary_day + ordinary_day_more);
  return std::round(rise * 100) / 100;
}

Result<Trends::Known> Trends::compute() const {
  const TimeMs now = clock_.now();
  VT_TRY(const auto list, watched(database_, now));
  VT_TRY(const auto languages, languages_of_videos(database_, now));
  std::map<std::string, std::vector<Watched>> by_language;
  for (const auto& one : list) {
    const auto found = languages.find(one.video);
    if (found == languages.end()) continue;
    for (const auto& language : found->second) by_language[language].push_back(one);
  }
  auto trends = std::make_shared<TrendsByLanguage>();
  (*trends)[""] = trending(list, now);
  for (const auto& [language, videos] : by_language) {
    auto found = trending(videos, now);
    if (!found.tags.empty() || !found.videos.empty()) (*trends)[language] = std::move(found);
  }
  return trends;
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
  for (const auto& [language, trending] : *all)
    if (!language.empty()) list.push_back(language);
  return list;
}

Result<Trending> Trends::now(const std::string& language) {
  VT_TRY(const auto all, known());
  const auto found = all->find(language);
  if (found == all->end()) return Trending{};
  Trending trending{{}, found->second.videos};
  for (const auto& tag : found->second.tags) {
    VT_TRY(const auto rows, database_.query("SELECT tag FROM search_tags WHERE tag = $1 LIMIT 1", {tag.tag}));
    if (!rows.empty()) trending.tags.push_back(tag);
  }
  return trending;
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
