// Anything as a record, folded; anything as a watch event, taken in; a page after it. Nothing may crash, and what a
// batch left in the stream must fold to the same state again. Anything as a snapshot, also with a checksum that fits:
// refused, or a state that goes on. Anything as a receipt: refused, or what is written is what was read.
#include "base/crypto.hpp"
#include "base/json.hpp"
#include "feed/engine.hpp"
#include "feed/fold.hpp"
#include "feed/memory_stream.hpp"
#include "feed/receipt.hpp"

namespace vitrine::feed {
namespace {

/// Reads the input as little fields, never past its end.
class Bytes {
 public:
  Bytes(const std::uint8_t* data, std::size_t size) : left_(reinterpret_cast<const char*>(data), size) {}
  [[nodiscard]] bool empty() const { return left_.empty(); }
  std::uint8_t byte() {
    if (left_.empty()) return 0;
    const auto out = static_cast<std::uint8_t>(left_.front());
    left_.remove_prefix(1);
    return out;
  }
  std::int64_t number() {
    std::uint64_t out = 0;
    for (int count = byte() % 9; count > 0; --count) out = out << 8 | byte();
    return static_cast<std::int64_t>(out);
  }
  std::string_view text() {
    const auto out = left_.substr(0, byte());
    left_.remove_prefix(out.size());
    return out;
  }
  std::string_view line() {
    const auto out = left_.substr(0, left_.find('\n'));
    left_.remove_prefix(std::min(left_.size(), out.size() + 1));
    return out;
  }

 private:
  std::string_view left_;
};

constexpr std::string_view fuzz_viewer = "fuzz_viewer_of_22_char";

void fold_lines(Bytes bytes) {
  RecordReader reader;
  const auto engine = make_rate_engine();
  while (!bytes.empty()) {
    const auto text = bytes.line();
    const auto entry = reader.read(text);
    if (!entry) continue;
    engine->fold(*entry);
    const auto again = write(*entry);
    VT_ASSERT(RecordReader().read(again).has_value());
  }
  for (const auto mode : {Mode::for_you, Mode::following, Mode::fresh})
    VT_ASSERT(engine->rank({.viewer = fuzz_viewer, .mode = mode, .just_before = {}}).picks.size() <= 10);
  VT_ASSERT(engine->state_hash() == engine->state_hash());
}

WatchEvent event_from(Bytes& bytes) {
  WatchEvent event;
  event.id = bytes.byte() % 2 ? std::string(bytes.text()) : fmt::format("fuzz_event_{:016}", bytes.byte());
  event.video = bytes.byte() % 2 ? std::string(bytes.text()) : fmt::format("v{}", bytes.byte() % 8);
  event.page = bytes.text();
  event.position = bytes.number();
  event.shown_at = bytes.byte() % 2 ? bytes.number() : 1'790'000'000'000 - bytes.byte();
  event.watched_ms = bytes.number();
  event.loops = bytes.number();
  const auto flags = bytes.byte();
  event.finished = flags & 1;
  event.liked = flags & 2;
  event.shared = flags & 4;
  event.followed = flags & 8;
  event.not_interested = flags & 16;
  event.reported = flags & 32;
  return event;
}

void take_events(Bytes bytes) {
  MemoryStream stream;
  ManualClock clock(1'790'000'000'000);
  auto feed = Feed::open(stream, clock).value();
  for (int i = 0; i < 8; ++i) {
    const Clip clip{
        fmt::format("v{}", i), fmt::format("c{}", i % 3), {std::string(bytes.text())}, bytes.number(), bytes.number()};
    VT_ASSERT(feed->video_live(clip).has_value());
  }
  while (!bytes.empty()) {
    std::vector<WatchEvent> events;
    for (int count = bytes.byte() % 5; count >= 0; --count) events.push_back(event_from(bytes));
    const auto intake = feed->record(fuzz_viewer, events);
    VT_ASSERT(intake && intake->accepted + intake->duplicates + intake->rejected.size() == events.size());
    VT_ASSERT(feed->page({.viewer = std::string(fuzz_viewer)}).has_value());
    (void)feed->record(bytes.text(), events);
    clock.advance(bytes.number() % (1LL << 40));
  }
  VT_ASSERT(feed->statistics().skipped == 0);
  VT_ASSERT(Feed::open(stream, clock).value()->state_hash() == feed->state_hash());
}

/// A stream, what folding it gives, and the receipt of a page: to be damaged.
struct Sound {
  MemoryStream stream;
  std::string snapshot, receipt;

  Sound() {
    ManualClock clock(1'790'000'000'000);
    auto feed = Feed::open(stream, clock, {.new_page_id = [](TimeMs) { return std::string("page_of_the_fuzzer"); }});
    for (int i = 0; i < 12; ++i)
      VT_ASSERT((*feed)->video_live({fmt::format("v{}", i), fmt::format("c{}", i % 3), {"t"}, 9'000, clock.now()}));
    for (int i = 0; i < 12; ++i) {
      WatchEvent event;
      event.id = fmt::format("fuzz_event_{:016}", i);
      event.video = fmt::format("v{}", i % 9);
      event.shown_at = clock.now();
      event.watched_ms = i * 1'000;
      VT_ASSERT((*feed)->record(fuzz_viewer, std::span(&event, 1)));
    }
    VT_ASSERT((*feed)->set_preferences("another_viewer_of_the_fuzzer", {.topics = {"t"}}));
    receipt = (*feed)->page({.viewer = std::string(fuzz_viewer), .receipt = true}).value().receipt;
    snapshot = folded().snapshot();
  }
  [[nodiscard]] Fold folded() const {
    Fold fold;
    VT_ASSERT(fold.advance(stream, stream.end()));
    return fold;
  }
  static const Sound& one() {
    static const Sound sound;
    return sound;
  }
};

/// Bytes of `good` changed where the input says.
std::string damaged(std::string good, Bytes bytes) {
  while (!bytes.empty()) {
    const auto at = static_cast<std::size_t>(bytes.byte() << 8 | bytes.byte()) * good.size() >> 16;
    good[at] = static_cast<char>(bytes.byte());
  }
  return good;
}

void load_snapshot(Bytes bytes, std::string_view raw) {
  VT_ASSERT(!Fold::of_snapshot(raw));
  const auto& good = Sound::one().snapshot;
  auto bad = damaged(good.substr(0, good.size() - sizeof(crypto::Hash)), bytes);
  const auto sum = crypto::sha256(bad);
  bad.append(reinterpret_cast<const char*>(sum.data()), sum.size());
  const auto fold = Fold::of_snapshot(bad);
  if (!fold) return;
  for (const auto mode : {Mode::for_you, Mode::following, Mode::fresh})
    VT_ASSERT(fold->engine().rank({.viewer = fuzz_viewer, .mode = mode, .just_before = {}}).picks.size() <= 10);
  VT_ASSERT(Fold::of_snapshot(fold->snapshot()).value().engine().state_hash() == fold->engine().state_hash());
}

void load_receipt(Bytes bytes, std::string_view raw) {
  const auto& good = Sound::one().receipt;
  const auto bad = damaged(good, bytes);
  for (const std::string_view text : {raw, std::string_view(bad)}) {
    const auto receipt = read_receipt(text);
    if (!receipt) continue;
    VT_ASSERT(text == good);
    VT_ASSERT(write(*receipt) == text);
  }
}

}  // namespace
}  // namespace vitrine::feed

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vitrine::feed;
  if (size == 0) return 0;
  const Bytes rest(data + 1, size - 1);
  const std::string_view raw(reinterpret_cast<const char*>(data + 1), size - 1);
  switch (data[0] % 4) {
    case 0: take_events(rest); break;
    case 1: fold_lines(rest); break;
    case 2: load_snapshot(rest, raw); break;
    case 3: load_receipt(rest, raw); break;
  }
  return 0;
}
