#include "media/transcribe.hpp"

#include <filesystem>
#include <thread>

#include "base/files.hpp"
#include "base/language.hpp"
#include "base/log.hpp"

namespace vitrine::media {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view audio_place = "{audio}", output_place = "{output}", language_place = "{language}";
constexpr const char *audio_file = "audio.wav", *output_file = "captions";
constexpr std::int64_t wall_ms_floor = 120'000, wall_factor = 20;  // times real time
constexpr std::int64_t engine_memory_bytes = std::int64_t{8} << 30;
constexpr std::int64_t engine_file_bytes = 4 << 20;
constexpr std::size_t logged_bytes = 500;

std::string in_job(std::string_view file) { return fmt::format("/job/out/{}", file); }

void replace_all(std::string& text, std::string_view what, const std::string& by) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size()))
    text.replace(at, what.size(), by);
}

std::vector<std::string> command_of(const Engine& engine, const std::string& language) {
  std::vector<std::string> argv = engine;
  for (auto& argument : argv) {
    replace_all(argument, audio_place, in_job(audio_file));
    replace_all(argument, output_place, in_job(output_file));
    replace_all(argument, language_place, std::string(primary_language(language)));
  }
  return argv;
}

/// The files that the command line names; what is below /usr can be read anyway.
std::vector<std::string> files_named_in(const Engine& engine) {
  std::vector<std::string> files;
  std::error_code error;
  for (const auto& argument : engine)
    if (argument.starts_with('/') && !argument.starts_with("/usr/") && fs::is_regular_file(argument, error))
      files.push_back(argument);
  return files;
}

/// An outcome as an error: what stops us is told from what the program did.
Error error_of(const SandboxOutcome& outcome, std::string_view what) {
  if (outcome.ending == SandboxOutcome::Ending::stopped) return {Errc::unavailable, "stopped"};
  log::warning("transcription.failed", {{"what", what},
                                        {"ending", outcome.summary()},
                                        {"errors", std::string_view(outcome.errors).substr(0, logged_bytes)}});
  return {Errc::unprocessable, fmt::format("{} failed ({})", what, outcome.summary())};
}

Result<void> extract_audio(const TranscribeJob& job) {
  const SandboxJob box{.argv = {"/usr/bin/ffmpeg",
                                "-hide_banner",
                                "-nostdin",
                                "-y",
                                "-v",
                                "error",
                                "-protocol_whitelist",
                                "file",
                                "-f",
                                "mov",
                                "-i",
                                "file:/job/in",
                                "-map",
                                "0:a:0",
                                "-ac",
                                "1",
                                "-ar",
                                "16000",
                                "-c:a",
                                "pcm_s16le",
                                "-map_metadata",
                                "-1",
                                "-f",
                                "wav",
                                fmt::format("file:{}", in_job(audio_file))},
                       .input = job.input,
                       .output = job.directory,
                       .stop = job.stop};
  VT_TRY(const auto outcome, run_sandboxed(box));
  if (!outcome.succeeded()) return std::unexpected(error_of(outcome, "Taking the sound out of the video"));
  return {};
}

}  // namespace

Result<void> check_engine(const Engine& engine) {
  const auto names = [&](std::string_view place) {
    return std::ranges::any_of(engine, [&](const std::string& argument) { return argument.contains(place); });
  };
  if (engine.empty() || !engine.front().starts_with('/'))
    return fail(Errc::invalid_argument, "transcriber must begin with a program's absolute path");
  std::error_code error;
  if (!fs::is_regular_file(engine.front(), error))
    return fail(Errc::invalid_argument, "transcriber: there is no program {}", engine.front());
  if (!names(audio_place) || !names(output_place))
    return fail(Errc::invalid_argument, "transcriber must name {{audio}} and {{output}} among its arguments");
  return {};
}

SandboxLimits engine_limits(std::int64_t duration_ms) {
  SandboxLimits limits;
  limits.wall_ms = wall_ms_floor + wall_factor * duration_ms;
  limits.cpu_s = limits.wall_ms / 1000 * std::max(1u, std::thread::hardware_concurrency());
  limits.address_space_bytes = engine_memory_bytes;
  limits.file_bytes = engine_file_bytes;
  return limits;
}

Result<std::string> transcribe(const Engine& engine, const TranscribeJob& job) {
  VT_CHECK(extract_audio(job));
  SandboxJob box{.argv = command_of(engine, job.language),
                 .output = job.directory,
                 .readable = files_named_in(engine),
                 .limits = job.limits,
                 .stop = job.stop};
  box.on_line = [](std::string_view) {};  // engines talk while they listen
  VT_TRY(const auto outcome, run_sandboxed(box));
  if (!outcome.succeeded()) return std::unexpected(error_of(outcome, "The speech recognition"));
  auto text = read_file(fmt::format("{}/{}.vtt", job.directory, output_file), transcript_bytes_max);
  if (!text) return fail(Errc::unprocessable, "The speech recognition wrote no captions");
  return text;
}

}  // namespace vitrine::media
