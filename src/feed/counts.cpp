#include "feed/counts.hpp"

#include "base/log.hpp"
#include "feed/record.hpp"

namespace vitrine::feed {
namespace {

constexpr std::size_t records_per_step = 8192;
constexpr std::int64_t wait_ms = 200;   // also how long stopping may take
constexpr std::int64_t gather_ms = 50;  // so that a burst of events becomes one transaction
constexpr std::int64_t retry_ms = 1000;

std::vector<VideoCounts> counts_in(std::span<const store::Record> records) {
  RecordReader reader;
  std::map<std::string, VideoCounts, std::less<>> counts;
  for (const auto& record : records) {
    const auto entry = reader.read(record.data);
    if (!entry || entry->kind != Kind::watch || (!entry->view && !entry->share)) continue;
    auto& count = counts[std::string(entry->video)];
    count.video = entry->video;
    count.views += entry->view ? 1 : 0;
    count.shares += entry->share ? 1 : 0;
  }
  std::vector<VideoCounts> list;
  for (auto& [id, count] : counts) list.push_back(std::move(count));
  return list;
}

Watched watched_of(const Entry& entry) {
  return {.viewer = entry.viewer,
          .video = entry.video,
          .surface = entry.surface,
          .shown_at = std::min(entry.shown, entry.at) * limits::minute_ms,
          .watched_ms = entry.watched_ms,
          .view = entry.view,
          .liked = entry.liked,
          .commented = entry.commented,
          .saved = entry.saved,
          .shared = entry.shared,
          .followed = entry.followed};
}

}  // namespace

// A stretch that holds nothing for the consumer needs no transaction: reading it again after a restart changes nothing.
StreamStep counting(CountsConsumer consumer) {
  return
      [consumer = std::move(consumer)](store::Sequence from, std::span<const store::Record> records) -> Result<void> {
        const auto list = counts_in(records);
        if (list.empty()) return {};
        return consumer(from, records.back().sequence + 1, list);
      };
}

StreamStep watching(WatchedConsumer consumer) {
  return
      [consumer = std::move(consumer)](store::Sequence from, std::span<const store::Record> records) -> Result<void> {
        RecordReader reader;
        std::vector<Watched> list;
        for (const auto& record : records) {
          const auto entry = reader.read_beside(record.data);
          if (entry && entry->kind == Kind::watch && entry->measured) list.push_back(watched_of(*entry));
        }
        if (list.empty()) return {};
        return consumer(from, records.back().sequence + 1, list);
      };
}

StreamPump::StreamPump(const store::Stream& stream, store::Sequence next, StreamStep take)
    : stream_(stream), next_(next), take_(std::move(take)) {
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

StreamPump::~StreamPump() = default;

void StreamPump::rest(const std::stop_token& stop, std::int64_t ms) {
  std::unique_lock lock(mutex_);
  waking_.wait_for(lock, stop, std::chrono::milliseconds(ms), [] { return false; });
}

void StreamPump::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    if (!stream_.wait(next_, wait_ms)) continue;
    const auto done = step();
    if (!done) log::warning("feed.counts_failed", {{"code", name(done.error().code)}});
    rest(stop, done ? gather_ms : retry_ms);
  }
}

Result<void> StreamPump::step() {
  VT_TRY(const auto records, stream_.read(next_, records_per_step));
  if (records.empty()) return {};
  VT_CHECK(take_(next_, records));
  next_ = records.back().sequence + 1;
  return {};
}

}  // namespace vitrine::feed
