#include "base/clock.hpp"
#include "base/crypto.hpp"
#include "base/id.hpp"
#include "base/json.hpp"
#include "base/metrics.hpp"
#include "base/result.hpp"

namespace vitrine {
namespace {

TEST(Id, SortsByTimeAndKeepsIt) {
  const auto early = new_id(1'000), late = new_id(1'700'000'000'000);
  EXPECT_LT(early, late);
  EXPECT_EQ(id_time(late), 1'700'000'000'000);
  EXPECT_TRUE(is_id(early));
  EXPECT_NE(new_id(5), new_id(5));
}

TEST(Id, RefusesWhatItCouldNotHaveMade) {
  EXPECT_FALSE(is_id(""));
  EXPECT_FALSE(is_id("01arz3ndektsv4rrffq69g5fa"));    // one short
  EXPECT_FALSE(is_id("01arz3ndektsv4rrffq69g5fav0"));  // one long
  EXPECT_FALSE(is_id("01ARZ3NDEKTSV4RRFFQ69G5FAV"));   // upper case
  EXPECT_FALSE(is_id("81arz3ndektsv4rrffq69g5fav"));   // over 48 bits
  EXPECT_FALSE(is_id("01arz3ndektsv4rrffq69g5fau"));   // no 'u' in the alphabet
}

TEST(Crypto, KnownAnswers) {
  // FIPS 180-2, appendix B.1; RFC 4231, test case 2.
  EXPECT_EQ(crypto::hex(crypto::sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(
      crypto::hex(crypto::hmac_sha256(crypto::bytes_of("Jefe"), crypto::bytes_of("what do ya want for nothing?"))),
      "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  crypto::Digest sha1(crypto::Digest::Kind::sha1);
  sha1.update(crypto::bytes_of("a"));
  sha1.update(crypto::bytes_of("bc"));
  EXPECT_EQ(crypto::hex(crypto::bytes_of(sha1.finish())), "a9993e364706816aba3e25717850c26c9cd0d89d");
}

TEST(Crypto, Base64BothWays) {
  EXPECT_EQ(crypto::base64url(crypto::bytes_of("\xfb\xff")), "-_8");
  EXPECT_EQ(crypto::from_base64url("-_8").value(), "\xfb\xff");
  EXPECT_EQ(crypto::from_base64(crypto::base64(crypto::bytes_of("vitrine"))).value(), "vitrine");
  for (const char* bad : {"-_8=", "+/8", "a", "a b", "Zm9v\n"}) EXPECT_FALSE(crypto::from_base64url(bad)) << bad;
}

TEST(Crypto, Passwords) {
  const auto hash = crypto::hash_password("correct horse").value();
  EXPECT_TRUE(crypto::verify_password(hash, "correct horse"));
  EXPECT_FALSE(crypto::verify_password(hash, "correct horsf"));
  EXPECT_FALSE(crypto::verify_password("not a hash", "correct horse"));
}

TEST(Json, LimitsAndErrors) {
  EXPECT_TRUE(parse_json(R"({"a":[1,2,{"b":null}]})"));
  EXPECT_EQ(parse_json("{\"a\":1} x").error().code, Errc::invalid_argument);
  EXPECT_EQ(parse_json("").error().code, Errc::invalid_argument);
  EXPECT_EQ(parse_json("\"\xff\"").error().code, Errc::invalid_argument);  // not UTF-8
  EXPECT_EQ(parse_json(std::string(100, ' '), 99).error().code, Errc::too_large);
  EXPECT_TRUE(parse_json(std::string(json_depth_max, '[') + std::string(json_depth_max, ']')));
  EXPECT_FALSE(parse_json(std::string(json_depth_max + 1, '[') + std::string(json_depth_max + 1, ']')));
}

TEST(Json, Members) {
  const auto value = parse_json(R"({"text":"t","int":3,"real":1.5,"null":null,"yes":true})").value();
  const auto& object = value.as_object();
  EXPECT_EQ(text_member(object, "text").value(), "t");
  EXPECT_EQ(text_member(object, "null", "d").value(), "d");
  EXPECT_FALSE(text_member(object, "int"));
  EXPECT_EQ(int_member(object, "int").value(), 3);
  EXPECT_FALSE(int_member(object, "real"));
  EXPECT_EQ(int_member(object, "absent", 7).value(), 7);
  EXPECT_TRUE(bool_member(object, "yes", false).value());
  EXPECT_NE(text_member(object, "absent").error().message.find("absent"), std::string::npos);
}

TEST(Metrics, RenderAsPrometheusText) {
  auto& first = metrics::counter("base_test_total", "A test", {{"kind", "a"}});
  first.add();
  metrics::counter("base_test_total", "A test", {{"kind", "a"}}).add(2);
  EXPECT_NE(metrics::render().find("base_test_total{kind=\"a\"} 3"), std::string::npos);
}

Result<int> half(int n) {
  if (n % 2) return fail(Errc::invalid_argument, "{} is odd", n);
  return n / 2;
}
Result<int> quarter(int n) {
  VT_TRY(const int h, half(n));
  VT_TRY(const int q, half(h));
  return q;
}

TEST(Result, TryPassesErrorsUp) {
  EXPECT_EQ(quarter(8).value(), 2);
  EXPECT_EQ(quarter(6).error().message, "3 is odd");
  EXPECT_EQ(system_error("write", ENOSPC).code, Errc::storage_full);
}

}  // namespace
}  // namespace vitrine
