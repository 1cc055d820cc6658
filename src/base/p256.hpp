// Keys on the curve P-256 (FIPS 186-5), as Web Push uses them: to agree on a secret and to sign. A wrapper of OpenSSL.
#pragma once
#include <array>
#include <memory>

#include "base/crypto.hpp"

struct evp_pkey_st;

namespace vitrine::crypto {

/// Uncompressed: 0x04, x, y (SEC 1 §2.3.3).
using P256Point = std::array<unsigned char, 65>;
using P256Signature = std::array<unsigned char, 64>;

/// Copies share the key, which never changes. Thread-safe.
class P256Key {
 public:
  /// The private number, big-endian. Error: invalid_argument (0, or not below the curve's order).
  [[nodiscard]] static Result<P256Key> from_scalar(Bytes scalar);
  /// Always the same key for the same secret seed.
  [[nodiscard]] static P256Key from_seed(const Hash& seed);
  [[nodiscard]] static P256Key generate();

  [[nodiscard]] const P256Point& public_point() const { return public_; }
  /// ECDH: the x coordinate that both sides arrive at. Error: invalid_argument (not a point of the curve).
  [[nodiscard]] Result<Hash> agree(const P256Point& other) const;
  /// ES256 (RFC 7518 §3.4): SHA-256, r and s one after the other.
  [[nodiscard]] P256Signature sign(Bytes message) const;

 private:
  P256Key(std::shared_ptr<evp_pkey_st> key, const P256Point& point) : key_(std::move(key)), public_(point) {}
  std::shared_ptr<evp_pkey_st> key_;
  P256Point public_;
};

/// Whether these bytes are a point of the curve.
[[nodiscard]] bool is_p256_point(const P256Point& point);

}  // namespace vitrine::crypto
