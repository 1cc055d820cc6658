#include "media/transcriptions.hpp"

#include <filesystem>

#include "base/files.hpp"
#include "base/log.hpp"
#include "base/metrics.hpp"

namespace vitrine::media {
namespace {

namespace fs = std::filesystem;
using State = Transcription::State;

/// While there is no room, no sandbox or no database.
constexpr auto pause_after_trouble = std::chrono::seconds(30);

constexpr store::Migration migrations[] = {{1, R"(
  CREATE TABLE transcriptions (
    video TEXT NOT NULL,
    language TEXT NOT NULL,
    account TEXT NOT NULL,
    state TEXT NOT NULL,
    detail TEXT NOT NULL,
    asked_at BIGINT NOT NULL,
    PRIMARY KEY (video, language)
  );
  CREATE INDEX transcriptions_waiting ON transcriptions (state, asked_at, video);
  CREATE INDEX transcriptions_of_account ON transcriptions (account, state)
)"}};

State state_of(std::string_view text) {
  for (const auto state : {State::running, State::failed})
    if (name(state) == text) return state;
  return State::queued;
}

metrics::Counter& outcomes(std::string_view outcome) {
  return metrics::counter("vitrine_transcriptions_total", "Transcriptions by outcome",
                          {{"outcome", std::string(outcome)}});
}

/// A folder for one job, gone afterwards.
class WorkFolder {
 public:
  explicit WorkFolder(const std::string& path) : path_(path) {
    fs::remove_all(path_, error_);
    fs::create_directories(path_, error_);
  }
  ~WorkFolder() { fs::remove_all(path_, error_); }
  WorkFolder(const WorkFolder&) = delete;
  WorkFolder& operator=(const WorkFolder&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] Result<std::string> make(std::string_view below) const {
    auto made = fmt::format("{}/{}", path_, below);
    VT_CHECK(make_directories(made));
    return made;
  }

 private:
  std::string path_;
  std::error_code error_;
};

/// The sandbox names files by their paths, blobs have none.
Result<void> copy_blob(const store::BlobFile& blob, const std::string& path) {
  std::error_code error;
  fs::copy_file(fmt::format("/proc/self/fd/{}", blob.descriptor()), path, error);
  if (error) return std::unexpected(system_error("copying a rendition", error.value()));
  return {};
}

}  // namespace

std::string_view name(State state) {
  switch (state) {
    case State::queued: return "queued";
    case State::running: return "running";
    case State::failed: return "failed";
  }
  return "failed";
}

Transcriptions::Transcriptions(store::Database& database, const store::Blobs& blobs, const Clock& clock,
                               TranscriptionPort& port, TranscriptionOptions options)
    : database_(database), blobs_(blobs), clock_(clock), port_(port), options_(std::move(options)) {}

Transcriptions::~Transcriptions() = default;

Result<std::unique_ptr<Transcriptions>> Transcriptions::open(store::Database& database, const store::Blobs& blobs,
                                                             const Clock& clock, TranscriptionPort& port,
                                                             TranscriptionOptions options) {
  VT_CHECK(store::migrate(database, "transcriptions", migrations));
  if (!options.engine.empty()) VT_CHECK(check_engine(options.engine));
  VT_CHECK(database.execute("UPDATE transcriptions SET state = 'queued' WHERE state = 'running'"));
  std::unique_ptr<Transcriptions> made(new Transcriptions(database, blobs, clock, port, std::move(options)));
  if (made->has_engine())
    made->worker_ = std::jthread([all = made.get()](const std::stop_token& stop) { all->work(stop); });
  return made;
}

Result<void> Transcriptions::ask(const std::string& video, const std::string& account, const std::string& language) {
  if (!has_engine())
    return fail(Errc::unprocessable, "this service has no speech recognition set up; its operator can add one");
  VT_CHECK(database_.transaction(store::Access::write, [&](store::Session& session) -> Result<void> {
    VT_TRY(const auto rows,
           session.query("SELECT COUNT(*) FROM transcriptions WHERE account = $1 AND state <> 'failed'", {account}));
    if (rows[0].integer(0) >= transcriptions_waiting_max)
      return fail(Errc::too_many_requests, "{} of your videos wait for this already", transcriptions_waiting_max);
    VT_CHECK(session.execute(
        "INSERT INTO transcriptions (video, language, account, state, detail, asked_at) "
        "VALUES ($1, $2, $3, 'queued', '', $4) ON CONFLICT (video, language) DO UPDATE SET state = 'queued', "
        "detail = '', asked_at = excluded.asked_at WHERE transcriptions.state = 'failed'",
        {video, language, account, clock_.now()}));
    return {};
  }));
  const std::lock_guard lock(mutex_);
  ++asked_;
  wake_.notify_one();
  return {};
}

Result<std::vector<Transcription>> Transcriptions::of_video(const std::string& video) const {
  VT_TRY(const auto rows,
         database_.query("SELECT language, state, detail FROM transcriptions WHERE video = $1 ORDER BY language",
                         {video}));
  std::vector<Transcription> list;
  for (const auto& row : rows) list.push_back({row.text(0), state_of(row.text(1)), row.text(2)});
  return list;
}

Result<void> Transcriptions::forget(const std::string& video) {
  VT_CHECK(database_.execute("DELETE FROM transcriptions WHERE video = $1", {video}));
  return {};
}

void Transcriptions::work(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    std::unique_lock lock(mutex_);
    const auto asked = asked_;
    lock.unlock();
    const auto job = claim();
    bool trouble = !job;
    if (job && *job) trouble = settle(**job, run(**job, stop));
    lock.lock();
    if (trouble)
      wake_.wait_for(lock, stop, pause_after_trouble, [] { return false; });
    else if (!*job)
      wake_.wait(lock, stop, [&] { return asked_ != asked; });
  }
}

Result<std::optional<Transcriptions::Job>> Transcriptions::claim() {
  VT_TRY(const auto rows, database_.query("SELECT video, language FROM transcriptions WHERE state = 'queued' "
                                          "ORDER BY asked_at, video, language LIMIT 1"));
  if (rows.empty()) return std::nullopt;
  Job job{rows[0].text(0), rows[0].text(1)};
  VT_CHECK(database_.execute("UPDATE transcriptions SET state = 'running' WHERE video = $1 AND language = $2",
                             {job.video, job.language}));
  return job;
}

Result<void> Transcriptions::run(const Job& job, const std::stop_token& stop) {
  VT_TRY(const auto sound, port_.sound_of(job.video));
  VT_TRY(const auto blob, blobs_.open(sound.key));
  const WorkFolder folder(fmt::format("{}/{}", options_.work_directory, job.video));
  const std::string input = folder.path() + "/in.mp4";
  VT_CHECK(copy_blob(*blob, input));
  VT_TRY(const auto directory, folder.make("out"));
  VT_TRY(const auto webvtt, transcribe(options_.engine, {.input = input,
                                                         .directory = directory,
                                                         .language = job.language,
                                                         .limits = engine_limits(sound.duration_ms),
                                                         .stop = stop}));
  return port_.take(job.video, job.language, webvtt);
}

bool Transcriptions::settle(const Job& job, const Result<void>& outcome) {
  const auto write = [&](std::string_view sql, store::Params more) {
    store::Params params{job.video, job.language};
    params.insert(params.end(), more.begin(), more.end());
    if (const auto written = database_.execute(sql, params); !written)
      log::error("transcription.settle_failed", {{"video", job.video}, {"detail", written.error().message}});
  };
  constexpr std::string_view mine = "WHERE video = $1 AND language = $2";
  const auto code = outcome ? Errc::not_found : outcome.error().code;
  if (outcome || code == Errc::not_found || code == Errc::conflict) {
    outcomes(outcome ? "done" : "dropped").add();
    write(fmt::format("DELETE FROM transcriptions {}", mine), {});
    return false;
  }
  if (code == Errc::unavailable || code == Errc::storage_full) {
    write(fmt::format("UPDATE transcriptions SET state = 'queued' {}", mine), {});
    return true;
  }
  outcomes("failed").add();
  log::warning("transcription.failed", {{"video", job.video}, {"detail", outcome.error().message}});
  write(fmt::format("UPDATE transcriptions SET state = 'failed', detail = $3 {}", mine), {outcome.error().message});
  return false;
}

}  // namespace vitrine::media
