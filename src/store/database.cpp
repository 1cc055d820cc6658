#include "store/database.hpp"

namespace vitrine::store {

bool Row::is_null(std::size_t column) const {
  VT_ASSERT(column < values_.size());
  return std::holds_alternative<std::monostate>(values_[column]);
}

std::int64_t Row::integer(std::size_t column) const {
  VT_ASSERT(column < values_.size() && std::holds_alternative<std::int64_t>(values_[column]));
  return std::get<std::int64_t>(values_[column]);
}

double Row::real(std::size_t column) const {
  VT_ASSERT(column < values_.size() && std::holds_alternative<double>(values_[column]));
  return std::get<double>(values_[column]);
}

const std::string& Row::text(std::size_t column) const {
  VT_ASSERT(column < values_.size() && std::holds_alternative<std::string>(values_[column]));
  return std::get<std::string>(values_[column]);
}

const Blob& Row::blob(std::size_t column) const {
  VT_ASSERT(column < values_.size() && std::holds_alternative<Blob>(values_[column]));
  return std::get<Blob>(values_[column]);
}

std::string Row::text_or_empty(std::size_t column) const { return is_null(column) ? std::string() : text(column); }

Result<Rows> Database::query(std::string_view sql, const Params& params) {
  if (access_of(sql) == Access::read) return select(sql, params);
  Rows rows;
  VT_CHECK(transaction(Access::write, [&](Session& session) -> Result<void> {
    VT_TRY(rows, session.query(sql, params));
    return {};
  }));
  return rows;
}

Result<std::int64_t> Database::execute(std::string_view sql, const Params& params) {
  std::int64_t changed = 0;
  VT_CHECK(transaction(Access::write, [&](Session& session) -> Result<void> {
    VT_TRY(changed, session.execute(sql, params));
    return {};
  }));
  return changed;
}

Access access_of(std::string_view sql) {
  const auto start = sql.find_first_not_of(" \t\r\n");
  return start != std::string_view::npos && sql.substr(start).starts_with("SELECT") ? Access::read : Access::write;
}

namespace {

Result<std::int64_t> applied_version(Session& session, std::string_view schema) {
  VT_TRY(const Rows rows, session.query("SELECT version FROM schema_versions WHERE name = $1", {std::string(schema)}));
  return rows.empty() ? 0 : rows[0].integer(0);
}

/// Where the statement at the start of `sql` ends. A trigger's body holds statements of its own, up to its END.
std::size_t end_of_statement(std::string_view sql) {
  const auto start = sql.find_first_not_of(" \t\r\n");
  const bool trigger = start != std::string_view::npos && sql.substr(start).starts_with("CREATE TRIGGER");
  return sql.find(';', trigger ? sql.find("END;") : 0);
}

Result<void> apply(Session& session, std::string_view schema, const Migration& migration) {
  for (std::string_view rest = migration.sql; !rest.empty();) {
    const auto end = end_of_statement(rest);
    const auto statement = rest.substr(0, end);
    if (statement.find_first_not_of(" \t\r\n") != std::string_view::npos) VT_CHECK(session.execute(statement));
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  }
  VT_CHECK(
      session.execute("INSERT INTO schema_versions (name, version) VALUES ($1, $2) "
                      "ON CONFLICT (name) DO UPDATE SET version = excluded.version",
                      {std::string(schema), migration.version}));
  return {};
}

}  // namespace

namespace {

/// PostgreSQL's IF NOT EXISTS fails when two make the same table at once; the second time it is there.
Result<void> make_versions_table(Database& database) {
  constexpr std::string_view sql =
      "CREATE TABLE IF NOT EXISTS schema_versions (name TEXT PRIMARY KEY, version BIGINT NOT NULL)";
  auto made = database.execute(sql);
  if (!made) made = database.execute(sql);
  VT_CHECK(made);
  return {};
}

}  // namespace

Result<void> migrate(Database& database, std::string_view schema, std::span<const Migration> migrations) {
  for (std::size_t i = 0; i < migrations.size(); ++i)
    VT_ASSERT(migrations[i].version == static_cast<std::int64_t>(i + 1));
  const auto newest = static_cast<std::int64_t>(migrations.size());
  VT_CHECK(make_versions_table(database));
  const bool must_lock = database.engine() == "postgresql";
  for (std::int64_t version = 0; version < newest;) {
    VT_CHECK(database.transaction(Access::write, [&](Session& session) -> Result<void> {
      // Before the first SELECT, which fixes what the transaction sees: two programs may start at once.
      if (must_lock) VT_CHECK(session.execute("LOCK TABLE schema_versions IN EXCLUSIVE MODE"));
      VT_TRY(const std::int64_t applied, applied_version(session, schema));
      if (applied > newest)
        return fail(Errc::conflict, "schema \"{}\" is at version {}, this program knows {}: run the newer program",
                    schema, applied, newest);
      if (applied < newest) VT_CHECK(apply(session, schema, migrations[static_cast<std::size_t>(applied)]));
      version = std::min(applied + 1, newest);
      return {};
    }));
  }
  return {};
}

Result<std::unique_ptr<Database>> open_database(const std::string& where) {
  if (where.starts_with("postgresql://") || where.starts_with("postgres://")) return open_postgresql(where);
  return open_sqlite(where);
}

}  // namespace vitrine::store
