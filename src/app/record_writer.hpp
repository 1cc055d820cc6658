// The feed's stream, written in large pieces by what fills a data directory: each append waits for the disk.
#pragma once
#include <string>
#include <vector>

#include "feed/record.hpp"
#include "store/stream.hpp"

namespace vitrine::app {

/// Not thread-safe. What was added last is there after flush().
class RecordWriter {
 public:
  explicit RecordWriter(store::Stream& stream) : stream_(stream) {}
  Result<void> add(const feed::Entry& entry) {
    texts_.push_back(feed::write(entry));
    return texts_.size() < at_once ? Result<void>() : flush();
  }
  Result<void> flush() {
    const std::vector<std::string_view> views(texts_.begin(), texts_.end());
    if (!views.empty()) VT_CHECK(stream_.append(views));
    texts_.clear();
    return {};
  }

 private:
  static constexpr std::size_t at_once = 4096;
  store::Stream& stream_;
  std::vector<std::string> texts_;
};

}  // namespace vitrine::app
