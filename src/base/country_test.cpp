#include "base/country.hpp"

#include <gtest/gtest.h>

namespace vitrine {
namespace {

TEST(Country, IsTwoCapitalLettersOfOneThatThereIs) {
  for (const std::string_view code : {"DE", "NL", "BR", "JP", "TV", "SS"}) EXPECT_TRUE(is_country(code)) << code;
  for (const std::string_view code : {"", "D", "de", "DEU", "XX", "ZZ", "EU", "UN", "419", "D\xc3", " DE", "DE "})
    EXPECT_FALSE(is_country(code)) << code;
}

}  // namespace
}  // namespace vitrine
