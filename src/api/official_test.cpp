// Whom the service declines, and what it answers.
#include "api/official.hpp"

#include <gtest/gtest.h>

namespace vitrine::api {
namespace {

OfficialDevices listed() {
  auto read = OfficialDevices::read({.mail_domains = {"Ministry.Example", "beh\u00f6rde.example"},
                                     .networks = {"192.0.2.0/24", "2001:db8::/32"},
                                     .signals = {"X-Managed-Browser: ministry", "X-State-Device:*"}});
  EXPECT_TRUE(read) << read.error().message;
  return read.value_or(OfficialDevices());
}

http::Request from(std::string address) {
  http::Request request;
  request.client_address = std::move(address);
  return request;
}

TEST(Official, networks_and_signals_are_declined) {
  const auto official = listed();
  EXPECT_TRUE(official.declines(from("192.0.2.77")));
  EXPECT_TRUE(official.declines(from("::ffff:192.0.2.77")));
  EXPECT_TRUE(official.declines(from("2001:db8:1::1")));
  EXPECT_FALSE(official.declines(from("198.51.100.1")));
  EXPECT_FALSE(OfficialDevices().declines(from("192.0.2.77")));

  auto request = from("198.51.100.1");
  request.headers.add("X-Managed-Browser", "school");
  EXPECT_FALSE(official.declines(request));
  request.headers.add("x-managed-browser", " Ministry ");
  EXPECT_TRUE(official.declines(request)) << "a field that comes twice";
  auto marked = from("198.51.100.1");
  marked.headers.add("X-State-Device", "7");
  EXPECT_TRUE(official.declines(marked));
}

TEST(Official, mail_domains_are_declined_with_all_below_them) {
  const auto official = listed();
  for (const auto mail :
       {"a@ministry.example", "a@MINISTRY.example.", "a@mail.ministry.example", "a@x.y.ministry.example",
        "\"a@b\"@ministry.example", "a@ministry\uff0eexample", "a@Beh\u00f6rde.example", "a@xn--behrde-yxa.example"})
    EXPECT_TRUE(official.declines_mail(mail)) << mail;
  for (const auto mail :
       {"a@notministry.example", "a@ministry.example.org", "ministry.example@example.org", "a@", "a", "a@example"})
    EXPECT_FALSE(official.declines_mail(mail)) << mail;
}

TEST(Official, the_list_is_public) {
  EXPECT_EQ(json::serialize(listed().public_json()),
            R"({"mail_domains":["ministry.example","xn--behrde-yxa.example"],)"
            R"("networks":["192.0.2.0/24","2001:db8::/32"],"signals":[{"name":"X-Managed-Browser","value":"ministry"},)"
            R"({"name":"X-State-Device","value":"*"}]})");
}

TEST(Official, what_cannot_be_read_is_refused_with_its_name) {
  const auto told = [](const OfficialDevices::Lists& lists) {
    const auto read = OfficialDevices::read(lists);
    return read ? "" : read.error().message;
  };
  EXPECT_TRUE(told({.mail_domains = {"a@ministry.example"}}).contains("official_mail_domains"));
  EXPECT_TRUE(told({.networks = {"192.0.2.0/2"}}).contains("official_networks"));
  for (const auto signal : {"X-Managed-Browser", "X-Managed-Browser:", ": ministry", "X Managed: ministry"})
    EXPECT_TRUE(told({.signals = {signal}}).contains("official_signals")) << signal;
  EXPECT_TRUE(
      told({.networks = std::vector<std::string>(official_entries_max + 1, "192.0.2.0/24")}).contains("at most"));
}

TEST(Official, people_get_a_page_and_programs_a_problem) {
  auto request = from("192.0.2.77");
  auto answer = decline_official(request, "https://clips.example.org");
  EXPECT_EQ(answer.status, 403);
  EXPECT_EQ(answer.headers.get("Content-Type"), "application/problem+json");
  EXPECT_TRUE(std::get<std::string>(answer.body).contains("/problems/official-device"));
  request.headers.set("Accept", "text/html,application/xhtml+xml");
  answer = decline_official(request, "https://clips.example.org");
  EXPECT_EQ(answer.status, 403);
  const auto& page = std::get<std::string>(answer.body);
  EXPECT_TRUE(page.contains("<b>clips.example.org</b>"));
  EXPECT_FALSE(page.contains("{service}") || page.contains("{style}") || page.contains("<script") ||
               page.contains("http:") || page.contains("https:"));
  EXPECT_TRUE(page.contains("src:url(data:font/woff2;base64,")) << "the app's letters, and no file to ask for";
  EXPECT_EQ(answer.headers.get("Cache-Control"), "no-store");
  EXPECT_FALSE(answer.headers.find("Set-Cookie"));
  EXPECT_TRUE(answer.headers.get("Content-Security-Policy").contains("default-src 'none'; style-src 'sha256-"));
}

}  // namespace
}  // namespace vitrine::api
