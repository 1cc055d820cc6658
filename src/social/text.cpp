// What people write: lengths counted in characters, and nothing in it that could lie about how it reads.
#include <clocale>
#include <cwctype>

#include "social/videos.hpp"

namespace vitrine::social {
namespace {

locale_t unicode_locale() {
  static const locale_t locale = ::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
  VT_ASSERT(locale != nullptr);
  return locale;
}

/// Valid UTF-8 (RFC 3629) as code points; nullopt otherwise.
std::optional<std::u32string> decode(std::string_view text) {
  std::u32string out;
  for (std::size_t at = 0; at < text.size();) {
    const auto lead = static_cast<unsigned char>(text[at]);
    const int length = lead < 0x80                   ? 1
                       : lead >= 0xc2 && lead < 0xe0 ? 2
                       : lead >= 0xe0 && lead < 0xf0 ? 3
                       : lead >= 0xf0 && lead < 0xf5 ? 4
                                                     : 0;
    if (length == 0 || at + static_cast<std::size_t>(length) > text.size()) return std::nullopt;
    char32_t point = length == 1 ? lead : lead & (0x7f >> length);
    for (int i = 1; i < length; ++i) {
      const auto next = static_cast<unsigned char>(text[at + static_cast<std::size_t>(i)]);
      if ((next & 0xc0) != 0x80) return std::nullopt;
      point = (point << 6) | (next & 0x3f);
    }
    const bool overlong = (length == 3 && point < 0x800) || (length == 4 && point < 0x10000);
    if (overlong || (point >= 0xd800 && point < 0xe000) || point > 0x10ffff) return std::nullopt;
    out += point;
    at += static_cast<std::size_t>(length);
  }
  return out;
}

std::string encode(std::u32string_view points) {
  std::string out;
  for (const char32_t p : points) {
    if (p < 0x80) {
      out += static_cast<char>(p);
    } else if (p < 0x800) {
      out += static_cast<char>(0xc0 | (p >> 6));
      out += static_cast<char>(0x80 | (p & 0x3f));
    } else if (p < 0x10000) {
      out += static_cast<char>(0xe0 | (p >> 12));
      out += static_cast<char>(0x80 | ((p >> 6) & 0x3f));
      out += static_cast<char>(0x80 | (p & 0x3f));
    } else {
      out += static_cast<char>(0xf0 | (p >> 18));
      out += static_cast<char>(0x80 | ((p >> 12) & 0x3f));
      out += static_cast<char>(0x80 | ((p >> 6) & 0x3f));
      out += static_cast<char>(0x80 | (p & 0x3f));
    }
  }
  return out;
}

/// Turns the reading direction of what follows: a means to show one thing and mean another.
bool overrides_direction(char32_t p) { return (p >= 0x202a && p <= 0x202e) || (p >= 0x2066 && p <= 0x2069); }
bool is_control(char32_t p) { return (p < 0x20 && p != '\n') || (p >= 0x7f && p < 0xa0) || p == 0x2028 || p == 0x2029; }
bool is_space(char32_t p) { return ::iswspace_l(static_cast<wint_t>(p), unicode_locale()) != 0; }

bool is_tag_character(char32_t p) { return p == '_' || ::iswalnum_l(static_cast<wint_t>(p), unicode_locale()) != 0; }

char32_t lower(char32_t p) { return static_cast<char32_t>(::towlower_l(static_cast<wint_t>(p), unicode_locale())); }

std::vector<std::u32string> hashtags_of(std::u32string_view caption) {
  std::vector<std::u32string> tags;
  for (std::size_t at = caption.find(U'#'); at != std::u32string_view::npos; at = caption.find(U'#', at)) {
    const std::size_t start = ++at;
    while (at < caption.size() && is_tag_character(caption[at])) ++at;
    if (at > start) tags.emplace_back(caption.substr(start, at - start));
  }
  return tags;
}

}  // namespace

Result<std::string> checked_text(std::string_view text, std::size_t characters_max, std::string_view what) {
  auto points = decode(text);
  if (!points) return vitrine::fail(Errc::invalid_argument, "{} must be valid UTF-8", what);
  if (std::ranges::any_of(*points, is_control) || std::ranges::any_of(*points, overrides_direction))
    return vitrine::fail(Errc::invalid_argument, "{} must not hold control characters", what);
  while (!points->empty() && is_space(points->back())) points->pop_back();
  const auto first = std::ranges::find_if_not(*points, is_space);
  points->erase(points->begin(), first);
  if (points->size() > characters_max)
    return vitrine::fail(Errc::invalid_argument, "{} has at most {} characters; this has {}", what, characters_max,
                         points->size());
  return encode(*points);
}

Result<std::vector<std::string>> checked_tags(std::span<const std::string> tags, std::string_view caption) {
  std::vector<std::string> out;
  const auto add = [&out](std::u32string tag) {
    std::ranges::transform(tag, tag.begin(), lower);
    if (auto text = encode(tag); std::ranges::find(out, text) == out.end()) out.push_back(std::move(text));
  };
  for (const auto& tag : tags) {
    auto points = decode(tag);
    if (points && points->starts_with(U'#')) points->erase(0, 1);
    if (!points || points->empty() || points->size() > tag_characters_max ||
        !std::ranges::all_of(*points, is_tag_character))
      return vitrine::fail(Errc::invalid_argument, "a tag has 1 to {} letters, digits or '_'", tag_characters_max);
    add(std::move(*points));
  }
  if (out.size() > tags_max) return vitrine::fail(Errc::invalid_argument, "at most {} tags", tags_max);
  const auto points = decode(caption);
  for (auto& tag : hashtags_of(points.value_or(std::u32string()))) {
    if (out.size() < tags_max && tag.size() <= tag_characters_max) add(std::move(tag));
  }
  return out;
}

}  // namespace vitrine::social
