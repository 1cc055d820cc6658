#include "feed/feed.hpp"

#include <filesystem>
#include <set>
#include <thread>
#include <unistd.h>

#include "feed/memory_stream.hpp"
#include "feed/record.hpp"
#include "feed/sets.hpp"
#include "feed/turns.hpp"

namespace vitrine::feed {
namespace {

constexpr TimeMs start_ms = 1'790'000'000'000;
constexpr std::int64_t minute = 60'000;

std::string viewer_named(std::string_view name) { return fmt::format("viewer_{:_<15}", name); }

/// A feed over a stream in memory, with short ways to say things.
struct FeedTest : testing::Test {
  MemoryStream stream;
  ManualClock clock{start_ms};
  std::atomic<int> pages = 0;
  FeedOptions options{.new_page_id = [this](TimeMs) { return fmt::format("page{:08}", pages++); }};
  std::unique_ptr<Feed> feed = Feed::open(stream, clock, options).value();
  int next_event = 0;

  void clip(const std::string& id, std::vector<std::string> tags = {}, const std::string& creator = "someone",
            std::int64_t duration_ms = 10'000) {
    ASSERT_TRUE(feed->video_live({id, creator, std::move(tags), duration_ms, clock.now()}));
  }
  WatchEvent event(const std::string& video, std::int64_t watched_ms) {
    WatchEvent out;
    out.id = fmt::format("event_{:016}", next_event++);
    out.video = video;
    out.shown_at = clock.now();
    out.watched_ms = watched_ms;
    return out;
  }
  Intake send(const std::string& viewer, std::vector<WatchEvent> events) {
    return feed->record(viewer, events).value();
  }
  Page page(const std::string& viewer, int limit = 10, Mode mode = Mode::for_you, Place place = Place::next) {
    return feed->page({viewer, mode, limit, place}).value();
  }
  static std::vector<std::string> ids(const Page& page) {
    std::vector<std::string> out;
    for (const auto& item : page.items) out.push_back(item.video);
    return out;
  }
};

TEST_F(FeedTest, AcceptsAnEventAndTellsADuplicate) {
  clip("v1");
  const auto one = event("v1", 9000);
  const auto first = send(viewer_named("ann"), {one});
  EXPECT_EQ(first.accepted, 1U);
  EXPECT_EQ(first.duplicates, 0U);
  const auto again = send(viewer_named("ann"), {one, one, event("v1", 100)});
  EXPECT_EQ(again.accepted, 1U);
  EXPECT_EQ(again.duplicates, 2U);
  EXPECT_EQ(send(viewer_named("bob"), {one}).accepted, 1U) << "ids are each viewer's own";
}

TEST_F(FeedTest, TellsADuplicateAfterARestart) {
  clip("v1");
  const auto one = event("v1", 9000);
  send(viewer_named("ann"), {one});
  feed = Feed::open(stream, clock).value();
  EXPECT_EQ(send(viewer_named("ann"), {one}).duplicates, 1U);
}

TEST_F(FeedTest, RefusesWhatCannotBeAndKeepsTheRest) {
  clip("v1");
  auto negative = event("v1", -1);
  auto endless = event("v1", 24LL * 3600 * 1000 + 1);
  auto unknown = event("nowhere", 5);
  auto future = event("v1", 5);
  future.shown_at = clock.now() + 25LL * 3600 * 1000;
  auto old = event("v1", 5);
  old.shown_at = clock.now() - 31LL * 24 * 3600 * 1000;
  auto short_id = event("v1", 5);
  short_id.id = "short";
  auto strange_id = event("v1", 5);
  strange_id.id = "with spaces in the id";
  auto placed = event("v1", 5);
  placed.position = -3;
  const auto intake = send(viewer_named("ann"),
                           {negative, endless, unknown, event("v1", 5), future, old, short_id, strange_id, placed});
  EXPECT_EQ(intake.accepted, 1U);
  ASSERT_EQ(intake.rejected.size(), 8U);
  EXPECT_EQ(intake.rejected[0].index, 0U);
  EXPECT_EQ(intake.rejected[2].detail, "no such video");
  EXPECT_EQ(intake.rejected.back().index, 8U);
}

TEST_F(FeedTest, TakesWhatIsAtTheLimit) {
  clip("v1");
  auto longest = event("v1", 24LL * 3600 * 1000);
  auto oldest = event("v1", 5);
  oldest.shown_at = clock.now() - 30LL * 24 * 3600 * 1000;
  auto ahead = event("v1", 5);
  ahead.shown_at = clock.now() + 10 * minute;
  EXPECT_EQ(send(viewer_named("ann"), {longest, oldest, ahead}).accepted, 3U);
  const auto record = stream.read(3, 1).value().at(0).data;
  RecordReader reader;
  EXPECT_EQ(reader.read(record)->shown, start_ms / minute) << "a clock a little ahead is taken as now";
}

TEST_F(FeedTest, RefusesBadViewersAndLargeBatches) {
  clip("v1");
  EXPECT_FALSE(feed->record("short", {}));
  EXPECT_FALSE(feed->record("viewer with spaces in it", {}));
  EXPECT_FALSE(feed->record(std::string(65, 'a'), {}));
  EXPECT_FALSE(feed->record(viewer_named("ann"), std::vector<WatchEvent>(101)));
  EXPECT_FALSE(feed->page({.viewer = "x"}));
  EXPECT_FALSE(feed->page({.viewer = viewer_named("ann"), .limit = 0}));
  EXPECT_FALSE(feed->page({.viewer = viewer_named("ann"), .limit = 21}));
}

TEST_F(FeedTest, PromisesNothingWhenTheStreamFails) {
  clip("v1");
  stream.failing = true;
  const auto one = event("v1", 9000);
  EXPECT_EQ(feed->record(viewer_named("ann"), std::span(&one, 1)).error().code, Errc::storage_full);
  stream.failing = false;
  EXPECT_EQ(send(viewer_named("ann"), {one}).accepted, 1U) << "sent again, it is no duplicate";
}

TEST_F(FeedTest, StoresNoExactTimeAndNoClientId) {
  clip("v1");
  auto one = event("v1", 9000);
  one.id = "01hzzzzzzzzzzzzzzzzzzzzzzz";
  one.page = "01hyyyyyyyyyyyyyyyyyyyyyyy";
  send(viewer_named("ann"), {one});
  const auto record = stream.read(1, 1).value().at(0).data;
  EXPECT_EQ(record.find(one.id), std::string::npos);
  EXPECT_EQ(record.find(one.page), std::string::npos);
  EXPECT_EQ(record.find(std::to_string(start_ms)), std::string::npos);
}

TEST_F(FeedTest, NeverRepeatsUntilTheEnd) {
  for (int i = 0; i < 37; ++i) clip(fmt::format("v{}", i), {fmt::format("t{}", i % 5)}, fmt::format("c{}", i % 7));
  std::set<std::string> all;
  for (int round = 0; round < 4; ++round) {
    const auto got = page(viewer_named("ann"));
    for (const auto& id : ids(got)) EXPECT_TRUE(all.insert(id).second) << id << " came twice";
    EXPECT_EQ(got.end, round == 3);
  }
  EXPECT_EQ(all.size(), 37U);
  const auto after = page(viewer_named("ann"));
  EXPECT_TRUE(after.items.empty());
  EXPECT_TRUE(after.end);
}

TEST_F(FeedTest, ANewVisitMayShowWhatWasNotWatched) {
  for (int i = 0; i < 6; ++i) clip(fmt::format("v{}", i));
  EXPECT_EQ(page(viewer_named("ann")).items.size(), 6U);
  EXPECT_EQ(page(viewer_named("ann")).items.size(), 0U);
  send(viewer_named("ann"), {event("v2", 5000)});
  const auto again = ids(page(viewer_named("ann"), 10, Mode::for_you, Place::first));
  EXPECT_EQ(again.size(), 5U);
  EXPECT_EQ(std::ranges::count(again, "v2"), 0);
}

TEST_F(FeedTest, WhatWasHandedOutComesBackAfterAWhileIfNeverWatched) {
  clip("v1");
  EXPECT_EQ(page(viewer_named("ann")).items.size(), 1U);
  clock.advance(limits::handed_out_ms - 1);
  EXPECT_EQ(page(viewer_named("ann")).items.size(), 0U);
  clock.advance(1);
  EXPECT_EQ(page(viewer_named("ann")).items.size(), 1U);
}

TEST_F(FeedTest, TwoClipsWatchedToTheEndTurnTheNextPage) {
  for (int i = 0; i < 40; ++i) clip(fmt::format("cat{}", i), {"cats"}, fmt::format("a{}", i));
  for (int i = 0; i < 40; ++i) clip(fmt::format("car{}", i), {"cars"}, fmt::format("b{}", i));
  const auto share_of_cars = [&](const std::string& viewer) {
    const auto got = ids(page(viewer, 10));
    return std::ranges::count_if(got, [](const auto& id) { return id.starts_with("car"); });
  };
  const auto cats = [&](int i) { return event(fmt::format("cat{}", i), 400); };
  EXPECT_LE(share_of_cars(viewer_named("stranger")), 7);
  send(viewer_named("cara"), {event("car0", 10'000), event("car1", 10'000)});
  EXPECT_GE(share_of_cars(viewer_named("cara")), 7);
  send(viewer_named("carl"), {event("car0", 10'000), event("car1", 10'000), cats(1), cats(2)});
  EXPECT_GE(share_of_cars(viewer_named("carl")), 8);
  send(viewer_named("cate"), {event("car0", 300), event("car1", 300), event("cat1", 10'000), event("cat2", 10'000)});
  EXPECT_LE(share_of_cars(viewer_named("cate")), 2);
}

TEST_F(FeedTest, NotInterestedKeepsACreatorAway) {
  for (int i = 0; i < 30; ++i) clip(fmt::format("x{}", i), {"x"}, "bore");
  for (int i = 0; i < 30; ++i) clip(fmt::format("y{}", i), {"y"}, fmt::format("c{}", i));
  auto no = event("x0", 500);
  no.not_interested = true;
  send(viewer_named("ann"), {no});
  const auto got = ids(page(viewer_named("ann"), 10));
  EXPECT_LE(std::ranges::count_if(got, [](const auto& id) { return id.starts_with("x"); }), 1);
}

TEST_F(FeedTest, AFirstPageIsDiverse) {
  for (int i = 0; i < 60; ++i) clip(fmt::format("v{}", i), {fmt::format("t{}", i % 6)}, fmt::format("c{}", i % 12));
  std::map<std::string, std::vector<std::string>> tag_of;
  const auto got = ids(page(viewer_named("stranger"), 6));
  std::set<int> tags;
  for (const auto& id : got) tags.insert(std::stoi(id.substr(1)) % 6);
  EXPECT_GE(tags.size(), 4U);
}

TEST_F(FeedTest, FollowingIsByTimeAndOnlyThose) {
  for (int i = 0; i < 9; ++i) clip(fmt::format("v{}", i), {}, fmt::format("c{}", i % 3));
  ASSERT_TRUE(feed->follow(viewer_named("ann"), "c1", true));
  ASSERT_TRUE(feed->follow(viewer_named("ann"), "c2", true));
  EXPECT_EQ(ids(page(viewer_named("ann"), 4, Mode::following)), (std::vector<std::string>{"v8", "v7", "v5", "v4"}));
  const auto rest = page(viewer_named("ann"), 4, Mode::following);
  EXPECT_EQ(ids(rest), (std::vector<std::string>{"v2", "v1"}));
  EXPECT_TRUE(rest.end);
  ASSERT_TRUE(feed->follow(viewer_named("ann"), "c1", false));
  EXPECT_EQ(ids(page(viewer_named("ann"), 9, Mode::following, Place::first)),
            (std::vector<std::string>{"v8", "v5", "v2"}));
  EXPECT_TRUE(page(viewer_named("bob"), 4, Mode::following).items.empty());
}

TEST_F(FeedTest, RepostsStandInFollowingWhereTheirTimePutsThem) {
  std::map<std::string, TimeMs> made;
  for (int i = 0; i < 6; ++i) {
    clock.advance(minute);
    const auto id = fmt::format("v{}", i);
    made[id] = clock.now();
    clip(id, {fmt::format("t{}", i)}, fmt::format("c{}", i % 3));
  }
  const auto ann = viewer_named("ann");
  ASSERT_TRUE(feed->follow(ann, "c1", true));
  const std::vector<Reposted> reposts{
      {"v1", made["v5"]}, {"gone", made["v5"]}, {"v0", made["v4"] - minute}, {"v2", made["v2"] + minute / 2}};
  const auto following = [&](int limit, Place place) {
    return feed->page({.viewer = ann, .mode = Mode::following, .limit = limit, .place = place, .reposts = reposts})
        .value();
  };
  const auto first = following(2, Place::first);
  EXPECT_EQ(ids(first), (std::vector<std::string>{"v1", "v4"})) << "v1 is her own creator's, and comes once";
  EXPECT_FALSE(first.end);
  EXPECT_EQ(first.items[0].text, "Reposted by someone you follow");
  EXPECT_EQ(first.items[0].source, Source::reposted);
  EXPECT_EQ(first.items[1].text, "From someone you follow");
  const auto second = following(2, Place::next);
  EXPECT_EQ(ids(second), (std::vector<std::string>{"v0", "v2"}));
  EXPECT_TRUE(second.end);
  send(ann, {event("v0", 9000)});
  ASSERT_TRUE(feed->set_preferences(ann, {.muted_tags = {"t2", "t4"}}));
  EXPECT_EQ(ids(following(9, Place::first)), (std::vector<std::string>{"v1", "v4"}))
      << "what was seen, or is not wanted, is not handed on; what she follows comes";
  EXPECT_TRUE(
      feed->page({.viewer = viewer_named("bob"), .mode = Mode::fresh, .reposts = reposts}).value().items[0].video ==
      "v5");
}

TEST_F(FeedTest, FreshIsNewestFirst) {
  for (int i = 0; i < 5; ++i) clip(fmt::format("v{}", i));
  EXPECT_EQ(ids(page(viewer_named("ann"), 3, Mode::fresh)), (std::vector<std::string>{"v4", "v3", "v2"}));
  ASSERT_TRUE(feed->video_removed("v1"));
  EXPECT_EQ(ids(page(viewer_named("ann"), 3, Mode::fresh)), (std::vector<std::string>{"v0"}));
}

TEST_F(FeedTest, KnowsWhatIsLive) {
  clip("v1");
  clip("v2");
  const auto before = stream.end();
  clip("v1");
  EXPECT_EQ(stream.end(), before) << "saying the same again costs nothing";
  EXPECT_TRUE(feed->knows("v1"));
  ASSERT_TRUE(feed->video_removed("v1"));
  ASSERT_TRUE(feed->video_removed("v1"));
  EXPECT_EQ(stream.end(), before + 1);
  EXPECT_FALSE(feed->knows("v1"));
  EXPECT_EQ(feed->live_videos(), std::vector<std::string>{"v2"});
}

TEST_F(FeedTest, LeavesOutTagsThatCannotBeStored) {
  clip("v1", {"good", "", "\xff\xfe", std::string(161, 'x'), "good", "über"});
  EXPECT_EQ(feed->statistics().skipped, 0U);
  RecordReader reader;
  const auto records = stream.read(0, 10).value();
  const auto entry = reader.read(records.at(0).data);
  ASSERT_TRUE(entry);
  ASSERT_EQ(entry->tag_count, 2U);
  EXPECT_EQ(entry->tags[1], "über");
}

TEST_F(FeedTest, ForgetsAViewer) {
  for (int i = 0; i < 10; ++i) clip(fmt::format("v{}", i), {"t"});
  const auto blank = feed->state_hash();
  ASSERT_TRUE(feed->follow(viewer_named("ann"), "someone", true));
  EXPECT_NE(feed->state_hash(), blank);
  ASSERT_TRUE(feed->forget(viewer_named("ann"), Forget::taste));
  EXPECT_EQ(page(viewer_named("ann"), 10, Mode::following).items.size(), 10U) << "a reset keeps follows";
  ASSERT_TRUE(feed->forget(viewer_named("ann")));
  EXPECT_EQ(feed->statistics().viewers, 0U);
  EXPECT_TRUE(page(viewer_named("ann"), 10, Mode::following).items.empty());
}

TEST_F(FeedTest, CountsEveryViewOnceAcrossRestarts) {
  clip("v1");
  clip("v2");
  std::mutex mutex;
  store::Sequence applied = 0;
  std::map<std::string, std::int64_t> views, shares;
  int failures = 2;
  const CountsConsumer consumer = [&](store::Sequence from, store::Sequence to, std::span<const VideoCounts> counts) {
    const std::scoped_lock lock(mutex);
    EXPECT_GE(from, applied);
    if (failures > 0 && failures--) return Result<void>(fail(Errc::unavailable, "database away"));
    applied = to;
    for (const auto& count : counts) {
      views[count.video] += count.views;
      shares[count.video] += count.shares;
    }
    return Result<void>();
  };
  const auto settle = [&](std::int64_t v1, std::int64_t v2) {
    for (int i = 0; i < 600; ++i) {
      {
        const std::scoped_lock lock(mutex);
        if (views["v1"] == v1 && views["v2"] == v2) return true;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return false;
  };
  auto shared = event("v1", 8000);
  shared.shared = true;
  send(viewer_named("ann"), {shared, event("v2", 50)});
  feed->set_counts_consumer(0, consumer);
  EXPECT_TRUE(settle(1, 0));
  std::vector<WatchEvent> flood;
  for (int i = 0; i < 50; ++i) flood.push_back(event("v2", 9000));
  send(viewer_named("bob"), flood);
  EXPECT_TRUE(settle(1, limits::learned_per_viewer_and_clip_max)) << "one viewer's flood counts a few times only";
  feed = Feed::open(stream, clock).value();
  feed->set_counts_consumer(applied, consumer);
  send(viewer_named("cyd"), {event("v2", 9000)});
  EXPECT_TRUE(settle(1, limits::learned_per_viewer_and_clip_max + 1));
  EXPECT_EQ(shares["v1"], 1);
}

TEST_F(FeedTest, OnlyWhatMayBeMeasuredIsHandedOnAndOnce) {
  clip("v1");
  std::mutex mutex;
  std::vector<std::string> seen;
  store::Sequence applied = 0;
  const auto consumer = [&](store::Sequence from, store::Sequence to,
                            std::span<const Watched> watched) -> Result<void> {
    const std::scoped_lock lock(mutex);
    EXPECT_GE(from, applied);
    for (const auto& one : watched) seen.push_back(fmt::format("{} {} {}", one.viewer, name(one.surface), one.view));
    applied = to;
    return {};
  };
  const auto settle = [&](std::size_t count) {
    for (int i = 0; i < 600; ++i) {
      {
        const std::scoped_lock lock(mutex);
        if (seen.size() >= count) return;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
  };
  const auto watch = [&](std::string_view viewer, Measuring measuring) {
    auto one = event("v1", 9000);
    one.surface = Surface::search;
    EXPECT_EQ(feed->record(viewer_named(viewer), std::span(&one, 1), measuring).value().accepted, 1U);
  };
  ASSERT_TRUE(feed->set_preferences(viewer_named("private"), {.personalised = false}));
  watch("minor", Measuring::off);
  watch("private", Measuring::on);
  for (int i = 0; i < limits::learned_per_viewer_and_clip_max + 5; ++i) watch("ann", Measuring::on);
  feed->set_watched_consumer(0, consumer);
  settle(limits::learned_per_viewer_and_clip_max);
  feed = Feed::open(stream, clock).value();
  feed->set_watched_consumer(applied, consumer);
  watch("bob", Measuring::on);
  settle(limits::learned_per_viewer_and_clip_max + 1);
  std::vector<std::string> expected(limits::learned_per_viewer_and_clip_max, viewer_named("ann") + " search true");
  expected.push_back(viewer_named("bob") + " search true");
  EXPECT_EQ(seen, expected);
}

TEST_F(FeedTest, SameStreamSameStateAlsoAfterRestarts) {
  Random random(42);
  for (int i = 0; i < 60; ++i)
    clip(fmt::format("v{}", i), {fmt::format("t{}", i % 7), fmt::format("u{}", i % 3)}, fmt::format("c{}", i % 9));
  for (int round = 0; round < 400; ++round) {
    const auto viewer = viewer_named(fmt::format("n{}", random.below(30)));
    const auto got = page(viewer, 5);
    std::vector<WatchEvent> events;
    for (const auto& id : ids(got)) events.push_back(event(id, static_cast<std::int64_t>(random.below(14'000))));
    if (!events.empty()) events[0].not_interested = random.below(20) == 0;
    send(viewer, events);
    if (round % 50 == 7) {
      ASSERT_TRUE(feed->follow(viewer, fmt::format("c{}", random.below(9)), random.below(4) != 0));
    }
    if (round % 90 == 8) {
      ASSERT_TRUE(feed->forget(viewer, random.below(2) ? Forget::taste : Forget::everything));
    }
    if (round % 97 == 9) {
      ASSERT_TRUE(feed->video_removed(fmt::format("v{}", random.below(60))));
    }
    if (round % 100 == 50) feed = Feed::open(stream, clock).value();
    clock.advance(static_cast<TimeMs>(random.below(40)) * minute);
  }
  const auto hash = feed->state_hash();
  EXPECT_EQ(Feed::open(stream, clock).value()->state_hash(), hash);
  EXPECT_EQ(Feed::open(stream, clock, {.replay_batch = 7, .new_page_id = {}}).value()->state_hash(), hash);
  clip("one_more");
  EXPECT_NE(feed->state_hash(), hash);
}

TEST_F(FeedTest, SkipsRecordsItCannotReadAndRefusesNewerOnes) {
  clip("v1");
  const std::vector<std::string_view> bad{"",
                                          "{",
                                          "[]",
                                          R"({"v":1})",
                                          R"({"v":1,"kind":"dance"})",
                                          R"({"v":1,"kind":"watch","viewer":"x","video":"v1"})",
                                          R"({"v":0,"kind":"removed","video":"v1"})"};
  ASSERT_TRUE(stream.append(bad));
  feed = Feed::open(stream, clock).value();
  EXPECT_EQ(feed->statistics().skipped, bad.size());
  EXPECT_TRUE(feed->knows("v1"));
  const std::vector<std::string_view> newer{R"({"v":2,"kind":"removed","video":"v1"})"};
  ASSERT_TRUE(stream.append(newer));
  EXPECT_EQ(Feed::open(stream, clock).error().code, Errc::unsupported);
}

TEST_F(FeedTest, ThreadsMayMixEverything) {
  for (int i = 0; i < 200; ++i) clip(fmt::format("v{}", i), {fmt::format("t{}", i % 9)}, fmt::format("c{}", i % 20));
  std::atomic<std::size_t> accepted = 0, duplicates = 0;
  std::vector<std::jthread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 40; ++i) {
        const auto viewer = viewer_named(fmt::format("w{}", (t + i) % 5));
        const auto got = feed->page({.viewer = viewer, .limit = 3}).value();
        for (const auto& item : got.items) {
          WatchEvent one;
          one.id = fmt::format("shared_event_{:06}", i);  // the threads race for the same ids
          one.video = item.video;
          one.shown_at = clock.now();
          one.watched_ms = 5000;
          const auto intake = feed->record(viewer, std::span(&one, 1)).value();
          accepted += intake.accepted;
          duplicates += intake.duplicates;
        }
      }
    });
  }
  threads.clear();
  EXPECT_EQ(stream.end(), 200 + accepted);
  EXPECT_GT(duplicates, 0U);
  EXPECT_EQ(Feed::open(stream, clock).value()->state_hash(), feed->state_hash());
}

TEST(FeedOnDiskTest, LearnsAgainFromSegmentsAfterARestart) {
  const auto directory = std::filesystem::temp_directory_path() / fmt::format("vitrine_feed_test_{}", getpid());
  std::filesystem::remove_all(directory);
  const ManualClock clock(start_ms);
  std::uint64_t hash = 0;
  {
    const auto stream = store::open_segments(directory.string()).value();
    const auto feed = Feed::open(*stream, clock).value();
    for (int i = 0; i < 5; ++i)
      ASSERT_TRUE(feed->video_live({fmt::format("v{}", i), "someone", {"tag"}, 10'000, start_ms}));
    WatchEvent event;
    event.id = "event_with_a_long_id";
    event.video = "v3";
    event.shown_at = start_ms;
    event.watched_ms = 9'000;
    ASSERT_EQ(feed->record(viewer_named("ann"), std::span(&event, 1)).value().accepted, 1U);
    hash = feed->state_hash();
  }
  {
    const auto stream = store::open_segments(directory.string()).value();
    EXPECT_EQ(Feed::open(*stream, clock).value()->state_hash(), hash);
  }
  std::filesystem::remove_all(directory);
}

TEST(RecordTest, ReadsWhatItWrites) {
  Entry entry;
  entry.kind = Kind::watch;
  entry.at = 29'000'000;
  entry.viewer = "abcdefghijklmnopqrstuv";
  entry.video = "01hzzzzzzzzzzzzzzzzzzzzzzz";
  entry.event = 0xfedcba9876543210ULL;
  entry.shown = 28'999'990;
  entry.watched_ms = 12'345;
  entry.loops = 2;
  entry.surface = Surface::profile;
  entry.liked = entry.served = entry.view = true;
  RecordReader reader;
  const auto text = write(entry);
  const auto read = reader.read(text);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->event, entry.event);
  EXPECT_EQ(read->surface, Surface::profile);
  EXPECT_TRUE(read->liked && read->served && read->view && !read->share);
  EXPECT_EQ(write(*read), text);

  Entry video;
  video.kind = Kind::video;
  video.video = "v";
  video.creator = "c";
  video.tags[0] = "ünïcödé \"quoted\"";
  video.tag_count = 1;
  const auto again = reader.read(write(video));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->tags[0], video.tags[0]);
}

TEST(TurnsTest, NoMoreThanSoManyAtATimeAndAllOfThemOnce) {
  Turns turns(3);
  std::atomic<int> inside = 0, most = 0, done = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 12; ++i)
      threads.emplace_back([&] {
        for (int round = 0; round < 50; ++round) {
          const Turns::Turn turn(turns);
          const int now = ++inside;
          for (int seen = most; seen < now && !most.compare_exchange_weak(seen, now);) continue;
          std::this_thread::yield();
          --inside;
          ++done;
        }
      });
  }
  EXPECT_EQ(done, 12 * 50);
  EXPECT_LE(most, 3);
}

TEST(StatisticsTest, DecayHalvesExactly) {
  const Decay decay(13);
  EXPECT_EQ(decay(0), 1.0);
  EXPECT_EQ(decay(-5), 1.0);
  EXPECT_EQ(decay(8192), 0.5);
  EXPECT_EQ(decay(3 * 8192), 0.125);
  EXPECT_NEAR(decay(4096), std::sqrt(0.5), 1e-12);
  EXPECT_EQ(decay(1LL << 40), 0.0);
}

TEST(SetsTest, SeenForgetsTheOlderHalfPastItsLimit) {
  Seen seen;
  for (ClipNumber clip = 1; clip <= 100; ++clip) EXPECT_EQ(seen.add(clip, 100), 0U);
  EXPECT_EQ(seen.add(7, 100), 1U);
  EXPECT_EQ(seen.count(7), 2U);
  EXPECT_TRUE(seen.has(1));
  seen.add(101, 100);
  EXPECT_FALSE(seen.has(1));
  EXPECT_TRUE(seen.has(101));
  EXPECT_TRUE(seen.has(90));
}

TEST(SetsTest, ClipIndexFindsWhatWasAddedAndNotRemoved) {
  Random random(11);
  ClipIndex index;
  std::map<std::string, ClipNumber> truth;
  std::vector<std::string> ids(1);
  const auto id_of = [&](ClipNumber clip) -> std::string_view { return ids[clip]; };
  for (int i = 0; i < 20'000; ++i) {
    const auto id = fmt::format("clip{}", random.below(700));
    if (truth.contains(id)) {
      EXPECT_EQ(index.find(id, id_of), truth[id]);
      index.remove(id, id_of);
      truth.erase(id);
    } else {
      EXPECT_EQ(index.find(id, id_of), 0U);
      truth[id] = static_cast<ClipNumber>(ids.size());
      index.add(id, truth[id]);
      ids.push_back(id);
    }
  }
  for (const auto& [id, clip] : truth) EXPECT_EQ(index.find(id, id_of), clip);
}

TEST(SetsTest, RecentKeysRememberAtLeastTheWindow) {
  RecentKeys keys(1000);
  for (std::uint64_t key = 1; key <= 5000; ++key) EXPECT_TRUE(keys.add(key));
  for (std::uint64_t key = 4001; key <= 5000; ++key) EXPECT_FALSE(keys.add(key));
  EXPECT_FALSE(keys.has(1));
}

}  // namespace
}  // namespace vitrine::feed
