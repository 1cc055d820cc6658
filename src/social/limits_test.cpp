#include "social/limits.hpp"

#include "social/families.hpp"
#include "social/notifications.hpp"
#include "social/testing.hpp"

namespace vitrine::social {
namespace {

constexpr TimeMs minute_ms = 60'000, hour_ms = 60 * minute_ms, day_ms = 24 * hour_ms;
constexpr TimeMs noon_ms = 1'790'078'400'000;  // 2026-09-22 12:00 UTC, a Tuesday

TEST(Limits, quiet_hours_may_go_past_midnight) {
  const Quiet night{22 * 60, 6 * 60}, siesta{13 * 60, 15 * 60};
  for (const int minute : {22 * 60, 23 * 60 + 59, 0, 5 * 60 + 59}) EXPECT_TRUE(is_in(night, minute)) << minute;
  for (const int minute : {6 * 60, 12 * 60, 21 * 60 + 59}) EXPECT_FALSE(is_in(night, minute)) << minute;
  EXPECT_TRUE(is_in(siesta, 13 * 60));
  EXPECT_FALSE(is_in(siesta, 15 * 60));
}

TEST(Limits, one_night_covers_another_only_as_a_whole) {
  const Quiet night{22 * 60, 6 * 60};
  EXPECT_TRUE(covers(night, night));
  EXPECT_TRUE(covers({21 * 60, 7 * 60}, night));
  EXPECT_TRUE(covers(night, {60, 2 * 60}));
  EXPECT_TRUE(covers({7 * 60, 6 * 60}, night));
  for (const Quiet part : {Quiet{23 * 60, 6 * 60}, Quiet{22 * 60, 5 * 60}, Quiet{6 * 60, 22 * 60}, Quiet{60, 120}})
    EXPECT_FALSE(covers(part, night)) << part.from_min;
}

TEST(Limits, the_strictest_holds) {
  const Limits bound{60, Quiet{22 * 60, 6 * 60}};
  EXPECT_EQ(strictest({}, bound), bound);
  EXPECT_EQ(strictest(bound, {}), bound);
  EXPECT_EQ(strictest({30, {}}, bound).daily_minutes, 30);
  EXPECT_EQ(strictest({90, {}}, bound).daily_minutes, 60);
  const Quiet longer{21 * 60, 7 * 60}, shorter{23 * 60, 7 * 60};
  EXPECT_EQ(strictest({{}, longer}, bound).quiet, longer);
  EXPECT_EQ(strictest({{}, shorter}, bound).quiet, bound.quiet);
  EXPECT_TRUE(is_as_strict({}, bound));
  EXPECT_TRUE(is_as_strict({45, longer}, bound));
  EXPECT_FALSE(is_as_strict({61, longer}, bound));
  EXPECT_FALSE(is_as_strict({45, shorter}, bound));
}

TEST(Limits, what_cannot_be_one_is_refused) {
  EXPECT_TRUE(check_limits({}));
  EXPECT_TRUE(check_limits({daily_minutes_min, Quiet{0, 1439}}));
  for (const int minutes : {-1, 0, daily_minutes_min - 1, minutes_of_day + 1})
    EXPECT_EQ(check_limits({minutes, {}}).error().code, Errc::invalid_argument) << minutes;
  for (const Quiet quiet : {Quiet{0, 0}, Quiet{-1, 5}, Quiet{5, 1440}})
    EXPECT_EQ(check_limits({{}, quiet}).error().code, Errc::invalid_argument);
  EXPECT_EQ(minute_of_day_in("06:30"), 390);
  EXPECT_EQ(clock_text(390), "06:30");
  for (const auto wrong : {"", "6:30", "24:00", "12:60", "ab:cd", "12.30", "12:3 ", "012:30"})
    EXPECT_FALSE(minute_of_day_in(wrong)) << wrong;
}

class WatchLimitsTest : public SocialTest {
 protected:
  void SetUp() override {
    SocialTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    limits_ = std::move(WatchLimits::open(*database_, clock_).value());
    clock_.advance(noon_ms - clock_.now());
    adult_ = somebody("ada").account.id;
    minor_ = somebody_young("tim").account.id;
  }
  LimitState state(const std::string& account) {
    auto got = limits_->state(account);
    EXPECT_TRUE(got) << got.error().message;
    return got.value_or(LimitState{});
  }
  void watch(const std::string& account, std::int64_t minutes) {
    EXPECT_TRUE(limits_->add_watched(account, clock_.now(), minutes * minute_ms));
  }
  std::unique_ptr<WatchLimits> limits_;
  std::string adult_, minor_;
};
INSTANTIATE_TEST_SUITE_P(Engines, WatchLimitsTest, store::testing::both_engines(), store::testing::engine_name);

TEST_P(WatchLimitsTest, minors_begin_with_limits_and_adults_with_none) {
  const auto young = state(minor_), old = state(adult_);
  EXPECT_EQ(young.limits, minor_limits);
  EXPECT_EQ(young.bound, minor_limits);
  EXPECT_TRUE(young.hides_sensitive);
  EXPECT_FALSE(young.may_show_sensitive);
  EXPECT_EQ(old.limits, Limits{});
  EXPECT_FALSE(old.bound);
  EXPECT_FALSE(old.hides_sensitive);
  EXPECT_EQ(limits_->state("nobody").error().code, Errc::not_found);
}

TEST_P(WatchLimitsTest, the_feed_rests_once_the_minutes_are_used_and_until_midnight) {
  watch(minor_, 59);
  EXPECT_EQ(state(minor_).rest, Rest::none);
  watch(minor_, 1);
  const auto used = state(minor_);
  EXPECT_EQ(used.rest, Rest::limit);
  EXPECT_EQ(used.until, noon_ms + 12 * hour_ms);
  EXPECT_TRUE(used.may_extend);
  ASSERT_TRUE(limits_->extend(minor_));
  EXPECT_EQ(state(minor_).rest, Rest::none);
  EXPECT_EQ(limits_->extend(minor_).error().code, Errc::conflict) << "once a day";
  watch(minor_, 15);
  EXPECT_EQ(state(minor_).rest, Rest::limit);
  EXPECT_FALSE(state(minor_).may_extend);
  clock_.advance(day_ms);
  EXPECT_EQ(state(minor_).rest, Rest::none);
  EXPECT_EQ(state(minor_).used_ms, 0);
  EXPECT_TRUE(state(minor_).may_extend);
}

TEST_P(WatchLimitsTest, nights_are_those_of_where_one_is) {
  EXPECT_EQ(state(minor_).night_at, noon_ms + 10 * hour_ms);
  clock_.advance(noon_ms + 10 * hour_ms - clock_.now());
  EXPECT_EQ(state(minor_).rest, Rest::night);
  EXPECT_EQ(state(minor_).until, noon_ms + 18 * hour_ms);
  EXPECT_TRUE(*limits_->is_quiet(minor_));
  EXPECT_FALSE(*limits_->is_quiet(adult_));
  EXPECT_TRUE(*limits_->is_quiet("nobody"));
  ASSERT_TRUE(limits_->set_time_zone(minor_, "America/New_York"));
  EXPECT_EQ(state(minor_).rest, Rest::none) << "it is six in the evening there";
  EXPECT_EQ(limits_->set_time_zone(minor_, "Asia/Tokyo").error().code, Errc::too_many_requests);
  EXPECT_TRUE(limits_->set_time_zone(minor_, "America/New_York")) << "the same is no change";
  EXPECT_EQ(limits_->set_time_zone(minor_, "Mars/Base").error().code, Errc::invalid_argument);
  clock_.advance(time_zone_pause_ms);
  EXPECT_TRUE(limits_->set_time_zone(minor_, "Asia/Tokyo"));
  ASSERT_TRUE(limits_->set_time_zone(adult_, "Asia/Tokyo"));
  EXPECT_TRUE(limits_->set_time_zone(adult_, "Europe/Amsterdam")) << "adults move as they like";
}

TEST_P(WatchLimitsTest, minors_may_be_stricter_with_themselves_not_looser) {
  ASSERT_TRUE(limits_->set(minor_, {30, Quiet{21 * 60, 7 * 60}}, true));
  EXPECT_EQ(state(minor_).limits, (Limits{30, Quiet{21 * 60, 7 * 60}}));
  for (const Limits looser : {Limits{90, {}}, Limits{{}, Quiet{23 * 60, 6 * 60}}})
    EXPECT_EQ(limits_->set(minor_, looser, true).error().code, Errc::forbidden);
  EXPECT_EQ(limits_->set(minor_, {}, false).error().code, Errc::forbidden) << "sensitive clips stay out";
  ASSERT_TRUE(limits_->set(minor_, {}, true));
  EXPECT_EQ(state(minor_).limits, minor_limits);
  EXPECT_EQ(limits_->set(minor_, {5, {}}, true).error().code, Errc::invalid_argument);
}

TEST_P(WatchLimitsTest, adults_may_have_them_and_are_counted_only_then) {
  watch(adult_, 20);
  ASSERT_TRUE(limits_->set(adult_, {30, {}}, false));
  EXPECT_EQ(state(adult_).used_ms, 0) << "nothing was counted before";
  watch(adult_, 30);
  EXPECT_EQ(state(adult_).rest, Rest::limit);
  ASSERT_TRUE(limits_->set(adult_, {}, true));
  EXPECT_TRUE(state(adult_).hides_sensitive);
  ASSERT_TRUE(limits_->set(adult_, {30, {}}, true));
  EXPECT_EQ(state(adult_).used_ms, 0) << "and forgotten with the limit";
}

TEST_P(WatchLimitsTest, seven_days_are_kept) {
  ASSERT_TRUE(limits_->set_time_zone(minor_, "Europe/Amsterdam"));
  for (int day = 0; day < 9; ++day) {
    watch(minor_, 10 + day);
    clock_.advance(day_ms);
  }
  const auto days = limits_->days(minor_);
  ASSERT_TRUE(days);
  std::vector<std::int64_t> minutes;
  for (const auto& day : *days) minutes.push_back(day.minutes);
  EXPECT_EQ(minutes, (std::vector<std::int64_t>{13, 14, 15, 16, 17, 18, 0}));
  EXPECT_EQ(days->back().day, "2026-10-01");
  const auto rows = database_->query("SELECT COUNT(*) FROM watch_days");
  EXPECT_LE((*rows)[0].integer(0), days_shown);
  ASSERT_TRUE(limits_->add_watched(minor_, clock_.now() - day_ms, 5 * minute_ms));
  ASSERT_TRUE(limits_->add_watched(minor_, clock_.now() + 30 * day_ms, 2 * minute_ms));
  ASSERT_TRUE(limits_->add_watched(minor_, clock_.now(), -minute_ms));
  ASSERT_TRUE(limits_->add_watched(minor_, clock_.now(), 300 * day_ms));
  EXPECT_EQ(limits_->days(minor_)->at(5).minutes, 23) << "a day that is told later";
  EXPECT_EQ(limits_->days(minor_)->back().minutes, 24 * 60) << "a day has no more";
}

TEST_P(WatchLimitsTest, at_night_nothing_calls) {
  const auto notifications = std::move(Notifications::open(*database_, clock_).value());
  std::vector<std::int64_t> told;
  ASSERT_TRUE(notifications->watch(minor_, [&](std::int64_t unread) { return told.push_back(unread), true; }));
  notifications->tell({NotificationKind::follow, minor_, adult_, "", ""});
  notifications->settle();
  clock_.advance(noon_ms + 11 * hour_ms - clock_.now());
  notifications->wake(minor_);
  EXPECT_EQ(told, (std::vector<std::int64_t>{0, 1, 0}));
  EXPECT_EQ(notifications->page(minor_, "")->unread, 1) << "what came is there for whoever looks";
}

}  // namespace
}  // namespace vitrine::social
