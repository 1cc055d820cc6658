#include "app/bench_media.hpp"

#include <condition_variable>
#include <filesystem>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/bench_report.hpp"
#include "app/temporary_directory.hpp"
#include "base/clock.hpp"
#include "base/id.hpp"
#include "media/queue.hpp"
#include "media/synthetic.hpp"
#include "store/blobs.hpp"
#include "store/database.hpp"

namespace vitrine::app {
namespace {

namespace fs = std::filesystem;
using Seconds = std::chrono::duration<double>;

constexpr double playable_s_max = 5;      // what the project promises
constexpr double ladder_ratio_max = 1.2;  // what the project promises
constexpr std::chrono::minutes patience{10};

/// Grain, and the bit rate that phones record 1080p with.
media::SyntheticClip phone_clip() {
  return {.picture = "testsrc2=s=1080x1920:r=30,noise=alls=10:allf=t",
          .sound = "sine=frequency=330:sample_rate=48000",
          .width = 1080,
          .height = 1920,
          .duration_s = 15,
          .frames_per_s = 30,
          .video_kbps = 20'000};
}

/// Notes when the first and the last rung were published.
class Stopwatch final : public media::Publisher {
 public:
  void progress(const std::string&, const media::Progress&) override {}
  Result<void> publish(const media::Published& published) override {
    const std::lock_guard lock(mutex_);
    const double now_s = elapsed();
    if (first_s_ < 0) first_s_ = now_s;
    if (published.complete) complete_s_ = now_s;
    changed_.notify_all();
    return {};
  }
  Result<void> refuse(const std::string&, const std::string&, const std::string& detail) override {
    const std::lock_guard lock(mutex_);
    refusal_ = detail;
    changed_.notify_all();
    return {};
  }

  Result<void> wait() {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, patience, [this] { return complete_s_ >= 0 || !refusal_.empty(); }))
      return fail(Errc::internal, "the clip was not processed within ten minutes");
    if (!refusal_.empty()) return fail(Errc::internal, "the clip was refused: {}", refusal_);
    return {};
  }
  [[nodiscard]] double first_s() const { return first_s_; }
  [[nodiscard]] double complete_s() const { return complete_s_; }

 private:
  [[nodiscard]] double elapsed() const { return Seconds(std::chrono::steady_clock::now() - began_).count(); }

  const std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  std::mutex mutex_;
  std::condition_variable changed_;
  double first_s_ = -1, complete_s_ = -1;
  std::string refusal_;
};

struct QueueTimes {
  double first_s = 0, complete_s = 0;
};

Result<QueueTimes> time_queue(const fs::path& folder, const std::string& clip) {
  const SystemClock clock;
  VT_TRY(const auto database, store::open_database(folder / "bench.db"));
  VT_TRY(const auto blobs, store::open_file_blobs(folder / "blobs"));
  fs::create_directories(folder / "work");
  Stopwatch watch;
  VT_TRY(const auto queue, media::Queue::open(*database, *blobs, clock, watch,
                                              {.work_directory = folder / "work", .keep_originals = true}));
  VT_CHECK(queue->start());
  VT_CHECK(queue->enqueue({new_id(clock.now()), new_id(clock.now()), clip, ""}));
  VT_CHECK(watch.wait());
  queue->stop();
  return QueueTimes{watch.first_s(), watch.complete_s()};
}

Error error_of(const media::Fault& fault) {
  if (const auto* error = std::get_if<Error>(&fault)) return *error;
  return {Errc::internal, std::get<media::Refusal>(fault).detail};
}

/// CPU seconds of the whole pipeline, all programs together.
Result<double> ladder_cpu_s(const fs::path& folder, const std::string& clip, const media::MediaProbe& probe) {
  fs::create_directories(folder);
  const media::TranscodeJob job{.input = clip, .directory = folder, .tag = "b", .probe = probe};
  auto first = media::encode_first(job);
  if (!first) return std::unexpected(error_of(first.error()));
  const auto all = media::encode_rest(job, std::move(*first));
  if (!all) return std::unexpected(error_of(all.error()));
  return all->cpu_s;
}

/// One call: decode once, scale for every rung, encode every rung and the sound once.
std::vector<std::string> bare_call(const fs::path& folder, const std::string& clip, const media::MediaProbe& probe) {
  const auto rungs = media::ladder({probe.video.display_width, probe.video.display_height}, probe.video.rate);
  std::string graph = fmt::format("[0:v]split={}", rungs.size());
  std::string scales;
  for (std::size_t i = 0; i < rungs.size(); ++i) {
    graph += fmt::format("[s{}]", i);
    scales += fmt::format(";[s{}]scale={}:{}[v{}]", i, rungs[i].size.width, rungs[i].size.height, i);
  }
  std::vector<std::string> argv = {"/usr/bin/ffmpeg", "-nostdin",    "-v", "error", "-y", "-i", clip,
                                   "-filter_complex", graph + scales};
  const auto append = [&](std::vector<std::string> more) { argv.insert(argv.end(), more.begin(), more.end()); };
  for (std::size_t i = 0; i < rungs.size(); ++i) {
    append({"-map", fmt::format("[v{}]", i)});
    if (i == 0) append({"-map", "0:a"});
    append(media::video_options(rungs[i], probe.video));
    if (i == 0) append(media::audio_options(*probe.audio));
    append({"-movflags", "+faststart", folder / fmt::format("{}.mp4", i)});
  }
  return argv;
}

Result<double> cpu_s_of(const std::vector<std::string>& command) {
  std::vector<char*> argv;
  for (const auto& argument : command) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  const pid_t child = ::fork();
  if (child < 0) return fail(Errc::unavailable, "no process could be started");
  if (child == 0) {
    ::execv(argv[0], argv.data());
    ::_exit(127);
  }
  int status = 0;
  rusage usage{};
  if (::wait4(child, &status, 0, &usage) < 0 || status != 0) return fail(Errc::internal, "the bare FFmpeg call failed");
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace

Result<void> bench_media(bool json) {
  const TemporaryDirectory folder;
  const std::string clip = folder.path() / "clip.mp4";
  VT_CHECK(media::synthesize(phone_clip(), folder.path(), "clip.mp4", {}));
  const auto probe = media::probe_file(clip);
  if (!probe) return std::unexpected(error_of(probe.error()));
  VT_TRY(const auto times, time_queue(folder.path(), clip));
  VT_TRY(const double bare_s, cpu_s_of(bare_call(folder.path(), clip, *probe)));
  VT_TRY(const double ladder_s, ladder_cpu_s(folder.path() / "ladder", clip, *probe));
  print_bench(
      "media",
      {{"first_playable_s", times.first_s, "s", "promised at most", playable_s_max, times.first_s / playable_s_max},
       {"complete_s", times.complete_s, "s", "", 0, 0},
       {"ladder_cpu_s", ladder_s, "s", "one bare FFmpeg call", bare_s, ladder_s / bare_s},
       {"ladder_cpu_ratio", ladder_s / bare_s, "x", "promised at most", ladder_ratio_max,
        ladder_s / bare_s / ladder_ratio_max}},
      json);
  return {};
}

}  // namespace vitrine::app
