// Edits through the real sandbox and the real FFmpeg, judged by an FFmpeg outside of it.
#include "media/compose.hpp"

#include <cmath>

#include "media/test_clips.hpp"

namespace vitrine::media {
namespace {

using test::ffprobe;
using test::Folder;
using test::make_clip;
using test::number_in;
using test::read_all;
using test::shell;
using test::stream_of;

struct Colour {
  int red = 0, green = 0, blue = 0;
};
void PrintTo(const Colour& colour, std::ostream* out) {
  *out << fmt::format("({}, {}, {})", colour.red, colour.green, colour.blue);
}

/// The mean colour of a part of the picture shown at `at_s`, of a poster at all times. Posters are BT.601, videos
/// BT.709.
Colour colour_at(const std::string& path, double at_s, const std::string& crop) {
  const std::string raw = path + ".rgb";
  const bool poster = path.ends_with(".jpg");
  shell(
      fmt::format("ffmpeg -v error -nostdin -y {} -i '{}' -frames:v 1 -vf "
                  "crop={},scale=in_color_matrix={},format=rgb24,scale=1:1:flags=area -f rawvideo '{}'",
                  poster ? "" : fmt::format("-ss {}", at_s), path, crop, poster ? "bt601" : "bt709", raw));
  const std::string bytes = read_all(raw);
  if (bytes.size() != 3) return {-1, -1, -1};
  const auto byte = [&](std::size_t i) { return static_cast<int>(static_cast<unsigned char>(bytes[i])); };
  return {byte(0), byte(1), byte(2)};
}

bool is_red(const Colour& c) { return c.red > 180 && c.green < 60 && c.blue < 60; }
bool is_blue(const Colour& c) { return c.blue > 180 && c.red < 60 && c.green < 60; }
bool is_black(const Colour& c) { return c.red < 20 && c.green < 20 && c.blue < 20 && c.red >= 0; }

/// How loud a tone is, in dB, between two instants.
double level_of(const std::string& path, int tone_hz, double from_s, double to_s) {
  const std::string said = shell(
      fmt::format("ffmpeg -v info -nostdin -nostats -i '{}' -af "
                  "atrim={}:{},bandpass=f={}:width_type=h:w=40,bandpass=f={}:width_type=h:w=40,volumedetect -f null -",
                  path, from_s, to_s, tone_hz, tone_hz));
  const std::size_t at = said.find("mean_volume:");
  return at == std::string::npos ? -999 : std::atof(said.c_str() + at + 12);
}
constexpr double heard_db = -35, unheard_db = -50;

constexpr int own_hz = 440, original_hz = 1760;

class ComposeTest : public testing::Test {
 protected:
  /// A plain clip of one colour and one tone; `sound` false: without.
  std::string clip(const std::string& name, const std::string& colour, const std::string& size, double length_s, int hz,
                   bool sound = true) {
    const std::string path = folder_ / name;
    const std::string tone = fmt::format("-f lavfi -i sine=f={}:d={}", hz, length_s);
    make_clip(fmt::format("-f lavfi -i color={}:s={}:r=30:d={} {} -c:v libx264 -preset ultrafast -pix_fmt yuv420p "
                          "-colorspace bt709 -color_primaries bt709 -color_trc bt709 -vf "
                          "scale=out_color_matrix=bt709 -c:a aac",
                          colour, size, length_s, sound ? tone : ""),
              path);
    return path;
  }

  /// The edited video's first rendition, or the refusal's code.
  std::string edited(const std::string& upload, const Edits& edits, const std::string& original = "") {
    std::filesystem::create_directories(folder_ / "work");
    if (!original.empty())
      std::filesystem::copy_file(original, folder_.path() / "work" / original_name,
                                 std::filesystem::copy_options::overwrite_existing);
    auto probe = probe_file(upload);
    EXPECT_TRUE(probe);
    TranscodeJob job{.input = upload, .directory = folder_ / "work", .tag = "t", .probe = *probe};
    auto composed = compose(job, edits);
    if (!composed) return refused(composed.error());
    job.input = composed->path;
    job.probe = composed->probe;
    job.cover_s = composed->cover_s;
    auto first = encode_first(job);
    if (!first) return refused(first.error());
    poster_ = folder_ / ("work/" + first->poster);
    auto all = encode_rest(job, *first);
    if (!all) return refused(all.error());
    renditions_ = *all;
    return folder_ / ("work/" + all->sources.back().file);
  }
  static std::string refused(const Fault& fault) {
    if (const auto* refusal = std::get_if<Refusal>(&fault)) return refusal->code;
    return std::get<Error>(fault).message;
  }
  static Edits with(Loan::Kind kind) { return {.loan = Loan{.kind = kind, .video = "v", .end_ms = 2'000}}; }
  static void expect_length(const std::string& path, double length_s) {
    const auto probed = ffprobe(path);
    ASSERT_TRUE(probed.contains("format")) << path;
    EXPECT_NEAR(number_in(probed.at("format").as_object(), "duration"), length_s, 0.1) << path;
  }
  static Size size_of(const std::string& path) {
    const auto video = stream_of(ffprobe(path), "video");
    return {static_cast<int>(number_in(video, "width")), static_cast<int>(number_in(video, "height"))};
  }

  Folder folder_;
  std::string poster_;
  Renditions renditions_;
};

TEST_F(ComposeTest, a_trim_leaves_exactly_its_part_and_the_cover_is_the_chosen_frame) {
  const std::string upload = folder_ / "colours.mp4";  // a second each of red, blue, green
  make_clip(
      "-f lavfi -i color=red:s=270x480:r=30:d=1 -f lavfi -i color=blue:s=270x480:r=30:d=1 -f lavfi -i "
      "color=green:s=270x480:r=30:d=1 -f lavfi -i sine=f=440:d=3 -filter_complex "
      "'[0][1][2]concat=n=3,scale=out_color_matrix=bt709,setparams=colorspace=bt709[v]' -map '[v]' -map 3:a -c:v "
      "libx264 -pix_fmt yuv420p -c:a aac",
      upload);
  const std::string path = edited(upload, {.trim_start_ms = 500, .trim_end_ms = 1'700, .cover_ms = 1'500});
  expect_length(path, 1.2);
  EXPECT_EQ(renditions_.duration_ms, 1'200);
  EXPECT_EQ(size_of(path), (Size{270, 480}));
  EXPECT_PRED1(is_red, colour_at(path, 0, "100:100"));
  EXPECT_PRED1(is_red, colour_at(path, 0.45, "100:100"));
  EXPECT_PRED1(is_blue, colour_at(path, 0.52, "100:100"));
  EXPECT_PRED1(is_blue, colour_at(path, 1.1, "100:100"));
  EXPECT_PRED1(is_blue, colour_at(poster_, 0, "100:100")) << "the poster is the cover, not the first frame";
  EXPECT_GT(level_of(path, own_hz, 0, 1.2), heard_db);
}

TEST_F(ComposeTest, a_cover_at_the_end_is_the_last_frame) {
  const std::string upload = folder_ / "two.mp4";
  make_clip(
      "-f lavfi -i color=red:s=270x480:r=30:d=1 -f lavfi -i color=blue:s=270x480:r=30:d=0.1 -filter_complex "
      "'[0][1]concat=n=2,scale=out_color_matrix=bt709,setparams=colorspace=bt709[v]' -map '[v]' -c:v libx264 "
      "-pix_fmt yuv420p",
      upload);
  ASSERT_NE(edited(upload, {.trim_end_ms = 1'100, .cover_ms = 1'100}), "");
  EXPECT_PRED1(is_blue, colour_at(poster_, 0, "100:100"));
}

TEST_F(ComposeTest, a_trim_past_the_end_is_refused) {
  const std::string upload = clip("short.mp4", "red", "270x480", 1, own_hz);
  EXPECT_EQ(edited(upload, {.trim_end_ms = 5'000}), "bad_edit");
  EXPECT_EQ(edited(upload, {.trim_start_ms = 5'000}), "bad_edit");
}

TEST_F(ComposeTest, a_trim_of_an_uneven_upright_hdr_clip_works) {
  const std::string upload = folder_ / "odd.mov";
  make_clip(
      "-f lavfi -i testsrc2=s=640x360:r=60:d=2 -f lavfi -i sine=d=2 -vf "
      "\"select='not(mod(n\\,7))+lt(t\\,0.5)',format=yuv420p10le\" -fps_mode vfr -c:v libx265 -x265-params "
      "log-level=none:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc -color_primaries bt2020 -color_trc "
      "smpte2084 -colorspace bt2020nc -tag:v hvc1 -c:a aac",
      upload);
  const std::string path = edited(upload, {.trim_start_ms = 400, .trim_end_ms = 1'900});
  expect_length(path, 1.5);
  EXPECT_EQ(std::string(stream_of(ffprobe(path), "video").at("color_transfer").as_string()), "bt709");
}

TEST_F(ComposeTest, a_duet_shows_both_halves_and_both_are_heard) {
  const std::string upload = clip("new.mp4", "red", "1080x1920", 2, own_hz);
  const std::string original = clip("old.mp4", "blue", "540x960", 3, original_hz);
  const std::string path = edited(upload, with(Loan::Kind::duet), original);
  expect_length(path, 2);
  EXPECT_EQ(size_of(path), (Size{1080, 960}));
  for (const double at : {0.0, 1.0, 1.9}) {
    EXPECT_PRED1(is_red, colour_at(path, at, "520:960:0:0")) << at;
    EXPECT_PRED1(is_blue, colour_at(path, at, "520:960:560:0")) << at;
  }
  EXPECT_PRED1(is_red, colour_at(poster_, 0, "300:700:0:0"));
  EXPECT_GT(level_of(path, own_hz, 0, 2), heard_db);
  EXPECT_GT(level_of(path, original_hz, 0, 2), heard_db);
}

TEST_F(ComposeTest, a_duet_ends_with_the_shorter_and_begins_where_the_new_clip_was_cut) {
  const std::string upload = clip("new.mp4", "red", "540x960", 4, own_hz);
  const std::string original = clip("old.mp4", "blue", "540x960", 2, original_hz);
  Edits edits = with(Loan::Kind::duet);
  expect_length(edited(upload, edits, original), 2);
  edits.trim_start_ms = 3'000;
  expect_length(edited(upload, edits, original), 1);
}

TEST_F(ComposeTest, a_duet_of_shapes_crops_little_and_pads_much) {
  const std::string wide = clip("wide.mp4", "red", "960x540", 1, own_hz);
  const std::string square = clip("square.mp4", "blue", "600x600", 1, original_hz);
  const std::string path = edited(wide, with(Loan::Kind::duet), square);
  EXPECT_EQ(size_of(path), (Size{1080, 960}));
  EXPECT_PRED1(is_red, colour_at(path, 0.5, "500:280:20:340"));
  EXPECT_PRED1(is_black, colour_at(path, 0.5, "500:280:20:20"));
  EXPECT_PRED1(is_blue, colour_at(path, 0.5, "500:500:560:230"));
  EXPECT_PRED1(is_black, colour_at(path, 0.5, "500:180:560:10"));
  const std::string tall = clip("tall.mp4", "blue", "720x960", 1, original_hz);
  EXPECT_PRED1(is_blue, colour_at(edited(wide, with(Loan::Kind::duet), tall), 0.5, "520:960:560:0"))
      << "3:4 is cropped";
}

TEST_F(ComposeTest, a_duet_of_two_lying_clips_stands_one_above_the_other) {
  const std::string upload = clip("new.mp4", "red", "1280x720", 1, own_hz);
  const std::string original = clip("old.mp4", "blue", "854x480", 1, original_hz);
  const std::string path = edited(upload, with(Loan::Kind::duet), original);
  EXPECT_EQ(size_of(path), (Size{960, 1080}));
  EXPECT_PRED1(is_red, colour_at(path, 0.5, "960:520:0:10"));
  EXPECT_PRED1(is_blue, colour_at(path, 0.5, "960:520:0:550"));
}

TEST_F(ComposeTest, a_duet_has_sound_if_one_of_them_has) {
  const std::string silent = clip("new.mp4", "red", "540x960", 1, own_hz, false);
  const std::string original = clip("old.mp4", "blue", "540x960", 1, original_hz);
  EXPECT_GT(level_of(edited(silent, with(Loan::Kind::duet), original), original_hz, 0, 1), heard_db);
  const std::string other = clip("other.mp4", "blue", "540x960", 1, original_hz, false);
  const std::string path = edited(silent, with(Loan::Kind::duet), other);
  EXPECT_TRUE(stream_of(ffprobe(path), "audio").empty());
}

TEST_F(ComposeTest, a_stitch_is_the_piece_then_the_reply_in_the_replys_size) {
  const std::string upload = clip("new.mp4", "red", "540x960", 2, own_hz);
  const std::string original = clip("old.mp4", "blue", "1080x1920", 4, original_hz);
  Edits edits = with(Loan::Kind::stitch);
  edits.loan->start_ms = 1'000;
  edits.loan->end_ms = 2'500;
  edits.trim_start_ms = 500;
  edits.cover_ms = 1'000;
  const std::string path = edited(upload, edits, original);
  expect_length(path, 3);
  EXPECT_EQ(size_of(path), (Size{540, 960}));
  EXPECT_PRED1(is_blue, colour_at(path, 0, "500:900"));
  EXPECT_PRED1(is_blue, colour_at(path, 1.4, "500:900"));
  EXPECT_PRED1(is_red, colour_at(path, 1.6, "500:900"));
  EXPECT_PRED1(is_red, colour_at(path, 2.9, "500:900"));
  EXPECT_PRED1(is_red, colour_at(poster_, 0, "500:900")) << "the cover counts in the reply";
  EXPECT_GT(level_of(path, original_hz, 0.1, 1.4), heard_db);
  EXPECT_LT(level_of(path, own_hz, 0.1, 1.4), unheard_db);
  EXPECT_GT(level_of(path, own_hz, 1.6, 2.9), heard_db);
  EXPECT_LT(level_of(path, original_hz, 1.6, 2.9), unheard_db);
}

TEST_F(ComposeTest, a_stitch_with_one_silent_side_keeps_the_others_time) {
  const std::string upload = clip("new.mp4", "red", "540x960", 1, own_hz);
  const std::string original = clip("old.mp4", "blue", "540x960", 4, original_hz, false);
  const std::string path = edited(upload, with(Loan::Kind::stitch), original);
  expect_length(path, 3);
  EXPECT_LT(level_of(path, own_hz, 0.1, 1.9), unheard_db);
  EXPECT_GT(level_of(path, own_hz, 2.1, 2.9), heard_db);
}

TEST_F(ComposeTest, a_stitch_of_a_piece_past_the_end_is_refused) {
  const std::string upload = clip("new.mp4", "red", "540x960", 1, own_hz);
  Edits edits = with(Loan::Kind::stitch);
  edits.loan->start_ms = 3'000;
  edits.loan->end_ms = 4'000;
  EXPECT_EQ(edited(upload, edits, clip("old.mp4", "blue", "540x960", 2, original_hz)), "bad_edit");
}

TEST_F(ComposeTest, a_sound_replaces_the_own_one_or_stands_above_it) {
  const std::string upload = clip("new.mp4", "red", "540x960", 2, own_hz);
  const std::string original = clip("old.mp4", "blue", "540x960", 1, original_hz);
  Edits edits = with(Loan::Kind::sound);
  const std::string replaced = edited(upload, edits, original);
  expect_length(replaced, 2);
  EXPECT_PRED1(is_red, colour_at(replaced, 1, "500:900"));
  EXPECT_GT(level_of(replaced, original_hz, 0.1, 0.9), heard_db);
  EXPECT_LT(level_of(replaced, own_hz, 0.1, 0.9), unheard_db);
  EXPECT_LT(level_of(replaced, original_hz, 1.2, 1.9), unheard_db) << "silence behind a shorter sound";
  edits.loan->keeps_own_sound = true;
  const std::string mixed = edited(upload, edits, original);
  const double own = level_of(mixed, own_hz, 0.1, 0.9), other = level_of(mixed, original_hz, 0.1, 0.9);
  EXPECT_GT(own, unheard_db);
  EXPECT_GT(other - own, 8);
}

TEST_F(ComposeTest, a_video_without_sound_gives_none) {
  const std::string upload = clip("new.mp4", "red", "540x960", 1, own_hz);
  const std::string original = clip("old.mp4", "blue", "540x960", 1, original_hz, false);
  EXPECT_EQ(edited(upload, with(Loan::Kind::sound), original), "no_sound");
}

TEST_F(ComposeTest, a_turned_phone_clip_is_upright_in_its_half) {
  const std::string lying = clip("lying.mp4", "red", "960x540", 1, own_hz);
  const std::string upload = folder_ / "turned.mp4";
  shell("ffmpeg -v error -y -i '" + lying + "' -c copy -metadata:s:v rotate=90 '" + upload + "'");
  const std::string path = edited(upload, with(Loan::Kind::duet), clip("old.mp4", "blue", "540x960", 1, original_hz));
  EXPECT_PRED1(is_red, colour_at(path, 0.5, "520:940:0:10"));
}

}  // namespace
}  // namespace vitrine::media
