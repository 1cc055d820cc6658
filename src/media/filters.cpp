#include "media/filters.hpp"

#include <charconv>
#include <cmath>

namespace vitrine::media {
namespace {

constexpr double peak_rate_max = 61;      // a time line with finer steps varies
constexpr double step_s_min = 0.0155;     // just under 1/60
constexpr double repeat_s_max = 1;        // between repeats of the last frame …
constexpr double crop_keeps_min = 0.749;  // of a picture that is made to fill a frame: three quarters
constexpr int quick_repeats = 3;          // … but for the last ones, more than an encoder reorders

std::string matrix_of(const VideoFacts& video) {
  if (video.matrix == "bt709") return "bt709";
  if (video.matrix == "smpte170m" || video.matrix == "bt470bg") return "bt601";
  if (video.matrix == "smpte240m") return "smpte240m";
  if (video.matrix == "fcc") return "fcc";
  if (video.matrix.starts_with("bt2020")) return "bt2020";
  // Unsaid: as players guess. VP8 knows BT.601 only.
  const bool large = std::min(video.coded_width, video.coded_height) >= 720;
  return large && video.codec != "vp8" ? "bt709" : "bt601";
}

bool is_rgb(const VideoFacts& video) {
  return video.pixel_format.find("rgb") != std::string::npos || video.pixel_format.find("bgr") != std::string::npos ||
         video.pixel_format.starts_with("gbr") || video.pixel_format.starts_with("pal8");
}

/// Repeats the last frame until the presentation ends: once a second, then at the frame rate, so that the last repeat's
/// own length ends it. The padding filter makes the frames; its idea of their times, whatever it is, is replaced.
std::string last_frame_filters(double gap_s, double frame_s, double last_s, double behind_last_s) {
  if (gap_s <= 0.6 * frame_s) return {};
  int slow = 0;
  int quick = std::max(1, static_cast<int>(std::lround(gap_s / frame_s)));
  double slow_step_s = 0;
  if (quick > quick_repeats) {
    quick = quick_repeats;
    slow = std::max(1, static_cast<int>(std::ceil((gap_s - quick * frame_s) / repeat_s_max)));
    slow_step_s = (gap_s - quick * frame_s) / slow;
  }
  const double quick_step_s = slow == 0 ? gap_s / quick : frame_s;
  return fmt::format(
      ",tpad=stop={}:stop_mode=clone,setpts='if(gt(T,{:.6f}),(PREV_OUTT+if(lt(PREV_OUTT,{:.6f}),{:.6f},{:.6f}))/"
      "TB,PTS)'",
      slow + quick, behind_last_s, last_s + slow_step_s * slow - 0.5 * quick_step_s, slow_step_s, quick_step_s);
}

std::string or_else(const std::string& value, std::string_view fallback) {
  return value.empty() || value == "reserved" ? std::string(fallback) : value;
}

/// zscale's description of the input, with the usual values where the file says nothing.
std::string wide_input(const VideoFacts& video) {
  const std::string matrix = is_rgb(video) ? "gbr" : or_else(video.matrix, "bt2020nc");
  return fmt::format("tin={}:pin={}:min={}:rin={}", or_else(video.transfer, "bt709"),
                     or_else(video.primaries, "bt2020"), matrix, video.full_range ? "pc" : "tv");
}

std::string wide_to_narrow(const VideoFacts& video, Size size) {
  const std::string scale = fmt::format("zscale=w={}:h={}:f=bicubic:{}", size.width, size.height, wide_input(video));
  if (!video.is_hdr()) return scale + ":t=bt709:p=bt709:m=bt709:r=tv";
  return scale +
         ":t=linear:npl=100,format=gbrpf32le,zscale=p=bt709,tonemap=tonemap=reinhard:desat=0,"
         "zscale=t=bt709:p=bt709:m=bt709:r=tv";
}

std::string narrow(const VideoFacts& video, Size size) {
  const std::string matrix = is_rgb(video) ? "" : fmt::format(":in_color_matrix={}", matrix_of(video));
  const std::string range = video.full_range ? ":in_range=full" : "";
  return fmt::format("scale=w={}:h={}:flags=bicubic{}{}:out_color_matrix=bt709:out_range=limited", size.width,
                     size.height, matrix, range);
}

std::string layout(const AudioFacts& audio) { return audio.channels == 1 ? "mono" : "stereo"; }

/// The number after `label` in "    I:         -23.0 LUFS", searching from `from`.
std::optional<double> figure_after(std::string_view text, std::string_view label, std::size_t from) {
  std::size_t at = text.find(label, from);
  if (at == std::string_view::npos) return std::nullopt;
  at = text.find_first_not_of(' ', at + label.size());
  if (at == std::string_view::npos) return std::nullopt;
  double value = 0;
  const auto [end, error] = std::from_chars(text.data() + at, text.data() + text.size(), value);
  if (error != std::errc() || std::isnan(value)) return std::nullopt;
  return value;
}

}  // namespace

double nominal_rate(const VideoFacts& video) {
  if (video.rate > frame_rate_max + 0.5) return frame_rate_max;
  return video.rate_peak <= peak_rate_max ? video.rate_peak : 30;
}

std::string timing_filters(const MediaProbe& probe) {
  const VideoFacts& video = probe.video;
  std::string filters = fmt::format("setpts='if(eq(N,0)*lte(T,{:.6f}),0,PTS)'", video.start_s + 0.1);
  const double frame_s = 1 / nominal_rate(video);
  double behind_last_s = video.last_frame_s + 0.25 / std::max(video.rate_peak, 1.0);
  if (video.rate > frame_rate_max + 0.5) {
    filters += fmt::format(",fps=fps={}", frame_rate_max);
    behind_last_s = video.last_frame_s + 0.6 * frame_s;
  }
  filters +=
      last_frame_filters(probe.duration_s - frame_s - video.last_frame_s, frame_s, video.last_frame_s, behind_last_s);
  if (video.rate <= frame_rate_max + 0.5 && video.rate_peak > peak_rate_max) {
    filters += fmt::format(",select='isnan(prev_selected_t)+gte(t-prev_selected_t,{})'", step_s_min);
  }
  return filters + fmt::format(",trim=end={:.6f}", probe.duration_s);
}

std::string picture_filters(const VideoFacts& video, Size size) {
  std::string filters;
  if (video.interlaced) filters += "bwdif=mode=send_frame:deint=interlaced,";
  if (video.has_alpha) filters += "format=gbrap,premultiply=inplace=1,format=gbrp,";
  VideoFacts seen = video;
  if (video.has_alpha) seen.pixel_format = "gbrp";
  filters += video.is_wide() ? wide_to_narrow(seen, size) : narrow(seen, size);
  return filters + ",format=yuv420p,setsar=1,setparams=range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709";
}

std::string fill_filters(const VideoFacts& video, Size frame) {
  const double across = static_cast<double>(frame.width) / video.display_width;
  const double down = static_cast<double>(frame.height) / video.display_height;
  const bool crop = std::min(across, down) / std::max(across, down) >= crop_keeps_min;
  const double scale = crop ? std::max(across, down) : std::min(across, down);
  const auto even = [scale](int side) { return std::max(2, static_cast<int>(std::lround(side * scale / 2)) * 2); };
  const Size inner{even(video.display_width), even(video.display_height)};
  std::string filters = picture_filters(video, inner);
  if (inner == frame) return filters;
  return filters + (crop ? fmt::format(",crop=w={}:h={}", frame.width, frame.height)
                         : fmt::format(",pad=w={}:h={}:x=(ow-iw)/2:y=(oh-ih)/2", frame.width, frame.height));
}

std::string resize_filter(Size from, Size to) {
  if (from == to) return "null";
  return fmt::format("scale=w={}:h={}:flags=bicubic,setsar=1", to.width, to.height);
}

std::string jpeg_filters() {
  return "scale=flags=bicubic:in_color_matrix=bt709:in_range=limited:out_color_matrix=bt601:out_range=full,format="
         "yuvj420p";
}

std::optional<Loudness> parse_loudness(std::string_view errors) {
  const std::size_t summary = errors.rfind("Summary:");
  if (summary == std::string_view::npos) return std::nullopt;
  const auto integrated = figure_after(errors, "I:", summary);
  if (!integrated) return std::nullopt;
  return Loudness{*integrated, figure_after(errors, "Peak:", summary).value_or(0)};
}

double gain_db(const Loudness& loudness) {
  if (loudness.integrated_lufs <= -69) return 0;
  const double wanted = std::clamp(loudness_target_lufs - loudness.integrated_lufs, gain_db_min, gain_db_max);
  const double headroom = peak_db_max - loudness.peak_db;
  return std::min(wanted, std::max(0.0, headroom + limiting_db_max));
}

std::string loudness_filters(const AudioFacts& audio) {
  return fmt::format("aformat=sample_rates=48000:channel_layouts={},ebur128=framelog=verbose:peak=sample:dualmono=true",
                     layout(audio));
}

std::string audio_filters(const MediaProbe& probe, const Loudness& loudness) {
  const double gain = gain_db(loudness);
  std::string filters = fmt::format("aresample=48000:async=1:first_pts=0,aformat=sample_fmts=fltp:channel_layouts={}",
                                    layout(*probe.audio));
  if (std::abs(gain) > 0.05) filters += fmt::format(",volume={:.2f}dB", gain);
  if (loudness.peak_db + gain > peak_db_max) {
    filters += fmt::format(",alimiter=limit={:.4f}:attack=5:release=50:level=false:latency=true",
                           std::pow(10.0, peak_db_max / 20));
  }
  return filters + fmt::format(",atrim=end={:.6f}", probe.duration_s);
}

}  // namespace vitrine::media
