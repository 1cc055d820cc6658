// What a creator says of a video besides what is in it: who may watch it, write below it or make duets of it, what it
// is labelled as, and when it goes live.
#pragma once
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "social/moderation_words.hpp"
#include "social/visibility.hpp"

namespace vitrine::social {

inline constexpr TimeMs schedule_ahead_ms_max = 365LL * 24 * 3600 * 1000;

/// Of a new video. A draft waits until its creator says so, a scheduled video until `publish_at`; it is one or the
/// other.
struct VideoChoices {
  std::optional<Audience> audience;    ///< none: as the account's age band has it
  std::optional<Who> comments, duets;  ///< none: as the account's rules and age band have it
  std::set<VideoLabel> labels;
  bool draft = false;
  std::optional<TimeMs> publish_at;
};

/// What is not given stays.
struct VideoEdit {
  std::optional<std::string> caption;
  std::optional<std::vector<std::string>> tags;
  std::optional<Audience> audience;
  std::optional<std::optional<Who>> comments, duets;  ///< none within: as the account has it again
  std::optional<std::set<VideoLabel>> labels;         ///< the creator's own: what moderation imposes stays
  std::optional<bool> draft;                          ///< true takes a time away that was set; false lets it go live
  std::optional<std::optional<TimeMs>> publish_at;    ///< a time makes a draft scheduled; none lets it go live
};

/// Errors: invalid_argument (an unknown name).
[[nodiscard]] Result<std::set<VideoLabel>> labels_of(const std::vector<std::string>& names);
/// Errors: invalid_argument (a draft with a time).
[[nodiscard]] Result<void> check_draft(bool draft, const std::optional<TimeMs>& publish_at);
/// Errors: invalid_argument (a time past, or over schedule_ahead_ms_max away).
[[nodiscard]] Result<void> check_publish_at(const std::optional<TimeMs>& publish_at, TimeMs now);

}  // namespace vitrine::social
