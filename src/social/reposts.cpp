#include "social/reposts.hpp"

#include "social/cursor.hpp"
#include "social/schema.hpp"
#include "social/sql.hpp"
#include "social/videos.hpp"
#include "social/visibility.hpp"

namespace vitrine::social {
namespace {

/// Counted when they change instead of when they are read.
constexpr std::array<store::Migration, 1> migrations{{{1, R"(
ALTER TABLE videos ADD COLUMN reposts BIGINT NOT NULL DEFAULT 0;
CREATE TABLE reposts (
  account_id TEXT NOT NULL REFERENCES accounts(id) ON DELETE CASCADE,
  video_id TEXT NOT NULL REFERENCES videos(id) ON DELETE CASCADE,
  created_at BIGINT NOT NULL, PRIMARY KEY (account_id, video_id));
CREATE INDEX reposts_of_video ON reposts(video_id);
CREATE INDEX reposts_newest ON reposts(account_id, created_at, video_id);
)"}}};

/// Of a repost "r" and its video "v": that it is shown at all.
std::string sql_shown() { return fmt::format("{} AND {}", sql_listed("v"), sql_seen("v.creator_id", "r.account_id")); }

Result<void> check_repostable(const Video& video, std::string_view account) {
  if (video.creator_id == account) return fail(Errc::unprocessable, "this is your own video: others can repost it");
  if (!video.is_public()) return fail(Errc::unprocessable, "only what everybody may watch can be reposted");
  return {};
}

/// Gives 1 if that changed something, else 0.
Result<std::int64_t> change(store::Session& session, const std::string& account, const std::string& video, bool on,
                            TimeMs now) {
  if (!on) return session.execute("DELETE FROM reposts WHERE account_id = $1 AND video_id = $2", {account, video});
  return session.execute(
      "INSERT INTO reposts (account_id, video_id, created_at) VALUES ($1, $2, $3) "
      "ON CONFLICT (account_id, video_id) DO NOTHING",
      {account, video, now});
}

}  // namespace

Result<void> migrate_reposts(store::Database& database) { return store::migrate(database, "reposts", migrations); }

Result<std::unique_ptr<Reposts>> Reposts::open(store::Database& database, const Clock& clock) {
  VT_CHECK(migrate_social(database));
  return std::unique_ptr<Reposts>(new Reposts(database, clock));
}

Result<std::int64_t> Reposts::set(std::string_view account, std::string_view video_id, bool on) {
  std::int64_t reposts = 0;
  VT_CHECK(database_.transaction(store::Access::write, [&](store::Session& session) -> Result<void> {
    VT_TRY(const auto video, Videos::in_session(session, video_id));
    if (on) VT_CHECK(check_repostable(video, account));
    VT_TRY(const auto changed, change(session, std::string(account), video.id, on, clock_.now()));
    VT_TRY(const auto rows, session.query("UPDATE videos SET reposts = reposts + $2 WHERE id = $1 RETURNING reposts",
                                          {video.id, on ? changed : -changed}));
    reposts = rows[0].integer(0);
    return {};
  }));
  return reposts;
}

Result<std::set<std::string>> Reposts::reposted(std::string_view account, std::span<const std::string> ids) const {
  std::set<std::string> reposted;
  if (ids.empty()) return reposted;
  store::Params params{std::string(account)};
  params.insert(params.end(), ids.begin(), ids.end());
  VT_TRY(const auto rows,
         database_.query(fmt::format("SELECT video_id FROM reposts WHERE account_id = $1 AND video_id IN ({})",
                                     placeholders(2, ids.size())),
                         params));
  for (const auto& row : rows) reposted.insert(row.text(0));
  return reposted;
}

Result<RepostPage> Reposts::page(std::string_view account, std::string_view viewer, std::string_view cursor) const {
  VT_TRY(const auto after, read_cursor(cursor, true));
  VT_TRY(
      const auto rows,
      database_.query(fmt::format("SELECT r.video_id, r.created_at FROM reposts r JOIN videos v ON v.id = r.video_id "
                                  "WHERE r.account_id = $1 AND (r.created_at, r.video_id) < ($3, $4) AND {} AND {} "
                                  "ORDER BY r.created_at DESC, r.video_id DESC LIMIT $5",
                                  sql_shown(), sql_may_find("v", "$2")),
                      {std::string(account), std::string(viewer), after.number, after.id,
                       static_cast<std::int64_t>(reposts_page_items) + 1}));
  RepostPage page;
  for (const auto& row : rows)
    if (page.videos.size() < reposts_page_items) page.videos.push_back(row.text(0));
  if (rows.size() > reposts_page_items)
    page.next = write_cursor({rows[reposts_page_items - 1].integer(1), page.videos.back()});
  return page;
}

Result<std::vector<Repost>> Reposts::for_follower(std::string_view viewer) const {
  // Whom somebody may hear is asked of the newest alone: those who follow many get far more than is ever shown.
  constexpr std::string_view newest =
      "SELECT r.* FROM follows f JOIN reposts r ON r.account_id = f.creator_id WHERE f.follower_id = $1 AND "
      "r.created_at > $2 ORDER BY r.created_at DESC, r.video_id DESC LIMIT $3";
  VT_TRY(const auto rows,
         database_.query(
             fmt::format("SELECT r.video_id, r.created_at, a.id, a.handle, a.display_name FROM ({}) r "
                         "JOIN accounts a ON a.id = r.account_id JOIN videos v ON v.id = r.video_id WHERE "
                         "v.creator_id <> $1 AND {} AND {} AND {} ORDER BY r.created_at DESC, r.video_id DESC",
                         newest, sql_shown(), sql_heard("r.account_id", "$1"), sql_heard("v.creator_id", "$1")),
             {std::string(viewer), clock_.now() - feed_reposts_age_ms, feed_reposts_max}));
  std::vector<Repost> reposts;
  std::set<std::string> met;
  for (const auto& row : rows)
    if (met.insert(row.text(0)).second)
      reposts.push_back({row.text(0), {row.text(2), row.text(3), row.text(4)}, row.integer(1)});
  return reposts;
}

Result<std::vector<std::string>> Reposts::of_account(std::string_view account) const {
  VT_TRY(const auto rows,
         database_.query("SELECT video_id FROM reposts WHERE account_id = $1 ORDER BY created_at DESC, video_id",
                         {std::string(account)}));
  std::vector<std::string> ids;
  for (const auto& row : rows) ids.push_back(row.text(0));
  return ids;
}

Result<void> leave_reposts(store::Session& session, std::string_view account) {
  VT_CHECK(
      session.execute("UPDATE videos SET reposts = reposts - 1 WHERE id IN "
                      "(SELECT video_id FROM reposts WHERE account_id = $1)",
                      {std::string(account)}));
  return {};
}

}  // namespace vitrine::social
