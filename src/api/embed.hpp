// Where a video is watched, here and on other sites, and how the latter learn of it.
#pragma once
#include <string>
#include <string_view>

#include "social/videos.hpp"

namespace vitrine::api {

inline constexpr std::string_view watch_path = "/v/", embed_path = "/embed/";

/// The address of a video's oEmbed description.
[[nodiscard]] std::string oembed_address(const social::Video& video, const std::string& origin);
/// For text and attributes between double or single quotation marks.
[[nodiscard]] std::string escape_html(std::string_view text);

}  // namespace vitrine::api
