#include "social/follows.hpp"

#include "social/schema.hpp"

namespace vitrine::social {

Result<std::unique_ptr<Follows>> Follows::open(store::Database& database, const Clock& clock) {
  VT_CHECK(migrate_social(database));
  return std::unique_ptr<Follows>(new Follows(database, clock));
}

Result<void> Follows::set(std::string_view follower_id, std::string_view creator_id, bool on) {
  if (follower_id == creator_id) return fail(Errc::invalid_argument, "one cannot follow oneself");
  const store::Value follower = std::string(follower_id), creator = std::string(creator_id);
  if (!on) {
    VT_CHECK(database_.execute("DELETE FROM follows WHERE follower_id = $1 AND creator_id = $2", {follower, creator}));
    return {};
  }
  VT_TRY(const auto now, counts(follower_id));
  if (now.following >= follows_per_account_max)
    return fail(Errc::unprocessable, "one can follow at most {} people", follows_per_account_max);
  VT_CHECK(
      database_.execute("INSERT INTO follows (follower_id, creator_id, created_at) VALUES ($1, $2, $3) "
                        "ON CONFLICT (follower_id, creator_id) DO NOTHING",
                        {follower, creator, clock_.now()}));
  return {};
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

Result<Follows::Counts> Follows::counts(std::string_view account_id) const {
  VT_TRY(const auto rows, database_.query("SELECT (SELECT COUNT(*) FROM follows WHERE creator_id = $1), "
                                          "(SELECT COUNT(*) FROM follows WHERE follower_id = $1)",
                                          {std::string(account_id)}));
  return Counts{rows[0].integer(0), rows[0].integer(1)};
}

}  // namespace vitrine::social
