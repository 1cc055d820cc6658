#include "http/public_address.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

namespace vitrine::http {
namespace {

bool is_public_text(const std::string& text) {
  sockaddr_storage storage{};
  auto* four = reinterpret_cast<sockaddr_in*>(&storage);
  auto* six = reinterpret_cast<sockaddr_in6*>(&storage);
  if (::inet_pton(AF_INET, text.c_str(), &four->sin_addr) == 1)
    storage.ss_family = AF_INET;
  else if (::inet_pton(AF_INET6, text.c_str(), &six->sin6_addr) == 1)
    storage.ss_family = AF_INET6;
  else
    ADD_FAILURE() << text << " is no address";
  return is_public(reinterpret_cast<const sockaddr&>(storage));
}

TEST(PublicAddress, OfTheInternet) {
  for (const auto* text : {"1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255",
                           "172.15.255.255", "172.32.0.0", "192.167.255.255", "198.17.255.255", "198.20.0.0",
                           "223.255.255.255", "2606:4700::1111", "2a00:1450::1", "2001:200::1", "2003::1"})
    EXPECT_TRUE(is_public_text(text)) << text;
}

TEST(PublicAddress, OfNobodyElse) {
  for (const auto* text : {"0.0.0.0",
                           "0.1.2.3",
                           "10.0.0.1",
                           "100.64.0.1",
                           "100.127.255.255",
                           "127.0.0.1",
                           "127.255.255.1",
                           "169.254.169.254",
                           "172.16.0.1",
                           "172.31.255.255",
                           "192.0.0.8",
                           "192.0.2.1",
                           "192.168.255.1",
                           "198.18.0.1",
                           "198.19.255.1",
                           "198.51.100.7",
                           "203.0.113.77",
                           "224.0.0.1",
                           "239.255.255.255",
                           "240.0.0.1",
                           "255.255.255.255",
                           "::",
                           "::1",
                           "::ffff:8.8.8.8",
                           "::8.8.8.8",
                           "64:ff9b::808:808",
                           "100::1",
                           "2001::1",
                           "2001:10::1",
                           "2001:db8::1",
                           "2002:808:808::1",
                           "3fff::1",
                           "fc00::1",
                           "fd12:3456::1",
                           "fe80::1",
                           "fec0::1",
                           "ff02::1"})
    EXPECT_FALSE(is_public_text(text)) << text;
}

}  // namespace
}  // namespace vitrine::http
