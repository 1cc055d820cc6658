#include "base/web_push.hpp"

#include <charconv>
#include <openssl/evp.h>

#include "base/json.hpp"

namespace vitrine::web_push {
namespace {

using crypto::Bytes;
using crypto::bytes_of;
using crypto::text_of;

constexpr std::string_view scheme = "https://";
constexpr std::size_t host_bytes_max = 253, label_bytes_max = 63;
constexpr std::uint32_t record_bytes = 4'096;
constexpr std::size_t key_bytes = 16, nonce_bytes = 12, tag_bytes = 16;
constexpr char last_record = 2;

std::unexpected<Error> wrong(std::string_view what) {
  return fail(Errc::invalid_argument, "\"endpoint\" must be the https address of a push service: {}", what);
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_label(std::string_view label) {
  const auto fits = [](char c) { return is_digit(c) || (c >= 'a' && c <= 'z') || c == '-'; };
  return !label.empty() && label.size() <= label_bytes_max && std::ranges::all_of(label, fits) &&
         !label.starts_with('-') && !label.ends_with('-');
}

/// A name whose last part is a number is an IPv4 address, however it is written (WHATWG URL, "ends in a number").
bool ends_in_number(std::string_view host) {
  const auto last = host.substr(host.rfind('.') + 1);
  return std::ranges::all_of(last, is_digit) || last.starts_with("0x");
}

Result<void> check_host(std::string_view host) {
  if (host.empty() || host.size() > host_bytes_max) return wrong("its host's name is empty or too long");
  if (host.starts_with('[') || ends_in_number(host)) return wrong("it names a host, not an IP address");
  for (std::size_t at = 0; at <= host.size();) {
    const auto dot = std::min(host.find('.', at), host.size());
    if (!is_label(host.substr(at, dot - at))) return wrong("its host's name is none of letters, digits and hyphens");
    at = dot + 1;
  }
  return {};
}

Result<std::uint16_t> port_of(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port == 0) return wrong("its port is no number");
  return port;
}

std::string lower_case(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

/// Browsers leave the padding out; some libraries do not.
Result<std::string> decoded(std::string_view text) {
  while (text.ends_with('=')) text.remove_suffix(1);
  return crypto::from_base64url(text);
}

template <std::size_t Size>
bool copy_into(std::array<unsigned char, Size>& out, const Result<std::string>& bytes) {
  if (!bytes || bytes->size() != Size) return false;
  std::ranges::copy(*bytes, out.begin());
  return true;
}

/// The first block of HKDF's second step, which is all that is ever needed here (RFC 8291 §3.4).
crypto::Hash expand(const crypto::Hash& key, std::string_view info) {
  return crypto::hmac_sha256(key, bytes_of(std::string(info) + '\1'));
}

std::string aes_128_gcm(Bytes key, Bytes nonce, std::string_view plaintext) {
  const std::unique_ptr<EVP_CIPHER_CTX, void (*)(EVP_CIPHER_CTX*)> context(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
  std::string out(plaintext.size() + tag_bytes, '\0');
  auto* bytes = reinterpret_cast<unsigned char*>(out.data());
  int length = 0, rest = 0;
  VT_ASSERT(EVP_EncryptInit_ex(context.get(), EVP_aes_128_gcm(), nullptr, key.data(), nonce.data()) == 1);
  VT_ASSERT(EVP_EncryptUpdate(context.get(), bytes, &length, bytes_of(plaintext).data(),
                              static_cast<int>(plaintext.size())) == 1);
  VT_ASSERT(EVP_EncryptFinal_ex(context.get(), bytes + length, &rest) == 1);
  VT_ASSERT(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, tag_bytes, bytes + plaintext.size()) == 1);
  return out;
}

/// What stands before the ciphertext (RFC 8188 §2.1): salt, record size, the sender's key.
std::string header(const std::array<unsigned char, 16>& salt, const crypto::P256Point& sender) {
  std::string out(text_of(salt));
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(record_bytes >> shift & 0xFF);
  out += static_cast<char>(sender.size());
  return out.append(text_of(sender));
}

}  // namespace

Result<Endpoint> read_endpoint(std::string_view url) {
  if (url.size() > endpoint_bytes_max) return wrong(fmt::format("it has more than {} bytes", endpoint_bytes_max));
  if (!url.starts_with(scheme)) return wrong("it begins with https://");
  if (!std::ranges::all_of(url, [](unsigned char c) { return c > ' ' && c < 0x7f && c != '\\' && c != '#'; }))
    return wrong("it is plain ASCII without spaces, backslashes and a fragment");
  const auto end = url.find_first_of("/?", scheme.size());
  if (end == url.npos || url[end] != '/') return wrong("it has a path");
  const auto authority = url.substr(scheme.size(), end - scheme.size());
  if (authority.contains('@')) return wrong("it names no user");
  const auto colon = authority.starts_with('[') ? authority.npos : authority.find(':');
  Endpoint out{.url = std::string(url), .origin = {}, .host = lower_case(authority.substr(0, colon))};
  VT_CHECK(check_host(out.host));
  if (colon != authority.npos) {
    VT_TRY(out.port, port_of(authority.substr(colon + 1)));
  }
  out.origin =
      out.port == https_port ? fmt::format("https://{}", out.host) : fmt::format("https://{}:{}", out.host, out.port);
  return out;
}

Result<Keys> read_keys(std::string_view p256dh, std::string_view auth) {
  Keys out;
  if (!copy_into(out.p256dh, decoded(p256dh)) || !crypto::is_p256_point(out.p256dh))
    return fail(Errc::invalid_argument, "\"p256dh\" must be a point of the curve P-256 in base64url, 65 bytes");
  if (!copy_into(out.auth, decoded(auth)))
    return fail(Errc::invalid_argument, "\"auth\" must be 16 bytes in base64url");
  return out;
}

Result<std::string> encrypt(const Keys& browser, std::string_view text) {
  std::array<unsigned char, 16> salt;
  crypto::random(salt);
  const std::size_t padding = text.size() < padded_bytes ? padded_bytes - text.size() : 0;
  return encrypt_with(browser, text, padding, crypto::P256Key::generate(), salt);
}

Result<std::string> encrypt_with(const Keys& browser, std::string_view text, std::size_t padding,
                                 const crypto::P256Key& sender, const std::array<unsigned char, 16>& salt) {
  VT_ASSERT(text.size() + padding <= plaintext_bytes_max);
  VT_TRY(const auto secret, sender.agree(browser.p256dh));
  const auto agreed = crypto::hmac_sha256(browser.auth, secret);
  std::string who("WebPush: info\0", 14);
  who.append(text_of(browser.p256dh)).append(text_of(sender.public_point()));
  const auto seed = crypto::hmac_sha256(salt, expand(agreed, who));
  const auto key = expand(seed, {"Content-Encoding: aes128gcm\0", 28});
  const auto nonce = expand(seed, {"Content-Encoding: nonce\0", 24});
  std::string record(text);
  record += last_record;
  record.append(padding, '\0');
  return header(salt, sender.public_point()) +
         aes_128_gcm(std::span(key).first<key_bytes>(), std::span(nonce).first<nonce_bytes>(), record);
}

std::string authorization(const crypto::P256Key& key, std::string_view origin, std::string_view contact,
                          TimeMs expires_at) {
  json::object claims{{"aud", origin}, {"exp", expires_at / 1000}};
  if (!contact.empty()) claims["sub"] = contact;
  std::string token = crypto::base64url(bytes_of(R"({"typ":"JWT","alg":"ES256"})"));
  token += '.' + crypto::base64url(bytes_of(json::serialize(claims)));
  token += '.' + crypto::base64url(key.sign(bytes_of(token)));
  return fmt::format("vapid t={}, k={}", token, crypto::base64url(key.public_point()));
}

}  // namespace vitrine::web_push
