// Clips made of nothing but FFmpeg's own signal sources: what a demo shows before anybody has uploaded anything.
#pragma once
#include <stop_token>
#include <string>

#include "base/result.hpp"

namespace vitrine::media {

struct SyntheticClip {
  std::string picture;  ///< a libavfilter graph with one video output, any size
  std::string sound;    ///< a libavfilter graph with one audio output
  int width = 540, height = 960;
  double duration_s = 8;
  int frames_per_s = 25;
  int video_kbps = 0;  ///< 0: constant quality, whatever it takes
};

/// Writes the clip (H.264 and AAC in MP4) as `directory`/`name`, in the sandbox. Blocks; one core for a few seconds.
/// Errors: invalid_argument (a graph is wrong), unavailable (no sandbox, stopped), internal.
[[nodiscard]] Result<void> synthesize(const SyntheticClip& clip, const std::string& directory, const std::string& name,
                                      const std::stop_token& stop);

}  // namespace vitrine::media
