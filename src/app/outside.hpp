// Small pages of other people's hosts, fetched on a stranger's word: over HTTPS, from public addresses only.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace vitrine::app {

inline constexpr std::size_t outside_bytes_max = 64 << 10;
inline constexpr std::int64_t outside_timeout_ms = 5'000;  ///< of everything together
inline constexpr int outside_redirects_max = 3;            ///< within the same host

struct OutsideOptions {
  /// "host:port" to connect to instead of the page's host, such as an operator's gateway to the internet. The
  /// certificate is still the page's host's. Empty: the host itself, at a public address.
  std::string gateway;
  std::string authorities;  ///< PEM file of certificate authorities; empty: the system's
};

/// Thread-safe. Calls block.
class Outside {
 public:
  explicit Outside(OutsideOptions options = {});
  /// `https://HOST/PATH` at port 443. What is connected to is checked when it is connected to, so a name that changes
  /// its mind in between gains nothing; no proxy of the environment is used. Redirects are followed within the host.
  /// Errors: unavailable (with the reason, for whoever owns the host), not_found (404, 410), too_large.
  [[nodiscard]] Result<std::string> get(std::string_view host, std::string_view path) const;

 private:
  OutsideOptions options_;
};

}  // namespace vitrine::app
