// Where a page begins: behind the last item of the page before. Pure functions.
#pragma once
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace vitrine::social {

/// Pages go from high to low, by a number and then by id, or by id alone. As it stands: before everything.
struct Cursor {
  std::int64_t number = std::numeric_limits<std::int64_t>::max();
  std::string id = "z";  ///< ids begin with a digit
};

/// "ID", or "NUMBER.ID" if `numbered`; an empty text is the first page. Errors: invalid_argument.
[[nodiscard]] Result<Cursor> read_cursor(std::string_view text, bool numbered);
/// "NUMBER.ID".
[[nodiscard]] std::string write_cursor(const Cursor& cursor);

}  // namespace vitrine::social
