#include "app/serve.hpp"

#include <cstdio>

#include "app/demo.hpp"
#include "app/house.hpp"
#include "app/stop_signals.hpp"
#include "base/log.hpp"
#include "base/metrics.hpp"
#include "http/server.hpp"

namespace vitrine::app {
namespace {

constexpr std::int64_t drain_ms = 10'000;

std::string host_of(const std::string& listen) { return listen.substr(0, listen.rfind(':')); }

/// Metrics stay off the public address: they tell an outsider how busy the service is.
Result<std::unique_ptr<http::Server>> start_admin(const std::string& listen) {
  http::Router router;
  router.add(http::Method::get, "/metrics", [](const http::Request&) {
    return http::Response::text(200, "text/plain; version=0.0.4; charset=utf-8", metrics::render());
  });
  router.add(http::Method::get, "/healthz",
             [](const http::Request&) { return http::Response::json(200, R"({"status":"ok"})"); });
  auto server = std::make_unique<http::Server>(
      http::ServerOptions{.listen = listen, .io_threads = 1, .worker_threads = 1}, std::move(router));
  VT_CHECK(server->start());
  return server;
}

/// How far the demo is, for whoever waits for it.
void add_demo_status(http::Router& router, const Demo& demo) {
  router.add(http::Method::get, "/api/v1/demo",
             [&demo](const http::Request&) { return http::Response::json(200, json::serialize(demo.status())); });
}

}  // namespace

Result<void> serve(const Config& config, Fill fill) {
  const StopSignals stop_signals;
  VT_TRY(const auto house, House::open(config));
  Demo demo(config.data + "/demo.json", config.data + "/work");
  http::Router router = api::make_router(house->rooms());
  if (fill == Fill::demo) add_demo_status(router, demo);
  http::Server server({.listen = config.listen, .trusted_proxies = config.trusted_proxies}, std::move(router));
  VT_CHECK(server.start());
  std::unique_ptr<http::Server> admin;
  if (!config.admin_listen.empty()) {
    VT_TRY(admin, start_admin(config.admin_listen));
  }
  const std::string url = fmt::format("http://{}:{}", host_of(config.listen), server.port());
  std::printf("listening on %s\n", url.c_str());
  std::fflush(stdout);
  log::info("serve.ready", {{"port", server.port()}});
  if (fill == Fill::demo) demo.start(url);

  stop_signals.wait();
  log::info("serve.stopping", {{"drain_ms", drain_ms}});
  demo.stop();
  if (admin) admin->stop(0);
  server.stop(drain_ms);
  return {};
}

}  // namespace vitrine::app
