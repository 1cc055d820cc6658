#include "http/network_tokens.hpp"

namespace vitrine::http {
namespace {

constexpr std::size_t token_bytes = 16;

bool is_v4(const NetworkTokens::Address& address) {
  static constexpr std::array<unsigned char, 12> mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  return std::equal(mapped.begin(), mapped.end(), address.begin());
}

}  // namespace

NetworkTokens::Address network_of(NetworkTokens::Address address) {
  const std::size_t kept = is_v4(address) ? 15 : 7;  // bytes: 96 + 24 bits, or 56
  std::fill(address.begin() + static_cast<std::ptrdiff_t>(kept), address.end(), static_cast<unsigned char>(0));
  return address;
}

std::string NetworkTokens::token(const Address& address, std::int64_t day) {
  const Address network = network_of(address);
  std::array<unsigned char, 32> key;
  {
    std::lock_guard lock(mutex_);
    if (key_day_ != day) {
      crypto::random(key_);
      key_day_ = day;
    }
    key = key_;
  }
  const crypto::Hash hash = crypto::hmac_sha256(key, network);
  return crypto::base64url(std::span(hash).first<token_bytes>());
}

}  // namespace vitrine::http
