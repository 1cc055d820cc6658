#include "social/staff.hpp"

#include "base/crypto.hpp"
#include "base/id.hpp"
#include "social/videos.hpp"

namespace vitrine::social {
namespace {

constexpr std::size_t pseudonym_bytes = 4;
constexpr std::string_view staff_columns = "s.account_id, s.member_id, s.role, s.zone, s.credential_id, s.public_key";

std::string text_of(const store::Blob& blob) { return {blob.begin(), blob.end()}; }

StaffMember member_of(const store::Row& row) {
  return {row.text(0), row.text(1), row.text(2), row.text(3), text_of(row.blob(4)), text_of(row.blob(5))};
}

std::string new_pseudonym() {
  std::array<unsigned char, pseudonym_bytes> bytes{};
  crypto::random(bytes);
  return fmt::format("s-{}", crypto::hex(bytes));
}

Case case_of(const store::Row& row) {
  return {.id = row.text(0), .title = row.text(1), .open = row.text(2) == "open", .created_at = row.integer(3)};
}

}  // namespace

Result<StaffMember> Staff::add(std::string_view handle, std::string_view role, std::string_view zone) {
  StaffMember out;
  VT_CHECK(database_.transaction(store::Access::write, [&](store::Session& session) -> Result<void> {
    VT_TRY(const auto rows, session.query("SELECT a.id, p.credential_id, p.public_key FROM accounts a LEFT JOIN "
                                          "passkeys p ON p.account_id = a.id WHERE a.handle = $1 ORDER BY p.id LIMIT 1",
                                          {std::string(handle)}));
    if (rows.empty()) return fail(Errc::not_found, "there is no account @{}", handle);
    if (rows[0].is_null(1))
      return fail(Errc::unprocessable, "@{} has no passkey to sign with: add one in the app's settings first", handle);
    out = {rows[0].text(0),   new_pseudonym(),          std::string(role),
           std::string(zone), text_of(rows[0].blob(1)), text_of(rows[0].blob(2))};
    auto done = session.execute(
        "INSERT INTO staff (account_id, member_id, role, zone, credential_id, public_key) VALUES ($1, $2, $3, $4, $5, "
        "$6)",
        {out.account_id, out.member_id, out.role, out.zone, rows[0].blob(1), rows[0].blob(2)});
    if (!done && done.error().code == Errc::conflict)
      return fail(Errc::conflict, "@{} is on the roster already: remove them first", handle);
    VT_CHECK(done);
    return {};
  }));
  return out;
}

Result<StaffMember> Staff::remove(std::string_view handle) {
  StaffMember out;
  VT_CHECK(database_.transaction(store::Access::write, [&](store::Session& session) -> Result<void> {
    VT_TRY(
        const auto rows,
        session.query(fmt::format("SELECT {} FROM staff s JOIN accounts a ON a.id = s.account_id WHERE a.handle = $1",
                                  staff_columns),
                      {std::string(handle)}));
    if (rows.empty()) return fail(Errc::not_found, "@{} is not on the roster", handle);
    out = member_of(rows[0]);
    VT_CHECK(session.execute("DELETE FROM staff WHERE account_id = $1", {out.account_id}));
    return {};
  }));
  return out;
}

Result<std::optional<StaffMember>> Staff::of_account(std::string_view account_id) const {
  VT_TRY(const auto rows, database_.query(fmt::format("SELECT {} FROM staff s WHERE s.account_id = $1", staff_columns),
                                          {std::string(account_id)}));
  if (rows.empty()) return std::nullopt;
  return member_of(rows[0]);
}

Result<Case> Staff::open_case(std::string_view title) {
  VT_TRY(const auto checked, checked_text(title, case_title_characters_max, "a case's title"));
  if (checked.empty()) return fail(Errc::invalid_argument, "a case has a title");
  const Case made{.id = new_id(clock_.now()), .title = checked, .created_at = clock_.now()};
  VT_CHECK(database_.execute("INSERT INTO cases (id, title, state, created_at) VALUES ($1, $2, 'open', $3)",
                             {made.id, made.title, made.created_at}));
  return made;
}

Result<Case> Staff::set_case(std::string_view id, bool open) {
  VT_CHECK(database_.execute("UPDATE cases SET state = $2 WHERE id = $1",
                             {std::string(id), std::string(open ? "open" : "closed")}));
  return case_by_id(id);
}

Result<Case> Staff::case_by_id(std::string_view id) const {
  VT_TRY(const auto rows,
         database_.query("SELECT id, title, state, created_at FROM cases WHERE id = $1", {std::string(id)}));
  if (rows.empty()) return fail(Errc::not_found, "there is no such case");
  return case_of(rows[0]);
}

Result<std::vector<Case>> Staff::cases() const {
  VT_TRY(const auto rows, database_.query("SELECT id, title, state, created_at FROM cases ORDER BY id DESC LIMIT $1",
                                          {static_cast<std::int64_t>(cases_listed_max)}));
  std::vector<Case> out;
  for (const auto& row : rows) out.push_back(case_of(row));
  return out;
}

}  // namespace vitrine::social
