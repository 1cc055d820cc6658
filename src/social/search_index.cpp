#include "social/search_index.hpp"

#include "base/log.hpp"
#include "social/captions.hpp"
#include "social/search_text.hpp"
#include "social/tags_column.hpp"
#include "social/visibility.hpp"

namespace vitrine::social {
namespace {

constexpr std::string_view state_name = "words";
constexpr std::int64_t rebuild_batch = 500;
constexpr std::int64_t rebuild_log_every = 10'000;

// The words come folded and with spaces between them, so both engines are told to cut at spaces and do nothing else.

constexpr std::array<store::Migration, 2> sqlite_migrations{{
    {1, R"(
CREATE TABLE search_state (name TEXT PRIMARY KEY, version BIGINT NOT NULL);
CREATE TABLE search_videos (
  n INTEGER PRIMARY KEY AUTOINCREMENT, video_id TEXT NOT NULL UNIQUE REFERENCES videos(id) ON DELETE CASCADE,
  tags TEXT NOT NULL, handle TEXT NOT NULL, caption TEXT NOT NULL, tier BIGINT NOT NULL);
CREATE TABLE search_accounts (
  n INTEGER PRIMARY KEY AUTOINCREMENT, account_id TEXT NOT NULL UNIQUE REFERENCES accounts(id) ON DELETE CASCADE,
  handle TEXT NOT NULL, name TEXT NOT NULL, followers BIGINT NOT NULL, tier BIGINT NOT NULL);
CREATE TABLE search_tags (
  n INTEGER PRIMARY KEY AUTOINCREMENT, tag TEXT NOT NULL,
  video_id TEXT NOT NULL REFERENCES search_videos(video_id) ON DELETE CASCADE, UNIQUE (tag, video_id));
CREATE INDEX search_tags_of_video ON search_tags(video_id);
CREATE TABLE search_views (
  bucket BIGINT NOT NULL, video BIGINT NOT NULL REFERENCES search_videos(n) ON DELETE CASCADE, views BIGINT NOT NULL,
  PRIMARY KEY (bucket, video));
CREATE INDEX search_views_of_video ON search_views(video);
CREATE VIRTUAL TABLE search_video_words USING fts5(
  words, content='', detail=none, columnsize=0, prefix='1 2 3 4 5', tokenize="ascii tokenchars '#@~'");
CREATE TRIGGER search_video_in AFTER INSERT ON search_videos BEGIN
  INSERT INTO search_video_words (rowid, words)
    VALUES (new.n, new.tags || ' ' || new.handle || ' ' || new.caption || ' ~' || new.tier);
END;
CREATE TRIGGER search_video_out AFTER DELETE ON search_videos BEGIN
  INSERT INTO search_video_words (search_video_words, rowid, words)
    VALUES ('delete', old.n, old.tags || ' ' || old.handle || ' ' || old.caption || ' ~' || old.tier);
END;
CREATE TRIGGER search_video_change AFTER UPDATE OF tags, handle, caption, tier ON search_videos BEGIN
  INSERT INTO search_video_words (search_video_words, rowid, words)
    VALUES ('delete', old.n, old.tags || ' ' || old.handle || ' ' || old.caption || ' ~' || old.tier);
  INSERT INTO search_video_words (rowid, words)
    VALUES (new.n, new.tags || ' ' || new.handle || ' ' || new.caption || ' ~' || new.tier);
END;
CREATE VIRTUAL TABLE search_account_words USING fts5(
  words, content='', detail=none, columnsize=0, prefix='1 2 3 4 5', tokenize="ascii tokenchars '#@~'");
CREATE TRIGGER search_account_in AFTER INSERT ON search_accounts BEGIN
  INSERT INTO search_account_words (rowid, words)
    VALUES (new.n, new.handle || ' ' || new.name || ' ~' || new.tier);
END;
CREATE TRIGGER search_account_out AFTER DELETE ON search_accounts BEGIN
  INSERT INTO search_account_words (search_account_words, rowid, words)
    VALUES ('delete', old.n, old.handle || ' ' || old.name || ' ~' || old.tier);
END;
CREATE TRIGGER search_account_change AFTER UPDATE OF handle, name, tier ON search_accounts BEGIN
  INSERT INTO search_account_words (search_account_words, rowid, words)
    VALUES ('delete', old.n, old.handle || ' ' || old.name || ' ~' || old.tier);
  INSERT INTO search_account_words (rowid, words)
    VALUES (new.n, new.handle || ' ' || new.name || ' ~' || new.tier);
END;
)"},
    // Rows from before have no transcript, whose words are none: what the new triggers take out is what the old put in.
    {2, R"(
ALTER TABLE search_videos ADD COLUMN transcript TEXT NOT NULL DEFAULT '';
DROP TRIGGER search_video_in;
DROP TRIGGER search_video_out;
DROP TRIGGER search_video_change;
CREATE TRIGGER search_video_in AFTER INSERT ON search_videos BEGIN
  INSERT INTO search_video_words (rowid, words) VALUES (new.n,
    new.tags || ' ' || new.handle || ' ' || new.caption || ' ' || new.transcript || ' ~' || new.tier);
END;
CREATE TRIGGER search_video_out AFTER DELETE ON search_videos BEGIN
  INSERT INTO search_video_words (search_video_words, rowid, words) VALUES ('delete', old.n,
    old.tags || ' ' || old.handle || ' ' || old.caption || ' ' || old.transcript || ' ~' || old.tier);
END;
CREATE TRIGGER search_video_change AFTER UPDATE OF tags, handle, caption, transcript, tier ON search_videos BEGIN
  INSERT INTO search_video_words (search_video_words, rowid, words) VALUES ('delete', old.n,
    old.tags || ' ' || old.handle || ' ' || old.caption || ' ' || old.transcript || ' ~' || old.tier);
  INSERT INTO search_video_words (rowid, words) VALUES (new.n,
    new.tags || ' ' || new.handle || ' ' || new.caption || ' ' || new.transcript || ' ~' || new.tier);
END;
)"},
}};

constexpr std::array<store::Migration, 2> postgresql_migrations{{
    {1, R"(
CREATE TABLE search_state (name TEXT PRIMARY KEY, version BIGINT NOT NULL);
CREATE TABLE search_videos (
  n BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  video_id TEXT NOT NULL UNIQUE REFERENCES videos(id) ON DELETE CASCADE,
  tags TEXT NOT NULL, handle TEXT NOT NULL, caption TEXT NOT NULL, tier BIGINT NOT NULL,
  words TSVECTOR GENERATED ALWAYS AS (array_to_tsvector(array_remove(
    string_to_array(tags || ' ' || handle || ' ' || caption, ' '), ''))) STORED);
CREATE INDEX search_videos_by_words ON search_videos USING gin (words) WITH (fastupdate = off);
CREATE INDEX search_videos_by_tier ON search_videos(tier, n);
CREATE TABLE search_accounts (
  n BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  account_id TEXT NOT NULL UNIQUE REFERENCES accounts(id) ON DELETE CASCADE,
  handle TEXT NOT NULL, name TEXT NOT NULL, followers BIGINT NOT NULL, tier BIGINT NOT NULL,
  words TSVECTOR GENERATED ALWAYS AS (array_to_tsvector(array_remove(
    string_to_array(handle || ' ' || name, ' '), ''))) STORED);
CREATE INDEX search_accounts_by_words ON search_accounts USING gin (words) WITH (fastupdate = off);
CREATE INDEX search_accounts_by_tier ON search_accounts(tier, n);
CREATE TABLE search_tags (
  n BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, tag TEXT NOT NULL,
  video_id TEXT NOT NULL REFERENCES search_videos(video_id) ON DELETE CASCADE, UNIQUE (tag, video_id));
CREATE INDEX search_tags_of_video ON search_tags(video_id);
CREATE TABLE search_views (
  bucket BIGINT NOT NULL, video BIGINT NOT NULL REFERENCES search_videos(n) ON DELETE CASCADE, views BIGINT NOT NULL,
  PRIMARY KEY (bucket, video));
CREATE INDEX search_views_of_video ON search_views(video);
)"},
    {2, R"(
ALTER TABLE search_videos DROP COLUMN words;
ALTER TABLE search_videos ADD COLUMN transcript TEXT NOT NULL DEFAULT '';
ALTER TABLE search_videos ADD COLUMN words TSVECTOR GENERATED ALWAYS AS (array_to_tsvector(array_remove(
  string_to_array(tags || ' ' || handle || ' ' || caption || ' ' || transcript, ' '), ''))) STORED;
CREATE INDEX search_videos_by_words ON search_videos USING gin (words) WITH (fastupdate = off);
)"},
}};

/// The live video's tags replace those it had.
Result<void> index_tags(store::Session& session, const std::string& id, const std::vector<std::string>& tags) {
  VT_TRY(const auto rows, session.query("SELECT tag FROM search_tags WHERE video_id = $1", {id}));
  for (const auto& row : rows) {
    if (std::ranges::find(tags, row.text(0)) == tags.end())
      VT_CHECK(session.execute("DELETE FROM search_tags WHERE video_id = $1 AND tag = $2", {id, row.text(0)}));
  }
  for (const auto& tag : tags)
    VT_CHECK(session.execute(
        "INSERT INTO search_tags (tag, video_id) VALUES ($1, $2) ON CONFLICT (tag, video_id) DO NOTHING", {tag, id}));
  return {};
}

std::string words_of_tags(const std::vector<std::string>& tags) {
  std::string words;
  for (const auto& tag : tags) words += fmt::format("{}{}", words.empty() ? "" : " ", words_of_name(tag, tag_sign));
  return words;
}

/// Calls `index` with the next ids of `table` until there are none, a batch in each transaction.
Result<void> index_all(store::Database& database, std::string_view table,
                       Result<void> (*index)(store::Session&, std::string_view)) {
  const auto sql = fmt::format("SELECT id FROM {} WHERE id > $1 ORDER BY id LIMIT $2", table);
  std::int64_t done = 0;
  for (std::string after;;) {
    VT_TRY(const auto rows, database.query(sql, {after, rebuild_batch}));
    if (rows.empty()) break;
    VT_CHECK(database.transaction(store::Access::write, [&](store::Session& session) -> Result<void> {
      for (const auto& row : rows) VT_CHECK(index(session, row.text(0)));
      return {};
    }));
    after = rows.back().text(0);
    const auto before = std::exchange(done, done + std::ssize(rows));
    if (done / rebuild_log_every != before / rebuild_log_every)
      log::info("search.rebuild", {{"table", table}, {"done", done}});
  }
  log::info("search.rebuilt", {{"table", table}, {"done", done}});
  return {};
}

Result<void> forget_all(store::Database& database) {
  for (const std::string_view table : {"search_videos", "search_accounts"})
    VT_CHECK(database.execute(fmt::format("DELETE FROM {}", table)));
  return {};
}

/// Fresh figures for the planner: without them it reads far too much.
Result<void> analyse(store::Database& database) {
  if (database.engine() != "postgresql") return {};
  for (const std::string_view table : {"search_videos", "search_accounts", "search_tags"})
    VT_CHECK(database.execute(fmt::format("ANALYZE {}", table)));
  return {};
}

}  // namespace

std::int64_t tier_of(std::int64_t count) { return std::ranges::upper_bound(tier_floors, count) - tier_floors.begin(); }

Result<void> migrate_search(store::Database& database) {
  return store::migrate(database, "search",
                        database.engine() == "postgresql" ? postgresql_migrations : sqlite_migrations);
}

Result<void> index_video(store::Session& session, std::string_view video) {
  const std::string id(video);
  VT_TRY(const auto rows, session.query(fmt::format("SELECT v.tags, a.handle, v.caption, v.views FROM videos v "
                                                    "JOIN accounts a ON a.id = v.creator_id WHERE v.id = $1 AND {}",
                                                    sql_listed("v")),
                                        {id}));
  if (rows.empty()) {
    VT_CHECK(session.execute("DELETE FROM search_videos WHERE video_id = $1", {id}));
    return {};
  }
  const auto& row = rows[0];
  const auto tags = split_tags(row.text(0));
  VT_TRY(const auto said, said_in_video(session, id));
  VT_CHECK(session.execute(
      "INSERT INTO search_videos (video_id, tags, handle, caption, tier, transcript) VALUES ($1, $2, $3, $4, $5, $6) "
      "ON CONFLICT (video_id) DO UPDATE SET tags = excluded.tags, handle = excluded.handle, "
      "caption = excluded.caption, tier = excluded.tier, transcript = excluded.transcript "
      "WHERE search_videos.tags <> excluded.tags OR search_videos.caption <> excluded.caption "
      "OR search_videos.tier <> excluded.tier OR search_videos.transcript <> excluded.transcript",
      {id, words_of_tags(tags), words_of_name(row.text(1), handle_sign), words_of(row.text(2)), tier_of(row.integer(3)),
       words_of(said, words_per_transcript_max)}));
  return index_tags(session, id, tags);
}

Result<void> index_account(store::Session& session, std::string_view account) {
  const std::string id(account);
  VT_TRY(const auto rows, session.query("SELECT handle, display_name, followers FROM accounts WHERE id = $1 AND "
                                        "suspended_until = 0",
                                        {id}));
  if (rows.empty()) {
    VT_CHECK(session.execute("DELETE FROM search_accounts WHERE account_id = $1", {id}));
    return {};
  }
  const auto& row = rows[0];
  VT_CHECK(session.execute(
      "INSERT INTO search_accounts (account_id, handle, name, followers, tier) VALUES ($1, $2, $3, $4, $5) "
      "ON CONFLICT (account_id) DO UPDATE SET handle = excluded.handle, name = excluded.name, "
      "followers = excluded.followers, tier = excluded.tier",
      {id, words_of_name(row.text(0), handle_sign), words_of(row.text(1)), row.integer(2), tier_of(row.integer(2))}));
  return {};
}

Result<void> index_views(store::Session& session, std::string_view id, std::int64_t views, std::int64_t added,
                         TimeMs now) {
  const std::string video(id);
  VT_CHECK(session.execute(
      "INSERT INTO search_views (bucket, video, views) SELECT CAST($1 AS BIGINT), n, CAST($3 AS BIGINT) "
      "FROM search_videos WHERE video_id = $2 ON CONFLICT (bucket, video) DO UPDATE SET views = "
      "search_views.views + excluded.views",
      {now / views_bucket_ms, video, added}));
  if (tier_of(views) != tier_of(views - added))
    VT_CHECK(session.execute("UPDATE search_videos SET tier = $2 WHERE video_id = $1", {video, tier_of(views)}));
  return {};
}

Result<void> rebuild_search_if_needed(store::Database& database) {
  VT_TRY(const auto rows,
         database.query("SELECT version FROM search_state WHERE name = $1", {std::string(state_name)}));
  if (!rows.empty() && rows[0].integer(0) == search_words_version) return {};
  log::info("search.rebuild_begins", {{"version", search_words_version}});
  VT_CHECK(forget_all(database));
  VT_CHECK(index_all(database, "accounts", index_account));
  VT_CHECK(index_all(database, "videos", index_video));
  VT_CHECK(analyse(database));
  VT_CHECK(
      database.execute("INSERT INTO search_state (name, version) VALUES ($1, $2) "
                       "ON CONFLICT (name) DO UPDATE SET version = excluded.version",
                       {std::string(state_name), search_words_version}));
  return {};
}

Result<void> refresh_followers(store::Database& database) {
  VT_TRY(const auto rows, database.query("SELECT s.account_id, a.followers FROM search_accounts s "
                                         "JOIN accounts a ON a.id = s.account_id WHERE a.followers <> s.followers"));
  for (std::size_t at = 0; at < rows.size();) {
    const auto end = std::min(rows.size(), at + static_cast<std::size_t>(rebuild_batch));
    VT_CHECK(database.transaction(store::Access::write, [&](store::Session& session) -> Result<void> {
      for (std::size_t i = at; i < end; ++i)
        VT_CHECK(session.execute("UPDATE search_accounts SET followers = $2, tier = $3 WHERE account_id = $1",
                                 {rows[i].text(0), rows[i].integer(1), tier_of(rows[i].integer(1))}));
      return {};
    }));
    at = end;
  }
  return {};
}

}  // namespace vitrine::social
