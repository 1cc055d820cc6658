#include "feed/receipt.hpp"

#include "feed/memory_stream.hpp"
#include "feed/statistics.hpp"

namespace vitrine::feed {
namespace {

/// A thousand pages of a living service, with their receipts.
struct ReceiptTest : testing::Test {
  static constexpr int pages = 1000;
  static inline MemoryStream stream;
  static inline std::vector<std::string> receipts;

  static void SetUpTestSuite() {
    ManualClock clock{1'790'000'000'000};
    int made = 0;
    auto feed =
        Feed::open(stream, clock, {.new_page_id = [&](TimeMs) { return fmt::format("page{:06}", made++); }}).value();
    Random random(11);
    for (int i = 0; i < 300; ++i) {
      const Clip clip{fmt::format("clip{}", i),
                      fmt::format("creator{}", i % 40),
                      {fmt::format("topic{}", i % 17)},
                      10'000,
                      clock.now()};
      ASSERT_TRUE(feed->video_live(clip));
    }
    constexpr std::array modes{Mode::for_you, Mode::for_you, Mode::for_you, Mode::following, Mode::fresh};
    for (int i = 0; i < pages; ++i) {
      const auto viewer = fmt::format("viewer_number_{:08}", random.below(40));
      if (i % 40 == 1) {
        ASSERT_TRUE(feed->follow(viewer, fmt::format("creator{}", random.below(40)), true));
      } else if (i % 90 == 2) {
        ASSERT_TRUE(feed->set_preferences(viewer, {.personalised = i % 180 == 2, .topics = {"topic3"}}));
      }
      std::vector<Reposted> reposts;
      for (int handed_on = i % 3; handed_on > 0; --handed_on)
        reposts.push_back({fmt::format("clip{}", random.below(300)), clock.now() + handed_on * limits::minute_ms});
      const auto page = feed->page(
          {.viewer = viewer, .mode = modes[random.below(5)], .limit = 5, .receipt = true, .reposts = reposts});
      receipts.push_back(page.value().receipt);
      std::vector<WatchEvent> events;
      for (const auto& item : page->items) {
        auto& event = events.emplace_back();
        event.id = fmt::format("event_of_a_page_{}_{}", i, events.size());
        event.video = item.video;
        event.shown_at = clock.now();
        event.watched_ms = static_cast<std::int64_t>(random.below(12'000));
      }
      ASSERT_TRUE(feed->record(viewer, events));
      clock.advance(limits::minute_ms);
    }
  }
  static Fold folded(store::Sequence end) {
    Fold fold;
    EXPECT_TRUE(fold.advance(stream, end));
    return fold;
  }
};

TEST_F(ReceiptTest, AThousandReplayExactly) {
  Fold fold;
  int same = 0;
  std::size_t items = 0;
  for (const auto& text : receipts) {
    const auto receipt = read_receipt(text);
    ASSERT_TRUE(receipt) << receipt.error().message;
    ASSERT_TRUE(fold.advance(stream, receipt->records));
    const auto difference = replay(fold, *receipt);
    EXPECT_EQ(difference, "") << text;
    same += difference.empty();
    items += receipt->items.size();
  }
  EXPECT_EQ(same, pages);
  EXPECT_GT(items, 3000U);
}

TEST_F(ReceiptTest, AnyFlippedByteIsFound) {
  for (const auto& text : {receipts[7], receipts[500], receipts[999]}) {
    for (std::size_t at = 0; at < text.size(); ++at)
      for (const int bit : {0, 3, 6}) {
        auto bad = text;
        bad[at] = static_cast<char>(bad[at] ^ (1 << bit));
        EXPECT_FALSE(read_receipt(bad)) << "bit " << bit << " of byte " << at;
      }
    EXPECT_FALSE(read_receipt(text + " "));
    EXPECT_FALSE(read_receipt(text.substr(1)));
    EXPECT_FALSE(read_receipt(""));
  }
}

/// Whoever writes a checksum anew gets past reading, not past the replay.
TEST_F(ReceiptTest, AForgedOneIsToldByItsFirstDifference) {
  const auto place = std::ranges::find_if(receipts.begin() + 600, receipts.end(), [](const std::string& text) {
    return read_receipt(text)->mode == Mode::for_you;
  });
  const auto good = read_receipt(*place).value();
  ASSERT_GE(good.items.size(), 2U);
  const auto fold = folded(good.records);
  ASSERT_EQ(replay(fold, good), "");
  const auto told = [&](auto change) {
    auto forged = good;
    change(forged);
    return replay(fold, read_receipt(write(forged)).value());
  };
  EXPECT_EQ(told([](Receipt& r) { std::swap(r.items[0], r.items[1]); }),
            fmt::format("item 1: video {} in the receipt, video {} when made again", good.items[1].video,
                        good.items[0].video));
  EXPECT_TRUE(
      told([](Receipt& r) { r.items.pop_back(); }).starts_with(fmt::format("item {}: nothing", good.items.size())));
  EXPECT_TRUE(told([](Receipt& r) { r.items[1].score = "0x1p+0"; }).starts_with("item 2, score: 0x1p+0"));
  EXPECT_TRUE(told([](Receipt& r) { r.history[0] = r.history[0] == '0' ? '1' : '0'; }).starts_with("history"));
  EXPECT_TRUE(told([](Receipt& r) { r.settings[5] = r.settings[5] == '0' ? '1' : '0'; }).starts_with("settings"));
  EXPECT_TRUE(told([](Receipt& r) { r.engine += 1; }).starts_with("engine version"));
  EXPECT_TRUE(told([](Receipt& r) { r.items[0].text = "Because we say so"; }).starts_with("item 1, reason"));
  EXPECT_NE(told([](Receipt& r) { r.page = "another"; }), "") << "the page's id seeds its chance";
}

TEST_F(ReceiptTest, RepostsAreInIt) {
  Fold fold;
  int shaped = 0;
  for (const auto& text : receipts) {
    const auto receipt = read_receipt(text).value();
    EXPECT_EQ(text.contains("\"v\":2,"), !receipt.reposts.empty());
    if (receipt.reposts.empty()) continue;
    EXPECT_EQ(receipt.mode, Mode::following);
    ASSERT_TRUE(fold.advance(stream, receipt.records));
    auto forged = receipt;
    forged.reposts.clear();
    if (!replay(fold, read_receipt(write(forged)).value()).empty()) ++shaped;
  }
  EXPECT_GT(shaped, 20);
}

/// The operator slips in one event, or holds one back: the history is another.
TEST_F(ReceiptTest, AHandInTheStreamIsFound) {
  const auto receipt = read_receipt(receipts[800]).value();
  MemoryStream other;
  const auto records = stream.read(0, receipt.records).value();
  for (const auto& record : records) {
    auto text = record.data;
    if (record.sequence == 310) text.insert(1, " ");
    const std::array<std::string_view, 1> one{text};
    ASSERT_TRUE(other.append(one));
  }
  Fold fold;
  ASSERT_TRUE(fold.advance(other, receipt.records));
  EXPECT_TRUE(replay(fold, receipt).starts_with("history of the stream"));
}

}  // namespace
}  // namespace vitrine::feed
