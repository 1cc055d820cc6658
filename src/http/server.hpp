// The HTTP/1.1 server: routes, limits, graceful stop. Knows nothing of Vitrine. Owns Boost.Beast; nothing of it shows.
//
// Operation: one io_context a thread, each with its own SO_REUSEPORT listener. Handlers are plain functions: those that
// never block run where the request was read, the others on a pool of worker threads.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "http/message.hpp"

namespace vitrine::http {

using Handler = std::function<Response(const Request&)>;
/// Decides on an upload from its header alone: a sink for the body, or the answer at once.
using UploadHandler = std::function<std::variant<std::unique_ptr<BodySink>, Response>(const Request&)>;

enum class Run {
  inline_,  ///< on the I/O thread: must not block
  worker,   ///< on the pool: may use the database, disk, argon2
  /// One at a time and core, in the order they came: for what mostly computes. Work that shares a core with other work
  /// is done later, all of it; work that takes turns is not. Must not wait for long.
  computing,
};

struct RouteOptions {
  Run run = Run::worker;
  std::int64_t body_bytes_max = 64 << 10;  ///< over it: 413
};

/// Patterns: "/api/v1/videos/{id}", or "/media/{path*}" for the rest of the path. Filled before the server starts.
class Router {
 public:
  void add(Method method, std::string_view pattern, Handler handler, RouteOptions options = {});
  void add_upload(Method method, std::string_view pattern, UploadHandler handler, std::int64_t body_bytes_max);
  /// Answers whatever no route matches (default: a 404 problem). A known path with another method gets 405 and Allow.
  void set_fallback(Handler handler, RouteOptions options = {});
  /// Runs before every handler (and upload handler); a value is the answer and ends the request. For CSRF and rate
  /// limits.
  void set_guard(std::function<std::optional<Response>(const Request&, std::string_view pattern)> guard);
  /// Runs on the I/O thread as soon as a request's head is there: before its route is found and its body is read, and
  /// in no route's metrics. A value is the answer and ends the request. Must not block.
  void set_front(std::function<std::optional<Response>(const Request&)> front);
  /// Headers that every response gets unless it sets them itself.
  void set_default_headers(Headers headers);

  struct Route {
    Method method;
    std::string pattern;
  };
  /// Every route, for checking against the API description.
  [[nodiscard]] std::vector<Route> routes() const;

  struct Impl;
  Router();
  ~Router();
  Router(Router&&) noexcept;
  Router& operator=(Router&&) noexcept;
  [[nodiscard]] const Impl& impl() const { return *impl_; }
  [[nodiscard]] Impl& impl() { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

struct ServerOptions {
  /// host:port, [v6]:port (port 0 picks a free one), or unix:/path of a socket that only our own user may use.
  std::string listen = "127.0.0.1:8080";
  int io_threads = 0;  ///< 0: one a core; a Unix socket has one
  int worker_threads = 16;
  std::int64_t header_bytes_max = 16 << 10;    ///< over it: 431
  std::int64_t header_timeout_ms = 10'000;     ///< whole request head; over it: 408
  std::int64_t body_idle_timeout_ms = 30'000;  ///< no byte for so long: 408
  std::int64_t body_bytes_per_s_min = 500;     ///< slower on average after 30 s: 408
  std::int64_t idle_timeout_ms = 75'000;       ///< keep-alive without a request
  std::int64_t write_timeout_ms = 30'000;      ///< no progress in sending for so long: closed
  std::int64_t event_heartbeat_ms = 15'000;    ///< a comment in an event stream that has been silent for so long
  int connections_max = 4096;                  ///< over it: 503 and close
  int connections_per_address_max = 256;
  std::vector<std::string> trusted_proxies;  ///< addresses whose X-Forwarded-For / -Proto are believed
};

class Server {
 public:
  Server(ServerOptions options, Router router);
  ~Server();
  /// Binds and starts serving on own threads. Errors: unavailable (address in use), invalid_argument.
  [[nodiscard]] Result<void> start();
  [[nodiscard]] std::uint16_t port() const;  ///< the bound port; 0: none, as of a Unix socket
  /// Stops accepting, lets requests under way finish for at most `drain_ms`, then closes.
  void stop(std::int64_t drain_ms = 10'000);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace vitrine::http
