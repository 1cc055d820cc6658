// Anything as a record, folded; anything as a watch event, taken in; a page after it. Nothing may crash, and what a
// batch left in the stream must fold to the same state again.
#include "base/json.hpp"
#include "feed/engine.hpp"
#include "feed/memory_stream.hpp"

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

}  // namespace
}  // namespace vitrine::feed

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vitrine::feed;
  if (size == 0) return 0;
  const Bytes rest(data + 1, size - 1);
  if (data[0] % 2) {
    fold_lines(rest);
  } else {
    take_events(rest);
  }
  return 0;
}
