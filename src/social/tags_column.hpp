// How a video's tags stand in one column: with commas between them, which no tag can hold.
#pragma once
#include <fmt/ranges.h>
#include <string>
#include <string_view>
#include <vector>

namespace vitrine::social {

[[nodiscard]] inline std::string joined_tags(const std::vector<std::string>& tags) {
  return fmt::format("{}", fmt::join(tags, ","));
}

[[nodiscard]] inline std::vector<std::string> split_tags(std::string_view text) {
  std::vector<std::string> tags;
  while (!text.empty()) {
    const auto comma = text.find(',');
    tags.emplace_back(text.substr(0, comma));
    text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
  }
  return tags;
}

}  // namespace vitrine::social
