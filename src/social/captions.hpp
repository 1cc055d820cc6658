// The captions of videos, in as many languages as somebody wrote them.
#pragma once
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "social/caption_cues.hpp"
#include "store/database.hpp"

namespace vitrine::social {

inline constexpr std::int64_t caption_languages_max = 20;  ///< of one video

enum class CaptionOrigin {
  person,
  automatic  ///< written by a program from what it heard
};

struct CaptionTrack {
  std::string video, language;
  CaptionOrigin origin = CaptionOrigin::person;
  std::int64_t cues = 0;
  TimeMs updated_at = 0;  ///< another one whenever the text is another one
};

/// By video; of each the languages in the order of their tags.
using CaptionTracks = std::map<std::string, std::vector<CaptionTrack>>;

/// Brings the schema "captions" up to date; a part of migrate_social.
[[nodiscard]] Result<void> migrate_captions(store::Database& database);

/// All that is said in the video, in whichever languages.
[[nodiscard]] Result<std::string> said_in_video(store::Session& session, std::string_view video);

/// Thread-safe. Calls block on the database. Languages are as checked_language() gives them. What is said is found by
/// searching from the same transaction on.
class Captions {
 public:
  [[nodiscard]] static Result<std::unique_ptr<Captions>> open(store::Database& database, const Clock& clock);

  /// Takes the place of what was there in that language. Errors: not_found (the video), unprocessable (too many
  /// languages), conflict (a program does not write over a person).
  [[nodiscard]] Result<CaptionTrack> put(std::string_view video, std::string_view language, std::span<const Cue> cues,
                                         CaptionOrigin origin);
  /// Errors: not_found.
  [[nodiscard]] Result<void> remove(std::string_view video, std::string_view language);

  [[nodiscard]] Result<CaptionTracks> of(std::span<const std::string> videos) const;
  [[nodiscard]] Result<std::vector<CaptionTrack>> of_video(const std::string& video) const;
  /// As WebVTT. Errors: not_found.
  [[nodiscard]] Result<std::string> webvtt(std::string_view video, std::string_view language) const;

 private:
  Captions(store::Database& database, const Clock& clock) : database_(database), clock_(clock) {}

  store::Database& database_;
  const Clock& clock_;
};

}  // namespace vitrine::social
