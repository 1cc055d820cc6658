// The tlog-tiles layout (c2sp.org/tlog-tiles): a tree's hashes and entries as small files that any static file server
// can hand out. A full tile never changes; a partial one is named with its width, so neither does that.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "log/merkle.hpp"

namespace vitrine::tlog {

inline constexpr int tile_height = 8;
inline constexpr int tile_width = 1 << tile_height;
inline constexpr std::size_t entry_bytes_max = 65'535;
inline constexpr std::uint64_t tree_size_max = std::uint64_t{1}
                                               << 48;  ///< more than anybody writes; no shift overflows
inline constexpr int entries_level = -1;  ///< of a bundle of entries, which stands beside the tiles of level 0

struct Tile {
  int level = 0;  ///< 0 … 5, or entries_level
  std::uint64_t index = 0;
  int width = tile_width;  ///< 1 … 256; less than 256: partial
  auto operator<=>(const Tile&) const = default;
};

/// "tile/0/x001/x234/067", "tile/entries/000.p/17".
[[nodiscard]] std::string path_of(const Tile& tile);
/// Errors: invalid_argument. Only what path_of writes is a path.
[[nodiscard]] Result<Tile> tile_at(std::string_view path);
/// The tile of that level and index as it stands in a tree of `size` entries; it must hold something there.
[[nodiscard]] Tile tile_in(int level, std::uint64_t index, std::uint64_t size);
/// How many hashes (or entries) stand on a level of a tree.
[[nodiscard]] std::uint64_t width_of_level(int level, std::uint64_t size);

/// Appends an entry to a bundle: its length in two bytes, big-endian, then itself.
void add_to_bundle(std::string& bundle, std::string_view entry);
/// Errors: unprocessable when it does not hold exactly `count` entries.
[[nodiscard]] Result<std::vector<std::string>> entries_of(std::string_view bundle, int count);
[[nodiscard]] Result<std::vector<Hash>> hashes_in(std::string_view tile, int count);
[[nodiscard]] std::string bytes_of(std::span<const Hash> hashes);

/// Reads a tile's bytes. A reader may be asked for a partial tile that has meanwhile become full.
using TileReader = std::function<Result<std::string>(const Tile&)>;

/// The hashes of a tree of `size` entries, read through its tiles; each tile is read once. Not thread-safe.
class TiledTree {
 public:
  TiledTree(std::uint64_t size, TileReader read) : size_(size), read_(std::move(read)) {}
  [[nodiscard]] std::uint64_t size() const { return size_; }
  [[nodiscard]] Result<Hash> node(const Node& node);
  [[nodiscard]] NodeReader reader() {
    return [this](const Node& node) { return this->node(node); };
  }

 private:
  std::uint64_t size_;
  TileReader read_;
  std::map<Tile, std::vector<Hash>> seen_;
};

/// Reads tiles below a directory; a partial tile that is gone is cut from the full one. Thread-safe.
[[nodiscard]] TileReader tiles_below(std::string directory);
/// The same for whoever fetches by path: what is not_found is cut from the full tile.
[[nodiscard]] TileReader tiles_by(std::function<Result<std::string>(const std::string& path)> fetch);

struct TileBytes {
  Tile tile;
  std::string bytes;
};

/// The right edge of a growing tree: what is needed to add to it, to know its root and to write its tiles.
/// Not thread-safe.
class Edge {
 public:
  [[nodiscard]] std::uint64_t size() const { return size_; }
  [[nodiscard]] Hash root() const;
  void add(std::string_view entry) { add(entry, leaf_hash(entry)); }
  void add(std::string_view entry, const Hash& leaf);
  /// The tiles that became full since the last call, then the partial ones: with what was handed out before, all that
  /// a tree of size() consists of.
  [[nodiscard]] std::vector<TileBytes> take_tiles();
  /// Bytes held for take_tiles().
  [[nodiscard]] std::size_t waiting_bytes() const { return waiting_bytes_; }
  /// The edge of a tree that was written before.
  [[nodiscard]] static Result<Edge> load(std::uint64_t size, const TileReader& read);

 private:
  void carry(std::size_t level, const Hash& hash);
  void finish(const Tile& tile, std::string bytes);

  std::uint64_t size_ = 0;
  std::string bundle_;                     ///< entries of the bundle that is not yet full
  std::vector<std::vector<Hash>> levels_;  ///< hashes of each level's tile that is not yet full
  std::vector<TileBytes> finished_;
  std::size_t waiting_bytes_ = 0;
};

}  // namespace vitrine::tlog
