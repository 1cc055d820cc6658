#include "base/web_push.hpp"

#include <gtest/gtest.h>

namespace vitrine::web_push {
namespace {

std::string bytes_from(std::string_view base64url) { return crypto::from_base64url(base64url).value(); }

/// The example of RFC 8291, Appendix A.
constexpr std::string_view rfc_text = "When I grow up, I want to be a watermelon";
constexpr std::string_view rfc_sender = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw";
constexpr std::string_view rfc_p256dh =
    "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
constexpr std::string_view rfc_auth = "BTBZMqHH6r4Tts7J_aSIgg";
constexpr std::string_view rfc_salt = "DGv6ra1nlYgDCS1FRnbzlw";
constexpr std::string_view rfc_body =
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_"
    "c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_"
    "yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN";

TEST(WebPush, encrypts_as_the_example_of_rfc_8291) {
  const auto browser = read_keys(rfc_p256dh, rfc_auth).value();
  const auto sender = crypto::P256Key::from_scalar(crypto::bytes_of(bytes_from(rfc_sender))).value();
  std::array<unsigned char, 16> salt;
  std::ranges::copy(bytes_from(rfc_salt), salt.begin());
  EXPECT_EQ(crypto::base64url(crypto::bytes_of(encrypt_with(browser, rfc_text, 0, sender, salt).value())), rfc_body);
}

TEST(WebPush, no_two_messages_are_alike_but_in_length) {
  const auto browser = read_keys(rfc_p256dh, rfc_auth).value();
  const auto one = encrypt(browser, "a").value(), other = encrypt(browser, rfc_text).value();
  EXPECT_NE(one.substr(0, 16), other.substr(0, 16)) << "the salt";
  EXPECT_NE(one.substr(21, 65), other.substr(21, 65)) << "the sender's key";
  EXPECT_EQ(one.size(), other.size());
  const auto longest = encrypt(browser, std::string(plaintext_bytes_max, 'x')).value();
  EXPECT_EQ(longest.size(), 4'096u);
}

TEST(WebPush, keys_are_a_point_of_the_curve_and_sixteen_bytes) {
  EXPECT_TRUE(read_keys(fmt::format("{}=", rfc_p256dh), fmt::format("{}==", rfc_auth))) << "padded";
  auto off_the_curve = bytes_from(rfc_p256dh);
  off_the_curve.back() = static_cast<char>(off_the_curve.back() ^ 1);
  for (const auto& p256dh : {std::string("x"), std::string(), crypto::base64url(crypto::bytes_of(off_the_curve)),
                             crypto::base64url(crypto::bytes_of(std::string(65, '\0')))})
    EXPECT_EQ(read_keys(p256dh, rfc_auth).error().code, Errc::invalid_argument) << p256dh;
  for (const auto* auth : {"", "BTBZ", "not base64", "BTBZMqHH6r4Tts7J_aSIggAA"})
    EXPECT_EQ(read_keys(rfc_p256dh, auth).error().code, Errc::invalid_argument) << auth;
}

TEST(WebPush, an_endpoint_is_https_at_a_named_host) {
  const auto plain = read_endpoint("https://FCM.googleapis.com/fcm/send/abc:DEF?x=1").value();
  EXPECT_EQ(plain.origin, "https://fcm.googleapis.com");
  EXPECT_EQ(plain.port, https_port);
  EXPECT_EQ(read_endpoint("https://push.example:8443/x")->origin, "https://push.example:8443");
  EXPECT_EQ(read_endpoint("https://push.example:443/x")->origin, "https://push.example");
  EXPECT_TRUE(read_endpoint("https://push.example/" + std::string(endpoint_bytes_max - 21, 'x')));
}

TEST(WebPush, forged_endpoints_are_refused) {
  const std::string overlong = "https://push.example/" + std::string(endpoint_bytes_max - 20, 'x');
  for (const std::string& url : {std::string(),
                                 std::string("http://push.example/x"),
                                 std::string("ftp://push.example/x"),
                                 std::string("file:///etc/passwd"),
                                 std::string("javascript:alert(1)"),
                                 std::string("//push.example/x"),
                                 std::string("https:push.example/x"),
                                 std::string("https://ada@push.example/x"),
                                 std::string("https://ada:secret@push.example/x"),
                                 std::string("https://push.example@127.0.0.1/x"),
                                 std::string("https://127.0.0.1/x"),
                                 std::string("https://2130706433/x"),
                                 std::string("https://0x7f.1/x"),
                                 std::string("https://127.1/x"),
                                 std::string("https://push.0x7f000001/x"),
                                 std::string("https://[::1]/x"),
                                 std::string("https://[::ffff:10.0.0.1]:443/x"),
                                 std::string("https://push.example:0/x"),
                                 std::string("https://push.example:/x"),
                                 std::string("https://push.example:65536/x"),
                                 std::string("https://push.example:443:443/x"),
                                 std::string("https://push.example:-1/x"),
                                 std::string("https://push.example"),
                                 std::string("https://push.example?x"),
                                 std::string("https:///x"),
                                 std::string("https://push..example/x"),
                                 std::string("https://push.example./x"),
                                 std::string("https://-a.example/x"),
                                 std::string("https://pu_sh.example/x"),
                                 std::string("https://push.example%00.evil/x"),
                                 std::string("https://bücher.example/x"),
                                 std::string("https://push。example/x"),
                                 std::string("https://push.example/\r\nHost: x"),
                                 std::string("https://push.example\\@evil/x"),
                                 std::string("https://push.example/x#y"),
                                 std::string("https://push.example/x y"),
                                 std::string("https://push.example/\0x", 23),
                                 overlong,
                                 "https://" + std::string(64, 'a') + ".example/x",
                                 "https://" + std::string(250, 'a') + ".example/x"}) {
    const auto read = read_endpoint(url);
    ASSERT_FALSE(read) << url;
    EXPECT_EQ(read.error().code, Errc::invalid_argument);
  }
}

TEST(WebPush, a_key_is_the_same_for_the_same_seed_and_two_sides_agree) {
  crypto::Hash seed{1};
  const auto one = crypto::P256Key::from_seed(seed), again = crypto::P256Key::from_seed(seed);
  const auto other = crypto::P256Key::generate();
  EXPECT_EQ(one.public_point(), again.public_point());
  EXPECT_EQ(*one.agree(other.public_point()), *other.agree(one.public_point()));
  crypto::Hash above;
  above.fill(0xff);
  EXPECT_FALSE(crypto::P256Key::from_scalar(above));
  EXPECT_FALSE(crypto::P256Key::from_scalar(crypto::Hash{}));
  EXPECT_TRUE(crypto::is_p256_point(crypto::P256Key::from_seed(above).public_point()));
  auto nowhere = other.public_point();
  nowhere[64] ^= 1;
  EXPECT_EQ(one.agree(nowhere).error().code, Errc::invalid_argument);
}

}  // namespace
}  // namespace vitrine::web_push
