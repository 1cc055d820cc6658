// The small texts of HTTP: targets, queries, cookies, ranges, dates. Pure functions over untrusted input; fuzzed.
#pragma once
#include <cstdint>
#include <ctime>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace vitrine::http {

inline constexpr std::size_t query_pairs_max = 100;

/// ASCII only, as for field names.
[[nodiscard]] bool equal_ignoring_case(std::string_view a, std::string_view b);
/// Without spaces and tabs at both ends.
[[nodiscard]] std::string_view trim(std::string_view text);

struct Target {
  std::string path;                                        ///< decoded, starts with '/', no "." or ".." segments
  std::vector<std::pair<std::string, std::string>> query;  ///< decoded, in order
};

/// A request target in origin-form or absolute-form (RFC 9112 §3.2). Refused as invalid_argument: broken percent
/// escapes, bytes that are not UTF-8, control characters, an encoded slash, "." and ".." segments, over
/// query_pairs_max pairs.
[[nodiscard]] Result<void> parse_target(std::string_view text, Target& into);

/// The value of the first cookie named `name` in a Cookie field, without surrounding quotes.
[[nodiscard]] std::optional<std::string_view> cookie_value(std::string_view field, std::string_view name);

/// What a Range field asks of `size` bytes (RFC 9110 §14.1.2).
struct ByteRange {
  enum class Kind {
    whole,          ///< no range, one we do not understand, or several: send everything
    part,           ///< bytes first … last, both included
    unsatisfiable,  ///< 416
  };
  Kind kind = Kind::whole;
  std::int64_t first = 0;
  std::int64_t last = 0;
};
[[nodiscard]] ByteRange parse_range(std::string_view field, std::int64_t size);

/// True when an If-None-Match field names `etag`, by weak comparison (RFC 9110 §8.8.3.2).
[[nodiscard]] bool names_etag(std::string_view field, std::string_view etag);

/// True when an Accept-Encoding field takes gzip (RFC 9110 §12.5.3); an empty one takes nothing.
[[nodiscard]] bool accepts_gzip(std::string_view field);

[[nodiscard]] std::string_view reason_phrase(int status);

/// "Sun, 06 Nov 1994 08:49:37 GMT" of this moment, kept for a second per thread.
[[nodiscard]] std::string_view http_date(std::time_t now);

}  // namespace vitrine::http
