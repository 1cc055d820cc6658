#include "media/compose.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "media/ffmpeg.hpp"

namespace vitrine::media {
namespace {

namespace fs = std::filesystem;

constexpr double crf = 14;  // nearly lossless: the ladder encodes it once more
constexpr int kbps_max = 30'000;
constexpr std::int64_t bytes_per_s_max = 8'000'000;  // twice that, with its sound
constexpr const char* preset = "ultrafast";
constexpr double rate_min = 15;  // a slower clip is shown at the usual rate
constexpr double rate_usual = 30;
constexpr double own_sound_db = -14;  // beside a sound that is to be heard
constexpr double missing_s_max = 0.5;
constexpr double past_end_s_max = 0.25;  // of a trim: players round a clip's length up

/// What is put together, in FFmpeg's terms: input 0 is the upload, input 1 the original.
struct Plan {
  Window window;        // of the upload
  double rate = 30;     // frames a second
  double before_s = 0;  // of the original, ahead of the upload
  double length_s = 0;  // of the whole
  double gain_db = 0;   // for the upload's own sound
  std::optional<Loan> loan;
  std::optional<MediaProbe> original;

  [[nodiscard]] bool is(Loan::Kind kind) const { return loan && loan->kind == kind; }
};

double seconds(std::int64_t ms) { return static_cast<double>(ms) / 1000; }

double rate_of(const VideoFacts& video) {
  const double rate = nominal_rate(video);
  return rate < rate_min ? rate_usual : std::min(rate, frame_rate_max);
}

Size display_of(const VideoFacts& video) { return {video.display_width, video.display_height}; }

bool lies(const VideoFacts& video) { return video.display_width > video.display_height; }

/// Size of the whole picture, or of one half of a duet.
Size frame_of(const TranscodeJob& job, const Plan& plan) {
  const VideoFacts& video = job.probe.video;
  if (!plan.is(Loan::Kind::duet)) return ladder(display_of(video), rate_of(video)).back().size;
  const bool both_lie = lies(video) && lies(plan.original->video);
  return both_lie ? Size{duet_half.height, duet_half.width} : duet_half;
}

// Pictures ------------------------------------------------------------------------------------------------------------

std::string own_picture(const TranscodeJob& job, const Plan& plan, Size frame) {
  return fmt::format("[0:{}]{},fps=fps={:.5f},trim=start={:.6f}:end={:.6f},setpts=PTS-STARTPTS,{}",
                     job.probe.video.index, timing_filters(job.probe), plan.rate, plan.window.start_s,
                     plan.window.start_s + plan.length_s - plan.before_s, fill_filters(job.probe.video, frame));
}

/// Its first frame is held from zero, its last one to the end.
std::string original_picture(const Plan& plan, Size frame, double length_s) {
  return fmt::format("[1:{}]fps=fps={:.5f}:start_time=0,tpad=stop_mode=clone:stop_duration={:.6f},trim=end={:.6f},{}",
                     plan.original->video.index, plan.rate, length_s, length_s,
                     fill_filters(plan.original->video, frame));
}

std::string picture_graph(const TranscodeJob& job, const Plan& plan) {
  const Size frame = frame_of(job, plan);
  const std::string own = own_picture(job, plan, frame);
  if (plan.is(Loan::Kind::duet)) {
    const char* join = frame.width > frame.height ? "vstack" : "hstack";
    return fmt::format("{}[own];{}[original];[own][original]{}=inputs=2:shortest=1[v]", own,
                       original_picture(plan, frame, plan.length_s), join);
  }
  if (plan.is(Loan::Kind::stitch)) {
    return fmt::format("{}[own];{}[original];[original][own]concat=n=2[v]", own,
                       original_picture(plan, frame, plan.before_s));
  }
  return own + "[v]";
}

// Sounds --------------------------------------------------------------------------------------------------------------

/// Samples of a known length from time zero, silence where there is nothing.
std::string sound(int input, const AudioFacts& audio, std::string_view layout, double start_s, double length_s,
                  double gain) {
  return fmt::format(
      "[{}:{}]aresample=48000:async=1:first_pts=0,aformat=sample_fmts=fltp:channel_layouts={},volume={:.2f}dB,apad,"
      "atrim=start={:.6f}:end={:.6f},asetpts=PTS-STARTPTS",
      input, audio.index, layout, gain, start_s, start_s + length_s);
}

std::string silence(double length_s) {
  return fmt::format("anullsrc=r=48000:cl=stereo,aformat=sample_fmts=fltp,atrim=end={:.6f}", length_s);
}

std::string stitched_sounds(const TranscodeJob& job, const Plan& plan) {
  const double own_s = plan.length_s - plan.before_s;
  const auto& original = plan.original->audio;
  const auto& own = job.probe.audio;
  return fmt::format(";{}[before];{}[after];[before][after]concat=n=2:v=0:a=1[a]",
                     original ? sound(1, *original, "stereo", 0, plan.before_s, 0) : silence(plan.before_s),
                     own ? sound(0, *own, "stereo", plan.window.start_s, own_s, plan.gain_db) : silence(own_s));
}

/// Empty when the result is to have no sound; else it ends in "[a]".
std::string sound_graph(const TranscodeJob& job, const Plan& plan) {
  const auto& own = job.probe.audio;
  if (!plan.loan) {
    if (!own) return {};
    const char* layout = own->channels == 1 ? "mono" : "stereo";
    return fmt::format(";{}[a]", sound(0, *own, layout, plan.window.start_s, plan.length_s, 0));
  }
  const auto& original = plan.original->audio;
  if (!own && !original) return {};
  if (plan.is(Loan::Kind::stitch)) return stitched_sounds(job, plan);
  const bool silent_own = plan.is(Loan::Kind::sound) && !plan.loan->keeps_own_sound;
  const double own_gain = plan.gain_db + (plan.is(Loan::Kind::sound) ? own_sound_db : 0);
  std::vector<std::string> sounds;
  if (own && !silent_own) sounds.push_back(sound(0, *own, "stereo", plan.window.start_s, plan.length_s, own_gain));
  if (original) sounds.push_back(sound(1, *original, "stereo", 0, plan.length_s, 0));
  if (sounds.size() == 1) return fmt::format(";{}[a]", sounds[0]);
  return fmt::format(";{}[s0];{}[s1];[s0][s1]amix=inputs=2:normalize=0[a]", sounds[0], sounds[1]);
}

// The run -------------------------------------------------------------------------------------------------------------

/// Our own rendition: only what is needed of it is read.
Arguments original_input(const Plan& plan) {
  Arguments argv = input_options(plan.original->demuxer);
  const bool stitch = plan.is(Loan::Kind::stitch);
  if (stitch) append(argv, {"-ss", fmt::format("{:.3f}", seconds(plan.loan->start_ms))});
  append(argv, {"-t", fmt::format("{:.3f}", stitch ? plan.before_s : plan.length_s), "-i", out(original_name)});
  return argv;
}

Arguments command(const TranscodeJob& job, const Plan& plan, std::string_view file) {
  Arguments argv = ffmpeg_command("warning");
  append(argv, upload_input(job.probe));
  if (plan.original) append(argv, original_input(plan));
  const std::string sounds = sound_graph(job, plan);
  append(argv, {"-filter_complex", picture_graph(job, plan) + sounds, "-map", "[v]"});
  if (!sounds.empty()) append(argv, {"-map", "[a]", "-c:a", "pcm_f32le"});
  VideoFacts steady;
  steady.rate = steady.rate_peak = plan.rate;
  append(argv, video_options({.name = "edit", .size = {}, .crf = crf, .bitrate_max_kbps = kbps_max, .preset = preset},
                             steady));
  append(argv, anonymous());
  append(argv, {"-f", "mov", out(file)});
  return argv;
}

Checked<Plan> plan_of(const TranscodeJob& job, const Edits& edits) {
  Plan plan{.rate = rate_of(job.probe.video), .loan = edits.loan, .original = {}};
  VT_TRY(plan.window, window_of(edits, job.probe.duration_s));
  plan.length_s = plan.window.length_s();
  if (!plan.loan) return plan;
  VT_TRY(plan.original, probe_file(fs::path(job.directory) / original_name, job.stop));
  const double original_s = plan.original->duration_s;
  if (plan.is(Loan::Kind::duet)) plan.length_s = std::min(plan.length_s, original_s);
  if (plan.is(Loan::Kind::sound) && !plan.original->audio)
    return refuse("no_sound", "The video whose sound you chose has none.");
  if (plan.is(Loan::Kind::stitch)) {
    plan.before_s = std::min(seconds(plan.loan->end_ms), original_s) - seconds(plan.loan->start_ms);
    if (plan.before_s < 1 / plan.rate)
      return refuse("bad_edit",
                    fmt::format("The other video ends at {:.1f} s, before the piece you chose.", original_s));
    plan.length_s += plan.before_s;
  }
  return plan;
}

bool mixes_own_sound(const TranscodeJob& job, const Plan& plan) {
  return job.probe.audio && plan.loan && (!plan.is(Loan::Kind::sound) || plan.loan->keeps_own_sound);
}

}  // namespace

Checked<Window> window_of(const Edits& edits, double duration_s) {
  const auto misplaced = [duration_s](std::string_view what, double at_s) {
    return refuse("bad_edit", fmt::format("The clip is {:.1f} s long, but {} was to be at {:.1f} s. Choose it again.",
                                          duration_s, what, at_s));
  };
  Window window{seconds(edits.trim_start_ms), duration_s};
  if (edits.trim_end_ms) window.end_s = seconds(*edits.trim_end_ms);
  if (window.end_s > duration_s + past_end_s_max) return misplaced("its end", window.end_s);
  window.end_s = std::min(window.end_s, duration_s);
  // An untouched short clip stays: the least length is for cuts.
  const double least_s = std::min(duration_s, seconds(trimmed_ms_min));
  if (window.length_s() < least_s - 0.001) return misplaced("its beginning", window.start_s);
  if (edits.cover_ms && seconds(*edits.cover_ms) > window.end_s + past_end_s_max)
    return misplaced("its cover", seconds(*edits.cover_ms));
  return window;
}

double cover_of(const Edits& edits, const Window& window, double before_s) {
  if (!edits.cover_ms) return 0;
  return before_s + std::clamp(seconds(*edits.cover_ms) - window.start_s, 0.0, window.length_s());
}

Checked<Composed> compose(const TranscodeJob& job, const Edits& edits) {
  VT_TRY(Plan plan, plan_of(job, edits));
  double cpu_s = 0;
  if (mixes_own_sound(job, plan)) {
    VT_TRY(const Loudness loudness, measure_loudness(job, cpu_s));
    plan.gain_db = gain_db(loudness);
  }
  TranscodeJob work = job;
  work.on_progress = [&](double share) {
    if (job.on_progress) job.on_progress(std::min(1.0, share * job.probe.duration_s / plan.length_s));
  };
  const std::string file = job.tag + "-edit.mov";
  VT_TRY(const Run run, run_ffmpeg(work, command(job, plan, file), true, bytes_per_s_max));
  VT_CHECK(check_damage(run));
  Composed composed{.path = fs::path(job.directory) / file, .probe = {}};
  VT_TRY(composed.probe, probe_file(composed.path, job.stop));
  if (composed.probe.duration_s < plan.length_s - std::max(missing_s_max, 0.02 * plan.length_s))
    return refuse("damaged", fmt::format("Only {:.1f} of {:.1f} seconds can be decoded: the file is damaged. Export it "
                                         "again.",
                                         composed.probe.duration_s, plan.length_s));
  composed.cover_s = std::min(cover_of(edits, plan.window, plan.before_s), composed.probe.duration_s);
  return composed;
}

}  // namespace vitrine::media
