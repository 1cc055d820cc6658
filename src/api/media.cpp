// /media/…: renditions, posters and playlists, sent from the blob store by sendfile.
#include "api/api.hpp"
#include "api/caller.hpp"
#include "api/render.hpp"
#include "social/videos.hpp"
#include "store/blobs.hpp"

namespace vitrine::api {
namespace {

std::string_view content_type_of(std::string_view key) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 8> types{{
      {".mp4", "video/mp4"},
      {".m4s", "video/iso.segment"},
      {".m3u8", "application/vnd.apple.mpegurl"},
      {".jpg", "image/jpeg"},
      {".webp", "image/webp"},
      {".avif", "image/avif"},
      {".vtt", "text/vtt; charset=utf-8"},
      {".png", "image/png"},
  }};
  for (const auto& [ending, type] : types) {
    if (key.ends_with(ending)) return type;
  }
  return "application/octet-stream";
}

// What everybody may watch is cached for ever; of the rest a browser asks anew each time whether it still may.
constexpr std::string_view public_caching = "public, max-age=31536000, immutable",
                           private_caching = "private, no-cache";

/// The same for a file that is not there and one that is not for whoever asks.
Error no_file() { return {Errc::not_found, "there is no such file"}; }

/// Files stand in a folder of their video's.
std::string_view video_of(const http::Request& request) {
  const auto path = request.parameter("path");
  return path.substr(0, path.find('/'));
}

http::Response get_file(Rooms& rooms, const http::Request& request) {
  const std::string key = fmt::format("media/{}", request.parameter("path"));
  auto file = rooms.blobs.open(key);
  if (!file) return http::problem(file.error().code == Errc::not_found ? no_file() : file.error());
  const bool guarded = rooms.videos.is_guarded(video_of(request));
  if (guarded && !visible_video(rooms, caller_of(rooms, request), video_of(request))) return http::problem(no_file());
  http::Response response;
  response.headers.set("Content-Type", content_type_of(key));
  response.headers.set("Cache-Control", guarded ? private_caching : public_caching);
  response.headers.set("ETag", fmt::format("\"{:x}-{:x}\"", (*file)->size(), (*file)->modified()));
  response.body = http::FileBody{(*file)->descriptor(), (*file)->size(), *file};
  return response;
}

}  // namespace

void add_media(http::Router& router, Rooms& rooms) {
  // Opening a file in the page cache takes microseconds, less than the way to a worker and back; finding out who asks
  // does not.
  router.add(http::Method::get, "/media/{path*}",
             [&rooms](const http::Request& request) { return get_file(rooms, request); },
             {.run = http::Run::inline_,
              .blocks = [&rooms](const http::Request& request) { return rooms.videos.is_guarded(video_of(request)); }});
}

}  // namespace vitrine::api
