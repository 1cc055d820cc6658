#include "app/smtp.hpp"

#include <ctime>
#include <fmt/chrono.h>

#include "app/curl.hpp"
#include "base/id.hpp"

namespace vitrine::app {
namespace {

constexpr std::size_t address_bytes_max = 254;  // RFC 5321 §4.5.3.1.3
constexpr std::size_t title_bytes_max = 500;
constexpr std::size_t plain_title_bytes_max = 66;  // with "Subject: " in one line
constexpr std::size_t encoded_word_bytes = 39;     // with "Subject: " 73 in one line: RFC 2047 allows 76
constexpr std::size_t line_bytes = 57;             // 76 of base64
constexpr std::int64_t connect_timeout_ms = 10'000;

bool is_control(unsigned char c) { return c < ' ' || c == 0x7f; }

/// What cannot stand in an address between angle brackets.
bool ends_link(unsigned char c) { return c <= ' ' || c >= 0x7f || c == '<' || c == '>'; }

/// As much of RFC 5321's Mailbox as people have; nothing that could end an address or a line.
bool is_address(std::string_view text) {
  const auto at = text.rfind('@');
  if (at == text.npos || at == 0 || at + 1 == text.size() || text.size() > address_bytes_max) return false;
  constexpr std::string_view forbidden = " <>()[]\\,;:\"";
  return std::ranges::none_of(
      text, [&](unsigned char c) { return is_control(c) || forbidden.find(static_cast<char>(c)) != forbidden.npos; });
}

/// The first at most `bytes` of UTF-8 text that do not cut a character.
std::string_view whole_characters(std::string_view text, std::size_t bytes) {
  if (text.size() <= bytes) return text;
  auto end = bytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return text.substr(0, end > 0 ? end : bytes);
}

/// A header's text: as it is when it is plain ASCII and short, else in encoded words (RFC 2047).
std::string encoded(std::string_view text) {
  const bool plain = text.size() <= plain_title_bytes_max && !text.starts_with("=?") &&
                     std::ranges::all_of(text, [](unsigned char c) { return c >= ' ' && c < 0x7f; });
  if (plain) return std::string(text);
  std::string out;
  while (!text.empty()) {
    const auto word = whole_characters(text, encoded_word_bytes);
    out += fmt::format("{}=?UTF-8?B?{}?=", out.empty() ? "" : "\r\n ", crypto::base64(crypto::bytes_of(word)));
    text.remove_prefix(word.size());
  }
  return out;
}

/// Lines end as they do in mail (RFC 2045 §6.8), whatever they ended with.
std::string with_mail_lines(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\r') continue;
    if (c == '\n') out += '\r';
    out += c;
  }
  return out;
}

std::string base64_lines(const std::string& text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); at += line_bytes)
    out += crypto::base64(crypto::bytes_of(std::string_view(text).substr(at, line_bytes))) + "\r\n";
  return out;
}

std::size_t give(char* into, std::size_t size, std::size_t count, void* from) {
  auto& left = *static_cast<std::string_view*>(from);
  const auto bytes = std::min(left.size(), size * count);
  std::ranges::copy(left.substr(0, bytes), into);
  left.remove_prefix(bytes);
  return bytes;
}

}  // namespace

bool is_smtp_url(std::string_view text) { return text.starts_with("smtp://") || text.starts_with("smtps://"); }

Result<std::string> mail_message(std::string_view from, std::string_view to, const custody::Mail& mail, TimeMs now) {
  if (!is_address(from) || !is_address(to)) return fail(Errc::invalid_argument, "an address is not one");
  if (mail.title.empty() || mail.title.size() > title_bytes_max || std::ranges::any_of(mail.title, is_control))
    return fail(Errc::invalid_argument, "a mail's title is one line of at most {} bytes", title_bytes_max);
  if (std::ranges::any_of(mail.unsubscribe, ends_link))
    return fail(Errc::invalid_argument, "an address in a mail's header is plain ASCII without spaces and brackets");
  const auto unsubscribe = mail.unsubscribe.empty() ? std::string()
                                                    : fmt::format(
                                                          "List-Unsubscribe: <{}>\r\n"
                                                          "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n",
                                                          mail.unsubscribe);
  return fmt::format(
      "Date: {:%a, %d %b %Y %H:%M:%S} +0000\r\n"
      "From: <{}>\r\n"
      "To: <{}>\r\n"
      "Subject: {}\r\n"
      "Message-ID: <{}@{}>\r\n"
      "Auto-Submitted: auto-generated\r\n"
      "{}"
      "MIME-Version: 1.0\r\n"
      "Content-Type: text/plain; charset=utf-8\r\n"
      "Content-Transfer-Encoding: base64\r\n"
      "\r\n{}",
      fmt::gmtime(static_cast<std::time_t>(now / 1000)), from, to, encoded(mail.title), new_id(now),
      from.substr(from.rfind('@') + 1), unsubscribe, base64_lines(with_mail_lines(mail.text)));
}

Result<Smtp> Smtp::open(SmtpOptions options) {
  if (!is_smtp_url(options.url))
    return fail(Errc::invalid_argument, "a mail server's address begins with smtp:// or smtps://");
  if (!is_address(options.from)) return fail(Errc::invalid_argument, "mail comes from an address: set --from");
  prepare_curl();
  return Smtp(std::move(options));
}

Result<void> Smtp::send(const std::string& to, const custody::Mail& mail) const {
  VT_TRY(const auto message, mail_message(options_.from, to, mail, SystemClock().now()));
  const Curl easy(curl_easy_init());
  const CurlList recipients(curl_slist_append(nullptr, fmt::format("<{}>", to).c_str()));
  if (!easy || !recipients) return fail(Errc::unavailable, "there is no memory for a mail");
  std::string_view left = message;
  curl_easy_setopt(easy.get(), CURLOPT_URL, options_.url.c_str());
  curl_easy_setopt(easy.get(), CURLOPT_PROTOCOLS_STR, "smtp,smtps");
  curl_easy_setopt(easy.get(), CURLOPT_USE_SSL, static_cast<long>(CURLUSESSL_TRY));
  curl_easy_setopt(easy.get(), CURLOPT_MAIL_FROM, fmt::format("<{}>", options_.from).c_str());
  curl_easy_setopt(easy.get(), CURLOPT_MAIL_RCPT, recipients.get());
  curl_easy_setopt(easy.get(), CURLOPT_UPLOAD, 1L);
  curl_easy_setopt(easy.get(), CURLOPT_READFUNCTION, give);
  curl_easy_setopt(easy.get(), CURLOPT_READDATA, &left);
  curl_easy_setopt(easy.get(), CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(connect_timeout_ms));
  curl_easy_setopt(easy.get(), CURLOPT_TIMEOUT_MS, static_cast<long>(options_.timeout_ms));
  curl_easy_setopt(easy.get(), CURLOPT_NOSIGNAL, 1L);
  const auto done = curl_easy_perform(easy.get());
  if (done == CURLE_OK) return {};
  // Not the server's own words: they may hold the address.
  long code = 0;
  curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &code);
  return fail(Errc::unavailable, "the mail server did not take the mail: {} (its last answer was {})",
              curl_easy_strerror(done), code);
}

}  // namespace vitrine::app
