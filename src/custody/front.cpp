#include "custody/front.hpp"

#include "base/log.hpp"

namespace vitrine::custody {
namespace {

constexpr std::array<store::Migration, 1> migrations{{
    {1, R"(
CREATE TABLE custody_outbox (
  number BIGINT PRIMARY KEY, subject TEXT NOT NULL, sealed TEXT, receipt_key BYTEA, expires_s BIGINT NOT NULL,
  erases TEXT, stuck TEXT);
CREATE INDEX custody_outbox_of_subject ON custody_outbox(subject);
)"},
}};

constexpr std::string_view minor_prefix = "minor.";
constexpr std::string_view next_number = "(SELECT COALESCE(MAX(number), 0) + 1 FROM custody_outbox)";
constexpr std::chrono::milliseconds idle_pause{2'000}, busy_pause{20};
constexpr std::chrono::seconds busy_after_writing{1};
constexpr std::chrono::seconds settle_within{20};
constexpr std::int64_t day_s = 86'400;
constexpr std::int64_t keep_network_s = 90 * day_s;

}  // namespace

std::optional<std::int64_t> keep_s_of(std::string_view data_class) {
  if (data_class.ends_with("network")) return keep_network_s;
  return std::nullopt;
}

std::string Personal::text() const {
  json::object object{{"guarded", guarded}, {"receipt_key", crypto::base64(receipt_key)}, {"viewer", viewer}};
  if (adult_from_ms != 0) object["adult_from_ms"] = adult_from_ms;
  return json::serialize(object);
}

Result<Personal> read_personal(std::string_view text) {
  VT_TRY(const auto value, parse_json(text));
  if (!value.is_object()) return fail(Errc::invalid_argument, "what links an account is an object");
  const auto& object = value.get_object();
  Personal out;
  VT_TRY(out.viewer, text_member(object, "viewer"));
  VT_TRY(const auto key, text_member(object, "receipt_key"));
  VT_TRY(const auto bytes, crypto::from_base64(key));
  VT_TRY(out.receipt_key, crypto::hash_from(bytes));
  VT_TRY(out.guarded, bool_member(object, "guarded", false));
  VT_TRY(out.adult_from_ms, int_member(object, "adult_from_ms", 0));
  return out;
}

Personal new_personal(std::string_view viewer) {
  Personal out{.viewer = std::string(viewer)};
  crypto::random(out.receipt_key);
  return out;
}

Front::Front(store::Database& database, Rules rules, VaultPort& vault, const Clock& clock)
    : database_(database),
      rules_(std::move(rules)),
      vault_(vault),
      clock_(clock),
      thread_([this](const std::stop_token& stop) { move_on(stop); }) {}

Front::~Front() = default;

Result<std::unique_ptr<Front>> Front::open(store::Database& database, Rules rules, VaultPort& vault,
                                           const Clock& clock) {
  if (rules.zones.empty()) return fail(Errc::invalid_argument, "custody rules: there is no zone");
  VT_CHECK(store::migrate(database, "custody_front", migrations));
  return std::unique_ptr<Front>(new Front(database, std::move(rules), vault, clock));
}

std::string Front::class_of(const Person& person, std::string_view data_class) {
  return fmt::format("{}{}", person.minor ? minor_prefix : "", data_class);
}

// ---------------------------------------------------------------------------------------------------------------
// Into the outbox

Result<void> Front::seal(store::Session& session, const Person& person, const Personal& personal,
                         std::string_view data_class, std::string_view plaintext) {
  const Field field{.subject = person.subject,
                    .data_class = class_of(person, data_class),
                    .zone = *rules_.zones.begin(),
                    .purposes = purposes_for(rules_, class_of(person, data_class)),
                    .receipt_key = personal.receipt_key,
                    .guarded = personal.guarded || person.minor};
  VT_TRY(const auto record, custody::seal(rules_, field, plaintext, clock_.now()));
  const auto keep_s = keep_s_of(data_class);
  VT_CHECK(session.execute(fmt::format("INSERT INTO custody_outbox (number, subject, sealed, receipt_key, expires_s) "
                                       "VALUES ({}, $1, $2, $3, $4)",
                                       next_number),
                           {person.subject, json::serialize(record.to_json()),
                            store::Blob(personal.receipt_key.begin(), personal.receipt_key.end()),
                            keep_s ? clock_.now() / 1000 + *keep_s : 0}));
  hurry();
  return {};
}

Result<void> Front::seal(const Person& person, const Personal& personal, std::string_view data_class,
                         std::string_view plaintext) {
  return database_.transaction(store::Access::write, [&](store::Session& session) {
    return seal(session, person, personal, data_class, plaintext);
  });
}

Result<void> Front::erase(store::Session& session, const Person& person, std::string_view data_class) {
  const auto erases = data_class.empty() ? std::string() : class_of(person, data_class);
  // What never reached the vault need not travel there to be destroyed.
  if (data_class.empty()) VT_CHECK(session.execute("DELETE FROM custody_outbox WHERE subject = $1", {person.subject}));
  VT_CHECK(session.execute(
      fmt::format("INSERT INTO custody_outbox (number, subject, expires_s, erases) VALUES ({}, $1, 0, $2)",
                  next_number),
      {person.subject, erases}));
  hurry();
  return {};
}

/// What was just written stands in the database only once the caller's transaction is through: look often for a while.
void Front::hurry() {
  const std::lock_guard lock(mutex_);
  busy_until_ = std::chrono::steady_clock::now() + busy_after_writing;
  changed_.notify_all();
}

// ---------------------------------------------------------------------------------------------------------------
// From the outbox to the vault

/// Moves the oldest on; false when there is none. The row goes only after the vault has what it says. One that the
/// vault will never take is set aside, for the operator.
Result<bool> Front::move_one() {
  VT_TRY(const auto rows, database_.query("SELECT number, subject, sealed, receipt_key, expires_s, erases FROM "
                                          "custody_outbox WHERE stuck IS NULL ORDER BY number LIMIT 1"));
  if (rows.empty()) return false;
  const auto number = rows[0].integer(0);
  if (auto handed = hand_over(rows[0]); !handed) {
    const auto code = handed.error().code;
    if (code == Errc::unavailable || code == Errc::storage_full || code == Errc::internal)
      return std::unexpected(handed.error());
    log::error("custody.outbox_stuck", {{"number", number}, {"error", handed.error().message}});
    VT_CHECK(
        database_.execute("UPDATE custody_outbox SET stuck = $2 WHERE number = $1", {number, handed.error().message}));
    return true;
  }
  VT_CHECK(database_.execute("DELETE FROM custody_outbox WHERE number = $1", {number}));
  return true;
}

Result<void> Front::hand_over(const store::Row& row) {
  if (row.is_null(2)) {
    VT_CHECK(vault_.erase(row.text(1), row.text(5)));
    return {};
  }
  VT_TRY(const auto value, parse_json(row.text(2)));
  VT_TRY(const auto record, read_sealed_record(value));
  VT_TRY(const auto key, crypto::hash_from(crypto::text_of(row.blob(3))));
  return vault_.put(record, key, row.integer(4));
}

void Front::move_on(const std::stop_token& stop) {
  bool troubled = false;
  while (!stop.stop_requested()) {
    const auto moved = move_one();
    if (!moved && !std::exchange(troubled, true)) log::warning("custody.outbox", {{"error", moved.error().message}});
    if (moved) troubled = false;
    std::unique_lock lock(mutex_);
    if (moved && *moved) {
      changed_.notify_all();
      continue;
    }
    const bool busy = moved && std::chrono::steady_clock::now() < busy_until_;
    changed_.wait_for(lock, stop, busy ? busy_pause : idle_pause, [] { return false; });
  }
}

Result<void> Front::settle(const Person& person) {
  const auto until = std::chrono::steady_clock::now() + settle_within;
  while (std::chrono::steady_clock::now() < until) {
    VT_TRY(const auto rows,
           database_.query("SELECT number FROM custody_outbox WHERE subject = $1 LIMIT 1", {person.subject}));
    if (rows.empty()) return {};
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, busy_pause);
  }
  return fail(Errc::unavailable, "the vault does not take what was sealed just now; try again in a while");
}

Result<Personal> Front::recall(const Person& person) {
  VT_CHECK(settle(person));
  VT_TRY(const auto fields, vault_.read_own(person.subject, class_of(person, "link")));
  if (fields.empty()) return fail(Errc::not_found, "nothing links this account");
  return read_personal(fields.back());
}

}  // namespace vitrine::custody
