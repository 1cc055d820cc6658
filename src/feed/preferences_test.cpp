#include <set>

#include "feed/feed.hpp"
#include "feed/memory_stream.hpp"

namespace vitrine::feed {
namespace {

constexpr TimeMs start_ms = 1'790'000'000'000;
const std::string ann = "viewer_ann_________";

struct PreferencesTest : testing::Test {
  MemoryStream stream;
  ManualClock clock{start_ms};
  std::atomic<int> pages = 0;
  FeedOptions options{.new_page_id = [this](TimeMs) { return fmt::format("page{:08}", pages++); }};
  std::unique_ptr<Feed> feed = Feed::open(stream, clock, options).value();
  int events = 0;

  /// Clips "cats0".. of the creators "c0".., three clips each, and the like for other topics.
  void fill(std::initializer_list<std::string> topics, int each) {
    for (int i = 0; i < each; ++i)
      for (const auto& topic : topics)
        ASSERT_TRUE(
            feed->video_live({topic + std::to_string(i), fmt::format("c{}", i / 3), {topic}, 10'000, clock.now()}));
  }
  void watch(const std::string& viewer, const std::string& video, std::int64_t watched_ms) {
    WatchEvent event;
    event.id = fmt::format("event_{:016}", events++);
    event.video = video;
    event.shown_at = clock.now();
    event.watched_ms = watched_ms;
    event.finished = watched_ms >= 10'000;
    ASSERT_EQ(feed->record(viewer, std::span(&event, 1)).value().accepted, 1U);
  }
  Page page(const std::string& viewer, Mode mode = Mode::for_you) {
    return feed->page({viewer, mode, 10, Place::next}).value();
  }
};

TEST_F(PreferencesTest, WhatIsSetIsThereAlsoAfterARestart) {
  const Preferences chosen{false, {"cats", "späße"}, {"dogs"}, {"c1", "c2"}};
  EXPECT_EQ(feed->preferences(ann), Preferences());
  ASSERT_TRUE(feed->set_preferences(ann, chosen));
  EXPECT_EQ(feed->preferences(ann), chosen);
  const auto records = stream.end();
  ASSERT_TRUE(feed->set_preferences(ann, chosen));
  EXPECT_EQ(stream.end(), records) << "said again, nothing is written";
  const auto hash = feed->state_hash();
  feed = Feed::open(stream, clock).value();
  EXPECT_EQ(feed->preferences(ann), chosen);
  EXPECT_EQ(feed->state_hash(), hash);
  ASSERT_TRUE(feed->forget(ann, Forget::taste));
  EXPECT_EQ(feed->preferences(ann), chosen) << "a choice is nothing that was learned";
  ASSERT_TRUE(feed->forget(ann, Forget::everything));
  EXPECT_EQ(feed->preferences(ann), Preferences());
}

TEST_F(PreferencesTest, RefusesWhatCannotBe) {
  Preferences many;
  many.topics.assign(limits::topics_max + 1, "cats");
  EXPECT_EQ(feed->set_preferences(ann, many).error().code, Errc::invalid_argument);
  EXPECT_EQ(feed->set_preferences(ann, {.topics = {""}}).error().code, Errc::invalid_argument);
  EXPECT_EQ(feed->set_preferences(ann, {.muted_tags = {"\xff"}}).error().code, Errc::invalid_argument);
  EXPECT_EQ(feed->set_preferences(ann, {.muted_creators = {"no id"}}).error().code, Errc::invalid_argument);
  EXPECT_EQ(feed->set_preferences("short", {}).error().code, Errc::invalid_argument);
  EXPECT_EQ(stream.end(), 0U);
}

TEST_F(PreferencesTest, MutedTopicsAndCreatorsStayAway) {
  fill({"cats", "dogs"}, 30);
  ASSERT_TRUE(feed->set_preferences(ann, {.muted_tags = {"dogs"}, .muted_creators = {"c0", "c1"}}));
  std::set<std::string> seen;
  for (int i = 0; i < 4; ++i)
    for (const auto& item : page(ann).items) seen.insert(item.video);
  EXPECT_EQ(seen.size(), 24U) << "cats of all but the two creators, and nothing else";
  for (const auto& video : seen) EXPECT_TRUE(video.starts_with("cats")) << video;
}

TEST_F(PreferencesTest, AChosenTopicComesAndSaysWhy) {
  fill({"cats", "dogs", "boats", "bread", "chess", "songs"}, 40);
  ASSERT_TRUE(feed->set_preferences(ann, {.topics = {"chess"}}));
  int chess = 0, told = 0;
  for (const auto& item : page(ann).items) {
    chess += item.video.starts_with("chess");
    told += item.source == Source::topic && item.text == "You chose #chess";
  }
  EXPECT_GE(chess, 4);
  EXPECT_GE(told, 3);
}

TEST_F(PreferencesTest, OffReadsNoProfileAndLearnsNone) {
  fill({"cats", "dogs", "boats"}, 60);
  for (int i = 0; i < 10; ++i) watch(ann, fmt::format("cats{}", i), 10'000);
  ASSERT_TRUE(feed->set_preferences(ann, {.personalised = false}));
  const auto reads = feed->statistics().profile_reads;
  const auto other = page("viewer_bob_________");
  EXPECT_GT(feed->statistics().profile_reads, reads) << "the trace sees reads where there are some";

  const auto before = feed->statistics();
  std::set<std::string> seen;
  for (const auto mode : {Mode::for_you, Mode::following, Mode::fresh, Mode::for_you})
    for (const auto& item : page(ann, mode).items) {
      EXPECT_TRUE(seen.insert(item.video).second) << "no repeats within a visit";
      EXPECT_NE(item.source, Source::taste);
      EXPECT_NE(item.source, Source::co_watched);
      watch(ann, item.video, 10'000);
    }
  EXPECT_GE(seen.size(), 30U);
  EXPECT_EQ(feed->statistics().profile_reads, before.profile_reads);
  EXPECT_EQ(feed->statistics().viewers, before.viewers);
}

TEST_F(PreferencesTest, OffTwoStrangersGetTheSamePage) {
  fill({"cats", "dogs", "boats"}, 60);
  const std::string bob = "viewer_bob_________";
  for (int i = 0; i < 20; ++i) watch(ann, fmt::format("cats{}", i), 10'000);
  for (const auto& viewer : {ann, bob}) ASSERT_TRUE(feed->set_preferences(viewer, {.personalised = false}));
  options.new_page_id = [](TimeMs) { return "the same page"; };
  feed = Feed::open(stream, clock, options).value();
  const auto hers = page(ann).items, his = page(bob).items;
  ASSERT_EQ(hers.size(), his.size());
  for (std::size_t i = 0; i < hers.size(); ++i) EXPECT_EQ(hers[i].video, his[i].video);
}

TEST_F(PreferencesTest, OffAViewCountsOncePerClip) {
  fill({"cats"}, 20);
  ASSERT_TRUE(feed->set_preferences(ann, {.personalised = false}));
  const auto from = stream.end();
  for (int i = 0; i < 3; ++i) watch(ann, "cats1", 10'000);
  int views = 0;
  const auto records = stream.read(from, 10).value();
  for (const auto& record : records) views += record.data.find("\"view\":true") != std::string::npos;
  EXPECT_EQ(views, 1);
}

}  // namespace
}  // namespace vitrine::feed
