// From what people write to the words that an index holds, and from a search to the words it asks for. Both engines
// are given these words as they are: what is found does not depend on how one of them would have read the text.
//
// A word is a run of letters and digits, folded (base/folding.hpp). Scripts that run words together are taken as
// overlapping pairs of characters: "東京タワー" is 東京, 京タ, タワ, ワー. Words hold neither spaces nor quotation
// marks. Pure functions, thread-safe.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace vitrine::social {

inline constexpr std::size_t search_characters_max = 100;
inline constexpr std::size_t search_terms_max = 16;     ///< further words of a search are passed over
inline constexpr std::size_t word_characters_max = 48;  ///< longer words are cut, in the index and in searches alike
inline constexpr std::size_t words_per_text_max = 600, words_per_transcript_max = 3'000;

/// Raise it when the functions below give other words than before: indexes are then made anew.
inline constexpr std::int64_t search_words_version = 1;

/// What stands before a name that is meant as a whole: "#sea" is a tag, "@ada" a handle.
inline constexpr char tag_sign = '#', handle_sign = '@';

/// The words of a text with a space between each two, without repeats; those past the limit are passed over.
[[nodiscard]] std::string words_of(std::string_view text, std::size_t words_max = words_per_text_max);
/// The words of a tag or a handle; the name as a whole, without '_' and '.'; and that with its sign before it.
[[nodiscard]] std::string words_of_name(std::string_view name, char sign);
/// "#black_cat" as words_of_name() writes it: "#blackcat".
[[nodiscard]] std::string signed_name(std::string_view name, char sign);
/// The letters and digits of a text without anything between them, as code points: what suggestions compare.
[[nodiscard]] std::u32string letters_of(std::string_view text);

struct Term {
  std::string word;
  bool prefix = false;  ///< longer words that begin so are meant as well
  bool operator==(const Term&) const = default;
};

/// What a search asks for: each of these. The last word may be unfinished. Nothing in the text is syntax but '#' and
/// '@' before a name. May be empty.
[[nodiscard]] std::vector<Term> terms_of(std::string_view query);

/// How well one word of a text answers a term.
enum class Match { none, prefix, whole };
/// The best match of a term among words as words_of() writes them.
[[nodiscard]] Match best_match(const Term& term, std::string_view words);

/// Errors: invalid_argument (longer than search_characters_max, control characters, not UTF-8).
[[nodiscard]] Result<std::string> checked_query(std::string_view query);

}  // namespace vitrine::social
