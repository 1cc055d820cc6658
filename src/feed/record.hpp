// Records of the event stream, version 1: docs/formats/events.md. Writing, and reading with every limit checked again:
// a record that came through read() is safe to fold, whoever wrote it.
#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "feed/feed.hpp"

namespace vitrine::feed {

/// Whole minutes since 1970: the finest time the stream holds.
using Minute = std::int64_t;

enum class Kind { watch, video, removed, follow, forget, preferences, settings };

/// One record, as views into text owned elsewhere. Members beyond those of its kind are not looked at.
struct Entry {
  Kind kind = Kind::watch;
  Minute at = 0;             ///< when it was taken in
  std::string_view viewer;   ///< watch, follow, forget, preferences
  std::string_view video;    ///< watch, video, removed
  std::string_view creator;  ///< video, follow

  // watch
  std::uint64_t event = 0;  ///< hash of viewer and event id: tells duplicates
  Minute shown = 0;
  std::int64_t watched_ms = 0;
  std::int64_t loops = 0;
  std::int64_t position = 0;
  Surface surface = Surface::for_you;
  bool finished = false, liked = false, shared = false, followed = false, commented = false, saved = false;
  bool not_interested = false, reported = false;
  bool served = false;       ///< the feed had handed this clip to this viewer
  bool view = false;         ///< adds to the public view counter
  bool share = false;        ///< adds to the public share counter
  bool measured = false;     ///< counts for the creator's figures
  std::uint16_t unsaid = 0;  ///< heads that a log from elsewhere says nothing of (a bit each); never stored

  // video
  std::array<std::string_view, limits::tags_per_clip_max> tags{};
  std::size_t tag_count = 0;
  std::int64_t duration_ms = 0;
  Minute created = 0;

  bool on = false;          ///< follow
  bool everything = false;  ///< forget

  // preferences
  bool unprofiled = false;
  std::vector<std::string_view> topics, muted_tags, muted_creators;

  std::string_view text;  ///< settings: all of them, as settings.toml has them
};

[[nodiscard]] std::string write(const Entry& entry);

/// Reads record after record, reusing memory. Not thread-safe.
class RecordReader {
 public:
  RecordReader();
  ~RecordReader();
  /// The entry's views are good until the next call. Errors: unsupported (newer version), invalid_argument.
  [[nodiscard]] Result<Entry> read(std::string_view text);
  /// The same, but what was read since the last clear() stays good, too.
  [[nodiscard]] Result<Entry> read_beside(std::string_view text);
  void clear();

 private:
  struct Memory;
  std::unique_ptr<Memory> memory_;
};

/// Ids of viewers, videos, creators and events: letters, digits, '_' and '-'.
[[nodiscard]] bool is_token(std::string_view text, std::size_t length_min, std::size_t length_max);
[[nodiscard]] bool is_tag(std::string_view text);

}  // namespace vitrine::feed
