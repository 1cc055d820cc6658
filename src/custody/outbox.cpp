#include "custody/outbox.hpp"

#include "base/log.hpp"

namespace vitrine::custody {
namespace {

constexpr std::array<store::Migration, 1> migrations{{
    {1, "CREATE TABLE outbox_entries (number BIGINT PRIMARY KEY, entry TEXT NOT NULL)"},
}};

}  // namespace

Result<std::unique_ptr<Outbox>> Outbox::open(store::Database& database, LogPort log) {
  VT_CHECK(store::migrate(database, "outbox", migrations));
  return std::unique_ptr<Outbox>(new Outbox(database, std::move(log)));
}

Result<void> Outbox::add(store::Session& session, const std::string& entry) {
  VT_CHECK(session.execute(
      "INSERT INTO outbox_entries (number, entry) SELECT COALESCE(MAX(number), 0) + 1, $1 FROM outbox_entries",
      {entry}));
  return {};
}

Result<void> Outbox::move_on() {
  const std::lock_guard lock(moving_mutex_);
  VT_TRY(const auto rows, database_.query("SELECT number, entry FROM outbox_entries ORDER BY number"));
  for (const auto& row : rows) {
    VT_CHECK(log_.append(row.text(1)));
    VT_CHECK(database_.execute("DELETE FROM outbox_entries WHERE number = $1", {row.integer(0)}));
  }
  return {};
}

void Outbox::try_to_move_on() {
  if (auto moved = move_on(); !moved) log::warning("custody.outbox", {{"error", moved.error().message}});
}

}  // namespace vitrine::custody
