// The outbox on both engines: what is said beside a change goes with it, in order, once the log is there.
#include "custody/outbox.hpp"

#include "store/testing.hpp"

namespace vitrine::custody {
namespace {

class OutboxTest : public store::testing::BothEngines {
 protected:
  void SetUp() override {
    BothEngines::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    LogPort port;
    port.append = [this](const std::string& entry) -> Result<std::uint64_t> {
      if (log_is_away_) return fail(Errc::unavailable, "the log is away");
      entries_.push_back(entry);
      return entries_.size() - 1;
    };
    outbox_ = std::move(Outbox::open(*database_, port).value());
  }
  Result<void> say(const std::string& entry, bool then_fails = false) {
    return database_->transaction(store::Access::write, [&](store::Session& session) -> Result<void> {
      VT_CHECK(Outbox::add(session, entry));
      return then_fails ? Result<void>(fail(Errc::conflict, "no")) : Result<void>();
    });
  }

  bool log_is_away_ = false;
  std::vector<std::string> entries_;
  std::unique_ptr<Outbox> outbox_;
};
INSTANTIATE_TEST_SUITE_P(Engines, OutboxTest, store::testing::both_engines(), store::testing::engine_name);

TEST_P(OutboxTest, says_in_order_what_was_committed_and_nothing_else) {
  log_is_away_ = true;
  ASSERT_TRUE(say("first"));
  EXPECT_FALSE(say("undone", true));
  ASSERT_TRUE(say("second"));
  EXPECT_EQ(outbox_->move_on().error().code, Errc::unavailable);
  log_is_away_ = false;
  ASSERT_TRUE(outbox_->move_on());
  ASSERT_TRUE(outbox_->move_on());
  EXPECT_EQ(entries_, (std::vector<std::string>{"first", "second"}));
}

TEST_P(OutboxTest, takes_entries_of_many_at_once) {
  constexpr int speakers = 4, entries_each = 10;
  std::vector<std::jthread> threads;
  std::atomic<int> said = 0;
  for (int i = 0; i < speakers; ++i)
    threads.emplace_back([&, i] {
      for (int j = 0; j < entries_each; ++j) said += say(fmt::format("{} {}", i, j)).has_value();
    });
  threads.clear();
  EXPECT_EQ(said, speakers * entries_each);
  ASSERT_TRUE(outbox_->move_on());
  EXPECT_EQ(std::set<std::string>(entries_.begin(), entries_.end()).size(), entries_.size());
  EXPECT_EQ(entries_.size(), static_cast<std::size_t>(speakers * entries_each));
}

}  // namespace
}  // namespace vitrine::custody
