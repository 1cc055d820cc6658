#include "base/webauthn.hpp"

#include <cbor.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include "base/json.hpp"

namespace vitrine::webauthn {
namespace {

constexpr std::size_t rp_id_hash_bytes = 32;
constexpr std::size_t fixed_bytes = rp_id_hash_bytes + 1 + 4;
constexpr std::size_t aaguid_bytes = 16;
constexpr unsigned flag_present = 0x01, flag_verified = 0x04, flag_credential = 0x40, flag_extensions = 0x80;
constexpr std::size_t credential_id_bytes_max = 1023;

// COSE (RFC 9053, RFC 8230).
constexpr std::int64_t label_kty = 1, label_alg = 3, label_crv = -1, label_x = -2, label_y = -3, label_n = -1,
                       label_e = -2;
constexpr std::int64_t kty_okp = 1, kty_ec2 = 2, kty_rsa = 3;
constexpr std::int64_t alg_es256 = -7, alg_eddsa = -8, alg_rs256 = -257;
constexpr std::int64_t curve_p256 = 1, curve_ed25519 = 6;
constexpr std::size_t coordinate_bytes = 32;
constexpr std::size_t rsa_bytes_min = 256, rsa_bytes_max = 512;

template <auto Free>
struct Freer {
  template <class T>
  void operator()(T* pointer) const {
    Free(pointer);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;

struct CborFree {
  void operator()(cbor_item_t* item) const { cbor_decref(&item); }
};
using Item = std::unique_ptr<cbor_item_t, CborFree>;

std::unexpected<Error> malformed(std::string_view what) {
  return fail(Errc::invalid_argument, "the passkey's response is malformed: {}", what);
}

/// Lengths inside CBOR are promises; libcbor reserves memory for them. A map or string can hold no more than there are
/// bytes.
struct Loaded {
  Item item;
  std::size_t bytes;
};

/// Refuses what could make the decoder allocate or recurse beyond the input's own size.
bool is_plain_cbor(std::string_view bytes) {
  std::size_t depth = 0;
  constexpr std::size_t depth_max = 8;
  std::vector<std::uint64_t> open{1};  // items still to come on each level
  std::size_t at = 0;
  while (!open.empty()) {
    if (open.back() == 0) {
      open.pop_back();
      if (depth > 0) --depth;
      continue;
    }
    --open.back();
    if (at >= bytes.size()) return false;
    const auto head = static_cast<unsigned char>(bytes[at++]);
    const unsigned major = head >> 5, info = head & 31;
    if (info > 27) return false;  // indefinite lengths are not in CTAP2's canonical form
    const std::size_t extra = info < 24 ? 0 : std::size_t{1} << (info - 24);
    if (bytes.size() - at < extra) return false;
    std::uint64_t value = info;
    if (extra) value = 0;
    for (std::size_t i = 0; i < extra; ++i) value = (value << 8) | static_cast<unsigned char>(bytes[at + i]);
    at += extra;
    if (major == 2 || major == 3) {
      if (value > bytes.size() - at) return false;
      at += static_cast<std::size_t>(value);
    } else if (major == 4 || major == 5) {
      if (value > bytes.size() - at || ++depth > depth_max) return false;
      open.push_back(major == 5 ? value * 2 : value);
    } else if (major == 6) {
      return false;  // no tags in WebAuthn
    }
  }
  return true;
}

Result<Loaded> load(std::string_view bytes) {
  if (bytes.size() > message_bytes_max) return malformed("too long");
  if (!is_plain_cbor(bytes)) return malformed("CBOR");
  cbor_load_result result{};
  Item item(cbor_load(reinterpret_cast<cbor_data>(bytes.data()), bytes.size(), &result));
  if (!item || result.error.code != CBOR_ERR_NONE) return malformed("CBOR");
  return Loaded{std::move(item), result.read};
}

std::optional<std::int64_t> integer_of(const cbor_item_t* item) {
  if (!item || !cbor_is_int(item) || cbor_get_int(item) > 0x7fff'ffff) return std::nullopt;
  const auto value = static_cast<std::int64_t>(cbor_get_int(item));
  return cbor_isa_uint(item) ? value : -1 - value;
}

std::optional<std::string> bytes_of(const cbor_item_t* item) {
  if (!item || !cbor_isa_bytestring(item) || !cbor_bytestring_is_definite(item)) return std::nullopt;
  return std::string(reinterpret_cast<const char*>(cbor_bytestring_handle(item)), cbor_bytestring_length(item));
}

template <class Matches>
const cbor_item_t* find_where(const cbor_item_t* map, Matches matches) {
  if (!cbor_isa_map(map)) return nullptr;
  const auto* pairs = cbor_map_handle(map);
  for (std::size_t i = 0; i < cbor_map_size(map); ++i) {
    if (matches(pairs[i].key)) return pairs[i].value;
  }
  return nullptr;
}

const cbor_item_t* find(const cbor_item_t* map, std::int64_t label) {
  return find_where(map, [label](const cbor_item_t* key) { return integer_of(key) == label; });
}

const cbor_item_t* find(const cbor_item_t* map, std::string_view name) {
  return find_where(map, [name](const cbor_item_t* key) {
    return cbor_isa_string(key) && cbor_string_is_definite(key) &&
           std::string_view(reinterpret_cast<const char*>(cbor_string_handle(key)), cbor_string_length(key)) == name;
  });
}

Key key_from(const char* type, OSSL_PARAM* params) {
  EVP_PKEY* key = nullptr;
  EVP_PKEY_CTX* context = EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr);
  if (context && EVP_PKEY_fromdata_init(context) == 1) EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, params);
  EVP_PKEY_CTX_free(context);
  return Key(key);
}

Key ec_key(const cbor_item_t* map) {
  const auto x = bytes_of(find(map, label_x)), y = bytes_of(find(map, label_y));
  if (integer_of(find(map, label_crv)) != curve_p256 || !x || !y || x->size() != coordinate_bytes ||
      y->size() != coordinate_bytes)
    return nullptr;
  std::string point = "\x04" + *x + *y;  // uncompressed, SEC 1 §2.3.3
  char group[] = "P-256";
  OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
                         OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()),
                         OSSL_PARAM_construct_end()};
  return key_from("EC", params);
}

Key okp_key(const cbor_item_t* map) {
  const auto x = bytes_of(find(map, label_x));
  if (integer_of(find(map, label_crv)) != curve_ed25519 || !x || x->size() != coordinate_bytes) return nullptr;
  return Key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, reinterpret_cast<const unsigned char*>(x->data()),
                                         x->size()));
}

Key rsa_key(const cbor_item_t* map) {
  const auto n = bytes_of(find(map, label_n)), e = bytes_of(find(map, label_e));
  if (!n || !e || n->size() < rsa_bytes_min || n->size() > rsa_bytes_max || e->empty() || e->size() > 4) return nullptr;
  const auto number = [](const std::string& bytes) {
    return BN_bin2bn(reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()), nullptr);
  };
  BIGNUM* modulus = number(*n);
  BIGNUM* exponent = number(*e);
  OSSL_PARAM_BLD* builder = OSSL_PARAM_BLD_new();
  OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, modulus);
  OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, exponent);
  OSSL_PARAM* params = OSSL_PARAM_BLD_to_param(builder);
  Key key = key_from("RSA", params);
  OSSL_PARAM_free(params);
  OSSL_PARAM_BLD_free(builder);
  BN_free(modulus);
  BN_free(exponent);
  return key;
}

struct Verifier {
  Key key;
  const EVP_MD* digest;  ///< nullptr: the algorithm hashes for itself (Ed25519)
};

Result<Verifier> verifier_of(std::string_view cose_key) {
  VT_TRY(const auto loaded, load(cose_key));
  const cbor_item_t* map = loaded.item.get();
  if (!cbor_isa_map(map)) return malformed("its key is not a map");
  const auto type = integer_of(find(map, label_kty)), algorithm = integer_of(find(map, label_alg));
  Verifier verifier{};
  if (type == kty_ec2 && algorithm == alg_es256)
    verifier = {ec_key(map), EVP_sha256()};
  else if (type == kty_okp && algorithm == alg_eddsa)
    verifier = {okp_key(map), nullptr};
  else if (type == kty_rsa && algorithm == alg_rs256)
    verifier = {rsa_key(map), EVP_sha256()};
  else
    return fail(Errc::unsupported, "this passkey's algorithm is not supported; ES256, EdDSA and RS256 are");
  if (!verifier.key) return malformed("its key");
  return verifier;
}

Result<Credential> parse_credential(std::string_view bytes) {
  if (bytes.size() < aaguid_bytes + 2) return malformed("credential data is cut short");
  bytes.remove_prefix(aaguid_bytes);
  const std::size_t length =
      static_cast<std::size_t>(static_cast<unsigned char>(bytes[0]) << 8 | static_cast<unsigned char>(bytes[1]));
  bytes.remove_prefix(2);
  if (length == 0 || length > credential_id_bytes_max || bytes.size() < length) return malformed("credential id");
  Credential credential{.id = std::string(bytes.substr(0, length))};
  bytes.remove_prefix(length);
  VT_TRY(const auto key, load(bytes));
  credential.cose_key = std::string(bytes.substr(0, key.bytes));
  return credential;
}

}  // namespace

Result<AuthenticatorData> parse_authenticator_data(std::string_view bytes) {
  if (bytes.size() < fixed_bytes || bytes.size() > message_bytes_max) return malformed("authenticator data");
  AuthenticatorData data{.rp_id_hash = std::string(bytes.substr(0, rp_id_hash_bytes))};
  const auto flags = static_cast<unsigned char>(bytes[rp_id_hash_bytes]);
  data.user_present = flags & flag_present;
  data.user_verified = flags & flag_verified;
  for (std::size_t i = 0; i < 4; ++i)
    data.sign_count = data.sign_count << 8 | static_cast<unsigned char>(bytes[rp_id_hash_bytes + 1 + i]);
  std::size_t length = fixed_bytes;
  if (flags & flag_credential) {
    VT_TRY(data.credential, parse_credential(bytes.substr(fixed_bytes)));
    length += aaguid_bytes + 2 + data.credential->id.size() + data.credential->cose_key.size();
  }
  // Only extensions, which have a flag of their own, may follow (§6.1).
  if (!(flags & flag_extensions) && bytes.size() != length) return malformed("authenticator data with more behind it");
  return data;
}

Result<std::string> authenticator_data_of(std::string_view attestation_object) {
  VT_TRY(const auto loaded, load(attestation_object));
  const auto data = cbor_isa_map(loaded.item.get()) ? bytes_of(find(loaded.item.get(), "authData")) : std::nullopt;
  if (!data) return malformed("attestation object without authenticator data");
  return *data;
}

Result<ClientData> parse_client_data(std::string_view json_text) {
  VT_TRY(const auto value, parse_json(json_text, message_bytes_max));
  if (!value.is_object()) return malformed("client data");
  const auto& object = value.get_object();
  ClientData data;
  VT_TRY(data.type, text_member(object, "type"));
  VT_TRY(data.challenge, text_member(object, "challenge"));
  VT_TRY(data.origin, text_member(object, "origin"));
  VT_TRY(data.cross_origin, bool_member(object, "crossOrigin", false));
  return data;
}

Result<void> check_key(std::string_view cose_key) {
  VT_CHECK(verifier_of(cose_key));
  return {};
}

Result<bool> verify(std::string_view cose_key, std::string_view authenticator_data, std::string_view client_data,
                    std::string_view signature) {
  VT_TRY(const auto verifier, verifier_of(cose_key));
  const auto hash = crypto::sha256(client_data);
  std::string message(authenticator_data);
  message.append(reinterpret_cast<const char*>(hash.data()), hash.size());
  const std::unique_ptr<EVP_MD_CTX, Freer<EVP_MD_CTX_free>> context(EVP_MD_CTX_new());
  const auto pointer = [](std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); };
  return EVP_DigestVerifyInit(context.get(), nullptr, verifier.digest, nullptr, verifier.key.get()) == 1 &&
         EVP_DigestVerify(context.get(), pointer(signature), signature.size(), pointer(message), message.size()) == 1;
}

}  // namespace vitrine::webauthn
