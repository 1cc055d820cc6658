// Witnesses (c2sp.org/tlog-witness): they cosign a log's checkpoints as long as each continues the one before.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "base/files.hpp"
#include "log/checkpoint.hpp"

namespace vitrine::tlog {

inline constexpr std::size_t add_checkpoint_bytes_max = 128 << 10;
inline constexpr std::string_view size_content_type = "text/x.tlog.size";

/// "old 12\n" + base64 hashes + "\n" + the checkpoint's note.
struct AddCheckpoint {
  std::uint64_t old_size = 0;
  Proof proof;
  std::string checkpoint;
  [[nodiscard]] std::string text() const;
};
/// Errors: invalid_argument.
[[nodiscard]] Result<AddCheckpoint> parse_add_checkpoint(std::string_view body);

/// What an HTTP exchange with a witness gave.
struct WitnessAnswer {
  int status = 200;
  std::string content_type;
  std::string body;
};

/// The witness itself. What it has cosigned is durable before anybody hears of it, and it never goes back. Thread-safe.
class Witness {
 public:
  /// Keeps its state below `directory`, which one process at a time holds. A witness that has cosigned for a log and
  /// does not find what refuses to open (internal): to start again at zero would let the log tell another story.
  /// Errors: conflict (another process holds it), internal.
  [[nodiscard]] static Result<std::unique_ptr<Witness>> open(std::string directory, Signer cosigner,
                                                             std::vector<VerifierKey> logs, const Clock& clock);
  /// POST <submission>/add-checkpoint: 200 cosignature, 400, 403, 404, 409, 422 as the specification has them; 503 when
  /// it could not be made durable or its clock went back.
  [[nodiscard]] WitnessAnswer add_checkpoint(std::string_view body);
  /// GET <monitoring>/<hex of SHA-256 of the origin>/checkpoint: the last one, cosigned.
  [[nodiscard]] WitnessAnswer checkpoint(std::string_view origin_hash) const;
  [[nodiscard]] const VerifierKey& key() const { return cosigner_.verifier(); }

 private:
  struct Followed {
    VerifierKey key;
    std::string last;  ///< the note with our cosignature; empty: none yet
    Checkpoint seen;
    std::int64_t cosigned_s = 0;
  };
  Witness(std::string directory, Signer cosigner, const Clock& clock, Descriptor lock)
      : directory_(std::move(directory)), cosigner_(std::move(cosigner)), clock_(clock), lock_(std::move(lock)) {}
  Result<void> load(const VerifierKey& log);
  Result<void> keep(Followed& followed, const SignedCheckpoint& next, const NoteSignature& cosignature);
  [[nodiscard]] std::string file_of(std::string_view origin_hash) const;

  const std::string directory_;
  const Signer cosigner_;
  const Clock& clock_;
  const Descriptor lock_;
  mutable std::mutex mutex_;
  std::map<std::string, Followed, std::less<>> logs_;  ///< by origin's hash
};

/// Hex of SHA-256 of an origin: how a witness names logs.
[[nodiscard]] std::string origin_hash(std::string_view origin);

}  // namespace vitrine::tlog
