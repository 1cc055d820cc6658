// What the glass page tells, and what it keeps to itself.
#include "api/glass.hpp"

#include <gtest/gtest.h>

#include "api/render.hpp"

namespace vitrine::api {
namespace {

constexpr std::int64_t now_s = 1'795'600'000;  // 2026-11-25
const std::string demand_id(26, '7');

crypto::Hash seed(std::string_view of) { return crypto::sha256(of); }

class GlassTest : public ::testing::Test {
 protected:
  GlassTest() : entries_(std::make_shared<custody::Register>(rules())) {
    seen_.entries = entries_;
    seen_.size = 12;
    seen_.cosigned = {{.size = 12, .at_s = now_s - 10}, {.size = 9, .at_s = now_s - 10}};
  }
  static const custody::Rules& rules() {
    static const custody::Rules out = [] {
      const auto cosigner = [](const char* name) {
        return tlog::Signer(name, tlog::Algorithm::cosignature, seed(name)).verifier();
      };
      custody::Rules made;
      made.log = tlog::Signer("test/log", tlog::Algorithm::ed25519, seed("log")).verifier();
      made.witnesses = tlog::Policy::quorum_of(1, {{"w1", cosigner("test/w1"), ""}, {"w2", cosigner("test/w2"), ""}});
      made.custodians = {{"c1", crypto::BoxKey(seed("c1")).public_key()},
                         {"c2", crypto::BoxKey(seed("c2")).public_key()}};
      made.rp_id = "localhost";
      made.members = {{.id = "otto", .role = custody::Role::overseer, .zone = "home", .cose_key = "key", .key = {}}};
      return made;
    }();
    return out;
  }
  json::object glass() const {
    return glass_json({.rules = rules(), .seen = seen_, .independent = independent_, .state = "up", .now_s = now_s});
  }
  const custody::entry::DemandContent content_{"Court", "Law", "contact", "NL", "home"};
  std::shared_ptr<custody::Register> entries_;
  custody::PublicRegister::View seen_;
  std::set<std::string> independent_;
};

TEST_F(GlassTest, says_whom_one_has_to_believe) {
  auto page = glass();
  EXPECT_EQ(page.at("mode").as_string(), "single-machine");
  EXPECT_EQ(page.at("log").at("vkey").as_string(), rules().log.text());
  EXPECT_EQ(page.at("log").at("size").to_number<int>(), 12);
  const auto policy = tlog::Policy::parse(page.at("policy").as_string());
  ASSERT_TRUE(policy) << policy.error().message;
  EXPECT_EQ(policy->logs().at(0).key, rules().log);
  EXPECT_EQ(policy->witnesses().size(), 2u);
  const auto shown = custody::read_rules(page.at("rules").at("text").as_string());
  ASSERT_TRUE(shown) << shown.error().message;
  EXPECT_EQ(page.at("rules").at("hash").as_string(), crypto::base64(shown->hash()));
  EXPECT_EQ(page.at("witnesses").at(0).at("trouble").as_string(), "");
  EXPECT_NE(page.at("witnesses").at(1).at("trouble").as_string(), "") << "it is behind";
  seen_.cosigned[0].at_s = now_s - 3'600;
  EXPECT_EQ(glass().at("witnesses").at(0).at("trouble").as_string(), "it last cosigned 60 minutes ago");
}

TEST_F(GlassTest, claims_no_independence_that_nobody_configured) {
  const auto alone = glass();
  for (const auto& one : alone.at("custodians").as_array()) EXPECT_FALSE(one.at("independent").as_bool());
  independent_ = {"c2", "w1"};
  const auto page = glass();
  EXPECT_EQ(page.at("mode").as_string(), "distributed");
  EXPECT_FALSE(page.at("custodians").at(0).at("independent").as_bool());
  EXPECT_TRUE(page.at("custodians").at(1).at("independent").as_bool());
  EXPECT_TRUE(page.at("witnesses").at(0).at("independent").as_bool());
}

TEST_F(GlassTest, hides_a_sealed_demand_and_shows_it_once_opened) {
  const auto commitment = custody::entry::commitment_to(seed("salt"), content_.text());
  entries_->read(custody::entry::SealedDemand{now_s - 20, demand_id, commitment, now_s - 10}.text(), now_s);
  const auto sealed = glass().at("demands").at(0).as_object();
  EXPECT_EQ(json::serialize(sealed), fmt::format(R"({{"id":"{}","bucket_s":{},"sealed":true,"open_by_s":{},)"
                                                 R"("overdue":true,"outcome":null}})",
                                                 demand_id, now_s - 20, now_s - 10));
  entries_->read(custody::entry::Unsealed{now_s, demand_id, content_.text(), seed("salt")}.text(), now_s);
  const auto opened = glass().at("demands").at(0).as_object();
  EXPECT_EQ(opened.at("authority").as_string(), "Court");
  EXPECT_FALSE(opened.at("sealed").as_bool());
  EXPECT_FALSE(opened.at("overdue").as_bool());
  EXPECT_EQ(opened.at("open_by_s").to_number<std::int64_t>(), now_s - 10);
}

TEST_F(GlassTest, shows_what_the_log_tells_and_what_the_log_did) {
  entries_->read(custody::entry::Alarm{now_s, "demand", "late"}.text(), now_s);
  entries_->read(custody::entry::Model{now_s, seed("model")}.text(), now_s);
  entries_->read(custody::entry::Retention{now_s, 0}.text(), now_s);
  seen_.alarms = {{now_s, "log", "split view"}};
  const auto page = glass();
  EXPECT_EQ(page.at("alarms").at(0).at("text").as_string(), "split view");
  EXPECT_EQ(page.at("alarms").at(1).at("text").as_string(), "late");
  EXPECT_EQ(page.at("models").at(0).at("sha256").as_string(), crypto::base64(seed("model")));
  EXPECT_EQ(page.at("retention_proof").at("older").to_number<int>(), 0);
  EXPECT_EQ(page.at("roster").at(0).at("role").as_string(), "overseer");
  EXPECT_EQ(page.at("days").as_array().size(), 30u);
  EXPECT_EQ(page.at("days").at(29).at("day").as_string(), "2026-11-25");
}

TEST(Days, have_one_spelling) {
  EXPECT_EQ(*day_start_s("1970-01-02"), 86'400);
  EXPECT_EQ(*day_start_s("2028-02-29"), 1'835'395'200);
  for (const char* text : {"", "2026-11-2", "2026-11-31", "2027-02-29", "2026-13-01", "2026-00-10", "2026/11/25",
                           "26-11-2500", "+026-11-25", "2026-11-25 "})
    EXPECT_FALSE(day_start_s(text)) << text;
}

}  // namespace
}  // namespace vitrine::api
