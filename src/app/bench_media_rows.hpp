// What rows of videos say of their media where a bench fills a data directory.
#pragma once
#include "social/videos.hpp"

namespace vitrine::app {

/// As the media room publishes a clip of several rungs. All clips share the same few files.
[[nodiscard]] inline social::PublishedMedia bench_media(std::int64_t duration_ms) {
  social::PublishedMedia media{.duration_ms = duration_ms,
                               .width = 1080,
                               .height = 1920,
                               .has_audio = true,
                               .placeholder = "data:image/webp;base64," + std::string(240, 'A'),
                               .poster_key = "media/of-the-bench/poster.jpg",
                               .preview = social::Preview{"media/of-the-bench/preview.jpg", 5, 5, 25, 600, 120, 213},
                               .hls_key = "media/of-the-bench/master.m3u8"};
  for (const std::int64_t width : {360, 540, 720, 1080})
    media.sources.push_back({fmt::format("media/of-the-bench/{}.mp4", width), width, width * 16 / 9, width * 2'500,
                             width * duration_ms / 3, "avc1.640028,mp4a.40.2"});
  return media;
}

}  // namespace vitrine::app
