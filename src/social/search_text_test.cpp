#include "social/search_text.hpp"

namespace vitrine::social {
namespace {

std::string told(std::string_view query) {
  std::string text;
  for (const auto& term : terms_of(query)) text += fmt::format("{}{} ", term.word, term.prefix ? "*" : "");
  return text;
}

TEST(SearchText, wordsAreFoldedAndStandOnce) {
  EXPECT_EQ(words_of("At the Sea, at the SEÁ!"), "at the sea");
  EXPECT_EQ(words_of("東京タワー 3D"), "東京 京タ タワ ワー ー 3d");
  EXPECT_EQ(words_of("猫🐈🐈"), "猫 🐈");
  EXPECT_EQ(words_of(" \"'*:-()^{}NEAR(\\"), "near");
  EXPECT_EQ(words_of(""), "");
}

TEST(SearchText, namesAreFoundWholeAndInParts) {
  EXPECT_EQ(words_of_name("black_cat", tag_sign), "#blackcat black cat blackcat");
  EXPECT_EQ(words_of_name("ada.l", handle_sign), "@adal ada l adal");
  EXPECT_EQ(words_of_name("sea", tag_sign), "#sea sea");
  EXPECT_EQ(signed_name("東京", tag_sign), "#東京");
  EXPECT_EQ(letters_of("@Ada.L x"), U"adalx");
}

TEST(SearchText, theLastWordMayBeUnfinished) {
  EXPECT_EQ(told("Cats at SE"), "cats at se* ");
  EXPECT_EQ(told("#Black_Cat ru"), "#blackcat ru* ");
  EXPECT_EQ(told("@ada.l"), "@adal* ");
  EXPECT_EQ(told("東京タ"), "東京 京タ* ");
  EXPECT_EQ(told("京 tower"), "京* tower* ");
  EXPECT_EQ(told("＃ｓｅａ"), "#sea* ");
}

TEST(SearchText, nothingIsSyntax) {
  EXPECT_EQ(told("sea AND \"boat\" NOT -x* caption:y NEAR(z, 3)"), "sea and boat not x caption y near z 3* ");
  EXPECT_EQ(told("'; DROP TABLE videos --"), "drop table videos* ");
  EXPECT_EQ(told("##sea"), "#sea* ");
  EXPECT_EQ(told("# @ !"), "");
  EXPECT_EQ(told("~4"), "4* ");
  EXPECT_EQ(told("\xff\xfe"), "");
}

TEST(SearchText, limits) {
  std::string many;
  for (int i = 0; i < 40; ++i) many += fmt::format("w{} ", i);
  const auto terms = terms_of(many);
  EXPECT_EQ(terms.size(), search_terms_max);
  EXPECT_FALSE(terms.back().prefix) << "it was finished, others came after it";
  EXPECT_EQ(words_of(std::string(1000, 'x')).size(), word_characters_max);
  EXPECT_EQ(terms_of(std::string(1000, 'x')).front().word, words_of(std::string(1000, 'x')));
  EXPECT_TRUE(checked_query(std::string(search_characters_max, 'x')));
  EXPECT_FALSE(checked_query(std::string(search_characters_max + 1, 'x')));
  for (const std::string_view bad :
       {std::string_view("a\0b", 3), std::string_view("a\nb"), std::string_view("\xff"), std::string_view("a\u202eb")})
    EXPECT_FALSE(checked_query(bad)) << bad;
  EXPECT_TRUE(checked_query("שלום مرحبا"));
}

TEST(SearchText, matches) {
  EXPECT_EQ(best_match({"sea", true}, "#sea seal sea"), Match::whole);
  EXPECT_EQ(best_match({"sea", true}, "overseas seal"), Match::prefix);
  EXPECT_EQ(best_match({"sea", false}, "overseas seal"), Match::none);
  EXPECT_EQ(best_match({"sea", true}, ""), Match::none);
}

}  // namespace
}  // namespace vitrine::social
