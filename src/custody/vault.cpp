#include "custody/vault.hpp"

#include <bit>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "base/id.hpp"
#include "base/log.hpp"

namespace vitrine::custody {
namespace {

constexpr std::array<store::Migration, 1> migrations{{
    {1, R"(
CREATE TABLE sealed_records (
  id TEXT PRIMARY KEY, subject TEXT NOT NULL, class TEXT NOT NULL, zone TEXT NOT NULL, sealed TEXT NOT NULL,
  receipt_key BYTEA NOT NULL);
CREATE INDEX sealed_records_of_subject ON sealed_records(subject, class);
CREATE TABLE opening_requests (
  id TEXT PRIMARY KEY, request TEXT NOT NULL, reader TEXT NOT NULL, approvals TEXT NOT NULL, opened BIGINT NOT NULL);
CREATE TABLE access_receipts (
  subject TEXT NOT NULL, entry TEXT NOT NULL, at_s BIGINT NOT NULL);
CREATE INDEX access_receipts_of_subject ON access_receipts(subject);
)"},
}};

constexpr std::size_t share_bytes = 1 + sizeof(Share);
constexpr std::chrono::seconds custodians_answer_within{15};

store::Blob blob_of(const crypto::Hash& hash) { return {hash.begin(), hash.end()}; }

crypto::Hash random_hash() {
  crypto::Hash out;
  crypto::random(out);
  return out;
}

/// Shares by number, of one record.
using Shares = std::map<int, Share>;

/// Any t of the shares that came: a custodian that lies spoils only the combinations it is in.
Result<std::string> open_with(const SealedRecord& record, const Shares& shares, int threshold) {
  const std::vector<std::pair<int, Share>> list(shares.begin(), shares.end());
  for (unsigned chosen = 0; chosen < 1U << list.size(); ++chosen) {
    if (std::popcount(chosen) != threshold) continue;
    Shares some;
    for (std::size_t i = 0; i < list.size(); ++i)
      if ((chosen >> i & 1U) != 0) some.insert(list[i]);
    VT_TRY(const auto key, join_key(some));
    if (auto plaintext = open_record(record, key)) return plaintext;
  }
  return fail(Errc::forbidden, "the custodians' shares do not fit together");
}

}  // namespace

struct Vault::Stored {
  SealedRecord record;
  crypto::Hash receipt_key{};
};

/// One custodian and the thread that talks to it: a slow one holds nobody up.
struct Vault::Lane {
  explicit Lane(CustodianPort to) : port(std::move(to)), thread([this](const std::stop_token& stop) { run(stop); }) {}

  void post(std::function<void(CustodianPort&)> work) {
    {
      const std::lock_guard lock(mutex);
      queue.push_back(std::move(work));
    }
    wake.notify_one();
  }

  void run(const std::stop_token& stop) {
    std::unique_lock lock(mutex);
    while (wake.wait(lock, stop, [this] { return !queue.empty(); })) {
      auto work = std::move(queue.front());
      queue.pop_front();
      lock.unlock();
      work(port);
      lock.lock();
    }
  }

  CustodianPort port;
  std::mutex mutex;
  std::condition_variable_any wake;
  std::deque<std::function<void(CustodianPort&)>> queue;
  std::jthread thread;
};

Vault::Vault(store::Database& database, VaultOptions options, const Clock& clock)
    : database_(database), options_(std::move(options)), clock_(clock), service_key_(options_.service_seed) {
  for (const auto& port : options_.custodians) lanes_.push_back(std::make_unique<Lane>(port));
}

Vault::~Vault() = default;

Result<std::unique_ptr<Vault>> Vault::open(store::Database& database, VaultOptions options, const Clock& clock) {
  VT_ASSERT(options.custodians.size() == options.rules.custodians.size());
  VT_CHECK(store::migrate(database, "custody", migrations));
  return std::unique_ptr<Vault>(new Vault(database, std::move(options), clock));
}

// ---------------------------------------------------------------------------------------------------------------
// Records

Result<void> Vault::put(const SealedRecord& record, const crypto::Hash& receipt_key) {
  if (record.boxes.size() != options_.rules.custodians.size())
    return fail(Errc::invalid_argument, "the record is sealed to {} custodians; there are {}", record.boxes.size(),
                options_.rules.custodians.size());
  VT_CHECK(database_.execute(
      "INSERT INTO sealed_records (id, subject, class, zone, sealed, receipt_key) VALUES ($1, $2, $3, $4, $5, $6)",
      {record.id, record.subject, record.data_class, record.zone, json::serialize(record.to_json()),
       blob_of(receipt_key)}));
  return {};
}

Result<Vault::Stored> Vault::load(std::string_view record) {
  VT_TRY(const auto rows,
         database_.query("SELECT sealed, receipt_key FROM sealed_records WHERE id = $1", {std::string(record)}));
  if (rows.empty()) return fail(Errc::not_found, "there is no such record");
  Stored out;
  VT_TRY(const auto value, parse_json(rows[0].text(0)));
  VT_TRY(out.record, read_sealed_record(value));
  const auto& key = rows[0].blob(1);
  VT_TRY(out.receipt_key, crypto::hash_from(crypto::text_of(key)));
  return out;
}

Result<std::vector<RecordInfo>> Vault::records_of(std::string_view subject) {
  VT_TRY(const auto rows, database_.query("SELECT id, class, zone FROM sealed_records WHERE subject = $1 ORDER BY id",
                                          {std::string(subject)}));
  std::vector<RecordInfo> out;
  for (const auto& row : rows) out.push_back({row.text(0), row.text(1), row.text(2)});
  return out;
}

Result<std::size_t> Vault::erase(std::string_view subject) {
  VT_TRY(const auto records, records_of(subject));
  if (records.empty()) return 0;
  std::vector<std::string> ids;
  for (const auto& record : records) ids.push_back(record.id);
  // Custodians refuse from here on, whatever copy of the records turns up.
  VT_CHECK(options_.log(erasure_entry(ids, bucket_of(clock_.now())), true));
  VT_CHECK(database_.execute("DELETE FROM sealed_records WHERE subject = $1", {std::string(subject)}));
  return ids.size();
}

// ---------------------------------------------------------------------------------------------------------------
// Asking

/// The person concerned sees the attempt as they see an opening.
Result<void> Vault::refuse(const Member& reader, const Stored& record, std::string_view purpose,
                           std::string_view reason) {
  const auto nonce = std::string(crypto::text_of(random_hash()).substr(0, nonce_bytes));
  const auto tag = subject_tag(record.receipt_key, nonce);
  const json::object object{{"bucket_s", bucket_of(clock_.now())},
                            {"class", record.record.data_class},
                            {"data_zone", record.record.zone},
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
  VT_CHECK(options_.log(entry, false));
  return remember({record}, entry);
}

Result<Request> Vault::ask(const Member& reader, std::string_view subject, std::string_view data_class,
                           std::string_view purpose, std::string_view case_id) {
  VT_TRY(const auto rows,
         database_.query("SELECT id FROM sealed_records WHERE subject = $1 AND class = $2 ORDER BY id DESC LIMIT 1",
                         {std::string(subject), std::string(data_class)}));
  if (rows.empty()) return fail(Errc::not_found, "nothing of that class is kept of this subject");
  VT_TRY(const auto stored, load(rows[0].text(0)));
  const auto rule = options_.rules.purposes.find(std::string(purpose));
  std::string_view why;
  if (rule == options_.rules.purposes.end())
    why = "no such purpose";
  else if (rule->second.service)
    why = "a purpose of machines";
  else if (!rule->second.classes.contains(std::string(data_class)))
    why = "not a purpose for this class of data";
  else if (reader.zone != stored.record.zone)
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
                        .zone = stored.record.zone,
                        .records = {stored.record.id},
                        .created_s = clock_.now() / 1000};
  VT_CHECK(read_request(request.to_json()));
  VT_CHECK(database_.execute(
      "INSERT INTO opening_requests (id, request, reader, approvals, opened) VALUES ($1, $2, $3, '[]', 0)",
      {request.id, json::serialize(request.to_json()), json::serialize(reader.to_json())}));
  return request;
}

Result<void> Vault::approve(std::string_view request, const Approval& approval) {
  return database_.transaction(store::Access::write, [&](store::Session& session) -> Result<void> {
    VT_TRY(const auto rows,
           session.query("SELECT approvals, opened FROM opening_requests WHERE id = $1", {std::string(request)}));
    if (rows.empty()) return fail(Errc::not_found, "there is no such request");
    if (rows[0].integer(1) != 0) return fail(Errc::gone, "this request was opened before");
    VT_TRY(auto list, parse_json(rows[0].text(0)));
    list.as_array().push_back(approval.to_json());
    VT_CHECK(session.execute("UPDATE opening_requests SET approvals = $2 WHERE id = $1",
                             {std::string(request), json::serialize(list)}));
    return {};
  });
}

Result<std::string> Vault::open_field(std::string_view id) {
  VT_TRY(const auto rows,
         database_.query("SELECT request, reader, approvals FROM opening_requests WHERE id = $1", {std::string(id)}));
  if (rows.empty()) return fail(Errc::not_found, "there is no such request");
  VT_TRY(const auto claimed,
         database_.execute("UPDATE opening_requests SET opened = 1 WHERE id = $1 AND opened = 0", {std::string(id)}));
  if (claimed == 0) return fail(Errc::gone, "this request was opened before: a field is shown once");
  VT_TRY(const auto request_json, parse_json(rows[0].text(0)));
  VT_TRY(const auto request, read_request(request_json));
  VT_TRY(const auto reader_json, parse_json(rows[0].text(1)));
  VT_TRY(const auto reader, read_member(reader_json));
  VT_TRY(const auto approvals_json, parse_json(rows[0].text(2)));
  std::vector<Approval> approvals;
  for (const auto& one : approvals_json.as_array()) {
    VT_TRY(approvals.emplace_back(), read_approval(one));
  }
  VT_TRY(const auto stored, load(request.records.front()));
  VT_TRY(auto fields, open_records(request, reader, approvals, {stored}));
  return std::move(fields.front());
}

Result<std::vector<std::string>> Vault::read(std::string_view purpose, const std::vector<std::string>& records) {
  if (records.empty() || records.size() > records_per_batch_max)
    return fail(Errc::invalid_argument, "a batch has 1 to {} records", records_per_batch_max);
  std::vector<Stored> stored;
  for (const auto& record : records) {
    VT_TRY(stored.emplace_back(), load(record));
    if (stored.back().record.data_class != stored.front().record.data_class ||
        stored.back().record.zone != stored.front().record.zone)
      return fail(Errc::invalid_argument, "a batch is of one class and one zone");
  }
  const auto member = std::ranges::find(options_.rules.members, options_.service, &Member::id);
  if (member == options_.rules.members.end()) return fail(Errc::forbidden, "{} is not on the roster", options_.service);
  const Request request{.id = new_id(clock_.now()),
                        .reader = options_.service,
                        .purpose = std::string(purpose),
                        .case_id = "",
                        .data_class = stored.front().record.data_class,
                        .zone = stored.front().record.zone,
                        .records = records,
                        .created_s = clock_.now() / 1000};
  const Approval own{.by = options_.service,
                     .authenticator_data = {},
                     .client_data = {},
                     .signature = std::string(crypto::text_of(service_key_.sign(request.challenge())))};
  return open_records(request, *member, {own}, stored);
}

// ---------------------------------------------------------------------------------------------------------------
// Opening

Result<std::vector<std::string>> Vault::open_records(const Request& request, const Member& reader,
                                                     const std::vector<Approval>& approvals,
                                                     const std::vector<Stored>& records) {
  const crypto::BoxKey once(random_hash());
  const Opening opening{.request = request.hash(), .vault_key = once.public_key(), .salt = random_hash()};
  const auto nonce = std::string(crypto::text_of(random_hash()).substr(0, nonce_bytes));
  std::vector<std::string> tags;
  for (const auto& one : records) tags.push_back(subject_tag(one.receipt_key, nonce));
  const auto entry = access_entry(request, reader, bucket_of(clock_.now()), nonce, tags, opening.commitment());
  // The receipt first: what cannot be told to the subject is not done.
  VT_CHECK(remember(records, entry));
  VT_TRY(const auto proof, options_.log(entry, true));
  json::array approval_list;
  for (const auto& approval : approvals) approval_list.push_back(approval.to_json());
  json::object body{{"approvals", std::move(approval_list)}, {"boxes", json::array()}, {"entry", entry},
                    {"opening", opening.to_json()},          {"proof", proof},         {"request", request.to_json()}};
  return collect(json::serialize(body), once, records);
}

namespace {

/// What custodians answered so far, for one opening; outlives whoever gave up waiting.
struct Answers {
  std::mutex mutex;
  std::condition_variable news;
  std::vector<Shares> by_record;
  std::size_t good = 0, bad = 0;
  std::vector<std::string> refusals;
  Errc worst = Errc::unavailable;

  void add(const crypto::BoxKey& key, const Result<std::string>& answer, int number, std::string_view custodian) {
    const auto shares = answer ? key.open(*answer) : answer;
    const std::lock_guard lock(mutex);
    if (shares && shares->size() == by_record.size() * share_bytes) {
      for (std::size_t i = 0; i < by_record.size(); ++i) {
        // The number comes first; whatever it says, a custodian has its own.
        const std::string_view one = std::string_view(*shares).substr(i * share_bytes, share_bytes);
        by_record[i].emplace(number, *crypto::hash_from(one.substr(1)));
      }
      ++good;
    } else {
      ++bad;
      if (!shares && shares.error().code != Errc::unavailable) worst = shares.error().code;
      refusals.push_back(
          fmt::format("{}: {}", custodian, shares ? "it answered with something else" : shares.error().message));
    }
    news.notify_all();
  }
};

}  // namespace

Result<std::vector<std::string>> Vault::collect(const std::string& body, const crypto::BoxKey& key,
                                                const std::vector<Stored>& records) {
  const auto answers = std::make_shared<Answers>();
  answers->by_record.resize(records.size());
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    // Each custodian gets its own boxes.
    VT_TRY(auto value, parse_json(body, 64 << 20));
    auto& boxes = value.as_object().at("boxes").as_array();
    for (const auto& one : records) boxes.emplace_back(crypto::base64(crypto::bytes_of(one.record.boxes[i])));
    lanes_[i]->post(
        [answers, key, text = json::serialize(value), name = options_.rules.custodians[i].name,
         number = static_cast<int>(i) + 1](CustodianPort& port) { answers->add(key, port(text), number, name); });
  }
  std::unique_lock lock(answers->mutex);
  const auto threshold = static_cast<std::size_t>(options_.rules.threshold);
  for (std::size_t wanted = threshold; wanted <= lanes_.size(); ++wanted) {
    answers->news.wait_for(lock, custodians_answer_within,
                           [&] { return answers->good >= wanted || answers->good + answers->bad == lanes_.size(); });
    if (answers->good < threshold) break;
    std::vector<std::string> out;
    for (std::size_t i = 0; i < records.size(); ++i) {
      auto plaintext = open_with(records[i].record, answers->by_record[i], options_.rules.threshold);
      if (!plaintext) break;
      out.push_back(std::move(*plaintext));
    }
    if (out.size() == records.size()) return out;
  }
  if (answers->good >= threshold) return fail(Errc::forbidden, "the custodians' shares do not fit together");
  return fail(answers->worst, "{} of {} custodians released their shares, {} are needed ({})", answers->good,
              lanes_.size(), threshold, fmt::join(answers->refusals, "; "));
}

Result<void> Vault::remember(const std::vector<Stored>& records, const std::string& entry) {
  return database_.transaction(store::Access::write, [&](store::Session& session) -> Result<void> {
    for (const auto& one : records)
      VT_CHECK(session.execute("INSERT INTO access_receipts (subject, entry, at_s) VALUES ($1, $2, $3)",
                               {one.record.subject, entry, clock_.now() / 1000}));
    return {};
  });
}

Result<std::vector<Vault::Receipt>> Vault::receipts(std::string_view subject) {
  VT_TRY(const auto rows, database_.query("SELECT entry, at_s FROM access_receipts WHERE subject = $1 ORDER BY at_s",
                                          {std::string(subject)}));
  std::vector<Receipt> out;
  for (const auto& row : rows) out.push_back({row.text(0), row.integer(1)});
  return out;
}

}  // namespace vitrine::custody
