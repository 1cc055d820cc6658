// Texts that people write, and how they are compared. Pure functions, thread-safe. See also checked_text (videos.hpp).
#pragma once
#include <string>
#include <string_view>

namespace vitrine::social {

inline constexpr std::size_t marks_in_a_row_max = 5;  ///< further ones are dropped

/// What remains when spelling does not matter: without case, accents, invisible characters and odd forms of letters
/// (NFKC_Casefold of UAX #44, then no marks). For comparing only.
[[nodiscard]] std::u32string folded(std::string_view text);
/// Of a folded text the words, with a single space before, between and after them: " so it is ".
[[nodiscard]] std::u32string words_of(std::u32string_view folded_text);
[[nodiscard]] bool is_letter_or_digit(char32_t point);
/// In writing that puts no spaces between words: Chinese, Japanese, Thai and the like.
[[nodiscard]] bool is_unspaced(char32_t point);

}  // namespace vitrine::social
