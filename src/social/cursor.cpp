#include "social/cursor.hpp"

#include <charconv>

#include "base/id.hpp"

namespace vitrine::social {
namespace {

std::unexpected<Error> bad_cursor() {
  return fail(Errc::invalid_argument, "this cursor is not one that was given out; start from the first page");
}

}  // namespace

Result<Cursor> read_cursor(std::string_view text, bool numbered) {
  Cursor cursor;
  if (text.empty()) return cursor;
  if (numbered) {
    const char* last = text.data() + text.size();
    const auto [end, error] = std::from_chars(text.data(), last, cursor.number);
    if (error != std::errc() || end == last || *end != '.') return bad_cursor();
    text.remove_prefix(static_cast<std::size_t>(end - text.data()) + 1);
  }
  if (!is_id(text)) return bad_cursor();
  cursor.id = std::string(text);
  return cursor;
}

std::string write_cursor(const Cursor& cursor) { return fmt::format("{}.{}", cursor.number, cursor.id); }

}  // namespace vitrine::social
