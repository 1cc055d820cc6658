// What a custodian knows from reading the log: who may sign, what was opened how often, what was erased. All of it
// comes from entries, so a custodian that is restarted, or set back, knows it again once it has read the log again.
#pragma once
#include <map>
#include <set>

#include "custody/entries.hpp"

namespace vitrine::custody {

/// Counts by day, summed over rolling 12 months. Not thread-safe.
class YearCounter {
 public:
  void add(std::int64_t bucket_s, std::int64_t count);
  /// Drops what in_year_before(now_s) no longer counts.
  void forget_before_year(std::int64_t now_s);
  [[nodiscard]] std::int64_t in_year_before(std::int64_t now_s) const;

 private:
  std::map<std::int64_t, std::int64_t> by_day_;
};

/// Not thread-safe.
class Ledger {
 public:
  /// When something was first read; remembered over restarts by whoever owns the ledger.
  using FirstSeen = std::map<std::string, std::int64_t>;

  explicit Ledger(const Rules& rules);
  /// Takes in an entry. Those of other kinds, or not understood, change nothing.
  void read(std::string_view entry, std::int64_t now_s, FirstSeen& first_seen);

  /// A member whose entry has been there long enough and who was not removed; null: nobody.
  [[nodiscard]] const Member* member(std::string_view id, std::int64_t now_s) const;
  [[nodiscard]] std::int64_t opened_by(std::string_view reader, std::string_view purpose, std::int64_t now_s) const;
  [[nodiscard]] std::int64_t opened_of(std::string_view zone, std::string_view purpose, std::int64_t now_s) const;
  [[nodiscard]] bool erased(std::string_view record) const;

 private:
  struct Listed {
    Member member;
    std::int64_t since_s = 0;
  };
  void count(const entry::Opened& opened);

  const std::int64_t delay_s_;
  std::map<std::string, Listed, std::less<>> members_;
  std::map<std::string, YearCounter, std::less<>> counters_;
  std::set<std::string, std::less<>> erased_;  ///< by erased_name
};

/// What first-seen times know rules by.
[[nodiscard]] std::string rules_name(const crypto::Hash& hash);

}  // namespace vitrine::custody
