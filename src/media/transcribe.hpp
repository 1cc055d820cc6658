// Words from sound, by a program of the operator's choice (whisper.cpp, for one).
//
// Operation: FFmpeg takes the sound of a rendition out as 16 kHz mono WAV, then the engine reads it; both in the
// sandbox, without network. The engine sees /usr, the files that its command line names by their absolute paths, and a
// folder for this job alone. What it writes is as untrusted as an upload: it is handed on as text. Concurrency: free
// functions; two jobs need two folders.
#pragma once
#include <cstdint>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "media/sandbox.hpp"

namespace vitrine::media {

inline constexpr std::size_t transcript_bytes_max = 1 << 20;

/// A command line. "{audio}" stands for the WAV file, "{output}" for what the engine is to write: it adds ".vtt" to the
/// name. "{language}" is the language's first part, "pt" of "pt-BR".
using Engine = std::vector<std::string>;
/// Errors: invalid_argument, in words for the operator.
[[nodiscard]] Result<void> check_engine(const Engine& engine);

/// So long for the engine that a slow machine comes through, and memory for the larger models.
[[nodiscard]] SandboxLimits engine_limits(std::int64_t duration_ms);

struct TranscribeJob {
  std::string input;      ///< an MP4 of our own making, with sound
  std::string directory;  ///< empty, for this job alone
  std::string language;   ///< BCP 47
  SandboxLimits limits;   ///< of the engine
  std::stop_token stop = {};
};

/// What the engine wrote: WebVTT, if it is as it should be. Errors: unprocessable (the engine failed, in words for the
/// creator), unavailable (no sandbox, stopped), storage_full, internal.
[[nodiscard]] Result<std::string> transcribe(const Engine& engine, const TranscribeJob& job);

}  // namespace vitrine::media
