// Captions as text that appears at its time: read strictly from WebVTT (W3C) or SubRip, written as plain WebVTT.
//
// What is read carries no markup: tags are taken off, STYLE and REGION blocks are passed over, and what is left of '<'
// and '&' is escaped when written. Errors name the line, so that whoever wrote the file finds it. Pure functions,
// thread-safe. See docs/captions.md.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace vitrine::social {

inline constexpr std::size_t captions_bytes_max = 512 << 10;
inline constexpr std::size_t cues_max = 5'000;
inline constexpr std::size_t cue_characters_max = 1'000;
inline constexpr std::int64_t cue_overhang_ms_max = 1'000;  ///< past the video's end

enum class CaptionFormat { webvtt, subrip };

/// Players have their controls where a file's exact positions would be: kept is which half a cue stands in.
enum class CuePlace { bottom, top };

struct Cue {
  std::int64_t start_ms = 0, end_ms = 0;
  std::string text;  ///< plain, one to a few lines
  CuePlace place = CuePlace::bottom;
  bool operator==(const Cue&) const = default;
};

/// Cues in order, none of them over another, at least one. Errors: invalid_argument, "line N: …" wherever it is a
/// line's fault; too_large.
[[nodiscard]] Result<std::vector<Cue>> read_captions(std::string_view file, CaptionFormat format,
                                                     std::int64_t video_ms);

/// read_captions() gives the same cues again.
[[nodiscard]] std::string write_webvtt(std::span<const Cue> cues);

/// All that is said, for searching.
[[nodiscard]] std::string said_in(std::span<const Cue> cues);

}  // namespace vitrine::social
