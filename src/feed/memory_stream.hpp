// A stream in memory, for tests, simulation and fuzzing of the feed: same contract, no disk.
#pragma once
#include <condition_variable>
#include <mutex>

#include "store/stream.hpp"

namespace vitrine::feed {

class MemoryStream final : public store::Stream {
 public:
  Result<store::Sequence> append(std::span<const std::string_view> records) override {
    const std::scoped_lock lock(mutex_);
    if (failing) return fail(Errc::storage_full, "the disk is full");
    const auto first = all_.size();
    for (const auto record : records) all_.emplace_back(record);
    grown_.notify_all();
    return first;
  }
  Result<std::vector<store::Record>> read(store::Sequence from, std::size_t limit) const override {
    const std::scoped_lock lock(mutex_);
    std::vector<store::Record> out;
    for (auto at = from; at < all_.size() && out.size() < limit; ++at) out.push_back({at, all_[at]});
    return out;
  }
  store::Sequence begin() const override { return 0; }
  Result<void> drop_before(store::Sequence) override { return {}; }
  store::Sequence end() const override {
    const std::scoped_lock lock(mutex_);
    return all_.size();
  }
  bool wait(store::Sequence after, std::int64_t timeout_ms) const override {
    std::unique_lock lock(mutex_);
    return grown_.wait_for(lock, std::chrono::milliseconds(timeout_ms), [&] { return all_.size() > after; });
  }

  std::atomic<bool> failing = false;

 private:
  mutable std::mutex mutex_;
  mutable std::condition_variable grown_;
  std::vector<std::string> all_;
};

}  // namespace vitrine::feed
