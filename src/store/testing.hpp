// For tests only: a real PostgreSQL of the test program's own, and an empty database of either engine.
#pragma once
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <thread>
#include <unistd.h>

#include "base/clock.hpp"
#include "base/id.hpp"
#include "store/database.hpp"

namespace vitrine::store::testing {

class TemporaryFolder {
 public:
  TemporaryFolder() : path_(std::filesystem::temp_directory_path() / ("vitrine-test-" + new_id(SystemClock().now()))) {
    std::filesystem::create_directories(path_);
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  [[nodiscard]] std::string operator/(std::string_view name) const { return path_ / name; }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// Started once a test program; dies with it, however that ends. Reached through a socket in its own folder.
class PostgresqlServer {
 public:
  /// Null when PostgreSQL is not installed or does not start.
  static PostgresqlServer* instance() {
    static PostgresqlServer server;
    return server.running_ ? &server : nullptr;
  }
  /// The connection string of a new, empty database.
  std::string new_database() {
    const std::string name = "t" + std::to_string(++databases_);
    EXPECT_EQ(run(programs_ + "/createdb -h " + folder_.path().string() + " -U vitrine " + name), 0);
    return address(name);
  }

 private:
  PostgresqlServer() {
    for (const auto& version : {"17", "16", "15"}) {
      const std::string programs = std::string("/usr/lib/postgresql/") + version + "/bin";
      if (std::filesystem::exists(programs + "/postgres")) programs_ = programs;
    }
    if (programs_.empty()) return;
    std::filesystem::permissions(folder_.path(), std::filesystem::perms::all);
    if (run(programs_ + "/initdb -D " + (folder_ / "data") + " -U vitrine --auth=trust --no-sync -E UTF8") != 0) return;
    if (run(programs_ + "/postgres -D " + (folder_ / "data") + " -k " + folder_.path().string() +
            " -c listen_addresses='' -c max_connections=60 &") != 0) {
      return;
    }
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!running_ && std::chrono::steady_clock::now() < deadline) {
      running_ = run(programs_ + "/pg_isready -q -h " + folder_.path().string()) == 0;
      if (!running_) std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
  }
  ~PostgresqlServer() {
    if (running_) run(programs_ + "/pg_ctl stop -s -m immediate -D " + (folder_ / "data"));
  }

  /// PostgreSQL refuses to run as root.
  static int run(const std::string& command) {
    std::string as = "setpriv --pdeathsig SIGQUIT ";
    if (::getuid() == 0) as += "--reuid=65534 --regid=65534 --clear-groups ";
    const std::string out = command.ends_with('&') ? " >/dev/null 2>&1 " : " >/dev/null 2>&1";
    const std::string plain = command.ends_with('&') ? command.substr(0, command.size() - 1) : command;
    // The shell's exec makes the test itself the parent whose death is noticed.
    return std::system((command.ends_with('&') ? as + plain + out + "&" : "exec " + as + plain + out).c_str());
  }
  [[nodiscard]] std::string address(const std::string& name) const {
    return "postgresql:///" + name + "?host=" + folder_.path().string() + "&user=vitrine";
  }

  TemporaryFolder folder_;
  std::string programs_;
  bool running_ = false;
  int databases_ = 0;
};

/// A parameterised fixture: every test runs on "sqlite" and on "postgresql".
class BothEngines : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    if (GetParam() == "postgresql") {
      auto* server = PostgresqlServer::instance();
      if (!server) GTEST_SKIP() << "absent: PostgreSQL; install the package postgresql-15";
      where_ = server->new_database();
    } else {
      where_ = folder_ / "test.db";
    }
    open();
  }
  void open() {
    database_.reset();
    auto opened = open_database(where_);
    ASSERT_TRUE(opened) << opened.error().message;
    database_ = std::move(*opened);
  }
  void run(std::string_view sql, const Params& params = {}) {
    const auto done = database_->execute(sql, params);
    ASSERT_TRUE(done) << sql << ": " << done.error().message;
  }

  TemporaryFolder folder_;
  std::string where_;
  std::unique_ptr<Database> database_;
};

inline auto both_engines() { return ::testing::Values("sqlite", "postgresql"); }
inline std::string engine_name(const ::testing::TestParamInfo<std::string>& info) { return info.param; }

}  // namespace vitrine::store::testing
