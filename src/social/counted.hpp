// How far each of those who count along the event stream has got, in the table `counted`.
#pragma once
#include <string>
#include <string_view>

#include "store/database.hpp"

namespace vitrine::social {

/// The first record that `who` has not counted; 0 at first.
[[nodiscard]] inline Result<std::int64_t> counted_until(store::Database& database, std::string_view who) {
  VT_TRY(const auto rows, database.query("SELECT next FROM counted WHERE name = $1", {std::string(who)}));
  return rows.empty() ? 0 : rows[0].integer(0);
}

/// For the transaction that counts, so that each record is counted once whatever happens in between.
[[nodiscard]] inline Result<void> note_counted(store::Session& session, std::string_view who, std::int64_t next) {
  VT_CHECK(session.execute(
      "INSERT INTO counted (name, next) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET next = excluded.next",
      {std::string(who), next}));
  return {};
}

}  // namespace vitrine::social
