#include "social/moderators.hpp"

namespace vitrine::social {

Result<void> Moderators::add(std::string_view handle) {
  return database_.transaction(store::Access::write, [&](store::Session& session) -> Result<void> {
    VT_TRY(const auto rows, session.query("SELECT a.id, m.account_id FROM accounts a LEFT JOIN moderators m "
                                          "ON m.account_id = a.id WHERE a.handle = $1",
                                          {std::string(handle)}));
    if (rows.empty()) return fail(Errc::not_found, "there is no account @{}", handle);
    if (!rows[0].is_null(1)) return fail(Errc::conflict, "@{} is a moderator already", handle);
    VT_CHECK(
        session.execute("INSERT INTO moderators (account_id, since) VALUES ($1, $2)", {rows[0].text(0), clock_.now()}));
    return {};
  });
}

Result<void> Moderators::remove(std::string_view handle) {
  VT_TRY(const auto gone,
         database_.execute("DELETE FROM moderators WHERE account_id = (SELECT id FROM accounts WHERE handle = $1)",
                           {std::string(handle)}));
  if (gone == 0) return fail(Errc::not_found, "@{} is no moderator", handle);
  return {};
}

Result<bool> Moderators::has(std::string_view account_id) const {
  VT_TRY(const auto rows, database_.query("SELECT 1 FROM moderators WHERE account_id = $1", {std::string(account_id)}));
  return !rows.empty();
}

}  // namespace vitrine::social
