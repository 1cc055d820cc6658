// A custodian: one key, and the duty to use it only for what the public log shows.
//
// Operation: it reads the whole log itself, entry by entry, under checkpoints that a quorum of witnesses has cosigned.
// To release its share of a record it wants the entry of that opening in the log, the request behind it, and approvals
// of people on the roster; it computes the entry anew from the request and the label in its box, and only the same
// bytes do.
//
// Limitations: t custodians together with a vault open what they like; what was released cannot be taken back.
#pragma once
#include <memory>
#include <mutex>

#include "base/files.hpp"
#include "custody/ledger.hpp"
#include "custody/opening.hpp"
#include "log/follower.hpp"

namespace vitrine::custody {

struct CustodianOptions {
  std::string directory;  ///< what it must not forget: rules it pinned, what it saw when, the last checkpoint
  Rules rules;
  crypto::Hash key_seed{};
  tlog::Fetch fetch;  ///< reads the log
};

/// Thread-safe.
class Custodian {
 public:
  /// Pins the rules at the first start. Errors: conflict (another process), forbidden (these rules are not those in
  /// force: they must stand in the log, and for long enough), internal.
  [[nodiscard]] static Result<std::unique_ptr<Custodian>> open(CustodianOptions options, const Clock& clock);

  /// `body`: {"request", "opening", "approvals", "entry", "proof", "boxes"}. Gives the shares, one for each record, in
  /// one box sealed to the vault's one-time key. Errors: invalid_argument (form), forbidden (why it is refused),
  /// unavailable (the log cannot be read), conflict (the log contradicts itself: nothing is released any more),
  /// too_many_requests.
  [[nodiscard]] Result<std::string> release(const json::value& body);

  /// Reads on in the log. What it has not seen when it is first asked counts as used before, so whoever runs a
  /// custodian calls this at its start until it succeeds, and now and then after that. Errors: as release's of the log.
  [[nodiscard]] Result<void> follow();

  [[nodiscard]] const crypto::PublicKey& public_key() const { return key_.public_key(); }
  [[nodiscard]] std::uint64_t read_entries() const;  ///< of the log

 private:
  struct Asked;
  Custodian(CustodianOptions options, const Clock& clock, Descriptor lock);
  Result<void> pin_rules();
  Result<void> keep();
  Result<void> catch_up(const tlog::Checkpoint* through);
  [[nodiscard]] Result<Asked> understand(const json::value& body) const;
  Result<void> check_log(const Asked& asked);
  Result<void> check_reader(const Asked& asked) const;
  Result<void> check_labels(const Asked& asked, const std::vector<Label>& labels) const;
  Result<void> check_approvals(const Asked& asked, bool guarded) const;
  Result<void> check_counters(const Asked& asked) const;
  [[nodiscard]] std::int64_t now_s() const { return clock_.now() / 1000; }

  const CustodianOptions options_;
  const crypto::BoxKey key_;
  const Clock& clock_;
  const Descriptor lock_;

  mutable std::mutex mutex_;
  Ledger ledger_;
  Ledger::FirstSeen first_seen_;
  std::string pinned_rules_;  ///< base64 of their hash
  std::int64_t pinned_delay_s_ = 0;
  std::string seen_;  ///< the newest checkpoint, as a note
  tlog::Follower follower_;
  bool caught_up_ = false;
  std::uint64_t first_index_ = 0;  ///< entries before were in the log when this run began: they open nothing
  std::set<std::uint64_t> released_;
  std::optional<Error> split_;  ///< the log was caught lying
};

}  // namespace vitrine::custody
