#include "base/webauthn.hpp"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>

namespace vitrine::webauthn {
namespace {

std::string joined(std::initializer_list<std::string_view> parts) {
  std::string whole;
  for (const auto part : parts) whole.append(part);
  return whole;
}

/// What a security key does, on a key of its own.
class Authenticator {
 public:
  Authenticator() : key_(EVP_EC_gen("P-256"), EVP_PKEY_free) {}

  [[nodiscard]] std::string cose_key() const {
    unsigned char point[65];
    std::size_t length = 0;
    EVP_PKEY_get_octet_string_param(key_.get(), OSSL_PKEY_PARAM_PUB_KEY, point, sizeof point, &length);
    EXPECT_EQ(length, sizeof point);
    const std::string_view whole(reinterpret_cast<const char*>(point), sizeof point);
    using namespace std::string_view_literals;
    return joined(
        {"\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20"sv, whole.substr(1, 32), "\x22\x58\x20"sv, whole.substr(33, 32)});
  }
  [[nodiscard]] std::string sign(const std::string& data) const {
    std::string signature(128, '\0');
    std::size_t length = signature.size();
    const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    EXPECT_EQ(EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()), 1);
    EXPECT_EQ(EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &length,
                             reinterpret_cast<const unsigned char*>(data.data()), data.size()),
              1);
    signature.resize(length);
    return signature;
  }

 private:
  std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> key_;
};

std::string hash_of(std::string_view text) {
  const auto hash = crypto::sha256(text);
  return {hash.begin(), hash.end()};
}

std::string authenticator_data(char flags, const std::string& credential = {}) {
  return joined({hash_of("localhost"), {&flags, 1}, {"\0\0\0\x07", 4}, credential});
}

std::string new_credential(const Authenticator& key) {
  return joined({std::string(16, '\0'), {"\0\x04", 2}, "idid", key.cose_key()});
}

TEST(Webauthn, reads_authenticator_data_of_sign_in_and_registration) {
  const auto plain = parse_authenticator_data(authenticator_data('\x05'));
  ASSERT_TRUE(plain) << plain.error().message;
  EXPECT_EQ(plain->rp_id_hash, hash_of("localhost"));
  EXPECT_TRUE(plain->user_present && plain->user_verified);
  EXPECT_EQ(plain->sign_count, 7u);
  const Authenticator key;
  const auto made = parse_authenticator_data(authenticator_data('\x45', new_credential(key)));
  ASSERT_TRUE(made) << made.error().message;
  ASSERT_TRUE(made->credential);
  EXPECT_EQ(made->credential->id, "idid");
  EXPECT_EQ(made->credential->cose_key, key.cose_key());
  EXPECT_TRUE(check_key(made->credential->cose_key));
}

TEST(Webauthn, every_truncation_and_every_addition_is_refused) {
  const Authenticator key;
  const std::string whole = authenticator_data('\x45', new_credential(key));
  for (std::size_t length = 0; length < whole.size(); ++length) {
    EXPECT_FALSE(parse_authenticator_data(whole.substr(0, length))) << length;
  }
  EXPECT_FALSE(parse_authenticator_data(joined({whole, "x"})));
}

TEST(Webauthn, an_attestation_object_gives_its_authenticator_data) {
  const std::string data = authenticator_data('\x05');
  const auto size = static_cast<char>(data.size());
  const std::string object =
      joined({"\xa3\x63", "fmt", "\x64", "none", "\x67", "attStmt", "\xa0\x68", "authData", "\x58", {&size, 1}, data});
  const auto inner = authenticator_data_of(object);
  ASSERT_TRUE(inner) << inner.error().message;
  EXPECT_EQ(*inner, data);
  for (std::size_t length = 0; length < object.size(); ++length) {
    EXPECT_FALSE(authenticator_data_of(object.substr(0, length))) << length;
  }
}

TEST(Webauthn, a_signature_counts_for_its_data_and_key_only) {
  const Authenticator key, other;
  const std::string data = authenticator_data('\x05');
  const std::string client = R"({"type":"webauthn.get","challenge":"abc","origin":"https://localhost"})";
  const std::string signature = key.sign(joined({data, hash_of(client)}));
  EXPECT_TRUE(verify(key.cose_key(), data, client, signature).value_or(false));
  EXPECT_FALSE(verify(other.cose_key(), data, client, signature).value_or(false));
  EXPECT_FALSE(verify(key.cose_key(), data, joined({client, " "}), signature).value_or(false));
  EXPECT_FALSE(verify(key.cose_key(), authenticator_data('\x04'), client, signature).value_or(false));
  for (std::size_t at = 0; at < signature.size(); ++at) {
    std::string flipped = signature;
    flipped[at] = static_cast<char>(flipped[at] ^ 1);
    EXPECT_FALSE(verify(key.cose_key(), data, client, flipped).value_or(false)) << at;
  }
}

TEST(Webauthn, keys_we_cannot_verify_with_are_refused) {
  EXPECT_FALSE(check_key(""));
  EXPECT_FALSE(check_key("\xa0"));
  std::string key = Authenticator().cose_key();
  key[4] = '\x27';  // another algorithm than the curve's
  EXPECT_FALSE(check_key(key));
  std::string off_curve = Authenticator().cose_key();
  off_curve.back() = static_cast<char>(off_curve.back() ^ 1);
  EXPECT_FALSE(check_key(off_curve));
}

TEST(Webauthn, client_data_must_be_what_a_browser_writes) {
  const auto good = parse_client_data(R"({"type":"webauthn.create","challenge":"abc","origin":"https://x.example"})");
  ASSERT_TRUE(good);
  EXPECT_EQ(good->origin, "https://x.example");
  EXPECT_FALSE(good->cross_origin);
  for (const std::string_view bad : {"", "[]", "{}", R"({"type":1})", "{\"type\":\"\xff\"}"}) {
    EXPECT_FALSE(parse_client_data(bad)) << bad;
  }
}

}  // namespace
}  // namespace vitrine::webauthn
