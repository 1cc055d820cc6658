#include "http/networks.hpp"

#include <charconv>
#include <optional>

#include "http/asio.hpp"

namespace vitrine::http {
namespace {

constexpr int bits_of_v6 = 128, bits_before_v4 = 96;
using Bytes = std::array<unsigned char, 16>;

std::optional<asio::ip::address> address_of(std::string_view text) {
  ErrorCode error;
  const auto address = asio::ip::make_address(std::string(text), error);
  if (error) return std::nullopt;
  return address;
}

Bytes bytes_in(const asio::ip::address& address) {
  return address.is_v6() ? address.to_v6().to_bytes()
                         : asio::ip::make_address_v6(asio::ip::v4_mapped, address.to_v4()).to_bytes();
}

/// The address with all bits behind the first `bits` at 0.
Bytes first_of(Bytes bytes, int bits) {
  for (int bit = bits; bit < bits_of_v6; ++bit)
    bytes[static_cast<std::size_t>(bit / 8)] &= static_cast<unsigned char>(~(0x80u >> (bit % 8)));
  return bytes;
}

std::optional<int> prefix_of(std::string_view text, int max) {
  int bits = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), bits);
  if (error != std::errc() || end != text.data() + text.size() || bits < 0 || bits > max) return std::nullopt;
  return bits;
}

}  // namespace

Result<Networks::Network> Networks::read_one(const std::string& text) {
  const auto slash = text.find('/');
  const auto address = address_of(std::string_view(text).substr(0, slash));
  if (!address) return fail(Errc::invalid_argument, "\"{}\" is no network such as 192.0.2.0/24", text);
  const int bits_in_family = address->is_v4() ? bits_of_v6 - bits_before_v4 : bits_of_v6;
  const auto prefix =
      slash == std::string::npos ? bits_in_family : prefix_of(std::string_view(text).substr(slash + 1), bits_in_family);
  if (!prefix) return fail(Errc::invalid_argument, "\"{}\": behind the slash stand 0 to {} bits", text, bits_in_family);
  const int bits = address->is_v4() ? *prefix + bits_before_v4 : *prefix;
  const Bytes bytes = bytes_in(*address);
  const bool is_v4 = address->is_v4() || (address->to_v6().is_v4_mapped() && bits >= bits_before_v4);
  if (bits < (is_v4 ? bits_before_v4 + network_bits_min_v4 : network_bits_min_v6))
    return fail(Errc::invalid_argument, "\"{}\" is too wide: it would take in a good part of everybody", text);
  if (first_of(bytes, bits) != bytes)
    return fail(Errc::invalid_argument, "\"{}\" has bits set behind its first {}", text, *prefix);
  return Network{bytes, bits};
}

Result<Networks> Networks::read(std::span<const std::string> texts) {
  Networks all;
  for (const auto& text : texts) {
    VT_TRY(const auto network, read_one(text));
    all.networks_.push_back(network);
  }
  return all;
}

bool Networks::contain(std::string_view text) const {
  if (networks_.empty()) return false;
  const auto address = address_of(text);
  if (!address) return false;
  const auto bytes = bytes_in(*address);
  return std::ranges::any_of(networks_,
                             [&](const Network& network) { return first_of(bytes, network.bits) == network.first; });
}

}  // namespace vitrine::http
