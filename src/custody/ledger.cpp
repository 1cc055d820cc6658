#include "custody/ledger.hpp"

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

}  // namespace

void YearCounter::add(std::int64_t at_s, std::int64_t count) { by_day_[at_s / day_s] += count; }

void YearCounter::forget_before_year(std::int64_t now_s) {
  by_day_.erase(by_day_.begin(), by_day_.lower_bound((now_s - year_s) / day_s));
}

std::int64_t YearCounter::in_year_before(std::int64_t now_s) const {
  std::int64_t sum = 0;
  for (auto day = by_day_.lower_bound((now_s - year_s) / day_s); day != by_day_.end(); ++day) sum += day->second;
  return sum;
}

Ledger::Ledger(const Rules& rules) : delay_s_(rules.delay_s) {
  for (const auto& member : rules.members) members_[member.id] = {member, 0};
}

void Ledger::read(std::string_view text, std::int64_t now_s, FirstSeen& first_seen) {
  const auto read = read_entry(text);
  if (!read) return;
  if (const auto* opened = std::get_if<entry::Opened>(&*read)) {
    count(*opened);
  } else if (const auto* joined = std::get_if<entry::Joined>(&*read)) {
    const auto seen = first_seen.emplace("roster:" + crypto::base64(crypto::sha256(text)), now_s).first;
    // A name once given is not taken over: remove it first, and wait again.
    members_.try_emplace(joined->member.id, Listed{joined->member, seen->second + delay_s_});
  } else if (const auto* left = std::get_if<entry::Left>(&*read)) {
    members_.erase(left->member);
  } else if (const auto* announced = std::get_if<entry::Announced>(&*read)) {
    first_seen.emplace("policy:" + announced->hash, now_s);
  } else if (const auto* erased = std::get_if<entry::Erased>(&*read)) {
    erased_.insert(erased->records.begin(), erased->records.end());
  }
}

void Ledger::count(const entry::Opened& opened) {
  counters_[by_reader(opened.reader, opened.purpose)].add(opened.bucket_s, opened.count);
  counters_[of_zone(opened.data_zone, opened.purpose)].add(opened.bucket_s, opened.count);
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

std::string rules_name(const crypto::Hash& hash) { return "policy:" + crypto::base64(hash); }

}  // namespace vitrine::custody
