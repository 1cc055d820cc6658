#include "http/compression.hpp"

namespace vitrine::http {
namespace {

std::string list_of(int items) {
  std::string text = "[";
  for (int i = 0; i < items; ++i) text += fmt::format(R"({{"id":{},"caption":"Waves at night"}},)", i);
  return text + "0]";
}

Request request_that_accepts(std::string_view field) {
  Request request;
  request.headers.set("Accept-Encoding", field);
  return request;
}

std::string_view body_of(const Response& response) { return std::get<std::string>(response.body); }

TEST(CompressionTest, TextsAreAFractionAndComeOutAsTheyWere) {
  const auto text = list_of(500);
  for (int times = 0; times < 3; ++times) {
    auto response = Response::json(200, text);
    compress(request_that_accepts("gzip, deflate, br"), response);
    EXPECT_EQ("gzip", response.headers.get("Content-Encoding"));
    EXPECT_EQ("Accept-Encoding", response.headers.get("Vary"));
    EXPECT_LT(body_of(response).size() * 5, text.size());
    EXPECT_EQ(text, *gunzip(body_of(response), text.size()));
  }
}

TEST(CompressionTest, WhoDoesNotTakeItGetsItAsItIs) {
  auto response = Response::json(200, list_of(500));
  response.headers.set("Vary", "Cookie");
  compress(request_that_accepts("br, gzip;q=0"), response);
  EXPECT_EQ(list_of(500), body_of(response));
  EXPECT_FALSE(response.headers.find("Content-Encoding"));
  EXPECT_EQ("Cookie, Accept-Encoding", response.headers.get("Vary"));
}

TEST(CompressionTest, WhatIsShortOrNoTextOrHasATagStays) {
  const std::string zeros(10'000, '0');
  std::vector<Response> responses{Response::json(200, zeros.substr(0, packed_bytes_min - 1)),
                                  Response::text(200, "video/mp4", zeros), Response::text(200, "text/plain", zeros),
                                  Response::text(200, "text/plain", zeros)};
  responses[2].headers.set("ETag", "\"1\"");
  responses[3].headers.set("Content-Encoding", "br");
  for (auto& response : responses) {
    const auto before = std::string(body_of(response));
    compress(request_that_accepts("gzip"), response);
    EXPECT_EQ(before, body_of(response));
    EXPECT_NE("gzip", response.headers.get("Content-Encoding"));
  }
}

TEST(CompressionTest, WhatIsNoGzipOrTooMuchIsRefused) {
  auto response = Response::json(200, list_of(500));
  compress(request_that_accepts("gzip"), response);
  const auto packed = body_of(response);
  EXPECT_EQ(Errc::too_large, gunzip(packed, list_of(500).size() - 1).error().code);
  for (const auto broken :
       {packed.substr(0, packed.size() - 1), packed.substr(1), std::string_view("plain"), packed.substr(0, 0)})
    EXPECT_EQ(Errc::invalid_argument, gunzip(broken, 1 << 20).error().code);
}

}  // namespace
}  // namespace vitrine::http
