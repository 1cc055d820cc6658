#include "social/families.hpp"

#include "base/crypto.hpp"
#include "base/id.hpp"
#include "social/limit_columns.hpp"
#include "social/schema.hpp"
#include "social/sql.hpp"
#include "social/tags_column.hpp"
#include "social/videos.hpp"

namespace vitrine::social {
namespace {

// --- codes -------------------------------------------------------------------------------------------------------

std::string random_code() {
  std::string code;
  while (code.size() < pairing_code_characters) {
    unsigned char byte = 0;
    crypto::random({&byte, 1});
    // Bytes past a multiple of the alphabet's size would make some letters likelier.
    const std::size_t fair = 256 / pairing_code_alphabet.size() * pairing_code_alphabet.size();
    if (byte < fair) code += pairing_code_alphabet[byte % pairing_code_alphabet.size()];
  }
  return code;
}

/// As people type it: in small letters, with spaces or dashes.
std::string plain_code(std::string_view text) {
  std::string code;
  for (const char c : text)
    if (c != ' ' && c != '-') code += c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  return code;
}

store::Blob hash_of(std::string_view code) {
  const auto hash = crypto::sha256(code);
  return {hash.begin(), hash.end()};
}

// --- rows --------------------------------------------------------------------------------------------------------

constexpr std::string_view pairing_sql =
    "SELECT p.id, g.id, g.handle, g.display_name, w.id, w.handle, w.display_name, p.guardian_confirmed, "
    "p.ward_confirmed, p.made_at, p.since FROM pairings p JOIN accounts g ON g.id = p.guardian_id "
    "JOIN accounts w ON w.id = p.ward_id";

Pairing pairing_of(const store::Row& row) {
  Pairing one{.id = row.text(0),
              .guardian = {row.text(1), row.text(2), row.text(3)},
              .ward = {row.text(4), row.text(5), row.text(6)},
              .guardian_confirmed = row.integer(7) != 0,
              .ward_confirmed = row.integer(8) != 0,
              .made_at = row.integer(9)};
  if (!row.is_null(10)) one.since = row.integer(10);
  return one;
}

/// Those that nobody has confirmed in time are gone, and so are those of wards who have grown up.
std::string sql_lives(std::string_view oldest) {
  return fmt::format("(p.since IS NOT NULL OR p.made_at > {}) AND w.age_band = 'minor'", oldest);
}

Result<Pairing> find(store::Session& session, std::string_view account, std::string_view id, TimeMs now) {
  VT_TRY(const auto rows, session.query(fmt::format("{} WHERE p.id = $1 AND (g.id = $2 OR w.id = $2) AND {}",
                                                    pairing_sql, sql_lives("$3")),
                                        {std::string(id), std::string(account), now - pairing_confirmation_ms}));
  if (rows.empty()) return fail(Errc::not_found, "there is no such pairing");
  return pairing_of(rows[0]);
}

Result<AgeBand> band_of_account(store::Session& session, std::string_view account) {
  VT_TRY(const auto rows, session.query("SELECT age_band FROM accounts WHERE id = $1", {std::string(account)}));
  if (rows.empty()) return fail(Errc::not_found, "there is no such account");
  return age_band_of(rows[0].text(0));
}

/// Errors: conflict.
Result<void> check_room(store::Session& session, std::string_view account, AgeBand band) {
  const bool is_ward = band == AgeBand::minor;
  VT_TRY(const auto rows,
         session.query(fmt::format("SELECT COUNT(*) FROM pairings WHERE {} = $1", is_ward ? "ward_id" : "guardian_id"),
                       {std::string(account)}));
  if (is_ward && rows[0].integer(0) >= guardians_per_ward_max)
    return fail(Errc::conflict, "a person has at most {} guardians", guardians_per_ward_max);
  if (!is_ward && rows[0].integer(0) >= wards_per_guardian_max)
    return fail(Errc::conflict, "a guardian has at most {} young people", wards_per_guardian_max);
  return {};
}

Result<void> forget_unconfirmed(store::Session& session, TimeMs now) {
  VT_CHECK(
      session.execute("DELETE FROM pairings WHERE since IS NULL AND made_at <= $1", {now - pairing_confirmation_ms}));
  VT_CHECK(session.execute("DELETE FROM pairing_codes WHERE expires_at <= $1", {now}));
  return {};
}

// --- changes -----------------------------------------------------------------------------------------------------

struct Change {
  std::string_view what;
  std::string before, after;
};

Result<void> note(store::Session& session, std::string_view ward, std::string_view by, const Change& change,
                  TimeMs now) {
  VT_CHECK(session.execute(
      "INSERT INTO family_changes (id, ward_id, by_id, at, what, was, became) "
      "VALUES ($1, $2, $3, $4, $5, $6, $7)",
      {new_id(now), std::string(ward), std::string(by), now, std::string(change.what), change.before, change.after}));
  VT_CHECK(session.execute(
      "DELETE FROM family_changes WHERE ward_id = $1 AND id < (SELECT id FROM family_changes WHERE ward_id = $1 "
      "ORDER BY id DESC LIMIT 1 OFFSET $2)",
      {std::string(ward), family_changes_kept - 1}));
  return {};
}

std::string text_of(bool value) { return value ? "on" : "off"; }
std::string text_of(std::optional<int> minutes) { return minutes ? fmt::to_string(*minutes) : ""; }
std::string text_of(const std::optional<Quiet>& quiet) {
  return quiet ? fmt::format("{}-{}", clock_text(quiet->from_min), clock_text(quiet->to_min)) : "";
}

std::vector<Change> changes_between(const Controls& a, const Controls& b) {
  std::vector<Change> changes;
  const auto compare = [&](std::string_view what, std::string before, std::string after) {
    if (before != after) changes.push_back({what, std::move(before), std::move(after)});
  };
  compare("daily_minutes", text_of(a.limits.daily_minutes), text_of(b.limits.daily_minutes));
  compare("quiet", text_of(a.limits.quiet), text_of(b.limits.quiet));
  compare("comments", std::string(name(a.comments)), std::string(name(b.comments)));
  compare("mentions", std::string(name(a.mentions)), std::string(name(b.mentions)));
  compare("sensitive_locked", text_of(a.sensitive_locked), text_of(b.sensitive_locked));
  compare("left_out", joined_tags(a.left_out), joined_tags(b.left_out));
  compare("search", text_of(a.search), text_of(b.search));
  compare("findable", text_of(a.findable), text_of(b.findable));
  return changes;
}

/// Tags as videos carry them, each once.
Result<std::vector<std::string>> checked_topics(const std::vector<std::string>& topics) {
  std::vector<std::string> out;
  for (const auto& topic : topics) {
    VT_TRY(auto tags, checked_tags({&topic, 1}, ""));
    for (auto& tag : tags)
      if (std::ranges::find(out, tag) == out.end()) out.push_back(std::move(tag));
  }
  return out;
}

// --- controls ----------------------------------------------------------------------------------------------------

Result<void> put_controls(store::Session& session, std::string_view ward, const Controls& controls) {
  store::Params params{std::string(ward),
                       std::string(name(controls.comments)),
                       std::string(name(controls.mentions)),
                       std::int64_t{controls.sensitive_locked},
                       joined_tags(controls.left_out),
                       std::int64_t{controls.search},
                       std::int64_t{controls.findable}};
  append_limits(params, controls.limits);
  VT_CHECK(session.execute(
      "INSERT INTO ward_controls (ward_id, comments, mentions, sensitive_locked, left_out, search, findable, "
      "daily_minutes, quiet_from, quiet_to) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (ward_id) DO "
      "UPDATE SET daily_minutes = excluded.daily_minutes, quiet_from = excluded.quiet_from, quiet_to = "
      "excluded.quiet_to, comments = excluded.comments, mentions = excluded.mentions, sensitive_locked = "
      "excluded.sensitive_locked, left_out = excluded.left_out, search = excluded.search, findable = excluded.findable",
      params));
  return {};
}

Controls controls_of(const store::Row& row) {
  return {.limits = limits_at(row, 0),
          .comments = who_of(row.text(3)),
          .mentions = who_of(row.text(4)),
          .sensitive_locked = row.integer(5) != 0,
          .left_out = split_tags(row.text(6)),
          .search = row.integer(7) != 0,
          .findable = row.integer(8) != 0};
}

/// Nothing: no guardian.
Result<std::optional<Controls>> controls_in_force(store::Session& session, std::string_view ward) {
  VT_TRY(const auto rows,
         session.query(fmt::format("SELECT c.daily_minutes, c.quiet_from, c.quiet_to, c.comments, c.mentions, "
                                   "c.sensitive_locked, c.left_out, c.search, c.findable FROM ward_controls c "
                                   "JOIN accounts a ON {} WHERE c.ward_id = $1",
                                   sql_controls_of("c", "a")),
                       {std::string(ward)}));
  if (rows.empty()) return std::nullopt;
  return controls_of(rows[0]);
}

Result<bool> is_guardian(store::Session& session, std::string_view account, std::string_view ward) {
  VT_TRY(const auto rows, session.query("SELECT 1 FROM pairings WHERE guardian_id = $1 AND ward_id = $2 AND "
                                        "since IS NOT NULL",
                                        {std::string(account), std::string(ward)}));
  return !rows.empty();
}

/// The ward's controls, for themselves and their guardians. Errors: not_found, forbidden.
Result<Controls> controls_seen_by(store::Session& session, std::string_view account, std::string_view ward) {
  VT_TRY(const bool guards, is_guardian(session, account, ward));
  if (!guards && account != ward) return fail(Errc::forbidden, "you are not paired with this person");
  VT_TRY(auto controls, controls_in_force(session, ward));
  if (!controls) return fail(Errc::not_found, "nobody is paired with this person");
  return std::move(*controls);
}

/// Without a guardian nothing of what guardians set is left.
Result<void> forget_without_guardian(store::Session& session, std::string_view ward) {
  for (const std::string_view table : {"ward_controls", "family_changes"})
    VT_CHECK(session.execute(fmt::format("DELETE FROM {} WHERE ward_id = $1 AND NOT EXISTS (SELECT 1 FROM pairings "
                                         "WHERE ward_id = $1 AND since IS NOT NULL)",
                                         table),
                             {std::string(ward)}));
  return {};
}

/// Nothing: nobody's.
Result<std::optional<std::string>> maker_of(store::Session& session, std::string_view code) {
  VT_TRY(const auto rows,
         session.query("SELECT account_id FROM pairing_codes WHERE code_hash = $1", {hash_of(plain_code(code))}));
  if (rows.empty()) return std::nullopt;
  return rows[0].text(0);
}

/// Uses up the maker's code; gives the id of a pairing that both have yet to confirm. Errors: unprocessable, conflict.
Result<std::string> propose(store::Session& session, const std::string& maker, std::string_view account, TimeMs now) {
  if (maker == account) return fail(Errc::unprocessable, "this is your own code: the other person enters it");
  VT_TRY(const auto makers, band_of_account(session, maker));
  VT_TRY(const auto own, band_of_account(session, account));
  if (makers == own)
    return fail(Errc::unprocessable, "a pairing is between somebody of 18 or over and somebody under 18");
  VT_CHECK(check_room(session, maker, makers));
  VT_CHECK(check_room(session, account, own));
  std::pair people{maker, std::string(account)};
  if (own == AgeBand::adult) std::swap(people.first, people.second);
  auto id = new_id(now);
  VT_TRY(const auto added,
         session.execute("INSERT INTO pairings (id, guardian_id, ward_id, guardian_confirmed, ward_confirmed, made_at) "
                         "VALUES ($1, $2, $3, 0, 0, $4) ON CONFLICT (guardian_id, ward_id) DO NOTHING",
                         {id, people.first, people.second, now}));
  if (added == 0) return fail(Errc::conflict, "you two are paired already, or about to be");
  VT_CHECK(session.execute("DELETE FROM pairing_codes WHERE account_id = $1", {maker}));
  return id;
}

/// Both have confirmed: from now on the guardian has a say.
Result<void> begin(store::Session& session, Pairing& pairing, std::string_view by, TimeMs now) {
  pairing.since = now;
  // What the last guardian left behind when their account went.
  VT_CHECK(forget_without_guardian(session, pairing.ward.id));
  VT_CHECK(session.execute("UPDATE pairings SET since = $2 WHERE id = $1", {pairing.id, now}));
  VT_TRY(const auto controls, controls_in_force(session, pairing.ward.id));
  VT_CHECK(put_controls(session, pairing.ward.id, controls.value_or(Controls{})));
  return note(session, pairing.ward.id, by, {"paired", "", pairing.guardian.handle}, now);
}

}  // namespace

std::string_view name(FamilyRole role) {
  switch (role) {
    case FamilyRole::none: return "none";
    case FamilyRole::guardian: return "guardian";
    case FamilyRole::ward: return "ward";
  }
  return "none";
}

Result<Controls> checked_controls(Controls controls) {
  VT_CHECK(check_limits(controls.limits));
  if (controls.left_out.size() > left_out_topics_max)
    return fail(Errc::invalid_argument, "at most {} topics are left out", left_out_topics_max);
  VT_TRY(controls.left_out, checked_topics(controls.left_out));
  return controls;
}

std::string sql_controls_of(std::string_view controls, std::string_view account) {
  return fmt::format(
      "{0}.ward_id = {1}.id AND {1}.age_band = 'minor' AND EXISTS (SELECT 1 FROM pairings WHERE "
      "pairings.ward_id = {1}.id AND pairings.since IS NOT NULL)",
      controls, account);
}

Result<std::unique_ptr<Families>> Families::open(store::Database& database, const Clock& clock) {
  VT_CHECK(migrate_social(database));
  return std::unique_ptr<Families>(new Families(database, clock));
}

Result<Families::Code> Families::make_code(std::string_view account) {
  const TimeMs now = clock_.now();
  const Code code{random_code(), now + pairing_code_lifetime_ms};
  VT_CHECK(database_.transaction(store::Access::write, [&](store::Session& session) -> Result<void> {
    VT_CHECK(forget_unconfirmed(session, now));
    VT_TRY(const auto band, band_of_account(session, account));
    VT_CHECK(check_room(session, account, band));
    VT_CHECK(session.execute(
        "INSERT INTO pairing_codes (account_id, code_hash, expires_at) VALUES ($1, $2, $3) ON CONFLICT (account_id) "
        "DO UPDATE SET code_hash = excluded.code_hash, expires_at = excluded.expires_at",
        {std::string(account), hash_of(code.text), code.expires_at}));
    return {};
  }));
  return code;
}

Result<Pairing> Families::enter_code(std::string_view account, std::string_view text) {
  const TimeMs now = clock_.now();
  if (const auto wait_ms = tries_.wait_ms(account, now))
    return fail(Errc::too_many_requests, "too many wrong codes: try again in {} minutes", wait_ms / 60'000 + 1);
  std::optional<std::string> maker;
  Pairing made;
  VT_CHECK(database_.transaction(store::Access::write, [&](store::Session& session) -> Result<void> {
    VT_CHECK(forget_unconfirmed(session, now));
    VT_TRY(maker, maker_of(session, text));
    if (!maker) return {};
    VT_TRY(const auto id, propose(session, *maker, account, now));
    VT_TRY(made, find(session, account, id, now));
    return {};
  }));
  if (!maker) {
    tries_.failed(account, now);
    return fail(Errc::unprocessable, "there is no such code, or it has expired: ask for a new one");
  }
  tries_.succeeded(account);
  return made;
}

Result<Pairing> Families::confirm(std::string_view account, std::string_view id) {
  Pairing pairing;
  const TimeMs now = clock_.now();
  VT_CHECK(database_.transaction(store::Access::write, [&](store::Session& session) -> Result<void> {
    VT_TRY(pairing, find(session, account, id, now));
    if (pairing.since) return {};
    const bool guards = pairing.guardian.id == account;
    (guards ? pairing.guardian_confirmed : pairing.ward_confirmed) = true;
    VT_CHECK(session.execute(
        fmt::format("UPDATE pairings SET {} = 1 WHERE id = $1", guards ? "guardian_confirmed" : "ward_confirmed"),
        {pairing.id}));
    if (!pairing.guardian_confirmed || !pairing.ward_confirmed) return {};
    return begin(session, pairing, account, now);
  }));
  return pairing;
}

Result<Pairing> Families::end(std::string_view account, std::string_view id) {
  Pairing pairing;
  const TimeMs now = clock_.now();
  VT_CHECK(database_.transaction(store::Access::write, [&](store::Session& session) -> Result<void> {
    VT_TRY(pairing, find(session, account, id, now));
    VT_CHECK(session.execute("DELETE FROM pairings WHERE id = $1", {pairing.id}));
    if (!pairing.since) return {};
    VT_CHECK(note(session, pairing.ward.id, account, {"ended", pairing.guardian.handle, ""}, now));
    return forget_without_guardian(session, pairing.ward.id);
  }));
  return pairing;
}

Result<std::vector<Pairing>> Families::of_account(std::string_view account) const {
  VT_TRY(const auto rows, database_.query(fmt::format("{} WHERE (g.id = $1 OR w.id = $1) AND {} ORDER BY p.id",
                                                      pairing_sql, sql_lives("$2")),
                                          {std::string(account), clock_.now() - pairing_confirmation_ms}));
  std::vector<Pairing> pairings;
  for (const auto& row : rows) pairings.push_back(pairing_of(row));
  return pairings;
}

Result<Controls> Families::controls(std::string_view account, std::string_view ward) const {
  Controls controls;
  VT_CHECK(database_.transaction(store::Access::read, [&](store::Session& session) -> Result<void> {
    VT_TRY(controls, controls_seen_by(session, account, ward));
    return {};
  }));
  return controls;
}

Result<std::size_t> Families::set_controls(std::string_view guardian, std::string_view ward, const Controls& wanted) {
  VT_TRY(const auto checked, checked_controls(wanted));
  std::size_t changed = 0;
  VT_CHECK(database_.transaction(store::Access::write, [&](store::Session& session) -> Result<void> {
    VT_TRY(const bool guards, is_guardian(session, guardian, ward));
    if (!guards) return fail(Errc::forbidden, "only a guardian of theirs sets this");
    VT_TRY(const auto before, controls_seen_by(session, guardian, ward));
    const auto changes = changes_between(before, checked);
    changed = changes.size();
    for (const auto& change : changes) VT_CHECK(note(session, ward, guardian, change, clock_.now()));
    return put_controls(session, ward, checked);
  }));
  return changed;
}

Result<std::vector<FamilyChange>> Families::history(std::string_view account, std::string_view ward) const {
  std::vector<FamilyChange> changes;
  VT_CHECK(database_.transaction(store::Access::read, [&](store::Session& session) -> Result<void> {
    VT_CHECK(controls_seen_by(session, account, ward));
    VT_TRY(const auto rows,
           session.query("SELECT c.at, a.id, a.handle, a.display_name, c.what, c.was, c.became FROM family_changes c "
                         "LEFT JOIN accounts a ON a.id = c.by_id WHERE c.ward_id = $1 ORDER BY c.at DESC, c.id DESC",
                         {std::string(ward)}));
    for (const auto& row : rows) {
      FamilyChange change{.at = row.integer(0), .what = row.text(4), .before = row.text(5), .after = row.text(6)};
      if (!row.is_null(1)) change.by = Person{row.text(1), row.text(2), row.text(3)};
      changes.push_back(std::move(change));
    }
    return {};
  }));
  return changes;
}

Result<std::vector<std::string>> Families::come_of_age(std::string_view ward) {
  std::vector<std::string> guardians;
  VT_CHECK(database_.transaction(store::Access::write, [&](store::Session& session) -> Result<void> {
    const store::Params who{std::string(ward)};
    VT_TRY(const auto rows,
           session.query("SELECT guardian_id FROM pairings WHERE ward_id = $1 AND since IS NOT NULL", who));
    guardians.clear();
    for (const auto& row : rows) guardians.push_back(row.text(0));
    VT_CHECK(session.execute("DELETE FROM pairings WHERE ward_id = $1", who));
    return forget_without_guardian(session, ward);
  }));
  return guardians;
}

Result<WardRules> Families::rules_for(std::string_view account) const {
  WardRules rules;
  if (account.empty()) return rules;
  VT_TRY(const auto rows,
         database_.query(fmt::format("SELECT a.age_band, l.hide_sensitive, c.ward_id, c.sensitive_locked, c.search, "
                                     "c.left_out FROM accounts a LEFT JOIN watch_limits l ON l.account_id = a.id "
                                     "LEFT JOIN ward_controls c ON {} WHERE a.id = $1",
                                     sql_controls_of("c", "a")),
                         {std::string(account)}));
  if (rows.empty()) return rules;
  const auto& row = rows[0];
  const bool is_minor = age_band_of(row.text(0)) == AgeBand::minor, guarded = !row.is_null(2);
  const bool locked = is_minor && (!guarded || row.integer(3) != 0);
  rules.hides_sensitive = locked || (row.is_null(1) ? is_minor : row.integer(1) != 0);
  if (guarded) {
    rules.search = row.integer(4) != 0;
    rules.left_out = split_tags(row.text(5));
  }
  return rules;
}

namespace {

/// Those that searches do not find, by this column of theirs.
Result<std::set<std::string>> not_findable_by(store::Database& database, std::string_view column,
                                              std::span<const std::string> values) {
  std::set<std::string> hidden;
  if (values.empty()) return hidden;
  VT_TRY(const auto rows,
         database.query(fmt::format("SELECT a.{0} FROM ward_controls c JOIN accounts a ON {1} WHERE c.findable = 0 "
                                    "AND a.{0} IN ({2})",
                                    column, sql_controls_of("c", "a"), placeholders(1, values.size())),
                        store::Params(values.begin(), values.end())));
  for (const auto& row : rows) hidden.insert(row.text(0));
  return hidden;
}

}  // namespace

Result<std::set<std::string>> Families::not_findable(std::span<const std::string> accounts) const {
  return not_findable_by(database_, "id", accounts);
}

Result<std::set<std::string>> Families::not_findable_handles(std::span<const std::string> handles) const {
  return not_findable_by(database_, "handle", handles);
}

}  // namespace vitrine::social
