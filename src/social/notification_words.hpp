// Notifications in words, for where the app does not find them: push messages and mail. Pure functions, thread-safe.
#pragma once
#include <string>
#include <string_view>

#include "social/notifications.hpp"

namespace vitrine::social {

inline constexpr std::size_t told_name_characters_max = 24, told_text_characters_max = 160;

/// "Ada and 2 others liked your video"
[[nodiscard]] std::string sentence_of(const Notification& one);
/// The page it leads to: "/v/01h…?comment=01h…".
[[nodiscard]] std::string page_of(const Notification& one);
/// At most `characters_max` code points, the last of them an ellipsis if there were more.
[[nodiscard]] std::string shortened(std::string_view text, std::size_t characters_max);

}  // namespace vitrine::social
