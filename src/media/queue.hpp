// The queue of uploads to be made into videos.
//
// Operation: enqueue() makes a durable job. Workers take jobs in turns over accounts, oldest first within one, so that
// a bulk upload delays nobody else. A job probes the file, carries out its edits, encodes and publishes the first rung,
// then the whole ladder, and publishes again. Every blob is stored before what names it is published. What can go
// wrong: a file at fault is refused for good; a crash, hang or missing sandbox is tried again, with growing pauses, up
// to `attempts_max` times; a full disk leaves the job queued until there is room; a process that dies leaves jobs that
// the next one starts over (their half-made files are removed first). Concurrency: all members are thread-safe;
// callbacks come on worker threads. Limitations: one process at a time may work on one database's queue.
#pragma once
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "media/edits.hpp"
#include "media/transcode.hpp"
#include "store/blobs.hpp"
#include "store/database.hpp"

namespace vitrine::media {

struct Progress {
  enum class State { queued, probing, encoding, live, done, failed };
  State state = State::queued;
  int percent = 0;
  std::string detail;
  bool operator==(const Progress&) const = default;
};
[[nodiscard]] std::string_view name(Progress::State state);

struct PublishedSource {
  std::string key;
  int width = 0, height = 0;
  std::int64_t bitrate = 0;  ///< bits a second
  std::int64_t bytes = 0;
  std::string codecs;
};

struct PublishedPreview {
  std::string key;
  int columns = 0, rows = 0, count = 0, interval_ms = 0, tile_width = 0, tile_height = 0;
};

/// What a viewer can be given now. Keys are blob keys; their contents never change.
struct Published {
  std::string video;
  int width = 0, height = 0;  ///< of the largest rendition the video will have
  std::int64_t duration_ms = 0;
  bool has_audio = false;
  std::string placeholder;  ///< data URI, or empty
  std::string poster_key, thumbnail_key;
  std::optional<PublishedPreview> preview;
  std::vector<PublishedSource> sources;  ///< smallest first
  std::string hls_key;                   ///< empty until packaged
  bool complete = false;                 ///< nothing more will come
};

/// Who is told. Each call may come again after a crash and must then change nothing. Called on worker threads.
class Publisher {
 public:
  virtual ~Publisher() = default;
  virtual void progress(const std::string& video, const Progress& progress) = 0;
  /// not_found: the video has been removed meanwhile; the job is dropped.
  [[nodiscard]] virtual Result<void> publish(const Published& published) = 0;
  [[nodiscard]] virtual Result<void> refuse(const std::string& video, const std::string& code,
                                            const std::string& detail) = 0;
};

/// Whether `video` may be made with what `loan` names, now that it is, and the blob key of what to take. Errors:
/// forbidden, not_found, unprocessable (the job is refused, with the message for its creator); others are tried again.
using Lend = std::function<Result<std::string>(const std::string& video, const Loan& loan)>;

struct QueueOptions {
  std::string work_directory;  ///< on the blobs' file system; its contents are the queue's own
  int workers = 1;             ///< jobs at a time: one fills two cores
  int attempts_max = 3;
  std::int64_t pause_ms = 10'000;       ///< before the second attempt; four times that before the third
  std::int64_t full_pause_ms = 30'000;  ///< while there is no room or no sandbox
  bool keep_originals = false;
  Lend lend = {};  ///< without it no job may take from another video
};

struct NewJob {
  std::string video;
  std::string account;
  std::string path;    ///< of the original; the queue removes it when done, unless originals are kept
  std::string sha256;  ///< of the original, hex; empty: computed
  Edits edits = {};
};

class Queue {
 public:
  /// Brings the schema "media_queue" up to date. Everything passed in outlives the queue.
  [[nodiscard]] static Result<std::unique_ptr<Queue>> open(store::Database& database, store::Blobs& blobs,
                                                           const Clock& clock, Publisher& publisher,
                                                           QueueOptions options);
  ~Queue();
  Queue(const Queue&) = delete;
  Queue& operator=(const Queue&) = delete;

  /// Durable on return. The same video again changes nothing.
  [[nodiscard]] Result<void> enqueue(const NewJob& job);

  /// Other media for a video whose job is over, made from another original; the old ones are removed once the new ones
  /// are complete and published. False: it was made from this very original, and nothing is done. Durable on return.
  /// Errors: unavailable (its job is not over yet).
  [[nodiscard]] Result<bool> replace(const NewJob& job);

  /// Cleans up after the last process and starts the workers.
  [[nodiscard]] Result<void> start();
  /// Ends the workers; a job under way goes back to the queue. Waits for them.
  void stop();

  /// Forgets the video: its job (stopped if under way), its blobs, its original's hash. Call when a video is removed.
  [[nodiscard]] Result<void> forget(const std::string& video);
  /// Notes durably that forget() is to follow, before anything else of the video is taken away: what a crash interrupts
  /// is found by still_forgetting() at the next start.
  [[nodiscard]] Result<void> begin_forgetting(const std::string& video);
  [[nodiscard]] Result<std::vector<std::string>> still_forgetting() const;

  [[nodiscard]] std::optional<Progress> progress(const std::string& video) const;

  /// `callback` gets the present state at once, if there is a job, and every change until the subscription ends.
  class Subscription;
  [[nodiscard]] std::unique_ptr<Subscription> subscribe(const std::string& video,
                                                        std::function<void(const Progress&)> callback);

  /// Jobs waiting or under way.
  [[nodiscard]] Result<std::int64_t> depth() const;

 private:
  struct Job;
  struct Subscriber;
  struct Running {
    std::stop_source stop;
    bool forgotten = false;
  };

  Queue(store::Database& database, store::Blobs& blobs, const Clock& clock, Publisher& publisher, QueueOptions options);

  void work(const std::stop_token& stop);
  [[nodiscard]] Result<std::optional<Job>> claim();
  [[nodiscard]] Checked<void> run(const Job& job, const std::stop_token& stop);
  [[nodiscard]] Checked<void> run_in(const Job& job, const std::string& directory, const std::stop_token& stop);
  [[nodiscard]] Checked<void> apply_edits(const Job& job, TranscodeJob& transcode);
  [[nodiscard]] Checked<void> fetch(const Job& job, const Loan& loan, const std::string& path);
  [[nodiscard]] Checked<void> encode_and_publish(const Job& job, TranscodeJob transcode);
  [[nodiscard]] std::function<void(double)> share_of(const Job& job, Progress::State state, double from, double to);
  [[nodiscard]] Checked<void> check_original(const Job& job);
  [[nodiscard]] Checked<Published> store_and_publish(const Job& job, const TranscodeJob& transcode,
                                                     const Renditions& renditions, bool complete,
                                                     std::vector<std::string>& stored);
  void finish(const Job& job, const Checked<void>& outcome, const Running& running);
  void settle_done(const Job& job);
  void settle_refused(const Job& job, const Refusal& refusal);
  void settle_failed(const Job& job, const Error& error);
  void put_back(const Job& job, std::int64_t attempts, std::int64_t pause_ms, std::string_view detail);
  void remove_stale_blobs(const std::string& video, const std::vector<std::string>& keep);
  void clean(const std::string& video, const std::string& path);
  void report(const std::string& video, Progress progress);

  store::Database& database_;
  store::Blobs& blobs_;
  const Clock& clock_;
  Publisher& publisher_;
  const QueueOptions options_;

  mutable std::mutex mutex_;
  std::condition_variable_any wake_;
  std::map<std::string, std::shared_ptr<Running>> running_;  ///< by video
  std::map<std::string, std::uint64_t> turns_;               ///< account → when last served
  std::uint64_t next_turn_ = 1;
  std::map<std::string, Progress> latest_;  ///< of jobs under way
  std::multimap<std::string, std::shared_ptr<Subscriber>> subscribers_;
  std::vector<std::jthread> workers_;
};

class Queue::Subscription {
 public:
  Subscription(Queue& queue, std::string video, std::shared_ptr<Subscriber> subscriber);
  /// On return the callback is not running and will not be called again (unless this is called from inside it).
  ~Subscription();
  Subscription(const Subscription&) = delete;
  Subscription& operator=(const Subscription&) = delete;

 private:
  Queue& queue_;
  std::string video_;
  std::shared_ptr<Subscriber> subscriber_;
};

}  // namespace vitrine::media
