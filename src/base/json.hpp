// JSON in and out, by Boost.JSON, with limits on what comes from outside.
#pragma once
#include <string_view>

#include <boost/json.hpp>

#include "base/result.hpp"

namespace vitrine {

namespace json = boost::json;

inline constexpr std::size_t json_bytes_max = 1 << 20;
inline constexpr std::size_t json_depth_max = 32;

/// Parses one JSON text (RFC 8259, valid UTF-8) of at most `bytes_max` bytes and json_depth_max levels.
/// Errors: invalid_argument, too_large.
[[nodiscard]] Result<json::value> parse_json(std::string_view text, std::size_t bytes_max = json_bytes_max);

/// The one spelling of a value (RFC 8785): members sorted, no spaces, shortest escapes. Numbers are whole, below 2^53.
/// Errors: invalid_argument (another number).
[[nodiscard]] Result<std::string> canonical_json(const json::value& value);
/// Parses what is spelt so, and only that. Errors: as of parse_json; invalid_argument says that it is not canonical.
[[nodiscard]] Result<json::value> parse_canonical_json(std::string_view text, std::size_t bytes_max = json_bytes_max);

/// Readers for members of an object. A missing member or a null gives `fallback` (optional readers) or
/// invalid_argument naming the member; so does one of another type.
[[nodiscard]] Result<std::string_view> text_member(const json::object& object, std::string_view key);
[[nodiscard]] Result<std::string_view> text_member(const json::object& object, std::string_view key,
                                                   std::string_view fallback);
[[nodiscard]] Result<std::int64_t> int_member(const json::object& object, std::string_view key);
[[nodiscard]] Result<std::int64_t> int_member(const json::object& object, std::string_view key, std::int64_t fallback);
[[nodiscard]] Result<bool> bool_member(const json::object& object, std::string_view key, bool fallback);

}  // namespace vitrine
