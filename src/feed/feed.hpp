// For You: takes watch events in, learns from them, hands out pages.
//
// What it is: one ordered stream of records (docs/formats/events.md) and an engine that folds it. Whatever the feed
// knows, it knows from the stream; folding the same stream again gives the same state (state_hash()). What it may
// touch: the stream and the clock it is given. It holds no account, handle or address: a viewer is a pseudonym. Where
// to start: Feed::record (in), engine.hpp (learning and ranking), limits.hpp (every limit).
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "feed/limits.hpp"
#include "store/blobs.hpp"
#include "store/stream.hpp"

namespace vitrine::feed {

enum class Surface : std::uint8_t {
  for_you,
  following,
  profile,
  video,  ///< its own page: a link that was shared or typed
  fresh,
  search,
  tag,
  sound,
  saved,  ///< a collection
  embed   ///< the player on another site's page
};
[[nodiscard]] std::string_view name(Surface surface);
[[nodiscard]] std::optional<Surface> surface_of(std::string_view name);

/// What a player says about one showing of one clip. Nothing in it is trusted.
struct WatchEvent {
  std::string id;  ///< made by the client, 16..64 of [A-Za-z0-9_-]; says whether it was sent before
  std::string video;
  std::string page;           ///< the page it came from, or empty
  std::int64_t position = 0;  ///< its place there
  Surface surface = Surface::for_you;
  TimeMs shown_at = 0;
  std::int64_t watched_ms = 0;  ///< all loops together
  std::int64_t loops = 0;
  bool finished = false;
  bool liked = false;
  bool shared = false;
  bool followed = false;
  bool commented = false;
  bool saved = false;
  bool not_interested = false;
  bool reported = false;
};

/// Whether what a viewer does may be counted for the creators' figures (docs/analytics.md). Viewers whose feed is not
/// personalised never are, so that not to be counted says of nobody why.
enum class Measuring { off, on };

struct Rejected {
  std::size_t index = 0;  ///< in the batch
  std::string detail;
};
/// How long one showing that was taken in was watched.
struct WatchTime {
  TimeMs shown_at = 0;  ///< to the minute
  std::int64_t watched_ms = 0;
};
struct Intake {
  std::vector<WatchTime> watched;  ///< of what was accepted
  std::size_t accepted = 0;
  std::size_t duplicates = 0;
  std::vector<Rejected> rejected;
};

/// A video that can be watched, as far as the feed cares.
struct Clip {
  std::string id;
  std::string creator;            ///< account id
  std::vector<std::string> tags;  ///< past the tenth they are ignored
  std::int64_t duration_ms = 0;
  TimeMs created_at = 0;
};

enum class Mode { for_you, following, fresh };
[[nodiscard]] std::string_view name(Mode mode);
[[nodiscard]] std::optional<Mode> mode_of(std::string_view name);

/// Where in a visit a page stands.
enum class Place {
  first,  ///< the viewer starts anew (page load): what was handed out but never watched may come again
  next,   ///< goes on: nothing handed out in the last minutes comes again
};

/// A clip that somebody whom the viewer follows hands on to them.
struct Reposted {
  std::string video;
  TimeMs at = 0;
};

struct PageRequest {
  std::string viewer;
  Mode mode = Mode::for_you;
  int limit = 10;  ///< 1..page_items_max
  Place place = Place::next;
  bool receipt = false;             ///< write one
  std::vector<Reposted> reposts{};  ///< for Mode::following, the newest first; each stands where its time puts it
};

/// What a viewer has chosen, as against what was learned from watching.
struct Preferences {
  bool personalised = true;  ///< false: For You reads no profile and learns none; it offers popular and new clips
  std::vector<std::string> topics;          ///< tags to see more of
  std::vector<std::string> muted_tags;      ///< never in For You
  std::vector<std::string> muted_creators;  ///< account ids; never in For You

  bool operator==(const Preferences&) const = default;
};

/// Which candidate source brought a clip.
enum class Source { fresh, popular, followed, co_watched, taste, explore, topic, reposted };
[[nodiscard]] std::string_view name(Source source);
[[nodiscard]] std::optional<Source> source_of(std::string_view name);

struct Item {
  std::string video;
  Source source = Source::fresh;
  std::string text;  ///< why, in plain words
};
struct Page {
  std::string id;  ///< seeds what is random in it
  std::vector<Item> items;
  bool end = false;     ///< the viewer has been handed everything there is
  std::string receipt;  ///< docs/formats/receipt.md; empty unless asked for
};

/// What a stretch of the stream adds to one video's public counters.
struct VideoCounts {
  std::string video;
  std::int64_t views = 0;
  std::int64_t shares = 0;
};
/// Gets the counts of records [from, to). Must add them and store `to` in one transaction. After an error it is called
/// again with the same `from` (and perhaps a later `to`).
using CountsConsumer =
    std::function<Result<void>(store::Sequence from, store::Sequence to, std::span<const VideoCounts> counts)>;

/// One showing that counts for its creator's figures. The views are good during the call.
struct Watched {
  std::string_view viewer, video;
  Surface surface = Surface::for_you;
  TimeMs shown_at = 0;  ///< a whole minute, never after it was taken in
  std::int64_t watched_ms = 0;
  bool view = false;  ///< also counted by the public counter
  bool liked = false, commented = false, saved = false, shared = false, followed = false;
};
/// As CountsConsumer, with the showings themselves.
using WatchedConsumer =
    std::function<Result<void>(store::Sequence from, store::Sequence to, std::span<const Watched> watched)>;

enum class Forget {
  taste,       ///< what was learned about the viewer; follows and what was seen stay
  everything,  ///< the viewer leaves
};

struct FeedOptions {
  store::Blobs* snapshots = nullptr;          ///< where to keep them; outlives the feed. null: none are made or read
  std::size_t snapshot_records = 100'000;     ///< one is made after so many, if also…
  std::int64_t snapshot_ms = 10 * 60 * 1000;  ///< …so long has passed; and when the feed closes
  std::string settings;                       ///< as settings.toml; empty: what the stream holds, at first the shipped
  std::size_t replay_batch = 4096;            ///< records read at once when opening
  /// Makes page ids, which seed whatever is random in a page; called from any thread. Default: new_id.
  std::function<std::string(TimeMs)> new_page_id;
};

/// Thread-safe: pages are made side by side, folding takes turns with them. Calls that write block for one durable
/// append. Does not: authenticate, limit rates, know which videos are still visible (ask social before rendering).
class Feed {
 public:
  /// Folds the stream from the newest snapshot on, then is ready. `stream` and `clock` outlive it. Errors: the
  /// stream's; unsupported when a record was written by a newer version of the format; invalid_argument (settings).
  [[nodiscard]] static Result<std::unique_ptr<Feed>> open(store::Stream& stream, const Clock& clock,
                                                          FeedOptions options = {});
  ~Feed();

  /// Takes a batch in; returns when what was accepted is durable and learned. One bad event does not spoil the others.
  /// Errors: invalid_argument (viewer, too many events), the stream's (then nothing is promised: send the batch again).
  [[nodiscard]] Result<Intake> record(std::string_view viewer, std::span<const WatchEvent> events,
                                      Measuring measuring = Measuring::off);

  /// A video can be watched, or its tags have changed. Says the same again at no cost.
  [[nodiscard]] Result<void> video_live(const Clip& clip);
  [[nodiscard]] Result<void> video_removed(std::string_view id);
  [[nodiscard]] Result<void> follow(std::string_view viewer, std::string_view creator, bool on);
  [[nodiscard]] Result<void> forget(std::string_view viewer, Forget what = Forget::everything);
  /// Replaces all of them. Errors: invalid_argument (a tag or id that cannot be one, more than limits.hpp allows).
  [[nodiscard]] Result<void> set_preferences(std::string_view viewer, const Preferences& preferences);
  [[nodiscard]] Preferences preferences(std::string_view viewer) const;

  /// Errors: invalid_argument (viewer, limit).
  [[nodiscard]] Result<Page> page(const PageRequest& request);

  /// The settings in force, as settings.toml has them.
  [[nodiscard]] std::string settings() const;

  /// Is this video live as far as the feed knows?
  [[nodiscard]] bool knows(std::string_view video) const;
  /// Every live video's id, in the order they came: for reconciling with social at start.
  [[nodiscard]] std::vector<std::string> live_videos() const;

  /// Starts a thread that counts views and shares from record `next` on (what the consumer stored last, 0 at first) and
  /// hands them over, each record exactly once, soon after it is durable. Call at most once.
  void set_counts_consumer(store::Sequence next, CountsConsumer consumer);
  /// The same for showings that count for creators' figures.
  void set_watched_consumer(store::Sequence next, WatchedConsumer consumer);

  /// Hash of everything learned. Equal for equal streams.
  [[nodiscard]] std::uint64_t state_hash() const;

  struct Statistics {
    store::Sequence folded = 0;  ///< records
    std::uint64_t skipped = 0;   ///< records that could not be read
    std::size_t clips = 0, viewers = 0, owed = 0;
    std::uint64_t profile_reads = 0;  ///< look-ups of what was learned about one viewer, since the start
  };
  [[nodiscard]] Statistics statistics() const;

 private:
  struct Impl;
  explicit Feed(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace vitrine::feed
