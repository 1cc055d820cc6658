#include "http/response_head.hpp"

#include "base/log.hpp"
#include "http/text.hpp"

namespace vitrine::http {
namespace {

void append_field(std::string& into, std::string_view name, std::string_view value) {
  into.append(name).append(": ").append(value).append("\r\n");
}

bool frames_message(std::string_view name) {
  switch (name.size()) {
    case 4: return equal_ignoring_case(name, "Date");
    case 10: return equal_ignoring_case(name, "Connection");
    case 14: return equal_ignoring_case(name, "Content-Length");
    case 17: return equal_ignoring_case(name, "Transfer-Encoding");
    default: return false;
  }
}

bool is_safe(std::string_view name, std::string_view value) {
  constexpr std::string_view breaking("\r\n\0", 3);
  if (name.find_first_of(breaking) == name.npos && value.find_first_of(breaking) == value.npos) return true;
  log::error("http.field_dropped");
  return false;
}

}  // namespace

void render_head(const HeadFacts& facts, const Headers& own, const Headers& defaults, std::string& into) {
  fmt::format_int status(facts.status);
  into.append("HTTP/1.1 ").append(status.data(), status.size()).append(" ").append(reason_phrase(facts.status));
  into.append("\r\nDate: ").append(http_date(facts.now)).append("\r\n");
  for (const auto& [name, value] : own.all()) {
    if (!frames_message(name) && is_safe(name, value)) append_field(into, name, value);
  }
  for (const auto& [name, value] : defaults.all()) {
    if (!own.find(name)) append_field(into, name, value);
  }
  if (facts.content_length) {
    fmt::format_int length(*facts.content_length);
    append_field(into, "Content-Length", {length.data(), length.size()});
  }
  if (!facts.content_range.empty()) append_field(into, "Content-Range", facts.content_range);
  if (facts.accept_ranges) into.append("Accept-Ranges: bytes\r\n");
  switch (facts.connection) {
    case HeadFacts::Connection::keep: break;
    case HeadFacts::Connection::keep_explicit: into.append("Connection: keep-alive\r\n"); break;
    case HeadFacts::Connection::close: into.append("Connection: close\r\n"); break;
  }
  into.append("\r\n");
}

}  // namespace vitrine::http
