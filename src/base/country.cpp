#include "base/country.hpp"

#include <algorithm>
#include <unicode/uloc.h>
#include <vector>

namespace vitrine {

bool is_country(std::string_view code) {
  static const std::vector<std::string_view> countries = [] {
    std::vector<std::string_view> list;
    for (const char* const* one = uloc_getISOCountries(); *one; ++one) list.emplace_back(*one);
    return list;
  }();
  return std::ranges::find(countries, code) != countries.end();
}

}  // namespace vitrine
