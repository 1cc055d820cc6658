#include "social/suggestion_index.hpp"

namespace vitrine::social {
namespace {

TEST(SuggestionIndex, typos) {
  EXPECT_EQ(typos(U"sunset", U"sunset", 2), 0);
  EXPECT_EQ(typos(U"sun", U"sunset", 1), 0);
  EXPECT_EQ(typos(U"snu", U"sunset", 1), 1);
  EXPECT_EQ(typos(U"sumsrt", U"sunset", 2), 2);
  EXPECT_EQ(typos(U"sunnset", U"sunset", 2), 1);
  EXPECT_EQ(typos(U"moon", U"sunset", 2), 3);
  EXPECT_EQ(typos(U"abc", U"", 2), 3);
  EXPECT_EQ(typos(std::u32string(48, U'x'), std::u32string(48, U'x'), 2), 0);
  EXPECT_EQ(typos_forgiven(2), 0);
  EXPECT_EQ(typos_forgiven(3), 1);
  EXPECT_EQ(typos_forgiven(6), 2);
}

TEST(SuggestionIndex, is_bounded) {
  SuggestionIndex index;
  for (std::size_t i = 0; i < suggestion_names_max + 10; ++i)
    index.add({NameKind::tag, fmt::format("t{:x}", i * 2'654'435'761U), 1});
  EXPECT_EQ(index.size(), suggestion_names_max);
  index.add({NameKind::tag, "t0", 5});
  EXPECT_EQ(index.find("t0", std::nullopt, 1).front().weight, 6);
}

}  // namespace
}  // namespace vitrine::social
