// Opaque ids: 26 characters, sortable by time of creation (the ULID layout, lower case).
#pragma once
#include <string>
#include <string_view>

#include "base/clock.hpp"

namespace vitrine {

inline constexpr std::size_t id_length = 26;

/// 48 bits of `now`, 80 random bits, Crockford base 32. Thread-safe.
[[nodiscard]] std::string new_id(TimeMs now);

/// True for a string that new_id could have made.
[[nodiscard]] bool is_id(std::string_view text);

/// The time a valid id was made at.
[[nodiscard]] TimeMs id_time(std::string_view id);

}  // namespace vitrine
