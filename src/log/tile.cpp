#include "log/tile.hpp"

#include <bit>
#include <charconv>

#include "base/files.hpp"

namespace vitrine::tlog {
namespace {

constexpr std::size_t hash_bytes = 32;
constexpr int levels_max = 6;  // 256^6 entries
constexpr std::size_t bundle_bytes_max = tile_width * (entry_bytes_max + 2);

std::uint64_t hashes_below(int level) { return std::uint64_t{1} << (tile_height * std::max(level, 0)); }

template <class T>
bool read_number(std::string_view text, T& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size();
}

/// The first `width` hashes or entries of a full tile.
Result<std::string> cut(const Tile& tile, std::string_view full) {
  if (tile.level != entries_level)
    return std::string(full.substr(0, static_cast<std::size_t>(tile.width) * hash_bytes));
  VT_TRY(const auto entries, entries_of(full, tile_width));
  std::string out;
  for (int i = 0; i < tile.width; ++i) add_to_bundle(out, entries[static_cast<std::size_t>(i)]);
  return out;
}

}  // namespace

std::string path_of(const Tile& tile) {
  std::string out = tile.level == entries_level ? "tile/entries/" : fmt::format("tile/{}/", tile.level);
  std::string digits = fmt::format("{:03}", tile.index % 1000);
  for (auto rest = tile.index / 1000; rest > 0; rest /= 1000) digits = fmt::format("x{:03}/{}", rest % 1000, digits);
  out += digits;
  if (tile.width < tile_width) out += fmt::format(".p/{}", tile.width);
  return out;
}

Result<Tile> tile_at(std::string_view path) {
  const auto bad = [&] { return fail(Errc::invalid_argument, "this is not the path of a tile"); };
  constexpr std::string_view prefix = "tile/";
  constexpr std::size_t path_bytes_max = 64;
  if (!path.starts_with(prefix) || path.size() > path_bytes_max) return bad();
  Tile tile;
  auto rest = path.substr(prefix.size());
  const auto slash = rest.find('/');
  if (slash == rest.npos) return bad();
  const auto level = rest.substr(0, slash);
  if (level == "entries")
    tile.level = entries_level;
  else if (!read_number(level, tile.level) || tile.level < 0 || tile.level >= levels_max)
    return bad();
  rest.remove_prefix(slash + 1);
  if (const auto partial = rest.find(".p/"); partial != rest.npos) {
    if (!read_number(rest.substr(partial + 3), tile.width) || tile.width < 1 || tile.width >= tile_width) return bad();
    rest = rest.substr(0, partial);
  }
  std::string digits;
  for (const char c : rest)
    if (c >= '0' && c <= '9') digits += c;
  if (digits.size() > 18 || !read_number(std::string_view(digits), tile.index)) return bad();
  if (path_of(tile) != path) return bad();
  return tile;
}

std::uint64_t width_of_level(int level, std::uint64_t size) { return size / hashes_below(level); }

Tile tile_in(int level, std::uint64_t index, std::uint64_t size) {
  const auto left = width_of_level(level, size) - index * tile_width;
  return {level, index, static_cast<int>(std::min<std::uint64_t>(left, tile_width))};
}

void add_to_bundle(std::string& bundle, std::string_view entry) {
  VT_ASSERT(entry.size() <= entry_bytes_max);
  bundle += static_cast<char>(entry.size() >> 8);
  bundle += static_cast<char>(entry.size() & 0xff);
  bundle += entry;
}

Result<std::vector<std::string>> entries_of(std::string_view bundle, int count) {
  std::vector<std::string> out;
  while (bundle.size() >= 2 && std::cmp_less(out.size(), count)) {
    const auto length =
        static_cast<std::size_t>(static_cast<unsigned char>(bundle[0]) << 8 | static_cast<unsigned char>(bundle[1]));
    if (bundle.size() - 2 < length) break;
    out.emplace_back(bundle.substr(2, length));
    bundle.remove_prefix(2 + length);
  }
  if (!bundle.empty() || std::cmp_not_equal(out.size(), count))
    return fail(Errc::unprocessable, "a bundle does not hold the {} entries it should", count);
  return out;
}

Result<std::vector<Hash>> hashes_in(std::string_view tile, int count) {
  if (tile.size() != static_cast<std::size_t>(count) * hash_bytes)
    return fail(Errc::unprocessable, "a tile of {} bytes; {} hashes have {}", tile.size(), count, count * 32);
  std::vector<Hash> out(static_cast<std::size_t>(count));
  for (auto& hash : out) {
    std::ranges::copy(tile.substr(0, hash_bytes), hash.begin());
    tile.remove_prefix(hash_bytes);
  }
  return out;
}

std::string bytes_of(std::span<const Hash> hashes) {
  std::string out;
  out.reserve(hashes.size() * hash_bytes);
  for (const auto& hash : hashes) out += crypto::text_of(hash);
  return out;
}

Result<Hash> TiledTree::node(const Node& node) {
  const int level = node.level / tile_height, inside = node.level % tile_height;
  const auto first = node.index << inside;  // of the 2^inside hashes below it, on the tile's own level
  const Tile tile = tile_in(level, first / tile_width, size_);
  auto found = seen_.find(tile);
  if (found == seen_.end()) {
    VT_TRY(const auto bytes, read_(tile));
    VT_TRY(auto hashes, hashes_in(bytes, tile.width));
    found = seen_.emplace(tile, std::move(hashes)).first;
  }
  const auto begin = first % tile_width, count = std::uint64_t{1} << inside;
  if (begin + count > found->second.size()) return fail(Errc::internal, "a hash beyond the tree was asked for");
  return root_of(std::span(found->second).subspan(begin, count));
}

TileReader tiles_by(std::function<Result<std::string>(const std::string& path)> fetch) {
  return [fetch = std::move(fetch)](const Tile& tile) -> Result<std::string> {
    auto bytes = fetch(path_of(tile));
    if (bytes || bytes.error().code != Errc::not_found || tile.width == tile_width) return bytes;
    VT_TRY(const auto full, fetch(path_of({tile.level, tile.index, tile_width})));
    return cut(tile, full);
  };
}

TileReader tiles_below(std::string directory) {
  return tiles_by([directory = std::move(directory)](const std::string& path) {
    return read_file(directory + "/" + path, bundle_bytes_max);
  });
}

// ---------------------------------------------------------------------------------------------------------------
// The right edge

void Edge::finish(const Tile& tile, std::string bytes) {
  waiting_bytes_ += bytes.size();
  finished_.push_back({tile, std::move(bytes)});
}

void Edge::carry(std::size_t level, const Hash& hash) {
  if (level == levels_.size()) levels_.emplace_back();
  levels_[level].push_back(hash);
  if (levels_[level].size() < tile_width) return;
  const auto index = width_of_level(static_cast<int>(level), size_) / tile_width - 1;
  finish({static_cast<int>(level), index, tile_width}, bytes_of(levels_[level]));
  const Hash root = root_of(levels_[level]);
  levels_[level].clear();
  carry(level + 1, root);
}

void Edge::add(std::string_view entry, const Hash& leaf) {
  ++size_;
  add_to_bundle(bundle_, entry);
  waiting_bytes_ += entry.size();
  if (size_ % tile_width == 0) finish({entries_level, size_ / tile_width - 1, tile_width}, std::exchange(bundle_, {}));
  carry(0, leaf);
}

Hash Edge::root() const {
  // Complete subtrees from left to right are those of the highest level first; the tree is their fold from the right.
  std::optional<Hash> out;
  for (const auto& hashes : levels_) {
    std::span<const Hash> rest(hashes);
    std::vector<Hash> parts;
    while (!rest.empty()) {
      const auto count = std::bit_floor(rest.size());
      parts.push_back(root_of(rest.first(count)));
      rest = rest.subspan(count);
    }
    for (std::size_t i = parts.size(); i-- > 0;) out = out ? node_hash(parts[i], *out) : parts[i];
  }
  return out.value_or(empty_root());
}

std::vector<TileBytes> Edge::take_tiles() {
  auto out = std::exchange(finished_, {});
  if (!bundle_.empty()) out.push_back({tile_in(entries_level, size_ / tile_width, size_), bundle_});
  for (std::size_t level = 0; level < levels_.size(); ++level) {
    if (levels_[level].empty()) continue;
    const auto on_level = static_cast<int>(level);
    out.push_back({tile_in(on_level, width_of_level(on_level, size_) / tile_width, size_), bytes_of(levels_[level])});
  }
  waiting_bytes_ = 0;
  return out;
}

Result<Edge> Edge::load(std::uint64_t size, const TileReader& read) {
  Edge edge;
  edge.size_ = size;
  if (size % tile_width != 0) {
    VT_TRY(edge.bundle_, read(tile_in(entries_level, size / tile_width, size)));
  }
  for (int level = 0; width_of_level(level, size) > 0; ++level) {
    edge.levels_.emplace_back();
    const auto width = width_of_level(level, size);
    if (width % tile_width == 0) continue;
    const Tile tile = tile_in(level, width / tile_width, size);
    VT_TRY(const auto bytes, read(tile));
    VT_TRY(edge.levels_.back(), hashes_in(bytes, tile.width));
  }
  if (size % tile_width == 0) return edge;
  VT_TRY(const auto entries, entries_of(edge.bundle_, static_cast<int>(size % tile_width)));
  for (std::size_t i = 0; i < entries.size(); ++i)
    if (leaf_hash(entries[i]) != edge.levels_[0][i])
      return fail(Errc::unprocessable, "entry {} on disk is not the one whose hash the tree holds",
                  size / tile_width * tile_width + i);
  return edge;
}

}  // namespace vitrine::tlog
