// Texts that people write, and how they are compared. Pure functions, thread-safe. See also checked_text (videos.hpp).
#pragma once
#include <string>
#include <string_view>

namespace vitrine::social {

inline constexpr std::size_t marks_in_a_row_max = 5;  ///< further ones are dropped

/// Of a folded text (base/folding.hpp) the words, with a single space before, between and after them: " so it is ".
[[nodiscard]] std::u32string words_of(std::u32string_view folded_text);

}  // namespace vitrine::social
