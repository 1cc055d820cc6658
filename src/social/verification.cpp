#include "social/verification.hpp"

#include "base/confusable.hpp"
#include "base/crypto.hpp"
#include "base/id.hpp"
#include "base/json.hpp"
#include "base/log.hpp"
#include "base/unicode.hpp"
#include "social/accounts.hpp"
#include "social/domain_proof.hpp"
#include "social/schema.hpp"
#include "social/sql.hpp"
#include "social/videos.hpp"

namespace vitrine::social {
namespace {

constexpr std::size_t token_random_bytes = 16;
constexpr std::int64_t accounts_compared_at_once = 1'000;

// A badge stands for the display name that was looked at. Of a request that is decided, links and text are emptied.
constexpr std::array<store::Migration, 1> migrations{{{1, R"(
CREATE TABLE verification_requests (
  id TEXT PRIMARY KEY, account_id TEXT NOT NULL REFERENCES accounts(id) ON DELETE CASCADE,
  kind TEXT NOT NULL, name TEXT NOT NULL, links TEXT NOT NULL, text TEXT NOT NULL, renamed BIGINT NOT NULL,
  state TEXT NOT NULL, reason TEXT NOT NULL DEFAULT '', created_at BIGINT NOT NULL,
  decided_at BIGINT NOT NULL DEFAULT 0, decided_by TEXT REFERENCES accounts(id) ON DELETE SET NULL);
CREATE UNIQUE INDEX verification_requests_open ON verification_requests(account_id) WHERE state = 'open';
CREATE INDEX verification_requests_of_account ON verification_requests(account_id, id);
CREATE INDEX verification_queue ON verification_requests(id) WHERE state = 'open';
CREATE INDEX verification_requests_by ON verification_requests(decided_by);
CREATE TABLE verification_badges (
  account_id TEXT PRIMARY KEY REFERENCES accounts(id) ON DELETE CASCADE,
  kind TEXT NOT NULL, display_name TEXT NOT NULL, since BIGINT NOT NULL);
CREATE TABLE verification_domains (
  account_id TEXT PRIMARY KEY REFERENCES accounts(id) ON DELETE CASCADE,
  domain TEXT NOT NULL, token TEXT NOT NULL, profile TEXT NOT NULL, state TEXT NOT NULL, problem TEXT NOT NULL,
  proven_at BIGINT NOT NULL, checked_at BIGINT NOT NULL, next_check_at BIGINT NOT NULL, failures BIGINT NOT NULL);
CREATE INDEX verification_domains_due ON verification_domains(next_check_at) WHERE state = 'proven';
CREATE TABLE impersonation_reports (
  report_id TEXT PRIMARY KEY REFERENCES moderation_reports(id) ON DELETE CASCADE,
  account_id TEXT NOT NULL REFERENCES accounts(id) ON DELETE CASCADE);
CREATE INDEX impersonation_reports_of_account ON impersonation_reports(account_id);
)"}}};

constexpr std::string_view request_columns =
    "r.id, r.account_id, r.kind, r.name, r.links, r.text, r.renamed, r.state, r.reason, r.created_at, r.decided_at";
constexpr std::string_view domain_columns = "domain, token, profile, state, proven_at, checked_at, problem";

VerifiedKind kind_of(std::string_view text) {
  return text == name(VerifiedKind::organisation) ? VerifiedKind::organisation : VerifiedKind::person;
}

VerificationState state_of(std::string_view text) {
  for (const auto state : {VerificationState::granted, VerificationState::refused, VerificationState::withdrawn})
    if (name(state) == text) return state;
  return VerificationState::open;
}

DomainState domain_state_of(std::string_view text) {
  for (const auto state : {DomainState::proven, DomainState::lost})
    if (name(state) == text) return state;
  return DomainState::waiting;
}

/// Links hold no white space.
std::string joined(const std::vector<std::string>& links) { return fmt::format("{}", fmt::join(links, " ")); }

std::vector<std::string> split_links(std::string_view text) {
  std::vector<std::string> links;
  while (!text.empty()) {
    const auto end = std::min(text.find(' '), text.size());
    links.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return links;
}

VerificationRequest request_in(const store::Row& row) {
  VerificationRequest request;
  request.id = row.text(0);
  request.account_id = row.text(1);
  request.kind = kind_of(row.text(2));
  request.name = row.text(3);
  request.links = split_links(row.text(4));
  request.text = row.text(5);
  request.renamed = row.integer(6) != 0;
  request.state = state_of(row.text(7));
  request.reason = row.text(8);
  request.created_at = row.integer(9);
  request.decided_at = row.integer(10);
  return request;
}

DomainLink domain_in(const store::Row& row) {
  return {.domain = row.text(0),
          .token = row.text(1),
          .profile = row.text(2),
          .state = domain_state_of(row.text(3)),
          .proven_at = row.integer(4),
          .checked_at = row.integer(5),
          .problem = row.text(6)};
}

Result<std::optional<VerificationRequest>> last_request(store::Session& session, std::string_view account) {
  VT_TRY(const auto rows, session.query(fmt::format("SELECT {} FROM verification_requests r WHERE r.account_id = $1 "
                                                    "ORDER BY r.id DESC LIMIT 1",
                                                    request_columns),
                                        {std::string(account)}));
  if (rows.empty()) return std::nullopt;
  return request_in(rows[0]);
}

Result<std::optional<DomainLink>> domain_of(store::Session& session, std::string_view account) {
  VT_TRY(const auto rows,
         session.query(fmt::format("SELECT {} FROM verification_domains WHERE account_id = $1", domain_columns),
                       {std::string(account)}));
  if (rows.empty()) return std::nullopt;
  return domain_in(rows[0]);
}

struct KeptBadge {
  VerifiedKind kind;
  std::string display_name, current_name;
};

Result<std::optional<KeptBadge>> kept_badge(store::Session& session, std::string_view account) {
  VT_TRY(const auto rows, session.query("SELECT b.kind, b.display_name, a.display_name FROM verification_badges b "
                                        "JOIN accounts a ON a.id = b.account_id WHERE b.account_id = $1",
                                        {std::string(account)}));
  if (rows.empty()) return std::nullopt;
  return KeptBadge{kind_of(rows[0].text(0)), rows[0].text(1), rows[0].text(2)};
}

Result<std::string> checked_link(const std::string& text) {
  VT_TRY(auto link, checked_text(text, verification_link_characters_max, "a link"));
  if (!link.starts_with("https://") || link.find('.') == link.npos || has_space_or_control(link))
    return fail(Errc::invalid_argument, "a link begins with https:// and has no spaces");
  return link;
}

Result<std::string> checked_reason(std::string_view text) {
  VT_TRY(auto reason, checked_text(text, verification_reason_characters_max, "the reason"));
  if (reason.empty()) return fail(Errc::invalid_argument, "the reason is missing");
  return reason;
}

Result<NewVerification> checked(const NewVerification& given) {
  NewVerification out{.kind = given.kind};
  VT_TRY(out.name, checked_text(given.name, verification_name_characters_max, "the name"));
  if (out.name.empty()) return fail(Errc::invalid_argument, "the name is missing");
  VT_TRY(out.text, checked_text(given.text, verification_text_characters_max, "the text"));
  if (given.links.size() > verification_links_max)
    return fail(Errc::invalid_argument, "at most {} links", verification_links_max);
  for (const auto& link : given.links) {
    VT_TRY(out.links.emplace_back(), checked_link(link));
  }
  return out;
}

Result<void> insert_request(store::Session& session, std::string_view account, const NewVerification& request,
                            bool renamed, TimeMs now) {
  VT_CHECK(session.execute(
      "INSERT INTO verification_requests (id, account_id, kind, name, links, text, renamed, state, created_at) "
      "VALUES ($1, $2, $3, $4, $5, $6, $7, 'open', $8)",
      {new_id(now), std::string(account), std::string(name(request.kind)), request.name, joined(request.links),
       request.text, std::int64_t{renamed}, now}));
  return {};
}

Result<void> close_requests(store::Session& session, std::string_view account, VerificationState state) {
  VT_CHECK(
      session.execute("UPDATE verification_requests SET state = $2, links = '', text = '' "
                      "WHERE account_id = $1 AND state = 'open'",
                      {std::string(account), std::string(name(state))}));
  return {};
}

Result<void> drop_badge(store::Session& session, std::string_view account) {
  VT_CHECK(session.execute("DELETE FROM verification_badges WHERE account_id = $1", {std::string(account)}));
  return {};
}

std::vector<std::string> skeletons_of(const Person& person) {
  std::vector<std::string> out;
  for (const auto& text : {person.handle, person.display_name}) {
    auto skeleton = confusable_skeleton(text);
    const auto points = decode_utf8(skeleton);
    if (!points || points->size() < lookalike_characters_min) continue;
    if (std::ranges::find(out, skeleton) == out.end()) out.push_back(std::move(skeleton));
  }
  return out;
}

Person person_in(const store::Row& row, std::size_t first) {
  return {row.text(first), row.text(first + 1), row.text(first + 2)};
}

}  // namespace

std::string_view name(VerifiedKind kind) { return kind == VerifiedKind::person ? "person" : "organisation"; }

std::string_view name(VerificationState state) {
  switch (state) {
    case VerificationState::open: return "open";
    case VerificationState::granted: return "granted";
    case VerificationState::refused: return "refused";
    case VerificationState::withdrawn: return "withdrawn";
  }
  return "open";
}

std::string_view name(DomainState state) {
  switch (state) {
    case DomainState::waiting: return "waiting";
    case DomainState::proven: return "proven";
    case DomainState::lost: return "lost";
  }
  return "waiting";
}

Result<std::unique_ptr<Verification>> Verification::open(store::Database& database, const Clock& clock,
                                                         VerificationPorts ports) {
  VT_CHECK(migrate_social(database));
  VT_CHECK(store::migrate(database, "verification", migrations));
  auto made = std::unique_ptr<Verification>(new Verification(database, clock, std::move(ports)));
  VT_CHECK(made->learn("1 = 1", {}));
  return made;
}

// --- for everybody ---------------------------------------------------------------------------------------------------

Result<void> Verification::learn(std::string_view condition, const store::Params& params) {
  VT_TRY(const auto rows,
         database_.query(fmt::format("SELECT a.id, a.handle, a.display_name, b.kind, b.display_name, b.since, "
                                     "d.domain, d.proven_at FROM accounts a "
                                     "LEFT JOIN verification_badges b ON b.account_id = a.id "
                                     "LEFT JOIN verification_domains d ON d.account_id = a.id AND d.state = 'proven' "
                                     "WHERE (b.account_id IS NOT NULL OR d.account_id IS NOT NULL) AND {}",
                                     condition),
                         params));
  const std::unique_lock lock(mutex_);
  for (const auto& row : rows) {
    Known known{.person = person_in(row, 0)};
    if (!row.is_null(3)) {
      known.kind = kind_of(row.text(3));
      known.verified_name = row.text(4);
      known.since = row.integer(5);
    }
    if (!row.is_null(6)) {
      known.domain = row.text(6);
      known.proven_at = row.integer(7);
    }
    auto names = known.person;
    if (known.kind) names.display_name = known.verified_name;
    for (auto& skeleton : skeletons_of(names)) skeletons_.emplace(std::move(skeleton), names.id);
    known_[names.id] = std::move(known);
  }
  return {};
}

Result<void> Verification::refresh(std::string_view account) {
  {
    const std::unique_lock lock(mutex_);
    if (const auto found = known_.find(account); found != known_.end()) known_.erase(found);
    std::erase_if(skeletons_, [&](const auto& one) { return one.second == account; });
  }
  return learn("a.id = $1", {std::string(account)});
}

std::optional<Badge> Verification::badge_in(const Known& known, std::string_view display_name) {
  const bool named = known.kind && known.verified_name == display_name;
  if (!named && !known.domain) return std::nullopt;
  return Badge{.kind = named ? known.kind : std::nullopt,
               .domain = known.domain,
               .since = named ? known.since : known.proven_at};
}

std::optional<Badge> Verification::badge_of(std::string_view account_id, std::string_view display_name) const {
  const std::shared_lock lock(mutex_);
  const auto found = known_.find(account_id);
  return found == known_.end() ? std::nullopt : badge_in(found->second, display_name);
}

std::optional<Person> Verification::lookalike_of(const Person& person) const {
  const auto skeletons = skeletons_of(person);
  const std::shared_lock lock(mutex_);
  if (known_.contains(person.id)) return std::nullopt;
  for (const auto& skeleton : skeletons)
    if (const auto found = skeletons_.find(skeleton); found != skeletons_.end())
      return known_.find(found->second)->second.person;
  return std::nullopt;
}

Result<void> Verification::find_lookalikes(std::string_view verified,
                                           const std::function<void(const Person&)>& found) const {
  for (std::string after;;) {
    VT_TRY(const auto rows,
           database_.query("SELECT id, handle, display_name FROM accounts WHERE id > $1 ORDER BY id LIMIT $2",
                           {after, accounts_compared_at_once}));
    if (rows.empty()) return {};
    for (const auto& row : rows) {
      const auto person = person_in(row, 0);
      if (const auto original = lookalike_of(person); original && original->id == verified) found(person);
    }
    after = rows.back().text(0);
  }
}

// --- the person ------------------------------------------------------------------------------------------------------

Result<VerificationStatus> Verification::status(std::string_view account) const {
  VerificationStatus status;
  VT_CHECK(database_.transaction(store::Access::read, [&](store::Session& session) -> Result<void> {
    VT_TRY(status.request, last_request(session, account));
    VT_TRY(status.domain, domain_of(session, account));
    VT_TRY(const auto kept, kept_badge(session, account));
    status.paused = kept && kept->display_name != kept->current_name;
    return {};
  }));
  const std::shared_lock lock(mutex_);
  if (const auto found = known_.find(account); found != known_.end())
    status.badge = badge_in(found->second, status.paused ? "" : found->second.verified_name);
  return status;
}

Result<VerificationStatus> Verification::ask(std::string_view account, const NewVerification& given) {
  VT_TRY(const auto request, checked(given));
  const TimeMs now = clock_.now();
  VT_CHECK(database_.transaction(store::Access::write, [&](store::Session& session) -> Result<void> {
    VT_TRY(const auto last, last_request(session, account));
    if (last && last->state == VerificationState::open)
      return fail(Errc::conflict, "what you asked before has not been decided yet");
    if (last && last->state == VerificationState::refused && last->decided_at + verification_again_ms > now)
      return fail(Errc::too_many_requests, "after a refusal you can ask again in a week");
    VT_TRY(const auto kept, kept_badge(session, account));
    if (kept && kept->kind == request.kind && kept->display_name == kept->current_name)
      return fail(Errc::conflict, "you are verified already");
    return insert_request(session, account, request, false, now);
  }));
  return status(account);
}

Result<void> Verification::give_up(std::string_view account) {
  VT_CHECK(database_.transaction(store::Access::write, [&](store::Session& session) -> Result<void> {
    VT_CHECK(close_requests(session, account, VerificationState::withdrawn));
    return drop_badge(session, account);
  }));
  return refresh(account);
}

Result<void> Verification::renamed(std::string_view account) {
  VT_CHECK(database_.transaction(store::Access::write, [&](store::Session& session) -> Result<void> {
    VT_TRY(const auto kept, kept_badge(session, account));
    if (!kept) return {};
    VT_TRY(const auto last, last_request(session, account));
    const bool waits = last && last->state == VerificationState::open;
    const bool same = kept->display_name == kept->current_name;
    if (same && waits && last->renamed) return close_requests(session, account, VerificationState::withdrawn);
    if (same || waits) return {};
    return insert_request(session, account, {.kind = kept->kind, .name = kept->current_name}, true, clock_.now());
  }));
  return refresh(account);
}

Result<DomainLink> Verification::link_domain(std::string_view account, std::string_view domain,
                                             std::string_view profile) {
  DomainLink link{.profile = std::string(profile)};
  VT_TRY(link.domain, checked_domain(domain));
  link.token = fmt::format("vitrine-verification={}", crypto::random_token(token_random_bytes));
  VT_CHECK(database_.execute(
      "INSERT INTO verification_domains (account_id, domain, token, profile, state, problem, proven_at, checked_at, "
      "next_check_at, failures) VALUES ($1, $2, $3, $4, 'waiting', '', 0, 0, 0, 0) ON CONFLICT (account_id) DO UPDATE "
      "SET domain = excluded.domain, token = excluded.token, profile = excluded.profile, state = 'waiting', "
      "problem = '', proven_at = 0, next_check_at = 0, failures = 0",
      {std::string(account), link.domain, link.token, link.profile}));
  VT_CHECK(refresh(account));
  return link;
}

/// The file first; the page only where there is no good one.
Result<void> Verification::fetch_proof(const DomainLink& link) const {
  const auto file = ports_.fetch(link.domain, proof_path);
  if (file && file_proves(*file, link.token)) return {};
  if (!file && file.error().code != Errc::not_found) return std::unexpected(file.error());
  const auto page = ports_.fetch(link.domain, "/");
  if (page && page_proves(*page, link.profile)) return {};
  return fail(Errc::not_found, "neither the file with the token nor a link with rel=\"me\" to {} is there",
              link.profile);
}

Result<DomainLink> Verification::look_at(DomainLink link, std::string_view account) {
  const auto proof = fetch_proof(link);
  const TimeMs now = clock_.now();
  link.problem = proof ? "" : proof.error().message;
  link.checked_at = now;
  VT_CHECK(database_.transaction(store::Access::write, [&](store::Session& session) -> Result<void> {
    // The token tells whether it is still the same link.
    VT_TRY(const auto rows,
           session.query("SELECT failures, state, proven_at FROM verification_domains WHERE account_id = $1 AND "
                         "token = $2",
                         {std::string(account), link.token}));
    if (rows.empty()) return fail(Errc::not_found, "no domain is linked");
    const auto failures = proof ? 0 : rows[0].integer(0) + 1;
    link.state = domain_state_of(rows[0].text(1));
    link.proven_at = rows[0].integer(2);
    if (proof && link.state != DomainState::proven) link.proven_at = now;
    if (proof)
      link.state = DomainState::proven;
    else if (link.state == DomainState::proven && failures >= domain_failures_max)
      link.state = DomainState::lost;
    VT_CHECK(
        session.execute("UPDATE verification_domains SET state = $2, problem = $3, proven_at = $4, "
                        "checked_at = $5, next_check_at = $6, failures = $7 WHERE account_id = $1",
                        {std::string(account), std::string(name(link.state)), link.problem, link.proven_at, now,
                         now + (proof ? domain_again_ms : domain_retry_ms), failures}));
    return {};
  }));
  VT_CHECK(refresh(account));
  return link;
}

Result<DomainLink> Verification::check_domain(std::string_view account) {
  if (!checks_.try_acquire())
    return fail(Errc::unavailable, "other domains are being looked at: try again in a minute");
  const std::unique_ptr<decltype(checks_), void (*)(decltype(checks_)*)> held(&checks_,
                                                                              [](auto* one) { one->release(); });
  std::optional<DomainLink> link;
  // The time is noted before anything is fetched: a flood of checks is a single one.
  VT_CHECK(database_.transaction(store::Access::write, [&](store::Session& session) -> Result<void> {
    VT_TRY(link, domain_of(session, account));
    if (!link) return fail(Errc::not_found, "no domain is linked");
    if (link->checked_at + domain_check_pause_ms > clock_.now())
      return fail(Errc::too_many_requests, "wait {} seconds between two checks", domain_check_pause_ms / 1000);
    VT_CHECK(session.execute("UPDATE verification_domains SET checked_at = $2 WHERE account_id = $1",
                             {std::string(account), clock_.now()}));
    return {};
  }));
  return look_at(std::move(*link), account);
}

Result<void> Verification::unlink_domain(std::string_view account) {
  VT_CHECK(database_.execute("DELETE FROM verification_domains WHERE account_id = $1", {std::string(account)}));
  return refresh(account);
}

// --- moderators ------------------------------------------------------------------------------------------------------

Result<std::vector<QueuedVerification>> Verification::queue(std::string_view moderator) const {
  VT_TRY(const auto rows,
         database_.query(fmt::format("SELECT {}, a.handle, a.display_name, a.bio, d.domain, b.display_name "
                                     "FROM verification_requests r JOIN accounts a ON a.id = r.account_id "
                                     "LEFT JOIN verification_domains d ON d.account_id = a.id AND d.state = 'proven' "
                                     "LEFT JOIN verification_badges b ON b.account_id = a.id "
                                     "WHERE r.state = 'open' ORDER BY r.id LIMIT {}",
                                     request_columns, verification_queue_listed_max)));
  std::vector<QueuedVerification> queue;
  for (const auto& row : rows) {
    QueuedVerification one{.request = request_in(row), .bio = row.text(13), .verified_name = row.text_or_empty(15)};
    one.person = {one.request.account_id, row.text(11), row.text(12)};
    if (!row.is_null(14)) one.domain = row.text(14);
    one.may_decide = one.request.account_id != moderator;
    queue.push_back(std::move(one));
  }
  return queue;
}

Result<std::string> Verification::decide(std::string_view moderator, std::string_view id, bool grant,
                                         std::string_view display_name, std::string_view reason_text) {
  VT_TRY(const auto reason, checked_reason(reason_text));
  const TimeMs now = clock_.now();
  std::string account;
  VT_CHECK(database_.transaction(store::Access::write, [&](store::Session& session) -> Result<void> {
    VT_TRY(const auto rows,
           session.query("SELECT r.account_id, r.kind, a.display_name, r.renamed FROM verification_requests r "
                         "JOIN accounts a ON a.id = r.account_id WHERE r.id = $1 AND r.state = 'open'",
                         {std::string(id)}));
    if (rows.empty()) return fail(Errc::not_found, "there is no such open request");
    account = rows[0].text(0);
    if (account == moderator) return fail(Errc::forbidden, "this is your own: it is for another moderator");
    if (rows[0].text(2) != display_name)
      return fail(Errc::conflict, "the account has changed its name: look at it again");
    const auto state = grant ? VerificationState::granted : VerificationState::refused;
    VT_CHECK(
        session.execute("UPDATE verification_requests SET state = $2, reason = $3, decided_at = $4, "
                        "decided_by = $5, links = '', text = '' WHERE id = $1",
                        {std::string(id), std::string(name(state)), reason, now, std::string(moderator)}));
    if (!grant && rows[0].integer(3) != 0) return drop_badge(session, account);
    if (!grant) return {};
    VT_CHECK(
        session.execute("INSERT INTO verification_badges (account_id, kind, display_name, since) "
                        "VALUES ($1, $2, $3, $4) ON CONFLICT (account_id) DO UPDATE SET kind = excluded.kind, "
                        "display_name = excluded.display_name, since = excluded.since",
                        {account, rows[0].text(1), rows[0].text(2), now}));
    return {};
  }));
  VT_CHECK(refresh(account));
  ports_.tell(account);
  return account;
}

Result<std::vector<VerifiedPerson>> Verification::verified() const {
  const std::shared_lock lock(mutex_);
  std::vector<VerifiedPerson> out;
  for (const auto& [id, known] : known_) {
    if (!known.kind) continue;
    out.push_back(
        {known.person, *badge_in(known, known.verified_name), known.person.display_name != known.verified_name});
  }
  std::ranges::sort(out, std::greater(), [](const VerifiedPerson& one) { return one.badge.since; });
  if (out.size() > verified_listed_max) out.resize(verified_listed_max);
  return out;
}

Result<void> Verification::revoke(std::string_view account, std::string_view reason_text) {
  VT_TRY(const auto reason, checked_reason(reason_text));
  const TimeMs now = clock_.now();
  VT_CHECK(database_.transaction(store::Access::write, [&](store::Session& session) -> Result<void> {
    VT_TRY(const auto kept, kept_badge(session, account));
    if (!kept) return fail(Errc::not_found, "this account is not verified");
    VT_CHECK(close_requests(session, account, VerificationState::withdrawn));
    VT_CHECK(insert_request(session, account, {.kind = kept->kind, .name = kept->display_name}, false, now));
    VT_CHECK(
        session.execute("UPDATE verification_requests SET state = 'refused', reason = $2, decided_at = $3 "
                        "WHERE account_id = $1 AND state = 'open'",
                        {std::string(account), reason, now}));
    return drop_badge(session, account);
  }));
  VT_CHECK(refresh(account));
  ports_.tell(std::string(account));
  return {};
}

// --- reports of impersonation ----------------------------------------------------------------------------------------

Result<void> Verification::name_impersonated(store::Session& session, std::string_view report, std::string_view about,
                                             const Account& impersonated) const {
  VT_CHECK(session.execute("INSERT INTO impersonation_reports (report_id, account_id) VALUES ($1, $2)",
                           {std::string(report), impersonated.id}));
  if (!badge_of(impersonated.id, impersonated.display_name)) return {};
  VT_CHECK(session.execute("UPDATE moderation_cases SET severity = $2 WHERE id = $1 AND severity < $2",
                           {std::string(about), std::int64_t{impersonation_of_verified_severity}}));
  return {};
}

Result<std::map<std::string, Person>> Verification::impersonated(std::span<const std::string> reports) const {
  std::map<std::string, Person> out;
  if (reports.empty()) return out;
  VT_TRY(const auto rows,
         database_.query(fmt::format("SELECT i.report_id, a.id, a.handle, a.display_name FROM impersonation_reports i "
                                     "JOIN accounts a ON a.id = i.account_id WHERE i.report_id IN ({})",
                                     placeholders(1, reports.size())),
                         store::Params(reports.begin(), reports.end())));
  for (const auto& row : rows) out.emplace(row.text(0), person_in(row, 1));
  return out;
}

Result<void> Verification::keep_up() {
  VT_TRY(const auto rows,
         database_.query(fmt::format("SELECT {}, account_id FROM verification_domains WHERE state = 'proven' AND "
                                     "next_check_at <= $1 ORDER BY next_check_at LIMIT $2",
                                     domain_columns),
                         {clock_.now(), domains_checked_at_once_max}));
  for (const auto& row : rows) {
    const auto account = row.text(7);
    const auto link = look_at(domain_in(row), account);
    if (!link)
      log::warning("verification.domain", {{"error", link.error().message}});
    else if (link->state == DomainState::lost)
      ports_.tell(account);
  }
  return {};
}

}  // namespace vitrine::social
