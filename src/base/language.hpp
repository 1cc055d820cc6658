// Languages by their tags (BCP 47). Pure functions, thread-safe.
#pragma once
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace vitrine {

inline constexpr std::size_t language_characters_max = 35;  ///< as RFC 5646 advises

/// The tag as it is written: "pt-BR" of "PT-br". A language that ICU knows, or "und", with script, region and variants.
/// Errors: invalid_argument.
[[nodiscard]] Result<std::string> checked_language(std::string_view tag);

/// What a language calls itself: "français". Takes what checked_language() gave.
[[nodiscard]] std::string language_name(const std::string& tag);

/// "pt" of "pt-BR".
[[nodiscard]] std::string_view primary_language(std::string_view tag);

}  // namespace vitrine
