// The outside verifier: fetches a log whole, computes every hash anew, and believes nothing but its keys. Pure reading;
// not thread-safe.
#pragma once
#include <functional>

#include "log/policy.hpp"
#include "log/tile.hpp"

namespace vitrine::tlog {

struct AuditOptions {
  VerifierKey log;
  Policy policy;
  /// The newest checkpoint seen before (a note); the log must continue it. Empty: none.
  std::string seen;
  std::function<void(std::uint64_t done, std::uint64_t size)> on_progress = [](auto, auto) {};
  /// Gets every entry, in order.
  std::function<Result<void>(std::uint64_t index, std::string_view entry)> on_entry;
};

struct Audited {
  Checkpoint checkpoint;
  std::string note;              ///< to be kept as `seen`
  std::size_t cosignatures = 0;  ///< of the policy's witnesses
  std::int64_t newest_cosignature_s = 0;
  std::uint64_t tiles = 0;  ///< fetched and found to be what the entries say
};

/// `fetch` gets paths below the log ("checkpoint", "tile/0/000"); its error not_found means that there is no such file.
/// Errors: unavailable (fetching), forbidden (signatures), unprocessable (the tree is not what it says; names the
/// place), conflict (the log has gone back, or tells another story than what was seen: a split view).
[[nodiscard]] Result<Audited> audit(const std::function<Result<std::string>(const std::string& path)>& fetch,
                                    const AuditOptions& options);

}  // namespace vitrine::tlog
