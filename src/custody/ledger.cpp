#include "custody/ledger.hpp"

#include "custody/opening.hpp"

namespace vitrine::custody {
namespace {

constexpr std::int64_t day_s = 86'400;
constexpr std::int64_t year_s = 365 * day_s;

std::string by_reader(std::string_view reader, std::string_view purpose) {
  return fmt::format("reader\n{}\n{}", reader, purpose);
}
std::string of_zone(std::string_view zone, std::string_view purpose) {
  return fmt::format("zone\n{}\n{}", zone, purpose);
}

std::string_view text_or_empty(const json::object& object, std::string_view key) {
  return text_member(object, key, "").value_or("");
}

std::string spelt(const json::object& object) { return *canonical_json(object); }

}  // namespace

void YearCounter::add(std::int64_t at_s, std::int64_t count) { by_day_[at_s / day_s] += count; }

std::int64_t YearCounter::in_year_before(std::int64_t now_s) const {
  std::int64_t sum = 0;
  for (auto day = by_day_.lower_bound((now_s - year_s) / day_s); day != by_day_.end(); ++day) sum += day->second;
  return sum;
}

Ledger::Ledger(const Rules& rules) : delay_s_(rules.delay_s) {
  for (const auto& member : rules.members) members_[member.id] = {member, 0};
}

void Ledger::read(std::string_view entry, std::int64_t now_s, FirstSeen& first_seen) {
  const auto value = parse_json(entry);
  if (!value || !value->is_object()) return;
  const auto& object = value->get_object();
  const auto kind = text_or_empty(object, "kind");
  if (kind == "access" || kind == "batch") return read_opening(object);
  if (kind == "roster") {
    const auto seen = first_seen.emplace("roster:" + crypto::base64(crypto::sha256(entry)), now_s).first;
    return read_roster(object, seen->second);
  }
  if (kind == "policy") {
    first_seen.emplace(fmt::format("policy:{}", text_or_empty(object, "hash")), now_s);
    return;
  }
  if (kind != "erasure") return;
  const auto* records = object.if_contains("records");
  if (!records || !records->is_array()) return;
  for (const auto& record : records->get_array())
    if (record.is_string()) erased_.emplace(record.get_string());
}

void Ledger::read_opening(const json::object& entry) {
  const auto bucket = int_member(entry, "bucket_s", 0).value_or(0);
  const auto count = int_member(entry, "count", 1).value_or(1);
  const auto purpose = text_or_empty(entry, "purpose");
  if (count < 1) return;
  counters_[by_reader(text_or_empty(entry, "reader"), purpose)].add(bucket, count);
  counters_[of_zone(text_or_empty(entry, "data_zone"), purpose)].add(bucket, count);
}

void Ledger::read_roster(const json::object& entry, std::int64_t seen_s) {
  if (const auto removed = text_or_empty(entry, "removed"); !removed.empty()) {
    if (const auto found = members_.find(removed); found != members_.end()) members_.erase(found);
    return;
  }
  const auto* value = entry.if_contains("member");
  if (!value) return;
  auto member = read_member(*value);
  // A name once given is not taken over: remove it first, and wait again.
  if (member) members_.try_emplace(member->id, Listed{*member, seen_s + delay_s_});
}

const Member* Ledger::member(std::string_view id, std::int64_t now_s) const {
  const auto found = members_.find(id);
  return found == members_.end() || found->second.since_s > now_s ? nullptr : &found->second.member;
}

std::int64_t Ledger::opened_by(std::string_view reader, std::string_view purpose, std::int64_t now_s) const {
  const auto found = counters_.find(by_reader(reader, purpose));
  return found == counters_.end() ? 0 : found->second.in_year_before(now_s);
}

std::int64_t Ledger::opened_of(std::string_view zone, std::string_view purpose, std::int64_t now_s) const {
  const auto found = counters_.find(of_zone(zone, purpose));
  return found == counters_.end() ? 0 : found->second.in_year_before(now_s);
}

bool Ledger::erased(std::string_view record) const { return erased_.contains(erased_name(record)); }

std::string roster_entry(const Member& member, std::int64_t bucket) {
  return spelt({{"bucket_s", bucket}, {"kind", "roster"}, {"member", member.to_json()}, {"v", 1}});
}

std::string roster_removal(std::string_view id, std::int64_t bucket) {
  return spelt({{"bucket_s", bucket}, {"kind", "roster"}, {"removed", id}, {"v", 1}});
}

std::string erasure_entry(std::span<const std::string> records, std::int64_t bucket) {
  json::array names;
  for (const auto& record : records) names.emplace_back(erased_name(record));
  return spelt({{"bucket_s", bucket}, {"kind", "erasure"}, {"records", std::move(names)}, {"v", 1}});
}

std::string retention_entry(std::int64_t older, std::int64_t bucket) {
  return spelt({{"bucket_s", bucket}, {"kind", "retention"}, {"older", older}, {"v", 1}});
}

std::string policy_entry(const Rules& rules, std::int64_t bucket) {
  return spelt({{"bucket_s", bucket}, {"hash", crypto::base64(rules.hash())}, {"kind", "policy"}, {"v", 1}});
}

std::string rules_name(const crypto::Hash& hash) { return "policy:" + crypto::base64(hash); }

}  // namespace vitrine::custody
