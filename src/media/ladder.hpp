// Which renditions a source gets. Pure arithmetic.
//
// A rung is named by the short side it aims at: 480, 720, 1080. None is larger than the source; a source below the
// lowest rung gets one at its own size. The area is capped at 16:9 of the short side, so that a panorama does not
// become a monster. Sides are even, and chosen among the even neighbours so that the aspect stays closest.
#pragma once
#include <string>
#include <vector>

namespace vitrine::media {

struct Size {
  int width = 0, height = 0;
  bool operator==(const Size&) const = default;
};

struct Rung {
  std::string name;  ///< "480": the short side
  Size size;
  double crf = 23;           ///< constant quality …
  int bitrate_max_kbps = 0;  ///< … below this, over two seconds
  std::string preset;        ///< x264's
};

inline constexpr double frame_rate_max = 60;
inline constexpr double group_s = 2;  ///< closed groups of pictures, at the same times in every rung
inline constexpr int audio_kbps_stereo = 128;
inline constexpr int audio_kbps_mono = 80;

/// Smallest first, at least one.
[[nodiscard]] std::vector<Rung> ladder(Size display, double frame_rate);

/// `display` shrunk (never grown) to the short side and its 16:9 area, sides even and at least 2.
[[nodiscard]] Size fit(Size display, int short_side);

/// How the scrub preview is laid out: at most 100 tiles, one a second or fewer, in a grid.
struct Preview {
  int columns = 0, rows = 0, count = 0, interval_ms = 0;
  Size tile;
  bool operator==(const Preview&) const = default;
};
[[nodiscard]] Preview preview_for(Size display, double duration_s);

}  // namespace vitrine::media
