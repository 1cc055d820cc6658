#include "base/language.hpp"

#include <gtest/gtest.h>

namespace vitrine {
namespace {

TEST(Language, IsWrittenInItsCanonicalForm) {
  EXPECT_EQ(*checked_language("en"), "en");
  EXPECT_EQ(*checked_language("PT-br"), "pt-BR");
  EXPECT_EQ(*checked_language("zh-hant-tw"), "zh-Hant-TW");
  EXPECT_EQ(*checked_language("und"), "und");
  EXPECT_EQ(*checked_language("yue"), "yue");
}

TEST(Language, IsRefusedWhenItIsNone) {
  for (const std::string_view tag : {"", "english", "e", "en_US", "en-", "-en", "en us", "../en", "en-u-ca-buddhist",
                                     "x-mine", "qqz-", "en\n", "zxxq", "en-US-en-US-en-US-en-US-en-US-en-US"})
    EXPECT_FALSE(checked_language(tag)) << tag;
}

TEST(Language, IsCalledAsItCallsItself) {
  EXPECT_EQ(language_name("en"), "English");
  EXPECT_EQ(language_name("fr"), "français");
  EXPECT_EQ(language_name("ar"), "العربية");
  EXPECT_EQ(language_name("pt-BR"), "português (Brasil)");
  EXPECT_EQ(language_name("und"), "Unknown language");
  EXPECT_EQ(primary_language("pt-BR"), "pt");
  EXPECT_EQ(primary_language("fr"), "fr");
}

}  // namespace
}  // namespace vitrine
