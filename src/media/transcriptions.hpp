// The queue of videos whose sound is to be written down.
//
// Operation: ask() makes a durable job; one thread takes them in order, one at a time, beside the encoding queue. What
// comes out goes to the port, whose answer decides: done, or failed with what it says. A stop or a crash leaves jobs
// that the next process starts over. Concurrency: all members are thread-safe; the port is called on the queue's
// thread. Limitations: one process at a time may work on one database's jobs.
#pragma once
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "media/transcribe.hpp"
#include "store/blobs.hpp"
#include "store/database.hpp"

namespace vitrine::media {

inline constexpr std::int64_t transcriptions_waiting_max = 20;  ///< of one account

struct Transcription {
  enum class State { queued, running, failed };
  std::string language;
  State state = State::queued;
  std::string detail;  ///< of a failed one: why, for the creator
};
[[nodiscard]] std::string_view name(Transcription::State state);

struct Sound {
  std::string key;  ///< of a rendition's blob
  std::int64_t duration_ms = 0;
};

/// Where the sound comes from and the words go to.
class TranscriptionPort {
 public:
  virtual ~TranscriptionPort() = default;
  /// Errors: not_found (the job is dropped), unprocessable (it has no sound).
  [[nodiscard]] virtual Result<Sound> sound_of(const std::string& video) = 0;
  /// Errors: not_found and conflict (the job is dropped: the words are wanted no more); others are the job's failure.
  [[nodiscard]] virtual Result<void> take(const std::string& video, const std::string& language,
                                          const std::string& webvtt) = 0;
};

struct TranscriptionOptions {
  Engine engine;               ///< empty: there is none
  std::string work_directory;  ///< its contents are the queue's own
};

class Transcriptions {
 public:
  /// Brings the schema "transcriptions" up to date. Everything passed in outlives it. Errors: see check_engine.
  [[nodiscard]] static Result<std::unique_ptr<Transcriptions>> open(store::Database& database,
                                                                    const store::Blobs& blobs, const Clock& clock,
                                                                    TranscriptionPort& port,
                                                                    TranscriptionOptions options);
  /// Stops what runs and waits for it.
  ~Transcriptions();
  Transcriptions(const Transcriptions&) = delete;
  Transcriptions& operator=(const Transcriptions&) = delete;

  [[nodiscard]] bool has_engine() const { return !options_.engine.empty(); }
  /// Durable on return. What waits or runs already is not asked for twice. Errors: unprocessable (no engine),
  /// too_many_requests (the account has transcriptions_waiting_max waiting).
  [[nodiscard]] Result<void> ask(const std::string& video, const std::string& account, const std::string& language);
  /// What is not done. By language.
  [[nodiscard]] Result<std::vector<Transcription>> of_video(const std::string& video) const;
  /// Call when a video is removed.
  [[nodiscard]] Result<void> forget(const std::string& video);

 private:
  struct Job {
    std::string video, language;
  };

  Transcriptions(store::Database& database, const store::Blobs& blobs, const Clock& clock, TranscriptionPort& port,
                 TranscriptionOptions options);
  void work(const std::stop_token& stop);
  [[nodiscard]] Result<std::optional<Job>> claim();
  [[nodiscard]] Result<void> run(const Job& job, const std::stop_token& stop);
  /// True: it waits for another try.
  [[nodiscard]] bool settle(const Job& job, const Result<void>& outcome);

  store::Database& database_;
  const store::Blobs& blobs_;
  const Clock& clock_;
  TranscriptionPort& port_;
  const TranscriptionOptions options_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::uint64_t asked_ = 0;  ///< grows with each job
  std::jthread worker_;
};

}  // namespace vitrine::media
