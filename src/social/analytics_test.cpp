#include "social/analytics.hpp"

#include <numeric>
#include <random>

#include "social/testing.hpp"

namespace vitrine::social {
namespace {

constexpr TimeMs day_ms = 24LL * 3600 * 1000, hour_ms = 3'600'000;
constexpr std::int64_t k = analytics_people_min;

std::string viewer_named(std::int64_t number) { return fmt::format("viewer-number-{:08}", number); }

class AnalyticsTest : public SocialTest {
 protected:
  void SetUp() override {
    SocialTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    open_analytics();
    creator_ = somebody("creator");
    clip_ = live_video_of(creator_);
  }
  void open_analytics() { analytics_ = std::move(Analytics::open(*database_, clock_).value()); }

  /// `count` people who have not been there before, each watching half of the clip of a second.
  void watch(const std::string& clip, std::int64_t count, std::string_view source = "for_you", TimeMs at = start_ms,
             std::int64_t watched_ms = 500) {
    std::vector<std::string> names;
    for (std::int64_t i = 0; i < count; ++i) names.push_back(viewer_named(viewers_++));
    std::vector<Showing> showings;
    for (const auto& name : names)
      showings.push_back(
          {.viewer = name, .video = clip, .source = source, .shown_at = at, .watched_ms = watched_ms, .view = true});
    ASSERT_TRUE(analytics_->take(showings, ++next_));
  }
  [[nodiscard]] VideoFigures of_clip(std::int64_t days = 7) const { return analytics_->of_video(clip_, days).value(); }
  [[nodiscard]] AccountFigures of_creator(std::int64_t days = 7, std::int64_t hours_east = 0) const {
    return analytics_->of_account(creator_.account.id, days, hours_east).value();
  }

  std::unique_ptr<Analytics> analytics_;
  SignIn creator_;
  std::string clip_;
  std::int64_t viewers_ = 0, next_ = 0;
};
INSTANTIATE_TEST_SUITE_P(Engines, AnalyticsTest, store::testing::both_engines(), store::testing::engine_name);

std::size_t place_of(std::string_view source) {
  return static_cast<std::size_t>(std::ranges::find(traffic_sources, source) - traffic_sources.begin());
}

TEST_P(AnalyticsTest, NothingIsToldOfFewerThanTwenty) {
  watch(clip_, k - 1);
  EXPECT_EQ(of_clip().views, std::nullopt);
  EXPECT_EQ(of_creator().views, std::nullopt);
  watch(clip_, 1);
  const auto figures = of_clip();
  EXPECT_EQ(figures.views, k);
  EXPECT_EQ(figures.viewers, k);
  EXPECT_EQ(figures.watched_ms, k * 500);
  EXPECT_EQ(figures.watched_percent, 50);
  EXPECT_EQ(figures.days.back().views, k);
  EXPECT_EQ(figures.days.front().views, std::nullopt);
  EXPECT_EQ(figures.sources[place_of("for_you")], k);
  EXPECT_EQ(of_creator().views, k);
  EXPECT_EQ(of_creator().top.at(0).video, clip_);
}

TEST_P(AnalyticsTest, ViewsOfOnePersonAreNotMany) {
  std::vector<Showing> showings(200, {.viewer = "viewer-number-one",
                                      .video = clip_,
                                      .source = "for_you",
                                      .shown_at = start_ms,
                                      .watched_ms = 900,
                                      .view = true});
  ASSERT_TRUE(analytics_->take(showings, 1));
  EXPECT_EQ(of_clip().views, std::nullopt);
}

TEST_P(AnalyticsTest, EachRecordIsTakenOnceOverARestart) {
  watch(clip_, 30);
  database_.reset();
  open();
  open_analytics();
  EXPECT_EQ(analytics_->taken_until().value(), 1);
  EXPECT_EQ(of_clip().views, 30);
}

TEST_P(AnalyticsTest, WhatFailsHalfwayLeavesNothing) {
  watch(clip_, k - 1);
  run("DROP TABLE analytics_accounts");
  const std::string last = viewer_named(1'000);
  const Showing showing{
      .viewer = last, .video = clip_, .source = "for_you", .shown_at = start_ms, .watched_ms = 500, .view = true};
  EXPECT_FALSE(analytics_->take(std::span(&showing, 1), 2));
  EXPECT_EQ(analytics_->taken_until().value(), 1);
  EXPECT_EQ(of_clip().views, std::nullopt);
}

TEST_P(AnalyticsTest, AQuietDayIsToldTogetherWithALaterOne) {
  watch(clip_, 12);
  clock_.advance(2 * day_ms);
  ASSERT_TRUE(analytics_->keep_up());
  EXPECT_EQ(of_clip().views, std::nullopt);
  watch(clip_, 8, "for_you", clock_.now() - day_ms);
  const auto days = of_clip().days;
  EXPECT_EQ(days[days.size() - 2].views, k);
  EXPECT_EQ(days[days.size() - 3].views, std::nullopt);
}

TEST_P(AnalyticsTest, ASmallSourceTakesAnotherWithIt) {
  watch(clip_, 60, "for_you");
  watch(clip_, 10, "search");
  watch(clip_, 25, "profile");
  const auto figures = of_clip();
  EXPECT_EQ(figures.views, 95);
  EXPECT_EQ(figures.sources[place_of("for_you")], 60);
  EXPECT_EQ(figures.sources[place_of("search")], std::nullopt);
  EXPECT_EQ(figures.sources[place_of("profile")], std::nullopt) << "95 - 60 - 25 would tell of ten";
}

TEST_P(AnalyticsTest, RetentionIsReadInStepsOfTwenty) {
  watch(clip_, 50, "for_you", start_ms, 100);
  watch(clip_, 10, "for_you", start_ms, 5'000);
  watch(clip_, 40, "for_you", start_ms, 700);
  const auto curve = of_clip().retention;
  EXPECT_EQ(curve[0], 100);
  EXPECT_EQ(curve[5], std::nullopt) << "all are there: fewer than twenty have left";
  EXPECT_EQ(curve[6], 60) << "50 of 100, to the next twenty";
  EXPECT_EQ(curve[35], 60);
  EXPECT_EQ(curve[36], std::nullopt) << "ten are left";
}

TEST_P(AnalyticsTest, BusyHoursAreLevelsInTheAskersTime) {
  const TimeMs monday = 1'789'948'800'000;  // 2026-09-21 00:00 UTC
  watch(clip_, 100, "for_you", monday + 9 * hour_ms);
  watch(clip_, 30, "for_you", monday + 6 * day_ms + 23 * hour_ms);
  watch(clip_, 5, "for_you", monday + 9 * hour_ms + day_ms);
  clock_.advance(monday + 7 * day_ms - start_ms);
  const auto utc = of_creator(28).hours, east = of_creator(28, 2).hours;
  EXPECT_EQ(utc[9], analytics_hour_levels);
  EXPECT_EQ(utc[6 * 24 + 23], 2);
  EXPECT_EQ(utc[24 + 9], std::nullopt);
  EXPECT_EQ(east[11], analytics_hour_levels);
  EXPECT_EQ(east[1], 2) << "Sunday night is Monday morning further east";
}

TEST_P(AnalyticsTest, FollowersGrowInSteps) {
  for (int i = 0; i < 25; ++i) follow(somebody(fmt::format("follower{}", i)), creator_);
  EXPECT_EQ(of_creator().days.back().followers, k);
  EXPECT_EQ(of_creator().days.front().followers, std::nullopt);
}

TEST_P(AnalyticsTest, ActsAreToldOnceThereAreTwenty) {
  const auto like = [&](std::int64_t count) {
    std::vector<std::string> names;
    for (std::int64_t i = 0; i < count; ++i) names.push_back(viewer_named(viewers_++));
    std::vector<Showing> showings;
    for (const auto& name : names)
      showings.push_back({.viewer = name,
                          .video = clip_,
                          .source = "for_you",
                          .shown_at = start_ms,
                          .watched_ms = 500,
                          .view = true,
                          .liked = true});
    ASSERT_TRUE(analytics_->take(showings, ++next_));
  };
  watch(clip_, 100);
  like(19);
  watch(clip_, 20);
  EXPECT_EQ(of_clip().acted[0], std::nullopt);
  like(21);
  EXPECT_EQ(of_clip().acted[0], 40);
  EXPECT_EQ(of_clip().days.back().acted[0], 40);
}

TEST_P(AnalyticsTest, NoFigureOrDifferenceTellsOfFewer) {
  const auto seed = std::random_device()();
  SCOPED_TRACE(fmt::format("seed {}", seed));
  std::mt19937 random(seed);
  const auto upto = [&](std::int64_t most) { return std::uniform_int_distribution<std::int64_t>(0, most)(random); };
  const std::string other = live_video_of(creator_);
  VideoFigures before = of_clip(90);
  for (int round = 0; round < 60; ++round) {
    watch(upto(3) == 0 ? other : clip_, upto(24), traffic_sources[static_cast<std::size_t>(upto(4))],
          clock_.now() - upto(day_ms));
    if (upto(9) == 0) clock_.advance(day_ms / 2);
    ASSERT_TRUE(analytics_->keep_up());
    const auto now = of_clip(90);
    const auto of_both = of_creator(90);
    const auto at_least_k = [](std::int64_t figure) { return figure == 0 || figure >= k; };
    const auto value = [](const Figure& figure) { return figure.value_or(0); };
    EXPECT_TRUE(at_least_k(value(now.views) - value(before.views))) << "from one look to the next";
    EXPECT_TRUE(at_least_k(value(of_both.views) - value(now.views))) << "all clips less one";
    std::int64_t told = 0;
    for (std::size_t i = 0; i < traffic_sources.size(); ++i) {
      told += value(now.sources[i]);
      EXPECT_TRUE(at_least_k(value(now.sources[i]) - value(before.sources[i])));
    }
    EXPECT_TRUE(at_least_k(value(now.views) - told)) << "all sources less those told";
    for (const auto& day : now.days) EXPECT_TRUE(at_least_k(value(day.views)));
    before = now;
  }
}

TEST_P(AnalyticsTest, OldDaysAndGoneClipsLeave) {
  watch(clip_, 30);
  ASSERT_TRUE(videos_->remove(clip_));
  watch(clip_, 30);
  EXPECT_EQ(of_creator().views, 30) << "what has been told stays";
  clock_.advance(analytics_days_kept * day_ms);
  ASSERT_TRUE(analytics_->keep_up());
  const auto left = database_->query("SELECT COUNT(*) FROM analytics_accounts").value();
  EXPECT_EQ(left[0].integer(0), 0);
}

TEST(HeadcountTest, CountsWithinATenth) {
  for (const std::int64_t count : {20, 100, 1'000, 50'000}) {
    Headcount people;
    for (std::int64_t i = 0; i < count; ++i) people.add(viewer_named(i));
    EXPECT_NEAR(static_cast<double>(people.estimate()), static_cast<double>(count), static_cast<double>(count) * 0.1);
    EXPECT_LE(people.at_least(), count);
  }
}

TEST(HeadcountTest, TheSamePersonTwiceIsOne) {
  Headcount people;
  for (int i = 0; i < 50; ++i) people.add("viewer-number-one");
  EXPECT_EQ(people.at_least(), 1);
  EXPECT_EQ(people.estimate(), 1);
}

}  // namespace
}  // namespace vitrine::social
