#include "log/tile_writer.hpp"

#include <filesystem>

#include "base/files.hpp"

namespace vitrine::tlog {
namespace {

namespace fs = std::filesystem;
constexpr std::chrono::minutes partial_kept{10};
constexpr std::size_t made_max = 4096;  // directories remembered; one forgotten costs a stat
constexpr std::size_t open_files_max = 128;
constexpr int public_mode = 0644;  // a static file server of another user may hand them out

}  // namespace

/// Makes a directory and what is above it, and notes whose names changed.
Result<void> TileWriter::prepare(const std::string& directory, std::set<std::string>& changed) {
  if (made_.contains(directory)) return {};
  if (made_.size() > made_max) made_.clear();
  if (directory.size() > directory_.size()) VT_CHECK(prepare(directory_of(directory), changed));
  std::error_code error;
  if (fs::create_directory(directory, error)) changed.insert(directory_of(directory));
  if (error) return std::unexpected(system_error("making a directory of tiles", error.value()));
  made_.insert(directory);
  return {};
}

Result<void> TileWriter::write(std::span<const TileBytes> tiles) {
  std::set<std::string> changed;
  const auto now = std::chrono::steady_clock::now();
  std::vector<FileBytes> files;
  const auto flush = [&]() -> Result<void> {
    VT_CHECK(replace_files(files, public_mode));
    files.clear();
    return {};
  };
  for (const auto& [tile, bytes] : tiles) {
    const auto newest = newest_partial_.find(tile.level);
    if (newest != newest_partial_.end() && newest->second == tile) continue;
    auto path = fmt::format("{}/{}", directory_, path_of(tile));
    VT_CHECK(prepare(directory_of(path), changed));
    changed.insert(directory_of(path));
    if (tile.width == tile_width) superseded_.emplace_back(now, path + ".p");
    files.push_back({std::move(path), bytes});
    if (files.size() == open_files_max) VT_CHECK(flush());
  }
  VT_CHECK(flush());
  for (const auto& directory : changed) VT_CHECK(sync_directory(directory));
  for (const auto& [tile, bytes] : tiles)
    if (tile.width < tile_width) newest_partial_[tile.level] = tile;
  remove_superseded(now);
  return {};
}

void TileWriter::remove_superseded(SteadyTime now) {
  while (!superseded_.empty() && now - superseded_.front().first > partial_kept) {
    std::error_code ignored;
    fs::remove_all(superseded_.front().second, ignored);
    made_.erase(superseded_.front().second);
    superseded_.pop_front();
  }
}

}  // namespace vitrine::tlog
