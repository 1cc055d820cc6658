#include "base/domain.hpp"

#include <gtest/gtest.h>

namespace vitrine {
namespace {

TEST(Domain, is_told_as_a_resolver_would_ask_for_it) {
  EXPECT_EQ(ascii_domain("Ministry.Example").value_or(""), "ministry.example");
  EXPECT_EQ(ascii_domain("ministry.example.").value_or(""), "ministry.example");
  EXPECT_EQ(ascii_domain("beh\u00f6rde.example").value_or(""), "xn--behrde-yxa.example");
  EXPECT_EQ(ascii_domain("ＭＩＮＩＳＴＲＹ．example").value_or(""), "ministry.example");
  EXPECT_EQ(ascii_domain("ministry\u3002example").value_or(""), "ministry.example");
  EXPECT_EQ(ascii_domain("mini\u00adstry.example").value_or(""), "ministry.example");
  for (const auto wrong : {"", ".", "a..b", "a b.example", "@ministry.example", "a_b/c", "-a.example", "\xff.example"})
    EXPECT_FALSE(ascii_domain(wrong)) << wrong;
}

TEST(Domain, what_is_below_belongs_to_it) {
  EXPECT_TRUE(is_domain_or_below("ministry.example", "ministry.example"));
  EXPECT_TRUE(is_domain_or_below("mail.ministry.example", "ministry.example"));
  EXPECT_FALSE(is_domain_or_below("notministry.example", "ministry.example"));
  EXPECT_FALSE(is_domain_or_below("ministry.example.org", "ministry.example"));
  EXPECT_FALSE(is_domain_or_below("example", "ministry.example"));
}

}  // namespace
}  // namespace vitrine
