// Checkpoints (c2sp.org/tlog-checkpoint): what a log claims to hold, signed by it and cosigned by witnesses.
// Thread-safe.
#pragma once
#include "log/merkle.hpp"
#include "log/note.hpp"

namespace vitrine::tlog {

struct Checkpoint {
  std::string origin;  ///< the log's name, and that of its key
  std::uint64_t size = 0;
  Hash root = empty_root();
  /// The text that is signed: three lines. Extension lines are read, covered by the signatures, and not written.
  [[nodiscard]] std::string text() const;
};
/// Errors: invalid_argument.
[[nodiscard]] Result<Checkpoint> parse_checkpoint(std::string_view text);

/// A checkpoint whose log signature holds.
struct SignedCheckpoint {
  Checkpoint checkpoint;
  Note note;
};
/// Errors: invalid_argument (not a checkpoint), forbidden (not signed by `log`, or its signature is bad, or the origin
/// is not the key's name).
[[nodiscard]] Result<SignedCheckpoint> open_checkpoint(std::string_view note, const VerifierKey& log);

}  // namespace vitrine::tlog
