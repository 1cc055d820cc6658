#include "base/p256.hpp"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>
#include <openssl/param_build.h>

namespace vitrine::crypto {
namespace {

constexpr std::size_t scalar_bytes = 32;

template <auto Free>
struct Freer {
  template <class T>
  void operator()(T* pointer) const {
    Free(pointer);
  }
};
template <class T, auto Free>
using Owned = std::unique_ptr<T, Freer<Free>>;
using Number = Owned<BIGNUM, BN_clear_free>;
using Context = Owned<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;
using Key = std::shared_ptr<EVP_PKEY>;

const EC_GROUP* curve() {
  static const Owned<EC_GROUP, EC_GROUP_free> group(EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1));
  return group.get();
}

/// Of a private number below the curve's order, the point that others may know.
P256Point point_of(const BIGNUM* scalar) {
  const Owned<EC_POINT, EC_POINT_free> point(EC_POINT_new(curve()));
  P256Point out;
  VT_ASSERT(EC_POINT_mul(curve(), point.get(), scalar, nullptr, nullptr, nullptr) == 1);
  VT_ASSERT(EC_POINT_point2oct(curve(), point.get(), POINT_CONVERSION_UNCOMPRESSED, out.data(), out.size(), nullptr) ==
            out.size());
  return out;
}

/// Null when the library takes the point for none of the curve's.
Key key_of(const P256Point& point, const BIGNUM* scalar) {
  const Owned<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free> builder(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0);
  OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size());
  if (scalar) OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY, scalar);
  const Owned<OSSL_PARAM, OSSL_PARAM_free> params(OSSL_PARAM_BLD_to_param(builder.get()));
  const Context context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
  EVP_PKEY* key = nullptr;
  VT_ASSERT(EVP_PKEY_fromdata_init(context.get()) == 1);
  EVP_PKEY_fromdata(context.get(), &key, scalar ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY, params.get());
  return {key, Freer<EVP_PKEY_free>()};
}

}  // namespace

Result<P256Key> P256Key::from_scalar(Bytes scalar) {
  const Number number(BN_bin2bn(scalar.data(), static_cast<int>(scalar.size()), nullptr));
  if (scalar.size() != scalar_bytes || BN_is_zero(number.get()) ||
      BN_cmp(number.get(), EC_GROUP_get0_order(curve())) >= 0)
    return fail(Errc::invalid_argument, "this is not a private key of the curve P-256");
  const auto point = point_of(number.get());
  auto key = key_of(point, number.get());
  VT_ASSERT(key != nullptr);
  return P256Key(std::move(key), point);
}

P256Key P256Key::from_seed(const Hash& seed) {
  // One seed in 2^32 is not below the order; its hash is tried then.
  for (Hash scalar = seed;; scalar = sha256(scalar))
    if (auto key = from_scalar(scalar)) return std::move(*key);
}

P256Key P256Key::generate() {
  Hash seed;
  random(seed);
  auto key = from_seed(seed);
  wipe(seed);
  return key;
}

Result<Hash> P256Key::agree(const P256Point& other) const {
  const auto peer = key_of(other, nullptr);
  if (!peer) return fail(Errc::invalid_argument, "this is not a point of the curve P-256");
  const Context context(EVP_PKEY_CTX_new_from_pkey(nullptr, key_.get(), nullptr));
  Hash out;
  std::size_t length = out.size();
  VT_ASSERT(EVP_PKEY_derive_init(context.get()) == 1);
  if (EVP_PKEY_derive_set_peer(context.get(), peer.get()) != 1 ||
      EVP_PKEY_derive(context.get(), out.data(), &length) != 1 || length != out.size())
    return fail(Errc::invalid_argument, "this point of the curve agrees on nothing");
  return out;
}

P256Signature P256Key::sign(Bytes message) const {
  const Owned<EVP_MD_CTX, EVP_MD_CTX_free> context(EVP_MD_CTX_new());
  std::array<unsigned char, 80> der;  // two numbers of 33 bytes, and what frames them
  std::size_t length = der.size();
  VT_ASSERT(EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()) == 1);
  VT_ASSERT(EVP_DigestSign(context.get(), der.data(), &length, message.data(), message.size()) == 1);
  const unsigned char* at = der.data();
  const Owned<ECDSA_SIG, ECDSA_SIG_free> pair(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(length)));
  VT_ASSERT(pair != nullptr);
  P256Signature out;
  VT_ASSERT(BN_bn2binpad(ECDSA_SIG_get0_r(pair.get()), out.data(), scalar_bytes) == scalar_bytes);
  VT_ASSERT(BN_bn2binpad(ECDSA_SIG_get0_s(pair.get()), out.data() + scalar_bytes, scalar_bytes) == scalar_bytes);
  return out;
}

bool is_p256_point(const P256Point& point) {
  const Owned<EC_POINT, EC_POINT_free> place(EC_POINT_new(curve()));
  constexpr unsigned char uncompressed = 4;
  return point[0] == uncompressed && EC_POINT_oct2point(curve(), place.get(), point.data(), point.size(), nullptr) == 1;
}

}  // namespace vitrine::crypto
