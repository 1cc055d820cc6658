// PostgreSQL by libpq: a small pool of connections, each with its own prepared statements.
#include <charconv>
#include <condition_variable>
#include <libpq-fe.h>
#include <random>
#include <thread>

#include "store/database.hpp"

namespace vitrine::store {
namespace {

constexpr int attempts_max = 12;
constexpr int pause_us_first = 500;  // doubled with each attempt, the exact length by chance
constexpr std::size_t statements_cached_max = 200;

// Type numbers from PostgreSQL's pg_type catalogue.
constexpr Oid type_bool = 16, type_bytea = 17, type_int8 = 20, type_int2 = 21, type_int4 = 23, type_float4 = 700,
              type_float8 = 701, type_numeric = 1700;

struct ResultFree {
  void operator()(PGresult* result) const { PQclear(result); }
};
using Answer = std::unique_ptr<PGresult, ResultFree>;

/// A transaction that met another on the same rows: nothing was done, so it may run again.
constexpr std::string_view serialization_failure = "40001", deadlock_detected = "40P01";

struct SqlError {
  Error error;
  bool try_again = false;
};

SqlError error_of(PGconn* connection, const PGresult* result) {
  const char* field = result ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : nullptr;
  const std::string_view state = field ? field : "";
  const char* primary = result ? PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY) : nullptr;
  const std::string text = primary ? primary : PQerrorMessage(connection);
  if (state == serialization_failure || state == deadlock_detected)
    return {{Errc::unavailable, "the database is busy; try again"}, true};
  if (state.starts_with("23")) return {{Errc::conflict, fmt::format("the database refuses: {}", text)}};
  if (state == "53100") return {{Errc::storage_full, "no space left for the database; make room and try again"}};
  if (PQstatus(connection) != CONNECTION_OK || state.starts_with("08") || state.starts_with("57P") ||
      state.starts_with("53"))
    return {{Errc::unavailable, "the database is away; try again"}};
  return {{Errc::internal, fmt::format("database: {}", text)}};
}

bool is_prepared_well(std::string_view sql) {
  for (const char* word : {"SELECT", "INSERT", "UPDATE", "DELETE"})
    if (sql.starts_with(word)) return true;
  return false;
}

/// Parameters as libpq wants them; bytes go in binary, the rest as text.
struct Bound {
  explicit Bound(const Params& params) {
    texts.reserve(params.size());
    for (const auto& value : params) std::visit([this](const auto& v) { add(v); }, value);
  }
  void add(std::monostate) { push(nullptr, 0, 0); }
  void add(std::int64_t v) { push_text(fmt::to_string(v)); }
  void add(double v) { push_text(fmt::format("{:.17g}", v)); }
  void add(const std::string& v) { push(v.c_str(), static_cast<int>(v.size()), 0); }
  void add(const Blob& v) {
    static constexpr unsigned char empty = 0;
    push(reinterpret_cast<const char*>(v.empty() ? &empty : v.data()), static_cast<int>(v.size()), 1);
  }
  void push_text(std::string text) {
    texts.push_back(std::move(text));
    push(texts.back().c_str(), static_cast<int>(texts.back().size()), 0);
  }
  void push(const char* value, int length, int format) {
    values.push_back(value);
    lengths.push_back(length);
    formats.push_back(format);
  }
  std::vector<std::string> texts;  // reserved: pointers into it stay good
  std::vector<const char*> values;
  std::vector<int> lengths, formats;
};

template <class T>
T number(std::string_view text) {
  T value{};
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

Value cell(const PGresult* result, int row, int column) {
  if (PQgetisnull(result, row, column)) return std::monostate{};
  const char* data = PQgetvalue(result, row, column);
  const std::string_view text(data, static_cast<std::size_t>(PQgetlength(result, row, column)));
  switch (PQftype(result, column)) {
    case type_int8:
    case type_int4:
    case type_int2: return number<std::int64_t>(text);
    case type_bool: return std::int64_t{text == "t"};
    case type_float4:
    case type_float8:
    case type_numeric: return number<double>(text);
    case type_bytea: {
      std::size_t length = 0;
      unsigned char* bytes = PQunescapeBytea(reinterpret_cast<const unsigned char*>(data), &length);
      Blob blob(bytes, bytes + length);
      PQfreemem(bytes);
      return blob;
    }
    default: return std::string(text);
  }
}

class Connection final : public Session {
 public:
  static Result<std::unique_ptr<Connection>> open(const std::string& where) {
    auto connection = std::make_unique<Connection>();
    connection->handle_ = PQconnectdb(where.c_str());
    if (PQstatus(connection->handle_) != CONNECTION_OK) {
      std::string_view why = PQerrorMessage(connection->handle_);
      return fail(Errc::unavailable, "cannot reach PostgreSQL: {}", why.substr(0, why.find('\n')));
    }
    PQsetNoticeProcessor(
        connection->handle_, [](void*, const char*) {}, nullptr);
    return connection;
  }
  Connection() = default;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() override { PQfinish(handle_); }

  Result<Rows> query(std::string_view sql, const Params& params = {}) override {
    VT_TRY(const auto answer, run(sql, params));
    Rows rows;
    const int count = PQntuples(answer.get()), columns = PQnfields(answer.get());
    rows.reserve(static_cast<std::size_t>(count));
    for (int row = 0; row < count; ++row) {
      std::vector<Value> values;
      values.reserve(static_cast<std::size_t>(columns));
      for (int column = 0; column < columns; ++column) values.push_back(cell(answer.get(), row, column));
      rows.emplace_back(std::move(values));
    }
    return rows;
  }

  Result<std::int64_t> execute(std::string_view sql, const Params& params = {}) override {
    VT_TRY(const auto answer, run(sql, params));
    return number<std::int64_t>(PQcmdTuples(answer.get()));
  }

  /// Whether the last failure would go away by running the transaction again.
  [[nodiscard]] bool try_again() const { return try_again_; }
  [[nodiscard]] bool usable() const { return PQstatus(handle_) == CONNECTION_OK; }
  [[nodiscard]] bool in_transaction() const { return PQtransactionStatus(handle_) != PQTRANS_IDLE; }

 private:
  Result<Answer> run(std::string_view sql, const Params& params) {
    try_again_ = false;
    const Bound bound(params);
    const auto count = static_cast<int>(params.size());
    Answer answer;
    if (is_prepared_well(sql)) {
      VT_TRY(const auto name, prepared(sql));
      answer.reset(PQexecPrepared(handle_, name.c_str(), count, bound.values.data(), bound.lengths.data(),
                                  bound.formats.data(), 0));
    } else {
      answer.reset(PQexecParams(handle_, std::string(sql).c_str(), count, nullptr, bound.values.data(),
                                bound.lengths.data(), bound.formats.data(), 0));
    }
    return checked(std::move(answer));
  }

  Result<Answer> checked(Answer answer) {
    const auto status = PQresultStatus(answer.get());
    if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK) return answer;
    auto problem = error_of(handle_, answer.get());
    try_again_ = problem.try_again;
    return std::unexpected(std::move(problem.error));
  }

  Result<std::string> prepared(std::string_view sql) {
    if (const auto found = statements_.find(sql); found != statements_.end()) return found->second;
    if (statements_.size() >= statements_cached_max) {
      VT_CHECK(checked(Answer(PQexec(handle_, "DEALLOCATE ALL"))));
      statements_.clear();
    }
    std::string name = fmt::format("s{}", next_statement_++);
    VT_CHECK(checked(Answer(PQprepare(handle_, name.c_str(), std::string(sql).c_str(), 0, nullptr))));
    statements_.emplace(std::string(sql), name);
    return name;
  }

  PGconn* handle_ = nullptr;
  bool try_again_ = false;
  std::uint64_t next_statement_ = 0;
  std::map<std::string, std::string, std::less<>> statements_;
};

class PostgreSql final : public Database {
 public:
  PostgreSql(std::string where, int connections_max) : where_(std::move(where)), connections_max_(connections_max) {}

  Result<void> transaction(Access access, const std::function<Result<void>(Session&)>& work) override {
    const std::string_view begin = access == Access::write ? "BEGIN ISOLATION LEVEL SERIALIZABLE"
                                                           : "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
    VT_TRY(auto connection, borrow());
    Result<void> result;
    for (int attempt = 0; attempt < attempts_max; ++attempt) {
      bool again = false;
      result = once(*connection, begin, work, again);
      if (!again) break;
      pause(attempt);
    }
    give_back(std::move(connection));
    return result;
  }

  std::string_view engine() const override { return "postgresql"; }

  /// Opens the first connection, so that a wrong address shows at once.
  Result<void> connect() {
    VT_TRY(auto connection, borrow());
    give_back(std::move(connection));
    return {};
  }

 private:
  Result<Rows> select(std::string_view sql, const Params& params) override {
    VT_TRY(auto connection, borrow());
    auto rows = connection->query(sql, params);
    give_back(std::move(connection));
    return rows;
  }

  /// Two that met once would meet again if both went on at once.
  static void pause(int attempt) {
    thread_local std::minstd_rand random(std::random_device{}());
    const int at_most = pause_us_first << std::min(attempt, 7);
    std::this_thread::sleep_for(std::chrono::microseconds(std::uniform_int_distribution(at_most / 2, at_most)(random)));
  }

  static Result<void> once(Connection& connection, std::string_view begin,
                           const std::function<Result<void>(Session&)>& work, bool& again) {
    VT_CHECK(connection.query(begin));
    auto result = work(connection);
    if (result) {
      if (auto committed = connection.query("COMMIT"); !committed) result = std::unexpected(committed.error());
    }
    again = !result && connection.try_again();
    if (connection.usable() && connection.in_transaction()) VT_CHECK(connection.query("ROLLBACK"));
    return result;
  }

  Result<std::unique_ptr<Connection>> borrow() {
    std::unique_lock lock(mutex_);
    returned_.wait(lock, [this] { return !idle_.empty() || open_ < connections_max_; });
    if (!idle_.empty()) {
      auto connection = std::move(idle_.back());
      idle_.pop_back();
      return connection;
    }
    ++open_;
    lock.unlock();
    auto made = Connection::open(where_);
    if (!made) drop();
    return made;
  }

  void give_back(std::unique_ptr<Connection> connection) {
    if (!connection->usable()) {
      drop();
      return;
    }
    {
      std::lock_guard lock(mutex_);
      idle_.push_back(std::move(connection));
    }
    returned_.notify_one();
  }

  void drop() {
    {
      std::lock_guard lock(mutex_);
      --open_;
    }
    returned_.notify_one();
  }

  std::string where_;
  int connections_max_;
  std::mutex mutex_;
  std::condition_variable returned_;
  std::vector<std::unique_ptr<Connection>> idle_;
  int open_ = 0;
};

}  // namespace

Result<std::unique_ptr<Database>> open_postgresql(const std::string& connection, int connections_max) {
  auto database = std::make_unique<PostgreSql>(connection, connections_max);
  VT_CHECK(database->connect());
  return database;
}

}  // namespace vitrine::store
