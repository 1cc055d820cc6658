// Whole files through the real sandbox and the real FFmpeg, judged by an FFmpeg outside of it.
#include "media/transcode.hpp"

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
using test::similarity;
using test::stream_of;

struct Outcome {
  std::string code = "accepted";
  std::string detail;
  Renditions renditions;
  MediaProbe probe;
};

Outcome refused(const Fault& fault) {
  if (const auto* refusal = std::get_if<Refusal>(&fault)) return {refusal->code, refusal->detail, {}, {}};
  return {"error", std::get<Error>(fault).message, {}, {}};
}

Outcome transcode(const std::string& path, const Folder& out) {
  auto probe = probe_file(path);
  if (!probe) return refused(probe.error());
  const TranscodeJob job{.input = path, .directory = out.path(), .tag = "t", .probe = *probe};
  auto first = encode_first(job);
  if (!first) return refused(first.error());
  auto all = encode_rest(job, *first);
  if (!all) return refused(all.error());
  return {"accepted", "", *all, *probe};
}

struct Expectation {
  double duration_s = 0;
  int width = 0, height = 0;  // display; only the aspect counts
  bool audio = false;
  std::string to_sdr;  // filters that bring the source to 8-bit BT.709 before scaling
  bool compare = true;
};

constexpr const char* forbidden[] = {"Apple", "\251xyz", "com.apple",     "iPhone",   "Lavf",
                                     "Lavc",  "x264",    "creation_time", "location", "Exif"};

void expect_clean(const std::string& path) {
  const std::string bytes = read_all(path);
  // FFmpeg 5.1's HLS writer signs fragments with its own version whatever it is asked; nothing of the source is in it.
  const bool signed_by_muxer = path.ends_with(".m4s");
  for (const std::string_view word : forbidden) {
    if (signed_by_muxer && word == "Lavf") continue;
    EXPECT_EQ(bytes.find(word), std::string::npos) << path << " holds " << word;
  }
  const json::object probed = ffprobe(path);
  const json::object& format = probed.at("format").as_object();
  if (!format.contains("tags")) return;
  for (const auto& [key, value] : format.at("tags").as_object()) {
    EXPECT_TRUE(key == "major_brand" || key == "minor_version" || key == "compatible_brands" ||
                (signed_by_muxer && key == "encoder"))
        << path << ": " << key;
  }
}

void expect_rendition(const Rendition& rendition, const std::string& path, const std::string& source,
                      const Expectation& want) {
  const json::object probed = ffprobe(path);
  const json::object video = stream_of(probed, "video");
  EXPECT_NEAR(number_in(probed.at("format").as_object(), "duration"), want.duration_s, 0.1) << path;
  EXPECT_NEAR(std::log(number_in(video, "width") / number_in(video, "height") * want.height / want.width), 0, 0.01)
      << path;
  EXPECT_EQ(number_in(video, "width"), rendition.width);
  for (const auto& [key, value] :
       std::initializer_list<std::pair<const char*, const char*>>{{"codec_name", "h264"},
                                                                  {"pix_fmt", "yuv420p"},
                                                                  {"color_space", "bt709"},
                                                                  {"color_transfer", "bt709"},
                                                                  {"color_primaries", "bt709"},
                                                                  {"color_range", "tv"}}) {
    EXPECT_EQ(video.at(key).as_string(), value) << path;
  }
  EXPECT_FALSE(video.contains("side_data_list")) << path << " still relies on a rotation";
  EXPECT_NEAR(number_in(video, "start_time"), 0, 0.001);
  const json::object audio = stream_of(probed, "audio");
  EXPECT_EQ(!audio.empty(), want.audio) << path;
  if (!audio.empty()) {
    EXPECT_EQ(audio.at("codec_name").as_string(), "aac");
    EXPECT_EQ(number_in(audio, "sample_rate"), 48000);
    EXPECT_LE(number_in(audio, "channels"), 2);
  }
  EXPECT_TRUE(rendition.codecs.starts_with("avc1.64")) << rendition.codecs;
  if (!want.compare) return;
  const std::string filters =
      (want.to_sdr.empty() ? "" : want.to_sdr + ",") +
      fmt::format("scale={}:{}:flags=bicubic:out_range=tv,setsar=1,format=yuv420p", rendition.width, rendition.height);
  EXPECT_GE(similarity(path, source, filters), 0.9) << path;
}

void expect_accepted(const std::string& source, const Expectation& want) {
  SCOPED_TRACE(source);
  const Folder out;
  const Outcome outcome = transcode(source, out);
  ASSERT_EQ(outcome.code, "accepted") << outcome.detail;
  const Renditions& all = outcome.renditions;
  EXPECT_NEAR(static_cast<double>(all.duration_ms) / 1000, want.duration_s, 0.1);
  EXPECT_EQ(all.has_audio, want.audio);
  for (const Rendition& rendition : all.sources) expect_rendition(rendition, out / rendition.file, source, want);
  for (const std::string& file : all.files) {
    EXPECT_TRUE(std::filesystem::exists(out / file)) << file;
    if (!file.ends_with(".m3u8")) expect_clean(out / file);
  }
  EXPECT_TRUE(all.placeholder.starts_with("data:image/webp;base64,"));
  EXPECT_LE(all.placeholder.size(), placeholder_bytes_max);
  const json::object hls = ffprobe(out / all.hls_master);
  EXPECT_NEAR(number_in(hls.at("format").as_object(), "duration"), want.duration_s, 0.15);
}

std::string corpus() {
  for (const std::string folder : {"../shared/media", "../../shared/media"}) {
    if (std::filesystem::exists(folder + "/manifest.tsv")) return folder;
  }
  return {};
}

std::vector<std::string> fields(const std::string& line) {
  std::vector<std::string> all;
  std::size_t begin = 0;
  for (std::size_t end = line.find('\t');; end = line.find('\t', begin)) {
    all.push_back(line.substr(begin, end == std::string::npos ? end : end - begin));
    if (end == std::string::npos) return all;
    begin = end + 1;
  }
}

/// An independent way to SDR: zimg's own conversion with another tone curve than ours.
std::string reference_tone_map(const std::string& transfer) {
  if (transfer != "smpte2084" && transfer != "arib-std-b67") return {};
  return "zscale=t=linear:npl=100,format=gbrpf32le,tonemap=tonemap=mobius,zscale=p=709:t=709:m=709:r=tv,format=yuv420p";
}

TEST(Corpus, every_file_ends_as_the_manifest_says) {
  const std::string folder = corpus();
  if (folder.empty()) GTEST_SKIP() << "absent: the videos ../shared/media";
  std::ifstream manifest(folder + "/manifest.tsv");
  std::string line;
  std::getline(manifest, line);
  int files = 0;
  while (std::getline(manifest, line)) {
    const std::vector<std::string> row = fields(line);
    if (row.size() < 20) continue;
    ++files;
    const std::string path = folder + "/" + row[0];
    if (row[1] != "accept") {
      const Folder out;
      const Outcome outcome = transcode(path, out);
      EXPECT_NE(outcome.code, "accepted") << path;
      EXPECT_NE(outcome.code, "error") << path << outcome.detail;
      if (row[1].find("no decodable video") != std::string::npos) {
        EXPECT_NE(outcome.detail.find("no decodable video stream"), std::string::npos);
      }
      continue;
    }
    const auto probe = probe_file(path);
    ASSERT_TRUE(probe) << path;
    const bool portrait = probe->video.display_height > probe->video.display_width;
    EXPECT_EQ(portrait, row[13] == "portrait") << path;
    expect_accepted(path, {.duration_s = std::atof(row[18].c_str()),
                           .width = probe->video.display_width,
                           .height = probe->video.display_height,
                           .audio = row[16] != "none",
                           .to_sdr = reference_tone_map(row[19])});
  }
  EXPECT_GT(files, 20);
}

// Kinds of good files -----------------------------------------------------------------------------------------------

constexpr const char* picture = "-f lavfi -i testsrc2=s=640x360:r=30:d=2 ";
constexpr const char* sound = "-f lavfi -i sine=f=440:d=2:r=44100 ";
constexpr const char* quick = " -c:v libx264 -preset ultrafast ";

class Kinds : public testing::Test {
 protected:
  std::string clip(const std::string& arguments, const std::string& name) {
    make_clip(arguments, in_ / name);
    return in_ / name;
  }
  Folder in_;
};

TEST_F(Kinds, rotations_and_pixel_aspects) {
  const std::string base = clip(std::string(picture) + sound + quick + "-c:a aac", "base.mp4");
  for (const int degrees : {90, 180, 270}) {
    const auto turned =
        clip("-i " + base + " -c copy -metadata:s:v rotate=" + std::to_string(degrees), fmt::format("{}.mp4", degrees));
    const bool upright = degrees == 180;
    expect_accepted(turned,
                    {.duration_s = 2, .width = upright ? 640 : 360, .height = upright ? 360 : 640, .audio = true});
  }
  expect_accepted(clip(std::string(picture) + "-vf setsar=3/2" + quick, "sar32.mp4"),
                  {.duration_s = 2, .width = 960, .height = 360});
  expect_accepted(clip(std::string(picture) + "-vf setsar=1/2" + quick, "sar12.mp4"),
                  {.duration_s = 2, .width = 320, .height = 360});
}

TEST_F(Kinds, pixel_formats_and_odd_sides) {
  expect_accepted(clip(std::string(picture) + quick + "-pix_fmt yuv444p", "444.mp4"),
                  {.duration_s = 2, .width = 640, .height = 360});
  expect_accepted(clip(std::string(picture) + quick + "-pix_fmt yuv422p10le", "422.mp4"),
                  {.duration_s = 2, .width = 640, .height = 360});
  expect_accepted(clip(std::string(picture) + quick + "-pix_fmt yuvj420p", "full.mp4"),
                  {.duration_s = 2, .width = 640, .height = 360});
  expect_accepted(clip("-f lavfi -i testsrc2=s=641x363:r=30:d=1" + std::string(quick) + "-pix_fmt yuv444p", "odd.mp4"),
                  {.duration_s = 1, .width = 641, .height = 363});
  expect_accepted(
      clip(std::string(picture) + "-vf format=rgba,colorchannelmixer=aa=0.5 -c:v qtrle", "alpha.mov"),
      {.duration_s = 2, .width = 640, .height = 360, .to_sdr = "format=gbrap,premultiply=inplace=1,format=gbrp"});
}

TEST_F(Kinds, hdr_made_here) {
  for (const std::string transfer : {"smpte2084", "arib-std-b67"}) {
    const auto hdr = clip(std::string(picture) + "-vf zscale=tin=bt709:min=bt709:pin=bt709:t=" + transfer +
                              ":p=bt2020:m=bt2020nc:npl=203,format=yuv420p10le" + quick + "-color_trc " + transfer +
                              " -color_primaries bt2020 -colorspace bt2020nc",
                          transfer + ".mp4");
    expect_accepted(hdr, {.duration_s = 2, .width = 640, .height = 360, .to_sdr = reference_tone_map(transfer)});
  }
}

TEST_F(Kinds, sound_of_every_shape) {
  expect_accepted(clip(std::string(picture) + "-f lavfi -i sine=d=2" + quick + "-c:a aac -ac 1", "mono.mp4"),
                  {.duration_s = 2, .width = 640, .height = 360, .audio = true});
  expect_accepted(clip(std::string(picture) + "-f lavfi -i \"sine=d=2,pan=5.1|c0=c0|c1=c0|c2=c0|c3=c0|c4=c0|c5=c0\"" +
                           quick + "-c:a ac3",
                       "surround.mkv"),
                  {.duration_s = 2, .width = 640, .height = 360, .audio = true});
  expect_accepted(clip("-f lavfi -i testsrc2=s=640x360:r=30:d=1 -f lavfi -i sine=d=4" + std::string(quick) + "-c:a aac",
                       "longer.mp4"),
                  {.duration_s = 4, .width = 640, .height = 360, .audio = true});
}

TEST_F(Kinds, time_lines_of_every_shape) {
  const std::string base = clip(std::string(picture) + sound + quick + "-c:a aac", "base.mp4");
  const Expectation two_s{.duration_s = 2, .width = 640, .height = 360, .audio = true};
  Expectation late = two_s;
  late.duration_s = 2.5;
  late.compare = false;
  expect_accepted(clip("-itsoffset 0.5 -i " + base + " -i " + base + " -map 0:v -map 1:a -c copy", "late-picture.mp4"),
                  late);
  expect_accepted(clip("-itsoffset 0.5 -i " + base + " -i " + base + " -map 1:v -map 0:a -c copy", "late-sound.mov"),
                  late);
  expect_accepted(clip("-i " + base + " -c copy -f mpegts", "clip.ts"), two_s);
  expect_accepted(clip("-i " + base + " -c copy", "clip.mkv"), two_s);
  shell("ffmpeg -v error -i " + base + " -c copy -f matroska - > " + (in_ / "endless.mkv"));
  expect_accepted(in_ / "endless.mkv", two_s);  // written to a pipe: no duration in its header
  shell("cp " + (in_ / "clip.mkv") + " " + (in_ / "wrong-extension.mp4"));
  expect_accepted(in_ / "wrong-extension.mp4", two_s);
  expect_accepted(
      clip("-f lavfi -i testsrc2=s=640x360:r=60:d=3 -vf \"select='not(mod(n,7))+between(n,60,120)'\" -fps_mode vfr" +
               std::string(quick),
           "vfr.mp4"),
      {.duration_s = 2.93, .width = 640, .height = 360});
  expect_accepted(clip("-f lavfi -i testsrc2=s=640x360:r=120:d=2" + std::string(quick), "120.mp4"),
                  {.duration_s = 2, .width = 640, .height = 360});
  expect_accepted(clip("-f lavfi -i testsrc2=s=640x360:r=25 -frames:v 1" + std::string(quick), "one-frame.mp4"),
                  {.duration_s = 0.04, .width = 640, .height = 360, .compare = false});
}

TEST_F(Kinds, an_edit_list_that_starts_inside_a_group_is_honoured) {
  const std::string base = clip(std::string(picture) + sound + quick + "-g 250 -c:a aac", "base.mp4");
  const std::string cut = clip("-ss 0.7 -i " + base + " -c copy", "cut.mp4");
  const double duration_s = number_in(ffprobe(cut).at("format").as_object(), "duration");
  expect_accepted(cut, {.duration_s = duration_s, .width = 640, .height = 360, .audio = true});
}

TEST_F(Kinds, metadata_is_gone) {
  expect_accepted(clip(std::string(picture) + quick +
                           "-metadata location=+48.1+011.5/ -metadata com.apple.quicktime.make=Apple "
                           "-metadata title=iPhone -movflags use_metadata_tags",
                       "tagged.mov"),
                  {.duration_s = 2, .width = 640, .height = 360});
}

TEST_F(Kinds, quiet_sound_is_raised_and_loud_sound_lowered) {
  for (const auto& [volume, at_least, at_most] : {std::tuple{0.15, -26.5, -14.0}, std::tuple{6.0, -18.0, -14.0}}) {
    const auto path = clip(std::string(picture) + "-f lavfi -i sine=f=800:d=2,volume=" + std::to_string(volume) +
                               std::string(quick) + "-c:a aac -ac 2",
                           fmt::format("{}.mp4", volume));
    const Folder out;
    const Outcome outcome = transcode(path, out);
    ASSERT_EQ(outcome.code, "accepted") << outcome.detail;
    const auto loudness = parse_loudness(shell("ffmpeg -nostats -i " + (out / outcome.renditions.sources[0].file) +
                                               " -af ebur128=framelog=verbose:peak=true -f null -"));
    ASSERT_TRUE(loudness);
    EXPECT_GE(loudness->integrated_lufs, at_least) << volume;
    EXPECT_LE(loudness->integrated_lufs, at_most) << volume;
    EXPECT_LE(loudness->peak_db, -1.0) << volume;
  }
}

TEST_F(Kinds, rungs_share_their_key_frames_and_the_poster_is_the_first_frame) {
  const auto path = clip("-f lavfi -i testsrc2=s=1280x720:r=30:d=5" + std::string(quick), "hd.mp4");
  const Folder out;
  const Outcome outcome = transcode(path, out);
  ASSERT_EQ(outcome.code, "accepted") << outcome.detail;
  ASSERT_EQ(outcome.renditions.sources.size(), 2u);
  std::vector<std::string> keys;
  for (const Rendition& rendition : outcome.renditions.sources) {
    keys.push_back(
        shell("ffprobe -v error -select_streams v -skip_frame nokey -show_entries frame=pts_time -of csv=p=0 " +
              (out / rendition.file)));
  }
  EXPECT_EQ(keys[0], keys[1]);
  EXPECT_EQ(std::count(keys[0].begin(), keys[0].end(), '\n'), 3) << keys[0];
  const std::string poster = shell(
      "ffmpeg -nostats -i " + (out / outcome.renditions.poster) + " -i " + (out / outcome.renditions.sources[1].file) +
      " -lavfi '[0:v]scale=in_range=full:out_range=tv:in_color_matrix=bt601:out_color_matrix=bt709,format="
      "yuv420p[a];[1:v]trim=end_frame=1[b];[a][b]ssim' -f null -");
  EXPECT_GE(std::atof(poster.c_str() + poster.rfind("All:") + 4), 0.95);
  const std::string thumbnail =
      shell("ffmpeg -nostats -i " + (out / outcome.renditions.thumbnail) + " -i " + (out / outcome.renditions.poster) +
            " -lavfi '[1:v]scale=480:270:flags=area[small];[0:v][small]ssim' -f null -");
  EXPECT_GE(std::atof(thumbnail.c_str() + thumbnail.rfind("All:") + 4), 0.95) << thumbnail;
}

TEST_F(Kinds, eight_k_goes_through) {
  expect_accepted(clip("-f lavfi -i testsrc2=s=7680x4320:r=30:d=0.2" + std::string(quick), "8k.mp4"),
                  {.duration_s = 0.2, .width = 7680, .height = 4320});
}

// Kinds of bad files ------------------------------------------------------------------------------------------------

class BadFiles : public Kinds {
 protected:
  std::string file(const std::string& name, const std::string& bytes) {
    std::ofstream(in_ / name, std::ios::binary) << bytes;
    return in_ / name;
  }
  static void expect_refused(const std::string& path, const std::string& code) {
    const Folder out;
    const Outcome outcome = transcode(path, out);
    EXPECT_EQ(outcome.code, code) << path << ": " << outcome.detail;
    EXPECT_GT(outcome.detail.size(), 20u);
  }
};

TEST_F(BadFiles, that_are_no_video) {
  expect_refused(file("empty.mp4", ""), "empty");
  expect_refused(file("one.mp4", std::string(1, '\0')), "not_a_video");
  expect_refused(file("text.mp4", "hello\n"), "not_a_video");
  expect_refused(file("zeros.mp4", std::string(100'000, '\0')), "not_a_video");
  expect_refused(file("brand.mp4", std::string("\0\0\0\x18"
                                               "ftypmp42",
                                               12) +
                                       std::string(1000, 'x')),
                 "truncated");
  expect_refused(file("ebml.webm", "\x1A\x45\xDF\xA3" + std::string(1000, 'x')), "damaged");
  expect_refused(clip(sound, "sound.m4a"), "no_video");
  const auto cover = clip("-f lavfi -i testsrc2=s=300x300:d=1 -frames:v 1", "cover.jpg");
  expect_refused(
      clip("-i " + (in_ / "sound.m4a") + " -i " + cover + " -map 0 -map 1 -c copy -disposition:v attached_pic",
           "cover.m4a"),
      "no_video");
  expect_refused(cover, "not_a_video");
}

TEST_F(BadFiles, that_name_other_files_or_addresses) {
  const std::string secret = file("secret", "root:x:0:0:secret\n");
  for (const std::string target : {"file:///etc/passwd", "http://127.0.0.1:9/x", "/etc/passwd"}) {
    expect_refused(
        file("list.m3u8", "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n" + target + "\n#EXT-X-ENDLIST\n"),
        "not_a_video");
    expect_refused(file("list.mp4", "ffconcat version 1.0\nfile '" + target + "'\n"), "not_a_video");
  }
  expect_refused(file("x.sdp", "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\nm=video 9 RTP/AVP 96\r\n"), "not_a_video");
  expect_refused(file("x.mpd", "<?xml version=\"1.0\"?><MPD/>"), "not_a_video");
}

TEST_F(BadFiles, that_are_cut_off_or_damaged) {
  const std::string base = read_all(clip(std::string(picture) + sound + quick + "-c:a aac", "base.mp4"));
  const std::string front =
      read_all(clip(std::string(picture) + sound + quick + "-c:a aac -movflags +faststart", "front.mp4"));
  const std::string mkv = read_all(clip(std::string(picture) + sound + quick + "-c:a aac", "base.mkv"));
  expect_refused(file("a.mp4", base.substr(0, base.size() / 2)), "truncated");
  expect_refused(file("b.mp4", front.substr(0, front.size() / 2)), "truncated");
  expect_refused(file("c.mkv", mkv.substr(0, mkv.size() / 2)), "truncated");
  std::string noise = front;
  for (std::size_t i = noise.find("mdat") + 4; i < noise.size(); ++i)
    noise[i] = static_cast<char>(i * 2654435761u >> 13);
  expect_refused(file("noise.mp4", noise), "damaged");
  std::string spots = front;
  for (std::size_t i = spots.find("mdat") + 200; i < spots.size(); i += 53)
    spots[i] = static_cast<char>(spots[i] ^ 0x5A);
  expect_refused(file("spots.mp4", spots), "damaged");
}

TEST_F(BadFiles, that_break_a_limit) {
  expect_refused(clip("-f lavfi -i testsrc2=s=8x8:r=30:d=1" + std::string(quick), "8x8.mp4"), "too_small");
  expect_refused(clip("-f lavfi -i color=s=64x36:r=1:d=605" + std::string(quick), "long.mp4"), "too_long");
  std::string lies = read_all(clip(picture + std::string(quick), "short.mp4"));
  const std::size_t movie = lies.find("mvhd");
  lies.replace(movie + 20, 4, std::string("\x7F\xFF\xFF\xFF", 4));
  expect_refused(file("endless.mp4", lies), "too_long");
}

}  // namespace
}  // namespace vitrine::media
