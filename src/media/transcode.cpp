#include "media/transcode.hpp"

#include <charconv>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/crypto.hpp"
#include "media/ffmpeg.hpp"

namespace vitrine::media {
namespace {

namespace fs = std::filesystem;

constexpr int poster_short_side = 720, thumbnail_short_side = 270;
constexpr int placeholder_long_side = 24;
constexpr double short_output_s_max = 0.5;
constexpr int keyframe_gap_frames_max = 600;

Arguments jpeg_output(const std::string& label, const std::string& file, int quality) {
  Arguments argv = {"-map", label, "-frames:v", "1", "-c:v", "mjpeg", "-q:v", std::to_string(quality)};
  append(argv, anonymous());
  append(argv, {"-f", "image2", "-update", "1", out(file)});
  return argv;
}

/// Of a picture as picture_filters() leaves it.
std::string webp_filters(Size size) {
  return fmt::format("scale=w={}:h={}:flags=area:in_color_matrix=bt709:in_range=limited,format=bgra", size.width,
                     size.height);
}

Arguments webp_output(const std::string& label, const std::string& file, int quality) {
  Arguments argv = {"-map", label, "-frames:v", "1", "-c:v", "libwebp", "-quality:v", std::to_string(quality)};
  append(argv, {"-compression_level:v", "6"});
  append(argv, anonymous());
  append(argv, {"-f", "webp", out(file)});
  return argv;
}

std::string mp4_name(const TranscodeJob& job, const Rung& rung) { return fmt::format("{}-{}.mp4", job.tag, rung.name); }

std::string preview_filters(const Preview& preview) {
  return fmt::format("fps=fps=1000/{}:start_time=0,scale=w={}:h={}:flags=bilinear,setsar=1,tile={}x{},{}",
                     preview.interval_ms, preview.tile.width, preview.tile.height, preview.columns, preview.rows,
                     jpeg_filters());
}

Checked<std::string> read_file(const fs::path& path, std::size_t bytes_max) {
  std::ifstream file(path, std::ios::binary);
  std::string bytes(bytes_max, '\0');
  file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<std::size_t>(file.gcount()));
  if (bytes.empty()) return refuse("damaged", "Not one frame of the video can be decoded. Export it again.");
  return bytes;
}

/// "avc1.PPCCLL" from the decoder configuration that stands near the front of the file.
std::string video_codec(std::string_view front) {
  const std::size_t at = front.find("avcC");
  if (at == std::string_view::npos || at + 8 > front.size()) return "avc1.64001f";
  const auto byte = [&](std::size_t i) { return static_cast<unsigned>(static_cast<unsigned char>(front[at + 4 + i])); };
  return fmt::format("avc1.{:02x}{:02x}{:02x}", byte(1), byte(2), byte(3));
}

std::uint32_t big_endian(std::string_view bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = at; i < at + 4; ++i) value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return value;
}

/// How long the first track (the picture) is shown, from the headers of one of our own files.
std::optional<double> picture_s(std::string_view front) {
  const std::size_t movie = front.find("mvhd");
  const std::size_t track = front.find("tkhd");
  if (movie == std::string_view::npos || track == std::string_view::npos || track + 28 > front.size())
    return std::nullopt;
  if (front[movie + 4] != 0 || front[track + 4] != 0) return std::nullopt;  // 64-bit times: never with our limits
  const std::uint32_t timescale = big_endian(front, movie + 16);
  if (timescale == 0) return std::nullopt;
  return static_cast<double>(big_endian(front, track + 24)) / timescale;
}

Checked<Rendition> describe(const TranscodeJob& job, const Rung& rung) {
  const fs::path path = fs::path(job.directory) / mp4_name(job, rung);
  VT_TRY(const std::string front, read_file(path, 64 << 10));
  const double shown_s = picture_s(front).value_or(0);
  if (shown_s < job.probe.duration_s - std::max(short_output_s_max, 0.02 * job.probe.duration_s)) {
    return refuse("damaged",
                  fmt::format("Only {:.1f} of {:.1f} seconds can be decoded: the file is damaged. Export it again.",
                              shown_s, job.probe.duration_s));
  }
  Rendition rendition{.file = mp4_name(job, rung), .width = rung.size.width, .height = rung.size.height, .codecs = {}};
  rendition.bytes = static_cast<std::int64_t>(fs::file_size(path));
  rendition.bitrate = static_cast<std::int64_t>(static_cast<double>(rendition.bytes) * 8 / job.probe.duration_s);
  rendition.codecs = video_codec(front) + (job.probe.audio ? ",mp4a.40.2" : "");
  return rendition;
}

/// The tiny picture as a data URI; nothing rather than too much.
Checked<std::string> placeholder_uri(const fs::path& path) {
  VT_TRY(const std::string bytes, read_file(path, 4096));
  std::string uri = "data:image/webp;base64," + crypto::base64(crypto::bytes_of(bytes));
  if (uri.size() > placeholder_bytes_max) uri.clear();
  return uri;
}

std::vector<Rung> ladder_of(const MediaProbe& probe) {
  return ladder({probe.video.display_width, probe.video.display_height}, std::min(probe.video.rate, frame_rate_max));
}

/// A condition that holds for one frame: the first, or the one shown at the time of the cover.
std::string cover_frame(const TranscodeJob& job) {
  if (job.cover_s <= 0) return "eq(n,0)";
  const double frame_s = 1 / nominal_rate(job.probe.video);
  const double shown_s = std::min(job.cover_s, job.probe.duration_s - frame_s);
  return fmt::format("gt(t,{:.6f})*isnan(prev_selected_t)", shown_s - 0.99 * frame_s);
}

Size tiny_size(Size display) {
  const double scale = static_cast<double>(placeholder_long_side) / std::max(display.width, display.height);
  return {std::max(2, static_cast<int>(std::lround(display.width * scale))),
          std::max(2, static_cast<int>(std::lround(display.height * scale)))};
}

std::string first_graph(const TranscodeJob& job, const Rung& rung, bool with_preview) {
  const VideoFacts& video = job.probe.video;
  const Size display{video.display_width, video.display_height}, tiny = tiny_size(display);
  std::string graph = fmt::format("[0:{}]{},split=2[rung][still];", video.index, timing_filters(job.probe));
  graph += fmt::format("[rung]{}", picture_filters(video, rung.size));
  if (with_preview) {
    graph += fmt::format(",split=2[v0][tiles];[tiles]{}[preview];",
                         preview_filters(preview_for(display, job.probe.duration_s)));
  } else {
    graph += "[v0];";
  }
  graph += fmt::format("[still]select='{}',{},split=3[big][middle][small];[big]{}[poster];", cover_frame(job),
                       picture_filters(video, fit(display, poster_short_side)), jpeg_filters());
  const Size thumbnail = fit(display, thumbnail_short_side);
  return graph + fmt::format("[middle]{}[thumbnail];[small]{}[tiny]", webp_filters(thumbnail), webp_filters(tiny));
}

Arguments mp4_output(const TranscodeJob& job, const Rung& rung, const std::string& video_label) {
  Arguments argv = {"-map", video_label};
  append(argv, video_options(rung, job.probe.video));
  append(argv, anonymous());
  append(argv, {"-movflags", "+faststart", "-f", "mp4", out(mp4_name(job, rung))});
  return argv;
}

/// A sound map goes right behind the output's first label.
void insert_sound(Arguments& output, Arguments sound) {
  output.insert(output.begin() + 2, std::make_move_iterator(sound.begin()), std::make_move_iterator(sound.end()));
}

std::string rest_graph(const TranscodeJob& job, const std::vector<Rung>& rungs) {
  const VideoFacts& video = job.probe.video;
  const Size top = rungs.back().size;
  std::string graph = fmt::format("[0:{}]{},{},split={}", video.index, timing_filters(job.probe),
                                  picture_filters(video, top), rungs.size());
  std::string branches;
  for (std::size_t i = 1; i < rungs.size(); ++i) {
    graph += fmt::format("[s{}]", i);
    branches += fmt::format(";[s{}]{}[v{}]", i, resize_filter(top, rungs[i].size), i);
  }
  const Preview preview = preview_for({video.display_width, video.display_height}, job.probe.duration_s);
  return graph + "[tiles]" + branches + fmt::format(";[tiles]{}[preview]", preview_filters(preview));
}

Checked<void> take_preview(const TranscodeJob& job, Renditions& all) {
  all.preview = fmt::format("{}-preview.jpg", job.tag);
  if (!fs::exists(fs::path(job.directory) / all.preview)) all.preview.clear();
  if (all.preview.empty()) return {};
  all.preview_grid = preview_for({job.probe.video.display_width, job.probe.video.display_height}, job.probe.duration_s);
  all.files.push_back(all.preview);
  return {};
}

// HLS -------------------------------------------------------------------------------------------------------------

std::string stem(const Rendition& rendition) { return rendition.file.substr(0, rendition.file.rfind('.')); }

Arguments hls_command(const Renditions& all) {
  Arguments argv = ffmpeg_command("error");
  for (const Rendition& rendition : all.sources) {
    append(argv, {"-protocol_whitelist", "file", "-f", "mov", "-i", out(rendition.file)});
  }
  for (std::size_t i = 0; i < all.sources.size(); ++i) {
    const std::string name = stem(all.sources[i]);
    append(argv, {"-map", std::to_string(i), "-c", "copy"});
    append(argv, anonymous());
    append(argv,
           {"-f", "hls", "-hls_time", fmt::format("{}", group_s), "-hls_playlist_type", "vod", "-hls_segment_type",
            "fmp4", "-hls_flags", "single_file+independent_segments", "-hls_segment_filename",
            fmt::format("/job/out/{}.m4s", name), fmt::format("/job/out/{}.m3u8", name)});
  }
  return argv;
}

/// The busiest segment's bits a second, from the byte ranges and durations of a media playlist.
std::int64_t peak_bitrate(std::string_view playlist) {
  double seconds = 0;
  double peak = 0;
  while (!playlist.empty()) {
    const std::size_t end = std::min(playlist.find('\n'), playlist.size());
    const std::string_view line = playlist.substr(0, end);
    playlist.remove_prefix(std::min(end + 1, playlist.size()));
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    double value = 0;
    std::from_chars(line.data() + colon + 1, line.data() + line.size(), value);
    if (line.starts_with("#EXTINF:")) seconds = value;
    if (line.starts_with("#EXT-X-BYTERANGE:") && seconds > 0.2) peak = std::max(peak, value * 8 / seconds);
  }
  return static_cast<std::int64_t>(peak);
}

/// FFmpeg's playlist ends with the picture's last frame as it guesses it: with longer sound, a late start or uneven
/// frames the lengths do not add up. The last segment is given what is left, so that a player's bar is right.
std::string with_whole_length(const std::string& playlist, double duration_s) {
  constexpr std::string_view length = "#EXTINF:", target = "#EXT-X-TARGETDURATION:";
  constexpr double shortest_s = 0.01;
  std::vector<std::string> lines;
  double before_last_s = 0, longest_s = 0, last_s = 0;
  std::size_t last = 0, target_line = 0;
  std::istringstream text(playlist);
  for (std::string line; std::getline(text, line); lines.push_back(line)) {
    if (line.starts_with(target)) target_line = lines.size();
    if (!line.starts_with(length)) continue;
    before_last_s += last_s;
    last_s = std::strtod(line.c_str() + length.size(), nullptr);
    longest_s = std::max(longest_s, last_s);
    last = lines.size();
  }
  if (last == 0 || target_line == 0) return playlist;
  last_s = std::max(shortest_s, duration_s - before_last_s);
  lines[last] = fmt::format("{}{:.6f},", length, last_s);
  lines[target_line] = fmt::format("{}{}", target, std::lround(std::ceil(std::max(longest_s, last_s))));
  return fmt::format("{}\n", fmt::join(lines, "\n"));
}

Checked<void> write_text(const fs::path& path, std::string_view text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  if (!file) return std::unexpected<Fault>(system_error("write of the playlist", errno));
  return {};
}

Checked<void> write_master(const TranscodeJob& job, Renditions& all) {
  std::string master = "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-INDEPENDENT-SEGMENTS\n";
  for (const Rendition& rendition : all.sources) {
    const std::string name = stem(rendition);
    const fs::path path = fs::path(job.directory) / (name + ".m3u8");
    VT_TRY(std::string playlist, read_file(path, 1 << 20));
    playlist = with_whole_length(playlist, static_cast<double>(all.duration_ms) / 1000);
    VT_CHECK(write_text(path, playlist));
    const std::int64_t peak = std::max(peak_bitrate(playlist), rendition.bitrate);
    master += fmt::format(
        "#EXT-X-STREAM-INF:BANDWIDTH={},AVERAGE-BANDWIDTH={},CODECS=\"{}\",RESOLUTION={}x{},FRAME-RATE={:.3f}\n{}."
        "m3u8\n",
        peak, rendition.bitrate, rendition.codecs, rendition.width, rendition.height, nominal_rate(job.probe.video),
        name);
    all.files.push_back(name + ".m3u8");
    all.files.push_back(name + ".m4s");
  }
  all.hls_master = fmt::format("{}-master.m3u8", job.tag);
  all.files.push_back(all.hls_master);
  return write_text(fs::path(job.directory) / all.hls_master, master);
}

Checked<void> package_hls(const TranscodeJob& job, Renditions& all) {
  TranscodeJob silent = job;
  silent.on_progress = nullptr;
  VT_TRY(const Run run, run_ffmpeg(silent, hls_command(all), false));
  all.cpu_s += run.cpu_s;
  return write_master(job, all);
}

}  // namespace

std::vector<std::string> video_options(const Rung& rung, const VideoFacts& video) {
  Arguments argv = {"-c:v", "libx264", "-preset:v", rung.preset, "-profile:v", "high", "-pix_fmt", "yuv420p"};
  append(argv, {"-crf:v", fmt::format("{}", rung.crf), "-maxrate:v", fmt::format("{}k", rung.bitrate_max_kbps),
                "-bufsize:v", fmt::format("{}k", 2 * rung.bitrate_max_kbps)});
  append(argv, {"-force_key_frames:v", fmt::format("expr:gte(t,n_forced*{})", group_s), "-forced-idr:v", "1"});
  append(argv, {"-x264-params", fmt::format("keyint={}:min-keyint=1:scenecut=0:open-gop=0", keyframe_gap_frames_max)});
  // The announced rate is the last frame's length; all others follow their time stamps.
  append(argv,
         {"-fps_mode:v", "vfr", "-enc_time_base:v", "1/90000", "-r:v", fmt::format("{:.5f}", nominal_rate(video))});
  append(argv, {"-color_primaries", "bt709", "-color_trc", "bt709", "-colorspace", "bt709", "-color_range", "tv"});
  append(argv, {"-bsf:v", "filter_units=remove_types=6", "-metadata:s:v",
                "encoder=H.264"});  // x264 signs its work in SEI, FFmpeg in a tag
  const unsigned threads = std::thread::hardware_concurrency();
  if (threads > threads_max) append(argv, {"-threads:v", std::to_string(threads_max)});
  return argv;
}

std::vector<std::string> audio_options(const AudioFacts& audio) {
  return {"-c:a", "aac",   "-profile:a", "aac_low",
          "-ar",  "48000", "-b:a",       fmt::format("{}k", audio.channels == 1 ? audio_kbps_mono : audio_kbps_stereo)};
}

Checked<Renditions> encode_first(const TranscodeJob& job) {
  Renditions all;
  const MediaProbe& probe = job.probe;
  if (probe.audio) {
    VT_TRY(all.loudness, measure_loudness(job, all.cpu_s));
  }
  const std::vector<Rung> rungs = ladder_of(probe);
  const bool alone = rungs.size() == 1;
  std::string graph = first_graph(job, rungs[0], alone);
  if (probe.audio) graph += fmt::format(";[0:{}]{}[a0]", probe.audio->index, audio_filters(probe, all.loudness));

  all.poster = fmt::format("{}-poster.jpg", job.tag);
  all.thumbnail = fmt::format("{}-thumbnail.webp", job.tag);
  const std::string tiny = fmt::format("{}-tiny.webp", job.tag);
  Arguments argv = ffmpeg_command("warning");
  append(argv, upload_input(probe));
  append(argv, {"-filter_complex", std::move(graph)});
  Arguments mp4 = mp4_output(job, rungs[0], "[v0]");
  if (probe.audio) {
    Arguments sound = {"-map", "[a0]"};
    append(sound, audio_options(*probe.audio));
    insert_sound(mp4, std::move(sound));
  }
  append(argv, std::move(mp4));
  append(argv, jpeg_output("[poster]", all.poster, 3));
  append(argv, webp_output("[thumbnail]", all.thumbnail, 65));
  append(argv, webp_output("[tiny]", tiny, 25));
  if (alone) append(argv, jpeg_output("[preview]", fmt::format("{}-preview.jpg", job.tag), 5));

  VT_TRY(const Run run, run_ffmpeg(job, std::move(argv), true));
  all.cpu_s += run.cpu_s;
  VT_CHECK(check_damage(run));
  VT_TRY(Rendition rendition, describe(job, rungs[0]));
  VT_TRY(all.placeholder, placeholder_uri(fs::path(job.directory) / tiny));
  VT_TRY(const std::string poster, read_file(fs::path(job.directory) / all.poster, 16));
  all.files = {rendition.file, all.poster, all.thumbnail};
  all.sources.push_back(std::move(rendition));
  all.duration_ms = std::llround(probe.duration_s * 1000);
  all.has_audio = probe.audio.has_value();
  return all;
}

Checked<Renditions> encode_rest(const TranscodeJob& job, Renditions first) {
  Renditions all = std::move(first);
  const std::vector<Rung> rungs = ladder_of(job.probe);
  if (rungs.size() > 1) {
    Arguments argv = ffmpeg_command("warning");
    append(argv, upload_input(job.probe));
    if (job.probe.audio) append(argv, {"-protocol_whitelist", "file", "-f", "mov", "-i", out(all.sources[0].file)});
    append(argv, {"-filter_complex", rest_graph(job, rungs)});
    for (std::size_t i = 1; i < rungs.size(); ++i) {
      Arguments mp4 = mp4_output(job, rungs[i], fmt::format("[v{}]", i));
      if (job.probe.audio) insert_sound(mp4, {"-map", "1:a:0", "-c:a", "copy"});
      append(argv, std::move(mp4));
    }
    append(argv, jpeg_output("[preview]", fmt::format("{}-preview.jpg", job.tag), 5));
    VT_TRY(const Run run, run_ffmpeg(job, std::move(argv), true));
    all.cpu_s += run.cpu_s;
    VT_CHECK(check_damage(run));
    for (std::size_t i = 1; i < rungs.size(); ++i) {
      VT_TRY(Rendition rendition, describe(job, rungs[i]));
      all.files.push_back(rendition.file);
      all.sources.push_back(std::move(rendition));
    }
  }
  VT_CHECK(take_preview(job, all));
  VT_CHECK(package_hls(job, all));
  return all;
}

}  // namespace vitrine::media
