// The candidates of searches that match more videos than are ranked, kept in memory for a few seconds: the words that
// everybody types are the ones that cost the database most. Whoever may not see a video does not get it from here
// either, as that is asked when the page is made. Kept is what was searched for, never by whom. Thread-safe.
#pragma once
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "base/clock.hpp"
#include "social/search_candidates.hpp"

namespace vitrine::social {

/// A new video is found by a common word that much later at most; by a rare one at once.
inline constexpr TimeMs common_search_age_ms_max = 20'000;
inline constexpr std::size_t common_searches_max = 256;  ///< some 40 KiB each

class CommonSearches {
 public:
  CommonSearches(store::Database& database, const Clock& clock) : database_(database), clock_(clock) {}

  [[nodiscard]] Result<std::shared_ptr<const VideoCandidates>> find(std::span<const Term> terms);

 private:
  struct Kept {
    TimeMs at = 0;
    std::shared_ptr<const VideoCandidates> candidates;
  };
  [[nodiscard]] std::shared_ptr<const VideoCandidates> recent(const std::string& key, TimeMs now);
  void keep(std::string key, TimeMs now, std::shared_ptr<const VideoCandidates> candidates);

  store::Database& database_;
  const Clock& clock_;
  std::mutex mutex_;
  std::unordered_map<std::string, Kept> kept_;
};

}  // namespace vitrine::social
