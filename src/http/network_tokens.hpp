// Names networks without telling them: rate limits need to recognise a network for a day, nobody needs its address.
#pragma once
#include <array>
#include <ctime>
#include <mutex>
#include <span>
#include <string>

#include "base/crypto.hpp"

namespace vitrine::http {

/// Keyed hash of an address' /24 (IPv4) or /56 (IPv6). The key lives in memory only and is replaced every day, so
/// that yesterday's tokens cannot be linked to today's. Thread-safe.
class NetworkTokens {
 public:
  using Address = std::array<unsigned char, 16>;  ///< IPv4 as ::ffff:a.b.c.d

  [[nodiscard]] static std::int64_t day_of(std::time_t now) { return now / (24 * 3600); }
  [[nodiscard]] std::string token(const Address& address, std::int64_t day);

 private:
  std::mutex mutex_;
  std::int64_t key_day_ = -1;
  std::array<unsigned char, 32> key_{};
};

/// Zeroes what is not part of the address' network.
[[nodiscard]] NetworkTokens::Address network_of(NetworkTokens::Address address);

}  // namespace vitrine::http
