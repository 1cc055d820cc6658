#include "social/notification_kinds.hpp"

#include <fmt/ranges.h>
#include <vector>

namespace vitrine::social {

std::string write_kinds(const Unwanted& kinds) {
  std::vector<std::string_view> names;
  for (const auto kind : kinds) names.push_back(name(kind));
  return fmt::format("{}", fmt::join(names, " "));
}

Unwanted read_kinds(std::string_view text) {
  const auto framed = fmt::format(" {} ", text);
  Unwanted kinds;
  for (const auto kind : notification_kinds)
    if (framed.contains(fmt::format(" {} ", name(kind)))) kinds.insert(kind);
  return kinds;
}

}  // namespace vitrine::social
