#include "base/unicode.hpp"

#include <algorithm>

namespace vitrine {
namespace {

/// Length of a well-formed UTF-8 sequence at the start of `text`, or 0.
std::size_t utf8_sequence(std::string_view text) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
  const auto follows = [&](std::size_t i) { return (byte(i) & 0xC0) == 0x80; };
  const unsigned lead = byte(0);
  if (lead < 0x80) return 1;
  if (lead < 0xC2) return 0;
  if (lead < 0xE0) return follows(1) ? 2 : 0;
  if (lead < 0xF0) {
    const bool overlong = lead == 0xE0 && byte(1) < 0xA0;
    const bool surrogate = lead == 0xED && byte(1) >= 0xA0;
    return follows(1) && follows(2) && !overlong && !surrogate ? 3 : 0;
  }
  if (lead > 0xF4) return 0;
  const bool overlong = lead == 0xF0 && byte(1) < 0x90;
  const bool beyond = lead == 0xF4 && byte(1) >= 0x90;
  return follows(1) && follows(2) && follows(3) && !overlong && !beyond ? 4 : 0;
}

/// White_Space and Cc of the Unicode Character Database.
bool is_space_or_control(char32_t p) {
  return p <= 0x20 || (p >= 0x7f && p <= 0xa0) || p == 0x1680 || (p >= 0x2000 && p <= 0x200a) || p == 0x2028 ||
         p == 0x2029 || p == 0x202f || p == 0x205f || p == 0x3000;
}

}  // namespace

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = utf8_sequence(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

std::optional<std::u32string> decode_utf8(std::string_view text) {
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

std::string encode_utf8(std::u32string_view points) {
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

bool has_space_or_control(std::string_view text) {
  const auto points = decode_utf8(text);
  return !points || std::ranges::any_of(*points, is_space_or_control);
}

}  // namespace vitrine
