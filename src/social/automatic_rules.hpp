// What the operator has looked for by machine: words, files, and who posts too fast. Kept in a table that moderators
// edit. Pure functions but for load and store.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "social/moderation_words.hpp"
#include "store/database.hpp"

namespace vitrine::social {

inline constexpr std::size_t rule_words_max = 1'000;
inline constexpr std::size_t rule_hashes_max = 10'000;
inline constexpr std::int64_t rule_videos_per_hour_max = 1'000;

struct AutomaticRules {
  struct Word {
    std::string text;  ///< as of checked_word (comment_rules.hpp)
    RuleOutcome outcome = RuleOutcome::queue;
  };
  struct Hash {
    std::string sha256;  ///< of an original, lower-case hex
    RuleOutcome outcome = RuleOutcome::hold;
  };
  std::vector<Word> words;
  std::vector<Hash> hashes;
  std::int64_t videos_per_hour = 0;  ///< by one account; 0: any number
  RuleOutcome rate_outcome = RuleOutcome::queue;
};

struct RuleHit {
  std::string rule;   ///< which list; public
  std::string facts;  ///< for the person concerned
  RuleOutcome outcome = RuleOutcome::queue;
};

/// Trimmed, in order and without repeats. Errors: invalid_argument.
[[nodiscard]] Result<AutomaticRules> checked(const AutomaticRules& rules);
[[nodiscard]] Result<AutomaticRules> load_rules(store::Session& session);
[[nodiscard]] Result<void> store_rules(store::Session& session, const AutomaticRules& rules);

[[nodiscard]] std::vector<RuleHit> word_hits(const AutomaticRules& rules, std::string_view text);
[[nodiscard]] std::vector<RuleHit> hash_hits(const AutomaticRules& rules, std::string_view sha256);
[[nodiscard]] std::vector<RuleHit> rate_hits(const AutomaticRules& rules, std::int64_t videos_in_last_hour);

}  // namespace vitrine::social
