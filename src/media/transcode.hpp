// From one upload to what viewers get: MP4 renditions, HLS from the same encode, poster, placeholder, scrub preview.
//
// Operation: three steps, so that a video can be watched before all is done.
//   probe_file()    what it is (probe.hpp)
//   encode_first()  the lowest rung with sound, poster and placeholder. The sound is measured first and encoded once.
//   encode_rest()   one FFmpeg process decodes once, encodes every further rung, copies the sound, draws the scrub
//   preview;
//                   another repackages all rungs as fragmented MP4 for HLS without encoding anything.
// Each FFmpeg runs in the sandbox. Everything lands in `directory`, every name begins with `tag`. Nothing of the
// source's metadata, chapters, data tracks or encoder's signature is carried over. Concurrency: free functions; two
// jobs need two directories. Errors: a Refusal when the file is at fault, storage_full, unavailable (no sandbox,
// stopped), internal (crash, hang).
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "media/filters.hpp"
#include "media/ladder.hpp"
#include "media/probe.hpp"

namespace vitrine::media {

struct Rendition {
  std::string file;  ///< name inside the directory
  int width = 0, height = 0;
  std::int64_t bitrate = 0;  ///< bits a second, on average, sound included
  std::int64_t bytes = 0;
  std::string codecs;  ///< RFC 6381: "avc1.64001f,mp4a.40.2"
};

struct Renditions {
  std::vector<Rendition> sources;  ///< smallest first
  std::string poster;              ///< JPEG, the exact frame of the cover, which is the first unless another was chosen
  std::string thumbnail;           ///< the same frame as WebP for grids, short side at most 270
  std::string placeholder;         ///< "data:image/webp;base64,…", at most 700 bytes
  std::string preview;             ///< JPEG grid; empty until drawn
  Preview preview_grid;
  std::string hls_master;          ///< empty until packaged
  std::vector<std::string> files;  ///< every file named above and what they refer to
  std::int64_t duration_ms = 0;
  bool has_audio = false;
  Loudness loudness;  ///< as measured in the source
  double cpu_s = 0;   ///< spent in all programs so far
};

struct TranscodeJob {
  std::string input;
  std::string directory;
  std::string tag;  ///< [a-z0-9-]
  MediaProbe probe;
  double cover_s = 0;                            ///< the poster is the frame shown then
  std::function<void(double)> on_progress = {};  ///< 0 to 1 within the step
  std::stop_token stop = {};
};

inline constexpr std::size_t placeholder_bytes_max = 700;

[[nodiscard]] Checked<Renditions> encode_first(const TranscodeJob& job);
/// `first` is what encode_first() gave, its files still in the directory.
[[nodiscard]] Checked<Renditions> encode_rest(const TranscodeJob& job, Renditions first);

/// The options of one video encode, shared with the bench so that it compares like with like.
[[nodiscard]] std::vector<std::string> video_options(const Rung& rung, const VideoFacts& video);
[[nodiscard]] std::vector<std::string> audio_options(const AudioFacts& audio);

}  // namespace vitrine::media
