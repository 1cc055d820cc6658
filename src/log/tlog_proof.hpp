// Proofs that are handed out (c2sp.org/tlog-proof@v1): an entry's place, the hashes up to a root, and the checkpoint
// that the log and its witnesses have signed. Whoever has the entry, the proof and the keys needs nobody else.
#pragma once
#include <optional>

#include "log/policy.hpp"

namespace vitrine::tlog {

struct LogProof {
  std::optional<std::string> extra;  ///< bytes that nothing vouches for
  std::uint64_t index = 0;
  Proof hashes;            ///< from the leaf upward
  std::string checkpoint;  ///< the note, as it was published
  [[nodiscard]] std::string text() const;
};
/// Errors: invalid_argument.
[[nodiscard]] Result<LogProof> parse_log_proof(std::string_view text);

/// That `entry` stands at the proof's index under a checkpoint of `log` that enough witnesses of the policy have
/// cosigned. Errors: forbidden (signatures), unprocessable (the hashes do not lead there), invalid_argument.
[[nodiscard]] Result<Policy::Witnessed> verify(const LogProof& proof, std::string_view entry, const VerifierKey& log,
                                               const Policy& policy);

}  // namespace vitrine::tlog
