// The tags and handles of the database in a SuggestionIndex, kept in step with it.
//
// New names are taken over with each request, weights and what has left every suggestion_weights_age_ms_max. A name
// that has left is never told: each is looked up before.
#pragma once
#include <mutex>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "social/suggestion_index.hpp"
#include "store/database.hpp"

namespace vitrine::social {

inline constexpr TimeMs suggestion_weights_age_ms_max = 10 * 60 * 1000;

/// Thread-safe.
class SuggestionNames {
 public:
  SuggestionNames(store::Database& database, const Clock& clock) : database_(database), clock_(clock) {}

  /// Reads everything anew if it is older than that.
  [[nodiscard]] Result<void> keep_up();
  /// See SuggestionIndex::find(); Only names that are in use at this moment.
  [[nodiscard]] Result<std::vector<SuggestedName>> find(std::string_view typed, std::optional<NameKind> kind,
                                                        std::size_t limit);

 private:
  [[nodiscard]] Result<void> fill();
  [[nodiscard]] Result<void> take_over_new();
  [[nodiscard]] Result<std::vector<SuggestedName>> in_use(const std::vector<SuggestedName>& names, std::size_t limit);

  store::Database& database_;
  const Clock& clock_;
  SuggestionIndex index_;
  std::mutex mutex_;  ///< of what follows
  std::int64_t last_tag_ = 0, last_account_ = 0;
  TimeMs filled_at_ = 0;
};

}  // namespace vitrine::social
