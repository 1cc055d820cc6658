#include "media/synthetic.hpp"

#include "media/sandbox.hpp"

namespace vitrine::media {
namespace {

constexpr double fade_s = 0.4;

std::string sound_graph(const SyntheticClip& clip) {
  return fmt::format("{},afade=t=in:d={},afade=t=out:st={:.3f}:d={}", clip.sound, fade_s, clip.duration_s - fade_s,
                     fade_s);
}

std::string picture_graph(const SyntheticClip& clip) {
  return fmt::format("{},scale={}:{},setsar=1,fps={},format=yuv420p", clip.picture, clip.width, clip.height,
                     clip.frames_per_s);
}

}  // namespace

Result<void> synthesize(const SyntheticClip& clip, const std::string& directory, const std::string& name,
                        const std::stop_token& stop) {
  const std::vector<std::string> rate = clip.video_kbps > 0
                                            ? std::vector<std::string>{"-b:v", fmt::format("{}k", clip.video_kbps)}
                                            : std::vector<std::string>{"-crf", "20"};
  SandboxJob job{.argv = {"/usr/bin/ffmpeg",
                          "-hide_banner",
                          "-nostdin",
                          "-v",
                          "error",
                          "-y",
                          "-f",
                          "lavfi",
                          "-i",
                          picture_graph(clip),
                          "-f",
                          "lavfi",
                          "-i",
                          sound_graph(clip),
                          "-t",
                          fmt::format("{:.3f}", clip.duration_s),
                          "-c:v",
                          "libx264",
                          "-preset",
                          "ultrafast"},
                 .output = directory,
                 .stop = stop};
  job.argv.insert(job.argv.end(), rate.begin(), rate.end());
  job.argv.insert(job.argv.end(),
                  {"-threads", "1", "-c:a", "aac", "-b:a", "128k", "-ac", "2", "-f", "mp4", "file:/job/out/" + name});
  VT_TRY(const SandboxOutcome outcome, run_sandboxed(job));
  if (outcome.succeeded()) return {};
  if (outcome.ending == SandboxOutcome::Ending::stopped) return fail(Errc::unavailable, "stopped");
  if (outcome.ending == SandboxOutcome::Ending::exited) {
    return fail(Errc::invalid_argument, "FFmpeg could not draw the clip: {}", outcome.errors);
  }
  return fail(Errc::internal, "FFmpeg could not draw the clip: {}", outcome.summary());
}

}  // namespace vitrine::media
