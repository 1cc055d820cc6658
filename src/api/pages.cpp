// The web app: its files, and the shell that every page starts from.
//
// The shell is the built index.html with two places filled in: what the page needs first (session, the first
// feed page or the video) as a JSON data block, so that the first frame waits for no API call; and, on a video's page,
// Open Graph tags for those who share the link.
#include "api/api.hpp"
#include "api/caller.hpp"
#include "api/embed.hpp"
#include "api/feed_page.hpp"
#include "api/guard.hpp"
#include "api/personal.hpp"
#include "api/render.hpp"
#include "api/web_assets.hpp"
#include "base/json.hpp"
#include "http/text.hpp"
#include "social/videos.hpp"

namespace vitrine::api {
namespace {

constexpr std::string_view head_mark = "<!--vitrine:head-->";
constexpr std::string_view boot_mark = "<!--vitrine:boot-->";
constexpr int first_page_videos = 5;

const WebAsset* find_asset(std::string_view path) {
  const auto all = web_assets();
  const auto found = std::ranges::lower_bound(all, path, {}, &WebAsset::path);
  return found != all.end() && found->path == path ? &*found : nullptr;
}

http::Response serve_asset(const WebAsset& asset, const http::Request& request) {
  http::Response response;
  response.headers.set("Content-Type", asset.content_type);
  response.headers.set("Vary", "Accept-Encoding");
  // Names below /assets/ carry a hash of their content.
  response.headers.set("Cache-Control", asset.path.starts_with("/assets/") ? "public, max-age=31536000, immutable"
                                                                           : "public, max-age=300");
  const bool packed = !asset.gzip.empty() && http::accepts_gzip(request.headers.get("Accept-Encoding"));
  std::string etag(asset.etag);
  if (packed) {
    response.headers.set("Content-Encoding", "gzip");
    etag.insert(etag.size() - 1, "-gz");
  }
  response.headers.set("ETag", etag);
  response.body = http::StaticBody{packed ? asset.gzip : asset.bytes};
  return response;
}

/// JSON that may stand inside <script>: no '<' can end the element early.
std::string json_for_script(const json::value& value) {
  std::string out;
  for (char c : json::serialize(value)) {
    if (c == '<')
      out += "\\u003c";
    else
      out += c;
  }
  return out;
}

std::string meta(std::string_view property, std::string_view content) {
  return fmt::format(R"(<meta property="{}" content="{}">)", property, escape_html(content));
}

/// What a messenger or another site needs to show a card for the video (ogp.me).
std::string open_graph(const social::Video& video, const std::string& origin) {
  const std::string by = fmt::format("@{}", video.creator_handle);
  const std::string title = video.caption.empty() ? by : fmt::format("{} · {}", video.caption, by);
  std::string out = fmt::format("<title>{} · Vitrine</title>", escape_html(title));
  out += meta("og:site_name", "Vitrine") + meta("og:type", "video.other") + meta("og:title", title);
  out += meta("og:url", fmt::format("{}/v/{}", origin, video.id));
  out += meta("og:description", video.caption.empty() ? fmt::format("A video by {}", by) : video.caption);
  if (!video.poster_key.empty() && !video.has_label(social::VideoLabel::sensitive))
    out += meta("og:image", fmt::format("{}/{}", origin, video.poster_key));
  if (!video.sources.empty()) {
    const auto& source = video.sources.back();
    out += meta("og:video", fmt::format("{}/{}", origin, source.key)) + meta("og:video:type", "video/mp4");
    out += meta("og:video:width", fmt::to_string(source.width));
    out += meta("og:video:height", fmt::to_string(source.height));
  }
  out += R"(<meta name="twitter:card" content="player">)";
  out += fmt::format(R"(<link rel="alternate" type="application/json+oembed" href="{}">)",
                     escape_html(oembed_address(video, origin)));
  return out;
}

struct Shell {
  int status = 200;
  std::string head;
  json::object boot;
};

http::Response render(Shell shell) {
  const auto* index = find_asset("/index.html");
  VT_ASSERT(index != nullptr);
  std::string html(index->bytes);
  const auto put = [&html](std::string_view mark, const std::string& what) {
    const auto at = html.find(mark);
    VT_ASSERT(at != std::string::npos);
    html.replace(at, mark.size(), what);
  };
  put(boot_mark,
      fmt::format(R"(<script type="application/json" id="boot">{}</script>)", json_for_script(std::move(shell.boot))));
  put(head_mark, shell.head.empty() ? "<title>Vitrine</title>" : shell.head);
  auto response = http::Response::text(shell.status, "text/html; charset=utf-8", std::move(html));
  response.headers.set("Cache-Control", "private, no-store");
  return response;
}

json::object session_json(Rooms& rooms, const Caller& caller) {
  json::object session;
  session["account"] = caller.account ? json::value(account_json(rooms, *caller.account)) : json::value(nullptr);
  return session;
}

/// Starts fetching the first poster before the app's script has run.
std::string preload_poster(const json::object& page) {
  const auto& items = page.at("items").as_array();
  if (items.empty()) return "";
  const auto* poster = items.front().at("video").as_object().if_contains("poster");
  if (!poster || !poster->is_string()) return "";
  return fmt::format(R"(<title>Vitrine</title><link rel="preload" as="image" fetchpriority="high" href="{}">)",
                     escape_html(poster->get_string()));
}

http::Response feed_shell(Rooms& rooms, const http::Request& request) {
  Caller caller = caller_of(rooms, request);
  try_personal(rooms, caller);
  Shell shell;
  auto page =
      feed_page_json(rooms, caller, {.viewer = caller.viewer, .limit = first_page_videos, .place = feed::Place::first});
  if (page) shell.head = preload_poster(*page);
  shell.boot["session"] = session_json(rooms, caller);
  shell.boot["feed"] = page ? json::value(std::move(*page)) : json::value(nullptr);
  shell.boot["video"] = nullptr;
  auto response = render(std::move(shell));
  remember_viewer(response, caller, request);
  return response;
}

http::Response video_shell(Rooms& rooms, const http::Request& request, std::string_view id) {
  const Caller caller = caller_of(rooms, request);
  Shell shell;
  shell.boot["session"] = session_json(rooms, caller);
  shell.boot["feed"] = nullptr;
  shell.boot["video"] = nullptr;
  auto video = visible_video(rooms, caller, id);
  if (video) {
    shell.head = open_graph(*video, origin_of(rooms, request));
    shell.boot["video"] = video_json_for(rooms, caller, *video);
  } else {
    shell.status = http::status_of(video.error().code);
  }
  return render(std::move(shell));
}

/// A bare player that may stand in other sites' frames. Whoever looks is a stranger there: no cookie comes along, and
/// nothing can be done in their name.
http::Response embed_shell(Rooms& rooms, const http::Request& request, std::string_view id) {
  const Caller stranger;
  Shell shell;
  shell.boot["session"] = session_json(rooms, stranger);
  shell.boot["feed"] = nullptr;
  shell.boot["video"] = nullptr;
  if (auto video = visible_video(rooms, stranger, id)) {
    shell.head = open_graph(*video, origin_of(rooms, request));
    shell.boot["video"] = video_json_for(rooms, stranger, *video);
  } else {
    shell.status = http::status_of(video.error().code);
  }
  auto response = render(std::move(shell));
  response.headers.set("Content-Security-Policy", content_security_policy("*"));
  response.headers.set("Cross-Origin-Resource-Policy", "cross-origin");
  return response;
}

http::Response plain_shell(Rooms& rooms, const http::Request& request, int status) {
  const Caller caller = caller_of(rooms, request);
  Shell shell{.status = status, .head = "", .boot = {}};
  shell.boot["session"] = session_json(rooms, caller);
  shell.boot["feed"] = nullptr;
  shell.boot["video"] = nullptr;
  return render(std::move(shell));
}

bool is_app_page(std::string_view path) {
  constexpr auto pages = std::to_array<std::string_view>({"/following",
                                                          "/upload",
                                                          "/sign-in",
                                                          "/sign-up",
                                                          "/settings",
                                                          "/your-feed",
                                                          "/my-data",
                                                          "/glass",
                                                          "/staff",
                                                          "/recover",
                                                          "/search",
                                                          "/saved",
                                                          "/notifications",
                                                          "/reports",
                                                          "/decisions",
                                                          "/moderation",
                                                          "/moderation/verification",
                                                          "/studio",
                                                          "/studio/videos",
                                                          "/studio/playlists",
                                                          "/family",
                                                          "/unsubscribe"});
  constexpr auto prefixes =
      std::to_array<std::string_view>({"/@", "/tag/", "/embed/", "/studio/v/", "/sound/", "/duets/", "/playlist/"});
  return std::ranges::find(pages, path) != pages.end() ||
         std::ranges::any_of(prefixes, [path](std::string_view prefix) {
           return path.starts_with(prefix) && path.size() > prefix.size();
         });
}

/// Where a video's creator writes its captions.
bool is_captions_page(std::string_view path) { return path.starts_with(watch_path) && path.ends_with("/captions"); }

/// Whatever no route matched: a file of the web app, one of its pages, or nothing.
http::Response serve_page(Rooms& rooms, const http::Request& request) {
  const std::string_view path = request.path;
  const bool reads = request.method == http::Method::get || request.method == http::Method::head;
  if (!reads || path.starts_with("/api/")) return http::problem({Errc::not_found, "there is nothing at this address"});
  // The other feeds at "/" ask for their pages themselves: a page handed out here would count as shown.
  if (path == "/") return request.query_value("feed") ? plain_shell(rooms, request, 200) : feed_shell(rooms, request);
  if (is_captions_page(path)) return plain_shell(rooms, request, 200);
  if (path.starts_with(watch_path)) return video_shell(rooms, request, path.substr(watch_path.size()));
  if (path.starts_with(embed_path)) return embed_shell(rooms, request, path.substr(embed_path.size()));
  if (is_app_page(path)) return plain_shell(rooms, request, 200);
  if (request.headers.get("Accept").find("text/html") != std::string_view::npos)
    return plain_shell(rooms, request, 404);
  return http::problem({Errc::not_found, "there is nothing at this address"});
}

}  // namespace

void add_pages(http::Router& router, Rooms& rooms) {
  for (const auto& asset : web_assets()) {
    if (asset.path == "/index.html") continue;
    router.add(http::Method::get, asset.path,
               [&asset](const http::Request& request) { return serve_asset(asset, request); },
               {.run = http::Run::inline_});
  }
  router.set_fallback([&rooms](const http::Request& request) { return serve_page(rooms, request); });
}

}  // namespace vitrine::api
