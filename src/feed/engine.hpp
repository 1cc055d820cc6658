// What learns and ranks, behind a narrow interface: the feed around it keeps the stream, the engine keeps the state.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "feed/feed.hpp"
#include "feed/ranker.hpp"
#include "feed/record.hpp"
#include "feed/sets.hpp"
#include "feed/settings.hpp"

namespace vitrine::feed {

class StateReader;
class StateWriter;

/// A clip handed on to a viewer by whom they follow.
struct RepostedClip {
  ClipNumber clip = 0;
  Minute at = 0;
  bool operator==(const RepostedClip&) const = default;
};

struct Query {
  std::string_view viewer;
  Mode mode = Mode::for_you;
  std::size_t limit = 10;
  std::uint64_t seed = 0;  ///< all that is random about the page
  Minute now = 0;
  const ClipCounts* withheld = nullptr;     ///< handed out already, perhaps not watched yet
  std::span<const ClipNumber> just_before;  ///< the last clips handed out, newest last: for spacing
  std::span<const RepostedClip> reposts{};  ///< for Mode::following, the newest first
};

struct Pick {
  ClipNumber clip = 0;
  Source source = Source::fresh;
  std::string text;
  double score = 0;  ///< by which it was chosen; 0 where the order is by time
};
struct Ranking {
  std::vector<Pick> picks;
  bool end = false;            ///< nothing else is left for this viewer
  std::size_t candidates = 0;  ///< that were scored
};

/// Not thread-safe: fold() alone, or any number of the const calls at a time.
class Engine {
 public:
  virtual ~Engine() = default;

  /// Learns records, in order. A pure function of state and records: no clock, no randomness, same bits everywhere, and
  /// the same however they are cut into calls. Several in one call take less time.
  virtual void fold(std::span<const Entry> entries) = 0;
  void fold(const Entry& entry) { fold(std::span(&entry, 1)); }
  /// A pure function of state and query.
  [[nodiscard]] virtual Ranking rank(const Query& query) const = 0;

  /// What a showing is expected to come to, by the model that ranks pages.
  [[nodiscard]] virtual Heads predict(std::string_view viewer, ClipNumber clip, Surface surface, Minute at) const = 0;
  /// The time that predict()'s `watch` stands for.
  [[nodiscard]] virtual double watch_ms(ClipNumber clip, float watch) const = 0;

  [[nodiscard]] virtual std::optional<ClipNumber> find(std::string_view video) const = 0;  ///< live ones
  [[nodiscard]] virtual std::string_view video_of(ClipNumber clip) const = 0;
  [[nodiscard]] virtual std::int64_t duration_ms_of(ClipNumber clip) const = 0;
  /// Does the engine hold exactly this already?
  [[nodiscard]] virtual bool holds(const Entry& video) const = 0;
  [[nodiscard]] virtual bool follows(std::string_view viewer, std::string_view creator) const = 0;
  [[nodiscard]] virtual bool has_event(std::uint64_t event) const = 0;
  /// How many events of this viewer about this clip were folded (counted up to 15).
  [[nodiscard]] virtual std::uint32_t events_of(std::string_view viewer, ClipNumber clip) const = 0;
  [[nodiscard]] virtual Preferences preferences(std::string_view viewer) const = 0;

  [[nodiscard]] virtual const Settings& settings() const = 0;
  [[nodiscard]] virtual std::vector<std::string> live_videos() const = 0;
  [[nodiscard]] virtual std::uint64_t state_hash() const = 0;
  virtual void save(StateWriter& writer) const = 0;
  /// Into an engine that has folded nothing. If the reader is not ok() afterwards, throw the engine away.
  virtual void load(StateReader& reader) = 0;
  struct Sizes {
    std::size_t clips = 0, viewers = 0, owed = 0, choices = 0;
  };
  [[nodiscard]] virtual Sizes sizes() const = 0;
  /// How often what was learned about one viewer was looked up, pages and events together.
  [[nodiscard]] virtual std::uint64_t profile_reads() const = 0;
};

/// The first engine: decayed rates per viewer, creator and tag, co-watching, owed exploration.
[[nodiscard]] std::unique_ptr<Engine> make_rate_engine();

}  // namespace vitrine::feed
