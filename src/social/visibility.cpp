#include "social/visibility.hpp"

#include "social/families.hpp"
#include "social/sql.hpp"

namespace vitrine::social {
namespace {

/// Parameter $1 is the other one; what follows says which owners.
const std::string& relation_sql() {
  static const std::string sql =
      "SELECT a.age_band, "
      "EXISTS (SELECT 1 FROM follows WHERE follower_id = $1 AND creator_id = a.id), "
      "EXISTS (SELECT 1 FROM follows WHERE follower_id = a.id AND creator_id = $1), "
      "EXISTS (SELECT 1 FROM blocks WHERE blocker_id = a.id AND blocked_id = $1) OR "
      "EXISTS (SELECT 1 FROM blocks WHERE blocker_id = $1 AND blocked_id = a.id), "
      "EXISTS (SELECT 1 FROM mutes WHERE muter_id = a.id AND muted_id = $1), a.id, c.comments, c.mentions "
      "FROM accounts a LEFT JOIN ward_controls c ON " +
      sql_controls_of("c", "a") + " WHERE a.id";
  return sql;
}

Who who_or_everyone(const store::Row& row, std::size_t column) {
  return row.is_null(column) ? Who::everyone : who_of(row.text(column));
}

Relation relation_in(const store::Row& row, std::string_view other_id) {
  return {.self = row.text(5) == other_id,
          .follows = row.integer(1) != 0,
          .followed_back = row.integer(2) != 0,
          .blocked = row.integer(3) != 0,
          .muted = row.integer(4) != 0,
          .owner_band = age_band_of(row.text(0)),
          .comments_max = who_or_everyone(row, 6),
          .mentions_max = who_or_everyone(row, 7)};
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

std::string_view name(Audience audience) {
  switch (audience) {
    case Audience::everyone: return "public";
    case Audience::followers: return "followers";
    case Audience::link: return "link";
    case Audience::only_me: return "only_me";
  }
  return "only_me";
}

bool may_watch(const Relation& relation, const Exposure& video) {
  if (relation.self) return true;
  if (!video.live || relation.blocked) return false;
  switch (video.audience) {
    case Audience::everyone:
    case Audience::link: return true;
    case Audience::followers: return relation.follows;
    case Audience::only_me: return false;
  }
  return false;
}

bool may_find(const Relation& relation, const Exposure& video) {
  return may_watch(relation, video) && (relation.self || video.audience != Audience::link);
}

bool may_duet(const Relation& relation, const Exposure& video, Who who) {
  if (relation.self) return true;
  return may_watch(relation, video) && video.audience == Audience::everyone && !is_stranger_to_minor(relation) &&
         is_among(relation, who);
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

Audience default_audience(AgeBand band) { return band == AgeBand::minor ? Audience::followers : Audience::everyone; }

Who default_duet(AgeBand band) { return band == AgeBand::minor ? Who::nobody : Who::everyone; }

Result<Relation> relation_of(store::Session& session, std::string_view owner_id, std::string_view other_id) {
  VT_TRY(const auto rows,
         session.query(fmt::format("{} = $2", relation_sql()), {std::string(other_id), std::string(owner_id)}));
  if (rows.empty()) return fail(Errc::not_found, "there is no such account");
  return relation_in(rows[0], other_id);
}

Result<Relation> relation_of(store::Database& database, std::string_view owner_id, std::string_view other_id) {
  Relation relation;
  VT_CHECK(database.transaction(store::Access::read, [&](store::Session& session) -> Result<void> {
    VT_TRY(relation, relation_of(session, owner_id, other_id));
    return {};
  }));
  return relation;
}

Result<std::map<std::string, Relation>> relations_of(store::Database& database, std::span<const std::string> owners,
                                                     std::string_view other_id) {
  std::map<std::string, Relation> relations;
  if (owners.empty()) return relations;
  store::Params params{std::string(other_id)};
  params.insert(params.end(), owners.begin(), owners.end());
  VT_TRY(const auto rows,
         database.query(fmt::format("{} IN ({})", relation_sql(), placeholders(2, owners.size())), params));
  for (const auto& row : rows) relations.emplace(row.text(5), relation_in(row, other_id));
  return relations;
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

std::string sql_may_watch(std::string_view video, std::string_view viewer) {
  return fmt::format(
      "({0}.creator_id = {1} OR ({0}.state = 'live' AND ({0}.audience IN ('public', 'link') OR "
      "({0}.audience = 'followers' AND EXISTS (SELECT 1 FROM follows WHERE follower_id = {1} AND "
      "creator_id = {0}.creator_id))) AND {2}))",
      video, viewer, sql_seen(fmt::format("{}.creator_id", video), viewer));
}

std::string sql_may_find(std::string_view video, std::string_view viewer) {
  return fmt::format("({2} AND ({0}.creator_id = {1} OR {0}.audience <> 'link'))", video, viewer,
                     sql_may_watch(video, viewer));
}

std::string sql_listed(std::string_view video) {
  return fmt::format("{0}.state = 'live' AND {0}.audience = 'public'", video);
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
