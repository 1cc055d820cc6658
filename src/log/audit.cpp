#include "log/audit.hpp"

namespace vitrine::tlog {
namespace {

using Fetch = std::function<Result<std::string>(const std::string& path)>;

/// A partial tile may be gone when the full one has come; every other hash of the tree must be there as computed.
class Comparison {
 public:
  explicit Comparison(const Fetch& fetch) : read_(tiles_by(fetch)) {}

  Result<void> check(const TileBytes& expected) {
    if (expected.tile.level == entries_level) return {};  // what was computed from
    const auto bytes = read_(expected.tile);
    if (!bytes && bytes.error().code == Errc::not_found)
      return fail(Errc::unprocessable, "{} is missing", path_of(expected.tile));
    if (!bytes) return std::unexpected(bytes.error());
    if (*bytes != expected.bytes)
      return fail(Errc::unprocessable, "{} is not what the entries say", path_of(expected.tile));
    ++count_;
    return {};
  }
  [[nodiscard]] Result<std::vector<std::string>> entries(const Tile& bundle) {
    const auto bytes = read_(bundle);
    if (!bytes && bytes.error().code == Errc::not_found)
      return fail(Errc::unprocessable, "{} is missing: entries are withheld", path_of(bundle));
    if (!bytes) return std::unexpected(bytes.error());
    auto entries = entries_of(*bytes, bundle.width);
    if (!entries) return fail(Errc::unprocessable, "{}: {}", path_of(bundle), entries.error().message);
    ++count_;
    return entries;
  }
  [[nodiscard]] std::uint64_t count() const { return count_; }

 private:
  TileReader read_;
  std::uint64_t count_ = 0;
};

Result<std::optional<Checkpoint>> seen_before(const AuditOptions& options) {
  if (options.seen.empty()) return std::nullopt;
  VT_TRY(auto opened, open_checkpoint(options.seen, options.log));
  return opened.checkpoint;
}

Result<void> check_continues(const Edge& edge, const std::optional<Checkpoint>& seen) {
  if (!seen || seen->size != edge.size() || seen->root == edge.root()) return {};
  return fail(Errc::conflict,
              "split view: the first {} entries are not those whose checkpoint was seen before; keep both checkpoints, "
              "they prove it",
              seen->size);
}

}  // namespace

Result<Audited> audit(const Fetch& fetch, const AuditOptions& options) {
  VT_TRY(const auto seen, seen_before(options));
  VT_TRY(auto note, fetch("checkpoint"));
  VT_TRY(const auto witnessed, options.policy.open(note, options.log));
  Audited out{.checkpoint = witnessed.checkpoint.checkpoint,
              .note = std::move(note),
              .cosignatures = witnessed.cosigned_s.size()};
  for (const auto& [witness, time_s] : witnessed.cosigned_s)
    out.newest_cosignature_s = std::max(out.newest_cosignature_s, time_s);
  const auto size = out.checkpoint.size;
  if (seen && seen->size > size)
    return fail(Errc::conflict, "rollback: the log shows {} entries; {} were seen before", size, seen->size);

  Comparison comparison(fetch);
  Edge edge;
  VT_CHECK(check_continues(edge, seen));
  while (edge.size() < size) {
    const auto first = edge.size();
    VT_TRY(const auto entries, comparison.entries(tile_in(entries_level, first / tile_width, size)));
    for (const auto& entry : entries) {
      if (options.on_entry) VT_CHECK(options.on_entry(edge.size(), entry));
      edge.add(entry);
      VT_CHECK(check_continues(edge, seen));
    }
    if (edge.size() < size)
      for (const auto& tile : edge.take_tiles())
        if (tile.tile.width == tile_width) VT_CHECK(comparison.check(tile));
    options.on_progress(edge.size(), size);
  }
  for (const auto& tile : edge.take_tiles()) VT_CHECK(comparison.check(tile));
  if (edge.root() != out.checkpoint.root)
    return fail(Errc::unprocessable, "the {} entries do not give the root that the checkpoint says", size);
  out.tiles = comparison.count();
  return out;
}

}  // namespace vitrine::tlog
