#include "http/public_address.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

namespace vitrine::http {
namespace {

sockaddr_storage address_of(const char* text) {
  sockaddr_storage out{};
  auto& v4 = reinterpret_cast<sockaddr_in&>(out);
  auto& v6 = reinterpret_cast<sockaddr_in6&>(out);
  if (inet_pton(AF_INET, text, &v4.sin_addr) == 1) {
    out.ss_family = AF_INET;
    v4.sin_port = htons(443);
  } else {
    EXPECT_EQ(inet_pton(AF_INET6, text, &v6.sin6_addr), 1) << text;
    out.ss_family = AF_INET6;
    v6.sin6_port = htons(443);
  }
  return out;
}

const sockaddr& plain(const sockaddr_storage& address) { return reinterpret_cast<const sockaddr&>(address); }

TEST(PublicAddress, what_anybody_can_reach) {
  for (const auto* text :
       {"1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "169.253.255.255",
        "172.15.255.255", "172.32.0.0", "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0",
        "223.255.255.255", "2606:4700::1111", "2a00:1450:4001::200e", "2001:200::1", "64:ff9b::808:808"})
    EXPECT_TRUE(is_public(plain(address_of(text)))) << text;
}

TEST(PublicAddress, what_stands_for_this_machine_its_neighbours_or_nobody) {
  for (const auto* text : {"0.0.0.0",
                           "10.0.0.1",
                           "10.255.255.255",
                           "100.64.0.1",
                           "100.127.255.255",
                           "127.0.0.1",
                           "127.255.255.255",
                           "169.254.169.254",
                           "172.16.0.1",
                           "172.31.255.255",
                           "192.0.0.1",
                           "192.0.2.1",
                           "192.168.0.1",
                           "198.18.0.1",
                           "198.19.255.255",
                           "203.0.113.9",
                           "224.0.0.1",
                           "239.255.255.255",
                           "240.0.0.1",
                           "255.255.255.255",
                           "::",
                           "::1",
                           "::ffff:1.1.1.1",
                           "::ffff:127.0.0.1",
                           "::7f00:1",
                           "fc00::1",
                           "fd12:3456::1",
                           "fe80::1",
                           "fec0::1",
                           "ff02::1",
                           "2001::1",
                           "2001:db8::1",
                           "2002:7f00:1::1",
                           "3fff::1",
                           "64:ff9b::7f00:1",
                           "64:ff9b::a00:1",
                           "64:ff9b:1::808:808",
                           "100::1",
                           "5f00::1"})
    EXPECT_FALSE(is_public(plain(address_of(text)))) << text;
  sockaddr_storage other{};
  other.ss_family = AF_UNIX;
  EXPECT_FALSE(is_public(plain(other)));
}

TEST(PublicAddress, as_text) {
  EXPECT_EQ(address_text(plain(address_of("192.0.2.1"))), "192.0.2.1:443");
  EXPECT_EQ(address_text(plain(address_of("2001:db8::1"))), "[2001:db8::1]:443");
  EXPECT_EQ(address_text(plain({})), "");
}

}  // namespace
}  // namespace vitrine::http
