// Opaque ids: 26 characters, sortable by time of creation (the ULID layout, lower case).
#pragma once
#include <span>
#include <string>
#include <string_view>

#include "base/clock.hpp"

namespace vitrine {

inline constexpr std::size_t id_length = 26, id_time_length = 10;

/// 48 bits of `now`, 80 random bits, Crockford base 32. Thread-safe.
[[nodiscard]] std::string new_id(TimeMs now);

/// The id of that time and those random bytes, of which five bits each count.
[[nodiscard]] std::string make_id(TimeMs now, std::span<const unsigned char, id_length - id_time_length> random);

/// True for a string that new_id could have made.
[[nodiscard]] bool is_id(std::string_view text);

/// The time a valid id was made at.
[[nodiscard]] TimeMs id_time(std::string_view id);

}  // namespace vitrine
