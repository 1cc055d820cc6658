#include "base/confusable.hpp"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/uspoof.h>

#include "base/result.hpp"
#include "base/unicode.hpp"

namespace vitrine {
namespace {

/// ICU's own; read-only after it was opened, so threads share it.
const USpoofChecker* checker() {
  static const USpoofChecker* const shared = [] {
    UErrorCode status = U_ZERO_ERROR;
    const USpoofChecker* const opened = uspoof_open(&status);
    VT_ASSERT(U_SUCCESS(status));
    return opened;
  }();
  return shared;
}

icu::UnicodeString skeleton_of(const icu::UnicodeString& text) {
  UErrorCode status = U_ZERO_ERROR;
  icu::UnicodeString out;
  uspoof_getSkeletonUnicodeString(checker(), 0, text, out, &status);
  return U_SUCCESS(status) ? out : icu::UnicodeString();
}

/// Compatibility forms (full width, ligatures) and case fall together, what cannot be seen goes.
icu::UnicodeString folded(const icu::UnicodeString& text) {
  UErrorCode status = U_ZERO_ERROR;
  const auto* normalizer = icu::Normalizer2::getNFKCCasefoldInstance(status);
  return U_SUCCESS(status) ? normalizer->normalize(text, status) : text;
}

icu::UnicodeString letters_of(const icu::UnicodeString& text) {
  icu::UnicodeString out;
  for (int32_t at = 0; at < text.length(); at = text.moveIndex32(at, 1)) {
    const UChar32 point = text.char32At(at);
    if (u_isalnum(point) || u_charType(point) == U_OTHER_SYMBOL) out.append(point);
  }
  return out;
}

}  // namespace

std::string confusable_skeleton(std::string_view text) {
  if (!is_utf8(text)) return "";
  const auto given = icu::UnicodeString::fromUTF8({text.data(), static_cast<int32_t>(text.size())});
  // A digit's skeleton may be a capital letter ("0" looks like "O"): folded once more, and looked at once more.
  auto out = letters_of(skeleton_of(folded(letters_of(skeleton_of(folded(given))))));
  std::string utf8;
  out.toUTF8String(utf8);
  return utf8;
}

}  // namespace vitrine
