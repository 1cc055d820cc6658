// What matches a search, taken from the index without reading all of it: the newest, and the most viewed or followed.
// The only file that speaks to the two engines' full text in their own ways.
#pragma once
#include <span>
#include <vector>

#include "base/result.hpp"
#include "social/search_ranking.hpp"
#include "social/search_text.hpp"
#include "store/database.hpp"

namespace vitrine::social {

/// So many of the newest, and so many of the most viewed or followed; fewer matches than that are all found. The last
/// word of a search stands for longer ones only if there are fewer matches than that with the word itself.
inline constexpr std::size_t candidates_max = 128;

struct VideoCandidates {
  std::vector<FoundVideo> videos;  ///< in no order
  bool all = true;                 ///< nothing else matches
};

/// Live videos and accounts that hold every term. `terms` is not empty. Thread-safe.
[[nodiscard]] Result<VideoCandidates> video_candidates(store::Database& database, std::span<const Term> terms);
[[nodiscard]] Result<std::vector<FoundAccount>> account_candidates(store::Database& database,
                                                                   std::span<const Term> terms);

}  // namespace vitrine::social
