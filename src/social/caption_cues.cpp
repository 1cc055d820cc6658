#include "social/caption_cues.hpp"

#include <charconv>

#include "base/unicode.hpp"
#include "social/videos.hpp"

namespace vitrine::social {
namespace {

constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
constexpr std::string_view signature = "WEBVTT", arrow = "-->", blanks = " \t";
constexpr std::size_t hour_digits_max = 4;
constexpr std::int64_t minutes_max = 59, seconds_max = 59;
constexpr std::size_t reference_bytes_max = 12;

struct Line {
  std::string_view text;
  std::size_t number = 0;  ///< from 1
  [[nodiscard]] bool is_blank() const { return text.find_first_not_of(blanks) == std::string_view::npos; }
};

template <class... Args>
std::unexpected<Error> wrong(const Line& line, fmt::format_string<Args...> format, Args&&... args) {
  return fail(Errc::invalid_argument, "line {}: {}", line.number, fmt::format(format, std::forward<Args>(args)...));
}

/// The lines of a file, whichever way they end (CR LF, LF, CR).
class Lines {
 public:
  explicit Lines(std::string_view file) : rest_(file) {
    if (rest_.starts_with(byte_order_mark)) rest_.remove_prefix(byte_order_mark.size());
    read();
  }
  [[nodiscard]] bool at_end() const { return ended_; }
  /// Past the end: an empty line behind the last.
  [[nodiscard]] const Line& line() const { return line_; }
  Line take() {
    const Line taken = line_;
    read();
    return taken;
  }
  void skip_block() {
    while (!at_end() && !line_.is_blank()) read();
  }
  void skip_blank() {
    while (!at_end() && line_.is_blank()) read();
  }

 private:
  void read() {
    ended_ = rest_.empty();
    const auto end = std::min(rest_.find_first_of("\r\n"), rest_.size());
    line_ = {rest_.substr(0, end), line_.number + 1};
    rest_.remove_prefix(end);
    if (!rest_.empty()) rest_.remove_prefix(rest_.starts_with("\r\n") ? 2 : 1);
  }

  std::string_view rest_;
  Line line_;
  bool ended_ = false;
};

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

// Times --------------------------------------------------------------------------------------------------------------

std::optional<std::int64_t> take_number(std::string_view& text, std::size_t digits_min, std::size_t digits_max) {
  const auto digits = std::min(text.find_first_not_of("0123456789"), text.size());
  if (digits < digits_min || digits > digits_max) return std::nullopt;
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + digits, value);
  text.remove_prefix(digits);
  return value;
}

bool take(std::string_view& text, std::string_view what) {
  if (!text.starts_with(what)) return false;
  text.remove_prefix(what.size());
  return true;
}

/// "01:02.345" or "00:01:02.345"; in SubRip "0:01:02,345".
std::optional<std::int64_t> take_time(std::string_view& text, CaptionFormat format) {
  const bool subrip = format == CaptionFormat::subrip;
  const auto first = take_number(text, subrip ? 1 : 2, hour_digits_max);
  if (!first || !take(text, ":")) return std::nullopt;
  const auto second = take_number(text, 2, 2);
  std::int64_t hours = 0, minutes = *first;
  auto seconds = second;
  if (take(text, ":")) {
    hours = *first;
    minutes = second.value_or(minutes_max + 1);
    seconds = take_number(text, 2, 2);
  } else if (subrip) {
    return std::nullopt;
  }
  if (!take(text, ".") && !(subrip && take(text, ","))) return std::nullopt;
  const auto milliseconds = take_number(text, 3, 3);
  if (!seconds || !milliseconds || minutes > minutes_max || *seconds > seconds_max) return std::nullopt;
  return ((hours * 60 + minutes) * 60 + *seconds) * 1000 + *milliseconds;
}

std::string time_text(std::int64_t ms) {
  return fmt::format("{:02}:{:02}:{:02}.{:03}", ms / 3'600'000, ms / 60'000 % 60, ms / 1000 % 60, ms % 1000);
}

void skip_blanks(std::string_view& text) { text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size())); }

/// WebVTT's settings behind the times; "line:" alone is heeded. A number counts lines, from the end if it is negative.
CuePlace place_in(std::string_view settings) {
  constexpr double middle_percent = 50;
  constexpr std::string_view name = "line:";
  for (skip_blanks(settings); !settings.empty(); skip_blanks(settings)) {
    auto word = settings.substr(0, settings.find_first_of(blanks));
    settings.remove_prefix(word.size());
    if (!take(word, name)) continue;
    double value = -1;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
    const bool percent = end != word.data() + word.size() && *end == '%';
    const bool top = error == std::errc() && value >= 0 && (!percent || value < middle_percent);
    return top ? CuePlace::top : CuePlace::bottom;
  }
  return CuePlace::bottom;
}

// Text ---------------------------------------------------------------------------------------------------------------

/// The length of the tag at the front ("<i>", "</c>", "<00:01.000>", "<v Ada>"), or 0: "a < b" is no tag.
std::size_t tag_length(std::string_view text) {
  if (text.size() < 3 || text.front() != '<') return 0;
  const char second = text[1];
  const bool letter = (second >= 'a' && second <= 'z') || (second >= 'A' && second <= 'Z');
  const bool digit = second >= '0' && second <= '9';
  if (!letter && !digit && second != '/') return 0;
  const auto end = text.find_first_of("<>", 1);
  return end == std::string_view::npos || text[end] == '<' ? 0 : end + 1;
}

/// "#60" and "#x3c" as the character they number.
std::optional<std::string> numbered_character(std::string_view name) {
  const bool hex = name.size() > 1 && (name[1] == 'x' || name[1] == 'X');
  name.remove_prefix(hex ? 2 : 1);
  std::uint32_t point = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), point, hex ? 16 : 10);
  const bool whole = error == std::errc() && end == name.data() + name.size();
  const bool surrogate = point >= 0xd800 && point <= 0xdfff;
  if (!whole || point > 0x10ffff || surrogate) return std::nullopt;
  const auto character = static_cast<char32_t>(point);
  return encode_utf8({&character, 1});
}

/// What the reference at the front stands for, with its length; WebVTT's own names and numbers.
std::optional<std::pair<std::string, std::size_t>> reference(std::string_view text) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 8> names{{{"amp", "&"},
                                                                                       {"lt", "<"},
                                                                                       {"gt", ">"},
                                                                                       {"quot", "\""},
                                                                                       {"apos", "'"},
                                                                                       {"nbsp", "\u00a0"},
                                                                                       {"lrm", "\u200e"},
                                                                                       {"rlm", "\u200f"}}};
  const auto end = text.substr(0, reference_bytes_max).find(';');
  if (text.empty() || text.front() != '&' || end == std::string_view::npos || end < 2) return std::nullopt;
  const auto name = text.substr(1, end - 1);
  if (name.front() == '#') {
    auto character = numbered_character(name);
    return character ? std::optional(std::pair(std::move(*character), end + 1)) : std::nullopt;
  }
  for (const auto& [known, meant] : names)
    if (known == name) return std::pair(std::string(meant), end + 1);
  return std::nullopt;
}

/// SubRip files borrow "{\an8}" from another format: only where it puts the cue is heeded.
std::size_t override_length(std::string_view text) {
  const auto end = text.find('}');
  return text.starts_with("{\\") && end != std::string_view::npos ? end + 1 : 0;
}

CuePlace place_of_override(std::string_view text) {
  constexpr std::string_view alignment = "\\an", upper_row = "789";
  const auto at = text.find(alignment);
  const bool named = at != std::string_view::npos && at + alignment.size() < text.size();
  return named && upper_row.contains(text[at + alignment.size()]) ? CuePlace::top : CuePlace::bottom;
}

/// One line of a cue without its markup. May move the cue.
std::string plain_line(std::string_view line, CaptionFormat format, CuePlace& place) {
  std::string out;
  while (!line.empty()) {
    std::size_t length = tag_length(line);
    if (format == CaptionFormat::webvtt) {
      if (auto found = reference(line)) {
        out += found->first;
        length = found->second;
      }
    } else if (const auto moved = override_length(line); moved > 0) {
      if (place_of_override(line.substr(0, moved)) == CuePlace::top) place = CuePlace::top;
      length = moved;
    }
    if (length == 0) {
      out += line.front() == '\t' ? ' ' : line.front();
      length = 1;
    }
    line.remove_prefix(length);
  }
  return std::string(trimmed(out));
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else
      out += c;
  }
  return out;
}

// Blocks -------------------------------------------------------------------------------------------------------------

bool is_passed_over(std::string_view line) {
  const auto word = trimmed(line);
  return word == "STYLE" || word == "REGION" || word == "NOTE" || word.starts_with("NOTE ") ||
         word.starts_with("NOTE\t");
}

class Reader {
 public:
  Reader(std::string_view file, CaptionFormat format, std::int64_t video_ms)
      : lines_(file), format_(format), video_ms_(video_ms) {}

  Result<std::vector<Cue>> read() {
    if (format_ == CaptionFormat::webvtt) VT_CHECK(read_header());
    for (lines_.skip_blank(); !lines_.at_end(); lines_.skip_blank()) {
      if (format_ == CaptionFormat::webvtt && is_passed_over(lines_.line().text))
        lines_.skip_block();
      else
        VT_CHECK(read_cue());
    }
    if (cues_.empty()) return fail(Errc::invalid_argument, "there is no text in these captions");
    return std::move(cues_);
  }

 private:
  Result<void> read_header() {
    const Line first = lines_.take();
    const auto behind = first.text.substr(std::min(signature.size(), first.text.size()));
    if (!first.text.starts_with(signature) || (!behind.empty() && !blanks.contains(behind.front())))
      return wrong(first, "a WebVTT file begins with the word WEBVTT");
    while (!lines_.at_end() && !lines_.line().is_blank()) {
      if (lines_.line().text.contains(arrow)) return wrong(lines_.line(), "a blank line is missing before this cue");
      lines_.take();
    }
    return {};
  }

  Result<void> read_cue() {
    if (!lines_.line().text.contains(arrow)) lines_.take();  // the cue's name or number
    const Line times = lines_.take();
    VT_TRY(Cue cue, read_times(times));
    VT_TRY(cue.text, read_text(cue.place));
    if (cue.text.empty()) return {};
    if (cues_.size() == cues_max) return wrong(times, "there are at most {} cues", cues_max);
    cues_.push_back(std::move(cue));
    return {};
  }

  [[nodiscard]] Result<Cue> read_times(const Line& line) const {
    auto rest = line.text;
    skip_blanks(rest);
    const auto start = take_time(rest, format_);
    skip_blanks(rest);
    const bool arrowed = take(rest, arrow);
    skip_blanks(rest);
    const auto end = take_time(rest, format_);
    if (!start || !arrowed || !end || (!rest.empty() && !blanks.contains(rest.front())))
      return wrong(line, "a cue's times are expected here, such as {}",
                   format_ == CaptionFormat::webvtt ? "00:01.000 --> 00:03.500" : "00:00:01,000 --> 00:00:03,500");
    VT_CHECK(check_times(line, *start, *end));
    return Cue{.start_ms = *start,
               .end_ms = *end,
               .place = format_ == CaptionFormat::webvtt ? place_in(rest) : CuePlace::bottom};
  }

  [[nodiscard]] Result<void> check_times(const Line& line, std::int64_t start_ms, std::int64_t end_ms) const {
    if (end_ms <= start_ms) return wrong(line, "this cue ends before it begins");
    if (!cues_.empty() && start_ms < cues_.back().end_ms)
      return wrong(line, "this cue begins at {}, before the one above it ends at {}", time_text(start_ms),
                   time_text(cues_.back().end_ms));
    if (end_ms > video_ms_ + cue_overhang_ms_max)
      return wrong(line, "this cue ends at {}, after the video's end at {}", time_text(end_ms), time_text(video_ms_));
    return {};
  }

  Result<std::string> read_text(CuePlace& place) {
    const Line first = lines_.line();
    std::string text;
    for (; !lines_.at_end() && !lines_.line().is_blank(); lines_.take()) {
      if (lines_.line().text.contains(arrow)) return wrong(lines_.line(), "a blank line is missing before this cue");
      const auto line = plain_line(lines_.line().text, format_, place);
      if (!text.empty() && !line.empty()) text += '\n';
      text += line;
    }
    auto checked = checked_text(text, cue_characters_max, "the text of a cue");
    if (!checked) return wrong(first, "{}", checked.error().message);
    return checked;
  }

  Lines lines_;
  CaptionFormat format_;
  std::int64_t video_ms_;
  std::vector<Cue> cues_;
};

}  // namespace

Result<std::vector<Cue>> read_captions(std::string_view file, CaptionFormat format, std::int64_t video_ms) {
  if (file.size() > captions_bytes_max)
    return fail(Errc::too_large, "captions have at most {} KiB", captions_bytes_max >> 10);
  if (!is_utf8(file)) return fail(Errc::invalid_argument, "captions must be UTF-8 text: save the file as UTF-8");
  return Reader(file, format, video_ms).read();
}

std::string write_webvtt(std::span<const Cue> cues) {
  std::string out(signature);
  out += '\n';
  for (const auto& cue : cues)
    out += fmt::format("\n{} {} {}{}\n{}\n", time_text(cue.start_ms), arrow, time_text(cue.end_ms),
                       cue.place == CuePlace::top ? " line:0" : "", escaped(cue.text));
  return out;
}

std::string said_in(std::span<const Cue> cues) {
  std::string said;
  for (const auto& cue : cues) said += fmt::format("{}{}", said.empty() ? "" : "\n", cue.text);
  return said;
}

}  // namespace vitrine::social
