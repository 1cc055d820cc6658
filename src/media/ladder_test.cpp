#include "media/ladder.hpp"

#include <cmath>

namespace vitrine::media {
namespace {

std::vector<Size> sizes(Size display) {
  std::vector<Size> all;
  for (const Rung& rung : ladder(display, 30)) all.push_back(rung.size);
  return all;
}

TEST(Ladder, portrait_landscape_and_square) {
  EXPECT_EQ(sizes({1080, 1920}), (std::vector<Size>{{480, 854}, {720, 1280}, {1080, 1920}}));
  EXPECT_EQ(sizes({1920, 1080}), (std::vector<Size>{{854, 480}, {1280, 720}, {1920, 1080}}));
  EXPECT_EQ(sizes({1080, 1080}), (std::vector<Size>{{480, 480}, {720, 720}, {1080, 1080}}));
  EXPECT_EQ(sizes({3840, 2160}), (std::vector<Size>{{854, 480}, {1280, 720}, {1920, 1080}}));
}

TEST(Ladder, small_sources_get_one_rung_at_their_size) {
  EXPECT_EQ(sizes({320, 568}), (std::vector<Size>{{320, 568}}));
  EXPECT_EQ(sizes({798, 332}), (std::vector<Size>{{798, 332}}));
  EXPECT_EQ(sizes({960, 540}), (std::vector<Size>{{960, 540}}));
  EXPECT_EQ(sizes({16, 16}), (std::vector<Size>{{16, 16}}));
}

TEST(Ladder, never_grows_stays_even_and_keeps_the_aspect) {
  for (int width = 64; width <= 8192; width += 331) {
    for (int height = 64; height <= 4320; height += 173) {
      for (const Rung& rung : ladder({width, height}, 30)) {
        EXPECT_EQ(rung.size.width % 2, 0);
        EXPECT_EQ(rung.size.height % 2, 0);
        EXPECT_LE(rung.size.width, width + 1);
        EXPECT_LE(rung.size.height, height + 1);
        if (std::min(rung.size.width, rung.size.height) < 100) continue;  // one even step is already more than 1 %
        const double error = std::log(rung.size.width / static_cast<double>(rung.size.height) * height / width);
        EXPECT_LT(std::abs(error), 0.01) << width << "x" << height << " → " << rung.size.width << "x"
                                         << rung.size.height;
      }
    }
  }
}

TEST(Ladder, panoramas_are_capped_by_area) {
  const auto rungs = ladder({8192, 1080}, 30);
  EXPECT_LE(rungs.back().size.width * rungs.back().size.height, 1920 * 1080 * 1.01);
}

TEST(Ladder, bits_grow_with_size_and_rate) {
  const auto slow = ladder({1080, 1920}, 30);
  const auto fast = ladder({1080, 1920}, 60);
  for (std::size_t i = 1; i < slow.size(); ++i) EXPECT_GT(slow[i].bitrate_max_kbps, slow[i - 1].bitrate_max_kbps);
  EXPECT_GT(fast[0].bitrate_max_kbps, slow[0].bitrate_max_kbps);
}

TEST(Preview, one_tile_a_second_and_never_more_than_a_hundred) {
  const Preview clip = preview_for({1080, 1920}, 15);
  EXPECT_EQ(clip.count, 15);
  EXPECT_EQ(clip.interval_ms, 1000);
  EXPECT_EQ(clip.tile, (Size{90, 160}));
  const Preview longest = preview_for({1920, 1080}, 600);
  EXPECT_LE(longest.count, 100);
  EXPECT_GE(longest.count * longest.interval_ms, 600'000);
  EXPECT_GE(longest.columns * longest.rows, longest.count);
  EXPECT_EQ(preview_for({640, 360}, 0.04).count, 1);
}

}  // namespace
}  // namespace vitrine::media
