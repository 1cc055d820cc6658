// A plain interaction log in a file: one row a showing, columns by name. For evaluating, never for serving.
//
// Columns may be missing but for user and item; column_help() lists the names each may have. A file of histories (one
// row a user, the items in one column, those finished and liked in two others) can be read as well: it warms an engine
// up. Lines end in LF or CRLF; the separator is what the first line has of comma, tab, semicolon, bar or space, in this
// order; fields may be quoted. Case, '_' and spaces in the names of columns mean nothing.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "feed/ranker.hpp"

namespace vitrine::feed {

struct LogRow {
  std::uint32_t user = 0;  ///< index into InteractionLog::users
  std::uint32_t item = 0;  ///< index into InteractionLog::items
  std::int64_t at_ms = 0;  ///< 0 when the log has no times
  std::int64_t watched_ms = 0;
  std::uint8_t surface = 0;  ///< in the order in which they first appear, held below surfaces_max
  Heads happened;            ///< 0 or 1 for every head but `watch`
};

struct LogItem {
  std::string id;
  std::string creator;
  std::vector<std::string> tags;
  std::int64_t length_ms = 0;
};

struct InteractionLog {
  std::vector<std::string> users;
  std::vector<LogItem> items;
  std::vector<LogRow> rows;  ///< by time; in the file's order where it has none
  std::uint16_t known = 0;   ///< heads that the log says something of, a bit each
  bool has_times = false;
};

/// What `vitrine eval --help` says about columns.
[[nodiscard]] std::string column_help();

/// Reads `file`. Items and users that `like` (if any) knows keep their numbers there, its items their facts.
/// Errors: not_found, invalid_argument naming the line and column.
[[nodiscard]] Result<InteractionLog> read_log(const std::string& file, const InteractionLog* like = nullptr);

}  // namespace vitrine::feed
