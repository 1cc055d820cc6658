// What stands before every route: requests forged by other sites are refused, and nobody may ask too much.
#pragma once
#include <memory>
#include <optional>
#include <string_view>

#include "api/api.hpp"

namespace vitrine::api {

/// Requests a minute, each from one network (/24 or /56), with as many at once; reads are cheap and barely limited.
inline constexpr double reads_per_minute_max = 6'000;
inline constexpr double writes_per_minute_max = 1'200;
inline constexpr double sign_ups_per_minute_max = 120;

/// Thread-safe. State is in memory; it holds keyed tokens of networks, never addresses.
class Guard {
 public:
  explicit Guard(const Clock& clock);
  ~Guard();
  /// The answer that ends the request, or nothing.
  [[nodiscard]] std::optional<http::Response> check(const http::Request& request, std::string_view pattern);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// `frame_ancestors`: which sites may show the page in a frame.
[[nodiscard]] std::string content_security_policy(std::string_view frame_ancestors = "'none'");
/// Content-Security-Policy and its companions, on every response.
[[nodiscard]] http::Headers security_headers();

}  // namespace vitrine::api
