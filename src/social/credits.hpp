// What videos are made of other videos: duets, stitches and sounds, who may make them, and to whom they are credited.
//
// Operation: what a video takes is recorded when it is made and stays for as long as it lives. If the other video goes,
// the credit keeps its creator's name; if the creator's account goes, it keeps nothing of them. A sound has the id of
// the video it was first heard in, and outlives it for as long as others use it. A video that uses another's sound
// lends that sound, not one of its own. docs/duets.md says what follows for creators.
#pragma once
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "social/person.hpp"
#include "social/search.hpp"
#include "social/videos.hpp"
#include "store/database.hpp"

namespace vitrine::social {

/// Links from a video to what it is made of, and on to what that is made of.
inline constexpr int credit_links_max = 8;

enum class CreditKind { duet, stitch, sound };
[[nodiscard]] std::string_view name(CreditKind kind);
[[nodiscard]] std::optional<CreditKind> credit_kind_of(std::string_view name);

struct NewCredit {
  std::string video;
  CreditKind kind = CreditKind::duet;
  std::string original;
  std::int64_t start_ms = 0, end_ms = 0;  ///< of a stitch: the piece of the original
};

/// Of a duet or stitch, as a viewer may see it.
struct Credit {
  CreditKind kind = CreditKind::duet;
  std::optional<std::string> video;  ///< none when it is not there, or not for the viewer
  std::optional<Person> creator;
};

struct Sound {
  std::string id;
  std::optional<Person> creator;
  bool original = false;  ///< first heard in the very video it is told of
  [[nodiscard]] std::string title() const;
};

/// What is told of a video beside what it holds itself.
struct Attribution {
  std::optional<Credit> credit;
  std::optional<Sound> sound;
};
using Attributions = std::map<std::string, Attribution>;  ///< by video

/// Whose things somebody took, for telling them.
struct Taken {
  CreditKind kind = CreditKind::duet;
  std::optional<std::string> original, creator;  ///< ids, as long as they are there
};

struct SoundPage {
  Sound sound;
  std::int64_t videos = 0;  ///< live ones it is heard in
  FoundPage page;
};

/// Thread-safe. Calls block on the database.
class Credits {
 public:
  [[nodiscard]] static Result<std::unique_ptr<Credits>> open(store::Database& database, const Videos& videos,
                                                             const Clock& clock);

  /// May `who` take from this video? Asked when an upload begins and again when it is processed. What the video is
  /// itself made of must be free to take as well. Errors: not_found (not there, or not for them), forbidden.
  [[nodiscard]] Result<void> check(std::string_view who, const Video& original) const;
  /// The video whose sound is heard in this one: itself, or another.
  [[nodiscard]] Result<std::string> sound_of(std::string_view video) const;

  /// Doing it again changes nothing; nor does it if the original has gone, of which the processing then tells.
  [[nodiscard]] Result<void> record(const NewCredit& credit);
  [[nodiscard]] Result<std::optional<Taken>> taken_by(std::string_view video) const;

  /// Of each of `videos`. Somebody behind a block is not named to the viewer.
  [[nodiscard]] Result<Attributions> of(std::string_view viewer, std::span<const Video> videos) const;
  /// The ids of live duets and stitches made with a video, the newest first. Errors: invalid_argument (cursor).
  [[nodiscard]] Result<FoundPage> made_with(std::string_view video, std::string_view cursor, std::size_t limit) const;
  /// Errors: not_found (no such sound, or no live video has it), invalid_argument (cursor).
  [[nodiscard]] Result<SoundPage> sound_page(std::string_view viewer, std::string_view sound, TagSort sort,
                                             std::string_view cursor, std::size_t limit) const;

 private:
  Credits(store::Database& database, const Videos& videos, const Clock& clock)
      : database_(database), videos_(videos), clock_(clock) {}

  store::Database& database_;
  const Videos& videos_;
  const Clock& clock_;
};

/// Whether `who` may take from this video, as far as it alone decides. Errors: as of Credits::check.
[[nodiscard]] Result<void> may_reuse(store::Database& database, std::string_view who, const Video& original);

}  // namespace vitrine::social
