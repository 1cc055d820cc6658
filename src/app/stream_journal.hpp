// The log's journal, kept by the store's stream.
#pragma once
#include <memory>

#include "log/journal.hpp"
#include "store/stream.hpp"

namespace vitrine::app {

class StreamJournal final : public tlog::Journal {
 public:
  explicit StreamJournal(std::unique_ptr<store::Stream> stream) : stream_(std::move(stream)) {}
  Result<std::uint64_t> append(std::span<const std::string_view> records) override { return stream_->append(records); }
  Result<std::vector<std::string>> read(std::uint64_t from, std::size_t limit) const override {
    VT_TRY(auto records, stream_->read(from, limit));
    std::vector<std::string> out;
    for (auto& record : records) out.push_back(std::move(record.data));
    return out;
  }
  std::uint64_t end() const override { return stream_->end(); }
  Result<void> drop_before(std::uint64_t number) override { return stream_->drop_before(number); }

 private:
  std::unique_ptr<store::Stream> stream_;
};

}  // namespace vitrine::app
