#include "app/outside.hpp"

#include <sys/socket.h>

#include "app/curl.hpp"
#include "http/public_address.hpp"

namespace vitrine::app {
namespace {

struct UrlDeleter {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};
struct Page {
  std::string body;
  bool too_large = false, refused = false;
};

std::size_t take(char* data, std::size_t size, std::size_t count, void* to) {
  auto& page = *static_cast<Page*>(to);
  if (page.body.size() + size * count > outside_bytes_max) {
    page.too_large = true;
    return 0;
  }
  page.body.append(data, size * count);
  return size * count;
}

curl_socket_t open_public(void* page, curlsocktype, curl_sockaddr* address) {
  if (!http::is_public(address->addr)) {
    static_cast<Page*>(page)->refused = true;
    return CURL_SOCKET_BAD;
  }
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

std::string part_of(CURLU* url, CURLUPart part) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, CURLU_DEFAULT_PORT) != CURLUE_OK) return "";
  std::string out(text);
  curl_free(text);
  return out;
}

/// Where a redirect leads, if it stays where it may.
Result<std::string> redirect_within(const std::string& host, const char* to) {
  const std::unique_ptr<CURLU, UrlDeleter> url(curl_url());
  if (!to || !url || curl_url_set(url.get(), CURLUPART_URL, to, 0) != CURLUE_OK)
    return fail(Errc::unavailable, "{} redirects to nowhere", host);
  const bool stays = part_of(url.get(), CURLUPART_SCHEME) == "https" && part_of(url.get(), CURLUPART_HOST) == host &&
                     part_of(url.get(), CURLUPART_PORT) == "443" && part_of(url.get(), CURLUPART_USER).empty();
  if (!stays) return fail(Errc::unavailable, "{} redirects to another host, which is not followed", host);
  return std::string(to);
}

Curl make_easy(const OutsideOptions& options, const std::string& url, Page& page, curl_slist* connect_to) {
  Curl easy(curl_easy_init());
  if (!easy) return easy;
  curl_easy_setopt(easy.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(easy.get(), CURLOPT_PROTOCOLS_STR, "https");
  curl_easy_setopt(easy.get(), CURLOPT_PROXY, "");
  curl_easy_setopt(easy.get(), CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(easy.get(), CURLOPT_WRITEFUNCTION, take);
  curl_easy_setopt(easy.get(), CURLOPT_WRITEDATA, &page);
  curl_easy_setopt(easy.get(), CURLOPT_ACCEPT_ENCODING, nullptr);
  curl_easy_setopt(easy.get(), CURLOPT_USERAGENT, "Vitrine (domain verification)");
  curl_easy_setopt(easy.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy.get(), CURLOPT_FRESH_CONNECT, 1L);
  if (!options.authorities.empty()) curl_easy_setopt(easy.get(), CURLOPT_CAINFO, options.authorities.c_str());
  if (connect_to) {
    curl_easy_setopt(easy.get(), CURLOPT_CONNECT_TO, connect_to);
  } else {
    curl_easy_setopt(easy.get(), CURLOPT_OPENSOCKETFUNCTION, open_public);
    curl_easy_setopt(easy.get(), CURLOPT_OPENSOCKETDATA, &page);
  }
  return easy;
}

std::unexpected<Error> failure_of(const Page& page, CURLcode code, const std::string& host) {
  if (page.too_large) return fail(Errc::too_large, "{}: the page is over {} KiB", host, outside_bytes_max >> 10);
  if (page.refused) return fail(Errc::unavailable, "{} has an address that is not on the public internet", host);
  return fail(Errc::unavailable, "{} could not be read: {}", host, curl_easy_strerror(code));
}

}  // namespace

Outside::Outside(OutsideOptions options) : options_(std::move(options)) { prepare_curl(); }

Result<std::string> Outside::get(std::string_view host_text, std::string_view path) const {
  const std::string host(host_text);
  std::string url = fmt::format("https://{}{}", host, path);
  const CurlList connect_to(
      options_.gateway.empty() ? nullptr : curl_slist_append(nullptr, fmt::format("::{}", options_.gateway).c_str()));
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(outside_timeout_ms);
  for (int redirects = 0; redirects <= outside_redirects_max; ++redirects) {
    Page page;
    const auto easy = make_easy(options_, url, page, connect_to.get());
    if (!easy) return fail(Errc::unavailable, "there is no memory for a request");
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    curl_easy_setopt(easy.get(), CURLOPT_TIMEOUT_MS, std::max(1L, static_cast<long>(left.count())));
    if (const auto code = curl_easy_perform(easy.get()); code != CURLE_OK) return failure_of(page, code, host);
    long status = 0;
    curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &status);
    if (status == 200) return std::move(page.body);
    if (status == 404 || status == 410) return fail(Errc::not_found, "{}: there is no such page ({})", url, status);
    if (status / 100 != 3) return fail(Errc::unavailable, "{}: the answer was {}", url, status);
    const char* to = nullptr;
    curl_easy_getinfo(easy.get(), CURLINFO_REDIRECT_URL, &to);
    VT_TRY(url, redirect_within(host, to));
  }
  return fail(Errc::unavailable, "{} redirects over and over", host);
}

}  // namespace vitrine::app
