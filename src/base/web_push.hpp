// Messages to browsers, as the services of their makers carry them: encrypted so that those can read nothing (RFC
// 8291), and signed so that they know who sends (VAPID, RFC 8292). Pure functions, thread-safe.
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/p256.hpp"

namespace vitrine::web_push {

inline constexpr std::size_t endpoint_bytes_max = 2'048;
/// What all push services take (RFC 8030 §7.2) is 4,096 bytes of body; 103 of them are not the text.
inline constexpr std::size_t plaintext_bytes_max = 3'993;
/// Shorter texts are filled up to it, so that their length tells the push service nothing.
inline constexpr std::size_t padded_bytes = 2'048;
inline constexpr std::uint16_t https_port = 443;

/// Where a browser is reached: an address that its push service made. Whoever knows it can be nobody's browser, so it
/// is taken for what a stranger says.
struct Endpoint {
  std::string url;
  std::string origin;  ///< "https://push.example", with the port unless it is 443
  std::string host;    ///< lower case
  std::uint16_t port = https_port;
};
/// Only the form is looked at, not whom the name belongs to. Errors: invalid_argument says what is wrong: not https, a
/// user, an IP address, a port or a name that is none, characters other than ASCII, a fragment, too long.
[[nodiscard]] Result<Endpoint> read_endpoint(std::string_view url);

/// A browser's keys: what is encrypted with them only it can read.
struct Keys {
  crypto::P256Point p256dh{};
  std::array<unsigned char, 16> auth{};
};
/// From base64url, with or without padding. Error: invalid_argument.
[[nodiscard]] Result<Keys> read_keys(std::string_view p256dh, std::string_view auth);

/// A body of Content-Encoding aes128gcm. `text` has at most plaintext_bytes_max bytes. Error: invalid_argument (the
/// browser's key agrees on nothing).
[[nodiscard]] Result<std::string> encrypt(const Keys& browser, std::string_view text);
/// The same with nothing left to chance and `padding` zeros; for known answers.
[[nodiscard]] Result<std::string> encrypt_with(const Keys& browser, std::string_view text, std::size_t padding,
                                               const crypto::P256Key& sender,
                                               const std::array<unsigned char, 16>& salt);

/// The value of the header Authorization. `contact` is a "mailto:" or "https:" address, or empty.
[[nodiscard]] std::string authorization(const crypto::P256Key& key, std::string_view origin, std::string_view contact,
                                        TimeMs expires_at);

}  // namespace vitrine::web_push
