#include "log/follower.hpp"

namespace vitrine::tlog {
namespace {

std::unexpected<Error> split_view(std::uint64_t size) {
  return fail(Errc::conflict,
              "split view: the first {} entries are not those whose checkpoint was seen before; keep both checkpoints, "
              "they prove it",
              size);
}

Result<std::vector<std::string>> read_bundle(const TileReader& read, const Tile& bundle) {
  const auto bytes = read(bundle);
  if (!bytes && bytes.error().code == Errc::not_found)
    return fail(Errc::unprocessable, "{} is missing: entries are withheld", path_of(bundle));
  if (!bytes) return std::unexpected(bytes.error());
  auto entries = entries_of(*bytes, bundle.width);
  if (!entries) return fail(Errc::unprocessable, "{}: {}", path_of(bundle), entries.error().message);
  return entries;
}

}  // namespace

Result<void> Follower::follow(const Checkpoint* through) {
  VT_TRY(const auto note, fetch_("checkpoint"));
  VT_TRY(auto witnessed, policy_.open(note, log_));
  const auto& next = witnessed.checkpoint.checkpoint;
  if (next.size < edge_.size() || (through && next.size < through->size))
    return fail(Errc::conflict, "rollback: the log shows {} entries; {} were seen before", next.size,
                std::max(edge_.size(), through ? through->size : 0));
  if (through && through->size < edge_.size()) VT_CHECK(check_past(*through));
  VT_CHECK(read_on(next.size, through));
  if (edge_.root() != next.root)
    return fail(Errc::unprocessable, "the {} entries do not give the root that the checkpoint says", next.size);
  newest_ = std::move(witnessed);
  return {};
}

Result<void> Follower::read_on(std::uint64_t size, const Checkpoint* through) {
  const auto check = [&]() -> Result<void> {
    if (through && through->size == edge_.size() && through->root != edge_.root()) return split_view(through->size);
    return {};
  };
  VT_CHECK(check());
  const auto read = tiles_by(fetch_);
  while (edge_.size() < size) {
    const auto first = edge_.size() / tile_width * tile_width;
    VT_TRY(const auto entries, read_bundle(read, tile_in(entries_level, first / tile_width, size)));
    for (auto at = edge_.size() - first; at < entries.size(); ++at) {
      if (hooks_.on_entry) VT_CHECK(hooks_.on_entry(edge_.size(), entries[at]));
      edge_.add(entries[at]);
      VT_CHECK(check());
    }
    for (const auto& tile : edge_.take_tiles())
      if (hooks_.on_tile && (tile.tile.width == tile_width || edge_.size() == size)) VT_CHECK(hooks_.on_tile(tile));
    if (hooks_.on_progress) hooks_.on_progress(edge_.size(), size);
  }
  return {};
}

/// A checkpoint of what was read already: its root is in the tiles.
Result<void> Follower::check_past(const Checkpoint& through) {
  TiledTree tree(edge_.size(), tiles_by(fetch_));
  VT_TRY(const auto root, root_at(through.size, tree.reader()));
  VT_TRY(const auto proof, prove_consistency(through.size, edge_.size(), tree.reader()));
  // Tiles are only bytes until they lead to the root that was computed from the entries.
  VT_CHECK(verify_consistency(proof, through.size, root, edge_.size(), edge_.root()));
  if (root != through.root) return split_view(through.size);
  return {};
}

}  // namespace vitrine::tlog
