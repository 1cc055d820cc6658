#include "http/public_address.hpp"

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <netinet/in.h>

namespace vitrine::http {
namespace {

struct Range4 {
  std::uint32_t network;
  int bits;
};
constexpr std::uint32_t v4(std::uint32_t a, std::uint32_t b = 0, std::uint32_t c = 0) {
  return a << 24 | b << 16 | c << 8;
}
constexpr std::array<Range4, 16> special4{{{v4(0), 8},
                                           {v4(10), 8},
                                           {v4(100, 64), 10},
                                           {v4(127), 8},
                                           {v4(169, 254), 16},
                                           {v4(172, 16), 12},
                                           {v4(192, 0, 0), 24},
                                           {v4(192, 0, 2), 24},
                                           {v4(192, 31, 196), 24},
                                           {v4(192, 52, 193), 24},
                                           {v4(192, 88, 99), 24},
                                           {v4(192, 168), 16},
                                           {v4(198, 18), 15},
                                           {v4(198, 51, 100), 24},
                                           {v4(203, 0, 113), 24},
                                           {v4(224), 3}}};

struct Range6 {
  std::array<std::uint8_t, 4> network;
  int bits;
};
/// Within 2000::/3, outside of which nothing is public.
constexpr std::array<Range6, 4> special6{{
    {{0x20, 0x01, 0x00, 0x00}, 23},  // protocol assignments: Teredo, ORCHID, benchmarking
    {{0x20, 0x01, 0x0d, 0xb8}, 32},  // documentation
    {{0x20, 0x02, 0x00, 0x00}, 16},  // 6to4
    {{0x3f, 0xff, 0x00, 0x00}, 20},  // documentation
}};

bool is_public4(std::uint32_t address) {
  for (const auto& [network, bits] : special4)
    if ((address ^ network) >> (32 - bits) == 0) return false;
  return true;
}

std::uint32_t first_bytes(const std::uint8_t* bytes) {
  return std::uint32_t{bytes[0]} << 24 | std::uint32_t{bytes[1]} << 16 | std::uint32_t{bytes[2]} << 8 | bytes[3];
}

bool is_public6(const in6_addr& address) {
  const auto head = first_bytes(address.s6_addr);
  if (head >> 29 != 1) return false;
  for (const auto& [network, bits] : special6)
    if ((head ^ first_bytes(network.data())) >> (32 - bits) == 0) return false;
  return true;
}

}  // namespace

bool is_public(const sockaddr& address) {
  if (address.sa_family == AF_INET) {
    sockaddr_in four{};
    std::memcpy(&four, &address, sizeof four);
    return is_public4(ntohl(four.sin_addr.s_addr));
  }
  if (address.sa_family == AF_INET6) {
    sockaddr_in6 six{};
    std::memcpy(&six, &address, sizeof six);
    return is_public6(six.sin6_addr);
  }
  return false;
}

}  // namespace vitrine::http
