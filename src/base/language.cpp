#include "base/language.hpp"

#include <unicode/locid.h>
#include <unicode/uloc.h>

namespace vitrine {
namespace {

constexpr std::string_view undetermined = "und";

}  // namespace

Result<std::string> checked_language(std::string_view tag) {
  const auto bad = [] {
    return fail(Errc::invalid_argument, "a language is a BCP 47 tag such as \"en\", \"pt-BR\" or \"zh-Hant\"");
  };
  if (tag.empty() || tag.size() > language_characters_max) return bad();
  const std::string given(tag);
  UErrorCode error = U_ZERO_ERROR;
  char name[ULOC_FULLNAME_CAPACITY];
  std::int32_t read = 0;
  uloc_forLanguageTag(given.c_str(), name, sizeof name, &read, &error);
  if (U_FAILURE(error) || static_cast<std::size_t>(read) != given.size()) return bad();
  const icu::Locale locale(name);
  const bool extended = std::string_view(locale.getName()).contains('@');  // private use, -u-
  const bool known = *locale.getISO3Language() != '\0' || given == undetermined;
  if (locale.isBogus() || extended || !known) return bad();
  auto canonical = locale.toLanguageTag<std::string>(error);
  if (U_FAILURE(error)) return bad();
  return canonical;
}

std::string language_name(const std::string& tag) {
  UErrorCode error = U_ZERO_ERROR;
  const auto locale = icu::Locale::forLanguageTag(tag, error);
  if (U_FAILURE(error)) return tag;
  icu::UnicodeString name;
  // What nobody speaks has no name of its own.
  locale.getDisplayName(tag == undetermined ? icu::Locale::getEnglish() : locale, name);
  std::string out;
  name.toUTF8String(out);
  return out.empty() ? tag : out;
}

std::string_view primary_language(std::string_view tag) { return tag.substr(0, tag.find('-')); }

}  // namespace vitrine
