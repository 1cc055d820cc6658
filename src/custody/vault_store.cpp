#include "custody/vault_store.hpp"

namespace vitrine::custody {
namespace {

constexpr std::array<store::Migration, 2> migrations{{
    {1, R"(
CREATE TABLE sealed_records (
  id TEXT PRIMARY KEY, subject TEXT NOT NULL, class TEXT NOT NULL, zone TEXT NOT NULL, sealed TEXT NOT NULL,
  receipt_key BYTEA NOT NULL, since_s BIGINT NOT NULL, expires_s BIGINT NOT NULL, replaces TEXT);
CREATE INDEX sealed_records_of_subject ON sealed_records(subject, class);
CREATE INDEX sealed_records_by_expiry ON sealed_records(expires_s);
CREATE INDEX sealed_records_replacing ON sealed_records(replaces);
CREATE TABLE opening_requests (
  id TEXT PRIMARY KEY, subject TEXT NOT NULL, reader TEXT NOT NULL, member TEXT NOT NULL, request TEXT NOT NULL,
  approvals TEXT NOT NULL, stage BIGINT NOT NULL, reason TEXT NOT NULL);
CREATE INDEX opening_requests_of_reader ON opening_requests(reader, id);
CREATE TABLE noted_entries (
  hash BYTEA PRIMARY KEY, entry TEXT NOT NULL, at_s BIGINT NOT NULL, logged BIGINT NOT NULL);
CREATE INDEX noted_entries_unlogged ON noted_entries(logged, at_s);
CREATE TABLE access_receipts (subject TEXT NOT NULL, entry BYTEA NOT NULL, PRIMARY KEY (subject, entry));
CREATE TABLE batch_tags (
  root BYTEA NOT NULL, position BIGINT NOT NULL, tag BYTEA NOT NULL, PRIMARY KEY (root, position));
CREATE TABLE retention_proofs (at_s BIGINT PRIMARY KEY);
)"},
    {2, R"(
CREATE TABLE opening_attempts (
  request TEXT NOT NULL, number BIGINT NOT NULL, nonce TEXT NOT NULL, stage BIGINT NOT NULL, reason TEXT NOT NULL,
  PRIMARY KEY (request, number));
)"},
}};

/// What counts: not sealed anew since, not expired.
constexpr std::string_view records_sql =
    "SELECT id, class, zone, since_s, expires_s FROM sealed_records WHERE subject = $1 AND ($2 = '' OR class = $2) "
    "AND (expires_s = 0 OR expires_s > $3) AND NOT EXISTS (SELECT 1 FROM sealed_records AS newer WHERE newer.replaces "
    "= sealed_records.id) ORDER BY id";

store::Blob blob_of(std::string_view bytes) { return {bytes.begin(), bytes.end()}; }
store::Blob blob_of(const crypto::Hash& hash) { return {hash.begin(), hash.end()}; }
store::Blob hash_of(std::string_view entry) { return blob_of(crypto::sha256(entry)); }

Result<std::vector<std::string>> texts(const Result<store::Rows>& rows) {
  if (!rows) return std::unexpected(rows.error());
  std::vector<std::string> out;
  for (const auto& row : *rows) out.push_back(row.text(0));
  return out;
}

Result<std::vector<Approval>> approvals_in(const std::string& text) {
  VT_TRY(const auto list, parse_json(text));
  std::vector<Approval> out;
  for (const auto& one : list.as_array()) {
    VT_TRY(out.emplace_back(), read_approval(one));
  }
  return out;
}

std::string text_of(const std::vector<Approval>& approvals) {
  json::array out;
  for (const auto& one : approvals) out.push_back(one.to_json());
  return json::serialize(out);
}

constexpr std::string_view request_columns = "request, member, approvals, subject, stage, reason";

Result<StoredRequest> request_in(const store::Row& row) {
  StoredRequest out;
  VT_TRY(const auto request, parse_json(row.text(0)));
  VT_TRY(out.state.request, read_request(request));
  VT_TRY(const auto reader, parse_json(row.text(1)));
  VT_TRY(out.reader, read_member(reader));
  VT_TRY(out.approvals, approvals_in(row.text(2)));
  for (const auto& one : out.approvals) out.state.approvals.push_back(one.by);
  out.state.subject = row.text(3);
  out.state.stage = static_cast<RequestState::Stage>(row.integer(4));
  out.state.reason = row.text(5);
  return out;
}

Result<std::vector<RequestState::Attempt>> attempts_at(store::Session& session, const std::string& request) {
  VT_TRY(
      const auto rows,
      session.query("SELECT nonce, stage, reason FROM opening_attempts WHERE request = $1 ORDER BY number", {request}));
  std::vector<RequestState::Attempt> out;
  for (const auto& row : rows)
    out.push_back({row.text(0), static_cast<RequestState::Stage>(row.integer(1)), row.text(2)});
  return out;
}

Result<StoredRequest> load_request(store::Session& session, std::string_view id) {
  VT_TRY(const auto rows, session.query(fmt::format("SELECT {} FROM opening_requests WHERE id = $1", request_columns),
                                        {std::string(id)}));
  if (rows.empty()) return fail(Errc::not_found, "there is no such request");
  return request_in(rows[0]);
}

}  // namespace

Result<VaultStore> VaultStore::open(store::Database& database) {
  VT_CHECK(store::migrate(database, "vault", migrations));
  return VaultStore(database);
}

// ---------------------------------------------------------------------------------------------------------------
// Records

Result<void> VaultStore::put(const std::vector<StoredRecord>& records) {
  return database_->transaction(store::Access::write, [&](store::Session& session) -> Result<void> {
    for (const auto& one : records)
      VT_CHECK(session.execute(
          "INSERT INTO sealed_records (id, subject, class, zone, sealed, receipt_key, since_s, expires_s, replaces) "
          "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (id) DO NOTHING",
          {one.sealed.id, one.sealed.subject, one.sealed.data_class, one.sealed.zone,
           json::serialize(one.sealed.to_json()), blob_of(one.receipt_key), one.since_s, one.expires_s,
           one.replaces.empty() ? store::Value() : store::Value(one.replaces)}));
    return {};
  });
}

Result<StoredRecord> VaultStore::record(std::string_view id) {
  VT_TRY(const auto rows,
         database_->query("SELECT sealed, receipt_key, since_s, expires_s FROM sealed_records WHERE id = $1",
                          {std::string(id)}));
  if (rows.empty()) return fail(Errc::not_found, "the field was destroyed, or sealed anew: ask again");
  StoredRecord out;
  VT_TRY(const auto value, parse_json(rows[0].text(0)));
  VT_TRY(out.sealed, read_sealed_record(value));
  VT_TRY(out.receipt_key, crypto::hash_from(crypto::text_of(rows[0].blob(1))));
  out.since_s = rows[0].integer(2);
  out.expires_s = rows[0].integer(3);
  return out;
}

Result<std::vector<RecordInfo>> VaultStore::records_of(std::string_view subject, std::string_view data_class,
                                                       std::int64_t now_s) {
  VT_TRY(const auto rows, database_->query(records_sql, {std::string(subject), std::string(data_class), now_s}));
  std::vector<RecordInfo> out;
  for (const auto& row : rows) out.push_back({row.text(0), row.text(1), row.text(2), row.integer(3), row.integer(4)});
  return out;
}

Result<std::vector<std::string>> VaultStore::ids_of(std::string_view subject, std::string_view data_class) {
  return texts(
      database_->query("SELECT id FROM sealed_records WHERE subject = $1 AND ($2 = '' OR class = $2) ORDER BY id",
                       {std::string(subject), std::string(data_class)}));
}

Result<std::vector<std::string>> VaultStore::expired(std::int64_t now_s) {
  return texts(database_->query(
      "SELECT id FROM sealed_records WHERE expires_s > 0 AND expires_s <= $1 ORDER BY expires_s", {now_s}));
}

Result<std::vector<std::string>> VaultStore::replaced(std::string_view subject) {
  return texts(
      database_->query("SELECT older.id FROM sealed_records AS newer JOIN sealed_records AS older ON older.id "
                       "= newer.replaces WHERE newer.replaces IS NOT NULL AND ($1 = '' OR older.subject = $1)",
                       {std::string(subject)}));
}

Result<void> VaultStore::remove(std::span<const std::string> ids) {
  return database_->transaction(store::Access::write, [&](store::Session& session) -> Result<void> {
    for (const auto& id : ids) {
      VT_CHECK(session.execute("DELETE FROM sealed_records WHERE id = $1", {id}));
      VT_CHECK(session.execute("UPDATE sealed_records SET replaces = NULL WHERE replaces = $1", {id}));
    }
    return {};
  });
}

// ---------------------------------------------------------------------------------------------------------------
// Requests

Result<void> VaultStore::add(const StoredRequest& request) {
  const auto& asked = request.state.request;
  VT_CHECK(database_->execute(
      "INSERT INTO opening_requests (id, subject, reader, member, request, approvals, stage, reason) VALUES ($1, $2, "
      "$3, $4, $5, $6, $7, $8)",
      {asked.id, request.state.subject, asked.reader, json::serialize(request.reader.to_json()),
       json::serialize(asked.to_json()), text_of(request.approvals), static_cast<std::int64_t>(request.state.stage),
       request.state.reason}));
  return {};
}

Result<StoredRequest> VaultStore::request(std::string_view id) {
  StoredRequest out;
  VT_CHECK(database_->transaction(store::Access::read, [&](store::Session& session) -> Result<void> {
    VT_TRY(out, load_request(session, id));
    return {};
  }));
  return out;
}

Result<void> VaultStore::approve(std::string_view id, const Approval& approval) {
  return database_->transaction(store::Access::write, [&](store::Session& session) -> Result<void> {
    VT_TRY(auto request, load_request(session, id));
    if (request.state.stage == RequestState::Stage::opened) return fail(Errc::gone, "this request was opened before");
    std::erase_if(request.approvals, [&](const Approval& one) { return one.by == approval.by; });
    if (request.approvals.size() == approvals_max)
      return fail(Errc::too_large, "a request has at most {} approvals", approvals_max);
    request.approvals.push_back(approval);
    VT_CHECK(session.execute(
        "UPDATE opening_requests SET approvals = $2, stage = $3 WHERE id = $1",
        {std::string(id), text_of(request.approvals), static_cast<std::int64_t>(RequestState::Stage::waiting)}));
    return {};
  });
}

Result<std::vector<RequestState>> VaultStore::requests(std::string_view reader, std::size_t limit) {
  std::vector<RequestState> out;
  VT_CHECK(database_->transaction(store::Access::read, [&](store::Session& session) -> Result<void> {
    VT_TRY(const auto rows,
           session.query(fmt::format("SELECT {} FROM opening_requests WHERE $1 = '' OR reader = $1 ORDER BY id DESC "
                                     "LIMIT $2",
                                     request_columns),
                         {std::string(reader), static_cast<std::int64_t>(limit)}));
    out.clear();
    for (const auto& row : rows) {
      VT_TRY(auto request, request_in(row));
      VT_TRY(request.state.attempts, attempts_at(session, request.state.request.id));
      out.push_back(std::move(request.state));
    }
    return {};
  }));
  return out;
}

// ---------------------------------------------------------------------------------------------------------------
// What is in the log

Result<void> VaultStore::note(const NotedEntry& entry) {
  return database_->transaction(store::Access::write, [&](store::Session& session) -> Result<void> {
    const auto hash = hash_of(entry.text);
    VT_CHECK(session.execute("INSERT INTO noted_entries (hash, entry, at_s, logged) VALUES ($1, $2, $3, 0)",
                             {hash, entry.text, entry.at_s}));
    for (const auto& subject : entry.subjects)
      VT_CHECK(session.execute("INSERT INTO access_receipts (subject, entry) VALUES ($1, $2)", {subject, hash}));
    if (entry.tags.empty()) return {};
    const auto root = blob_of(root_of_tags(entry.tags));
    for (std::size_t i = 0; i < entry.tags.size(); ++i)
      VT_CHECK(session.execute("INSERT INTO batch_tags (root, position, tag) VALUES ($1, $2, $3)",
                               {root, static_cast<std::int64_t>(i), blob_of(entry.tags[i])}));
    return {};
  });
}

Result<void> VaultStore::mark_logged(std::string_view entry) {
  VT_CHECK(database_->execute("UPDATE noted_entries SET logged = 1 WHERE hash = $1", {hash_of(entry)}));
  return {};
}

Result<void> VaultStore::mark_logged(std::string_view entry, const RequestState::Attempt& attempt,
                                     const RequestState& request) {
  const auto& id = request.request.id;
  return database_->transaction(store::Access::write, [&](store::Session& session) -> Result<void> {
    VT_CHECK(session.execute("UPDATE noted_entries SET logged = 1 WHERE hash = $1", {hash_of(entry)}));
    VT_CHECK(session.execute("UPDATE opening_requests SET stage = $2, reason = $3 WHERE id = $1",
                             {id, static_cast<std::int64_t>(request.stage), request.reason}));
    VT_CHECK(
        session.execute("INSERT INTO opening_attempts (request, number, nonce, stage, reason) VALUES ($1, (SELECT "
                        "COUNT(*) FROM opening_attempts WHERE request = $1), $2, $3, $4)",
                        {id, attempt.nonce, static_cast<std::int64_t>(attempt.stage), attempt.reason}));
    return {};
  });
}

Result<std::vector<std::string>> VaultStore::unlogged() {
  return texts(database_->query("SELECT entry FROM noted_entries WHERE logged = 0 ORDER BY at_s"));
}

Result<bool> VaultStore::is_logged(std::string_view entry) {
  VT_TRY(const auto rows, database_->query("SELECT logged FROM noted_entries WHERE hash = $1", {hash_of(entry)}));
  return !rows.empty() && rows[0].integer(0) != 0;
}

Result<std::vector<Receipt>> VaultStore::receipts(std::string_view subject) {
  VT_TRY(const auto rows, database_->query("SELECT noted_entries.entry, at_s FROM access_receipts JOIN noted_entries "
                                           "ON noted_entries.hash = access_receipts.entry WHERE subject = $1 AND "
                                           "logged = 1 ORDER BY at_s",
                                           {std::string(subject)}));
  std::vector<Receipt> out;
  for (const auto& row : rows) {
    Receipt one{.entry = row.text(0), .at_s = row.integer(1), .tags = {}};
    if (const auto root = tags_root_in(one.entry)) {
      VT_TRY(one.tags, tags_under(crypto::text_of(*root)));
    }
    out.push_back(std::move(one));
  }
  return out;
}

Result<void> VaultStore::forget_receipts(std::string_view subject) {
  VT_CHECK(database_->execute("DELETE FROM access_receipts WHERE subject = $1", {std::string(subject)}));
  return {};
}

Result<std::vector<std::string>> VaultStore::tags_under(std::string_view root) {
  VT_TRY(const auto rows,
         database_->query("SELECT tag FROM batch_tags WHERE root = $1 ORDER BY position", {blob_of(root)}));
  if (rows.empty()) return fail(Errc::not_found, "there is no batch with that root");
  std::vector<std::string> out;
  for (const auto& row : rows) out.emplace_back(crypto::text_of(row.blob(0)));
  return out;
}

// ---------------------------------------------------------------------------------------------------------------
// Retention

Result<std::int64_t> VaultStore::last_retention_s() {
  VT_TRY(const auto rows, database_->query("SELECT at_s FROM retention_proofs ORDER BY at_s DESC LIMIT 1"));
  return rows.empty() ? 0 : rows[0].integer(0);
}

Result<void> VaultStore::note_retention(std::int64_t at_s) {
  VT_CHECK(database_->execute("INSERT INTO retention_proofs (at_s) VALUES ($1) ON CONFLICT (at_s) DO NOTHING", {at_s}));
  return {};
}

}  // namespace vitrine::custody
