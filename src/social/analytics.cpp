#include "social/analytics.hpp"

#include <map>
#include <ranges>
#include <set>

#include "base/json.hpp"
#include "social/counted.hpp"
#include "social/schema.hpp"
#include "social/sql.hpp"

namespace vitrine::social {
namespace {

constexpr TimeMs day_ms = 24LL * 3600 * 1000;
constexpr std::string_view counter_name = "analytics";
constexpr std::int64_t carried_on_at_once_max = 500;
constexpr std::int64_t of_all_days = -1;  ///< the day of what is kept back of parts, in analytics_pending

// Rows of analytics_pending have not been told; the others have. `people` counts people and knows none (Headcount).
constexpr std::array<store::Migration, 1> migrations{{{1, R"(
CREATE TABLE analytics_pending (
  video_id TEXT NOT NULL REFERENCES videos(id) ON DELETE CASCADE,
  day BIGINT NOT NULL, piece TEXT NOT NULL, people BYTEA NOT NULL, PRIMARY KEY (video_id, day));
CREATE INDEX analytics_pending_by_day ON analytics_pending(day);
CREATE TABLE analytics_videos (
  video_id TEXT NOT NULL REFERENCES videos(id) ON DELETE CASCADE,
  day BIGINT NOT NULL, views BIGINT NOT NULL, piece TEXT NOT NULL, people BYTEA NOT NULL,
  PRIMARY KEY (video_id, day));
CREATE INDEX analytics_videos_by_day ON analytics_videos(day);
CREATE TABLE analytics_accounts (
  account_id TEXT NOT NULL REFERENCES accounts(id) ON DELETE CASCADE,
  day BIGINT NOT NULL, views BIGINT NOT NULL, piece TEXT NOT NULL, people BYTEA NOT NULL,
  PRIMARY KEY (account_id, day));
CREATE INDEX analytics_accounts_by_day ON analytics_accounts(day);
)"}}};

/// One clip on one day.
using Place = std::pair<std::string, std::int64_t>;

struct Clip {
  std::string creator;
  std::int64_t duration_ms = 0;
};
using Clips = std::map<std::string, Clip, std::less<>>;

Result<Clips> clips_of(store::Session& session, std::span<const Showing> showings) {
  std::set<std::string_view> ids;
  for (const auto& one : showings) ids.insert(one.video);
  if (ids.empty()) return Clips{};
  store::Params params;
  for (const auto id : ids) params.emplace_back(std::string(id));
  VT_TRY(const auto rows, session.query(fmt::format("SELECT id, creator_id, media FROM videos WHERE id IN ({}) "
                                                    "AND media IS NOT NULL",
                                                    placeholders(1, ids.size())),
                                        params));
  Clips clips;
  for (const auto& row : rows) {
    const auto media = json::parse(row.text(2));
    clips[row.text(0)] = {row.text(1), media.at("duration_ms").as_int64()};
  }
  return clips;
}

/// What is stored there, or an empty piece.
Result<Piece> read_piece(store::Session& session, std::string_view table, std::string_view owner_column,
                         const Place& place) {
  VT_TRY(const auto rows,
         session.query(fmt::format("SELECT piece, people FROM {} WHERE {} = $1 AND day = $2", table, owner_column),
                       {place.first, place.second}));
  return rows.empty() ? Piece{} : Piece::of(rows[0].text(0), rows[0].blob(1));
}

Result<Piece> pending_piece(store::Session& session, const Place& place) {
  return read_piece(session, "analytics_pending", "video_id", place);
}

Result<void> keep_pending(store::Session& session, const Place& place, const Piece& piece) {
  VT_CHECK(
      session.execute("INSERT INTO analytics_pending (video_id, day, piece, people) VALUES ($1, $2, $3, $4) "
                      "ON CONFLICT (video_id, day) DO UPDATE SET piece = excluded.piece, people = excluded.people",
                      {place.first, place.second, piece.text(), piece.people.bytes()}));
  return {};
}

Result<void> drop_pending(store::Session& session, const Place& place) {
  VT_CHECK(
      session.execute("DELETE FROM analytics_pending WHERE video_id = $1 AND day = $2", {place.first, place.second}));
  return {};
}

Result<void> add_told(store::Session& session, std::string_view table, std::string_view owner_column,
                      const Place& place, const Piece& told) {
  VT_TRY(auto piece, read_piece(session, table, owner_column, place));
  piece.add(told);
  VT_CHECK(session.execute(
      fmt::format("INSERT INTO {0} ({1}, day, views, piece, people) VALUES ($1, $2, $3, $4, $5) ON CONFLICT ({1}, day) "
                  "DO UPDATE SET views = excluded.views, piece = excluded.piece, people = excluded.people",
                  table, owner_column),
      {place.first, place.second, piece.views, piece.text(), piece.people.bytes()}));
  return {};
}

/// Tells a piece that is big enough; its parts as far as they are.
Result<void> tell(store::Session& session, const Place& place, std::string_view creator, Piece piece) {
  const Place back{place.first, of_all_days};
  VT_TRY(auto kept_back, pending_piece(session, back));
  piece.tell_parts(kept_back);
  VT_CHECK(keep_pending(session, back, kept_back));
  VT_CHECK(add_told(session, "analytics_videos", "video_id", place, piece));
  return add_told(session, "analytics_accounts", "account_id", {std::string(creator), place.second}, piece);
}

Result<void> add_pending(store::Session& session, const Place& place, std::string_view creator, const Piece& more) {
  VT_TRY(auto piece, pending_piece(session, place));
  piece.add(more);
  if (!piece.may_be_told()) return keep_pending(session, place, piece);
  VT_CHECK(drop_pending(session, place));
  return tell(session, place, creator, std::move(piece));
}

Figure if_any(std::int64_t told) { return told > 0 ? Figure(told) : std::nullopt; }

template <std::size_t N>
std::array<Figure, N> each_if_any(const std::array<std::int64_t, N>& told) {
  std::array<Figure, N> figures;
  std::ranges::transform(told, figures.begin(), if_any);
  return figures;
}

/// The days asked for, and all that was told on them.
struct Told {
  Figures figures;
  Piece whole;
};

void summarise(Told& told) {
  auto& [figures, whole] = told;
  figures.sources = each_if_any(whole.sources);
  figures.acted = each_if_any(whole.acted);
  if (whole.views == 0) return;
  constexpr std::int64_t permille_a_percent = 10;
  figures.views = whole.views;
  figures.viewers = whole.people.estimate();
  figures.watched_ms = whole.watched_ms;
  figures.watched_percent = whole.watched_permille / whole.views / permille_a_percent;
}

Result<Told> told_of(store::Database& database, std::string_view table, std::string_view owner_column,
                     std::string_view owner, std::int64_t first_day, std::int64_t today) {
  Told told;
  for (auto day = first_day; day <= today; ++day) told.figures.days.push_back({.day = day});
  VT_TRY(const auto rows,
         database.query(fmt::format("SELECT day, piece, people FROM {} WHERE {} = $1 AND day BETWEEN $2 AND $3", table,
                                    owner_column),
                        {std::string(owner), first_day, today}));
  for (const auto& row : rows) {
    const auto piece = Piece::of(row.text(1), row.blob(2));
    auto& day = told.figures.days[static_cast<std::size_t>(row.integer(0) - first_day)];
    day.views = piece.views;
    day.watched_ms = piece.watched_ms;
    day.acted = each_if_any(piece.acted);
    told.whole.add(piece);
  }
  summarise(told);
  return told;
}

/// The number of followers is public; how it grew is told in steps.
Result<void> add_followers(store::Database& database, std::string_view account, std::vector<DayFigures>& days) {
  VT_TRY(const auto now, database.query("SELECT followers FROM accounts WHERE id = $1", {std::string(account)}));
  if (now.empty()) return {};
  VT_TRY(const auto rows, database.query("SELECT created_at / $3 AS day, COUNT(*) FROM follows "
                                         "WHERE creator_id = $1 AND created_at >= $2 GROUP BY created_at / $3",
                                         {std::string(account), days.front().day * day_ms, day_ms}));
  std::map<std::int64_t, std::int64_t> gained;
  for (const auto& row : rows) gained[row.integer(0)] = row.integer(1);
  auto followers = now[0].integer(0);
  for (auto& day : std::views::reverse(days)) {
    day.followers = if_any(followers / analytics_people_min * analytics_people_min);
    followers -= gained[day.day];
  }
  return {};
}

/// How busy each hour is beside the busiest.
std::array<Figure, hours_a_week> hour_levels(const Piece& whole, std::int64_t hours_east) {
  constexpr auto week = static_cast<std::int64_t>(hours_a_week);
  const auto most = std::ranges::max(whole.hours);
  std::array<Figure, hours_a_week> levels;
  for (std::int64_t hour = 0; hour < week; ++hour) {
    const auto views = whole.hours[static_cast<std::size_t>(hour)];
    if (views < analytics_people_min) continue;
    const auto level = (analytics_hour_levels * views + most - 1) / most;
    levels[static_cast<std::size_t>(((hour + hours_east) % week + week) % week)] = level;
  }
  return levels;
}

Result<std::vector<TopVideo>> top_videos(store::Database& database, std::string_view account, std::int64_t first_day) {
  VT_TRY(const auto rows,
         database.query("SELECT a.video_id, CAST(SUM(a.views) AS BIGINT) AS views FROM analytics_videos a "
                        "JOIN videos v ON v.id = a.video_id WHERE v.creator_id = $1 AND a.day >= $2 "
                        "GROUP BY a.video_id ORDER BY views DESC, a.video_id LIMIT $3",
                        {std::string(account), first_day, static_cast<std::int64_t>(analytics_top_videos)}));
  std::vector<TopVideo> top;
  for (const auto& row : rows) top.push_back({row.text(0), row.integer(1)});
  return top;
}

/// The beginning is all of them. Where fewer than enough have left, or still watch, nothing is said.
Figure retention_at(const Piece& whole, std::size_t point) {
  constexpr std::int64_t percent = 100;
  if (point == 0) return whole.views > 0 ? Figure(percent) : std::nullopt;
  const auto reached = whole.reached(point);
  if (reached < analytics_people_min || whole.views - reached < analytics_people_min) return std::nullopt;
  const auto in_steps = (reached + analytics_people_min / 2) / analytics_people_min * analytics_people_min;
  return std::min(percent, percent * in_steps / whole.views);
}

}  // namespace

Result<std::unique_ptr<Analytics>> Analytics::open(store::Database& database, const Clock& clock) {
  VT_CHECK(migrate_social(database));
  VT_CHECK(store::migrate(database, "analytics", migrations));
  return std::unique_ptr<Analytics>(new Analytics(database, clock));
}

std::int64_t Analytics::today() const { return clock_.now() / day_ms; }

Result<void> Analytics::take(std::span<const Showing> showings, std::int64_t next) {
  return database_.transaction(store::Access::write, [&](store::Session& session) -> Result<void> {
    VT_TRY(const auto clips, clips_of(session, showings));
    std::map<Place, Piece> pieces;
    for (const auto& showing : showings) {
      const auto clip = clips.find(showing.video);
      if (clip == clips.end()) continue;
      pieces[{clip->first, showing.shown_at / day_ms}].add(showing, clip->second.duration_ms);
    }
    for (const auto& [place, piece] : pieces)
      VT_CHECK(add_pending(session, place, clips.find(place.first)->second.creator, piece));
    return note_counted(session, counter_name, next);
  });
}

Result<std::int64_t> Analytics::taken_until() const { return counted_until(database_, counter_name); }

Result<AccountFigures> Analytics::of_account(std::string_view account, std::int64_t days,
                                             std::int64_t hours_east) const {
  const auto first_day = today() - days + 1;
  VT_TRY(auto told, told_of(database_, "analytics_accounts", "account_id", account, first_day, today()));
  VT_CHECK(add_followers(database_, account, told.figures.days));
  AccountFigures figures;
  static_cast<Figures&>(figures) = std::move(told.figures);
  figures.hours = hour_levels(told.whole, hours_east);
  VT_TRY(figures.top, top_videos(database_, account, first_day));
  return figures;
}

Result<VideoFigures> Analytics::of_video(std::string_view video, std::int64_t days) const {
  VT_TRY(auto told, told_of(database_, "analytics_videos", "video_id", video, today() - days + 1, today()));
  VideoFigures figures;
  static_cast<Figures&>(figures) = std::move(told.figures);
  for (std::size_t point = 0; point < retention_points; ++point)
    figures.retention[point] = retention_at(told.whole, point);
  return figures;
}

Result<void> Analytics::keep_up() {
  // Yesterday may still hear of showings that were on their way at midnight.
  const auto yesterday = today() - 1;
  VT_CHECK(database_.transaction(store::Access::write, [&](store::Session& session) -> Result<void> {
    VT_TRY(const auto rows,
           session.query("SELECT p.video_id, p.day, p.piece, p.people, v.creator_id FROM analytics_pending p "
                         "JOIN videos v ON v.id = p.video_id WHERE p.day > $1 AND p.day < $2 "
                         "ORDER BY p.day, p.video_id LIMIT $3",
                         {of_all_days, yesterday, carried_on_at_once_max}));
    for (const auto& row : rows) {
      VT_CHECK(drop_pending(session, {row.text(0), row.integer(1)}));
      VT_CHECK(add_pending(session, {row.text(0), yesterday}, row.text(4), Piece::of(row.text(2), row.blob(3))));
    }
    return {};
  }));
  for (const auto table : {"analytics_videos", "analytics_accounts"})
    VT_CHECK(database_.execute(fmt::format("DELETE FROM {} WHERE day <= $1", table), {today() - analytics_days_kept}));
  return {};
}

}  // namespace vitrine::social
