#include "api/official.hpp"

#include "api/api.hpp"
#include "api/embed.hpp"
#include "api/render.hpp"
#include "api/web_assets.hpp"
#include "base/crypto.hpp"
#include "base/domain.hpp"
#include "http/text.hpp"

namespace vitrine::api {
namespace {

// The app's look (web/src/styles/tokens.css). No file of the service is sent to an official device, so the page carries
// its own style, with the app's letters in it; the policy names its hash.
constexpr std::string_view look = R"css(
:root{color-scheme:light dark;--page:#f3f6f5;--ink:#0f1716;--soft:#4a5856;--line:#d3dcda;--pane:#fff;--edge:#0d6e62}
@media(prefers-color-scheme:dark){:root{--page:#0a0e0e;--ink:#edf3f1;--soft:#a9b7b4;--line:#263130;--pane:#121818;
--edge:#7fdccb}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;place-items:center;background:var(--page);color:var(--ink);
font:400 15px/1.5 Figtree,system-ui,sans-serif;-webkit-font-smoothing:antialiased;padding:32px 16px}
main{max-width:600px;background:var(--pane);border:1px solid var(--line);border-radius:14px;padding:32px}
svg{display:block;color:var(--edge);margin:0 0 16px -6px}
h1{font-size:30px;font-weight:640;line-height:1.2;letter-spacing:-.024em;margin:0 0 12px;text-wrap:balance}
h2{font-size:17px;font-weight:640;line-height:1.2;letter-spacing:-.015em;margin:24px 0 4px}
p{margin:0;color:var(--soft);text-wrap:pretty}
.lead{color:var(--ink);font-size:17px}
b{color:var(--ink);font-weight:600;overflow-wrap:anywhere}
@media(max-width:599px){body{padding:16px;place-items:start}main{padding:24px}h1{font-size:26px}}
)css";

/// Nothing where the app was built without them.
std::string letters() {
  const auto all = web_assets();
  const auto font = std::ranges::find_if(
      all, [](const WebAsset& asset) { return asset.path.starts_with("/assets/figtree-latin-wght-normal"); });
  if (font == all.end()) return "";
  return fmt::format(
      "@font-face{{font-family:Figtree;font-weight:300 900;src:url(data:font/woff2;base64,{}) format('woff2')}}",
      crypto::base64(crypto::bytes_of(font->bytes)));
}

const std::string& style() {
  static const std::string text = letters() + std::string(look);
  return text;
}

constexpr std::string_view page = R"html(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>This service declines official devices</title>
<link rel="icon" href="data:,">
<style>{style}</style>
</head>
<body>
<main>
<svg width="52" height="52" viewBox="0 0 32 32" fill="none" stroke="currentColor" aria-hidden="true"><rect x="6.5"
y="2.5" width="19" height="27" rx="4" stroke-width="2"/><path d="M10 13.5 17 6.500M10 18.500 22 6.500" stroke-width="1.5"
stroke-linecap="round" opacity=".45"/><path d="M14 15.300v8.400l7-4.200z" fill="currentColor" stroke-linejoin="round"/></svg>
<h1>This service declines official devices</h1>
<p class="lead">You came from a network or with a browser that belongs to an authority. There {service} shows nothing,
and it has kept nothing of this visit.</p>
<h2>Why</h2>
<p>A short-video service knows what people watch. On a device or network of the state that would be knowledge about
somebody at work, about an office, or about whoever is looked at from there. This service does not want to hold
it.</p>
<h2>What is kept of this visit</h2>
<p>Nothing: no address, no account, no cookie, no event, no count of you. This page sets nothing on your device
either.</p>
<h2>Who decided this</h2>
<p>The people who run {service}. They wrote down the networks, mail domains and browser signals concerned; anybody can
read the list on the service’s page “Glass”.</p>
<h2>What you can do</h2>
<p>Use a device and a connection of your own. Your account there is as it was. If you think this network is on the
list by mistake, tell the people who run {service}.</p>
</main>
</body>
</html>
)html";

constexpr std::string_view problem_code = "official-device";
constexpr std::string_view problem_title = "This service declines official devices";
constexpr std::string_view problem_detail =
    "this service declines official devices: this network or browser is on its operator's public list. Nothing of the "
    "request was kept";

std::string with(std::string text, std::string_view mark, std::string_view what) {
  for (auto at = text.find(mark); at != std::string::npos; at = text.find(mark, at + what.size()))
    text.replace(at, mark.size(), what);
  return text;
}

std::string name_of_service(std::string_view public_url) {
  const auto scheme = public_url.find("://");
  if (scheme == std::string_view::npos) return "this service";
  return fmt::format("<b>{}</b>", escape_html(public_url.substr(scheme + 3)));
}

/// Only its own style and letters count here; there is nothing to load, send or frame.
const std::string& policy() {
  static const std::string text = fmt::format(
      "default-src 'none'; style-src 'sha256-{}'; font-src data:; img-src data:; form-action 'none'; base-uri 'none'; "
      "frame-ancestors 'none'",
      crypto::base64(crypto::sha256(style())));
  return text;
}

http::Response page_response(std::string_view public_url) {
  auto response =
      http::Response::text(403, "text/html; charset=utf-8",
                           with(with(std::string(page), "{style}", style()), "{service}", name_of_service(public_url)));
  response.headers.set("Content-Security-Policy", policy());
  return response;
}

Result<void> check_size(std::string_view name, const std::vector<std::string>& list) {
  if (list.size() <= official_entries_max) return {};
  return fail(Errc::invalid_argument, "{} has at most {} entries", name, official_entries_max);
}

bool is_field_name(std::string_view text) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  };
  return !text.empty() && std::ranges::all_of(text, allowed);
}

json::array texts_json(const std::vector<std::string>& texts) { return json::array(texts.begin(), texts.end()); }

}  // namespace

Result<OfficialDevices::Signal> OfficialDevices::read_signal(const std::string& text) {
  const auto colon = text.find(':');
  const auto name = http::trim(std::string_view(text).substr(0, colon));
  const auto value = colon == std::string::npos ? "" : http::trim(std::string_view(text).substr(colon + 1));
  if (!is_field_name(name) || value.empty())
    return fail(Errc::invalid_argument, "official_signals: \"{}\" is no header such as \"X-Managed-Browser: ministry\"",
                text);
  return Signal{std::string(name), std::string(value)};
}

Result<OfficialDevices> OfficialDevices::read(const Lists& lists) {
  OfficialDevices out;
  VT_CHECK(check_size("official_mail_domains", lists.mail_domains));
  VT_CHECK(check_size("official_networks", lists.networks));
  VT_CHECK(check_size("official_signals", lists.signals));
  for (const auto& text : lists.mail_domains) {
    auto domain = ascii_domain(text);
    if (!domain) return fail(Errc::invalid_argument, "official_mail_domains: \"{}\": {}", text, domain.error().message);
    out.mail_domains_.push_back(std::move(*domain));
  }
  auto networks = http::Networks::read(lists.networks);
  if (!networks) return fail(Errc::invalid_argument, "official_networks: {}", networks.error().message);
  out.networks_ = std::move(*networks);
  out.network_texts_ = lists.networks;
  for (const auto& text : lists.signals) {
    VT_TRY(auto signal, read_signal(text));
    out.signals_.push_back(std::move(signal));
  }
  return out;
}

/// A field that is sent several times has several values.
bool OfficialDevices::has_signal(const http::Request& request) const {
  if (signals_.empty()) return false;
  return std::ranges::any_of(request.headers.all(), [this](const auto& field) {
    return std::ranges::any_of(signals_, [&](const Signal& signal) {
      return http::equal_ignoring_case(signal.name, field.first) &&
             (signal.value == any_value || http::equal_ignoring_case(signal.value, http::trim(field.second)));
    });
  });
}

bool OfficialDevices::declines(const http::Request& request) const {
  return networks_.contain(request.client_address) || has_signal(request);
}

bool OfficialDevices::declines_mail(std::string_view address) const {
  const auto at = address.rfind('@');
  if (mail_domains_.empty() || at == std::string_view::npos) return false;
  const auto name = ascii_domain(address.substr(at + 1));
  return name &&
         std::ranges::any_of(mail_domains_, [&](const auto& domain) { return is_domain_or_below(*name, domain); });
}

json::object OfficialDevices::public_json() const {
  json::array signals;
  for (const auto& [name, value] : signals_) signals.push_back({{"name", name}, {"value", value}});
  return {{"mail_domains", texts_json(mail_domains_)},
          {"networks", texts_json(network_texts_)},
          {"signals", std::move(signals)}};
}

http::Response decline_official(const http::Request& request, std::string_view public_url) {
  const bool for_people = request.headers.get("Accept").contains("text/html");
  auto response =
      for_people ? page_response(public_url) : http::problem(403, problem_code, problem_title, problem_detail);
  // Kept by nobody on the way either: the same address shows something else elsewhere.
  response.headers.set("Cache-Control", "no-store");
  return response;
}

void add_official(http::Router& router, Rooms& rooms) {
  router.add(http::Method::get, "/api/v1/glass/official",
             [&rooms](const http::Request&) { return json_response(200, rooms.official.public_json()); },
             {.run = http::Run::inline_});
  router.set_front([&rooms](const http::Request& request) -> std::optional<http::Response> {
    if (!rooms.official.declines(request)) return std::nullopt;
    return decline_official(request, rooms.public_url);
  });
}

}  // namespace vitrine::api
