#include "base/folding.hpp"

#include "base/unicode.hpp"

namespace vitrine {
namespace {

std::string fold(std::string_view text) { return encode_utf8(folded(text)); }

TEST(Folding, CaseWidthAndStyle) {
  EXPECT_EQ(fold("Hello World 42"), "hello world 42");
  EXPECT_EQ(fold("ＴＯＫＹＯ"), "tokyo");
  EXPECT_EQ(fold("Straße"), "strasse");
  EXPECT_EQ(fold("𝓕𝓪𝓷𝓬𝔂"), "fancy");
  EXPECT_EQ(fold("ΣΊΣΥΦΟΣ"), "σισυφοσ");
}

TEST(Folding, AccentsAreOptionalWhereOneSearchesWithoutThem) {
  EXPECT_EQ(fold("Łódź"), "lodz");
  EXPECT_EQ(fold("smørrebrød"), "smorrebrod");
  EXPECT_EQ(fold("IŞIK ışık"), "isik isik");
  EXPECT_EQ(fold("e\u0301te\u0301"), fold("été"));
  EXPECT_EQ(fold("ёлка"), "елка");
  EXPECT_EQ(fold("مُحَمَّد"), "محمد");
}

TEST(Folding, MarksThatSpellStay) {
  EXPECT_EQ(fold("हिन्दी"), "हिन्दी");
  EXPECT_EQ(fold("がか"), "がか");
  EXPECT_EQ(fold("ที่นี่"), "ที่นี่");
  EXPECT_EQ(fold("각"), "각");
}

TEST(Folding, WhatIsInvisibleOrBrokenDoesNoHarm) {
  EXPECT_EQ(fold("a\u200db\u202ec\u00ad"), "abc");
  std::string pile = "e";
  for (int i = 0; i < 2000; ++i) pile += "\u0301";
  EXPECT_EQ(fold(pile), "e");
  EXPECT_EQ(fold("1\u20dd k\u0332i\u0332"), "1 ki");
  EXPECT_EQ(fold("\xff\xfe"), "\uFFFD\uFFFD");
  EXPECT_EQ(fold(""), "");
  EXPECT_EQ(fold(std::string("a\0b", 3)), std::string("a\0b", 3));
}

TEST(Folding, KindsOfLetters) {
  const auto expect_all = [](std::u32string_view letters, LetterKind kind) {
    for (const char32_t one : letters) EXPECT_EQ(letter_kind(one), kind) << std::uint32_t{one};
  };
  expect_all(U"az09éжאहि٣", LetterKind::word);
  expect_all(U"漢ひカー한ไ", LetterKind::unspaced);
  expect_all(U"🎬☃", LetterKind::pictograph);
  expect_all(std::u32string_view(U" \"*#、_\0", 7), LetterKind::none);
}

}  // namespace
}  // namespace vitrine
