// The first bytes of an answer.
#pragma once
#include <ctime>

#include "http/message.hpp"

namespace vitrine::http {

struct HeadFacts {
  enum class Connection { keep, keep_explicit, close };  ///< keep_explicit: HTTP/1.0 wants it said
  int status = 200;
  std::optional<std::int64_t> content_length;  ///< none: the end of the connection ends the body
  std::string_view content_range;              ///< empty: none
  bool accept_ranges = false;
  Connection connection = Connection::keep;
  std::time_t now = 0;
};

/// Appends status line and fields. Fields that frame the message are the server's own: a handler's are dropped, as is
/// any field with a line break in it. Defaults go in where the handler set nothing.
void render_head(const HeadFacts& facts, const Headers& own, const Headers& defaults, std::string& into);

}  // namespace vitrine::http
