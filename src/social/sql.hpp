// What statements of this room have in common.
#pragma once
#include <fmt/format.h>
#include <string>

namespace vitrine::social {

/// "$2, $3, …" for a list of `count` values, the first of which is parameter `first`.
[[nodiscard]] inline std::string placeholders(std::size_t first, std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += fmt::format("{}${}", i ? ", " : "", first + i);
  return out;
}

}  // namespace vitrine::social
