#include "custody/vault.hpp"

#include <mutex>

#include "base/id.hpp"

namespace vitrine::custody {
namespace {

constexpr std::size_t erased_per_entry_max = 1'000;  // 47 bytes each, of an entry's 65,535
constexpr std::size_t requests_max = 1'000;
constexpr std::int64_t retention_every_s = 86'400;
constexpr std::array<std::string_view, 2> mail_purposes = {"deliver-message", "account-recovery"};

crypto::Hash random_hash() {
  crypto::Hash out;
  crypto::random(out);
  return out;
}

std::string random_nonce() { return std::string(crypto::text_of(random_hash()).substr(0, nonce_bytes)); }

bool is_one_line(std::string_view text) {
  return std::ranges::none_of(text, [](unsigned char c) { return c < ' ' || c == 0x7f; });
}

}  // namespace

/// What became of an opening whose entry is in the log.
struct Vault::Attempt {
  std::string entry, nonce;
  std::shared_ptr<void> turn;  ///< held until the entry is marked as logged
  Result<std::vector<std::string>> fields;
};

/// Who is at work on what. A second one is turned away, not made to wait.
class Vault::Turns {
 public:
  [[nodiscard]] Result<std::shared_ptr<void>> take(std::string name) {
    const std::lock_guard lock(mutex_);
    if (!taken_.insert(name).second) return fail(Errc::unavailable, "somebody is at work on this just now: try again");
    return std::shared_ptr<void>(nullptr, [this, name = std::move(name)](void*) {
      const std::lock_guard end(mutex_);
      taken_.erase(name);
    });
  }

 private:
  std::mutex mutex_;
  std::set<std::string> taken_;
};

Vault::Vault(VaultStore store, VaultOptions options, const Clock& clock)
    : store_(std::move(store)),
      options_(std::move(options)),
      clock_(clock),
      service_key_(options_.service_seed),
      turns_(std::make_unique<Turns>()),
      collector_(options_.rules, options_.custodians) {}

Vault::~Vault() = default;

Result<std::unique_ptr<Vault>> Vault::open(store::Database& database, VaultOptions options, const Clock& clock) {
  VT_TRY(auto store, VaultStore::open(database));
  return std::unique_ptr<Vault>(new Vault(std::move(store), std::move(options), clock));
}

// ---------------------------------------------------------------------------------------------------------------
// Records

Result<void> Vault::put(const SealedRecord& record, const crypto::Hash& receipt_key, std::int64_t expires_s) {
  if (record.boxes.size() != options_.rules.custodians.size())
    return fail(Errc::invalid_argument, "the record is sealed to {} custodians; there are {}", record.boxes.size(),
                options_.rules.custodians.size());
  return store_.put({{.sealed = record,
                      .receipt_key = receipt_key,
                      .since_s = id_time(record.id) / 1000,
                      .expires_s = expires_s,
                      .replaces = {}}});
}

Result<std::vector<RecordInfo>> Vault::records_of(std::string_view subject) {
  return store_.records_of(subject, "", now_s());
}

/// Custodians refuse from the entry on, whatever copy of the records turns up.
Result<void> Vault::destroy(std::span<const std::string> ids, TimeMs now) {
  while (!ids.empty()) {
    const auto some = ids.first(std::min(ids.size(), erased_per_entry_max));
    VT_TRY(const auto index, options_.log.append(erasure_entry(some, bucket_of(now))));
    VT_CHECK(options_.log.prove(index));
    VT_CHECK(store_.remove(some));
    ids = ids.subspan(some.size());
  }
  return {};
}

Result<std::int64_t> Vault::erase(std::string_view subject, std::string_view data_class) {
  VT_TRY(const auto turn, turns_->take(fmt::format("subject {}", subject)));
  VT_TRY(const auto ids, store_.ids_of(subject, data_class));
  VT_CHECK(destroy(ids, clock_.now()));
  if (data_class.empty()) VT_CHECK(store_.forget_receipts(subject));
  return static_cast<std::int64_t>(ids.size());
}

/// The new records count from the moment they are kept, all of them, and the old ones no more.
Result<void> Vault::seal_anew(const std::vector<std::string>& ids, bool guarded, TimeMs& last_ms) {
  VT_TRY(auto fields, read("self", ids));
  std::vector<StoredRecord> out;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    VT_TRY(const auto old, store_.record(ids[i]));
    const Field field{.subject = old.sealed.subject,
                      .data_class = old.sealed.data_class,
                      .zone = old.sealed.zone,
                      .purposes = purposes_for(options_.rules, old.sealed.data_class),
                      .receipt_key = old.receipt_key,
                      .guarded = guarded || is_class_of_minors(old.sealed.data_class)};
    // A millisecond apart, so that ids keep their order: the newest record is the newest still.
    last_ms = std::max(last_ms + 1, clock_.now());
    VT_TRY(auto sealed, seal(options_.rules, field, fields[i], last_ms));
    crypto::wipe(fields[i]);
    out.push_back({.sealed = std::move(sealed),
                   .receipt_key = old.receipt_key,
                   .since_s = old.since_s,
                   .expires_s = old.expires_s,
                   .replaces = ids[i]});
  }
  return store_.put(out);
}

Result<void> Vault::set_guarded(std::string_view subject, bool guarded) {
  VT_TRY(const auto turn, turns_->take(fmt::format("subject {}", subject)));
  VT_TRY(const auto records, store_.records_of(subject, "", now_s()));
  std::map<std::pair<std::string, std::string>, std::vector<std::string>> by_class_and_zone;
  for (const auto& one : records) by_class_and_zone[{one.data_class, one.zone}].push_back(one.id);
  TimeMs last_ms = 0;
  for (const auto& [key, ids] : by_class_and_zone)
    for (auto at = ids.begin(); at != ids.end();) {
      const auto end = at + std::min<std::ptrdiff_t>(ids.end() - at, records_per_batch_max);
      VT_CHECK(seal_anew({at, end}, guarded, last_ms));
      at = end;
    }
  VT_TRY(const auto replaced, store_.replaced(subject));
  return destroy(replaced, clock_.now());
}

// ---------------------------------------------------------------------------------------------------------------
// Asking

/// The person concerned sees the attempt as they see an opening.
Result<void> Vault::refuse(const Member& reader, const StoredRecord& record, std::string_view purpose,
                           std::string_view reason) {
  VT_CHECK(options_.log.reach());
  const auto nonce = random_nonce();
  const auto tag = subject_tag(record.receipt_key, nonce);
  const json::object object{{"bucket_s", bucket_of(clock_.now())},
                            {"class", record.sealed.data_class},
                            {"data_zone", record.sealed.zone},
                            {"kind", "refusal"},
                            {"nonce", crypto::base64(crypto::bytes_of(nonce))},
                            {"purpose", purpose},
                            {"reader", reader.id},
                            {"reason", reason},
                            {"role", name(reader.role)},
                            {"tag", crypto::base64(crypto::bytes_of(tag))},
                            {"v", 1},
                            {"zone", reader.zone}};
  VT_TRY(const auto entry, canonical_json(object));
  VT_TRY(const auto turn, turns_->take(entry));
  VT_CHECK(store_.note({.text = entry, .at_s = now_s(), .subjects = {record.sealed.subject}, .tags = {}}));
  VT_CHECK(options_.log.append(entry));
  return store_.mark_logged(entry);
}

Result<Request> Vault::ask(const Member& reader, std::string_view subject, std::string_view data_class,
                           std::string_view purpose, std::string_view case_id) {
  VT_TRY(const auto records, store_.records_of(subject, data_class, now_s()));
  if (data_class.empty() || records.empty())
    return fail(Errc::not_found, "nothing of that class is kept of this subject");
  VT_TRY(const auto stored, store_.record(records.back().id));
  const auto rule = options_.rules.purposes.find(std::string(purpose));
  std::string_view why;
  if (rule == options_.rules.purposes.end())
    why = "no such purpose";
  else if (rule->second.service)
    why = "a purpose of machines";
  else if (!rule->second.classes.contains(std::string(data_class)))
    why = "not a purpose for this class of data";
  else if (reader.zone != stored.sealed.zone)
    why = "data of another zone";
  else if (case_id.empty())
    why = "no case";
  if (!why.empty()) {
    const bool known = rule != options_.rules.purposes.end();
    VT_CHECK(refuse(reader, stored, known ? purpose : "none", why));
    return fail(Errc::forbidden, "refused, and the refusal is in the log: {}", why);
  }
  const Request request{.id = new_id(clock_.now()),
                        .reader = reader.id,
                        .purpose = std::string(purpose),
                        .case_id = std::string(case_id),
                        .data_class = std::string(data_class),
                        .zone = stored.sealed.zone,
                        .records = {stored.sealed.id},
                        .created_s = now_s()};
  VT_CHECK(read_request(request.to_json()));
  VT_CHECK(store_.add({.state = {.request = request, .subject = std::string(subject), .approvals = {}, .reason = {}},
                       .reader = reader,
                       .approvals = {}}));
  return request;
}

Result<void> Vault::approve(std::string_view request, const Approval& approval) {
  return store_.approve(request, approval);
}

Result<std::vector<RequestState>> Vault::requests(std::string_view reader, std::size_t limit) {
  return store_.requests(reader, std::min(limit, requests_max));
}

Result<std::string> Vault::open_field(std::string_view id) {
  using Stage = RequestState::Stage;
  VT_TRY(const auto turn, turns_->take(fmt::format("request {}", id)));
  VT_TRY(auto asked, store_.request(id));
  if (asked.state.stage == Stage::opened)
    return fail(Errc::gone, "this request was opened before: a field is shown once");
  VT_TRY(const auto stored, store_.record(asked.state.request.records.front()));
  VT_TRY(auto attempted, attempt(asked.state.request, asked.reader, asked.approvals, {stored}));
  RequestState::Attempt came{.nonce = attempted.nonce, .stage = Stage::waiting, .reason = {}};
  if (attempted.fields) {
    came.stage = Stage::opened;
  } else if (is_refusal(attempted.fields.error().code)) {
    came.stage = Stage::refused;
    came.reason = attempted.fields.error().message;
  }
  if (came.stage != Stage::waiting) {
    asked.state.stage = came.stage;
    asked.state.reason = came.reason;
  }
  VT_CHECK(store_.mark_logged(attempted.entry, came, asked.state));
  VT_TRY(auto fields, std::move(attempted.fields));
  return std::move(fields.front());
}

// ---------------------------------------------------------------------------------------------------------------
// Machines

Result<std::vector<std::string>> Vault::read(std::string_view purpose, const std::vector<std::string>& records) {
  if (records.empty() || records.size() > records_per_batch_max)
    return fail(Errc::invalid_argument, "a batch has 1 to {} records", records_per_batch_max);
  std::vector<StoredRecord> stored;
  for (const auto& record : records) {
    VT_TRY(stored.emplace_back(), store_.record(record));
    if (stored.back().sealed.data_class != stored.front().sealed.data_class ||
        stored.back().sealed.zone != stored.front().sealed.zone)
      return fail(Errc::invalid_argument, "a batch is of one class and one zone");
  }
  const auto member = std::ranges::find(options_.rules.members, options_.service, &Member::id);
  if (member == options_.rules.members.end()) return fail(Errc::forbidden, "{} is not on the roster", options_.service);
  const Request request{.id = new_id(clock_.now()),
                        .reader = options_.service,
                        .purpose = std::string(purpose),
                        .case_id = "",
                        .data_class = stored.front().sealed.data_class,
                        .zone = stored.front().sealed.zone,
                        .records = records,
                        .created_s = now_s()};
  const Approval own{.by = options_.service,
                     .authenticator_data = {},
                     .client_data = {},
                     .signature = std::string(crypto::text_of(service_key_.sign(request.challenge())))};
  VT_TRY(auto attempted, attempt(request, *member, {own}, stored));
  VT_CHECK(store_.mark_logged(attempted.entry));
  return std::move(attempted.fields);
}

Result<std::vector<std::string>> Vault::read_own(std::string_view subject, std::string_view data_class) {
  if (data_class.empty()) return fail(Errc::invalid_argument, "one class of data is read at a time");
  VT_TRY(const auto records, store_.records_of(subject, data_class, now_s()));
  std::vector<std::string> out;
  for (std::size_t at = 0; at < records.size(); at += records_per_batch_max) {
    std::vector<std::string> ids;
    for (std::size_t i = at; i < std::min(records.size(), at + records_per_batch_max); ++i)
      ids.push_back(records[i].id);
    VT_TRY(auto fields, read("self", ids));
    std::ranges::move(fields, std::back_inserter(out));
  }
  return out;
}

Result<void> Vault::mail(std::string_view subject, std::string_view data_class, std::string_view purpose,
                         const Mail& mail) {
  if (std::ranges::find(mail_purposes, purpose) == mail_purposes.end())
    return fail(Errc::invalid_argument, "mail is sent to deliver a message, or for account recovery");
  if (data_class.empty() || !is_one_line(mail.title) || !is_one_line(mail.unsubscribe))
    return fail(Errc::invalid_argument, "mail has a class of data with its address, and a title of one line");
  // Before anything is opened: what cannot be sent leaves no trace.
  if (!options_.mail) return fail(Errc::unavailable, "no mail server is configured");
  VT_TRY(const auto records, store_.records_of(subject, data_class, now_s()));
  if (records.empty()) return fail(Errc::not_found, "no address is kept of this subject");
  VT_TRY(auto fields, read(purpose, {records.back().id}));
  auto sent = options_.mail(fields.front(), mail);
  crypto::wipe(fields.front());
  return sent;
}

// ---------------------------------------------------------------------------------------------------------------
// Opening

/// An error is from before the log had the entry. From then on the attempt stands there, whatever came of it.
Result<Vault::Attempt> Vault::attempt(const Request& request, const Member& reader,
                                      const std::vector<Approval>& approvals,
                                      const std::vector<StoredRecord>& records) {
  VT_CHECK(options_.log.reach());
  const crypto::BoxKey once(random_hash());
  const Opening opening{.request = request.hash(), .vault_key = once.public_key(), .salt = random_hash()};
  const auto nonce = random_nonce();
  std::vector<std::string> tags;
  std::vector<const SealedRecord*> sealed;
  NotedEntry noted{.text = {}, .at_s = now_s(), .subjects = {}, .tags = {}};
  for (const auto& one : records) {
    tags.push_back(subject_tag(one.receipt_key, nonce));
    noted.subjects.insert(one.sealed.subject);
    sealed.push_back(&one.sealed);
  }
  noted.text = access_entry(request, reader, bucket_of(clock_.now()), nonce, tags, opening.commitment());
  if (reader.role == Role::service) noted.tags = tags;
  VT_TRY(auto turn, turns_->take(noted.text));
  // The receipt first: what cannot be told to the subject is not done.
  VT_CHECK(store_.note(noted));
  VT_TRY(const auto index, options_.log.append(noted.text));
  const auto release = [&]() -> Result<std::vector<std::string>> {
    VT_TRY(const auto proof, options_.log.prove(index));
    json::array approval_list;
    for (const auto& approval : approvals) approval_list.push_back(approval.to_json());
    return collector_.open({{"approvals", std::move(approval_list)},
                            {"entry", noted.text},
                            {"opening", opening.to_json()},
                            {"proof", proof},
                            {"request", request.to_json()}},
                           once, sealed);
  };
  return Attempt{noted.text, crypto::base64(crypto::bytes_of(nonce)), std::move(turn), release()};
}

Result<std::vector<Receipt>> Vault::receipts(std::string_view subject) { return store_.receipts(subject); }

Result<std::vector<std::string>> Vault::tags_under(std::string_view root) { return store_.tags_under(root); }

// ---------------------------------------------------------------------------------------------------------------
// Housekeeping

Result<Vault::Swept> Vault::sweep(TimeMs now) {
  Swept out;
  VT_TRY(const auto turn, turns_->take("sweep"));
  VT_TRY(auto over, store_.expired(now / 1000));
  VT_TRY(auto replaced, store_.replaced(""));
  std::ranges::move(replaced, std::back_inserter(over));
  VT_CHECK(destroy(over, now));
  out.destroyed = static_cast<std::int64_t>(over.size());
  VT_TRY(const auto last_s, store_.last_retention_s());
  if (now / 1000 - last_s < retention_every_s) return out;
  VT_TRY(const auto left, store_.expired(now / 1000));
  out.older = static_cast<std::int64_t>(left.size());
  VT_CHECK(options_.log.append(entry::Retention{bucket_of(now), *out.older}.text()));
  VT_CHECK(store_.note_retention(now / 1000));
  return out;
}

Result<std::int64_t> Vault::repeat_unlogged() {
  VT_TRY(const auto entries, store_.unlogged());
  std::int64_t out = 0;
  for (const auto& entry : entries) {
    const auto turn = turns_->take(entry);
    if (!turn) continue;  // under way
    VT_TRY(const bool logged, store_.is_logged(entry));
    if (logged) continue;
    VT_CHECK(options_.log.append(entry));
    VT_CHECK(store_.mark_logged(entry));
    ++out;
  }
  return out;
}

}  // namespace vitrine::custody
