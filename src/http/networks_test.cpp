#include "http/networks.hpp"

#include <gtest/gtest.h>

namespace vitrine::http {
namespace {

Result<Networks> read(std::vector<std::string> texts) { return Networks::read(texts); }

TEST(Networks, contain_what_lies_in_one_of_them) {
  const auto networks = read({"192.0.2.0/24", "198.51.100.7", "203.0.113.128/25", "2001:db8:40::/42", "2001:db8::1"});
  ASSERT_TRUE(networks) << networks.error().message;
  for (const auto inside : {"192.0.2.0", "192.0.2.255", "198.51.100.7", "203.0.113.128", "2001:db8:7f:ffff::9",
                            "2001:db8::1", "2001:db8:40::%eth0"})
    EXPECT_TRUE(networks->contain(inside)) << inside;
  for (const auto outside : {"192.0.3.0", "192.0.1.255", "198.51.100.8", "203.0.113.127", "2001:db8:80::1",
                             "2001:db8::2", "::", "0.0.0.0", "", "192.0.2", "unix", "192.0.2.1 "})
    EXPECT_FALSE(networks->contain(outside)) << outside;
  EXPECT_FALSE(read({})->contain("192.0.2.1"));
}

TEST(Networks, an_IPv4_address_is_the_same_written_as_IPv6) {
  const auto plain = read({"192.0.2.0/24"}), mapped = read({"::ffff:192.0.2.0/120"});
  ASSERT_TRUE(plain && mapped);
  for (const auto& networks : {*plain, *mapped}) {
    EXPECT_TRUE(networks.contain("192.0.2.9"));
    EXPECT_TRUE(networks.contain("::ffff:192.0.2.9"));
    EXPECT_TRUE(networks.contain("::FFFF:C000:209"));
    EXPECT_FALSE(networks.contain("::ffff:192.0.3.9"));
    EXPECT_FALSE(networks.contain("::192.0.2.9"));
  }
}

TEST(Networks, what_is_none_is_refused_by_name) {
  for (const auto text :
       {"", "x", "192.0.2.0/", "192.0.2.0/33", "192.0.2.0/-1", "192.0.2.0/24/24", "192.0.2.1/24", "0.0.0.0/0",
        "11.0.0.0/7", "::/0", "2000::/3", "2001:db8::1/64", "::ffff:0.0.0.0/96", "gov.example", "192.0.2.0/2 4"}) {
    const auto networks = read({"192.0.2.0/24", text});
    ASSERT_FALSE(networks) << text;
    EXPECT_EQ(networks.error().code, Errc::invalid_argument);
    EXPECT_TRUE(networks.error().message.contains(text)) << networks.error().message;
  }
}

}  // namespace
}  // namespace vitrine::http
