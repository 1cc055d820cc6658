// UTF-8 (RFC 3629) and what may stand in a name. Pure functions, thread-safe.
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace vitrine {

/// Well-formed: no surrogates, no overlong forms.
[[nodiscard]] bool is_utf8(std::string_view text);
/// As code points; nullopt if it is not UTF-8.
[[nodiscard]] std::optional<std::u32string> decode_utf8(std::string_view text);
[[nodiscard]] std::string encode_utf8(std::u32string_view points);
/// White space or a control character of Unicode anywhere; also true of what is not UTF-8.
[[nodiscard]] bool has_space_or_control(std::string_view text);

}  // namespace vitrine
