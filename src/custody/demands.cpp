#include "custody/demands.hpp"

#include "base/id.hpp"
#include "custody/outbox.hpp"

namespace vitrine::custody {
namespace {

constexpr std::array<store::Migration, 2> migrations{{
    {1, R"(
CREATE TABLE demands (
  id TEXT PRIMARY KEY, bucket_s BIGINT NOT NULL, content TEXT NOT NULL, open_by_s BIGINT, salt BYTEA,
  outcome TEXT, reason TEXT NOT NULL, alarmed BIGINT NOT NULL);
CREATE TABLE demand_entries (number BIGINT PRIMARY KEY, entry TEXT NOT NULL);
)"},
    // What waits for the log waits in one place, for everybody (outbox.hpp).
    {2, R"(
INSERT INTO outbox_entries (number, entry) SELECT number, entry FROM demand_entries;
DROP TABLE demand_entries;
)"},
}};
// A demand is sealed as long as it has a salt.

constexpr std::string_view columns = "id, bucket_s, content, open_by_s, salt, outcome, reason";

Result<Demand> read_demand(const store::Row& row) {
  Demand out{
      .id = row.text(0), .bucket_s = row.integer(1), .content = {}, .sealed = !row.is_null(4), .reason = row.text(6)};
  VT_TRY(out.content, entry::read_demand_content(row.text(2)));
  if (!row.is_null(3)) out.open_by_s = row.integer(3);
  if (!row.is_null(5)) {
    VT_TRY(out.outcome, outcome_of(row.text(5)));
  }
  return out;
}

Result<void> save_outcome(store::Session& session, const Demand& demand) {
  VT_CHECK(session.execute("UPDATE demands SET outcome = $2, reason = $3 WHERE id = $1",
                           {demand.id, std::string(name(*demand.outcome)), demand.reason}));
  return {};
}

Result<void> add_sealed(store::Session& session, const Demand& demand) {
  crypto::Hash salt;
  crypto::random(salt);
  VT_CHECK(session.execute("UPDATE demands SET open_by_s = $2, salt = $3 WHERE id = $1",
                           {demand.id, *demand.open_by_s, store::Blob(salt.begin(), salt.end())}));
  const auto commitment = entry::commitment_to(salt, demand.content.text());
  return Outbox::add(session, entry::SealedDemand{demand.bucket_s, demand.id, commitment, *demand.open_by_s}.text());
}

Result<void> add_demand(store::Session& session, const Demand& demand) {
  VT_CHECK(session.execute("INSERT INTO demands (id, bucket_s, content, reason, alarmed) VALUES ($1, $2, $3, $4, 0)",
                           {demand.id, demand.bucket_s, demand.content.text(), demand.reason}));
  if (demand.sealed) return add_sealed(session, demand);
  VT_CHECK(Outbox::add(session, entry::Demand{demand.bucket_s, demand.id, demand.content}.text()));
  if (!demand.outcome) return {};
  VT_CHECK(save_outcome(session, demand));
  return Outbox::add(session, entry::Disclosed{demand.bucket_s, demand.id, *demand.outcome, demand.reason}.text());
}

}  // namespace

Result<std::unique_ptr<Demands>> Demands::open(store::Database& database, Outbox& outbox, const Clock& clock,
                                               std::set<std::string> home_countries) {
  VT_CHECK(store::migrate(database, "demands", migrations));
  return std::unique_ptr<Demands>(new Demands(database, outbox, clock, std::move(home_countries)));
}

/// Why a demand does not concern this service; empty if it does.
std::string_view Demands::elsewhere(const entry::DemandContent& content) const {
  if (content.zone != home_zone) return "it asks for the data of another zone";
  if (!home_countries_.contains(content.country)) return "its country is not one of those that this service answers to";
  return "";
}

Result<Demand> Demands::take_in(const entry::DemandContent& content, std::optional<std::int64_t> open_by_s) {
  // Read as whoever follows the log will read it: what they would not understand is not said.
  VT_CHECK(entry::read_demand_content(content.text()));
  const auto now_s = clock_.now() / 1000;
  if (open_by_s && (*open_by_s <= now_s || *open_by_s > now_s + sealed_s_max))
    return fail(Errc::invalid_argument, "a demand is sealed until a day to come, and for five years at most");
  const auto why = elsewhere(content);
  if (open_by_s && !why.empty()) return fail(Errc::forbidden, "{}: it is refused in public and cannot be sealed", why);
  Demand out{.id = new_id(clock_.now()),
             .bucket_s = bucket(),
             .content = content,
             .open_by_s = open_by_s,
             .sealed = open_by_s.has_value(),
             .reason = std::string(why)};
  if (!why.empty()) out.outcome = Outcome::refused;
  VT_CHECK(
      database_.transaction(store::Access::write, [&](store::Session& session) { return add_demand(session, out); }));
  outbox_.try_to_move_on();
  return out;
}

Result<Demand> Demands::change(std::string_view id, const Change& change) {
  Demand out;
  VT_CHECK(database_.transaction(store::Access::write, [&](store::Session& session) -> Result<void> {
    VT_TRY(const auto rows,
           session.query(fmt::format("SELECT {} FROM demands WHERE id = $1", columns), {std::string(id)}));
    if (rows.empty()) return fail(Errc::not_found, "there is no such demand");
    VT_TRY(out, read_demand(rows[0]));
    crypto::Hash salt{};
    if (out.sealed) {
      VT_TRY(salt, crypto::hash_from(crypto::text_of(rows[0].blob(4))));
    }
    return change(session, out, salt);
  }));
  outbox_.try_to_move_on();
  return out;
}

Result<Demand> Demands::decide(std::string_view id, Outcome outcome, std::string_view reason) {
  if (reason.size() > entry::sentence_bytes_max)
    return fail(Errc::invalid_argument, "a reason has at most {} bytes", entry::sentence_bytes_max);
  return change(id, [&](store::Session& session, Demand& demand, const crypto::Hash&) -> Result<void> {
    if (demand.outcome) return fail(Errc::conflict, "the outcome is said: {}", name(*demand.outcome));
    demand.outcome = outcome;
    demand.reason = reason;
    VT_CHECK(save_outcome(session, demand));
    return Outbox::add(session,
                       entry::Disclosed{bucket(), demand.id, outcome, demand.sealed ? "" : demand.reason}.text());
  });
}

Result<Demand> Demands::unseal(std::string_view id) {
  return change(id, [&](store::Session& session, Demand& demand, const crypto::Hash& salt) -> Result<void> {
    if (!demand.sealed) return fail(Errc::conflict, "this demand is not sealed");
    demand.sealed = false;
    VT_CHECK(session.execute("UPDATE demands SET salt = NULL WHERE id = $1", {demand.id}));
    VT_CHECK(Outbox::add(session, entry::Unsealed{bucket(), demand.id, demand.content.text(), salt}.text()));
    if (!demand.outcome || demand.reason.empty()) return {};
    return Outbox::add(session, entry::Disclosed{bucket(), demand.id, *demand.outcome, demand.reason}.text());
  });
}

Result<std::vector<Demand>> Demands::list() {
  VT_TRY(const auto rows,
         database_.query(fmt::format("SELECT {} FROM demands ORDER BY id DESC LIMIT {}", columns, demands_listed_max)));
  std::vector<Demand> out;
  for (const auto& row : rows) {
    VT_TRY(out.emplace_back(), read_demand(row));
  }
  return out;
}

Result<void> Demands::keep_up() {
  VT_CHECK(database_.transaction(store::Access::write, [&](store::Session& session) -> Result<void> {
    VT_TRY(const auto late,
           session.query("SELECT id FROM demands WHERE salt IS NOT NULL AND alarmed = 0 AND open_by_s < $1 ORDER BY id",
                         {clock_.now() / 1000}));
    for (const auto& row : late) {
      VT_CHECK(session.execute("UPDATE demands SET alarmed = 1 WHERE id = $1", {row.text(0)}));
      VT_CHECK(Outbox::add(session,
                           entry::Alarm{bucket(), row.text(0), "a sealed demand was not opened by its day"}.text()));
    }
    return {};
  }));
  return outbox_.move_on();
}

}  // namespace vitrine::custody
