#include "http/text.hpp"

#include <charconv>

#include "base/unicode.hpp"

namespace vitrine::http {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char l = lower(c);
  return l >= 'a' && l <= 'f' ? l - 'a' + 10 : -1;
}

/// Appends the decoded text; false for a broken escape or a NUL.
bool percent_decode(std::string_view text, bool plus_is_space, std::string& into) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%') {
      if (i + 2 >= text.size()) return false;
      const int high = hex_digit(text[i + 1]), low = hex_digit(text[i + 2]);
      if (high < 0 || low < 0) return false;
      c = static_cast<char>(high * 16 + low);
      i += 2;
    } else if (c == '+' && plus_is_space) {
      c = ' ';
    }
    if (c == '\0') return false;
    into.push_back(c);
  }
  return true;
}

bool has_control(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

bool has_dot_segment(std::string_view path) {
  for (std::size_t begin = 1; begin <= path.size();) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    const auto segment = path.substr(begin, end - begin);
    if (segment == "." || segment == "..") return true;
    begin = end + 1;
  }
  return false;
}

bool has_encoded_slash(std::string_view path) {
  for (std::size_t at = path.find('%'); at != path.npos; at = path.find('%', at + 1)) {
    if (path.substr(at, 3).size() == 3 && path[at + 1] == '2' && lower(path[at + 2]) == 'f') return true;
  }
  return false;
}

Result<void> parse_path(std::string_view raw, std::string& into) {
  if (raw.empty() || raw[0] != '/') return fail(Errc::invalid_argument, "the path must begin with '/'");
  if (has_encoded_slash(raw)) return fail(Errc::invalid_argument, "a '/' inside the path must not be percent-encoded");
  if (!percent_decode(raw, false, into) || has_control(into) || !is_utf8(into))
    return fail(Errc::invalid_argument, "the path must be percent-encoded UTF-8 without control characters");
  if (has_dot_segment(into)) return fail(Errc::invalid_argument, "the path must not hold '.' or '..' segments");
  return {};
}

Result<void> parse_query(std::string_view raw, std::vector<std::pair<std::string, std::string>>& into) {
  while (!raw.empty()) {
    const std::size_t end = std::min(raw.find('&'), raw.size());
    const auto pair = raw.substr(0, end);
    raw.remove_prefix(std::min(end + 1, raw.size()));
    if (pair.empty()) continue;
    if (into.size() == query_pairs_max)
      return fail(Errc::invalid_argument, "the query holds more than {} values", query_pairs_max);
    const std::size_t equals = std::min(pair.find('='), pair.size());
    auto& [key, value] = into.emplace_back();
    if (!percent_decode(pair.substr(0, equals), true, key) ||
        !percent_decode(pair.substr(std::min(equals + 1, pair.size())), true, value) || !is_utf8(key) ||
        !is_utf8(value))
      return fail(Errc::invalid_argument, "the query must be percent-encoded UTF-8");
  }
  return {};
}

/// Digits only; saturates, since a position beyond any file is as good as the largest one.
std::optional<std::int64_t> parse_position(std::string_view digits) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (digits.empty() || digits[0] == '-' || end != digits.data() + digits.size()) return std::nullopt;
  return error == std::errc::result_out_of_range ? std::numeric_limits<std::int64_t>::max() : value;
}

}  // namespace

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] != b[i] && lower(a[i]) != lower(b[i])) return false;
  }
  return true;
}

std::string_view trim(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

Result<void> parse_target(std::string_view text, Target& into) {
  into.path.clear();
  into.query.clear();
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!equal_ignoring_case(text.substr(0, scheme.size()), scheme)) continue;
    text.remove_prefix(scheme.size());
    text.remove_prefix(std::min(text.find_first_of("/?"), text.size()));
    if (text.empty() || text[0] == '?') {
      into.path.push_back('/');
      return parse_query(text.empty() ? text : text.substr(1), into.query);
    }
    break;
  }
  const std::size_t question = std::min(text.find('?'), text.size());
  VT_CHECK(parse_path(text.substr(0, question), into.path));
  return parse_query(text.substr(std::min(question + 1, text.size())), into.query);
}

std::optional<std::string_view> cookie_value(std::string_view field, std::string_view name) {
  while (!field.empty()) {
    const std::size_t end = std::min(field.find(';'), field.size());
    const auto pair = trim(field.substr(0, end));
    field.remove_prefix(std::min(end + 1, field.size()));
    const std::size_t equals = pair.find('=');
    if (equals == pair.npos || pair.substr(0, equals) != name) continue;
    auto value = pair.substr(equals + 1);
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') value = value.substr(1, value.size() - 2);
    return value;
  }
  return std::nullopt;
}

ByteRange parse_range(std::string_view field, std::int64_t size) {
  using enum ByteRange::Kind;
  const std::size_t equals = field.find('=');
  if (equals == field.npos || !equal_ignoring_case(trim(field.substr(0, equals)), "bytes")) return {};
  const auto spec = trim(field.substr(equals + 1));
  const std::size_t dash = spec.find('-');
  if (dash == spec.npos || spec.find(',') != spec.npos) return {};

  if (dash == 0) {
    const auto suffix = parse_position(spec.substr(1));
    if (!suffix) return {};
    if (*suffix == 0) return {unsatisfiable};
    if (size == 0) return {};
    return {part, std::max<std::int64_t>(0, size - *suffix), size - 1};
  }
  const auto first = parse_position(spec.substr(0, dash));
  const auto rest = spec.substr(dash + 1);
  const auto last = rest.empty() ? std::numeric_limits<std::int64_t>::max() : parse_position(rest);
  if (!first || !last || *last < *first) return {};
  if (*first >= size) return {unsatisfiable};
  return {part, *first, std::min(*last, size - 1)};
}

bool names_etag(std::string_view field, std::string_view etag) {
  const auto strong = [](std::string_view tag) { return tag.starts_with("W/") ? tag.substr(2) : tag; };
  if (trim(field) == "*") return true;
  while (!field.empty()) {
    // A comma may stand inside the quotes of a tag.
    field = field.substr(std::min(field.find_first_not_of(" \t,"), field.size()));
    const std::size_t open = field.find('"');
    if (open == field.npos) return false;
    const std::size_t close = field.find('"', open + 1);
    if (close == field.npos) return false;
    if (strong(field.substr(0, close + 1)) == strong(etag)) return true;
    field.remove_prefix(close + 1);
  }
  return false;
}

namespace {

/// Takes what is before the divider off the text, or all of it.
std::string_view cut(std::string_view& text, char divider) {
  const auto at = text.find(divider);
  const auto part = text.substr(0, at);
  text = at == text.npos ? std::string_view() : text.substr(at + 1);
  return trim(part);
}

/// Whether a parameter of a coding is a weight of 0, 0.0, 0.00 or 0.000: not at all.
bool says_no(std::string_view parameter) {
  const auto name = cut(parameter, '=');
  return equal_ignoring_case(name, "q") && parameter.starts_with('0') &&
         parameter.find_first_not_of("0.") == parameter.npos;
}

}  // namespace

bool accepts_gzip(std::string_view field) {
  bool any = false;
  while (!field.empty()) {
    auto parameter = cut(field, ',');
    const auto coding = cut(parameter, ';');
    const bool taken = !says_no(trim(parameter));
    if (equal_ignoring_case(coding, "gzip") || equal_ignoring_case(coding, "x-gzip")) return taken;
    if (coding == "*") any = taken;
  }
  return any;
}

std::string_view reason_phrase(int status) {
  static constexpr std::array<std::pair<int, std::string_view>, 36> phrases{{
      {100, "Continue"},
      {200, "OK"},
      {201, "Created"},
      {202, "Accepted"},
      {204, "No Content"},
      {206, "Partial Content"},
      {301, "Moved Permanently"},
      {302, "Found"},
      {303, "See Other"},
      {304, "Not Modified"},
      {307, "Temporary Redirect"},
      {308, "Permanent Redirect"},
      {400, "Bad Request"},
      {401, "Unauthorized"},
      {403, "Forbidden"},
      {404, "Not Found"},
      {405, "Method Not Allowed"},
      {406, "Not Acceptable"},
      {408, "Request Timeout"},
      {409, "Conflict"},
      {410, "Gone"},
      {412, "Precondition Failed"},
      {413, "Content Too Large"},
      {415, "Unsupported Media Type"},
      {416, "Range Not Satisfiable"},
      {417, "Expectation Failed"},
      {422, "Unprocessable Content"},
      {423, "Locked"},
      {429, "Too Many Requests"},
      {431, "Request Header Fields Too Large"},
      {460, "Checksum Mismatch"},
      {500, "Internal Server Error"},
      {501, "Not Implemented"},
      {503, "Service Unavailable"},
      {505, "HTTP Version Not Supported"},
      {507, "Insufficient Storage"},
  }};
  const auto found = std::ranges::lower_bound(phrases, status, {}, &std::pair<int, std::string_view>::first);
  return found != phrases.end() && found->first == status ? found->second : "Unknown";
}

std::string_view http_date(std::time_t now) {
  thread_local std::time_t made_at = -1;
  thread_local char text[40];
  thread_local std::size_t length = 0;
  if (now != made_at) {
    std::tm parts{};
    gmtime_r(&now, &parts);
    // Not strftime's %a and %b: those follow the locale.
    static constexpr const char* days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr const char* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                             "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const auto end =
        fmt::format_to_n(text, sizeof text, "{}, {:02} {} {} {:02}:{:02}:{:02} GMT", days[parts.tm_wday], parts.tm_mday,
                         months[parts.tm_mon], parts.tm_year + 1900, parts.tm_hour, parts.tm_min, parts.tm_sec);
    length = end.size;
    made_at = now;
  }
  return {text, length};
}

}  // namespace vitrine::http
