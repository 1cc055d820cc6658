// Which addresses belong to the public internet: what a server may connect to on a stranger's word. Pure function.
#pragma once
#include <sys/socket.h>

namespace vitrine::http {

/// False for everything private, shared, local, reserved, for documentation, multicast, and for IPv6 forms that carry
/// an IPv4 address or a tunnel (IANA's special-purpose registries, RFC 6890). Other families are not public.
[[nodiscard]] bool is_public(const sockaddr& address);

}  // namespace vitrine::http
