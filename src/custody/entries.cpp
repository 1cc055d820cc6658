#include "custody/entries.hpp"

#include "base/id.hpp"
#include "log/tile.hpp"

namespace vitrine::custody {
namespace {

constexpr std::int64_t bucket_s_max = std::int64_t{1} << 40;  // thousands of years: no arithmetic on times overflows
constexpr std::array outcomes = {Outcome::refused, Outcome::partly, Outcome::complied};

std::unexpected<Error> bad(std::string_view what) { return fail(Errc::invalid_argument, "{}", what); }

/// Spells an entry: its own members, and those that every entry has.
std::string spelt(std::string_view kind, std::int64_t bucket_s, json::object members) {
  members["bucket_s"] = bucket_s;
  members["kind"] = kind;
  members["v"] = 1;
  return *canonical_json(members);
}

Result<std::string> text_of(const json::object& object, std::string_view key, std::size_t bytes_max) {
  VT_TRY(const auto text, text_member(object, key));
  if (text.size() > bytes_max) return bad(fmt::format("\"{}\" is over {} bytes", key, bytes_max));
  return std::string(text);
}

Result<std::string> word_of(const json::object& object, std::string_view key) {
  VT_TRY(auto word, text_of(object, key, entry::word_bytes_max));
  if (word.empty()) return bad(fmt::format("\"{}\" is empty", key));
  return word;
}

Result<std::int64_t> number_of(const json::object& object, std::string_view key, std::int64_t min, std::int64_t max) {
  VT_TRY(const auto number, int_member(object, key));
  if (number < min || number > max) return bad(fmt::format("\"{}\" is {} to {}", key, min, max));
  return number;
}

Result<std::int64_t> time_of(const json::object& object, std::string_view key) {
  return number_of(object, key, 0, bucket_s_max);
}

Result<crypto::Hash> hash_of(const json::object& object, std::string_view key) {
  VT_TRY(const auto text, text_member(object, key));
  VT_TRY(const auto bytes, crypto::from_base64(text));
  return crypto::hash_from(bytes);
}

Result<std::string> id_of(const json::object& object, std::string_view key) {
  VT_TRY(const auto text, text_member(object, key));
  if (!is_id(text)) return bad(fmt::format("\"{}\" is no id", key));
  return std::string(text);
}

// --- one reader a kind -------------------------------------------------------------------------------------------

Result<Entry> read_opened(const json::object& object, std::int64_t bucket) {
  entry::Opened out{.bucket_s = bucket};
  VT_TRY(out.purpose, word_of(object, "purpose"));
  VT_TRY(out.data_class, word_of(object, "class"));
  VT_TRY(out.data_zone, word_of(object, "data_zone"));
  VT_TRY(out.reader, word_of(object, "reader"));
  VT_TRY(out.nonce, word_of(object, "nonce"));
  return out;
}

Result<Entry> read_batch(const json::object& object, std::int64_t bucket) {
  VT_TRY(auto read, read_opened(object, bucket));
  auto& out = std::get<entry::Opened>(read);
  out.batch = true;
  VT_TRY(out.count, number_of(object, "count", 1, records_per_batch_max));
  return read;
}

Result<Entry> read_refused(const json::object& object, std::int64_t bucket) {
  entry::Refused out{.bucket_s = bucket};
  VT_TRY(out.purpose, word_of(object, "purpose"));
  VT_TRY(out.data_class, word_of(object, "class"));
  VT_TRY(out.reader, word_of(object, "reader"));
  VT_TRY(out.reason, text_of(object, "reason", entry::sentence_bytes_max));
  return out;
}

Result<Entry> read_roster(const json::object& object, std::int64_t bucket) {
  if (object.contains("removed")) {
    VT_TRY(auto removed, word_of(object, "removed"));
    return entry::Left{bucket, std::move(removed)};
  }
  const auto* member = object.if_contains("member");
  if (!member) return bad("a roster's has a member, or one removed");
  VT_TRY(auto read, read_member(*member));
  return entry::Joined{bucket, std::move(read)};
}

Result<Entry> read_policy(const json::object& object, std::int64_t bucket) {
  VT_TRY(const auto hash, hash_of(object, "hash"));
  return entry::Announced{bucket, crypto::base64(hash)};
}

Result<Entry> read_erasure(const json::object& object, std::int64_t bucket) {
  const auto* records = object.if_contains("records");
  if (!records || !records->is_array()) return bad("\"records\" is a list");
  entry::Erased out{.bucket_s = bucket, .records = {}};
  for (const auto& record : records->get_array()) {
    if (!record.is_string()) return bad("\"records\" is a list of texts");
    out.records.emplace_back(record.get_string());
  }
  return out;
}

bool is_country(std::string_view text) {
  return text.size() == entry::country_letters &&
         std::ranges::all_of(text, [](char c) { return c >= 'A' && c <= 'Z'; });
}

Result<entry::DemandContent> content_of(const json::object& object) {
  entry::DemandContent out;
  VT_TRY(out.authority, text_of(object, "authority", entry::authority_bytes_max));
  VT_TRY(out.basis, text_of(object, "basis", entry::sentence_bytes_max));
  VT_TRY(out.data_class, word_of(object, "class"));
  VT_TRY(out.country, word_of(object, "country"));
  VT_TRY(out.zone, word_of(object, "zone"));
  if (!is_country(out.country)) return bad("\"country\" is two capital letters (ISO 3166)");
  if (!is_data_class(out.data_class)) return bad(fmt::format("there is no class of data called {}", out.data_class));
  if (out.authority.empty() || out.basis.empty()) return bad("a demand has an authority and a basis");
  return out;
}

Result<Entry> read_demand(const json::object& object, std::int64_t bucket) {
  VT_TRY(auto id, id_of(object, "id"));
  if (!object.contains("commitment")) {
    VT_TRY(auto content, content_of(object));
    return entry::Demand{bucket, std::move(id), std::move(content)};
  }
  VT_TRY(const auto commitment, hash_of(object, "commitment"));
  VT_TRY(const auto open_by_s, time_of(object, "open_by_s"));
  return entry::SealedDemand{bucket, std::move(id), commitment, open_by_s};
}

Result<Entry> read_disclosure(const json::object& object, std::int64_t bucket) {
  VT_TRY(auto demand, id_of(object, "demand"));
  if (object.contains("content")) {
    VT_TRY(auto content, text_of(object, "content", entry::content_bytes_max));
    VT_TRY(const auto salt, hash_of(object, "salt"));
    return entry::Unsealed{bucket, std::move(demand), std::move(content), salt};
  }
  VT_TRY(const auto said, text_member(object, "outcome"));
  VT_TRY(const auto outcome, outcome_of(said));
  VT_TRY(auto reason, text_of(object, "reason", entry::sentence_bytes_max));
  return entry::Disclosed{bucket, std::move(demand), outcome, std::move(reason)};
}

Result<Entry> read_alarm(const json::object& object, std::int64_t bucket) {
  VT_TRY(auto about, word_of(object, "about"));
  VT_TRY(auto message, text_of(object, "text", entry::sentence_bytes_max));
  return entry::Alarm{bucket, std::move(about), std::move(message)};
}

Result<Entry> read_retention(const json::object& object, std::int64_t bucket) {
  VT_TRY(const auto older, number_of(object, "older", 0, std::int64_t{1} << 48));
  return entry::Retention{bucket, older};
}

Result<Entry> read_intervention(const json::object& object, std::int64_t bucket) {
  entry::Intervention out{.bucket_s = bucket};
  VT_TRY(out.action, word_of(object, "action"));
  VT_TRY(out.by, word_of(object, "by"));
  VT_TRY(out.target, word_of(object, "target"));
  VT_TRY(out.why, text_of(object, "why", entry::sentence_bytes_max));
  VT_TRY(out.until_s, time_of(object, "until_s"));
  return out;
}

Result<Entry> read_build(const json::object& object, std::int64_t bucket) {
  VT_TRY(const auto sha256, hash_of(object, "sha256"));
  VT_TRY(auto version, word_of(object, "version"));
  return entry::Build{bucket, sha256, std::move(version)};
}

Result<Entry> read_model(const json::object& object, std::int64_t bucket) {
  VT_TRY(const auto sha256, hash_of(object, "sha256"));
  return entry::Model{bucket, sha256};
}

struct Kind {
  std::string_view name;
  Result<Entry> (*read)(const json::object& object, std::int64_t bucket);
};
constexpr Kind kinds[] = {
    {"access", read_opened},
    {"batch", read_batch},
    {"refusal", read_refused},
    {"roster", read_roster},
    {"policy", read_policy},
    {"erasure", read_erasure},
    {"demand", read_demand},
    {"disclosure", read_disclosure},
    {"alarm", read_alarm},
    {"retention", read_retention},
    {"intervention", read_intervention},
    {"build", read_build},
    {"model", read_model},
};

json::object members_of(const entry::DemandContent& content) {
  return {{"authority", content.authority},
          {"basis", content.basis},
          {"class", content.data_class},
          {"country", content.country},
          {"zone", content.zone}};
}

}  // namespace

std::string_view name(Outcome outcome) {
  switch (outcome) {
    case Outcome::refused: return "refused";
    case Outcome::partly: return "partly";
    case Outcome::complied: return "complied";
  }
  return "";
}

Result<Outcome> outcome_of(std::string_view text) {
  for (const auto one : outcomes)
    if (name(one) == text) return one;
  return fail(Errc::invalid_argument, "an outcome is refused, partly or complied");
}

Result<Entry> read_entry(std::string_view text) {
  VT_TRY(const auto value, parse_json(text, tlog::entry_bytes_max));
  if (!value.is_object()) return bad("an entry is an object");
  const auto& object = value.get_object();
  VT_TRY(const auto version, int_member(object, "v"));
  if (version != 1) return bad("an entry of another version");
  VT_TRY(const auto kind, text_member(object, "kind"));
  const auto* known = std::ranges::find(kinds, kind, &Kind::name);
  if (known == std::end(kinds)) return bad("an entry of another kind");
  VT_TRY(const auto bucket, time_of(object, "bucket_s"));
  return known->read(object, bucket);
}

namespace entry {

std::string Joined::text() const { return spelt("roster", bucket_s, {{"member", member.to_json()}}); }

std::string Left::text() const { return spelt("roster", bucket_s, {{"removed", member}}); }

std::string Announced::text() const { return spelt("policy", bucket_s, {{"hash", hash}}); }

std::string Erased::text() const {
  return spelt("erasure", bucket_s, {{"records", json::array(records.begin(), records.end())}});
}

std::string DemandContent::text() const { return *canonical_json(members_of(*this)); }

Result<DemandContent> read_demand_content(std::string_view text) {
  VT_TRY(const auto value, parse_canonical_json(text, content_bytes_max));
  if (!value.is_object()) return bad("the content of a demand is an object");
  return content_of(value.get_object());
}

crypto::Hash commitment_to(const crypto::Hash& salt, std::string_view content) {
  return crypto::sha256({salt, crypto::bytes_of(content)});
}

std::string Demand::text() const {
  auto members = members_of(content);
  members["id"] = id;
  return spelt("demand", bucket_s, std::move(members));
}

std::string SealedDemand::text() const {
  return spelt("demand", bucket_s, {{"commitment", crypto::base64(commitment)}, {"id", id}, {"open_by_s", open_by_s}});
}

std::string Disclosed::text() const {
  return spelt("disclosure", bucket_s, {{"demand", demand}, {"outcome", name(outcome)}, {"reason", reason}});
}

std::string Unsealed::text() const {
  return spelt("disclosure", bucket_s, {{"content", content}, {"demand", demand}, {"salt", crypto::base64(salt)}});
}

std::string Alarm::text() const { return spelt("alarm", bucket_s, {{"about", about}, {"text", message}}); }

std::string Retention::text() const { return spelt("retention", bucket_s, {{"older", older}}); }

std::string Intervention::text() const {
  return spelt("intervention", bucket_s,
               {{"action", action}, {"by", by}, {"target", target}, {"until_s", until_s}, {"why", why}});
}

std::string Build::text() const {
  return spelt("build", bucket_s, {{"sha256", crypto::base64(sha256)}, {"version", version}});
}

std::string Model::text() const { return spelt("model", bucket_s, {{"sha256", crypto::base64(sha256)}}); }

}  // namespace entry

std::string roster_entry(const Member& member, std::int64_t bucket) { return entry::Joined{bucket, member}.text(); }

std::string roster_removal(std::string_view id, std::int64_t bucket) {
  return entry::Left{bucket, std::string(id)}.text();
}

std::string erasure_entry(std::span<const std::string> records, std::int64_t bucket) {
  entry::Erased out{.bucket_s = bucket, .records = {}};
  for (const auto& record : records) out.records.push_back(erased_name(record));
  return out.text();
}

std::string policy_entry(const Rules& rules, std::int64_t bucket) {
  return entry::Announced{bucket, crypto::base64(rules.hash())}.text();
}

}  // namespace vitrine::custody
