// A journal in memory, for tests and fuzzing: same contract, no disk, and it can fail.
#pragma once
#include <atomic>
#include <mutex>

#include "log/journal.hpp"

namespace vitrine::tlog {

class MemoryJournal final : public Journal {
 public:
  Result<std::uint64_t> append(std::span<const std::string_view> records) override {
    const std::scoped_lock lock(mutex_);
    if (failing) return fail(Errc::storage_full, "the disk is full");
    const auto first = all_.size();
    for (const auto record : records) all_.emplace_back(record);
    return first;
  }
  Result<std::vector<std::string>> read(std::uint64_t from, std::size_t limit) const override {
    const std::scoped_lock lock(mutex_);
    if (from < dropped_) return fail(Errc::gone, "no longer kept");
    std::vector<std::string> out;
    for (auto at = from; at < all_.size() && out.size() < limit; ++at) out.push_back(all_[at]);
    return out;
  }
  std::uint64_t end() const override {
    const std::scoped_lock lock(mutex_);
    return all_.size();
  }
  Result<void> drop_before(std::uint64_t number) override {
    const std::scoped_lock lock(mutex_);
    dropped_ = std::max(dropped_, number);
    return {};
  }
  /// As a restored older disk would have it.
  void set_back_to(std::uint64_t size) {
    const std::scoped_lock lock(mutex_);
    all_.resize(size);
  }

  std::atomic<bool> failing = false;

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> all_;
  std::uint64_t dropped_ = 0;
};

}  // namespace vitrine::tlog
