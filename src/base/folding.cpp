#include "base/folding.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <unicode/normalizer2.h>
#include <unicode/translit.h>
#include <unicode/uchar.h>
#include <unicode/uscript.h>

#include "base/result.hpp"

namespace vitrine {
namespace {

constexpr std::array accents_are_optional{USCRIPT_LATIN,  USCRIPT_GREEK,  USCRIPT_CYRILLIC,
                                          USCRIPT_ARABIC, USCRIPT_HEBREW, USCRIPT_COMMON};
constexpr std::array runs_words_together{USCRIPT_HAN,  USCRIPT_HIRAGANA, USCRIPT_KATAKANA, USCRIPT_HANGUL,
                                         USCRIPT_THAI, USCRIPT_LAO,      USCRIPT_KHMER,    USCRIPT_MYANMAR};

/// The data that these need is part of the library: it cannot be missing.
const icu::Normalizer2& normalizer(const icu::Normalizer2* (*instance)(UErrorCode&)) {
  UErrorCode error = U_ZERO_ERROR;
  const auto* found = instance(error);
  VT_ASSERT(U_SUCCESS(error) && found != nullptr);
  return *found;
}

icu::UnicodeString normalized(const icu::Normalizer2& form, const icu::UnicodeString& text) {
  UErrorCode error = U_ZERO_ERROR;
  auto out = form.normalize(text, error);
  VT_ASSERT(U_SUCCESS(error));
  return out;
}

UScriptCode script_of(UChar32 point) {
  UErrorCode error = U_ZERO_ERROR;
  return uscript_getScript(point, &error);
}

template <class Visit>
void for_each_point(const icu::UnicodeString& text, Visit visit) {
  for (std::int32_t at = 0; at < text.length(); at = text.moveIndex32(at, 1)) visit(text.char32At(at));
}

/// Takes decomposed text.
icu::UnicodeString without_accents(const icu::UnicodeString& text) {
  icu::UnicodeString out;
  bool optional = false;
  for_each_point(text, [&](UChar32 point) {
    const bool mark = is_combining(static_cast<char32_t>(point));
    if (!mark) optional = std::ranges::find(accents_are_optional, script_of(point)) != accents_are_optional.end();
    if (!mark || !optional) out.append(point);
  });
  return out;
}

bool has_latin_beyond_ascii(const icu::UnicodeString& text) {
  bool found = false;
  for_each_point(text, [&](UChar32 point) { found |= point >= 0x80 && script_of(point) == USCRIPT_LATIN; });
  return found;
}

/// "ø" → "o", "æ" → "ae", "ı" → "i". A transliterator is not thread-safe, so each thread has its own.
void spell_with_ascii(icu::UnicodeString& text) {
  thread_local const std::unique_ptr<icu::Transliterator> latin = [] {
    UErrorCode error = U_ZERO_ERROR;
    auto* made = icu::Transliterator::createInstance("[:Latin:] Latin-ASCII", UTRANS_FORWARD, error);
    VT_ASSERT(U_SUCCESS(error) && made != nullptr);
    return std::unique_ptr<icu::Transliterator>(made);
  }();
  latin->transliterate(text);
}

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

std::u32string folded_ascii(std::string_view text) {
  std::u32string out(text.begin(), text.end());
  for (auto& point : out)
    if (point >= U'A' && point <= U'Z') point += U'a' - U'A';
  return out;
}

bool is_mark(UChar32 point) { return (U_GET_GC_MASK(point) & U_GC_M_MASK) != 0; }

}  // namespace

std::u32string folded(std::string_view text) {
  if (is_ascii(text)) return folded_ascii(text);
  static const auto& casefold = normalizer(icu::Normalizer2::getNFKCCasefoldInstance);
  static const auto& decomposed = normalizer(icu::Normalizer2::getNFDInstance);
  static const auto& composed = normalizer(icu::Normalizer2::getNFCInstance);
  const auto source = icu::UnicodeString::fromUTF8({text.data(), static_cast<std::int32_t>(text.size())});
  auto out = normalized(composed, without_accents(normalized(decomposed, normalized(casefold, source))));
  if (has_latin_beyond_ascii(out)) {
    spell_with_ascii(out);
    out.toLower();
  }
  std::u32string points;
  for_each_point(out, [&](UChar32 point) { points += static_cast<char32_t>(point); });
  return points;
}

LetterKind letter_kind(char32_t point) {
  if (point < 0x80)
    return (point >= U'a' && point <= U'z') || (point >= U'0' && point <= U'9') || (point >= U'A' && point <= U'Z')
               ? LetterKind::word
               : LetterKind::none;
  const auto c = static_cast<UChar32>(point);
  if (u_isalnum(c) || is_mark(c)) {
    const auto belongs = [c](UScriptCode script) { return uscript_hasScript(c, script) != 0; };
    return std::ranges::any_of(runs_words_together, belongs) ? LetterKind::unspaced : LetterKind::word;
  }
  return u_hasBinaryProperty(c, UCHAR_EXTENDED_PICTOGRAPHIC) ? LetterKind::pictograph : LetterKind::none;
}

bool is_letter_or_digit(char32_t point) { return u_isalnum(static_cast<UChar32>(point)) != 0; }

bool is_combining(char32_t point) {
  const auto category = u_charType(static_cast<UChar32>(point));
  return category == U_NON_SPACING_MARK || category == U_ENCLOSING_MARK;
}

bool is_visible(char32_t point) {
  const auto c = static_cast<UChar32>(point);
  return u_isgraph(c) && !u_hasBinaryProperty(c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT) && !is_combining(point);
}

}  // namespace vitrine
