#include "media/ffmpeg.hpp"

#include <charconv>
#include <cmath>
#include <thread>

#include "media/sandbox.hpp"

namespace vitrine::media {
namespace {

constexpr std::int64_t wall_ms_floor = 120'000;
constexpr std::int64_t wall_ms_ceiling = 3 * 3600 * 1000;
constexpr double reference_pixels_per_s = 1920.0 * 1080 * 30;
constexpr double wall_factor = 20;  // times real time, at the reference, before a run counts as hung
constexpr std::size_t error_bytes_max = 1 << 20;
constexpr double bad_frames_share_max = 0.10;
constexpr std::int64_t bad_frames_min = 4;
constexpr std::int64_t output_slack_bytes = 32 << 20;

/// Time and size grow with what the source asks for, within bounds.
SandboxLimits limits_for(const MediaProbe& probe, std::int64_t bytes_per_s_max) {
  const VideoFacts& video = probe.video;
  const double pixels_per_s = static_cast<double>(video.coded_width) * video.coded_height * std::min(video.rate, 960.0);
  const double weight = std::max(1.0, pixels_per_s / reference_pixels_per_s) * (video.is_wide() ? 4 : 1);
  SandboxLimits limits;
  limits.wall_ms = std::min(wall_ms_ceiling,
                            wall_ms_floor + static_cast<std::int64_t>(wall_factor * 1000 * weight * probe.duration_s));
  limits.cpu_s = limits.wall_ms / 1000 * std::max(2u, std::thread::hardware_concurrency());
  limits.file_bytes =
      output_slack_bytes + static_cast<std::int64_t>(probe.duration_s * static_cast<double>(bytes_per_s_max));
  limits.error_bytes = error_bytes_max;
  return limits;
}

/// Folds FFmpeg's "key=value" progress lines.
void take_progress(std::string_view line, const TranscodeJob& job, Run& run) {
  const std::size_t cut = line.find('=');
  if (cut == std::string_view::npos) return;
  const std::string_view key = line.substr(0, cut);
  std::int64_t value = 0;
  const std::string_view digits = line.substr(cut + 1);
  if (std::from_chars(digits.data(), digits.data() + digits.size(), value).ec != std::errc()) return;
  if (key == "frame") run.frames = std::max(run.frames, value);
  if (key != "out_time_us") return;
  run.out_s = std::max(run.out_s, static_cast<double>(value) / 1e6);
  if (job.on_progress) job.on_progress(std::clamp(run.out_s / job.probe.duration_s, 0.0, 1.0));
}

std::int64_t count(std::string_view text, std::string_view what) {
  std::int64_t found = 0;
  for (std::size_t at = text.find(what); at != std::string_view::npos; at = text.find(what, at + what.size())) ++found;
  return found;
}

}  // namespace

void append(Arguments& to, Arguments more) {
  to.insert(to.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

Arguments ffmpeg_command(std::string_view level) {
  Arguments argv = {"/usr/bin/ffmpeg", "-hide_banner", "-nostdin", "-y", "-v", std::string(level), "-nostats"};
  append(argv, {"-progress", "pipe:1", "-stats_period", "0.2"});
  return argv;
}

Checked<Run> run_ffmpeg(const TranscodeJob& job, Arguments argv, bool reads_upload, std::int64_t bytes_per_s_max) {
  Run run;
  SandboxJob box{.argv = std::move(argv),
                 .output = job.directory,
                 .limits = limits_for(job.probe, bytes_per_s_max),
                 .stop = job.stop};
  if (reads_upload) box.input = job.input;
  box.on_line = [&](std::string_view line) { take_progress(line, job, run); };
  VT_TRY(SandboxOutcome outcome, run_sandboxed(box));
  if (!outcome.succeeded()) return std::unexpected(fault_of(outcome));
  run.cpu_s = outcome.cpu_s;
  run.errors = std::move(outcome.errors);
  return run;
}

Arguments upload_input(const MediaProbe& probe) {
  Arguments argv = input_options(probe.demuxer);
  const double shift_s = probe.start_s - probe.origin_s;
  if (std::abs(shift_s) > 1e-6) append(argv, {"-itsoffset", fmt::format("{:.6f}", shift_s)});
  const unsigned threads = std::thread::hardware_concurrency();
  if (threads > threads_max) append(argv, {"-threads", std::to_string(threads_max)});
  append(argv, {"-i", "file:/job/in"});
  return argv;
}

std::string out(std::string_view name) { return fmt::format("file:/job/out/{}", name); }

Arguments anonymous() {
  return {"-map_metadata", "-1",      "-map_metadata:s", "-1",       "-map_chapters", "-1",       "-sn",
          "-dn",           "-fflags", "+bitexact",       "-flags:v", "+bitexact",     "-flags:a", "+bitexact"};
}

Checked<void> check_damage(const Run& run) {
  const std::int64_t bad = count(run.errors, "corrupt decoded frame") + count(run.errors, "Error while decoding");
  if (bad >= bad_frames_min &&
      static_cast<double>(bad) > bad_frames_share_max * static_cast<double>(std::max<std::int64_t>(run.frames, 1))) {
    return refuse("damaged",
                  fmt::format("The file is damaged: {} of its frames cannot be decoded. Export it again.", bad));
  }
  return {};
}

Checked<Loudness> measure_loudness(const TranscodeJob& job, double& cpu_s) {
  Arguments argv = ffmpeg_command("info");
  append(argv, upload_input(job.probe));
  append(argv,
         {"-map", fmt::format("0:{}", job.probe.audio->index), "-vn", "-sn", "-dn", "-t",
          fmt::format("{:.3f}", job.probe.duration_s), "-af", loudness_filters(*job.probe.audio), "-f", "null", "-"});
  TranscodeJob silent = job;
  silent.on_progress = nullptr;
  VT_TRY(const Run run, run_ffmpeg(silent, std::move(argv), true));
  cpu_s += run.cpu_s;
  return parse_loudness(run.errors).value_or(Loudness{});
}

}  // namespace vitrine::media
