// What a creator asks to have done to an upload before it becomes a video: cut, a cover chosen, joined with another
// video. Values and their limits; pure. compose.hpp carries them out.
//
// Times of the upload count from the beginning of its file, those of a stitch from the beginning of the other video.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace vitrine::media {

inline constexpr std::int64_t edit_ms_max = 600'000;  ///< no time of an edit is later: uploads are not longer
inline constexpr std::int64_t trimmed_ms_min = 500;   ///< what a trim leaves
inline constexpr std::int64_t stitch_ms_min = 500, stitch_ms_max = 5'000;

/// What is taken of another video, of which there is one.
struct Loan {
  enum class Kind {
    duet,    ///< picture and sound, beside the new ones
    stitch,  ///< a piece, before the new clip
    sound    ///< its sound, under the new picture
  };
  Kind kind = Kind::duet;
  std::string video;
  std::int64_t start_ms = 0, end_ms = 0;  ///< of a stitch
  bool keeps_own_sound = false;           ///< of a sound: the clip's own stays, low
  bool operator==(const Loan&) const = default;
};
[[nodiscard]] std::string_view name(Loan::Kind kind);

struct Edits {
  std::int64_t trim_start_ms = 0;
  std::optional<std::int64_t> trim_end_ms;
  std::optional<std::int64_t> cover_ms;  ///< of the poster; else the first frame
  std::optional<Loan> loan;
  bool operator==(const Edits&) const = default;

  /// Whether the file itself changes: a cover alone leaves it as it is.
  [[nodiscard]] bool changes_the_file() const { return trim_start_ms > 0 || trim_end_ms || loan; }
};

/// Named texts, as they come from outside.
using Fields = std::map<std::string, std::string, std::less<>>;

/// Reads trim_start_ms, trim_end_ms, cover_ms, and one of duet_of, stitch_of (with stitch_start_ms, stitch_end_ms) and
/// sound_of (with own_sound, "off" or "low"). Others are passed over. Errors: invalid_argument, which names the field
/// and its limit. What only the file can tell is checked by compose().
[[nodiscard]] Result<Edits> read_edits(const Fields& fields);

/// As text for a row, empty for no edits; and back. Error: internal (not what edits_text() writes).
[[nodiscard]] std::string edits_text(const Edits& edits);
[[nodiscard]] Result<Edits> edits_of(std::string_view text);

}  // namespace vitrine::media
