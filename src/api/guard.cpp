#include "api/guard.hpp"

#include "base/token_buckets.hpp"

namespace vitrine::api {
namespace {

bool changes_something(http::Method method) {
  return method != http::Method::get && method != http::Method::head && method != http::Method::options;
}

/// A browser tells where a request comes from (Fetch Metadata, or Origin); programs tell neither and carry no cookies
/// of others.
bool is_forged(const http::Request& request) {
  if (const auto site = request.headers.find("Sec-Fetch-Site")) return *site != "same-origin" && *site != "none";
  const auto origin = request.headers.find("Origin");
  if (!origin) return false;
  const auto host = origin->find("://");
  return host == std::string_view::npos || origin->substr(host + 3) != request.headers.get("Host");
}

http::Response too_many(std::int64_t wait_s) {
  auto response = http::problem({Errc::too_many_requests, fmt::format("too many requests: try again in {} s", wait_s)});
  response.headers.set("Retry-After", fmt::to_string(wait_s));
  return response;
}

/// What sends mail or makes an account: few of it are wanted from one network.
bool is_precious(std::string_view pattern) {
  return pattern == "/api/v1/accounts" || pattern == "/api/v1/recovery" || pattern == "/api/v1/account/email";
}

}  // namespace

struct Guard::Impl {
  explicit Impl(const Clock& c) : clock(c) {}
  const Clock& clock;
  TokenBuckets reads{reads_per_minute_max}, writes{writes_per_minute_max}, sign_ups{sign_ups_per_minute_max};
};

Guard::Guard(const Clock& clock) : impl_(std::make_unique<Impl>(clock)) {}
Guard::~Guard() = default;

std::optional<http::Response> Guard::check(const http::Request& request, std::string_view pattern) {
  // Files are limited by connections and bandwidth; health checks must always be answered.
  if (!pattern.starts_with("/api/") && !pattern.starts_with("/uploads")) return std::nullopt;
  const bool write = changes_something(request.method);
  if (write && is_forged(request)) return http::problem({Errc::forbidden, "this request comes from another site"});
  const TimeMs now = impl_->clock.now();
  auto& buckets = write ? impl_->writes : impl_->reads;
  if (const auto wait_s = buckets.take(request.network_token, now)) return too_many(*wait_s);
  if (write && is_precious(pattern)) {
    if (const auto wait_s = impl_->sign_ups.take(request.network_token, now)) return too_many(*wait_s);
  }
  return std::nullopt;
}

std::string content_security_policy(std::string_view frame_ancestors) {
  return fmt::format(
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; "
      "connect-src 'self'; manifest-src 'self'; worker-src 'self' blob:; font-src 'self'; form-action 'self'; "
      "base-uri 'none'; frame-ancestors {}",
      frame_ancestors);
}

http::Headers security_headers() {
  http::Headers headers;
  headers.set("Content-Security-Policy", content_security_policy());
  headers.set("X-Content-Type-Options", "nosniff");
  headers.set("Referrer-Policy", "same-origin");
  headers.set("Cross-Origin-Opener-Policy", "same-origin");
  headers.set("Cross-Origin-Resource-Policy", "same-origin");
  headers.set("Permissions-Policy",
              "camera=(self), geolocation=(), microphone=(self), payment=(), usb=(), "
              "publickey-credentials-create=(self), publickey-credentials-get=(self)");
  return headers;
}

}  // namespace vitrine::api
