// The built web app, embedded in the binary (cmake/web_assets.cmake).
#pragma once
#include <array>
#include <span>
#include <string_view>

namespace vitrine::api {

struct WebAsset {
  std::string_view path;  ///< "/assets/index-3f2a.js"
  std::string_view content_type;
  std::string_view etag;  ///< quoted, of the content
  std::string_view bytes;
  std::string_view gzip;  ///< empty where compressing does not help
};

/// Sorted by path.
[[nodiscard]] std::span<const WebAsset> web_assets();

}  // namespace vitrine::api
