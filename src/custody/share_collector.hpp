// Asks all custodians at once for the shares of one opening, and opens with as many as are needed.
//
// Operation: one thread a custodian, so that one that is slow, away or lying holds nobody up; what waits for it is
// bounded, and given up once nobody waits for it any more.
#pragma once
#include <functional>
#include <memory>

#include "custody/sealing.hpp"

namespace vitrine::custody {

/// Asks a custodian for a release. Called from one thread each.
using CustodianPort = std::function<Result<std::string>(const std::string& body)>;

/// Whether a custodian's error is a decision; whatever else it answers is trouble.
[[nodiscard]] inline bool is_refusal(Errc code) { return code == Errc::forbidden || code == Errc::too_many_requests; }

/// Thread-safe.
class ShareCollector {
 public:
  /// In the order of the rules; they must outlive it.
  ShareCollector(const Rules& rules, const std::vector<CustodianPort>& custodians);
  ~ShareCollector();

  /// `body` is a release without its boxes; `key` what custodians seal their answers to. Gives the plaintexts in the
  /// order of `records`. Errors: forbidden and too_many_requests as the custodians say, with their words; unavailable
  /// (too few of them answered, or not with what fits).
  [[nodiscard]] Result<std::vector<std::string>> open(const json::object& body, const crypto::BoxKey& key,
                                                      const std::vector<const SealedRecord*>& records);

 private:
  struct Lane;
  const Rules& rules_;
  std::vector<std::unique_ptr<Lane>> lanes_;
};

}  // namespace vitrine::custody
