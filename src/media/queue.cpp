#include "media/queue.hpp"

#include <cmath>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <sys/sendfile.h>
#include <unistd.h>

#include "base/crypto.hpp"
#include "base/id.hpp"
#include "base/log.hpp"
#include "base/metrics.hpp"
#include "media/compose.hpp"

namespace vitrine::media {
namespace {

namespace fs = std::filesystem;

constexpr auto idle_step = std::chrono::milliseconds(250);
constexpr double probe_share = 0.02;  // of the whole, for the percentage shown
constexpr double edits_share = 0.15;
constexpr double first_share = 0.25;
constexpr std::size_t hash_chunk_bytes = 1 << 20;
constexpr std::size_t tag_letters = 8;

constexpr store::Migration migrations[] = {{1, R"(
  CREATE TABLE media_jobs (
    video TEXT PRIMARY KEY,
    account TEXT NOT NULL,
    path TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    not_before BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    code TEXT NOT NULL,
    detail TEXT NOT NULL
  );
  CREATE INDEX media_jobs_waiting ON media_jobs (state, account, video);
  CREATE TABLE media_originals (
    account TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    video TEXT NOT NULL,
    PRIMARY KEY (account, sha256)
  );
  CREATE INDEX media_originals_video ON media_originals (video)
)"},
                                           {2, "CREATE TABLE media_forgetting (video TEXT PRIMARY KEY)"},
                                           {3, "ALTER TABLE media_jobs ADD COLUMN edits TEXT NOT NULL DEFAULT ''"}};

Result<std::string> hash_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return fail(Errc::not_found, "the upload is not there any more");
  crypto::Digest digest(crypto::Digest::Kind::sha256);
  std::string chunk(hash_chunk_bytes, '\0');
  while (file) {
    file.read(chunk.data(), static_cast<std::streamsize>(chunk.size()));
    digest.update(crypto::bytes_of(std::string_view(chunk).substr(0, static_cast<std::size_t>(file.gcount()))));
  }
  return crypto::hex(crypto::bytes_of(digest.finish()));
}

/// A private copy: what is in the store is never shown to a program that could write to it.
Checked<void> copy_out(const store::BlobFile& blob, const std::string& path) {
  const int to = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (to < 0) return std::unexpected<Fault>(system_error("copy of the original", errno));
  off_t at = 0;
  ssize_t sent = 1;
  while (at < blob.size() && sent > 0)
    sent = ::sendfile(to, blob.descriptor(), &at, static_cast<std::size_t>(blob.size() - at));
  const int error_number = errno;
  ::close(to);
  if (at < blob.size()) return std::unexpected<Fault>(system_error("copy of the original", error_number));
  return {};
}

/// What makes two uploads of one account the same video: their bytes and what was asked for.
std::string fingerprint(const std::string& sha256, const Edits& edits) {
  const std::string text = edits_text(edits);
  return text.empty() ? sha256 : crypto::hex(crypto::sha256(sha256 + text));
}

metrics::Counter& outcomes(std::string_view outcome) {
  return metrics::counter("vitrine_media_jobs_total", "Transcoding jobs by outcome",
                          {{"outcome", std::string(outcome)}});
}

Progress::State state_of(std::string_view stored) {
  if (stored == "done") return Progress::State::done;
  if (stored == "refused") return Progress::State::failed;
  return Progress::State::queued;
}

/// Asking again would change nothing.
bool is_final(const Error& error) {
  return error.code == Errc::forbidden || error.code == Errc::not_found || error.code == Errc::unprocessable;
}

const Error* transient(const Fault& fault) { return std::get_if<Error>(&fault); }

}  // namespace

struct Queue::Job {
  std::string video;
  std::string account;
  std::string path;
  std::string sha256;
  std::int64_t attempts = 0;
  TimeMs created_at = 0;
  Edits edits;
};

struct Queue::Subscriber {
  std::recursive_mutex mutex;
  std::function<void(const Progress&)> callback;

  void tell(const Progress& progress) {
    const std::lock_guard lock(mutex);
    if (callback) callback(progress);
  }
};

std::string_view name(Progress::State state) {
  switch (state) {
    case Progress::State::queued: return "queued";
    case Progress::State::probing: return "probing";
    case Progress::State::encoding: return "encoding";
    case Progress::State::live: return "live";
    case Progress::State::done: return "done";
    case Progress::State::failed: return "failed";
  }
  return "queued";
}

Queue::Queue(store::Database& database, store::Blobs& blobs, const Clock& clock, Publisher& publisher,
             QueueOptions options)
    : database_(database), blobs_(blobs), clock_(clock), publisher_(publisher), options_(std::move(options)) {}

Queue::~Queue() { stop(); }

Result<std::unique_ptr<Queue>> Queue::open(store::Database& database, store::Blobs& blobs, const Clock& clock,
                                           Publisher& publisher, QueueOptions options) {
  VT_CHECK(store::migrate(database, "media_queue", migrations));
  std::error_code error;
  fs::create_directories(options.work_directory, error);
  if (error) return std::unexpected(system_error("work directory", error.value()));
  return std::unique_ptr<Queue>(new Queue(database, blobs, clock, publisher, std::move(options)));
}

Result<void> Queue::enqueue(const NewJob& job) {
  VT_CHECK(database_.execute(
      "INSERT INTO media_jobs (video, account, path, sha256, state, attempts, not_before, created_at, code, "
      "detail, edits) VALUES ($1, $2, $3, $4, 'queued', 0, 0, $5, '', '', $6) ON CONFLICT (video) DO NOTHING",
      {job.video, job.account, job.path, job.sha256, clock_.now(), edits_text(job.edits)}));
  wake_.notify_one();
  return {};
}

Result<bool> Queue::replace(const NewJob& job) {
  bool made = false;
  VT_CHECK(database_.transaction(store::Access::write, [&](store::Session& session) -> Result<void> {
    VT_TRY(const store::Rows rows,
           session.query("SELECT state, sha256, path FROM media_jobs WHERE video = $1", {job.video}));
    const bool over = rows.empty() || rows[0].text(0) == "done" || rows[0].text(0) == "refused";
    if (!over && rows[0].text(2) != job.path)
      return fail(Errc::unavailable, "this video is being processed: what replaces it waits");
    made = rows.empty() || rows[0].text(0) != "done" || rows[0].text(1) != job.sha256;
    if (!over || !made) return {};
    VT_CHECK(session.execute("DELETE FROM media_jobs WHERE video = $1", {job.video}));
    VT_CHECK(session.execute(
        "INSERT INTO media_jobs (video, account, path, sha256, state, attempts, not_before, created_at, code, "
        "detail) VALUES ($1, $2, $3, $4, 'queued', 0, 0, $5, '', '')",
        {job.video, job.account, job.path, job.sha256, clock_.now()}));
    return {};
  }));
  wake_.notify_one();
  return made;
}

Result<void> Queue::start() {
  VT_CHECK(database_.execute("UPDATE media_jobs SET state = 'queued' WHERE state = 'running'"));
  std::error_code error;
  for (const auto& left : fs::directory_iterator(options_.work_directory, error)) fs::remove_all(left.path(), error);
  VT_TRY(const store::Rows ended,
         database_.query("SELECT video, path FROM media_jobs WHERE state IN ('done', 'refused') AND path <> ''"));
  for (const store::Row& row : ended) clean(row.text(0), row.text(1));
  for (int i = 0; i < options_.workers; ++i) {
    workers_.emplace_back([this](const std::stop_token& stop) { work(stop); });
  }
  return {};
}

void Queue::stop() {
  for (std::jthread& worker : workers_) worker.request_stop();
  {
    const std::lock_guard lock(mutex_);
    for (auto& [video, running] : running_) running->stop.request_stop();
  }
  wake_.notify_all();
  workers_.clear();
}

Result<void> Queue::begin_forgetting(const std::string& video) {
  VT_CHECK(database_.execute("INSERT INTO media_forgetting (video) VALUES ($1) ON CONFLICT DO NOTHING", {video}));
  return {};
}

Result<std::vector<std::string>> Queue::still_forgetting() const {
  VT_TRY(const store::Rows rows, database_.query("SELECT video FROM media_forgetting ORDER BY video", {}));
  std::vector<std::string> videos;
  for (const auto& row : rows) videos.emplace_back(row.text(0));
  return videos;
}

Result<void> Queue::forget(const std::string& video) {
  {
    std::unique_lock lock(mutex_);
    if (const auto found = running_.find(video); found != running_.end()) {
      found->second->forgotten = true;
      found->second->stop.request_stop();
      wake_.wait(lock, [&] { return !running_.contains(video); });
    }
  }
  std::string path;
  VT_CHECK(database_.transaction(store::Access::write, [&](store::Session& session) -> Result<void> {
    VT_TRY(const store::Rows rows, session.query("SELECT path FROM media_jobs WHERE video = $1", {video}));
    path = rows.empty() ? "" : rows[0].text(0);
    VT_CHECK(session.execute("DELETE FROM media_jobs WHERE video = $1", {video}));
    VT_CHECK(session.execute("DELETE FROM media_originals WHERE video = $1", {video}));
    return {};
  }));
  std::error_code error;
  if (!path.empty()) fs::remove(path, error);
  VT_CHECK(blobs_.remove_all("media/" + video));
  VT_CHECK(database_.execute("DELETE FROM media_forgetting WHERE video = $1", {video}));
  return {};
}

std::optional<Progress> Queue::progress(const std::string& video) const {
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = latest_.find(video); found != latest_.end()) return found->second;
  }
  const auto rows = database_.query("SELECT state, detail FROM media_jobs WHERE video = $1", {video});
  if (!rows || rows->empty()) return std::nullopt;
  const Progress::State state = state_of((*rows)[0].text(0));
  return Progress{state, state == Progress::State::done ? 100 : 0, (*rows)[0].text(1)};
}

std::unique_ptr<Queue::Subscription> Queue::subscribe(const std::string& video,
                                                      std::function<void(const Progress&)> callback) {
  auto subscriber = std::make_shared<Subscriber>();
  const std::lock_guard order(subscriber->mutex);  // whoever reports meanwhile comes after the present state
  subscriber->callback = std::move(callback);
  {
    const std::lock_guard lock(mutex_);
    subscribers_.emplace(video, subscriber);
  }
  if (const auto now = progress(video)) subscriber->tell(*now);
  return std::make_unique<Subscription>(*this, video, subscriber);
}

Queue::Subscription::Subscription(Queue& queue, std::string video, std::shared_ptr<Subscriber> subscriber)
    : queue_(queue), video_(std::move(video)), subscriber_(std::move(subscriber)) {}

Queue::Subscription::~Subscription() {
  {
    const std::lock_guard lock(queue_.mutex_);
    const auto [begin, end] = queue_.subscribers_.equal_range(video_);
    for (auto it = begin; it != end; ++it) {
      if (it->second != subscriber_) continue;
      queue_.subscribers_.erase(it);
      break;
    }
  }
  const std::lock_guard lock(subscriber_->mutex);
  subscriber_->callback = nullptr;
}

Result<std::int64_t> Queue::depth() const {
  VT_TRY(const store::Rows rows,
         database_.query("SELECT COUNT(*) FROM media_jobs WHERE state IN ('queued', 'running')"));
  return rows[0].integer(0);
}

void Queue::report(const std::string& video, Progress progress) {
  std::vector<std::shared_ptr<Subscriber>> listeners;
  {
    const std::lock_guard lock(mutex_);
    Progress& latest = latest_[video];
    if (latest == progress) return;
    latest = progress;
    const auto [begin, end] = subscribers_.equal_range(video);
    for (auto it = begin; it != end; ++it) listeners.push_back(it->second);
  }
  publisher_.progress(video, progress);
  for (const auto& listener : listeners) listener->tell(progress);
}

// Workers -----------------------------------------------------------------------------------------------------------

void Queue::work(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    const auto job = claim();
    if (!job) log::error("media.claim_failed", {{"detail", job.error().message}});
    if (!job || !*job) {
      std::unique_lock lock(mutex_);
      wake_.wait_for(lock, stop, idle_step, [] { return false; });
      continue;
    }
    std::shared_ptr<Running> running;
    {
      const std::lock_guard lock(mutex_);
      running = running_.at((*job)->video);
    }
    // A worker told to stop between claiming and here must not start the job.
    if (stop.stop_requested()) running->stop.request_stop();
    const Checked<void> outcome = run(**job, running->stop.get_token());
    finish(**job, outcome, *running);
    {
      const std::lock_guard lock(mutex_);
      running_.erase((*job)->video);
      latest_.erase((*job)->video);
    }
    wake_.notify_all();
  }
}

Result<std::optional<Queue::Job>> Queue::claim() {
  const std::lock_guard lock(mutex_);
  VT_TRY(const store::Rows waiting,
         database_.query("SELECT account, MIN(video) FROM media_jobs WHERE state = 'queued' AND "
                         "not_before <= $1 GROUP BY account ORDER BY 2",
                         {clock_.now()}));
  const store::Row* next = nullptr;
  std::uint64_t next_served = 0;
  for (const store::Row& row : waiting) {
    const auto turn = turns_.find(row.text(0));
    const std::uint64_t served = turn == turns_.end() ? 0 : turn->second;
    if (next != nullptr && served >= next_served) continue;
    next = &row;
    next_served = served;
  }
  if (next == nullptr) {
    turns_.clear();  // nobody waits: nobody has been kept waiting
    return std::nullopt;
  }
  const std::string video = next->text(1);
  VT_TRY(const std::int64_t taken,
         database_.execute("UPDATE media_jobs SET state = 'running' WHERE video = $1 AND state = 'queued'", {video}));
  if (taken == 0) return std::nullopt;
  VT_TRY(const store::Rows rows,
         database_.query("SELECT account, path, sha256, attempts, created_at, edits FROM media_jobs WHERE video = $1",
                         {video}));
  if (rows.empty()) return std::nullopt;
  VT_TRY(Edits edits, edits_of(rows[0].text(5)));
  turns_[next->text(0)] = next_turn_++;
  running_[video] = std::make_shared<Running>();
  return Job{video,           rows[0].text(0), rows[0].text(1), rows[0].text(2), rows[0].integer(3), rows[0].integer(4),
             std::move(edits)};
}

Checked<void> Queue::run(const Job& job, const std::stop_token& stop) {
  const fs::path directory = fs::path(options_.work_directory) / job.video;
  std::error_code error;
  fs::remove_all(directory, error);
  fs::create_directories(directory, error);
  if (error) return std::unexpected<Fault>(system_error("work directory", error.value()));
  Checked<void> outcome = run_in(job, directory, stop);
  fs::remove_all(directory, error);
  return outcome;
}

Checked<void> Queue::run_in(const Job& job, const std::string& directory, const std::stop_token& stop) {
  report(job.video, {Progress::State::probing, 0, ""});
  VT_CHECK(check_original(job));
  VT_TRY(MediaProbe probe, probe_file(job.path, stop));
  // Every attempt has names of its own: what a URL once named it names for ever.
  TranscodeJob transcode{.input = job.path,
                         .directory = directory,
                         .tag = new_id(clock_.now()).substr(id_length - tag_letters),
                         .probe = std::move(probe),
                         .on_progress = {},
                         .stop = stop};
  VT_CHECK(apply_edits(job, transcode));
  return encode_and_publish(job, std::move(transcode));
}

/// Afterwards `transcode` is about the edited file.
Checked<void> Queue::apply_edits(const Job& job, TranscodeJob& transcode) {
  if (!job.edits.changes_the_file()) {
    VT_TRY(const Window window, window_of(job.edits, transcode.probe.duration_s));
    transcode.cover_s = cover_of(job.edits, window, 0);
    return {};
  }
  if (job.edits.loan) VT_CHECK(fetch(job, *job.edits.loan, fs::path(transcode.directory) / original_name));
  transcode.on_progress = share_of(job, Progress::State::encoding, probe_share, edits_share);
  VT_TRY(Composed composed, compose(transcode, job.edits));
  transcode.input = std::move(composed.path);
  transcode.probe = std::move(composed.probe);
  transcode.cover_s = composed.cover_s;
  return {};
}

/// Brings what the job takes of another video into its directory, if that is still allowed.
Checked<void> Queue::fetch(const Job& job, const Loan& loan, const std::string& path) {
  const auto lent = options_.lend ? options_.lend(job.video, loan)
                                  : fail(Errc::forbidden, "nothing can be taken from other videos here");
  if (!lent && is_final(lent.error())) return refuse("not_permitted", lent.error().message);
  VT_CHECK(lent);
  const auto blob = blobs_.open(*lent);
  if (!blob && blob.error().code == Errc::not_found)
    return refuse("not_permitted", "The video you made this with has been removed meanwhile.");
  VT_CHECK(blob);
  return copy_out(**blob, path);
}

/// The same account with the same bytes: one video is enough. The table's key decides a race.
Checked<void> Queue::check_original(const Job& job) {
  std::string hash = job.sha256;
  std::error_code error;
  if (!fs::exists(job.path, error)) {
    return refuse("processing_failed",
                  "The uploaded file has been lost before it could be processed. Upload it again.");
  }
  if (hash.empty()) {
    VT_TRY(hash, hash_file(job.path));
  }
  hash = fingerprint(hash, job.edits);
  std::string owner;
  const auto claimed = database_.transaction(store::Access::write, [&](store::Session& session) -> Result<void> {
    VT_CHECK(session.execute(
        "INSERT INTO media_originals (account, sha256, video) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        {job.account, hash, job.video}));
    VT_TRY(const store::Rows rows,
           session.query("SELECT video FROM media_originals WHERE account = $1 AND sha256 = $2", {job.account, hash}));
    owner = rows.empty() ? job.video : rows[0].text(0);
    return {};
  });
  VT_CHECK(claimed);
  if (owner == job.video) return {};
  return refuse("duplicate", fmt::format("You have uploaded this very file before: see /v/{}.", owner));
}

std::function<void(double)> Queue::share_of(const Job& job, Progress::State state, double from, double to) {
  return [=, this, video = job.video](double done) {
    report(video, {state, static_cast<int>(100 * (from + (to - from) * done)), ""});
  };
}

Checked<void> Queue::encode_and_publish(const Job& job, TranscodeJob transcode) {
  std::vector<std::string> stored;
  const double begin_share = job.edits.changes_the_file() ? edits_share : probe_share;
  transcode.on_progress = share_of(job, Progress::State::encoding, begin_share, first_share);
  VT_TRY(const Renditions first, encode_first(transcode));
  VT_TRY(const Published early, store_and_publish(job, transcode, first, false, stored));
  metrics::histogram("vitrine_media_first_playable_seconds", "From upload to the first playable rendition", {},
                     {1, 2, 5, 10, 30, 60, 300})
      .observe(static_cast<double>(clock_.now() - job.created_at) / 1000);
  report(job.video, {Progress::State::live, static_cast<int>(100 * first_share), ""});

  transcode.on_progress = share_of(job, Progress::State::live, first_share, 0.99);
  Checked<Renditions> all = encode_rest(transcode, first);
  if (!all) {
    const Error* error = transient(all.error());
    const bool final = error == nullptr || (error->code == Errc::internal && job.attempts + 1 >= options_.attempts_max);
    if (!final) return std::unexpected(std::move(all).error());
    // It plays already: better one rendition than none.
    log::warning("media.ladder_incomplete", {{"video", job.video}});
    all = first;
  }
  VT_TRY(const Published full, store_and_publish(job, transcode, *all, true, stored));
  remove_stale_blobs(job.video, stored);
  return {};
}

Checked<Published> Queue::store_and_publish(const Job& job, const TranscodeJob& transcode, const Renditions& renditions,
                                            bool complete, std::vector<std::string>& stored) {
  const auto key = [&](const std::string& file) { return fmt::format("media/{}/{}", job.video, file); };
  for (const std::string& file : renditions.files) {
    if (std::find(stored.begin(), stored.end(), key(file)) != stored.end()) continue;
    // A second name for the file: the blob store takes that one, the next step still needs the first.
    const fs::path original = fs::path(transcode.directory) / file;
    const fs::path handed_over = fs::path(transcode.directory) / ("store-" + file);
    if (::link(original.c_str(), handed_over.c_str()) != 0) return std::unexpected<Fault>(system_error("link", errno));
    VT_CHECK(blobs_.put_file(key(file), handed_over));
    stored.push_back(key(file));
  }
  const VideoFacts& video = transcode.probe.video;
  const Size largest = ladder({video.display_width, video.display_height}, video.rate).back().size;
  Published published{.video = job.video,
                      .width = largest.width,
                      .height = largest.height,
                      .duration_ms = renditions.duration_ms,
                      .has_audio = renditions.has_audio,
                      .placeholder = renditions.placeholder,
                      .poster_key = key(renditions.poster),
                      .thumbnail_key = key(renditions.thumbnail),
                      .preview = {},
                      .sources = {},
                      .hls_key = {},
                      .complete = complete};
  if (!renditions.preview.empty()) {
    const Preview& grid = renditions.preview_grid;
    published.preview = PublishedPreview{key(renditions.preview), grid.columns,    grid.rows,       grid.count,
                                         grid.interval_ms,        grid.tile.width, grid.tile.height};
  }
  for (const Rendition& source : renditions.sources) {
    published.sources.push_back(
        {key(source.file), source.width, source.height, source.bitrate, source.bytes, source.codecs});
  }
  if (!renditions.hls_master.empty()) published.hls_key = key(renditions.hls_master);
  VT_CHECK(publisher_.publish(published));
  return published;
}

void Queue::remove_stale_blobs(const std::string& video, const std::vector<std::string>& keep) {
  const auto keys = blobs_.list("media/" + video);
  if (!keys) return;
  for (const std::string& key : *keys) {
    if (std::find(keep.begin(), keep.end(), key) != keep.end()) continue;
    if (const auto removed = blobs_.remove(key); !removed) log::warning("media.stale_blob", {{"video", video}});
  }
}

// How a job ends -----------------------------------------------------------------------------------------------------

void Queue::finish(const Job& job, const Checked<void>& outcome, const Running& running) {
  {
    const std::lock_guard lock(mutex_);
    if (running.forgotten) return;  // forget() removes the rest
  }
  if (outcome) return settle_done(job);
  if (const auto* refusal = std::get_if<Refusal>(&outcome.error())) return settle_refused(job, *refusal);
  settle_failed(job, std::get<Error>(outcome.error()));
}

void Queue::settle_done(const Job& job) {
  const auto written = database_.transaction(store::Access::write, [&](store::Session& session) -> Result<void> {
    VT_CHECK(
        session.execute("UPDATE media_jobs SET state = 'done', code = '', detail = '' WHERE video = $1", {job.video}));
    // What this one has replaced may be uploaded anew.
    VT_CHECK(session.execute("DELETE FROM media_originals WHERE video = $1 AND sha256 <> $2 AND $2 <> ''",
                             {job.video, job.sha256}));
    return {};
  });
  if (!written) {  // the job stays "running" and is done again by the next process
    log::error("media.settle_failed", {{"video", job.video}, {"detail", written.error().message}});
    return;
  }
  outcomes("done").add();
  clean(job.video, job.path);
  report(job.video, {Progress::State::done, 100, ""});
}

void Queue::settle_refused(const Job& job, const Refusal& refusal) {
  if (const auto told = publisher_.refuse(job.video, refusal.code, refusal.detail);
      !told && told.error().code != Errc::not_found) {
    return put_back(job, job.attempts, options_.pause_ms, told.error().message);
  }
  const auto written = database_.transaction(store::Access::write, [&](store::Session& session) -> Result<void> {
    VT_CHECK(session.execute("DELETE FROM media_originals WHERE video = $1 AND (sha256 = $2 OR $2 = '')",
                             {job.video, job.sha256}));
    VT_CHECK(session.execute("UPDATE media_jobs SET state = 'refused', code = $2, detail = $3 WHERE video = $1",
                             {job.video, refusal.code, refusal.detail}));
    return {};
  });
  if (!written) {
    log::error("media.settle_failed", {{"video", job.video}, {"detail", written.error().message}});
    return;
  }
  outcomes("refused").add();
  log::info("media.refused", {{"video", job.video}, {"code", refusal.code}});
  clean(job.video, job.path);
  report(job.video, {Progress::State::failed, 100, refusal.detail});
}

void Queue::settle_failed(const Job& job, const Error& error) {
  log::warning("media.attempt_failed",
               {{"video", job.video}, {"code", vitrine::name(error.code)}, {"detail", error.message}});
  switch (error.code) {
    case Errc::not_found:  // the video was removed while we worked
      if (const auto forgotten = database_.execute("DELETE FROM media_jobs WHERE video = $1", {job.video}); forgotten) {
        clean(job.video, job.path);
        remove_stale_blobs(job.video, {});
      }
      return;
    case Errc::storage_full:
      return put_back(job, job.attempts, options_.full_pause_ms, "Waiting for room on the server.");
    case Errc::unavailable: {
      const bool stopping = error.message == "stopped";
      return put_back(job, job.attempts, stopping ? 0 : options_.full_pause_ms,
                      stopping ? "" : "Waiting for the server.");
    }
    default: break;
  }
  const std::int64_t attempts = job.attempts + 1;
  if (attempts >= options_.attempts_max) {
    return settle_refused(job, {"processing_failed",
                                "The server could not process this file. Export it again as H.264 in an MP4 "
                                "file and upload that."});
  }
  outcomes("retried").add();
  put_back(job, attempts, options_.pause_ms << (2 * (attempts - 1)), "Trying again.");
}

void Queue::put_back(const Job& job, std::int64_t attempts, std::int64_t pause_ms, std::string_view detail) {
  const auto written = database_.execute(
      "UPDATE media_jobs SET state = 'queued', attempts = $2, not_before = $3, detail = $4 WHERE video = $1",
      {job.video, attempts, clock_.now() + pause_ms, std::string(detail)});
  if (!written) log::error("media.settle_failed", {{"video", job.video}, {"detail", written.error().message}});
  report(job.video, {Progress::State::queued, 0, std::string(detail)});
}

/// Removes the original, then notes that there is none: a crash in between only repeats it.
void Queue::clean(const std::string& video, const std::string& path) {
  std::error_code error;
  if (!options_.keep_originals && !path.empty()) fs::remove(path, error);
  if (const auto noted = database_.execute("UPDATE media_jobs SET path = '' WHERE video = $1", {video}); !noted) {
    log::warning("media.clean_failed", {{"video", video}});
  }
}

}  // namespace vitrine::media
