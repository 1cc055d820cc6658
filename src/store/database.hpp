// The relational seam: one interface, two engines (SQLite embedded, PostgreSQL by connection string).
//
// SQL is written once, in the part both engines share, with parameters $1, $2, …. Types in migrations are
// written BIGINT, TEXT, BYTEA and DOUBLE PRECISION; the SQLite engine maps them to its own and makes every table
// STRICT.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.hpp"

namespace vitrine::store {

using Blob = std::vector<unsigned char>;
/// NULL, whole number, real number, UTF-8 text, bytes.
using Value = std::variant<std::monostate, std::int64_t, double, std::string, Blob>;

/// One row of a result. Reading a column as another type than it holds, or past the last, is our mistake (assert).
class Row {
 public:
  explicit Row(std::vector<Value> values) : values_(std::move(values)) {}
  [[nodiscard]] bool is_null(std::size_t column) const;
  [[nodiscard]] std::int64_t integer(std::size_t column) const;
  [[nodiscard]] double real(std::size_t column) const;
  [[nodiscard]] const std::string& text(std::size_t column) const;
  [[nodiscard]] const Blob& blob(std::size_t column) const;
  /// The text, or "" for NULL.
  [[nodiscard]] std::string text_or_empty(std::size_t column) const;

 private:
  std::vector<Value> values_;
};

using Rows = std::vector<Row>;
using Params = std::vector<Value>;

/// A connection inside a transaction, or one that commits by itself. Not thread-safe.
class Session {
 public:
  virtual ~Session() = default;
  /// Runs one statement. Errors: conflict (a uniqueness or foreign key rule), storage_full, unavailable, internal.
  [[nodiscard]] virtual Result<Rows> query(std::string_view sql, const Params& params = {}) = 0;
  /// As query, for statements without rows: the number of rows changed.
  [[nodiscard]] virtual Result<std::int64_t> execute(std::string_view sql, const Params& params = {}) = 0;
};

enum class Access { read, write };

/// read for a SELECT, write for anything else.
[[nodiscard]] Access access_of(std::string_view sql);

/// Thread-safe. Calls block: run them on worker threads, or accept a few tens of microseconds.
class Database {
 public:
  virtual ~Database() = default;

  /// Runs `work` in one transaction: committed (durably: it survives a power cut) if it returns a value,
  /// rolled back if it returns an error. Serialisation failures are tried again several times, so `work` must have
  /// no effect outside the session. Do not call back into the database from inside.
  [[nodiscard]] virtual Result<void> transaction(Access access, const std::function<Result<void>(Session&)>& work) = 0;

  /// One statement on its own. A SELECT sees one moment of the database, as it would in a transaction.
  [[nodiscard]] Result<Rows> query(std::string_view sql, const Params& params = {});
  [[nodiscard]] Result<std::int64_t> execute(std::string_view sql, const Params& params = {});

  /// "sqlite" or "postgresql".
  [[nodiscard]] virtual std::string_view engine() const = 0;

 private:
  /// One SELECT, without the two statements that a transaction around it would take.
  [[nodiscard]] virtual Result<Rows> select(std::string_view sql, const Params& params) = 0;
};

/// A step of a schema's life; applied once, in order of version, each in its own transaction.
struct Migration {
  std::int64_t version;  ///< 1, 2, 3, … without a gap, within one schema
  std::string_view sql;  ///< statements separated by ';', a trigger's body ended by "END;"
};

/// Brings one named schema ("social", "media", …) up to its newest version. Each room owns its own.
/// Errors: conflict when the database is newer than this program.
[[nodiscard]] Result<void> migrate(Database& database, std::string_view schema, std::span<const Migration> migrations);

/// Opens (and makes) an SQLite file: WAL, synchronous=FULL, foreign keys on, busy timeout 10 s.
[[nodiscard]] Result<std::unique_ptr<Database>> open_sqlite(const std::string& path);
/// Connects a pool of at most `connections_max` to PostgreSQL, e.g. "postgresql:///vitrine?host=/run/postgresql".
[[nodiscard]] Result<std::unique_ptr<Database>> open_postgresql(const std::string& connection, int connections_max = 8);
/// "postgresql://…" or "postgres://…" is PostgreSQL; anything else is the path of an SQLite file.
[[nodiscard]] Result<std::unique_ptr<Database>> open_database(const std::string& where);

}  // namespace vitrine::store
