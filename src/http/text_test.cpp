#include "http/text.hpp"

#include <random>

#include "http/network_tokens.hpp"

namespace vitrine::http {
namespace {

using Kind = ByteRange::Kind;

bool same(ByteRange range, Kind kind, std::int64_t first = 0, std::int64_t last = 0) {
  return range.kind == kind && range.first == first && range.last == last;
}

TEST(RangeTest, Forms) {
  EXPECT_TRUE(same(parse_range("bytes=0-0", 10), Kind::part, 0, 0));
  EXPECT_TRUE(same(parse_range("bytes=0-9", 10), Kind::part, 0, 9));
  EXPECT_TRUE(same(parse_range("bytes=0-10", 10), Kind::part, 0, 9)) << "an end past the last byte is cut";
  EXPECT_TRUE(same(parse_range("bytes=9-", 10), Kind::part, 9, 9));
  EXPECT_TRUE(same(parse_range("bytes=10-", 10), Kind::unsatisfiable));
  EXPECT_TRUE(same(parse_range("bytes=-1", 10), Kind::part, 9, 9));
  EXPECT_TRUE(same(parse_range("bytes=-10", 10), Kind::part, 0, 9));
  EXPECT_TRUE(same(parse_range("bytes=-11", 10), Kind::part, 0, 9));
  EXPECT_TRUE(same(parse_range("bytes=-0", 10), Kind::unsatisfiable));
  EXPECT_TRUE(same(parse_range("BYTES= 1-2 ", 10), Kind::part, 1, 2));
  EXPECT_TRUE(same(parse_range("bytes=0-99999999999999999999999", 10), Kind::part, 0, 9));
  EXPECT_TRUE(same(parse_range("bytes=99999999999999999999999-", 10), Kind::unsatisfiable));
  EXPECT_TRUE(same(parse_range("bytes=-99999999999999999999999", 10), Kind::part, 0, 9));
  EXPECT_TRUE(same(parse_range("bytes=0-", 0), Kind::unsatisfiable));
  EXPECT_TRUE(same(parse_range("bytes=-5", 0), Kind::whole));
}

TEST(RangeTest, WhatIsNotUnderstoodIsIgnored) {
  for (const auto* field :
       {"", "bytes", "bytes=", "bytes=-", "bytes=a-b", "bytes=5-4", "bytes=1-2,4-5", "bytes=--5", "bytes=1--2",
        "bytes=+1-2", "bytes=1-2x", "items=0-1", "bytes=0x1-2", "bytes 0-1", "=0-1", "bytes=1 -2"})
    EXPECT_TRUE(same(parse_range(field, 10), Kind::whole)) << field;
}

TEST(RangeTest, NeverLeavesTheFile) {
  std::mt19937 random(1);
  constexpr std::string_view alphabet = "bytes=0123456789-, ";
  for (int i = 0; i < 200'000; ++i) {
    std::string field = i % 2 ? "bytes=" : "";
    const auto length = random() % 12;
    for (unsigned c = 0; c < length; ++c) field += alphabet[random() % alphabet.size()];
    const std::int64_t size = static_cast<std::int64_t>(random() % 1000);
    const auto range = parse_range(field, size);
    if (range.kind != Kind::part) continue;
    ASSERT_GE(range.first, 0) << field;
    ASSERT_LE(range.first, range.last) << field;
    ASSERT_LT(range.last, size) << field;
  }
}

TEST(TargetTest, Forms) {
  Target target;
  ASSERT_TRUE(parse_target("/a%20b/c?x=1&&y&z=%C3%A9+", target));
  EXPECT_EQ("/a b/c", target.path);
  const std::vector<std::pair<std::string, std::string>> expected{{"x", "1"}, {"y", ""}, {"z", "\xC3\xA9 "}};
  EXPECT_EQ(expected, target.query);
  ASSERT_TRUE(parse_target("http://host:80/path?q=1", target));
  EXPECT_EQ("/path", target.path);
  ASSERT_TRUE(parse_target("http://host", target));
  EXPECT_EQ("/", target.path);
  ASSERT_TRUE(parse_target("/...", target)) << "three dots are a name";
  for (const auto* bad : {"", "a", "*", "http:/x", "host:80", "/%2e", "/a/..", "/a/%2E%2e/b", "/..?x", "/%7f", "/\x80",
                          "/%F4%90%80%80", "/%E0%80%80"})
    EXPECT_FALSE(parse_target(bad, target)) << bad;
}

TEST(TargetTest, QueryLimit) {
  const auto query = [](std::size_t pairs) {
    std::string text = "/?a=b";
    for (std::size_t i = 1; i < pairs; ++i) text += "&a=b";
    return text;
  };
  Target target;
  EXPECT_TRUE(parse_target(query(query_pairs_max), target));
  EXPECT_FALSE(parse_target(query(query_pairs_max + 1), target));
}

TEST(ETagTest, WeakComparison) {
  EXPECT_TRUE(names_etag("\"a\"", "\"a\""));
  EXPECT_TRUE(names_etag("W/\"a\"", "\"a\""));
  EXPECT_TRUE(names_etag(" \"x,y\" , W/\"a\"", "\"a\""));
  EXPECT_TRUE(names_etag("*", "\"a\""));
  for (const auto* field : {"", "a", "\"", "\"ab\"", "\"x,\"a\"y\"", ","})
    EXPECT_FALSE(names_etag(field, "\"ax\"")) << field;
}

TEST(CookieTest, Forms) {
  EXPECT_EQ("1", cookie_value("a=1", "a"));
  EXPECT_EQ("", cookie_value("a=", "a"));
  EXPECT_EQ("1=2", cookie_value(";; b ; a=1=2;a=3", "a"));
  EXPECT_FALSE(cookie_value("ab=1; a", "a"));
  EXPECT_FALSE(cookie_value("", "a"));
}

TEST(AcceptEncodingTest, TakesGzipUnlessItSaysNo) {
  for (const auto* field :
       {"gzip", "GZIP", "x-gzip", "br, gzip", "deflate;q=0.5 , gzip;q=0.001", "*", "br;q=0, *;q=0.1"})
    EXPECT_TRUE(accepts_gzip(field)) << field;
  for (const auto* field : {"", "br", "gzip;q=0", "gzip; q=0.000", "gzip;Q=0", "*;q=0", "identity", "gzip;q=0, *",
                            "gzipped", ",;,", "*, gzip;q=0"})
    EXPECT_FALSE(accepts_gzip(field)) << field;
}

TEST(DateTest, IsTheFixedForm) {
  EXPECT_EQ("Sun, 06 Nov 1994 08:49:37 GMT", http_date(784111777));
  EXPECT_EQ("Thu, 01 Jan 1970 00:00:00 GMT", http_date(0));
}

NetworkTokens::Address v4(unsigned char a, unsigned char b, unsigned char c, unsigned char d) {
  return {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, a, b, c, d};
}

TEST(NetworkTokensTest, NameNetworksForADay) {
  NetworkTokens tokens;
  const auto token = tokens.token(v4(192, 0, 2, 1), 1);
  EXPECT_EQ(token, tokens.token(v4(192, 0, 2, 99), 1));
  EXPECT_NE(token, tokens.token(v4(192, 0, 3, 1), 1));
  NetworkTokens::Address v6{0x20, 1, 0xD, 0xB8, 1, 2, 3, 4, 5}, same_56 = v6, other_56 = v6;
  same_56[7] = 9;
  other_56[6] = 9;
  EXPECT_EQ(tokens.token(v6, 1), tokens.token(same_56, 1));
  EXPECT_NE(tokens.token(v6, 1), tokens.token(other_56, 1));
  EXPECT_NE(token, tokens.token(v4(192, 0, 2, 1), 2)) << "a new key every day";
  EXPECT_NE(token, NetworkTokens().token(v4(192, 0, 2, 1), 1));
}

}  // namespace
}  // namespace vitrine::http
