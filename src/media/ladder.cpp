#include "media/ladder.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace vitrine::media {
namespace {

struct Class {
  int short_side;
  double crf;
  int kbps_max;  // at 30 frames a second and 16:9
  const char* preset;
};

// The first rung is what a viewer waits for, so it takes the faster preset.
constexpr Class classes[] = {
    {480, 22.5, 1'400, "superfast"}, {720, 22.5, 3'000, "veryfast"}, {1080, 22.5, 5'500, "veryfast"}};
constexpr double step_min = 1.25;  // rungs closer than this are not worth their bits
constexpr int tile_long_side = 160;
constexpr int tiles_max = 100;
constexpr int columns_max = 10;
constexpr int small_kbps_min = 500;

int even(double value) { return std::max(2, static_cast<int>(std::lround(value / 2)) * 2); }

const Class& class_of(int short_side) {
  for (const Class& candidate : classes) {
    if (short_side <= candidate.short_side) return candidate;
  }
  return classes[std::size(classes) - 1];
}

/// Bits grow a little slower than pixels and much slower than frames.
int bitrate_max(const Class& of, Size size, double frame_rate) {
  const double pixels = static_cast<double>(size.width) * size.height;
  const double nominal = of.short_side * of.short_side * 16.0 / 9.0;
  const double faster = frame_rate > 35 ? 1.5 : 1.0;
  return std::max(small_kbps_min,
                  static_cast<int>(of.kbps_max * std::pow(std::min(1.0, pixels / nominal), 0.75) * faster));
}

}  // namespace

Size fit(Size display, int short_side) {
  const double width = display.width;
  const double height = display.height;
  const double class_side = std::max(short_side, class_of(short_side).short_side);
  const double area_max = class_side * class_side * 16 / 9;
  const double scale = std::min({1.0, short_side / std::min(width, height), std::sqrt(area_max / (width * height))});
  // Around the ideal size, the even pair whose aspect is nearest; the ideal itself wins ties.
  const double aspect = width / height;
  Size best;
  double best_error = 1e9;
  for (const int dx : {0, -2, 2}) {
    for (const int dy : {0, -2, 2}) {
      const Size size{even(width * scale) + dx, even(height * scale) + dy};
      if (size.width < 2 || size.height < 2 || size.width > even(width) || size.height > even(height)) continue;
      const double error = std::abs(std::log(static_cast<double>(size.width) / size.height / aspect)) +
                           (dx != 0 ? 0.002 : 0) + (dy != 0 ? 0.002 : 0);
      if (error >= best_error) continue;
      best_error = error;
      best = size;
    }
  }
  return best;
}

std::vector<Rung> ladder(Size display, double frame_rate) {
  const int top = std::min(std::min(display.width, display.height), classes[std::size(classes) - 1].short_side);
  std::vector<int> sides;
  for (const Class& candidate : classes) {
    if (candidate.short_side * step_min <= top) sides.push_back(candidate.short_side);
  }
  sides.push_back(top);
  std::vector<Rung> rungs;
  for (const int side : sides) {
    const Size size = fit(display, side);
    const Class& of = class_of(side);
    const char* preset = rungs.empty() ? classes[0].preset : of.preset;
    rungs.push_back(
        {std::to_string(std::min(size.width, size.height)), size, of.crf, bitrate_max(of, size, frame_rate), preset});
  }
  return rungs;
}

Preview preview_for(Size display, double duration_s) {
  const double duration_ms = std::max(1.0, duration_s * 1000);
  Preview preview;
  preview.interval_ms = std::max(1000, static_cast<int>(std::ceil(duration_ms / tiles_max / 100)) * 100);
  preview.count = std::clamp(static_cast<int>(std::ceil(duration_ms / preview.interval_ms)), 1, tiles_max);
  preview.columns = std::min(columns_max, preview.count);
  preview.rows = (preview.count + preview.columns - 1) / preview.columns;
  const double scale = static_cast<double>(tile_long_side) / std::max(display.width, display.height);
  preview.tile = {even(display.width * scale), even(display.height * scale)};
  return preview;
}

}  // namespace vitrine::media
