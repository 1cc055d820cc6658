#include "social/people.hpp"

#include "social/cursor.hpp"
#include "social/follows.hpp"
#include "social/mentions.hpp"
#include "social/notifications.hpp"
#include "social/schema.hpp"
#include "social/sql.hpp"

namespace vitrine::social {
namespace {

/// Where a list of people stands: blocks or mutes.
struct List {
  std::string_view table, owner, other;
};
constexpr List blocks{"blocks", "blocker_id", "blocked_id"}, mutes{"mutes", "muter_id", "muted_id"};

/// Adds to the list or takes from it; true if that changed it.
Result<bool> set(store::Session& session, const List& list, const std::string& owner, const std::string& other, bool on,
                 TimeMs now) {
  if (owner == other) return fail(Errc::invalid_argument, "one cannot do this to oneself");
  if (!on) {
    VT_TRY(const auto changed,
           session.execute(fmt::format("DELETE FROM {} WHERE {} = $1 AND {} = $2", list.table, list.owner, list.other),
                           {owner, other}));
    return changed > 0;
  }
  VT_TRY(const auto rows,
         session.query(fmt::format("SELECT COUNT(*) FROM {} WHERE {} = $1", list.table, list.owner), {owner}));
  if (rows[0].integer(0) >= blocks_per_account_max)
    return fail(Errc::unprocessable, "this list has at most {} people", blocks_per_account_max);
  VT_TRY(const auto changed, session.execute(fmt::format("INSERT INTO {} ({}, {}, created_at) VALUES ($1, $2, $3) "
                                                         "ON CONFLICT ({}, {}) DO NOTHING",
                                                         list.table, list.owner, list.other, list.owner, list.other),
                                             {owner, other, now}));
  return changed > 0;
}

Result<PersonPage> page(store::Database& database, const List& list, std::string_view owner, std::string_view cursor) {
  VT_TRY(const auto place, read_cursor(cursor, true));
  VT_TRY(
      const auto rows,
      database.query(fmt::format("SELECT a.id, a.handle, a.display_name, l.created_at FROM {0} l JOIN accounts a "
                                 "ON a.id = l.{2} WHERE l.{1} = $1 AND (l.created_at, l.{2}) < ($2, $3) "
                                 "ORDER BY l.created_at DESC, l.{2} DESC LIMIT $4",
                                 list.table, list.owner, list.other),
                     {std::string(owner), place.number, place.id, static_cast<std::int64_t>(people_page_items) + 1}));
  PersonPage out;
  for (const auto& row : rows) {
    if (out.items.size() == people_page_items) {
      const auto& last = rows[people_page_items - 1];
      out.next = write_cursor({last.integer(3), last.text(0)});
      break;
    }
    out.items.push_back({row.text(0), row.text(1), row.text(2)});
  }
  return out;
}

}  // namespace

Result<std::unique_ptr<People>> People::open(store::Database& database, const Clock& clock) {
  VT_CHECK(migrate_social(database));
  return std::unique_ptr<People>(new People(database, clock));
}

Result<void> People::block(std::string_view blocker, std::string_view blocked, bool on) {
  const std::string owner(blocker), other(blocked);
  return database_.transaction(store::Access::write, [&](store::Session& session) -> Result<void> {
    VT_TRY(const bool changed, set(session, blocks, owner, other, on, clock_.now()));
    if (!on || !changed) return {};
    VT_CHECK(end_follow(session, owner, other));
    VT_CHECK(end_follow(session, other, owner));
    VT_CHECK(leave_notifications_of(session, owner, other));
    return leave_notifications_of(session, other, owner);
  });
}

Result<void> People::mute(std::string_view muter, std::string_view muted, bool on) {
  const std::string owner(muter), other(muted);
  return database_.transaction(store::Access::write, [&](store::Session& session) -> Result<void> {
    VT_TRY(const bool changed, set(session, mutes, owner, other, on, clock_.now()));
    return on && changed ? leave_notifications_of(session, owner, other) : Result<void>();
  });
}

Result<PersonPage> People::blocked_by(std::string_view blocker, std::string_view cursor) const {
  return page(database_, blocks, blocker, cursor);
}

Result<PersonPage> People::muted_by(std::string_view muter, std::string_view cursor) const {
  return page(database_, mutes, muter, cursor);
}

Result<People::Standing> People::standing(std::string_view viewer, std::string_view other) const {
  VT_TRY(const auto rows,
         database_.query("SELECT EXISTS (SELECT 1 FROM blocks WHERE blocker_id = $1 AND blocked_id = $2), "
                         "EXISTS (SELECT 1 FROM mutes WHERE muter_id = $1 AND muted_id = $2), "
                         "EXISTS (SELECT 1 FROM blocks WHERE blocker_id = $2 AND blocked_id = $1), "
                         "EXISTS (SELECT 1 FROM follows WHERE follower_id = $1 AND creator_id = $2)",
                         {std::string(viewer), std::string(other)}));
  const auto& row = rows[0];
  return Standing{row.integer(0) != 0, row.integer(1) != 0, row.integer(2) != 0, row.integer(3) != 0};
}

Result<std::set<std::string>> People::hidden_handles(std::string_view viewer,
                                                     std::span<const std::string> handles) const {
  std::set<std::string> hidden;
  if (handles.empty() || viewer.empty()) return hidden;
  store::Params params{std::string(viewer)};
  params.insert(params.end(), handles.begin(), handles.end());
  VT_TRY(const auto rows,
         database_.query(fmt::format("SELECT a.handle FROM accounts a JOIN blocks b ON b.blocker_id = a.id "
                                     "WHERE b.blocked_id = $1 AND a.handle IN ({})",
                                     placeholders(2, handles.size())),
                         params));
  for (const auto& row : rows) hidden.insert(row.text(0));
  return hidden;
}

Result<std::vector<Person>> People::mentioned(std::string_view text, std::string_view author,
                                              std::string_view viewer) const {
  return social::mentioned(database_, text, author, viewer);
}

}  // namespace vitrine::social
