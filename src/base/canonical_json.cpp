#include "base/json.hpp"
#include "base/unicode.hpp"

namespace vitrine {
namespace {

constexpr std::int64_t whole_number_max = (std::int64_t{1} << 53) - 1;

/// RFC 8785 §3.2.3 sorts names by their UTF-16 code units.
std::u16string utf16(std::string_view text) {
  std::u16string out;
  for (const char32_t point : decode_utf8(text).value_or(U"")) {
    if (point < 0x10000) {
      out += static_cast<char16_t>(point);
    } else {
      out += static_cast<char16_t>(0xd7c0 + (point >> 10));
      out += static_cast<char16_t>(0xdc00 | (point & 0x3ff));
    }
  }
  return out;
}

void write_text(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    switch (c) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\b': out += "\\b"; break;
      case '\f': out += "\\f"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      default:
        if (static_cast<unsigned char>(c) < 0x20)
          out += fmt::format("\\u{:04x}", static_cast<int>(c));
        else
          out += c;
    }
  }
  out += '"';
}

Result<void> write(std::string& out, const json::value& value);

Result<void> write_number(std::string& out, const json::value& value) {
  json::error_code error;
  const auto number = value.is_double() ? 0 : value.to_number<std::int64_t>(error);
  if (error || value.is_double() || number > whole_number_max || number < -whole_number_max)
    return fail(Errc::invalid_argument, "numbers are whole and below 2^53");
  out += fmt::format("{}", number);
  return {};
}

Result<void> write_object(std::string& out, const json::object& object) {
  std::vector<std::pair<std::u16string, const json::key_value_pair*>> members;
  for (const auto& member : object) members.emplace_back(utf16(member.key()), &member);
  std::ranges::sort(members, {}, [](const auto& member) -> const std::u16string& { return member.first; });
  out += '{';
  for (bool first = true; const auto& [name, member] : members) {
    if (!std::exchange(first, false)) out += ',';
    write_text(out, member->key());
    out += ':';
    VT_CHECK(write(out, member->value()));
  }
  out += '}';
  return {};
}

Result<void> write(std::string& out, const json::value& value) {
  switch (value.kind()) {
    case json::kind::null: out += "null"; return {};
    case json::kind::bool_: out += value.get_bool() ? "true" : "false"; return {};
    case json::kind::string: write_text(out, value.get_string()); return {};
    case json::kind::object: return write_object(out, value.get_object());
    case json::kind::array:
      out += '[';
      for (bool first = true; const auto& item : value.get_array()) {
        if (!std::exchange(first, false)) out += ',';
        VT_CHECK(write(out, item));
      }
      out += ']';
      return {};
    default: return write_number(out, value);
  }
}

}  // namespace

Result<std::string> canonical_json(const json::value& value) {
  std::string out;
  VT_CHECK(write(out, value));
  return out;
}

Result<json::value> parse_canonical_json(std::string_view text, std::size_t bytes_max) {
  VT_TRY(auto value, parse_json(text, bytes_max));
  VT_TRY(const auto spelt, canonical_json(value));
  if (spelt != text) return fail(Errc::invalid_argument, "this JSON is not in its canonical spelling (RFC 8785)");
  return value;
}

}  // namespace vitrine
