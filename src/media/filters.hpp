// The text of FFmpeg's filter graphs for one source. Pure.
//
// Time first, then colour and size: every rendition sees the same frames at the same instants. The first frame is held
// from zero and the last to the end of the presentation, so a late start or a long last frame keeps its time.
#pragma once
#include <optional>
#include <string>

#include "media/ladder.hpp"
#include "media/probe.hpp"

namespace vitrine::media {

/// Frames between start and end of the presentation: first held from zero, no more than 60 a second, last one held.
[[nodiscard]] std::string timing_filters(const MediaProbe& probe);

/// Upright frames as they are coded → `size`, square pixels, 8-bit limited-range BT.709 (HDR tone-mapped, alpha on
/// black).
[[nodiscard]] std::string picture_filters(const VideoFacts& video, Size size);

/// As picture_filters(), filling `frame` whatever its shape: cropped to it if a quarter or less is lost, else whole on
/// black.
[[nodiscard]] std::string fill_filters(const VideoFacts& video, Size frame);

/// Frames of picture_filters() at another size.
[[nodiscard]] std::string resize_filter(Size from, Size to);

/// Frames of picture_filters() → what a JPEG holds (full range, BT.601).
[[nodiscard]] std::string jpeg_filters();

/// The frame rate to announce to the encoder; real time stamps rule.
[[nodiscard]] double nominal_rate(const VideoFacts& video);

struct Loudness {
  double integrated_lufs = -70;
  double peak_db = -70;  ///< highest sample
};
inline constexpr double loudness_target_lufs = -16;
inline constexpr double gain_db_max = 12;
inline constexpr double gain_db_min = -20;
inline constexpr double peak_db_max = -2;  ///< of samples: leaves half a decibel for what lies between them
inline constexpr double limiting_db_max = 6;

/// Reads the summary FFmpeg's ebur128 filter prints.
[[nodiscard]] std::optional<Loudness> parse_loudness(std::string_view errors);
/// One static gain towards the target; 0 for silence.
[[nodiscard]] double gain_db(const Loudness& loudness);

[[nodiscard]] std::string loudness_filters(const AudioFacts& audio);
/// From time zero to the end, 48 kHz mono or stereo, evened.
[[nodiscard]] std::string audio_filters(const MediaProbe& probe, const Loudness& loudness);

}  // namespace vitrine::media
