// The stream seam: one ordered, durable, append-only sequence of records. Checksummed segment files with group
// commit now; JetStream later.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace vitrine::store {

inline constexpr std::size_t record_bytes_max = 1 << 20;

/// Position of a record: 0, 1, 2, … without a gap.
using Sequence = std::uint64_t;

struct Record {
  Sequence sequence;
  std::string data;
};

/// Thread-safe. Any number of appenders share one fdatasync (group commit); readers never wait for writers.
class Stream {
 public:
  virtual ~Stream() = default;
  /// Appends all or nothing, in order; on return they survive a power cut. Gives the first one's position.
  /// Errors: too_large, storage_full, unavailable (an earlier write failed: reopen), internal.
  [[nodiscard]] virtual Result<Sequence> append(std::span<const std::string_view> records) = 0;
  /// Up to `limit` durable records from `from` on; empty at the end.
  [[nodiscard]] virtual Result<std::vector<Record>> read(Sequence from, std::size_t limit) const = 0;
  /// The first record that is still kept, and one past the last durable one.
  [[nodiscard]] virtual Sequence begin() const = 0;
  [[nodiscard]] virtual Sequence end() const = 0;
  /// Gives up records before `sequence`, as far as whole segments go: a record from there on is never lost.
  [[nodiscard]] virtual Result<void> drop_before(Sequence sequence) = 0;
  /// Waits until end() > `after` or the time is up; true if so.
  [[nodiscard]] virtual bool wait(Sequence after, std::int64_t timeout_ms) const = 0;
};

struct StreamOptions {
  std::int64_t segment_bytes_max = 64 << 20;
  bool read_only = false;  ///< also beside the process that holds it: what was durable at opening; appending is refused
};

/// Opens (and makes) a stream below `directory`, which one process at a time may hold (lock file). A torn tail, what a
/// crash leaves of an append that was never acknowledged, is cut off; damage before it is an error (internal) that
/// names the segment and offset.
[[nodiscard]] Result<std::unique_ptr<Stream>> open_segments(const std::string& directory, StreamOptions options = {});

}  // namespace vitrine::store
