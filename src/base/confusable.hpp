// Texts that look alike to people (Unicode Technical Standard #39, by ICU). Pure functions, thread-safe.
#pragma once
#include <string>
#include <string_view>

namespace vitrine {

/// Equal for names that are hard to tell apart: letters of other alphabets, digits for letters, case, accents that
/// hide, spaces and punctuation between. For comparing only, never for showing. "" for what is not UTF-8.
[[nodiscard]] std::string confusable_skeleton(std::string_view text);

}  // namespace vitrine
