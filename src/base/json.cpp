#include "base/json.hpp"

namespace vitrine {
namespace {

const json::value* present(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value && !value->is_null() ? value : nullptr;
}

std::unexpected<Error> missing(std::string_view key, std::string_view type) {
  return fail(Errc::invalid_argument, "member \"{}\" must be {}", key, type);
}

}  // namespace

Result<json::value> parse_json(std::string_view text, std::size_t bytes_max) {
  if (text.size() > bytes_max) return fail(Errc::too_large, "JSON of more than {} bytes", bytes_max);
  json::parse_options options;
  options.max_depth = json_depth_max;
  json::error_code error;
  json::value value = json::parse(text, error, {}, options);
  if (error) return fail(Errc::invalid_argument, "not valid JSON: {}", error.message());
  return value;
}

Result<std::string_view> text_member(const json::object& object, std::string_view key) {
  const auto* value = present(object, key);
  if (!value || !value->is_string()) return missing(key, "a string");
  return std::string_view(value->get_string());
}

Result<std::string_view> text_member(const json::object& object, std::string_view key, std::string_view fallback) {
  if (!present(object, key)) return fallback;
  return text_member(object, key);
}

Result<std::int64_t> int_member(const json::object& object, std::string_view key) {
  const auto* value = present(object, key);
  json::error_code error;
  if (!value || !value->is_number()) return missing(key, "a whole number");
  const auto number = value->to_number<std::int64_t>(error);
  if (error) return missing(key, "a whole number");
  return number;
}

Result<std::int64_t> int_member(const json::object& object, std::string_view key, std::int64_t fallback) {
  if (!present(object, key)) return fallback;
  return int_member(object, key);
}

Result<bool> bool_member(const json::object& object, std::string_view key, bool fallback) {
  const auto* value = present(object, key);
  if (!value) return fallback;
  if (!value->is_bool()) return missing(key, "true or false");
  return value->get_bool();
}

}  // namespace vitrine
