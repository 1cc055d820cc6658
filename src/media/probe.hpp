// What an uploaded file is: its streams, the picture as it should be seen, its time line; or why it is refused.
//
// Operation: the first bytes choose one demuxer (never a playlist or a list of files, whose contents could name other
// files); ffprobe reads the headers with that demuxer alone; a second look at the last packets finds where picture and
// sound really end, which tells a file that was cut off from a whole one. Both run in the sandbox. Concurrency: free
// functions without state. Limitations: nothing is decoded here, so damage inside a picture shows only when
// transcoding.
#pragma once
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <variant>

#include "base/result.hpp"

namespace vitrine::media {

inline constexpr double duration_s_max = 600;
inline constexpr double duration_tolerance_s = 0.5;
inline constexpr int side_pixels_min = 16;
inline constexpr int side_pixels_max = 8192;
inline constexpr std::int64_t picture_pixels_max = std::int64_t{8192} * 4320;
/// Ten minutes of 4K at 60 frames a second: more would take hours.
inline constexpr double total_pixels_max = 3840.0 * 2160.0 * 60.0 * 600.0 * 1.01;

/// The file's own fault: trying again changes nothing. `detail` tells its owner what is wrong and what to do.
struct Refusal {
  std::string code;  ///< not_a_video, no_video, empty, too_long, too_small, too_large, too_heavy, truncated, damaged,
                     ///< unsupported_codec, duplicate, processing_failed, bad_edit, no_sound, not_permitted
  std::string detail;
};

/// Why there is no result: the file's fault, or ours (worth another try).
using Fault = std::variant<Refusal, Error>;
template <class T>
using Checked = std::expected<T, Fault>;

[[nodiscard]] inline std::unexpected<Fault> refuse(std::string code, std::string detail) {
  return std::unexpected<Fault>(Refusal{std::move(code), std::move(detail)});
}

struct VideoFacts {
  int index = 0;  ///< of the stream in the file
  std::string codec;
  int coded_width = 0, coded_height = 0;
  int display_width = 0, display_height = 0;  ///< upright, square pixels
  int rotation = 0;                           ///< 0, 90, 180, 270 degrees clockwise
  std::string pixel_format;
  std::string transfer, primaries, matrix;  ///< FFmpeg's names; "" when the file does not say
  bool full_range = false;
  bool has_alpha = false;
  bool interlaced = false;
  double rate = 30;               ///< frames a second on average
  double rate_peak = 30;          ///< the finest steps the time line takes: far above `rate` when it varies
  double start_s = 0, end_s = 0;  ///< on the presentation's time line
  double last_frame_s = 0;        ///< when the last frame appears

  [[nodiscard]] bool is_hdr() const { return transfer == "smpte2084" || transfer == "arib-std-b67"; }
  /// Primaries or transfer that a plain matrix conversion would show wrongly.
  [[nodiscard]] bool is_wide() const {
    return is_hdr() || primaries == "bt2020" || primaries == "smpte431" || primaries == "smpte432";
  }
};

struct AudioFacts {
  int index = 0;
  std::string codec;
  int channels = 2;
  double end_s = 0;
};

struct MediaProbe {
  std::string demuxer;
  std::int64_t bytes = 0;
  VideoFacts video;
  std::optional<AudioFacts> audio;
  double start_s = 0;     ///< the file's earliest time stamp, as FFmpeg counts
  double origin_s = 0;    ///< the time stamp at which the presentation begins
  double duration_s = 0;  ///< of the presentation: picture, sound and what the container adds
  double declared_s = 0;  ///< end of picture and sound as the headers have it; 0 when they do not
};

/// Names the demuxer for a file that begins with `head` (4 kB are plenty), or nothing.
[[nodiscard]] std::optional<std::string_view> sniff(std::string_view head);

/// Reads ffprobe's JSON. Time line still as the headers claim.
[[nodiscard]] Checked<MediaProbe> parse_probe(std::string_view json, std::string_view demuxer, std::int64_t bytes);

/// Where picture and sound really end, folded from the file's last packets.
struct Tail {
  std::optional<double> video_end_s, video_last_s, audio_end_s;  ///< FFmpeg's time stamps
  /// One line of ffprobe's compact packet list.
  void add(std::string_view line, const MediaProbe& probe);
};
/// Settles the time line. Refuses files that end before their headers say, and those that are too long.
[[nodiscard]] Checked<MediaProbe> settle(MediaProbe probe, const Tail& tail);

/// All of the above on a file.
[[nodiscard]] Checked<MediaProbe> probe_file(const std::string& path, const std::stop_token& stop = {});

/// The input options every reader of an upload uses: one demuxer, the file protocol, known decoders only.
[[nodiscard]] std::vector<std::string> input_options(std::string_view demuxer);

/// The fault behind a failed FFmpeg run, from how it ended and what it said.
struct SandboxOutcome;
[[nodiscard]] Fault fault_of(const SandboxOutcome& outcome);

}  // namespace vitrine::media
