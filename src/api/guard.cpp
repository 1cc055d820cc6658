#include "api/guard.hpp"

namespace vitrine::api {
namespace {

constexpr std::size_t buckets_max = 200'000;

/// A token bucket: refills at a steady rate, holds a minute's worth.
class Buckets {
 public:
  explicit Buckets(double per_minute) : per_minute_(per_minute) {}

  /// Takes one, or tells how many seconds to wait.
  std::optional<std::int64_t> take(const std::string& key, TimeMs now) {
    std::lock_guard lock(mutex_);
    if (buckets_.size() >= buckets_max) forget_full(now);
    auto& bucket = buckets_.try_emplace(key, Bucket{per_minute_, now}).first->second;
    refill(bucket, now);
    if (bucket.left >= 1) {
      bucket.left -= 1;
      return std::nullopt;
    }
    return static_cast<std::int64_t>((1 - bucket.left) / per_minute_ * 60) + 1;
  }

 private:
  struct Bucket {
    double left;
    TimeMs at;
  };
  void refill(Bucket& bucket, TimeMs now) const {
    const auto minutes = static_cast<double>(std::max<TimeMs>(0, now - bucket.at)) / 60'000;
    bucket.left = std::min(per_minute_, bucket.left + minutes * per_minute_);
    bucket.at = now;
  }
  /// A bucket that is full again says no more than none.
  void forget_full(TimeMs now) {
    std::erase_if(buckets_, [&](const auto& item) {
      Bucket bucket = item.second;
      refill(bucket, now);
      return bucket.left >= per_minute_ - 0.5;
    });
    if (buckets_.size() >= buckets_max) buckets_.clear();
  }

  double per_minute_;
  std::mutex mutex_;
  std::unordered_map<std::string, Bucket> buckets_;
};

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
  Buckets reads{reads_per_minute_max}, writes{writes_per_minute_max}, sign_ups{sign_ups_per_minute_max};
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

http::Headers security_headers() {
  http::Headers headers;
  headers.set(
      "Content-Security-Policy",
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; "
      "connect-src 'self'; manifest-src 'self'; worker-src 'self' blob:; font-src 'self'; form-action 'self'; "
      "base-uri 'none'; frame-ancestors 'none'");
  headers.set("X-Content-Type-Options", "nosniff");
  headers.set("Referrer-Policy", "same-origin");
  headers.set("Cross-Origin-Opener-Policy", "same-origin");
  headers.set("Cross-Origin-Resource-Policy", "same-origin");
  headers.set("Permissions-Policy",
              "camera=(), geolocation=(), microphone=(), payment=(), usb=(), "
              "publickey-credentials-create=(self), publickey-credentials-get=(self)");
  return headers;
}

}  // namespace vitrine::api
