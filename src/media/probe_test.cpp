#include "media/probe.hpp"

namespace vitrine::media {
namespace {

using namespace std::literals;

std::string code_of(const Checked<MediaProbe>& checked) {
  if (checked) return "accepted";
  const auto* refusal = std::get_if<Refusal>(&checked.error());
  return refusal == nullptr ? "error" : refusal->code;
}

std::string video_stream(std::string_view more) {
  return fmt::format(
      R"({{"index":0,"codec_type":"video","codec_name":"h264","width":1280,"height":720,"pix_fmt":"yuv420p",
    "r_frame_rate":"30/1","avg_frame_rate":"30/1","start_time":"0.0","duration":"10.0"{}}})",
      more);
}

Checked<MediaProbe> parse(std::string_view streams, std::string_view duration = "10.0") {
  return parse_probe(
      fmt::format(R"({{"streams":[{}],"format":{{"start_time":"0.0","duration":"{}"}}}})", streams, duration), "mov",
      1000);
}

TEST(Sniff, names_a_demuxer_by_content_and_never_a_playlist) {
  EXPECT_EQ(sniff("\0\0\0\x18"
                  "ftypmp42"sv),
            "mov");
  EXPECT_EQ(sniff("\0\0\0\x08wide\0\0"sv), "mov");
  EXPECT_EQ(sniff("\x1A\x45\xDF\xA3\x01"sv), "matroska");
  EXPECT_EQ(sniff("RIFF\1\2\3\4AVI LIST"sv), "avi");
  for (const auto text : {"#EXTM3U\n"sv, "ffconcat version 1.0\n"sv, "v=0\r\no=-"sv, "<?xml version"sv, "<svg"sv,
                          "\xFF\xD8\xFF"sv, "GIF89a"sv, "[playlist]"sv, ""sv, "G"sv, "RIFF\1\2\3\4WAVE"sv}) {
    EXPECT_FALSE(sniff(text)) << text;
  }
}

TEST(Probe, reads_size_rotation_and_pixel_aspect) {
  const auto plain = parse(video_stream(""));
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->video.display_width, 1280);
  EXPECT_FALSE(plain->audio);
  const auto turned = parse(video_stream(R"(,"side_data_list":[{"side_data_type":"Display Matrix","rotation":-90}])"));
  ASSERT_TRUE(turned);
  EXPECT_EQ(turned->video.rotation, 90);
  EXPECT_EQ(turned->video.display_width, 720);
  EXPECT_EQ(turned->video.display_height, 1280);
  const auto stretched = parse(video_stream(R"(,"sample_aspect_ratio":"3:2")"));
  ASSERT_TRUE(stretched);
  EXPECT_EQ(stretched->video.display_width, 1920);
  EXPECT_EQ(parse(video_stream(R"(,"sample_aspect_ratio":"0:1")"))->video.display_width, 1280);
}

TEST(Probe, knows_hdr_and_wide_colour) {
  const auto hdr = parse(video_stream(R"(,"color_transfer":"smpte2084","color_primaries":"bt2020")"));
  ASSERT_TRUE(hdr);
  EXPECT_TRUE(hdr->video.is_hdr());
  const auto plain = parse(video_stream(R"(,"color_transfer":"bt709","color_range":"pc")"));
  ASSERT_TRUE(plain);
  EXPECT_FALSE(plain->video.is_wide());
  EXPECT_TRUE(plain->video.full_range);
}

TEST(Probe, refuses_with_the_cause) {
  EXPECT_EQ(code_of(parse("")), "no_video");
  EXPECT_EQ(code_of(parse(R"({"index":0,"codec_type":"audio","codec_name":"aac","channels":2})")), "no_video");
  EXPECT_EQ(code_of(parse(video_stream(R"(,"disposition":{"attached_pic":1})"))), "no_video");
  EXPECT_EQ(code_of(parse(video_stream(""), "600.6")), "too_long");
  EXPECT_EQ(code_of(parse(video_stream(""), "600.4")), "accepted");
  EXPECT_EQ(code_of(parse_probe("{", "mov", 1)), "damaged");
  EXPECT_EQ(code_of(parse_probe("[]", "mov", 1)), "damaged");
  const auto sized = [](int width, int height) {
    return parse(fmt::format(
        R"({{"index":0,"codec_type":"video","codec_name":"h264","width":{},"height":{},"pix_fmt":"yuv420p"}})", width,
        height));
  };
  EXPECT_EQ(code_of(sized(8, 8)), "too_small");
  EXPECT_EQ(code_of(sized(16, 16)), "accepted");
  EXPECT_EQ(code_of(sized(15, 100)), "too_small");
  EXPECT_EQ(code_of(sized(8192, 4320)), "accepted");
  EXPECT_EQ(code_of(sized(8193, 100)), "too_large");
  EXPECT_EQ(code_of(sized(8192, 4321)), "too_large");
  EXPECT_EQ(code_of(parse(
                R"({"index":0,"codec_type":"video","codec_name":"bink","width":64,"height":64,"pix_fmt":"yuv420p"})")),
            "unsupported_codec");
}

MediaProbe probe_of(double container_s, double declared_s) {
  MediaProbe probe{.demuxer = "mov"};
  probe.video.coded_width = 640;
  probe.video.coded_height = 360;
  probe.duration_s = container_s;
  probe.declared_s = declared_s;
  return probe;
}

TEST(Settle, a_file_that_ends_early_is_truncated) {
  Tail tail;
  const MediaProbe probe = probe_of(10, 10);
  tail.add("stream_index=0|pts_time=4.9|duration_time=0.033|flags=__", probe);
  EXPECT_EQ(code_of(settle(probe, tail)), "truncated");
  EXPECT_EQ(code_of(settle(probe, Tail{})), "damaged");
}

TEST(Settle, the_container_may_add_a_little_at_the_end_but_not_much) {
  Tail tail;
  tail.add("stream_index=0|pts_time=9.967|duration_time=0.033|flags=__", probe_of(0, 0));
  EXPECT_NEAR(settle(probe_of(13, 10), tail)->duration_s, 13, 1e-9);
  EXPECT_NEAR(settle(probe_of(100, 10), tail)->duration_s, 10, 1e-3);
  EXPECT_NEAR(settle(probe_of(0, 0), tail)->duration_s, 10, 1e-3);
  tail.add("stream_index=0|pts_time=700|duration_time=0.033|flags=__", probe_of(0, 0));
  EXPECT_EQ(code_of(settle(probe_of(10, 10), tail)), "too_long");
}

TEST(Settle, packets_cut_away_by_an_edit_list_do_not_count) {
  Tail tail;
  const MediaProbe probe = probe_of(5, 5);
  tail.add("stream_index=0|pts_time=4.967|duration_time=0.033|flags=K_", probe);
  tail.add("stream_index=0|pts_time=6.0|duration_time=0.033|flags=_D", probe);
  tail.add("nonsense|=|pts_time=|stream_index=0", probe);
  EXPECT_NEAR(*tail.video_end_s, 5.0, 1e-9);
}

}  // namespace
}  // namespace vitrine::media
