// The one path by which anything is learned: records of the stream, in order, into an engine. And what comes of it as a
// file: a snapshot, from which a restart goes on instead of folding everything again.
//
// The history of a fold is a hash chained over its records: two folds of equal history and equal program hold the same
// state, bit for bit. Format of the file: docs/formats/snapshot.md.
#pragma once
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/crypto.hpp"
#include "feed/engine.hpp"
#include "store/blobs.hpp"
#include "store/stream.hpp"

namespace vitrine::feed {

/// Counts up with every change to how records are learned or pages are made: states and pages of one version cannot be
/// recomputed by another.
inline constexpr std::uint32_t engine_version = 2;

/// Not thread-safe: fold() alone, or any number of the const calls at a time.
class Fold {
 public:
  Fold();
  Fold(Fold&&) noexcept;
  Fold& operator=(Fold&&) noexcept;
  ~Fold();

  /// The records from position folded() on. What cannot be read is skipped, and counted. Errors: unsupported (one was
  /// written by a newer version; those before it were folded).
  [[nodiscard]] Result<void> add(std::span<const store::Record> records);
  /// Reads and folds up to `end`. Errors: the stream's, unsupported.
  [[nodiscard]] Result<void> advance(const store::Stream& stream, store::Sequence end, std::size_t batch = 4096);

  [[nodiscard]] const Engine& engine() const { return *engine_; }
  [[nodiscard]] store::Sequence folded() const { return folded_; }  ///< records
  [[nodiscard]] std::uint64_t skipped() const { return skipped_; }
  [[nodiscard]] const crypto::Hash& history() const { return history_; }

  /// The whole snapshot, in memory.
  [[nodiscard]] std::string snapshot() const;
  /// Errors: unsupported (of another version), invalid_argument (damaged: says what and where).
  [[nodiscard]] static Result<Fold> of_snapshot(std::string_view bytes);

 private:
  /// As many of the records as can be read; how many these are, folded() says.
  [[nodiscard]] Result<void> add_few(std::span<const store::Record> records);

  std::unique_ptr<Engine> engine_;
  std::unique_ptr<RecordReader> reader_;
  std::vector<Entry> entries_;  ///< read, about to be folded
  store::Sequence folded_ = 0;
  std::uint64_t skipped_ = 0;
  crypto::Hash history_{};
};

/// The newest snapshots, in a store of their own, named by the records folded. Thread-safe.
class Snapshots {
 public:
  explicit Snapshots(store::Blobs& blobs) : blobs_(blobs) {}

  /// Keeps it, there as a whole or not at all, and removes all but the newest two. Errors: the store's.
  [[nodiscard]] Result<void> keep(store::Sequence folded, std::string_view bytes);
  /// The newest sound one of at most `end` records; what cannot be used is logged and passed over.
  [[nodiscard]] std::optional<Fold> newest(store::Sequence end) const;

 private:
  /// Oldest first. Empty if the store cannot say.
  [[nodiscard]] std::vector<std::string> keys() const;

  store::Blobs& blobs_;
};

}  // namespace vitrine::feed
