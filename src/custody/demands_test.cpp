// Demands on both engines, with what the log gets of them read as outsiders read it.
#include "custody/demands.hpp"

#include "custody/public_register.hpp"
#include "store/testing.hpp"

namespace vitrine::custody {
namespace {

constexpr TimeMs start_ms = 1'790'000'000'000;
constexpr std::int64_t week_s = 7 * 86'400;

class DemandsTest : public store::testing::BothEngines {
 protected:
  void SetUp() override {
    BothEngines::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    reopen();
  }
  void reopen() {
    LogPort port;
    port.append = [this](const std::string& entry) -> Result<std::uint64_t> {
      if (log_is_away_) return fail(Errc::unavailable, "the log is away");
      entries_.push_back(entry);
      return entries_.size() - 1;
    };
    outbox_ = std::move(Outbox::open(*database_, port).value());
    demands_ = std::move(Demands::open(*database_, *outbox_, clock_, {"NL", "DE"}).value());
  }
  /// Whoever reads the log from its beginning.
  Register shown() const {
    Register out{Rules()};
    for (const auto& entry : entries_) {
      EXPECT_TRUE(parse_canonical_json(entry)) << entry;
      EXPECT_TRUE(read_entry(entry)) << entry;
      out.read(entry, now_s());
    }
    return out;
  }
  std::int64_t now_s() const { return clock_.now() / 1000; }
  Demand taken(std::optional<std::int64_t> open_by_s = std::nullopt) {
    const auto demand = demands_->take_in(content_, open_by_s);
    EXPECT_TRUE(demand) << demand.error().message;
    clock_.advance(1);
    return demand.value_or(Demand());
  }
  bool log_tells(std::string_view word) const {
    return std::ranges::any_of(entries_, [&](const auto& entry) { return entry.find(word) != entry.npos; });
  }

  const entry::DemandContent content_{"Court of Amsterdam", "Sv 126nd", "contact", "NL", "home"};
  ManualClock clock_{start_ms};
  bool log_is_away_ = false;
  std::vector<std::string> entries_;
  std::unique_ptr<Outbox> outbox_;
  std::unique_ptr<Demands> demands_;
};
INSTANTIATE_TEST_SUITE_P(Engines, DemandsTest, store::testing::both_engines(), store::testing::engine_name);

TEST_P(DemandsTest, are_public_as_they_come_in_and_as_they_are_answered) {
  const auto demand = taken();
  EXPECT_EQ(shown().demands().front().content, content_);
  EXPECT_FALSE(shown().demands().front().outcome);
  const auto decided = demands_->decide(demand.id, Outcome::partly, "one of two fields");
  ASSERT_TRUE(decided) << decided.error().message;
  EXPECT_EQ(decided->outcome, Outcome::partly);
  EXPECT_EQ(shown().demands().front().outcome, Outcome::partly);
  EXPECT_EQ(shown().demands().front().reason, "one of two fields");
  EXPECT_EQ(demands_->decide(demand.id, Outcome::refused, "").error().code, Errc::conflict) << "said once";
  EXPECT_EQ(demands_->decide("nobody's", Outcome::refused, "").error().code, Errc::not_found);
  EXPECT_EQ(demands_->unseal(demand.id).error().code, Errc::conflict);
}

TEST_P(DemandsTest, of_another_country_or_zone_are_refused_at_once_and_in_public) {
  auto abroad = content_;
  abroad.country = "US";
  auto elsewhere = content_;
  elsewhere.zone = "abroad";
  for (const auto& content : {abroad, elsewhere}) {
    const auto refused = demands_->take_in(content, std::nullopt);
    ASSERT_TRUE(refused) << refused.error().message;
    EXPECT_EQ(refused->outcome, Outcome::refused);
    const auto said = shown().demands().front();
    EXPECT_EQ(said.content, content);
    EXPECT_EQ(said.outcome, Outcome::refused);
    EXPECT_FALSE(said.reason.empty());
    EXPECT_EQ(demands_->decide(refused->id, Outcome::complied, "").error().code, Errc::conflict) << "nor later";
    EXPECT_EQ(demands_->take_in(content, now_s() + week_s).error().code, Errc::forbidden) << "nor sealed";
    clock_.advance(1);
  }
  EXPECT_EQ(shown().demands().size(), 2u);
}

TEST_P(DemandsTest, that_are_sealed_tell_nothing_until_they_are_opened) {
  const auto demand = taken(now_s() + week_s);
  EXPECT_TRUE(demand.sealed);
  ASSERT_TRUE(demands_->decide(demand.id, Outcome::complied, "a secret reason"));
  const auto before = shown();
  EXPECT_TRUE(before.demands().front().sealed());
  EXPECT_EQ(before.demands().front().outcome, Outcome::complied);
  // Not the country: two bare letters turn up in a hash's base64 by chance.
  const auto words = {"Amsterdam", "126nd", "contact", "country", "secret"};
  for (const char* word : words) EXPECT_FALSE(log_tells(word)) << word;
  reopen();
  const auto opened = demands_->unseal(demand.id);
  ASSERT_TRUE(opened) << opened.error().message;
  EXPECT_FALSE(opened->sealed);
  for (const char* word : words) EXPECT_TRUE(log_tells(word)) << word;
  const auto after = shown();
  EXPECT_EQ(after.demands().front().content, content_) << "what was opened is what was sealed";
  EXPECT_EQ(after.demands().front().reason, "a secret reason");
  EXPECT_TRUE(after.alarms().empty());
  EXPECT_EQ(demands_->unseal(demand.id).error().code, Errc::conflict);
  EXPECT_TRUE((*database_->query("SELECT 1 FROM demands WHERE salt IS NOT NULL")).empty());
}

TEST_P(DemandsTest, that_are_opened_late_raise_one_alarm) {
  const auto demand = taken(now_s() + week_s);
  taken();
  ASSERT_TRUE(demands_->keep_up());
  EXPECT_TRUE(shown().alarms().empty());
  clock_.advance((week_s + 1) * 1000);
  EXPECT_TRUE(demands_->list()->back().overdue(now_s()));
  ASSERT_TRUE(demands_->keep_up());
  ASSERT_TRUE(demands_->keep_up());
  reopen();
  ASSERT_TRUE(demands_->keep_up());
  ASSERT_EQ(entries_.size(), 3u);
  ASSERT_EQ(shown().alarms().size(), 1u);
  EXPECT_EQ(shown().alarms().front().about, demand.id);
  ASSERT_TRUE(demands_->unseal(demand.id));
  ASSERT_TRUE(demands_->keep_up());
  EXPECT_EQ(shown().alarms().size(), 1u);
  EXPECT_FALSE(demands_->list()->back().overdue(now_s()));
}

TEST_P(DemandsTest, reach_a_log_that_was_away_in_their_order) {
  log_is_away_ = true;
  const auto first = taken();
  const auto second = taken(now_s() + week_s);
  ASSERT_TRUE(demands_->decide(first.id, Outcome::refused, "void"));
  ASSERT_TRUE(demands_->unseal(second.id));
  EXPECT_EQ(demands_->keep_up().error().code, Errc::unavailable);
  EXPECT_TRUE(entries_.empty());
  reopen();
  log_is_away_ = false;
  ASSERT_TRUE(demands_->keep_up());
  EXPECT_EQ(entries_.size(), 4u);
  EXPECT_EQ(shown().demands().size(), 2u);
  EXPECT_EQ(shown().demands().back().outcome, Outcome::refused);
  EXPECT_FALSE(shown().demands().front().sealed());
  ASSERT_TRUE(demands_->keep_up());
  EXPECT_EQ(entries_.size(), 4u) << "once";
}

TEST_P(DemandsTest, have_limits) {
  const auto refused = [&](auto change) {
    auto content = content_;
    change(content);
    return demands_->take_in(content, std::nullopt).error().code == Errc::invalid_argument;
  };
  EXPECT_TRUE(refused([](auto& one) { one.authority = ""; }));
  EXPECT_TRUE(refused([](auto& one) { one.basis = ""; }));
  EXPECT_TRUE(refused([](auto& one) { one.authority = std::string(entry::authority_bytes_max + 1, 'x'); }));
  EXPECT_TRUE(refused([](auto& one) { one.basis = std::string(entry::sentence_bytes_max + 1, 'x'); }));
  EXPECT_TRUE(refused([](auto& one) { one.country = "Netherlands"; }));
  EXPECT_TRUE(refused([](auto& one) { one.country = "nl"; }));
  EXPECT_TRUE(refused([](auto& one) { one.data_class = "location"; }));
  EXPECT_TRUE(refused([](auto& one) { one.zone = std::string(entry::word_bytes_max + 1, 'x'); }));
  for (const std::int64_t open_by_s : {now_s(), now_s() + sealed_s_max + 1})
    EXPECT_EQ(demands_->take_in(content_, open_by_s).error().code, Errc::invalid_argument);
  EXPECT_TRUE(entries_.empty());
  const auto demand = taken(now_s() + sealed_s_max);
  const std::string reason(entry::sentence_bytes_max, 'x');
  EXPECT_EQ(demands_->decide(demand.id, Outcome::partly, reason + "x").error().code, Errc::invalid_argument);
  EXPECT_TRUE(demands_->decide(demand.id, Outcome::partly, reason));
  auto longest = content_;
  longest.authority = std::string(entry::authority_bytes_max, '"');
  longest.basis = std::string(entry::sentence_bytes_max, '"');
  const auto sealed = demands_->take_in(longest, now_s() + week_s);
  ASSERT_TRUE(sealed);
  ASSERT_TRUE(demands_->unseal(sealed->id));
  EXPECT_EQ(shown().demands().front().content, longest) << "the longest texts fit, however they are escaped";
}

TEST_P(DemandsTest, are_listed_newest_first) {
  const auto first = taken(), second = taken();
  const auto list = demands_->list();
  ASSERT_EQ(list->size(), 2u);
  EXPECT_EQ(list->front().id, second.id);
  EXPECT_EQ(list->back().id, first.id);
  EXPECT_EQ(list->back().content, content_);
}

}  // namespace
}  // namespace vitrine::custody
