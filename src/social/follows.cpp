#include "social/follows.hpp"

#include "social/schema.hpp"
#include "social/sql.hpp"

namespace vitrine::social {

Result<std::unique_ptr<Follows>> Follows::open(store::Database& database, const Clock& clock) {
  VT_CHECK(migrate_social(database));
  return std::unique_ptr<Follows>(new Follows(database, clock));
}

namespace {

Result<void> count(store::Session& session, std::string_view follower, std::string_view creator, std::int64_t by) {
  VT_CHECK(
      session.execute("UPDATE accounts SET following = following + $2 WHERE id = $1", {std::string(follower), by}));
  VT_CHECK(session.execute("UPDATE accounts SET followers = followers + $2 WHERE id = $1", {std::string(creator), by}));
  return {};
}

Result<void> begin_follow(store::Session& session, std::string_view follower, std::string_view creator, TimeMs now) {
  VT_TRY(const auto rows, session.query("SELECT following FROM accounts WHERE id = $1", {std::string(follower)}));
  if (!rows.empty() && rows[0].integer(0) >= follows_per_account_max)
    return fail(Errc::unprocessable, "one can follow at most {} people", follows_per_account_max);
  VT_TRY(const auto added,
         session.execute("INSERT INTO follows (follower_id, creator_id, created_at) VALUES ($1, $2, $3) "
                         "ON CONFLICT (follower_id, creator_id) DO NOTHING",
                         {std::string(follower), std::string(creator), now}));
  return added > 0 ? count(session, follower, creator, 1) : Result<void>();
}

}  // namespace

Result<void> end_follow(store::Session& session, std::string_view follower, std::string_view creator) {
  VT_TRY(const auto removed, session.execute("DELETE FROM follows WHERE follower_id = $1 AND creator_id = $2",
                                             {std::string(follower), std::string(creator)}));
  return removed > 0 ? count(session, follower, creator, -1) : Result<void>();
}

Result<void> leave_follows(store::Session& session, std::string_view account_id) {
  const store::Params account{std::string(account_id)};
  VT_CHECK(
      session.execute("UPDATE accounts SET followers = followers - 1 WHERE id IN "
                      "(SELECT creator_id FROM follows WHERE follower_id = $1)",
                      account));
  VT_CHECK(
      session.execute("UPDATE accounts SET following = following - 1 WHERE id IN "
                      "(SELECT follower_id FROM follows WHERE creator_id = $1)",
                      account));
  return {};
}

Result<void> Follows::set(std::string_view follower_id, std::string_view creator_id, bool on) {
  if (follower_id == creator_id) return fail(Errc::invalid_argument, "one cannot follow oneself");
  return database_.transaction(store::Access::write, [&](store::Session& session) -> Result<void> {
    return on ? begin_follow(session, follower_id, creator_id, clock_.now())
              : end_follow(session, follower_id, creator_id);
  });
}

Result<bool> Follows::follows(std::string_view follower_id, std::string_view creator_id) const {
  VT_TRY(const auto rows, database_.query("SELECT 1 FROM follows WHERE follower_id = $1 AND creator_id = $2",
                                          {std::string(follower_id), std::string(creator_id)}));
  return !rows.empty();
}

Result<std::vector<std::string>> Follows::followed_by(std::string_view follower_id) const {
  VT_TRY(const auto rows,
         database_.query("SELECT creator_id FROM follows WHERE follower_id = $1", {std::string(follower_id)}));
  std::vector<std::string> ids;
  for (const auto& row : rows) ids.push_back(row.text(0));
  return ids;
}

Result<std::set<std::string>> Follows::followed_among(std::string_view follower_id,
                                                      const std::set<std::string>& ids) const {
  std::set<std::string> followed;
  if (ids.empty()) return followed;
  store::Params params{std::string(follower_id)};
  params.insert(params.end(), ids.begin(), ids.end());
  VT_TRY(const auto rows,
         database_.query(fmt::format("SELECT creator_id FROM follows WHERE follower_id = $1 AND creator_id IN ({})",
                                     placeholders(2, ids.size())),
                         params));
  for (const auto& row : rows) followed.insert(row.text(0));
  return followed;
}

Result<Follows::Counts> Follows::counts(std::string_view account_id) const {
  VT_TRY(const auto rows,
         database_.query("SELECT followers, following FROM accounts WHERE id = $1", {std::string(account_id)}));
  if (rows.empty()) return Counts{};
  return Counts{rows[0].integer(0), rows[0].integer(1)};
}

}  // namespace vitrine::social
