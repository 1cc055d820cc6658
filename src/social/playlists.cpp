#include "social/playlists.hpp"

#include <set>

#include "base/id.hpp"
#include "social/cursor.hpp"
#include "social/schema.hpp"
#include "social/sql.hpp"
#include "social/videos.hpp"
#include "social/visibility.hpp"

namespace vitrine::social {
namespace {

constexpr std::array<store::Migration, 1> migrations{{{1, R"(
CREATE TABLE playlists (
  id TEXT PRIMARY KEY, account_id TEXT NOT NULL REFERENCES accounts(id) ON DELETE CASCADE,
  title TEXT NOT NULL, created_at BIGINT NOT NULL);
CREATE INDEX playlists_of_account ON playlists(account_id, id);
CREATE TABLE playlist_videos (
  playlist_id TEXT NOT NULL REFERENCES playlists(id) ON DELETE CASCADE, place BIGINT NOT NULL,
  video_id TEXT NOT NULL REFERENCES videos(id) ON DELETE CASCADE,
  PRIMARY KEY (playlist_id, place), UNIQUE (playlist_id, video_id));
CREATE INDEX playlist_videos_of_video ON playlist_videos(video_id);
)"}}};

/// What viewer $1 may find in playlist "p".
std::string found_in_it() {
  return fmt::format("FROM playlist_videos x JOIN videos v ON v.id = x.video_id WHERE x.playlist_id = p.id AND {}",
                     sql_may_find("v", "$1"));
}

Result<std::vector<Playlist>> load(store::Session& session, std::string_view viewer, std::string_view condition,
                                   const std::string& parameter) {
  const auto found = found_in_it();
  VT_TRY(
      const auto rows,
      session.query(fmt::format("SELECT p.id, p.title, p.created_at, a.id, a.handle, a.display_name, "
                                "(SELECT COUNT(*) {0}), (SELECT x.video_id {0} ORDER BY x.place LIMIT 1) "
                                "FROM playlists p JOIN accounts a ON a.id = p.account_id WHERE {1} ORDER BY p.id DESC",
                                found, condition),
                    {std::string(viewer), parameter}));
  std::vector<Playlist> playlists;
  for (const auto& row : rows) {
    Playlist one{.id = row.text(0),
                 .title = row.text(1),
                 .creator = {row.text(3), row.text(4), row.text(5)},
                 .created_at = row.integer(2),
                 .videos = row.integer(6)};
    if (!row.is_null(7)) one.first = row.text(7);
    if (one.videos > 0 || one.creator.id == viewer) playlists.push_back(std::move(one));
  }
  return playlists;
}

std::unexpected<Error> no_playlist() { return fail(Errc::not_found, "there is no such playlist"); }

Result<Playlist> find(store::Session& session, std::string_view viewer, std::string_view id) {
  if (!is_id(id)) return no_playlist();
  VT_TRY(auto found, load(session, viewer, "p.id = $2", std::string(id)));
  if (found.empty()) return no_playlist();
  return std::move(found.front());
}

Result<Playlist> find_own(store::Session& session, std::string_view account, std::string_view id) {
  VT_TRY(auto playlist, find(session, account, id));
  if (playlist.creator.id != account) return no_playlist();
  return playlist;
}

Result<std::string> checked_title(std::string_view title) {
  VT_TRY(auto text, checked_text(title, playlist_title_characters_max, "a title"));
  if (text.empty()) return fail(Errc::invalid_argument, "a playlist has a title");
  return text;
}

Result<void> check_videos(store::Session& session, std::string_view account, std::span<const std::string> videos) {
  const std::set<std::string> ids(videos.begin(), videos.end());
  if (ids.size() != videos.size()) return fail(Errc::invalid_argument, "a playlist holds each video once");
  if (ids.empty()) return {};
  store::Params params{std::string(account)};
  params.insert(params.end(), ids.begin(), ids.end());
  VT_TRY(const auto rows, session.query(fmt::format("SELECT COUNT(*) FROM videos WHERE creator_id = $1 AND id IN ({})",
                                                    placeholders(2, ids.size())),
                                        params));
  if (rows[0].integer(0) != std::ssize(ids)) return fail(Errc::not_found, "a playlist holds videos of your own");
  return {};
}

}  // namespace

Result<std::unique_ptr<Playlists>> Playlists::open(store::Database& database, const Clock& clock) {
  VT_CHECK(migrate_social(database));
  return std::unique_ptr<Playlists>(new Playlists(database, clock));
}

Result<void> migrate_playlists(store::Database& database) { return store::migrate(database, "playlists", migrations); }

Result<std::vector<Playlist>> Playlists::of_account(std::string_view account, std::string_view viewer) const {
  std::vector<Playlist> playlists;
  VT_CHECK(database_.transaction(store::Access::read, [&](store::Session& session) -> Result<void> {
    VT_TRY(playlists, load(session, viewer, "p.account_id = $2", std::string(account)));
    return {};
  }));
  return playlists;
}

Result<PlaylistPage> Playlists::page(std::string_view viewer, std::string_view id, std::string_view cursor) const {
  VT_TRY(auto after, read_cursor(cursor, true));
  if (cursor.empty()) after.number = -1;
  PlaylistPage page;
  VT_CHECK(database_.transaction(store::Access::read, [&](store::Session& session) -> Result<void> {
    page = {};
    VT_TRY(page.playlist, find(session, viewer, id));
    VT_TRY(const auto rows,
           session.query(fmt::format("SELECT x.video_id, x.place FROM playlist_videos x JOIN videos v ON "
                                     "v.id = x.video_id WHERE x.playlist_id = $2 AND x.place > $3 AND {} "
                                     "ORDER BY x.place LIMIT $4",
                                     sql_may_find("v", "$1")),
                         {std::string(viewer), page.playlist.id, after.number,
                          static_cast<std::int64_t>(playlist_page_items) + 1}));
    for (const auto& row : rows)
      if (page.videos.size() < playlist_page_items) page.videos.push_back(row.text(0));
    if (rows.size() > playlist_page_items)
      page.next = write_cursor({rows[playlist_page_items - 1].integer(1), page.videos.back()});
    return {};
  }));
  return page;
}

Result<Playlist> Playlists::create(std::string_view account, std::string_view title) {
  VT_TRY(const auto text, checked_title(title));
  const TimeMs now = clock_.now();
  Playlist made;
  VT_CHECK(database_.transaction(store::Access::write, [&](store::Session& session) -> Result<void> {
    VT_TRY(const auto rows,
           session.query("SELECT COUNT(*) FROM playlists WHERE account_id = $1", {std::string(account)}));
    if (rows[0].integer(0) >= playlists_per_account_max)
      return fail(Errc::unprocessable, "there can be {} playlists", playlists_per_account_max);
    const auto id = new_id(now);
    VT_CHECK(session.execute("INSERT INTO playlists (id, account_id, title, created_at) VALUES ($1, $2, $3, $4)",
                             {id, std::string(account), text, now}));
    VT_TRY(made, find_own(session, account, id));
    return {};
  }));
  return made;
}

Result<Playlist> Playlists::rename(std::string_view account, std::string_view id, std::string_view title) {
  VT_TRY(const auto text, checked_title(title));
  Playlist renamed;
  VT_CHECK(database_.transaction(store::Access::write, [&](store::Session& session) -> Result<void> {
    VT_TRY(renamed, find_own(session, account, id));
    VT_CHECK(session.execute("UPDATE playlists SET title = $2 WHERE id = $1", {renamed.id, text}));
    renamed.title = text;
    return {};
  }));
  return renamed;
}

Result<void> Playlists::remove(std::string_view account, std::string_view id) {
  return database_.transaction(store::Access::write, [&](store::Session& session) -> Result<void> {
    VT_TRY(const auto playlist, find_own(session, account, id));
    VT_CHECK(session.execute("DELETE FROM playlists WHERE id = $1", {playlist.id}));
    return {};
  });
}

Result<Playlist> Playlists::put(std::string_view account, std::string_view id, std::span<const std::string> videos) {
  if (videos.size() > playlist_videos_max)
    return fail(Errc::invalid_argument, "a playlist has at most {} videos", playlist_videos_max);
  Playlist changed;
  VT_CHECK(database_.transaction(store::Access::write, [&](store::Session& session) -> Result<void> {
    VT_TRY(changed, find_own(session, account, id));
    VT_CHECK(check_videos(session, account, videos));
    VT_CHECK(session.execute("DELETE FROM playlist_videos WHERE playlist_id = $1", {changed.id}));
    for (std::size_t place = 0; place < videos.size(); ++place)
      VT_CHECK(session.execute("INSERT INTO playlist_videos (playlist_id, place, video_id) VALUES ($1, $2, $3)",
                               {changed.id, static_cast<std::int64_t>(place), videos[place]}));
    VT_TRY(changed, find_own(session, account, id));
    return {};
  }));
  return changed;
}

Result<std::vector<std::string>> Playlists::videos_of(std::string_view account, std::string_view id) const {
  std::vector<std::string> ids;
  VT_CHECK(database_.transaction(store::Access::read, [&](store::Session& session) -> Result<void> {
    ids.clear();
    VT_TRY(const auto playlist, find_own(session, account, id));
    VT_TRY(const auto rows,
           session.query("SELECT video_id FROM playlist_videos WHERE playlist_id = $1 ORDER BY place", {playlist.id}));
    for (const auto& row : rows) ids.push_back(row.text(0));
    return {};
  }));
  return ids;
}

}  // namespace vitrine::social
