#include "media/filters.hpp"

namespace vitrine::media {
namespace {

TEST(Loudness, is_read_from_the_summary_and_evened_within_bounds) {
  const auto loudness = parse_loudness(
      "noise I: -1 LUFS\n[Parsed_ebur128_1 @ 0x1] Summary:\n\n  Integrated loudness:\n    I:         -23.5 LUFS\n"
      "    Threshold: -33.5 LUFS\n  Sample peak:\n    Peak:      -10.2 dBFS\n");
  ASSERT_TRUE(loudness);
  EXPECT_DOUBLE_EQ(loudness->integrated_lufs, -23.5);
  EXPECT_DOUBLE_EQ(loudness->peak_db, -10.2);
  EXPECT_NEAR(gain_db(*loudness), 7.5, 1e-9);
  EXPECT_DOUBLE_EQ(gain_db({-50, -40}), gain_db_max);
  EXPECT_DOUBLE_EQ(gain_db({-70, -70}), 0);
  EXPECT_DOUBLE_EQ(gain_db({-6, 0}), -10);
  EXPECT_NEAR(gain_db({-30, -1}), -1 + limiting_db_max, 1e-9);  // the limiter may take 6 dB, no more
  EXPECT_FALSE(parse_loudness("nothing"));
}

MediaProbe clip() {
  MediaProbe probe{.demuxer = "mov"};
  probe.video.last_frame_s = 9.967;
  probe.duration_s = 10;
  return probe;
}

TEST(Timing, repeats_the_last_frame_only_when_there_is_a_gap) {
  MediaProbe probe = clip();
  EXPECT_EQ(timing_filters(probe).find("tpad"), std::string::npos);
  probe.duration_s = 13.5;
  EXPECT_NE(timing_filters(probe).find("tpad"), std::string::npos);
}

TEST(Timing, caps_the_rate_and_keeps_variable_time) {
  MediaProbe probe = clip();
  probe.video.rate = probe.video.rate_peak = 240;
  EXPECT_NE(timing_filters(probe).find("fps=fps=60"), std::string::npos);
  EXPECT_DOUBLE_EQ(nominal_rate(probe.video), 60);
  probe.video.rate = 24;
  probe.video.rate_peak = 90'000;
  EXPECT_EQ(timing_filters(probe).find("fps=fps"), std::string::npos);
  EXPECT_DOUBLE_EQ(nominal_rate(probe.video), 30);
}

TEST(Picture, tone_maps_hdr_and_flattens_alpha) {
  VideoFacts video;
  video.transfer = "smpte2084";
  EXPECT_NE(picture_filters(video, {480, 854}).find("tonemap"), std::string::npos);
  video.transfer = "bt709";
  EXPECT_EQ(picture_filters(video, {480, 854}).find("tonemap"), std::string::npos);
  video.has_alpha = true;
  EXPECT_NE(picture_filters(video, {480, 854}).find("premultiply"), std::string::npos);
}

}  // namespace
}  // namespace vitrine::media
