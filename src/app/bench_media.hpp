// `vitrine bench media`: how soon an upload can be watched, and what the ladder costs.
#pragma once
#include "base/result.hpp"

namespace vitrine::app {

/// Makes a clip (15 s, 1080x1920, 30 frames a second, with sound) and prints:
///   first_playable_s   from the last byte of the upload to the first published rung, through the real queue
///   complete_s         … to the last rung, HLS and the scrub preview
///   ladder_cpu_ratio   CPU of all that over the CPU of the same encodes by one bare FFmpeg call
Result<void> bench_media(bool json);

}  // namespace vitrine::app
