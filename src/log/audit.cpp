#include "log/audit.hpp"

namespace vitrine::tlog {
namespace {

Result<void> compare(const TileReader& read, const TileBytes& expected) {
  const auto bytes = read(expected.tile);
  if (!bytes && bytes.error().code == Errc::not_found)
    return fail(Errc::unprocessable, "{} is missing", path_of(expected.tile));
  if (!bytes) return std::unexpected(bytes.error());
  if (*bytes != expected.bytes)
    return fail(Errc::unprocessable, "{} is not what the entries say", path_of(expected.tile));
  return {};
}

}  // namespace

Result<Audited> audit(const Fetch& fetch, const AuditOptions& options) {
  Checkpoint seen;
  if (!options.seen.empty()) {
    VT_TRY(auto opened, open_checkpoint(options.seen, options.log));
    seen = std::move(opened.checkpoint);
  }
  Audited out;
  const auto read = tiles_by(fetch);
  Follower follower(options.log, options.policy, fetch,
                    {.on_tile = [&](const TileBytes& tile) -> Result<void> {
                       ++out.tiles;
                       // Of a bundle the entries were read: it says what it says.
                       return tile.tile.level == entries_level ? Result<void>() : compare(read, tile);
                     },
                     .on_progress = options.on_progress});
  VT_CHECK(follower.follow(options.seen.empty() ? nullptr : &seen));
  const auto& newest = follower.newest();
  out.checkpoint = newest.checkpoint.checkpoint;
  out.note = newest.checkpoint.note.bytes();
  out.cosignatures = newest.cosigned_s.size();
  for (const auto& [witness, time_s] : newest.cosigned_s)
    out.newest_cosignature_s = std::max(out.newest_cosignature_s, time_s);
  return out;
}

}  // namespace vitrine::tlog
