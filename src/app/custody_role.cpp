#include "app/custody_role.hpp"

#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <filesystem>
#include <mutex>
#include <thread>

#include "app/key_file.hpp"
#include "app/role_support.hpp"
#include "app/stop_signals.hpp"
#include "base/files.hpp"
#include "custody/custodian.hpp"

namespace vitrine::app {
namespace {

constexpr std::int64_t drain_ms = 2'000;
constexpr int custodian_threads = 4;

http::Router custodian_router(custody::Custodian& custodian) {
  http::Router router;
  router.add(http::Method::post, "/release",
             [&custodian](const http::Request& request) {
               const auto body = parse_json(request.body, static_cast<std::size_t>(release_bytes_max));
               if (!body) return http::problem(body.error());
               auto shares = custodian.release(*body);
               if (!shares) return http::problem(shares.error());
               return http::Response::text(200, "application/octet-stream", std::move(*shares));
             },
             {.body_bytes_max = release_bytes_max});
  router.add(http::Method::get, "/state", [&custodian](const http::Request&) {
    return http::Response::json(200, json::serialize(json::object{{"entries", custodian.read_entries()},
                                                                  {"key", crypto::base64(custodian.public_key())}}));
  });
  return router;
}

/// Keeps a custodian close behind the log. Being ready does not wait for a log that is away for long.
class Following {
 public:
  explicit Following(custody::Custodian& custodian)
      : thread_([this, &custodian](const std::stop_token& stop) {
          std::unique_lock lock(mutex_);
          do {
            lock.unlock();
            const bool read = custodian.follow().has_value();
            lock.lock();
            read_ = read_ || read;
            wake_.notify_all();
          } while (!wake_.wait_for(lock, stop, read_ ? follow_every : retry, [&] { return stop.stop_requested(); }));
        }) {}

  void wait_for_first() {
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, first_within, [this] { return read_; });
  }

 private:
  static constexpr std::chrono::milliseconds retry{50};
  static constexpr std::chrono::milliseconds follow_every{30'000};
  static constexpr std::chrono::seconds first_within{3};

  std::mutex mutex_;
  std::condition_variable_any wake_;
  bool read_ = false;
  std::jthread thread_;  ///< last: it ends first
};

}  // namespace

Result<custody::Rules> rules_in(const std::string& path) {
  const auto text = read_file(path, custody::rules_bytes_max);
  if (!text) return fail(Errc::invalid_argument, "the rules {} cannot be read: {}", path, text.error().message);
  return custody::read_rules(*text);
}

Result<void> run_custodian(const CustodianRoleOptions& options) {
  const StopSignals stop_signals;
  const SystemClock clock;
  const auto data = std::filesystem::absolute(options.data).string();
  VT_CHECK(make_directories(data + "/keys"));
  VT_TRY(const auto seed, key_file(data + "/keys/custodian.key"));
  std::printf("key %s\n", crypto::base64(crypto::BoxKey(seed).public_key()).c_str());
  std::fflush(stdout);
  if (options.rules_file.empty()) return {};
  VT_TRY(auto rules, rules_in(options.rules_file));
  VT_TRY(const auto custodian,
         custody::Custodian::open(
             {.directory = data, .rules = std::move(rules), .key_seed = seed, .fetch = fetch_from(options.log_url)},
             clock));
  Following following(*custodian);
  following.wait_for_first();
  VT_TRY(const auto server, start_server(options.listen, custodian_router(*custodian), custodian_threads));
  tell_ready(*server, options.listen);
  stop_signals.wait();
  server->stop(drain_ms);
  return {};
}

}  // namespace vitrine::app
