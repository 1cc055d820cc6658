// The log's writer. Entries become durable, get an index, become tiles, and stand under a checkpoint that the log signs
// and witnesses cosign.
//
// Operation: append() writes to the journal, one fdatasync for all that wait (group commit). A publisher thread takes
// what has come, in rounds: tiles are made durable; then the checkpoint over them is signed and kept in two places;
// then one thread a witness asks for its cosignature; once enough have answered it is published. At most one checkpoint
// is signed and not yet witnessed: after a start it is submitted again before anything else is signed, so a log that
// was set back to an older state meets witnesses that know better before it can contradict itself.
//
// Limitations: it does not look into entries.
#pragma once
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

#include "log/journal.hpp"
#include "log/tile.hpp"
#include "log/tlog_proof.hpp"
#include "log/witness.hpp"

namespace vitrine::tlog {

/// POST <witness>/add-checkpoint; an error when there was no answer. Called from one thread a witness.
using WitnessPost = std::function<Result<WitnessAnswer>(const std::string& body)>;

struct LogOptions {
  std::string directory;     ///< of tiles and the checkpoint; all in it but `signed` and `lock` may be public
  std::string second_place;  ///< a file elsewhere that repeats the last signed checkpoint
  Policy policy = Policy::quorum_of(0, {});
  std::vector<WitnessPost> posts;    ///< for each of the policy's witnesses
  std::int64_t interval_ms = 1'000;  ///< until an entry that nobody waits for is under a checkpoint
  std::int64_t refresh_ms = 60'000;  ///< an idle log asks for new cosignatures so often
  std::int64_t retry_ms = 1'000;     ///< between two attempts at a witness, or at a full disk
};

/// Thread-safe.
class Log {
 public:
  /// Errors: conflict (another process writes this log), internal (the directory holds an older or another tree than
  /// the one last signed: nothing is signed), storage_full.
  [[nodiscard]] static Result<std::unique_ptr<Log>> open(LogOptions options, Signer signer, Journal& journal,
                                                         const Clock& clock);
  ~Log();

  /// Gives the entry's index once it is durable. Errors: too_large (over entry_bytes_max), invalid_argument (empty),
  /// storage_full, unavailable (tiles cannot be written and memory is full of them).
  [[nodiscard]] Result<std::uint64_t> append(std::string_view entry);
  /// Waits until entry `index` is under a witnessed checkpoint, and proves it.
  /// Errors: invalid_argument (no such entry), unavailable (too few witnesses answered in time; says which did not).
  [[nodiscard]] Result<LogProof> prove(std::uint64_t index, std::int64_t timeout_ms);

  [[nodiscard]] std::uint64_t size() const;      ///< durable entries
  [[nodiscard]] std::string checkpoint() const;  ///< the newest witnessed one, as published; empty: none yet
  [[nodiscard]] const VerifierKey& key() const { return signer_.verifier(); }
  [[nodiscard]] const Policy& policy() const { return options_.policy; }

  struct WitnessState {
    std::string name;
    std::string trouble;     ///< empty: it cosigned the newest checkpoint it was asked for
    std::uint64_t size = 0;  ///< of the last it cosigned
  };
  [[nodiscard]] std::vector<WitnessState> witnesses() const;

 private:
  struct Waiting;
  struct Link;
  Log(LogOptions options, Signer signer, Journal& journal, const Clock& clock, Descriptor lock);

  Result<void> recover();
  Result<void> restore(const Checkpoint& newest, const Checkpoint& other);
  Result<void> start_empty();
  Result<void> keep_signed(const Checkpoint& checkpoint);
  void lead(std::unique_lock<std::mutex>& lock, Waiting& own);
  void publish_rounds(const std::stop_token& stop);
  [[nodiscard]] bool round_is_due() const;
  [[nodiscard]] bool may_publish() const;
  Result<void> run_round(std::unique_lock<std::mutex>& lock);
  Result<void> publish(std::unique_lock<std::mutex>& lock);
  void serve_witness(const std::stop_token& stop, std::size_t witness);
  [[nodiscard]] std::string trouble() const;

  const LogOptions options_;
  const Signer signer_;
  Journal& journal_;
  const Clock& clock_;
  const Descriptor lock_;

  mutable std::mutex mutex_;  ///< everything below but what is the publisher's
  std::vector<Waiting*> queue_;
  bool leading_ = false;
  Edge edge_;

  mutable std::condition_variable_any changed_;  ///< for publisher, witness threads and those who wait for proofs
  mutable int wanting_ = 0;                      ///< who waits for a witnessed checkpoint
  Note signed_;                                  ///< the newest signed checkpoint, without cosignatures
  std::uint64_t signed_size_ = 0;
  std::uint64_t asked_ = 0;                            ///< counts submissions to witnesses
  std::map<std::size_t, NoteSignature> cosignatures_;  ///< of signed_, by witness
  bool cosignatures_came_ = false;                     ///< since the last time they were published
  bool witnessed_ = false;                             ///< signed_ is published with enough of them
  std::string published_;
  std::uint64_t published_size_ = 0;
  std::vector<std::unique_ptr<Link>> links_;

  std::unique_ptr<class TileWriter> writer_;            ///< the publisher's
  std::vector<TileBytes> unwritten_;                    ///< the publisher's
  std::chrono::steady_clock::time_point last_round_{};  ///< the publisher's

  std::vector<std::jthread> threads_;  ///< last: they end before what they use
};

}  // namespace vitrine::tlog
