// Thin wrappers of libsodium and OpenSSL: no primitive of our own.
#pragma once
#include <array>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace vitrine::crypto {

using Bytes = std::span<const unsigned char>;
using Hash = std::array<unsigned char, 32>;

[[nodiscard]] inline Bytes bytes_of(std::string_view text) {
  return {reinterpret_cast<const unsigned char*>(text.data()), text.size()};
}
[[nodiscard]] inline std::string_view text_of(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Fills `out` from the kernel's generator. Thread-safe, as is everything here.
void random(std::span<unsigned char> out);
/// `bytes` random bytes as unpadded base64url.
[[nodiscard]] std::string random_token(std::size_t bytes = 32);

[[nodiscard]] Hash sha256(Bytes data);
[[nodiscard]] inline Hash sha256(std::string_view text) { return sha256(bytes_of(text)); }
/// Over the parts one after the other.
[[nodiscard]] Hash sha256(std::initializer_list<Bytes> parts);
[[nodiscard]] Hash hmac_sha256(Bytes key, Bytes data);

/// Ed25519 (RFC 8032).
using PublicKey = std::array<unsigned char, 32>;
using Signature = std::array<unsigned char, 64>;
class SigningKey {
 public:
  explicit SigningKey(const Hash& seed);
  ~SigningKey();  ///< wipes the secret
  SigningKey(const SigningKey&) = default;
  SigningKey& operator=(const SigningKey&) = default;
  [[nodiscard]] const PublicKey& public_key() const { return public_; }
  [[nodiscard]] Signature sign(Bytes message) const;

 private:
  PublicKey public_;
  std::array<unsigned char, 64> secret_;
};
[[nodiscard]] bool verify_signature(const PublicKey& key, Bytes message, Bytes signature);

/// Sealed boxes (libsodium: X25519, XSalsa20-Poly1305): anybody seals to a key, its owner alone opens.
class BoxKey {
 public:
  explicit BoxKey(const Hash& seed);
  ~BoxKey();  ///< wipes the secret
  BoxKey(const BoxKey&) = default;
  BoxKey& operator=(const BoxKey&) = default;
  [[nodiscard]] const PublicKey& public_key() const { return public_; }
  /// Error: forbidden (not sealed to this key, or changed).
  [[nodiscard]] Result<std::string> open(std::string_view box) const;

 private:
  PublicKey public_;
  std::array<unsigned char, 32> secret_;
};
[[nodiscard]] std::string seal_box(const PublicKey& key, std::string_view plaintext);

/// XChaCha20-Poly1305 under a fresh random nonce, which the result begins with. `context` is authenticated, not kept.
[[nodiscard]] std::string encrypt(const Hash& key, std::string_view plaintext, std::string_view context);
/// Error: forbidden (another key, another context, or changed).
[[nodiscard]] Result<std::string> decrypt(const Hash& key, std::string_view ciphertext, std::string_view context);
/// Overwrites what was secret.
void wipe(std::span<unsigned char> secret);
inline void wipe(std::string& secret) { wipe({reinterpret_cast<unsigned char*>(secret.data()), secret.size()}); }
/// Exactly 32 bytes. Error: invalid_argument.
[[nodiscard]] Result<Hash> hash_from(std::string_view bytes);

/// SHA-1 and SHA-256 over data that arrives in pieces (tus checksums, originals' hashes).
class Digest {
 public:
  enum class Kind { sha1, sha256 };
  explicit Digest(Kind kind);
  ~Digest();
  Digest(Digest&&) noexcept;
  Digest& operator=(Digest&&) noexcept;
  void update(Bytes data);
  /// Ends the digest; it may not be used afterwards.
  [[nodiscard]] std::string finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// argon2id (RFC 9106) with libsodium's interactive limits: about 64 MiB and 50 ms a call.
[[nodiscard]] Result<std::string> hash_password(std::string_view password);
[[nodiscard]] bool verify_password(std::string_view hash, std::string_view password);

/// Takes the same time wherever the first difference is.
[[nodiscard]] bool equal_constant_time(std::string_view a, std::string_view b);

[[nodiscard]] std::string base64url(Bytes data);                          ///< unpadded, RFC 4648 §5
[[nodiscard]] Result<std::string> from_base64url(std::string_view text);  ///< unpadded
[[nodiscard]] std::string base64(Bytes data);                             ///< padded, RFC 4648 §4
[[nodiscard]] Result<std::string> from_base64(std::string_view text);     ///< padded
[[nodiscard]] std::string hex(Bytes data);                                ///< lower case
[[nodiscard]] Result<std::string> from_hex(std::string_view text);

}  // namespace vitrine::crypto
