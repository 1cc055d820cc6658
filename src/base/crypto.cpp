#include "base/crypto.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sodium.h>

namespace vitrine::crypto {
namespace {

void ensure_sodium() {
  static const int ready = sodium_init();
  VT_ASSERT(ready >= 0);
}

std::string encode64(Bytes data, int variant) {
  std::string out(sodium_base64_encoded_len(data.size(), variant), '\0');
  sodium_bin2base64(out.data(), out.size(), data.data(), data.size(), variant);
  out.pop_back();  // libsodium writes a terminating zero
  return out;
}

Result<std::string> decode64(std::string_view text, int variant) {
  std::string out(text.size() / 4 * 3 + 3, '\0');
  std::size_t length = 0;
  const char* end = nullptr;
  if (sodium_base642bin(reinterpret_cast<unsigned char*>(out.data()), out.size(), text.data(), text.size(), nullptr,
                        &length, &end, variant) != 0 ||
      end != text.data() + text.size())
    return fail(Errc::invalid_argument, "not valid base64");
  out.resize(length);
  return out;
}

}  // namespace

void random(std::span<unsigned char> out) {
  ensure_sodium();
  randombytes_buf(out.data(), out.size());
}

std::string random_token(std::size_t bytes) {
  std::string raw(bytes, '\0');
  random({reinterpret_cast<unsigned char*>(raw.data()), raw.size()});
  return base64url(bytes_of(raw));
}

Hash sha256(Bytes data) { return sha256({data}); }

Hash sha256(std::initializer_list<Bytes> parts) {
  // Looked up once: EVP_sha256() would search the providers at every call, which costs more than hashing 64 bytes.
  static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  thread_local const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  Hash out;
  VT_ASSERT(EVP_DigestInit_ex2(context.get(), algorithm, nullptr) == 1);
  for (const Bytes part : parts) VT_ASSERT(EVP_DigestUpdate(context.get(), part.data(), part.size()) == 1);
  VT_ASSERT(EVP_DigestFinal_ex(context.get(), out.data(), nullptr) == 1);
  return out;
}

Hash hmac_sha256(Bytes key, Bytes data) {
  Hash out;
  unsigned int length = 0;
  VT_ASSERT(HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), data.data(), data.size(), out.data(),
                 &length) != nullptr);
  return out;
}

SigningKey::SigningKey(const Hash& seed) {
  ensure_sodium();
  crypto_sign_seed_keypair(public_.data(), secret_.data(), seed.data());
}

SigningKey::~SigningKey() { sodium_memzero(secret_.data(), secret_.size()); }

Signature SigningKey::sign(Bytes message) const {
  Signature out;
  crypto_sign_detached(out.data(), nullptr, message.data(), message.size(), secret_.data());
  return out;
}

bool verify_signature(const PublicKey& key, Bytes message, Bytes signature) {
  ensure_sodium();
  return signature.size() == std::tuple_size_v<Signature> &&
         crypto_sign_verify_detached(signature.data(), message.data(), message.size(), key.data()) == 0;
}

BoxKey::BoxKey(const Hash& seed) {
  ensure_sodium();
  crypto_box_seed_keypair(public_.data(), secret_.data(), seed.data());
}

BoxKey::~BoxKey() { sodium_memzero(secret_.data(), secret_.size()); }

Result<std::string> BoxKey::open(std::string_view box) const {
  const auto bad = [] { return fail(Errc::forbidden, "this box is not sealed to that key, or was changed"); };
  if (box.size() < crypto_box_SEALBYTES) return bad();
  std::string out(box.size() - crypto_box_SEALBYTES, '\0');
  if (crypto_box_seal_open(reinterpret_cast<unsigned char*>(out.data()), bytes_of(box).data(), box.size(),
                           public_.data(), secret_.data()) != 0)
    return bad();
  return out;
}

std::string seal_box(const PublicKey& key, std::string_view plaintext) {
  ensure_sodium();
  std::string out(plaintext.size() + crypto_box_SEALBYTES, '\0');
  VT_ASSERT(crypto_box_seal(reinterpret_cast<unsigned char*>(out.data()), bytes_of(plaintext).data(), plaintext.size(),
                            key.data()) == 0);
  return out;
}

namespace {
constexpr std::size_t nonce_bytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t tag_bytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;
}  // namespace

std::string encrypt(const Hash& key, std::string_view plaintext, std::string_view context) {
  std::string out(nonce_bytes + plaintext.size() + tag_bytes, '\0');
  auto* bytes = reinterpret_cast<unsigned char*>(out.data());
  random({bytes, nonce_bytes});
  crypto_aead_xchacha20poly1305_ietf_encrypt(bytes + nonce_bytes, nullptr, bytes_of(plaintext).data(), plaintext.size(),
                                             bytes_of(context).data(), context.size(), nullptr, bytes, key.data());
  return out;
}

Result<std::string> decrypt(const Hash& key, std::string_view ciphertext, std::string_view context) {
  const auto bad = [] { return fail(Errc::forbidden, "this does not open with that key, or was changed"); };
  if (ciphertext.size() < nonce_bytes + tag_bytes) return bad();
  std::string out(ciphertext.size() - nonce_bytes - tag_bytes, '\0');
  const auto* bytes = bytes_of(ciphertext).data();
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(reinterpret_cast<unsigned char*>(out.data()), nullptr, nullptr,
                                                 bytes + nonce_bytes, ciphertext.size() - nonce_bytes,
                                                 bytes_of(context).data(), context.size(), bytes, key.data()) != 0)
    return bad();
  return out;
}

void wipe(std::span<unsigned char> secret) { sodium_memzero(secret.data(), secret.size()); }

Result<Hash> hash_from(std::string_view bytes) {
  Hash out;
  if (bytes.size() != out.size())
    return fail(Errc::invalid_argument, "{} bytes where there should be 32", bytes.size());
  std::ranges::copy(bytes, out.begin());
  return out;
}

struct Digest::State {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  ~State() { EVP_MD_CTX_free(context); }
};

Digest::Digest(Kind kind) : state_(std::make_unique<State>()) {
  VT_ASSERT(EVP_DigestInit_ex(state_->context, kind == Kind::sha1 ? EVP_sha1() : EVP_sha256(), nullptr) == 1);
}
Digest::~Digest() = default;
Digest::Digest(Digest&&) noexcept = default;
Digest& Digest::operator=(Digest&&) noexcept = default;

void Digest::update(Bytes data) { VT_ASSERT(EVP_DigestUpdate(state_->context, data.data(), data.size()) == 1); }

std::string Digest::finish() {
  std::string out(EVP_MAX_MD_SIZE, '\0');
  unsigned int length = 0;
  VT_ASSERT(EVP_DigestFinal_ex(state_->context, reinterpret_cast<unsigned char*>(out.data()), &length) == 1);
  out.resize(length);
  return out;
}

Result<std::string> hash_password(std::string_view password) {
  ensure_sodium();
  char out[crypto_pwhash_STRBYTES];
  if (crypto_pwhash_str(out, password.data(), password.size(), crypto_pwhash_OPSLIMIT_INTERACTIVE,
                        crypto_pwhash_MEMLIMIT_INTERACTIVE) != 0)
    return fail(Errc::unavailable, "not enough memory to hash a password; try again");
  return std::string(out);
}

bool verify_password(std::string_view hash, std::string_view password) {
  ensure_sodium();
  if (hash.size() >= crypto_pwhash_STRBYTES) return false;
  char stored[crypto_pwhash_STRBYTES] = {};
  std::copy(hash.begin(), hash.end(), stored);
  return crypto_pwhash_str_verify(stored, password.data(), password.size()) == 0;
}

bool equal_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string base64url(Bytes data) { return encode64(data, sodium_base64_VARIANT_URLSAFE_NO_PADDING); }
Result<std::string> from_base64url(std::string_view text) {
  return decode64(text, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}
std::string base64(Bytes data) { return encode64(data, sodium_base64_VARIANT_ORIGINAL); }
Result<std::string> from_base64(std::string_view text) { return decode64(text, sodium_base64_VARIANT_ORIGINAL); }

std::string hex(Bytes data) {
  std::string out(data.size() * 2 + 1, '\0');
  sodium_bin2hex(out.data(), out.size(), data.data(), data.size());
  out.pop_back();
  return out;
}

Result<std::string> from_hex(std::string_view text) {
  std::string out(text.size() / 2, '\0');
  std::size_t length = 0;
  const char* end = nullptr;
  if (sodium_hex2bin(reinterpret_cast<unsigned char*>(out.data()), out.size(), text.data(), text.size(), nullptr,
                     &length, &end) != 0 ||
      end != text.data() + text.size() || length != out.size())
    return fail(Errc::invalid_argument, "not valid hexadecimal");
  return out;
}

}  // namespace vitrine::crypto
