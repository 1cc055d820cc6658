#include "social/collections.hpp"

#include "base/id.hpp"
#include "social/cursor.hpp"
#include "social/schema.hpp"
#include "social/sql.hpp"
#include "social/videos.hpp"

namespace vitrine::social {
namespace {

constexpr std::string_view columns = "id, name, videos, created_at, is_default";

Collection collection_of(const store::Row& row) {
  return {row.text(0), row.text(1), row.integer(2), row.integer(3), row.integer(4) != 0};
}

Result<Collection> find(store::Session& session, std::string_view account, std::string_view id) {
  VT_TRY(const auto rows,
         session.query(fmt::format("SELECT {} FROM collections WHERE id = $1 AND account_id = $2", columns),
                       {std::string(id), std::string(account)}));
  if (rows.empty()) return fail(Errc::not_found, "there is no such collection");
  return collection_of(rows[0]);
}

Result<Collection> insert(store::Session& session, std::string_view account, const std::string& name, bool is_default,
                          TimeMs now) {
  Collection made{.id = new_id(now), .name = name, .created_at = now, .is_default = is_default};
  VT_CHECK(
      session.execute("INSERT INTO collections (id, account_id, name, is_default, created_at) "
                      "VALUES ($1, $2, $3, $4, $5)",
                      {made.id, std::string(account), name, std::int64_t{is_default}, now}));
  return made;
}

Result<Collection> default_of(store::Session& session, std::string_view account, TimeMs now) {
  VT_TRY(const auto rows,
         session.query(fmt::format("SELECT {} FROM collections WHERE account_id = $1 AND is_default = 1", columns),
                       {std::string(account)}));
  if (!rows.empty()) return collection_of(rows[0]);
  return insert(session, account, std::string(default_collection_name), true, now);
}

Result<std::string> checked_name(std::string_view name) {
  VT_TRY(auto text, checked_text(name, collection_name_characters_max, "a name"));
  if (text.empty()) return fail(Errc::invalid_argument, "a collection has a name");
  return text;
}

/// Errors: conflict.
Result<void> check_is_free(store::Session& session, std::string_view account, const std::string& name) {
  VT_TRY(const auto rows,
         session.query("SELECT 1 FROM collections WHERE account_id = $1 AND name = $2", {std::string(account), name}));
  if (!rows.empty()) return fail(Errc::conflict, "you have a collection of this name");
  return {};
}

Result<void> change(store::Session& session, Collection& collection, const std::string& video, bool on, TimeMs now) {
  std::int64_t changed = 0;
  if (on) {
    if (collection.videos >= collected_videos_max)
      return fail(Errc::unprocessable, "a collection has at most {} videos", collected_videos_max);
    VT_TRY(changed, session.execute("INSERT INTO collected_videos (collection_id, video_id, added_at) "
                                    "SELECT $1, id, $3 FROM videos WHERE id = $2 "
                                    "ON CONFLICT (collection_id, video_id) DO NOTHING",
                                    {collection.id, video, now}));
  } else {
    VT_TRY(changed, session.execute("DELETE FROM collected_videos WHERE collection_id = $1 AND video_id = $2",
                                    {collection.id, video}));
  }
  collection.videos += on ? changed : -changed;
  VT_CHECK(session.execute("UPDATE collections SET videos = $2 WHERE id = $1", {collection.id, collection.videos}));
  return {};
}

}  // namespace

Result<std::unique_ptr<Collections>> Collections::open(store::Database& database, const Clock& clock) {
  VT_CHECK(migrate_social(database));
  return std::unique_ptr<Collections>(new Collections(database, clock));
}

Result<std::vector<Collection>> Collections::of_account(std::string_view account) const {
  VT_TRY(const auto rows, database_.query(fmt::format("SELECT {} FROM collections WHERE account_id = $1 "
                                                      "ORDER BY is_default DESC, id",
                                                      columns),
                                          {std::string(account)}));
  std::vector<Collection> collections;
  for (const auto& row : rows) collections.push_back(collection_of(row));
  return collections;
}

Result<Collection> Collections::create(std::string_view account, std::string_view name) {
  VT_TRY(const auto text, checked_name(name));
  Collection made;
  VT_CHECK(database_.transaction(store::Access::write, [&](store::Session& session) -> Result<void> {
    // The default one's name stays its own.
    VT_CHECK(default_of(session, account, clock_.now()));
    VT_TRY(const auto rows,
           session.query("SELECT COUNT(*) FROM collections WHERE account_id = $1", {std::string(account)}));
    if (rows[0].integer(0) >= collections_per_account_max)
      return fail(Errc::unprocessable, "there can be {} collections", collections_per_account_max);
    VT_CHECK(check_is_free(session, account, text));
    VT_TRY(made, insert(session, account, text, false, clock_.now()));
    return {};
  }));
  return made;
}

Result<Collection> Collections::rename(std::string_view account, std::string_view id, std::string_view name) {
  VT_TRY(const auto text, checked_name(name));
  Collection renamed;
  VT_CHECK(database_.transaction(store::Access::write, [&](store::Session& session) -> Result<void> {
    VT_TRY(renamed, find(session, account, id));
    if (renamed.name == text) return {};
    if (renamed.is_default) return fail(Errc::conflict, "\"{}\" keeps its name", renamed.name);
    VT_CHECK(check_is_free(session, account, text));
    VT_CHECK(session.execute("UPDATE collections SET name = $2 WHERE id = $1", {renamed.id, text}));
    renamed.name = text;
    return {};
  }));
  return renamed;
}

Result<void> Collections::remove(std::string_view account, std::string_view id) {
  return database_.transaction(store::Access::write, [&](store::Session& session) -> Result<void> {
    VT_TRY(const auto collection, find(session, account, id));
    if (collection.is_default) return fail(Errc::conflict, "\"{}\" is always there", collection.name);
    VT_CHECK(session.execute("DELETE FROM collections WHERE id = $1", {collection.id}));
    return {};
  });
}

Result<Collection> Collections::put(std::string_view account, std::string_view id, std::string_view video, bool on) {
  Collection collection;
  VT_CHECK(database_.transaction(store::Access::write, [&](store::Session& session) -> Result<void> {
    VT_TRY(collection, find(session, account, id));
    return change(session, collection, std::string(video), on, clock_.now());
  }));
  return collection;
}

Result<void> Collections::save(std::string_view account, std::string_view video, bool on) {
  return database_.transaction(store::Access::write, [&](store::Session& session) -> Result<void> {
    VT_TRY(auto collection, default_of(session, account, clock_.now()));
    return change(session, collection, std::string(video), on, clock_.now());
  });
}

Result<std::set<std::string>> Collections::saved(std::string_view account, std::span<const std::string> videos) const {
  std::set<std::string> saved;
  if (videos.empty()) return saved;
  store::Params params{std::string(account)};
  params.insert(params.end(), videos.begin(), videos.end());
  VT_TRY(const auto rows,
         database_.query(fmt::format("SELECT v.video_id FROM collections c JOIN collected_videos v "
                                     "ON v.collection_id = c.id WHERE c.account_id = $1 AND c.is_default = 1 "
                                     "AND v.video_id IN ({})",
                                     placeholders(2, videos.size())),
                         params));
  for (const auto& row : rows) saved.insert(row.text(0));
  return saved;
}

Result<CollectedPage> Collections::page(std::string_view account, std::string_view id, std::string_view cursor) const {
  VT_TRY(const auto place, read_cursor(cursor, true));
  CollectedPage page;
  VT_CHECK(database_.transaction(store::Access::read, [&](store::Session& session) -> Result<void> {
    VT_TRY(const auto collection, find(session, account, id));
    VT_TRY(const auto rows,
           session.query("SELECT video_id, added_at FROM collected_videos WHERE collection_id = $1 AND "
                         "(added_at, video_id) < ($2, $3) ORDER BY added_at DESC, video_id DESC LIMIT $4",
                         {collection.id, place.number, place.id, static_cast<std::int64_t>(collected_page_items) + 1}));
    for (const auto& row : rows)
      if (page.videos.size() < collected_page_items) page.videos.push_back(row.text(0));
    if (rows.size() > collected_page_items)
      page.next = write_cursor({rows[collected_page_items - 1].integer(1), page.videos.back()});
    return {};
  }));
  return page;
}

Result<void> leave_collections(store::Session& session, std::string_view video) {
  VT_CHECK(
      session.execute("UPDATE collections SET videos = videos - 1 WHERE id IN "
                      "(SELECT collection_id FROM collected_videos WHERE video_id = $1)",
                      {std::string(video)}));
  return {};
}

}  // namespace vitrine::social
