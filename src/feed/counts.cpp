#include "feed/counts.hpp"

#include "base/log.hpp"
#include "feed/record.hpp"

namespace vitrine::feed {
namespace {

constexpr std::size_t records_per_step = 8192;
constexpr std::int64_t wait_ms = 200;   // also how long stopping may take
constexpr std::int64_t gather_ms = 50;  // so that a burst of events becomes one transaction
constexpr std::int64_t retry_ms = 1000;

}  // namespace

CountsPump::CountsPump(const store::Stream& stream, store::Sequence next, CountsConsumer consumer)
    : stream_(stream), next_(next), consumer_(std::move(consumer)) {
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

CountsPump::~CountsPump() = default;

void CountsPump::rest(const std::stop_token& stop, std::int64_t ms) {
  std::unique_lock lock(mutex_);
  waking_.wait_for(lock, stop, std::chrono::milliseconds(ms), [] { return false; });
}

void CountsPump::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    if (!stream_.wait(next_, wait_ms)) continue;
    const auto done = step();
    if (!done) log::warning("feed.counts_failed", {{"code", name(done.error().code)}});
    rest(stop, done ? gather_ms : retry_ms);
  }
}

Result<void> CountsPump::step() {
  VT_TRY(const auto records, stream_.read(next_, records_per_step));
  if (records.empty()) return {};
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
  const auto to = records.back().sequence + 1;
  std::vector<VideoCounts> list;
  for (auto& [id, count] : counts) list.push_back(std::move(count));
  // A stretch without counts needs no transaction: reading it again after a restart changes nothing.
  if (!list.empty()) VT_CHECK(consumer_(next_, to, list));
  next_ = to;
  return {};
}

}  // namespace vitrine::feed
