// Networks of addresses (CIDR), and whether an address lies in one of them.
#pragma once
#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace vitrine::http {

/// A network with fewer fixed bits is taken for a slip: it would be a good part of everybody.
inline constexpr int network_bits_min_v4 = 8, network_bits_min_v6 = 16;

/// IPv4 addresses that are written as IPv6 ("::ffff:192.0.2.1") are the same as IPv4 ones. Thread-safe once read.
class Networks {
 public:
  /// "192.0.2.0/24", "2001:db8::/32", or an address alone. Errors: invalid_argument, which names the text: not a
  /// network, bits set beyond the prefix, a prefix under network_bits_min.
  [[nodiscard]] static Result<Networks> read(std::span<const std::string> texts);

  /// An address that cannot be read lies in none.
  [[nodiscard]] bool contain(std::string_view address) const;
  [[nodiscard]] bool empty() const { return networks_.empty(); }

 private:
  using Bytes = std::array<unsigned char, 16>;  ///< IPv4 as ::ffff:a.b.c.d
  struct Network {
    Bytes first;
    int bits;
  };
  [[nodiscard]] static Result<Network> read_one(const std::string& text);

  std::vector<Network> networks_;
};

}  // namespace vitrine::http
