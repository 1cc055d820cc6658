// The embedded engine: one writer connection, a few readers, WAL so that neither waits for the other.
#include <condition_variable>
#include <sqlite3.h>

#include "store/database.hpp"

namespace vitrine::store {
namespace {

constexpr int busy_timeout_ms = 10'000;
/// Readers look at the file where the system keeps it, instead of copying what they read.
constexpr std::int64_t mapped_bytes_max = std::int64_t{2} << 30;  // SQLite itself maps no more
constexpr std::size_t readers_max = 8;
constexpr std::size_t statements_cached_max = 200;
constexpr int attempts_max = 5;

Error error_of(sqlite3* handle) {
  const int code = sqlite3_errcode(handle);
  switch (code & 0xff) {
    case SQLITE_CONSTRAINT: return {Errc::conflict, fmt::format("the database refuses: {}", sqlite3_errmsg(handle))};
    case SQLITE_FULL: return {Errc::storage_full, "no space left for the database; make room and try again"};
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return {Errc::unavailable, "the database is busy; try again"};
    case SQLITE_IOERR:
      if (sqlite3_system_errno(handle) == ENOSPC)
        return {Errc::storage_full, "no space left for the database; make room and try again"};
      [[fallthrough]];
    default: return {Errc::internal, fmt::format("database: {}", sqlite3_errmsg(handle))};
  }
}

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; }

void replace_word(std::string& text, std::string_view word, std::string_view by) {
  for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + by.size())) {
    const bool whole =
        (at == 0 || !is_word(text[at - 1])) && (at + word.size() == text.size() || !is_word(text[at + word.size()]));
    if (whole)
      text.replace(at, word.size(), by);
    else
      at += word.size() > by.size() ? word.size() - by.size() : 0;
  }
}

/// Schema statements are written with PostgreSQL's types; here they become SQLite's, and every table STRICT.
std::string localised(std::string_view sql) {
  const auto start = sql.find_first_not_of(" \t\r\n");
  const bool table = start != std::string_view::npos && sql.substr(start).starts_with("CREATE TABLE");
  const bool alter = start != std::string_view::npos && sql.substr(start).starts_with("ALTER TABLE");
  std::string text(sql);
  if (!table && !alter) return text;
  replace_word(text, "BIGINT", "INTEGER");
  replace_word(text, "BYTEA", "BLOB");
  replace_word(text, "DOUBLE PRECISION", "REAL");
  return table ? text + " STRICT" : text;
}

class Statement {
 public:
  explicit Statement(sqlite3_stmt* statement) : statement_(statement) {
    for (int index = 1; index <= sqlite3_bind_parameter_count(statement); ++index)
      numbers_.push_back(std::strtoul(sqlite3_bind_parameter_name(statement, index) + 1, nullptr, 10));
  }
  Statement(Statement&& other) noexcept
      : statement_(std::exchange(other.statement_, nullptr)), numbers_(std::move(other.numbers_)) {}
  Statement& operator=(Statement&&) = delete;
  ~Statement() { sqlite3_finalize(statement_); }
  [[nodiscard]] sqlite3_stmt* get() const { return statement_; }
  /// To SQLite "$2" is a name; its own numbers go by where a name stands first. Here is which "$…" each one is.
  [[nodiscard]] const std::vector<std::size_t>& numbers() const { return numbers_; }

 private:
  sqlite3_stmt* statement_;
  std::vector<std::size_t> numbers_;
};

/// Leaves a cached statement ready for its next use, whatever happened.
struct Rewind {
  sqlite3_stmt* statement;
  ~Rewind() {
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
  }
};

void bind(sqlite3_stmt* statement, int index, const Value& value) {
  struct Binder {
    sqlite3_stmt* s;
    int i;
    void operator()(std::monostate) const { sqlite3_bind_null(s, i); }
    void operator()(std::int64_t v) const { sqlite3_bind_int64(s, i, v); }
    void operator()(double v) const { sqlite3_bind_double(s, i, v); }
    void operator()(const std::string& v) const {
      sqlite3_bind_text64(s, i, v.data(), v.size(), SQLITE_STATIC, SQLITE_UTF8);
    }
    void operator()(const Blob& v) const {
      if (v.empty())
        sqlite3_bind_zeroblob(s, i, 0);
      else
        sqlite3_bind_blob64(s, i, v.data(), v.size(), SQLITE_STATIC);
    }
  };
  std::visit(Binder{statement, index}, value);
}

Value column(sqlite3_stmt* statement, int index) {
  switch (sqlite3_column_type(statement, index)) {
    case SQLITE_INTEGER: return std::int64_t{sqlite3_column_int64(statement, index)};
    case SQLITE_FLOAT: return sqlite3_column_double(statement, index);
    case SQLITE_TEXT: {
      const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, index));
      return std::string(text, static_cast<std::size_t>(sqlite3_column_bytes(statement, index)));
    }
    case SQLITE_BLOB: {
      const auto* data = static_cast<const unsigned char*>(sqlite3_column_blob(statement, index));
      return Blob(data, data + sqlite3_column_bytes(statement, index));
    }
    default: return std::monostate{};
  }
}

class Connection final : public Session {
 public:
  static Result<std::unique_ptr<Connection>> open(const std::string& path) {
    auto connection = std::make_unique<Connection>();
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    if (sqlite3_open_v2(path.c_str(), &connection->handle_, flags, nullptr) != SQLITE_OK)
      return fail(Errc::internal, "cannot open the database {}: {}", path, sqlite3_errmsg(connection->handle_));
    sqlite3_busy_timeout(connection->handle_, busy_timeout_ms);
    for (const char* pragma : {"PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "PRAGMA foreign_keys=ON",
                               "PRAGMA temp_store=MEMORY", "PRAGMA cache_size=-8192"})
      VT_CHECK(connection->query(pragma));
    return connection;
  }
  Connection() = default;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() override {
    statements_.clear();
    sqlite3_close(handle_);
  }

  Result<Rows> query(std::string_view sql, const Params& params = {}) override {
    VT_TRY(const Statement* const found, prepared(sql));
    sqlite3_stmt* const statement = found->get();
    const Rewind rewind{statement};
    bind_all(*found, params);
    Rows rows;
    int step = SQLITE_ROW;
    while ((step = sqlite3_step(statement)) == SQLITE_ROW) {
      std::vector<Value> values;
      const int columns = sqlite3_column_count(statement);
      values.reserve(static_cast<std::size_t>(columns));
      for (int i = 0; i < columns; ++i) values.push_back(column(statement, i));
      rows.emplace_back(std::move(values));
    }
    if (step != SQLITE_DONE) return std::unexpected(error_of(handle_));
    return rows;
  }

  Result<std::int64_t> execute(std::string_view sql, const Params& params) override {
    VT_CHECK(query(sql, params));
    return sqlite3_changes64(handle_);
  }

  [[nodiscard]] bool in_transaction() const { return sqlite3_get_autocommit(handle_) == 0; }

 private:
  static void bind_all(const Statement& statement, const Params& params) {
    for (std::size_t i = 0; i < statement.numbers().size(); ++i) {
      const auto number = statement.numbers()[i];
      if (number > 0 && number <= params.size()) bind(statement.get(), static_cast<int>(i) + 1, params[number - 1]);
    }
  }

  Result<const Statement*> prepared(std::string_view sql) {
    if (const auto found = statements_.find(sql); found != statements_.end()) return &found->second;
    if (statements_.size() >= statements_cached_max) statements_.clear();
    const std::string local = localised(sql);
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v3(handle_, local.data(), static_cast<int>(local.size()), SQLITE_PREPARE_PERSISTENT, &statement,
                           nullptr) != SQLITE_OK)
      return std::unexpected(error_of(handle_));
    return &statements_.emplace(std::string(sql), Statement(statement)).first->second;
  }

  sqlite3* handle_ = nullptr;
  std::map<std::string, Statement, std::less<>> statements_;
};

class Sqlite final : public Database {
 public:
  static Result<std::unique_ptr<Database>> open(const std::string& path) {
    auto database = std::make_unique<Sqlite>();
    database->path_ = path;
    VT_TRY(database->writer_, Connection::open(path));
    return database;
  }

  Result<void> transaction(Access access, const std::function<Result<void>(Session&)>& work) override {
    if (access == Access::write) {
      std::lock_guard lock(writing_);
      return run(*writer_, "BEGIN IMMEDIATE", work);
    }
    VT_TRY(auto reader, borrow());
    auto result = run(*reader, "BEGIN", work);
    give_back(std::move(reader));
    return result;
  }

  std::string_view engine() const override { return "sqlite"; }

 private:
  Result<Rows> select(std::string_view sql, const Params& params) override {
    VT_TRY(auto reader, borrow());
    auto rows = reader->query(sql, params);
    give_back(std::move(reader));
    return rows;
  }

  static Result<void> run(Connection& connection, std::string_view begin,
                          const std::function<Result<void>(Session&)>& work) {
    Result<void> result;
    for (int attempt = 0; attempt < attempts_max; ++attempt) {
      result = once(connection, begin, work);
      if (result || result.error().code != Errc::unavailable) break;
    }
    return result;
  }

  static Result<void> once(Connection& connection, std::string_view begin,
                           const std::function<Result<void>(Session&)>& work) {
    VT_CHECK(connection.query(begin));
    auto result = work(connection);
    if (result) {
      auto committed = connection.query("COMMIT");
      if (committed) return {};
      result = std::unexpected(std::move(committed).error());
    }
    if (connection.in_transaction()) VT_CHECK(connection.query("ROLLBACK"));
    return result;
  }

  Result<std::unique_ptr<Connection>> borrow() {
    std::unique_lock lock(readers_mutex_);
    returned_.wait(lock, [this] { return !idle_.empty() || readers_ < readers_max; });
    if (!idle_.empty()) {
      auto reader = std::move(idle_.back());
      idle_.pop_back();
      return reader;
    }
    ++readers_;
    lock.unlock();
    auto made = open_reader();
    if (!made) {
      lock.lock();
      --readers_;
      returned_.notify_one();
    }
    return made;
  }

  Result<std::unique_ptr<Connection>> open_reader() {
    VT_TRY(auto reader, Connection::open(path_));
    VT_CHECK(reader->query(fmt::format("PRAGMA mmap_size={}", mapped_bytes_max)));
    return reader;
  }

  void give_back(std::unique_ptr<Connection> reader) {
    {
      std::lock_guard lock(readers_mutex_);
      idle_.push_back(std::move(reader));
    }
    returned_.notify_one();
  }

  std::string path_;
  std::mutex writing_;
  std::unique_ptr<Connection> writer_;
  std::mutex readers_mutex_;
  std::condition_variable returned_;
  std::vector<std::unique_ptr<Connection>> idle_;
  std::size_t readers_ = 0;
};

}  // namespace

Result<std::unique_ptr<Database>> open_sqlite(const std::string& path) { return Sqlite::open(path); }

}  // namespace vitrine::store
