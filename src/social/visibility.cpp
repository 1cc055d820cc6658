#include "social/visibility.hpp"

#include "social/families.hpp"
#include "social/sql.hpp"

namespace vitrine::social {
namespace {

const std::string& relation_sql() {
  static const std::string sql =
      "SELECT a.age_band, "
      "EXISTS (SELECT 1 FROM follows WHERE follower_id = $2 AND creator_id = $1), "
      "EXISTS (SELECT 1 FROM follows WHERE follower_id = $1 AND creator_id = $2), "
      "EXISTS (SELECT 1 FROM blocks WHERE blocker_id = $1 AND blocked_id = $2) OR "
      "EXISTS (SELECT 1 FROM blocks WHERE blocker_id = $2 AND blocked_id = $1), "
      "EXISTS (SELECT 1 FROM mutes WHERE muter_id = $1 AND muted_id = $2), c.comments, c.mentions "
      "FROM accounts a LEFT JOIN ward_controls c ON " +
      sql_controls_of("c", "a") + " WHERE a.id = $1";
  return sql;
}

bool is_among(const Relation& relation, Who who) {
  return who == Who::everyone || (who == Who::followers && relation.follows);
}

bool is_stranger_to_minor(const Relation& relation) {
  return relation.owner_band == AgeBand::minor && !relation.followed_back;
}

}  // namespace

std::string_view name(Who who) {
  switch (who) {
    case Who::everyone: return "everyone";
    case Who::followers: return "followers";
    case Who::nobody: return "nobody";
  }
  return "nobody";
}

Who who_of(std::string_view text) {
  return text == "everyone" ? Who::everyone : text == "followers" ? Who::followers : Who::nobody;
}

bool may_see(const Relation& relation) { return relation.self || !relation.blocked; }

bool may_comment(const Relation& relation, Who who) {
  if (relation.self) return true;
  if (relation.blocked || is_stranger_to_minor(relation)) return false;
  return is_among(relation, std::max(who, relation.comments_max));
}

bool may_mention(const Relation& relation) {
  if (relation.self) return true;
  return !relation.blocked && !is_stranger_to_minor(relation) && is_among(relation, relation.mentions_max);
}

bool may_notify(const Relation& relation) { return !relation.self && !relation.blocked && !relation.muted; }

bool may_address(const Relation& relation) { return may_notify(relation) && !is_stranger_to_minor(relation); }

Who default_who(AgeBand band) { return band == AgeBand::minor ? Who::followers : Who::everyone; }

Result<Relation> relation_of(store::Session& session, std::string_view owner_id, std::string_view other_id) {
  VT_TRY(const auto rows, session.query(relation_sql(), {std::string(owner_id), std::string(other_id)}));
  if (rows.empty()) return fail(Errc::not_found, "there is no such account");
  const auto& row = rows[0];
  return Relation{.self = owner_id == other_id,
                  .follows = row.integer(1) != 0,
                  .followed_back = row.integer(2) != 0,
                  .blocked = row.integer(3) != 0,
                  .muted = row.integer(4) != 0,
                  .owner_band = age_band_of(row.text(0)),
                  .comments_max = row.is_null(5) ? Who::everyone : who_of(row.text(5)),
                  .mentions_max = row.is_null(6) ? Who::everyone : who_of(row.text(6))};
}

Result<Relation> relation_of(store::Database& database, std::string_view owner_id, std::string_view other_id) {
  Relation relation;
  VT_CHECK(database.transaction(store::Access::read, [&](store::Session& session) -> Result<void> {
    VT_TRY(relation, relation_of(session, owner_id, other_id));
    return {};
  }));
  return relation;
}

Result<std::set<std::string>> hidden_among(store::Database& database, std::string_view viewer_id,
                                           std::span<const std::string> ids) {
  std::set<std::string> hidden;
  if (ids.empty() || viewer_id.empty()) return hidden;
  store::Params params{std::string(viewer_id)};
  params.insert(params.end(), ids.begin(), ids.end());
  const std::string list = placeholders(2, ids.size());
  VT_TRY(const auto rows,
         database.query(fmt::format("SELECT blocked_id FROM blocks WHERE blocker_id = $1 AND blocked_id IN ({0}) UNION "
                                    "SELECT blocker_id FROM blocks WHERE blocked_id = $1 AND blocker_id IN ({0})",
                                    list),
                        params));
  for (const auto& row : rows) hidden.insert(row.text(0));
  return hidden;
}

std::string sql_seen(std::string_view author, std::string_view viewer) {
  return fmt::format(
      "NOT EXISTS (SELECT 1 FROM blocks WHERE blocker_id = {0} AND blocked_id = {1}) AND "
      "NOT EXISTS (SELECT 1 FROM blocks WHERE blocker_id = {1} AND blocked_id = {0})",
      author, viewer);
}

std::string sql_heard(std::string_view author, std::string_view viewer) {
  return fmt::format("{0} AND NOT EXISTS (SELECT 1 FROM mutes WHERE muter_id = {2} AND muted_id = {1})",
                     sql_seen(author, viewer), author, viewer);
}

}  // namespace vitrine::social
