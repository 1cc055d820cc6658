// The outside verifier: fetches a log whole, computes every hash anew, and compares every tile.
#pragma once
#include "log/follower.hpp"

namespace vitrine::tlog {

struct AuditOptions {
  VerifierKey log;
  Policy policy;
  /// The newest checkpoint seen before (a note); the log must continue it. Empty: none.
  std::string seen;
  std::function<void(std::uint64_t done, std::uint64_t size)> on_progress = {};
};

struct Audited {
  Checkpoint checkpoint;
  std::string note;              ///< to be kept as `seen`
  std::size_t cosignatures = 0;  ///< of the policy's witnesses
  std::int64_t newest_cosignature_s = 0;
  std::uint64_t tiles = 0;  ///< fetched and found to be what the entries say
};

/// Errors as Follower::follow's.
[[nodiscard]] Result<Audited> audit(const Fetch& fetch, const AuditOptions& options);

}  // namespace vitrine::tlog
