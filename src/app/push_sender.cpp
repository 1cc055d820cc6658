#include "app/push_sender.hpp"

#include <arpa/inet.h>
#include <charconv>
#include <sys/socket.h>

#include "http/public_address.hpp"

namespace vitrine::app {
namespace {

using social::PushMessage;
using social::PushOutcome;

constexpr int http_ok = 200, http_redirect = 300, http_not_found = 404, http_gone = 410, http_too_many = 429,
              http_server_error = 500;

/// One message on its way.
struct Attempt {
  const std::set<std::string>& allowed;
  bool opened = false, refused = false;
  std::size_t read = 0;
};

curl_socket_t open_if_public(void* from, curlsocktype, curl_sockaddr* address) {
  auto& attempt = *static_cast<Attempt*>(from);
  if (!http::is_public(address->addr) && !attempt.allowed.contains(http::address_text(address->addr))) {
    attempt.refused = true;
    return CURL_SOCKET_BAD;
  }
  attempt.opened = true;
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

/// Gives up on an answer that does not end.
std::size_t count(const char*, std::size_t size, std::size_t count, void* from) {
  auto& attempt = *static_cast<Attempt*>(from);
  attempt.read += size * count;
  return attempt.read > push_answer_bytes_max ? 0 : size * count;
}

CurlList headers_of(const PushMessage& message) {
  CurlList list;
  const auto add = [&list](const std::string& line) {
    if (auto* longer = curl_slist_append(list.get(), line.c_str())) {
      (void)list.release();
      list.reset(longer);
    }
  };
  add("Authorization: " + message.authorization);
  add("Content-Encoding: aes128gcm");
  add("Content-Type: application/octet-stream");
  add(fmt::format("TTL: {}", message.ttl_s));
  add("Topic: " + message.topic);
  add("Urgency: normal");
  add("Expect:");
  return list;
}

void prepare(CURL* easy, const PushMessage& message, const curl_slist* headers, const PushSenderOptions& options,
             Attempt& attempt) {
  curl_easy_setopt(easy, CURLOPT_URL, message.endpoint.url.c_str());
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "https");
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(easy, CURLOPT_PROXY, "");
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(message.body.size()));
  curl_easy_setopt(easy, CURLOPT_POSTFIELDS, message.body.data());
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_if_public);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, &attempt);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, count);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &attempt);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, count);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, &attempt);
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(push_connect_timeout_ms));
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(push_timeout_ms));
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  if (!options.authorities.empty()) curl_easy_setopt(easy, CURLOPT_CAINFO, options.authorities.c_str());
}

PushOutcome answered(CURL* easy) {
  long status = 0;
  curl_off_t retry_after_s = 0;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &retry_after_s);
  using Kind = PushOutcome::Kind;
  auto kind = Kind::refused;
  if (status >= http_ok && status < http_redirect) kind = Kind::taken;
  if (status == http_not_found || status == http_gone) kind = Kind::gone;
  if (status == http_too_many || status >= http_server_error) kind = Kind::later;
  return {kind, std::clamp<std::int64_t>(retry_after_s, 0, push_retry_after_s_max),
          fmt::format("the push service answered {}", status)};
}

PushOutcome failed(CURLcode code, const Attempt& attempt) {
  // Not libcurl's longer words: they hold the host.
  if (attempt.refused && !attempt.opened)
    return {PushOutcome::Kind::gone, 0, "the push service's name stands for no public address"};
  return {PushOutcome::Kind::later, 0, curl_easy_strerror(code)};
}

}  // namespace

PushSender::PushSender(PushSenderOptions options) : options_(std::move(options)) { prepare_curl(); }

Curl PushSender::take() {
  const std::lock_guard lock(mutex_);
  if (idle_.empty()) return Curl(curl_easy_init());
  Curl easy = std::move(idle_.back());
  idle_.pop_back();
  return easy;
}

/// Its connections stay open for the next message.
void PushSender::give_back(Curl easy) {
  curl_easy_reset(easy.get());
  const std::lock_guard lock(mutex_);
  idle_.push_back(std::move(easy));
}

PushOutcome PushSender::send(const PushMessage& message) {
  Curl easy = take();
  if (!easy) return {PushOutcome::Kind::later, 0, "there is no memory for a message"};
  const CurlList headers = headers_of(message);
  Attempt attempt{.allowed = options_.allowed};
  prepare(easy.get(), message, headers.get(), options_, attempt);
  const auto code = curl_easy_perform(easy.get());
  const auto outcome = code == CURLE_OK ? answered(easy.get()) : failed(code, attempt);
  give_back(std::move(easy));
  return outcome;
}

Result<std::uint16_t> allowed_port(std::string_view allowed) {
  const auto bad = [&] {
    return fail(Errc::invalid_argument, "push_allow: \"{}\" is not an address with a port, as 127.0.0.1:8443", allowed);
  };
  const auto colon = allowed.rfind(':');
  if (colon == allowed.npos) return bad();
  std::string host(allowed.substr(0, colon));
  const bool v6 = host.starts_with('[') && host.ends_with(']');
  if (v6) host = host.substr(1, host.size() - 2);
  in6_addr address{};
  const auto text = allowed.substr(colon + 1);
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port == 0 ||
      inet_pton(v6 ? AF_INET6 : AF_INET, host.c_str(), &address) != 1)
    return bad();
  return port;
}

}  // namespace vitrine::app
