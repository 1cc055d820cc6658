// One run of FFmpeg in the sandbox: the pieces of its command line, its limits, its progress, what it says of damage.
// What transcode.cpp and compose.cpp have in common. Concurrency: free functions without state.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "media/transcode.hpp"

namespace vitrine::media {

using Arguments = std::vector<std::string>;

inline constexpr unsigned threads_max = 8;
inline constexpr std::int64_t ladder_bytes_per_s_max = 2'000'000;  ///< twice what its highest rate limit could fill

void append(Arguments& to, Arguments more);

struct Run {
  std::int64_t frames = 0;
  double out_s = 0;  ///< how far the output got
  double cpu_s = 0;
  std::string errors;
};

/// Runs `argv` with job.directory as /job/out and, if it reads the upload, job.input as /job/in. No file may become
/// larger than `bytes_per_s_max` for the job's length. Errors: as of transcode.hpp.
[[nodiscard]] Checked<Run> run_ffmpeg(const TranscodeJob& job, Arguments argv, bool reads_upload,
                                      std::int64_t bytes_per_s_max = ladder_bytes_per_s_max);

/// The program and what every run is given; `level` is of its log.
[[nodiscard]] Arguments ffmpeg_command(std::string_view level);
/// Reading the upload: shifted so that time zero is the beginning of the presentation.
[[nodiscard]] Arguments upload_input(const MediaProbe& probe);
/// A file of the job's directory as FFmpeg is to name it.
[[nodiscard]] std::string out(std::string_view name);
/// No tag, no chapter, no date, no signature of any program.
[[nodiscard]] Arguments anonymous();

/// FFmpeg carries on over damage; a video that is mostly guesswork is not shown to anybody.
[[nodiscard]] Checked<void> check_damage(const Run& run);
/// Of the upload's sound, which it must have. Adds what it took to `cpu_s`.
[[nodiscard]] Checked<Loudness> measure_loudness(const TranscodeJob& job, double& cpu_s);

}  // namespace vitrine::media
