// oEmbed 1.0 (oembed.com): another site asks how to show one of our videos, and gets a frame with the player.
#include "api/api.hpp"
#include "api/caller.hpp"
#include "api/embed.hpp"
#include "api/render.hpp"
#include "base/id.hpp"

namespace vitrine::api {
namespace {

using http::Request;
using http::Response;

constexpr int frame_height_default = 720, frame_pixels_max = 10'000;

struct Size {
  std::int64_t width = 0, height = 0;
};

/// The video's shape, as large as it may be.
Size frame_of(const social::Video& video, std::int64_t width_max, std::int64_t height_max) {
  const auto width = std::max<std::int64_t>(video.width, 1), height = std::max<std::int64_t>(video.height, 1);
  Size size{height_max * width / height, height_max};
  if (size.width > width_max) size = {width_max, width_max * height / width};
  return {std::max<std::int64_t>(size.width, 1), std::max<std::int64_t>(size.height, 1)};
}

/// The video that a page of ours shows, as its address says. Errors: not_found.
Result<std::string> video_at(std::string_view address, const std::string& origin) {
  if (address.starts_with(origin)) address.remove_prefix(origin.size());
  for (const auto path : {watch_path, embed_path}) {
    if (!address.starts_with(path)) continue;
    const auto id = address.substr(path.size());
    return std::string(id.substr(0, id.find_first_of("?#/")));
  }
  return fail(Errc::not_found, "\"url\" is not the address of a video of this service");
}

json::object description(const social::Video& video, const Size& size, const std::string& origin) {
  const std::string title = video.caption.empty() ? fmt::format("A video by @{}", video.creator_handle) : video.caption;
  const std::string frame =
      fmt::format(R"(<iframe src="{}{}{}" width="{}" height="{}" title="{}" allow="fullscreen; picture-in-picture" )"
                  R"(loading="lazy" frameborder="0"></iframe>)",
                  escape_html(origin), embed_path, video.id, size.width, size.height, escape_html(title));
  return {{"version", "1.0"},
          {"type", "video"},
          {"provider_name", "Vitrine"},
          {"provider_url", origin},
          {"title", title},
          {"author_name", video.creator_name},
          {"author_url", fmt::format("{}/@{}", origin, video.creator_handle)},
          {"width", size.width},
          {"height", size.height},
          {"html", frame}};
}

Result<Response> get_oembed(Rooms& rooms, const Request& request) {
  if (request.query_value("format").value_or("json") != "json")
    return fail(Errc::invalid_argument, "\"format\" must be json");
  VT_TRY(const int width_max, int_query(request, "maxwidth", frame_pixels_max, 1, frame_pixels_max));
  VT_TRY(const int height_max, int_query(request, "maxheight", frame_height_default, 1, frame_pixels_max));
  const auto address = request.query_value("url");
  if (!address) return fail(Errc::invalid_argument, "\"url\" must be the address of a video");
  const auto origin = origin_of(rooms, request);
  VT_TRY(const auto id, video_at(*address, origin));
  // Other sites ask for everybody: nobody's own videos, nobody's blocks.
  VT_TRY(const auto video, visible_video(rooms, Caller{}, id));
  auto response =
      http::Response::json(200, json::serialize(description(video, frame_of(video, width_max, height_max), origin)));
  response.headers.set("Cache-Control", video.is_public() ? "public, max-age=300" : "private, no-store");
  response.headers.set("Access-Control-Allow-Origin", "*");
  response.headers.set("Cross-Origin-Resource-Policy", "cross-origin");
  return response;
}

/// Of our own addresses: what else stands in them needs no escape.
std::string escape_query(std::string_view address) {
  std::string out;
  for (const char c : address) {
    if (c == ':')
      out += "%3A";
    else if (c == '/')
      out += "%2F";
    else
      out += c;
  }
  return out;
}

}  // namespace

std::string oembed_address(const social::Video& video, const std::string& origin) {
  return fmt::format("{}/api/v1/oembed?format=json&url={}", origin,
                     escape_query(fmt::format("{}{}{}", origin, watch_path, video.id)));
}

std::string escape_html(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      default: out += c;
    }
  }
  return out;
}

void add_oembed(http::Router& router, Rooms& rooms) {
  router.add(http::Method::get, "/api/v1/oembed", answer(rooms, get_oembed));
}

}  // namespace vitrine::api
