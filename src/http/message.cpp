#include "http/message.hpp"

#include "base/json.hpp"
#include "http/text.hpp"

namespace vitrine::http {
namespace {

constexpr std::string_view default_retry_after_s = "60";  // for those who cannot tell exactly

}  // namespace

std::string_view name(Method method) {
  switch (method) {
    case Method::get: return "GET";
    case Method::head: return "HEAD";
    case Method::post: return "POST";
    case Method::put: return "PUT";
    case Method::patch: return "PATCH";
    case Method::del: return "DELETE";
    case Method::options: return "OPTIONS";
  }
  return "GET";
}

void Headers::set(std::string_view name, std::string_view value) {
  for (auto field = fields_.begin(); field != fields_.end(); ++field) {
    if (!equal_ignoring_case(field->first, name)) continue;
    field->second = value;
    fields_.erase(std::remove_if(field + 1, fields_.end(),
                                 [&](const auto& later) { return equal_ignoring_case(later.first, name); }),
                  fields_.end());
    return;
  }
  add(name, value);
}

void Headers::add(std::string_view name, std::string_view value) { fields_.emplace_back(name, value); }

std::optional<std::string_view> Headers::find(std::string_view name) const {
  for (const auto& [key, value] : fields_) {
    if (equal_ignoring_case(key, name)) return value;
  }
  return std::nullopt;
}

std::string_view Request::parameter(std::string_view name) const {
  const auto found =
      std::find_if(parameters.begin(), parameters.end(), [&](const auto& pair) { return pair.first == name; });
  VT_ASSERT(found != parameters.end());
  return found->second;
}

std::optional<std::string_view> Request::query_value(std::string_view name) const {
  for (const auto& [key, value] : query) {
    if (key == name) return value;
  }
  return std::nullopt;
}

std::optional<std::string_view> Request::cookie(std::string_view name) const {
  for (const auto& [key, value] : headers.all()) {
    if (!equal_ignoring_case(key, "Cookie")) continue;
    if (auto found = cookie_value(value, name)) return found;
  }
  return std::nullopt;
}

Response Response::text(int status, std::string_view content_type, std::string body) {
  Response response{status, {}, std::move(body)};
  response.headers.add("Content-Type", content_type);
  return response;
}

int status_of(Errc code) {
  switch (code) {
    case Errc::invalid_argument: return 400;
    case Errc::unauthenticated: return 401;
    case Errc::forbidden: return 403;
    case Errc::not_found: return 404;
    case Errc::conflict: return 409;
    case Errc::gone: return 410;
    case Errc::too_large: return 413;
    case Errc::unsupported: return 415;
    case Errc::unprocessable: return 422;
    case Errc::too_many_requests: return 429;
    case Errc::internal: return 500;
    case Errc::unavailable: return 503;
    case Errc::storage_full: return 507;
  }
  return 500;
}

Response problem(int status, std::string_view code, std::string_view title, std::string_view detail) {
  json::object document;
  document["type"] = fmt::format("/problems/{}", code);
  document["title"] = title;
  document["status"] = status;
  if (!detail.empty()) document["detail"] = detail;
  return Response::text(status, "application/problem+json", json::serialize(document));
}

Response problem(const Error& error) {
  const int status = status_of(error.code);
  auto response = problem(status, vitrine::name(error.code), reason_phrase(status), error.message);
  if (error.code == Errc::too_many_requests) response.headers.set("Retry-After", default_retry_after_s);
  return response;
}

std::string make_cookie(std::string_view name, std::string_view value, std::int64_t max_age_s, bool secure) {
  return fmt::format("{}={}; Path=/; Max-Age={}; HttpOnly; SameSite=Lax{}", name, value, max_age_s,
                     secure ? "; Secure" : "");
}

}  // namespace vitrine::http
