// What a creator wants of comments on their videos: who may write them, and which wait for approval. Pure functions,
// thread-safe.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "social/visibility.hpp"

namespace vitrine::social {

inline constexpr std::size_t held_words_max = 100, held_word_characters_max = 40;

enum class Hold { nothing, links, strangers, everything };
[[nodiscard]] std::string_view name(Hold hold);

struct CommentRules {
  Who who = Who::everyone;
  Hold hold = Hold::nothing;
  std::vector<std::string> words;  ///< a comment with one of them is held, whatever `hold` says
};

/// What is asked for, in words. Errors: invalid_argument.
[[nodiscard]] Result<CommentRules> checked_rules(std::string_view who, std::string_view hold,
                                                 const std::vector<std::string>& words);

/// A word, or several, that has_word can look for. Errors: invalid_argument.
[[nodiscard]] Result<std::string> checked_word(std::string_view word);

/// Whether a comment by somebody who stands so to the creator waits for approval. Strangers are those of whom neither
/// follows the other; the creator's own comments are never held.
[[nodiscard]] bool must_hold(const CommentRules& rules, const Relation& relation, std::string_view text);

/// "https://…", "www.…" or something like a host's name.
[[nodiscard]] bool has_link(std::u32string_view folded_text);
/// As a whole word or words, however spelt; in writing without spaces, anywhere.
[[nodiscard]] bool has_word(std::u32string_view folded_text, std::string_view word);

}  // namespace vitrine::social
