#include "api/log_files.hpp"

#include "base/files.hpp"
#include "log/tile.hpp"

namespace vitrine::api {
namespace {

http::Response public_file(std::string_view content_type, std::string_view cache, std::string bytes) {
  auto response = http::Response::text(200, content_type, std::move(bytes));
  response.headers.set("Cache-Control", cache);
  // A verifier that runs on somebody else's page shall be able to read it.
  response.headers.set("Access-Control-Allow-Origin", "*");
  return response;
}

}  // namespace

void add_log_files(http::Router& router, const std::string& prefix, const std::string& directory,
                   const std::string& vkey) {
  router.add(http::Method::get, prefix + "/checkpoint", [directory](const http::Request&) {
    auto bytes = read_file(directory + "/checkpoint");
    if (!bytes) return http::problem({Errc::not_found, "the log has published no checkpoint yet"});
    return public_file("text/plain; charset=utf-8", "no-cache", std::move(*bytes));
  });
  router.add(http::Method::get, prefix + "/tile/{path*}",
             [read = tlog::tiles_below(directory)](const http::Request& request) {
               const auto tile = tlog::tile_at(fmt::format("tile/{}", request.parameter("path")));
               if (!tile) return http::problem({Errc::not_found, tile.error().message});
               auto bytes = read(*tile);
               if (!bytes) return http::problem({Errc::not_found, "the log has no such tile"});
               return public_file("application/octet-stream", "public, max-age=31536000, immutable", std::move(*bytes));
             });
  router.add(http::Method::get, prefix + "/vkey", [vkey](const http::Request&) {
    return public_file("text/plain; charset=utf-8", "no-cache", vkey + "\n");
  });
}

}  // namespace vitrine::api
