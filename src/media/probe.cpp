#include "media/probe.hpp"

#include <charconv>
#include <cmath>
#include <filesystem>
#include <fstream>

#include "base/json.hpp"
#include "media/sandbox.hpp"

namespace vitrine::media {
namespace {

constexpr std::size_t head_bytes = 4096;
constexpr double whole_scan_s_max = 15;  // shorter files are scanned from the start
constexpr double tail_s = 3;
constexpr double late_start_s_max = 5;  // a longer gap before the first packet is an offset, not a pause
constexpr double container_tail_s_max = 5;
constexpr double frame_s_min = 0.04;

// The decoders a phone, a camera, an editor or a browser calls for. Everything else in FFmpeg stays out of reach.
constexpr std::string_view decoders =
    "h264,hevc,vp8,vp9,libdav1d,libaom-av1,av1,mpeg4,h263,h263p,mjpeg,mpeg1video,mpeg2video,prores,dnxhd,theora,flv,"
    "vc1,"
    "wmv1,wmv2,wmv3,msmpeg4,msmpeg4v2,png,qtrle,rawvideo,ffv1,cinepak,svq3,"
    "aac,aac_fixed,aac_latm,mp3,mp3float,mp2,mp2float,vorbis,opus,flac,alac,ac3,eac3,amrnb,amrwb,wmav1,wmav2,"
    "pcm_s16le,pcm_s16be,pcm_s24le,pcm_s24be,pcm_s32le,pcm_s32be,pcm_f32le,pcm_f32be,pcm_f64le,pcm_u8,pcm_s8,pcm_alaw,"
    "pcm_mulaw,adpcm_ima_qt,adpcm_ima_wav,adpcm_ms,dca,truehd,mlp,"
    // never used, but ffprobe wants to open what it lists
    "mov_text,subrip,srt,ass,ssa,webvtt,text,dvdsub,dvbsub,pgssub,cc_dec,dvb_teletext";

bool is_known_decoder(std::string_view codec) {
  if (codec == "flv1") codec = "flv";
  if (codec == "amr_nb") codec = "amrnb";
  if (codec == "amr_wb") codec = "amrwb";
  if (codec == "msmpeg4v3") codec = "msmpeg4";
  return fmt::format(",{},", decoders).find(fmt::format(",{},", codec)) != std::string::npos;
}

std::string text(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  if (value == nullptr || !value->is_string()) return {};
  const std::string_view found = value->get_string();
  return found == "unknown" || found == "N/A" ? std::string() : std::string(found);
}

std::optional<double> decimal(std::string_view digits) {
  double value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc() || end != digits.data() + digits.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

std::optional<double> number(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  if (value == nullptr) return std::nullopt;
  if (value->is_int64()) return static_cast<double>(value->get_int64());
  if (value->is_double()) return value->get_double();
  return value->is_string() ? decimal(value->get_string()) : std::nullopt;
}

int whole(const json::object& object, std::string_view key) {
  const double value = number(object, key).value_or(0);
  return value >= 0 && value < 1e9 ? static_cast<int>(value) : 0;
}

/// "30000/1001" or "4:3"; nothing when either part is not positive.
std::optional<double> ratio(std::string_view both) {
  const std::size_t cut = both.find_first_of("/:");
  if (cut == std::string_view::npos) return std::nullopt;
  const auto over = decimal(both.substr(0, cut));
  const auto under = decimal(both.substr(cut + 1));
  if (!over || !under || *over <= 0 || *under <= 0) return std::nullopt;
  return *over / *under;
}

/// Matroska keeps a track's length in a tag: "00:01:10.542000000".
std::optional<double> tagged_duration(const json::object& stream) {
  const json::value* tags = stream.if_contains("tags");
  if (tags == nullptr || !tags->is_object()) return std::nullopt;
  const std::string value = text(tags->get_object(), "DURATION");
  if (value.size() < 8 || value[2] != ':' || value[5] != ':') return std::nullopt;
  const auto hours = decimal(std::string_view(value).substr(0, 2));
  const auto minutes = decimal(std::string_view(value).substr(3, 2));
  const auto seconds = decimal(std::string_view(value).substr(6));
  if (!hours || !minutes || !seconds) return std::nullopt;
  return *hours * 3600 + *minutes * 60 + *seconds;
}

bool is_attached_picture(const json::object& stream) {
  const json::value* disposition = stream.if_contains("disposition");
  return disposition != nullptr && disposition->is_object() && whole(disposition->get_object(), "attached_pic") != 0;
}

/// Degrees clockwise that the picture must be turned by, from the display matrix.
double rotation_of(const json::object& stream) {
  const json::value* list = stream.if_contains("side_data_list");
  if (list == nullptr || !list->is_array()) return 0;
  for (const json::value& item : list->get_array()) {
    if (!item.is_object()) continue;
    if (const auto counter = number(item.get_object(), "rotation")) return std::fmod(-*counter + 720, 360);
  }
  return 0;
}

bool has_alpha(std::string_view format) {
  return format.starts_with("yuva") || format.starts_with("gbrap") || format.starts_with("rgba") ||
         format.starts_with("bgra") || format.starts_with("argb") || format.starts_with("abgr") ||
         format.starts_with("ya");
}

void set_display_size(const json::object& stream, VideoFacts& video) {
  double width = video.coded_width;
  double height = video.coded_height;
  const double aspect = ratio(text(stream, "sample_aspect_ratio")).value_or(1);
  if (const double stretched = width * aspect; stretched >= side_pixels_min && stretched <= 2.0 * side_pixels_max) {
    width = stretched;
  }
  const double turn = rotation_of(stream);
  video.rotation = static_cast<int>(std::lround(turn / 90)) % 4 * 90;
  if (video.rotation == 90 || video.rotation == 270) std::swap(width, height);
  video.display_width = static_cast<int>(std::lround(width));
  video.display_height = static_cast<int>(std::lround(height));
}

VideoFacts video_facts(const json::object& stream) {
  VideoFacts video;
  video.index = whole(stream, "index");
  video.codec = text(stream, "codec_name");
  video.coded_width = whole(stream, "width");
  video.coded_height = whole(stream, "height");
  video.pixel_format = text(stream, "pix_fmt");
  video.transfer = text(stream, "color_transfer");
  video.primaries = text(stream, "color_primaries");
  video.matrix = text(stream, "color_space");
  video.full_range = text(stream, "color_range") == "pc" || video.pixel_format.starts_with("yuvj");
  video.has_alpha = has_alpha(video.pixel_format);
  const std::string order = text(stream, "field_order");
  video.interlaced = !order.empty() && order != "progressive";
  const double peak = ratio(text(stream, "r_frame_rate")).value_or(30);
  video.rate = ratio(text(stream, "avg_frame_rate")).value_or(std::min(peak, 60.0));
  video.rate_peak = std::max(peak, video.rate);
  set_display_size(stream, video);
  return video;
}

std::optional<double> declared_end(const json::object& stream) {
  const double start = number(stream, "start_time").value_or(0);
  if (const auto length = number(stream, "duration"); length && *length > 0) return start + *length;
  return tagged_duration(stream);
}

Checked<void> check_picture(const VideoFacts& video) {
  if (is_known_decoder(video.codec) && (video.pixel_format.empty() || video.coded_width == 0)) {
    return refuse("damaged",
                  "There is no decodable video stream: not one picture of it can be read. Export the video again.");
  }
  if (video.codec.empty() || !is_known_decoder(video.codec)) {
    return refuse(
        "unsupported_codec",
        fmt::format("There is no decodable video stream: the picture is coded as {}, which this site cannot read. "
                    "Export it as H.264 or HEVC in an MP4 file.",
                    video.codec.empty() ? "something unknown" : video.codec));
  }
  const int smaller = std::min({video.coded_width, video.coded_height, video.display_width, video.display_height});
  const int larger = std::max(video.coded_width, video.coded_height);
  if (smaller < side_pixels_min) {
    return refuse("too_small", fmt::format("The picture is {}x{} pixels; each side must have at least {}.",
                                           video.coded_width, video.coded_height, side_pixels_min));
  }
  if (larger > side_pixels_max || std::int64_t{video.coded_width} * video.coded_height > picture_pixels_max) {
    return refuse("too_large",
                  fmt::format("The picture is {}x{} pixels; at most 8192x4320 can be taken. Export it smaller.",
                              video.coded_width, video.coded_height));
  }
  return {};
}

Checked<void> check_duration(double duration_s) {
  if (duration_s <= duration_s_max + duration_tolerance_s) return {};
  return refuse("too_long",
                fmt::format("The video lasts {:.0f} seconds; at most {:.0f} ({:.0f} minutes) can be taken. Cut it "
                            "and upload it again.",
                            duration_s, duration_s_max, duration_s_max / 60));
}

/// Of several pictures the first that can be decoded, or the first at all (to name what is wrong with it).
const json::object* choose(const json::array& streams, std::string_view type) {
  const json::object* first = nullptr;
  for (const json::value& value : streams) {
    if (!value.is_object()) continue;
    const json::object& stream = value.get_object();
    if (text(stream, "codec_type") != type || is_attached_picture(stream)) continue;
    if (is_known_decoder(text(stream, "codec_name"))) return &stream;
    if (first == nullptr) first = &stream;
  }
  return first;
}

Checked<void> take_audio(const json::array& streams, MediaProbe& probe) {
  const json::object* stream = choose(streams, "audio");
  if (stream == nullptr) return {};
  const std::string codec = text(*stream, "codec_name");
  if (!is_known_decoder(codec)) {
    return refuse("unsupported_codec",
                  fmt::format("The sound is coded as {}, which this site cannot read. Export the video "
                              "with AAC sound.",
                              codec.empty() ? "something unknown" : codec));
  }
  const int channels = whole(*stream, "channels");
  if (channels == 0) return {};  // a track announced but without a single packet
  probe.audio = AudioFacts{whole(*stream, "index"), codec, channels, declared_end(*stream).value_or(0)};
  probe.declared_s = std::max(probe.declared_s, declared_end(*stream).value_or(0));
  return {};
}

bool counts_from_zero(std::string_view demuxer) { return demuxer == "mov" || demuxer == "matroska"; }

Result<std::string> read_head(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return fail(Errc::not_found, "the upload is not there any more");
  std::string head(head_bytes, '\0');
  file.read(head.data(), static_cast<std::streamsize>(head.size()));
  head.resize(static_cast<std::size_t>(file.gcount()));
  return head;
}

SandboxJob ffprobe(const std::string& path, std::string_view demuxer, std::vector<std::string> options,
                   const std::stop_token& stop) {
  SandboxJob job;
  job.argv = {"/usr/bin/ffprobe", "-v", "error", "-hide_banner"};
  for (std::string& option : input_options(demuxer)) job.argv.push_back(std::move(option));
  job.argv.insert(job.argv.end(), options.begin(), options.end());
  job.argv.insert(job.argv.end(), {"-i", "file:/job/in"});
  job.input = path;
  job.limits = {.wall_ms = 120'000, .cpu_s = 120, .file_bytes = 1 << 20};
  job.limits.output_bytes = json_bytes_max;
  job.stop = stop;
  return job;
}

Checked<Tail> scan_tail(const std::string& path, const MediaProbe& probe, double from_s, const std::stop_token& stop) {
  std::vector<std::string> options = {"-show_entries", "packet=stream_index,pts_time,dts_time,duration_time,flags",
                                      "-of", "compact=p=0"};
  if (from_s > 0) options.insert(options.end(), {"-read_intervals", fmt::format("{:.3f}%", from_s)});
  SandboxJob job = ffprobe(path, probe.demuxer, std::move(options), stop);
  Tail tail;
  job.on_line = [&](std::string_view line) { tail.add(line, probe); };
  VT_TRY(const SandboxOutcome outcome, run_sandboxed(job));
  if (outcome.ending != SandboxOutcome::Ending::exited) return std::unexpected(fault_of(outcome));
  return tail;
}

std::string_view last_line(std::string_view text) {
  while (text.ends_with('\n')) text.remove_suffix(1);
  return text.substr(text.rfind('\n') + 1);
}

bool says(const SandboxOutcome& outcome, std::string_view what) {
  return outcome.errors.find(what) != std::string::npos;
}

}  // namespace

std::optional<std::string_view> sniff(std::string_view head) {
  using namespace std::literals;
  const auto at = [&](std::size_t offset, std::string_view magic) {
    return head.size() >= offset + magic.size() && head.substr(offset, magic.size()) == magic;
  };
  for (const std::string_view box : {"ftyp"sv, "moov"sv, "mdat"sv, "wide"sv, "free"sv, "skip"sv, "pnot"sv}) {
    if (at(4, box)) return "mov";
  }
  if (at(0, "\x1A\x45\xDF\xA3"sv)) return "matroska";
  if (at(0, "RIFF"sv) && at(8, "AVI "sv)) return "avi";
  if (at(0, "G"sv) && at(188, "G"sv) && at(376, "G"sv)) return "mpegts";
  if (at(4, "G"sv) && at(196, "G"sv) && at(388, "G"sv)) return "mpegts";
  if (at(0, "\x00\x00\x01\xBA"sv)) return "mpeg";
  if (at(0, "FLV\x01"sv)) return "flv";
  if (at(0, "OggS"sv)) return "ogg";
  if (at(0, "\x30\x26\xB2\x75\x8E\x66\xCF\x11"sv)) return "asf";
  return std::nullopt;
}

std::vector<std::string> input_options(std::string_view demuxer) {
  return {"-protocol_whitelist",
          "file",
          "-format_whitelist",
          demuxer == "matroska" ? "matroska,webm" : std::string(demuxer),
          "-codec_whitelist",
          std::string(decoders),
          "-f",
          std::string(demuxer)};
}

Checked<MediaProbe> parse_probe(std::string_view json_text, std::string_view demuxer, std::int64_t bytes) {
  const auto root = parse_json(json_text);
  if (!root || !root->is_object())
    return refuse("damaged", "The file's headers cannot be read. Export the video again.");
  const json::value* list = root->get_object().if_contains("streams");
  const json::value* container = root->get_object().if_contains("format");
  if (list == nullptr || !list->is_array() || container == nullptr || !container->is_object()) {
    return refuse("damaged", "The file's headers cannot be read. Export the video again.");
  }
  const json::array& streams = list->get_array();
  const json::object* picture = choose(streams, "video");
  if (picture == nullptr) {
    return refuse("no_video", "There is no decodable video stream in this file: it holds sound or data only.");
  }
  MediaProbe probe{.demuxer = std::string(demuxer), .bytes = bytes, .video = video_facts(*picture), .audio = {}};
  VT_CHECK(check_picture(probe.video));
  probe.declared_s = declared_end(*picture).value_or(0);
  probe.video.start_s = number(*picture, "start_time").value_or(0);
  VT_CHECK(take_audio(streams, probe));
  probe.start_s = number(container->get_object(), "start_time").value_or(0);
  const bool from_zero = counts_from_zero(demuxer) && probe.start_s >= 0 && probe.start_s <= late_start_s_max;
  probe.origin_s = from_zero ? 0 : probe.start_s;
  probe.duration_s = std::max(0.0, number(container->get_object(), "duration").value_or(0));
  VT_CHECK(check_duration(std::max(probe.duration_s, probe.declared_s - probe.origin_s)));
  if (probe.declared_s == 0 && probe.duration_s > 0) probe.declared_s = probe.origin_s + probe.duration_s;
  return probe;
}

void Tail::add(std::string_view line, const MediaProbe& probe) {
  int stream = -1;
  std::optional<double> pts, dts;
  double length = 0;
  bool discarded = false;
  while (!line.empty()) {
    const std::size_t end = std::min(line.find('|'), line.size());
    const std::string_view field = line.substr(0, end);
    line.remove_prefix(std::min(end + 1, line.size()));
    const std::size_t cut = field.find('=');
    if (cut == std::string_view::npos) continue;
    const std::string_view key = field.substr(0, cut);
    const std::string_view value = field.substr(cut + 1);
    if (key == "stream_index") stream = static_cast<int>(decimal(value).value_or(-1));
    if (key == "pts_time") pts = decimal(value);
    if (key == "dts_time") dts = decimal(value);
    if (key == "duration_time") length = decimal(value).value_or(0);
    if (key == "flags") discarded = value.find('D') != std::string_view::npos;
  }
  if (!pts) pts = dts;
  if (!pts || discarded) return;
  if (stream == probe.video.index) {
    video_end_s = std::max(video_end_s.value_or(*pts), *pts + length);
    video_last_s = std::max(video_last_s.value_or(*pts), *pts);
  } else if (probe.audio && stream == probe.audio->index) {
    audio_end_s = std::max(audio_end_s.value_or(*pts), *pts + length);
  }
}

Checked<MediaProbe> settle(MediaProbe probe, const Tail& tail) {
  if (!tail.video_end_s) {
    return refuse("damaged",
                  "No picture can be read from this file: its video track is empty or cut off. Export it again.");
  }
  const double frame_s = 1 / std::clamp(probe.video.rate, 1.0, 60.0);
  probe.video.last_frame_s = *tail.video_last_s - probe.origin_s;
  probe.video.end_s =
      std::max(*tail.video_end_s - probe.origin_s, probe.video.last_frame_s + std::min(frame_s, frame_s_min));
  probe.video.start_s = std::max(0.0, probe.video.start_s - probe.origin_s);
  double end_s = probe.video.end_s;
  if (probe.audio) {
    probe.audio->end_s = tail.audio_end_s.value_or(probe.origin_s) - probe.origin_s;
    end_s = std::max(end_s, probe.audio->end_s);
  }
  const double declared_s = probe.declared_s - probe.origin_s;
  if (end_s < declared_s - std::max(0.5, 0.02 * declared_s)) {
    return refuse("truncated",
                  fmt::format("The file ends after {:.1f} of {:.1f} seconds: the recording or the upload was cut "
                              "off. Upload the whole file again.",
                              end_s, declared_s));
  }
  // What the container adds (a subtitle shown over the last picture) belongs to the presentation, within reason.
  const bool container_fits = probe.origin_s < late_start_s_max || !counts_from_zero(probe.demuxer);
  const bool use_container =
      container_fits && probe.duration_s >= end_s - 0.1 && probe.duration_s <= end_s + container_tail_s_max;
  if (!use_container) probe.duration_s = end_s;
  probe.duration_s = std::max(probe.duration_s, frame_s_min);
  VT_CHECK(check_duration(probe.duration_s));
  const double pixels = static_cast<double>(probe.video.coded_width) * probe.video.coded_height;
  if (pixels * std::min(probe.video.rate, 960.0) * probe.duration_s > total_pixels_max) {
    return refuse("too_heavy",
                  "The video is too long for its size and frame rate. Export it at 1080p or cut it shorter.");
  }
  return probe;
}

Checked<MediaProbe> probe_file(const std::string& path, const std::stop_token& stop) {
  std::error_code error;
  const auto bytes = std::filesystem::file_size(path, error);
  if (error) return std::unexpected<Fault>(Error{Errc::not_found, "the upload is not there any more"});
  if (bytes == 0) return refuse("empty", "The file is empty. Upload it again.");
  VT_TRY(const std::string head, read_head(path));
  const auto demuxer = sniff(head);
  if (!demuxer) {
    return refuse("not_a_video",
                  "This is not a video file that can be read. Upload an MP4, MOV, WebM, MKV, AVI or TS file.");
  }
  VT_TRY(const SandboxOutcome outcome,
         run_sandboxed(ffprobe(path, *demuxer, {"-show_format", "-show_streams", "-of", "json"}, stop)));
  if (!outcome.succeeded()) return std::unexpected(fault_of(outcome));
  VT_TRY(MediaProbe probe, parse_probe(outcome.output, *demuxer, static_cast<std::int64_t>(bytes)));

  const double end_s = probe.origin_s + probe.duration_s;
  const bool whole = probe.duration_s < whole_scan_s_max;
  VT_TRY(Tail tail, scan_tail(path, probe, whole ? 0 : end_s - tail_s, stop));
  const bool reached = tail.video_end_s && *tail.video_end_s > end_s - 2 * tail_s;
  if (!whole && !reached) {  // a short picture under a long sound, or an index that cannot be trusted
    VT_TRY(tail, scan_tail(path, probe, 0, stop));
  }
  return settle(std::move(probe), tail);
}

Fault fault_of(const SandboxOutcome& outcome) {
  using Ending = SandboxOutcome::Ending;
  if (outcome.ending == Ending::stopped) return Error{Errc::unavailable, "stopped"};
  if (says(outcome, "No space left on device")) return Error{Errc::storage_full, "no space left for the renditions"};
  if (outcome.ending != Ending::exited) {
    return Error{Errc::internal, fmt::format("the media program failed: {}", outcome.summary())};
  }
  if (says(outcome, "Cannot allocate memory")) return Error{Errc::internal, "the media program ran out of memory"};
  if (says(outcome, "moov atom not found")) {
    return Refusal{"truncated",
                   "The file has no index (moov): the recording or the upload was cut off. Upload it again."};
  }
  if (outcome.output_cut)
    return Refusal{"damaged", "The file's headers are out of all proportion. Export the video again."};
  if (says(outcome, "Invalid data") || says(outcome, "Error opening") || says(outcome, "error reading header") ||
      says(outcome, "EBML header parsing failed") || says(outcome, "End of file") ||
      says(outcome, "does not contain any stream") || says(outcome, "Error while decoding") ||
      says(outcome, "not in whitelist") || says(outcome, "Operation not permitted")) {
    return Refusal{"damaged", "The file is damaged: it cannot be read as the video it claims to be. Export it again."};
  }
  return Error{Errc::internal,
               fmt::format("the media program failed: {}: {}", outcome.summary(), last_line(outcome.errors))};
}

}  // namespace vitrine::media
