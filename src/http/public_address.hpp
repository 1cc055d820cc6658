// Which addresses are anybody's to reach, and which stand for this machine, its neighbours or nobody. For whatever the
// service connects to because a stranger named it.
#pragma once
#include <cstdint>
#include <string>

struct sockaddr;

namespace vitrine::http {

/// False for loopback, private, link-local, carrier-grade NAT, multicast, reserved and documentation addresses (the
/// registries of IANA), for IPv4 inside IPv6 in any form but NAT64 of a public address, and for what is neither IPv4
/// nor IPv6. Thread-safe.
[[nodiscard]] bool is_public(const sockaddr& address);

/// "192.0.2.1:443", "[2001:db8::1]:443"; empty for what is neither IPv4 nor IPv6. Thread-safe.
[[nodiscard]] std::string address_text(const sockaddr& address);

}  // namespace vitrine::http
