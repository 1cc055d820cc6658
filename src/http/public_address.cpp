#include "http/public_address.hpp"

#include <arpa/inet.h>
#include <array>
#include <cstring>
#include <fmt/format.h>
#include <netinet/in.h>
#include <span>
#include <sys/socket.h>

namespace vitrine::http {
namespace {

using Bytes = std::span<const unsigned char>;

template <std::size_t Size>
struct Network {
  std::array<unsigned char, Size> first;
  int bits;
};

// https://www.iana.org/assignments/iana-ipv4-special-registry, and multicast.
constexpr std::array<Network<4>, 15> not_public_v4{{
    {{0, 0, 0, 0}, 8},
    {{10, 0, 0, 0}, 8},
    {{100, 64, 0, 0}, 10},
    {{127, 0, 0, 0}, 8},
    {{169, 254, 0, 0}, 16},
    {{172, 16, 0, 0}, 12},
    {{192, 0, 0, 0}, 24},
    {{192, 0, 2, 0}, 24},
    {{192, 88, 99, 0}, 24},
    {{192, 168, 0, 0}, 16},
    {{198, 18, 0, 0}, 15},
    {{198, 51, 100, 0}, 24},
    {{203, 0, 113, 0}, 24},
    {{224, 0, 0, 0}, 4},
    {{240, 0, 0, 0}, 4},
}};

// Of IPv6 only 2000::/3 is given out to be reached, less these
// (https://www.iana.org/assignments/iana-ipv6-special-registry): protocol assignments with Teredo, documentation, 6to4.
constexpr Network<16> global_v6{{0x20}, 3};
constexpr std::array<Network<16>, 4> not_public_v6{{
    {{0x20, 0x01, 0x00, 0x00}, 23},
    {{0x20, 0x01, 0x0d, 0xb8}, 32},
    {{0x20, 0x02}, 16},
    {{0x3f, 0xff}, 20},
}};
constexpr Network<16> nat64{{0x00, 0x64, 0xff, 0x9b}, 96};

template <std::size_t Size>
bool is_within(Bytes address, const Network<Size>& network) {
  int left = network.bits;
  for (std::size_t i = 0; left > 0; ++i, left -= 8) {
    const auto mask = left >= 8 ? 0xFFU : 0xFFU << (8 - left) & 0xFFU;
    if ((address[i] & mask) != network.first[i]) return false;
  }
  return true;
}

bool is_public_v4(Bytes address) {
  return std::ranges::none_of(not_public_v4, [&](const auto& one) { return is_within(address, one); });
}

bool is_public_v6(Bytes address) {
  // Where the machine has IPv6 alone, its network translates: what counts is whom it is translated to.
  if (is_within(address, nat64)) return is_public_v4(address.subspan(12));
  return is_within(address, global_v6) &&
         std::ranges::none_of(not_public_v6, [&](const auto& one) { return is_within(address, one); });
}

/// A copy, for a sockaddr need not be aligned as what it stands for.
template <class T>
T as(const sockaddr& address) {
  T out;
  std::memcpy(&out, &address, sizeof out);
  return out;
}

}  // namespace

bool is_public(const sockaddr& address) {
  if (address.sa_family == AF_INET) {
    const auto v4 = as<sockaddr_in>(address);
    return is_public_v4({reinterpret_cast<const unsigned char*>(&v4.sin_addr), 4});
  }
  if (address.sa_family != AF_INET6) return false;
  const auto v6 = as<sockaddr_in6>(address);
  return is_public_v6({v6.sin6_addr.s6_addr, 16});
}

std::string address_text(const sockaddr& address) {
  char text[INET6_ADDRSTRLEN] = {};
  if (address.sa_family == AF_INET) {
    const auto v4 = as<sockaddr_in>(address);
    inet_ntop(AF_INET, &v4.sin_addr, text, sizeof text);
    return fmt::format("{}:{}", text, ntohs(v4.sin_port));
  }
  if (address.sa_family != AF_INET6) return "";
  const auto v6 = as<sockaddr_in6>(address);
  inet_ntop(AF_INET6, &v6.sin6_addr, text, sizeof text);
  return fmt::format("[{}]:{}", text, ntohs(v6.sin6_port));
}

}  // namespace vitrine::http
