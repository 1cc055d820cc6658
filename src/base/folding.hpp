// What a text is compared by when people search, or have words held back: letters without case, width, style or accents
// (Unicode, by ICU). Pure functions, thread-safe.
#pragma once
#include <string>
#include <string_view>

namespace vitrine {

/// Compatibility forms and case unified (NFKC_Casefold, which also drops what is invisible), accents off the letters of
/// alphabets that are searched without them (Latin, Greek, Cyrillic, Arabic, Hebrew), Latin letters beyond a to z spelt
/// with those: "Łódź" and "lodz", "ＴＯＫＹＯ" and "tokyo", "Straße" and "strasse" become the same. Marks that spell,
/// as those of Hindi or Thai, stay. Bytes that are not UTF-8 become U+FFFD.
[[nodiscard]] std::u32string folded(std::string_view text);

/// How a folded character takes part in words.
enum class LetterKind {
  none,        ///< stands between words
  word,        ///< a letter, digit or mark of a script that sets words apart
  unspaced,    ///< of a script that runs words together: Chinese, Japanese, Korean endings, Thai, Lao, Khmer, Burmese
  pictograph,  ///< a word in itself
};
[[nodiscard]] LetterKind letter_kind(char32_t point);

/// A letter or digit of any script.
[[nodiscard]] bool is_letter_or_digit(char32_t point);
/// Drawn over, under or around the character before it.
[[nodiscard]] bool is_combining(char32_t point);
/// Leaves ink by itself.
[[nodiscard]] bool is_visible(char32_t point);

}  // namespace vitrine
