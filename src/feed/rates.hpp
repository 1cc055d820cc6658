// State of the first engine and how records change it; rank.cpp makes pages of it.
//
// Every showing has an outcome in [0, 1]: how much of the clip was watched, compared with how much others watch of
// clips as long, raised by likes and the like, lowered by "not interested". The public side keeps decayed rates of
// outcomes per clip, creator and tag, each drawn towards the next coarser when there is little evidence. The viewer's
// side keeps, per tag and creator, how much better than expected the outcomes were. Co-watching keeps, per clip, the
// clips watched well around it.
#pragma once
#include <array>
#include <atomic>
#include <deque>
#include <list>
#include <map>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include <boost/container/static_vector.hpp>
#include <boost/static_string/static_string.hpp>

#include "feed/engine.hpp"
#include "feed/statistics.hpp"

namespace vitrine::feed {

using TagNumber = std::uint32_t;
using CreatorNumber = std::uint32_t;

// Half-lives in minutes, as powers of two.
inline const Decay public_decay(13);    ///< 5.7 days
inline const Decay taste_decay(15);     ///< 23 days
inline const Decay co_watch_decay(14);  ///< 11 days

inline constexpr double outcome_prior = 0.45;    ///< of a clip nobody has seen
inline constexpr double watched_well_min = 0.6;  ///< an outcome from which on a clip was "watched well"
inline constexpr double creator_strength = 10, tag_strength = 12, clip_strength = 10, global_strength = 20;

struct Neighbour {
  ClipNumber clip = 0;
  float weight = 0;
  std::int32_t at = 0;
};

// What is looked at for every candidate of a page lies in one piece: no text or list elsewhere.
struct Id : boost::static_strings::static_string<limits::clip_id_length_max> {
  Id& operator=(std::string_view text) {
    assign(text.data(), text.size());
    return *this;
  }
  operator std::string_view() const { return {data(), size()}; }  // NOLINT(google-explicit-constructor): it is a text
};
using Tags = boost::container::static_vector<TagNumber, limits::tags_per_clip_max>;
static_assert(limits::viewer_length_max <= limits::clip_id_length_max);

struct ClipState {
  Rate quality;
  CreatorNumber creator = 0;
  std::uint32_t audience = 0;  ///< viewers it was served to
  Tags tags;
  Id id;
  std::int64_t duration_ms = 0;
  Minute created = 0;
  float untrusted = 0;       ///< weight of unserved events so far
  std::uint16_t listed = 0;  ///< bit 0: in the popular list; bit 1 + i: in the list of its i-th tag
  Rate watched_well;         ///< for normalising neighbours
  std::vector<Neighbour> neighbours;
};

/// The best clips of a group without sorting all: holds up to twice its size, then keeps the better half.
struct BestClips {
  std::vector<ClipNumber> clips;
  double threshold = -1;
};

struct TagState {
  std::string text;
  Rate quality;
  BestClips best;
  std::vector<ClipNumber> newest;  ///< oldest first
};

struct CreatorState {
  std::string id;
  Rate quality;
  std::vector<ClipNumber> clips;  ///< newest last
};

/// Sum of "better than expected" over decayed evidence.
struct Taste {
  std::uint32_t key = 0;
  float sum = 0;
  float evidence = 0;
  std::int32_t at = 0;
};

struct Recent {
  ClipNumber clip = 0;
  float weight = 0;
  std::int32_t at = 0;
};

struct ViewerState {
  Id id;
  Seen seen;
  std::uint32_t clips_seen = 0;
  std::int32_t last_at = 0;
  Rate mood;  ///< this viewer's outcomes on the whole
  std::vector<Taste> tags, creators;
  std::vector<Recent> recent;  ///< watched well, newest last
  ViewerTraits traits;
};

/// What a viewer said, as against what was learned (ViewerState). Never expires.
struct Choices {
  Preferences preferences;
  std::vector<CreatorNumber> followed;  ///< sorted
};

/// How much of clips of one length is watched: a histogram of watched share, for ranking one showing among its like.
class DurationGroup {
 public:
  void add(double watched_share);
  /// Share of showings that were watched less, half of the equal ones included.
  [[nodiscard]] double rank(double watched_share) const;

  template <class Archive, class Self>
  static void describe(Archive& archive, Self& self) {
    archive(self.counts_, self.total_);
  }

 private:
  static constexpr std::size_t bins = 24;
  static constexpr double share_max = 1.5, prior_evidence = 100, evidence_max = 100'000;
  static std::size_t bin_of(double watched_share);
  std::array<float, bins> counts_{};
  float total_ = 0;
};

struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
};

class RateEngine final : public Engine {
 public:
  RateEngine();
  using Engine::fold;
  void fold(std::span<const Entry> entries) override;
  [[nodiscard]] Ranking rank(const Query& query) const override;

  [[nodiscard]] Heads predict(std::string_view viewer, ClipNumber clip, Surface surface, Minute at) const override;
  [[nodiscard]] double watch_ms(ClipNumber clip, float watch) const override;

  [[nodiscard]] std::optional<ClipNumber> find(std::string_view video) const override;
  [[nodiscard]] std::string_view video_of(ClipNumber clip) const override;
  [[nodiscard]] std::int64_t duration_ms_of(ClipNumber clip) const override;
  [[nodiscard]] bool holds(const Entry& video) const override;
  [[nodiscard]] bool follows(std::string_view viewer, std::string_view creator) const override;
  [[nodiscard]] bool has_event(std::uint64_t event) const override { return events_.has(event); }
  [[nodiscard]] std::uint32_t events_of(std::string_view viewer, ClipNumber clip) const override;
  [[nodiscard]] Preferences preferences(std::string_view viewer) const override;
  [[nodiscard]] const Settings& settings() const override { return settings_; }
  [[nodiscard]] std::vector<std::string> live_videos() const override;
  [[nodiscard]] std::uint64_t state_hash() const override;
  void save(StateWriter& writer) const override;
  void load(StateReader& reader) override;
  [[nodiscard]] Sizes sizes() const override { return {live_, viewers_.size(), owed_.size(), choices_.size()}; }
  [[nodiscard]] std::uint64_t profile_reads() const override { return profile_reads_; }

 private:
  friend class PageMaker;
  template <class Archive>
  friend class StateOf;
  using Viewers = std::list<ViewerState>;

  // The fold.
  void fold_one(const Entry& entry);
  void fold_video(const Entry& entry);
  void fold_removed(const Entry& entry);
  void fold_watch(const Entry& entry);
  void fold_follow(const Entry& entry);
  void fold_forget(const Entry& entry);
  void fold_preferences(const Entry& entry);
  void fold_settings(const Entry& entry);
  void fold_unprofiled_watch(const Entry& entry, ClipNumber number);
  void remove(ClipNumber clip);
  [[nodiscard]] double outcome_of(const Entry& entry, const ClipState& clip);
  [[nodiscard]] static double public_weight(const Entry& entry, const ClipState& clip, double trust);
  void count_audience(const Entry& entry, ClipNumber number);
  void learn_showing(const Entry& entry, ClipNumber number, ViewerTraits& traits, double outcome, double weight);
  [[nodiscard]] Outcome heads_of(const Entry& entry, const ClipState& clip) const;
  [[nodiscard]] static Showing showing_of(ClipNumber number, const ClipState& clip, Surface surface, Minute at);
  void learn_public(ClipNumber number, double outcome, double weight);
  void learn_taste(const Entry& entry, const ClipState& clip, ViewerState& viewer, double outcome, double weight);
  void learn_co_watch(ClipNumber number, ViewerState& viewer, double outcome, double trust);
  void add_neighbour(ClipState& clip, ClipNumber other, double weight);
  void keep_best(ClipNumber number);
  void offer(BestClips& list, std::size_t size, ClipNumber number, std::optional<TagNumber> tag, double score);
  void expire_viewers();

  // Look-ups.
  [[nodiscard]] const ClipState* clip(ClipNumber number) const {
    return number < clips_.size() ? clips_[number].get() : nullptr;
  }
  /// The one way to what was learned about a viewer.
  [[nodiscard]] const ViewerState* profile(std::string_view id) const;
  [[nodiscard]] const Choices* choices(std::string_view id) const;
  // Fetching ahead, in steps: each costs no wait if the one before it was taken some time ago. Change nothing.
  void prefetch_index(const Entry& entry) const;
  void prefetch_place(ClipNumber number) const;
  void prefetch_state(ClipNumber number) const;
  void prefetch_traits(ClipNumber number) const;
  void prefetch_neighbours(ClipNumber number) const;
  [[nodiscard]] bool is_owed(const ClipState& clip) const { return clip.audience < settings_.owed_audience; }
  [[nodiscard]] bool is_unprofiled(std::string_view id) const;
  [[nodiscard]] ViewerState& touch_viewer(std::string_view id);
  [[nodiscard]] TagNumber tag_number(std::string_view text);
  [[nodiscard]] CreatorNumber creator_number(std::string_view id);
  /// Expected outcome for a viewer nothing is known about.
  [[nodiscard]] double expected(const ClipState& clip, Minute now) const;
  /// The same with doubt taken off: what "popular" is ordered by.
  [[nodiscard]] double popularity(const ClipState& clip, Minute now) const;

  Minute now_ = 0;  ///< the newest record's time
  Settings settings_ = default_settings();
  Ranker ranker_;
  WatchTimes watch_times_;
  Rate global_;
  std::array<DurationGroup, 6> groups_;
  std::vector<std::unique_ptr<ClipState>> clips_;  ///< by number; null once removed
  ClipIndex clip_numbers_;                         ///< of the live ones
  std::deque<TagState> tags_;
  std::unordered_map<std::string_view, TagNumber> tag_numbers_;
  std::deque<CreatorState> creators_;
  std::unordered_map<std::string_view, CreatorNumber> creator_numbers_;
  Viewers viewers_;  ///< last active first
  std::unordered_map<std::string_view, Viewers::iterator> viewer_index_;
  std::unordered_map<std::string, Choices, TextHash, std::equal_to<>> choices_;  ///< of those who made any
  std::unordered_set<std::string, TextHash, std::equal_to<>> unprofiled_;  ///< of these, who has personalisation off
  RecentKeys unprofiled_showings_{limits::remembered_events};  ///< tells repeats without a list of what one has seen
  mutable std::atomic<std::uint64_t> profile_reads_ = 0;
  NumberSet owed_;  ///< clips whose audience is still owed, the longest waiting first
  BestClips popular_;
  RecentKeys events_{limits::remembered_events};
  std::size_t live_ = 0;
  ClipNumber oldest_live_ = 1;
};

}  // namespace vitrine::feed
