// Writes tiles so that they are whole and durable before any checkpoint that covers them.
#pragma once
#include <chrono>
#include <deque>
#include <set>

#include "log/tile.hpp"

namespace vitrine::tlog {

/// Not thread-safe: one writer a directory.
class TileWriter {
 public:
  explicit TileWriter(std::string directory) : directory_(std::move(directory)) {}
  /// On return all are on the disk, and so are their names. Safe to repeat after an error.
  /// Errors: storage_full, internal.
  [[nodiscard]] Result<void> write(std::span<const TileBytes> tiles);

 private:
  using SteadyTime = std::chrono::steady_clock::time_point;
  Result<void> prepare(const std::string& directory, std::set<std::string>& changed);
  void remove_superseded(SteadyTime now);

  const std::string directory_;
  std::set<std::string> made_;          ///< directories that are there
  std::map<int, Tile> newest_partial_;  ///< by level; need not be written again
  /// Partial tiles whose full one is there: kept a while for those who read an older checkpoint.
  std::deque<std::pair<SteadyTime, std::string>> superseded_;
};

}  // namespace vitrine::tlog
