// In which order found things stand: computed here from what the database gives, so that both engines agree to the
// last place. Scores are whole millionths; equal ones stand by id, the newer first. Pure functions, thread-safe.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "social/search_text.hpp"

namespace vitrine::social {

using Score = std::int64_t;  ///< millionths

/// What a word is worth where it was found. Each term counts by its best place, all of them as their mean; the
/// beginning of a longer word is worth part of the whole.
inline constexpr double tag_weight = 3, handle_weight = 2.5, name_weight = 2, caption_weight = 1.5,
                        transcript_weight = 1;
inline constexpr double unfinished_word_share = 0.6;
/// A video of this moment is worth this much more than an old one; half of it after each half-life.
inline constexpr double recency_weight = 1;
inline constexpr TimeMs recency_half_life_ms = 30LL * 24 * 3600 * 1000;
/// For ten times as many views or followers.
inline constexpr double tenfold_views_weight = 0.3, tenfold_followers_weight = 0.5;
/// The account whose handle is what was typed stands first.
inline constexpr double own_handle_weight = 10;
/// On a tag's page ten times as many points outweigh this much age; a like is this many views' worth.
inline constexpr TimeMs tenfold_points_age_ms = 5LL * 24 * 3600 * 1000;
inline constexpr std::int64_t like_points = 5;

/// As words_of() writes them.
struct WordsOfVideo {
  std::string_view tags, handle, caption, transcript;
};
[[nodiscard]] double relevance_of(const WordsOfVideo& words, std::span<const Term> terms);

/// What is kept of a video that holds every term of a search.
struct FoundVideo {
  std::string id;
  double relevance = 0;
  bool in_caption = false;  ///< every term is
  std::int64_t views = 0, likes = 0;
  TimeMs created_at = 0;
  std::vector<std::string> tags;
};

struct FoundAccount {
  std::string id;
  std::string words_of_handle, words_of_name;
  std::int64_t followers = 0;
};

[[nodiscard]] Score score_of(const FoundVideo& video, TimeMs now);
[[nodiscard]] Score score_of(const FoundAccount& account, std::span<const Term> terms);
/// Does not change as time goes by: newer videos rise above, older ones stay in their order.
[[nodiscard]] Score score_on_tag_page(const FoundVideo& video);

}  // namespace vitrine::social
