// What is known about each video besides its bytes: creator, caption, tags, renditions, likes and counters.
#pragma once
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <shared_mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "social/video_choices.hpp"
#include "store/database.hpp"

namespace vitrine::social {

inline constexpr std::size_t caption_characters_max = 500;
inline constexpr std::size_t tags_max = 10, tag_characters_max = 40;
inline constexpr std::size_t page_items_max = 50;
inline constexpr std::int64_t pinned_videos_max = 3;
inline constexpr std::int64_t topics_videos_max = 20'000;  ///< the newest videos, whose tags are counted
inline constexpr TimeMs topics_age_ms_max = 10'000;        ///< then they are counted again

enum class VideoState {
  processing,
  live,
  failed,
  held,      ///< by an automatic rule, until a moderator has looked
  removed,   ///< by a moderator
  draft,     ///< seen by its creator alone until they publish it; its media may be ready or not
  scheduled  ///< the same until its time has come
};
inline constexpr std::array video_states{VideoState::processing, VideoState::live,    VideoState::failed,
                                         VideoState::held,       VideoState::removed, VideoState::draft,
                                         VideoState::scheduled};
[[nodiscard]] std::string_view name(VideoState state);

/// One encoding of the video as progressive MP4.
struct Source {
  std::string key;  ///< blob key; "/" + key is its address
  std::int64_t width = 0, height = 0;
  std::int64_t bitrate = 0;  ///< bits per second, average
  std::int64_t bytes = 0;
  std::string codecs;  ///< RFC 6381
};

/// A sheet of small pictures for scrubbing: picture i stands in column i % columns, row i / columns.
struct Preview {
  std::string key;
  std::int64_t columns = 0, rows = 0, count = 0, interval_ms = 0, tile_width = 0, tile_height = 0;
};

struct Failure {
  std::string code;
  std::string detail;  ///< plain words for the creator
};

struct Video {
  std::string id;
  std::string creator_id, creator_handle, creator_name;
  std::string caption;
  std::vector<std::string> tags;
  TimeMs created_at = 0;
  VideoState state = VideoState::processing;
  std::optional<Failure> failure;
  std::int64_t duration_ms = 0, width = 0, height = 0;
  bool has_audio = false;
  std::string placeholder;    ///< data: URI
  std::string poster_key;     ///< empty while processing
  std::string thumbnail_key;  ///< the poster in small; the poster itself where there is none
  std::optional<Preview> preview;
  std::vector<Source> sources;  ///< smallest first
  std::string hls_key;          ///< empty until the whole ladder is there
  std::int64_t likes = 0, views = 0, shares = 0;
  std::int64_t comments = 0;  ///< live ones, replies included
  std::int64_t reposts = 0;
  bool limited = false;  ///< by a moderator: in no feed
  std::set<VideoLabel> own_labels,
      imposed_labels;  ///< the creator's, and moderation's, which the creator cannot remove
  Audience audience = Audience::everyone;
  Who comment_permission = Who::everyone, duet_permission = Who::everyone;
  std::optional<Who> own_comment_permission, own_duet_permission;  ///< none: as the account has it
  AgeBand creator_band = AgeBand::adult;
  bool draft = false;                ///< as the creator said; `state` may be another
  std::optional<TimeMs> publish_at;  ///< when it shall go live
  std::optional<TimeMs> live_since;  ///< the first time
  bool pinned = false;
  bool announced = false;  ///< whom the caption mentions has been told
  [[nodiscard]] bool has_label(VideoLabel label) const {
    return own_labels.contains(label) || imposed_labels.contains(label);
  }
  [[nodiscard]] Exposure exposure() const { return {audience, state == VideoState::live}; }
  /// Everybody may watch and find it.
  [[nodiscard]] bool is_public() const { return state == VideoState::live && audience == Audience::everyone; }
  [[nodiscard]] bool is_offered() const { return is_public() && !limited; }  ///< by the feed
  [[nodiscard]] bool is_withheld() const { return state == VideoState::held || state == VideoState::removed; }
  [[nodiscard]] bool is_playable() const { return !sources.empty(); }  ///< as far as its files go
};

/// What moderation wants of a video.
struct Imposed {
  bool held = false, removed = false, limited = false;
  std::set<std::string> labels;  ///< names of VideoLabel
};

/// What the media room knows once a video can be played.
struct PublishedMedia {
  std::int64_t duration_ms = 0, width = 0, height = 0;
  bool has_audio = false;
  std::string placeholder, poster_key, thumbnail_key = poster_key;
  std::optional<Preview> preview;
  std::vector<Source> sources;
  std::string hls_key;
};

/// As its column holds it.
[[nodiscard]] std::string media_text(const PublishedMedia& media);

struct NewVideo {
  std::string id, creator_id, caption;
  std::vector<std::string> tags;
  VideoChoices choices;
};

struct VideoPage {
  std::vector<Video> items;
  std::optional<std::string> next;  ///< cursor
};

struct Counted {
  std::string video;
  std::int64_t views = 0, shares = 0;
};

struct Topic {
  std::string tag;
  std::int64_t videos = 0;  ///< live ones that carry it
};

/// Thread-safe. Calls block on the database.
class Videos {
 public:
  [[nodiscard]] static Result<std::unique_ptr<Videos>> open(store::Database& database, const Clock& clock);
  ~Videos();

  /// A video that is being processed. Doing it again changes nothing. Errors: invalid_argument, not_found (creator).
  [[nodiscard]] Result<void> create(const NewVideo& video);
  /// Playable from now on; called again when more renditions are there, or others in their place. A draft stays one,
  /// and so does what is scheduled or withheld. not_found when it was deleted meanwhile.
  [[nodiscard]] Result<Video> publish(std::string_view id, const PublishedMedia& media);
  /// What plays goes on playing, with the failure noted.
  [[nodiscard]] Result<void> fail(std::string_view id, const Failure& why);
  /// In one transaction. What is no longer public loses its pin. Errors: not_found, invalid_argument.
  [[nodiscard]] Result<Video> edit(std::string_view id, const VideoEdit& edit);
  /// Shown first on its creator's profile. Errors: not_found, unprocessable (not public; too many).
  [[nodiscard]] Result<void> pin(std::string_view id, bool on);
  /// Lets go live what is scheduled for a time until now; gives which. Costs nothing while nothing is due.
  [[nodiscard]] Result<std::vector<std::string>> publish_due();
  /// Those whom its caption mentions are being told.
  [[nodiscard]] Result<void> note_announced(std::string_view id);
  /// Those who may hear of a video but have not been told: a crash came between.
  [[nodiscard]] Result<std::vector<std::string>> unannounced_ids() const;
  [[nodiscard]] Result<void> remove(std::string_view id);
  /// In the transaction of a moderation's decision; replaces what was imposed before. Withheld or not, it keeps its
  /// media.
  /// take_over() must follow.
  [[nodiscard]] Result<void> impose(store::Session& session, std::string_view id, const Imposed& imposed);
  /// Not for everybody: whoever asks for its files must be looked at. Costs no look into the database.
  [[nodiscard]] bool is_guarded(std::string_view id) const;
  /// Brings is_guarded() in line with the row, after another class's transaction. Topics of what is not public any more
  /// are counted anew.
  void take_over(std::string_view id);
  /// Made since `since`, in any state.
  [[nodiscard]] Result<std::int64_t> made_since(std::string_view creator_id, TimeMs since) const;

  [[nodiscard]] Result<Video> by_id(std::string_view id) const;
  /// The same within somebody's transaction.
  [[nodiscard]] static Result<Video> in_session(store::Session& session, std::string_view id);
  /// Live ones among `ids` that everybody may find, in that order.
  [[nodiscard]] Result<std::vector<Video>> live(std::span<const std::string> ids) const;
  /// Those among `ids` that the viewer may find (visibility.hpp), in that order; and live ones that they may watch.
  [[nodiscard]] Result<std::vector<Video>> watchable(std::string_view viewer, std::span<const std::string> ids) const;
  [[nodiscard]] Result<std::vector<Video>> findable(std::string_view viewer, std::span<const std::string> ids) const;
  /// Live ones of a creator's that the viewer may find, the newest first; before the first page the pinned ones.
  [[nodiscard]] Result<VideoPage> by_creator(std::string_view creator_id, std::string_view viewer,
                                             std::string_view cursor, std::size_t limit) const;
  /// All of a creator's, for themselves: in one state, or in any. Last uploaded first.
  [[nodiscard]] Result<VideoPage> own(std::string_view creator_id, std::optional<VideoState> state,
                                      std::string_view cursor, std::size_t limit) const;
  [[nodiscard]] Result<std::vector<std::string>> ids_of_creator(std::string_view creator_id) const;
  /// How many by_creator() gives.
  [[nodiscard]] Result<std::int64_t> live_count(std::string_view creator_id, std::string_view viewer) const;
  /// Every live video's id, oldest first, after `after`.
  [[nodiscard]] Result<std::vector<std::string>> live_ids(std::string_view after, std::size_t limit) const;
  /// The id of every video that the feed is to offer, oldest first, after `after`: for reconciling with it.
  [[nodiscard]] Result<std::vector<std::string>> offered_ids(std::string_view after, std::size_t limit) const;

  /// The tags of the newest topics_videos_max live videos that begin with `prefix`, the most frequent first. May be
  /// topics_age_ms_max old.
  [[nodiscard]] Result<std::vector<Topic>> topics(std::string_view prefix, std::size_t limit) const;

  /// Gives the number of likes afterwards.
  [[nodiscard]] Result<std::int64_t> like(std::string_view account_id, std::string_view video, bool on);
  /// Which of `ids` the account likes.
  [[nodiscard]] Result<std::set<std::string>> liked(std::string_view account_id,
                                                    std::span<const std::string> ids) const;

  /// The ids of all it likes, the newest like first.
  [[nodiscard]] Result<std::vector<std::string>> liked_by(std::string_view account_id) const;

  /// Adds views and shares, and remembers `next` with them in one transaction: each is counted once.
  [[nodiscard]] Result<void> count(std::span<const Counted> counts, std::int64_t next);
  /// What count() stored last; 0 at first.
  [[nodiscard]] Result<std::int64_t> counted_until() const;

 private:
  explicit Videos(store::Database& database, const Clock& clock) : database_(database), clock_(clock) {}
  using Topics = std::shared_ptr<const std::vector<Topic>>;
  [[nodiscard]] Result<Topics> count_topics() const;
  [[nodiscard]] Result<std::vector<std::string>> ids_where(std::string_view condition, std::string_view after,
                                                           std::size_t limit) const;
  [[nodiscard]] Result<std::vector<Video>> among(std::span<const std::string> ids, std::string_view condition,
                                                 store::Params params) const;
  /// Brings state, pin and search index in line with the rest of the row.
  [[nodiscard]] Result<void> settle(store::Session& session, std::string_view id);
  [[nodiscard]] Result<void> load_guarded();
  bool set_guarded(std::string_view id, bool on);  ///< true if that changed something
  void forget_topics();
  void note_due(std::optional<TimeMs> at);

  store::Database& database_;
  const Clock& clock_;
  mutable std::mutex topics_mutex_;
  mutable Topics topics_;
  mutable TimeMs topics_at_ = 0;
  std::mutex take_over_mutex_;
  mutable std::shared_mutex guarded_mutex_;
  std::set<std::string, std::less<>> guarded_;  ///< a deleted one stays, so that its files are not open while they go
  std::mutex due_mutex_;
  TimeMs next_due_ = 0;  ///< no scheduled video is due before
};

/// Trims, checks length and characters, drops marks past marks_in_a_row_max; a text in which nothing can be seen
/// becomes empty. Errors: invalid_argument that names the limit.
[[nodiscard]] Result<std::string> checked_text(std::string_view text, std::size_t characters_max,
                                               std::string_view what);
/// The given tags and the caption's hashtags, lower case, without repeats.
[[nodiscard]] Result<std::vector<std::string>> checked_tags(std::span<const std::string> tags,
                                                            std::string_view caption);

}  // namespace vitrine::social
