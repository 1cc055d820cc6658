// What people write: lengths counted in characters, and nothing in it that could lie about how it reads.
#include "social/text.hpp"

#include <clocale>
#include <cwctype>

#include "base/folding.hpp"
#include "base/unicode.hpp"
#include "social/videos.hpp"

namespace vitrine::social {
namespace {

locale_t unicode_locale() {
  static const locale_t locale = ::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
  VT_ASSERT(locale != nullptr);
  return locale;
}

/// Turns the reading direction of what follows: a means to show one thing and mean another.
bool overrides_direction(char32_t p) { return (p >= 0x202a && p <= 0x202e) || (p >= 0x2066 && p <= 0x2069); }
bool is_control(char32_t p) { return (p < 0x20 && p != '\n') || (p >= 0x7f && p < 0xa0) || p == 0x2028 || p == 0x2029; }
bool is_space(char32_t p) { return ::iswspace_l(static_cast<wint_t>(p), unicode_locale()) != 0; }

/// Marks heaped on one character would cover the lines above and below it.
std::u32string with_few_marks(std::u32string_view points) {
  std::u32string out;
  std::size_t marks = 0;
  for (const char32_t p : points) {
    marks = is_combining(p) ? marks + 1 : 0;
    if (marks <= marks_in_a_row_max) out += p;
  }
  return out;
}

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
  auto points = decode_utf8(text);
  if (!points) return vitrine::fail(Errc::invalid_argument, "{} must be valid UTF-8", what);
  if (std::ranges::any_of(*points, is_control) || std::ranges::any_of(*points, overrides_direction))
    return vitrine::fail(Errc::invalid_argument, "{} must not hold control characters", what);
  while (!points->empty() && is_space(points->back())) points->pop_back();
  const auto first = std::ranges::find_if_not(*points, is_space);
  points->erase(points->begin(), first);
  if (points->size() > characters_max)
    return vitrine::fail(Errc::invalid_argument, "{} has at most {} characters; this has {}", what, characters_max,
                         points->size());
  if (std::ranges::none_of(*points, is_visible)) return std::string();
  return encode_utf8(with_few_marks(*points));
}

std::u32string words_of(std::u32string_view folded_text) {
  std::u32string out(1, U' ');
  for (const char32_t p : folded_text) {
    if (is_letter_or_digit(p))
      out += p;
    else if (out.back() != U' ')
      out += U' ';
  }
  if (out.back() != U' ') out += U' ';
  return out;
}

Result<std::vector<std::string>> checked_tags(std::span<const std::string> tags, std::string_view caption) {
  std::vector<std::string> out;
  const auto add = [&out](std::u32string tag) {
    std::ranges::transform(tag, tag.begin(), lower);
    if (auto text = encode_utf8(tag); std::ranges::find(out, text) == out.end()) out.push_back(std::move(text));
  };
  for (const auto& tag : tags) {
    auto points = decode_utf8(tag);
    if (points && points->starts_with(U'#')) points->erase(0, 1);
    if (!points || points->empty() || points->size() > tag_characters_max ||
        !std::ranges::all_of(*points, is_tag_character))
      return vitrine::fail(Errc::invalid_argument, "a tag has 1 to {} letters, digits or '_'", tag_characters_max);
    add(std::move(*points));
  }
  if (out.size() > tags_max) return vitrine::fail(Errc::invalid_argument, "at most {} tags", tags_max);
  const auto points = decode_utf8(caption);
  for (auto& tag : hashtags_of(points.value_or(std::u32string()))) {
    if (out.size() < tags_max && tag.size() <= tag_characters_max) add(std::move(tag));
  }
  return out;
}

}  // namespace vitrine::social
