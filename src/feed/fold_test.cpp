#include "feed/fold.hpp"

#include <bit>
#include <filesystem>

#include "feed/memory_stream.hpp"
#include "feed/statistics.hpp"

namespace vitrine::feed {
namespace {

constexpr TimeMs start_ms = 1'790'000'000'000;

/// A real store of files, gone with the test.
struct FileStore {
  std::filesystem::path path =
      std::filesystem::temp_directory_path() / fmt::format("vitrine_fold_test_{}", crypto::random_token(8));
  std::unique_ptr<store::Blobs> blobs = store::open_file_blobs(path).value();

  ~FileStore() { std::filesystem::remove_all(path); }
  [[nodiscard]] std::vector<std::filesystem::path> files() const {
    std::vector<std::filesystem::path> out;
    const auto keys = blobs->list("feed").value();
    for (const auto& key : keys) out.push_back(path / key);
    return out;
  }
};

/// A stream with something of every kind in it.
struct FoldTest : testing::Test {
  MemoryStream stream;
  ManualClock clock{start_ms};

  static std::string viewer(std::uint64_t i) { return fmt::format("viewer_number_{:08}", i); }

  void SetUp() override {
    int pages = 0;
    auto feed =
        Feed::open(stream, clock, {.new_page_id = [&](TimeMs) { return fmt::format("page{}", pages++); }}).value();
    Random random(5);
    for (int i = 0; i < 120; ++i) {
      const Clip clip{fmt::format("clip{}", i),
                      fmt::format("creator{}", i % 9),
                      {fmt::format("topic{}", i % 7), "all"},
                      8'000 + 100 * i,
                      clock.now()};
      ASSERT_TRUE(feed->video_live(clip));
    }
    for (std::uint64_t i = 0; i < 400; ++i) {
      const auto id = viewer(random.below(20));
      if (i % 50 == 3) {
        ASSERT_TRUE(feed->follow(id, fmt::format("creator{}", i % 9), true));
      } else if (i % 60 == 7) {
        ASSERT_TRUE(feed->set_preferences(id, {.personalised = i % 120 != 7, .topics = {"topic3"}}));
      } else if (i % 90 == 5) {
        ASSERT_TRUE(feed->forget(id, i % 180 == 5 ? Forget::everything : Forget::taste));
      } else if (i % 70 == 9) {
        ASSERT_TRUE(feed->video_removed(fmt::format("clip{}", i % 120)));
      }
      const auto page = feed->page({.viewer = id, .limit = 3}).value();
      std::vector<WatchEvent> events;
      for (const auto& item : page.items) {
        auto& event = events.emplace_back();
        event.id = fmt::format("event_of_the_fold_{}_{}", i, events.size());
        event.video = item.video;
        event.shown_at = clock.now();
        event.watched_ms = static_cast<std::int64_t>(random.below(12'000));
        event.liked = random.below(8) == 0;
        event.not_interested = random.below(30) == 0;
      }
      ASSERT_TRUE(feed->record(id, events));
      clock.advance(7 * limits::minute_ms);
    }
  }
  Fold folded(store::Sequence end) const {
    Fold fold;
    EXPECT_TRUE(fold.advance(stream, end));
    return fold;
  }
};

TEST_F(FoldTest, KilledAndRestoredThreeTimesItIsTheSame) {
  const auto whole = folded(stream.end());
  Fold restored;
  for (const auto part : {0.2, 0.55, 0.8}) {
    ASSERT_TRUE(restored.advance(stream, static_cast<store::Sequence>(static_cast<double>(stream.end()) * part)));
    auto loaded = Fold::of_snapshot(restored.snapshot());
    ASSERT_TRUE(loaded) << loaded.error().message;
    EXPECT_EQ(loaded->snapshot(), restored.snapshot());
    restored = std::move(*loaded);
  }
  ASSERT_TRUE(restored.advance(stream, stream.end()));
  EXPECT_EQ(restored.engine().state_hash(), whole.engine().state_hash());
  EXPECT_EQ(restored.history(), whole.history());
  EXPECT_EQ(restored.folded(), whole.folded());
  for (std::uint64_t i = 0; i < 20; ++i) {
    const Query query{.viewer = viewer(i), .seed = i, .now = start_ms / limits::minute_ms, .just_before = {}};
    const auto a = whole.engine().rank(query), b = restored.engine().rank(query);
    ASSERT_EQ(a.picks.size(), b.picks.size());
    for (std::size_t k = 0; k < a.picks.size(); ++k) EXPECT_EQ(a.picks[k].clip, b.picks[k].clip);
  }
}

TEST_F(FoldTest, HoweverTheRecordsAreCutItIsTheSame) {
  const auto whole = folded(stream.end());
  for (const std::size_t piece : {1U, 7U, 100U}) {
    Fold fold;
    ASSERT_TRUE(fold.advance(stream, stream.end(), piece));
    EXPECT_EQ(fold.history(), whole.history());
    EXPECT_EQ(fold.engine().state_hash(), whole.engine().state_hash()) << "by " << piece;
  }
}

TEST_F(FoldTest, ARecordOfANewerVersionStopsItRightBefore) {
  const std::array<std::string_view, 1> newer{R"({"v":2,"kind":"watch"})"};
  const auto end = stream.end();
  ASSERT_TRUE(stream.append(newer));
  Fold fold;
  EXPECT_EQ(fold.advance(stream, stream.end()).error().code, Errc::unsupported);
  EXPECT_EQ(fold.folded(), end);
  EXPECT_EQ(fold.history(), folded(end).history());
  EXPECT_EQ(fold.engine().state_hash(), folded(end).engine().state_hash());
}

TEST_F(FoldTest, AnotherHistoryIsAnotherState) {
  const auto whole = folded(stream.end()), shorter = folded(stream.end() - 1);
  EXPECT_NE(whole.history(), shorter.history());
  EXPECT_NE(whole.engine().state_hash(), shorter.engine().state_hash());
}

TEST_F(FoldTest, ADamagedSnapshotIsRefused) {
  const auto good = folded(150).snapshot();
  ASSERT_TRUE(Fold::of_snapshot(good));
  for (std::size_t size = 0; size < good.size(); size += 1 + good.size() / 60)
    EXPECT_FALSE(Fold::of_snapshot(std::string_view(good).substr(0, size))) << "cut to " << size;
  for (std::size_t at = 0; at < good.size(); at += 1 + good.size() / 60) {
    auto bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 0x40);
    EXPECT_FALSE(Fold::of_snapshot(bad)) << "flipped byte " << at;
  }
  EXPECT_EQ(Fold::of_snapshot("VTRNFEED").error().code, Errc::invalid_argument);
  EXPECT_EQ(Fold::of_snapshot("").error().code, Errc::invalid_argument);
}

/// Whoever makes a checksum that fits gets no further with what cannot be.
TEST_F(FoldTest, NoNumberThatIsNoneGetsInWithAGoodChecksum) {
  const auto good = folded(300).snapshot();
  const auto nan = std::bit_cast<std::uint32_t>(std::numeric_limits<float>::quiet_NaN());
  int refused = 0, told_nan = 0, tried = 0;
  for (std::size_t at = 64; at + 36 < good.size(); at += 41, ++tried) {
    auto bad = good.substr(0, good.size() - 32);
    std::memcpy(bad.data() + at, &nan, sizeof nan);
    const auto sum = crypto::sha256(bad);
    bad.append(reinterpret_cast<const char*>(sum.data()), sum.size());
    const auto loaded = Fold::of_snapshot(bad);
    if (loaded) {  // it fell on a whole number or a text, for which those bits mean something
      EXPECT_LE(loaded->engine().rank({.viewer = viewer(1), .just_before = {}}).picks.size(), 10U);
      continue;
    }
    ++refused;
    told_nan += loaded.error().message.find("not a number") != std::string::npos;
  }
  EXPECT_GT(told_nan, tried / 8) << "the bits fall on the boundaries of numbers only at times";
  EXPECT_GT(refused, tried / 3);
}

TEST_F(FoldTest, AnotherVersionsSnapshotIsNotUsed) {
  auto other = folded(10).snapshot();
  other[8] = static_cast<char>(other[8] + 1);
  other.resize(other.size() - 32);
  const auto sum = crypto::sha256(other);
  other.append(reinterpret_cast<const char*>(sum.data()), sum.size());
  EXPECT_EQ(Fold::of_snapshot(other).error().code, Errc::unsupported);
}

TEST_F(FoldTest, AFeedGoesOnFromItsSnapshotAndPassesOverADamagedOne) {
  const FileStore files;
  const FeedOptions options{.snapshots = files.blobs.get(), .snapshot_records = 100};
  const auto hash = Feed::open(stream, clock, options).value()->state_hash();  // and closed again
  ASSERT_EQ(files.files().size(), 1U);
  const Snapshots snapshots(*files.blobs);
  ASSERT_TRUE(snapshots.newest(stream.end()));
  EXPECT_EQ(snapshots.newest(stream.end())->folded(), stream.end());
  EXPECT_FALSE(snapshots.newest(stream.end() - 1)) << "a snapshot of more than the stream holds is none of it";
  EXPECT_EQ(Feed::open(stream, clock, options).value()->state_hash(), hash);

  std::filesystem::resize_file(files.files()[0], 1000);
  EXPECT_FALSE(snapshots.newest(stream.end()));
  EXPECT_EQ(Feed::open(stream, clock, options).value()->state_hash(), hash) << "folded from the start instead";
}

TEST_F(FoldTest, KeepsTheNewestTwo) {
  const FileStore files;
  Snapshots snapshots(*files.blobs);
  for (const store::Sequence end : {10U, 20U, 30U}) ASSERT_TRUE(snapshots.keep(end, folded(end).snapshot()));
  EXPECT_EQ(files.files().size(), 2U);
  EXPECT_EQ(snapshots.newest(100)->folded(), 30U);
  EXPECT_EQ(snapshots.newest(25)->folded(), 20U);
}

TEST_F(FoldTest, ASnapshotThatCannotBeKeptCostsNothingElse) {
  const FileStore files;
  auto feed =
      Feed::open(stream, clock, {.snapshots = files.blobs.get(), .snapshot_records = 1, .snapshot_ms = 1}).value();
  std::filesystem::remove_all(files.path);
  ASSERT_TRUE(feed->follow(viewer(1), "creator1", true));
  const auto hash = feed->state_hash();
  feed.reset();
  EXPECT_EQ(Feed::open(stream, clock).value()->state_hash(), hash);
}

TEST_F(FoldTest, SettingsArePartOfTheStream) {
  auto text = default_settings().text;
  const auto at = text.find("half_trust = 8000");
  ASSERT_NE(at, std::string::npos);
  text.replace(at, 17, "half_trust = 12345");
  const auto before = stream.end();
  Feed::open(stream, clock, {.settings = text}).value();
  EXPECT_EQ(stream.end(), before + 1);
  Feed::open(stream, clock, {.settings = text}).value();
  EXPECT_EQ(stream.end(), before + 1) << "said once";
  EXPECT_EQ(folded(stream.end()).engine().settings().half_trust, 12345);
  const auto wrong = Feed::open(stream, clock, {.settings = text + "\n[more]\nthings = 1\n"});
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().message, "feed settings: there is no more.things");
}

}  // namespace
}  // namespace vitrine::feed
