#include "http/server.hpp"

#include <condition_variable>
#include <csignal>
#include <pthread.h>

#include "base/cores.hpp"
#include "base/log.hpp"
#include "http/connection.hpp"
#include "http/listener.hpp"

namespace vitrine::http {
namespace {

constexpr int overload_connections_max = 64;  // at once told to come back; further ones are closed unheard
constexpr std::int64_t accept_retry_ms = 100;

/// Counted together: one IPv4 address, or a /64 of IPv6.
asio::ip::address counted_address(const asio::ip::address& peer) {
  if (!peer.is_v6()) return peer;
  auto bytes = peer.to_v6().to_bytes();
  std::fill(bytes.begin() + 8, bytes.end(), static_cast<unsigned char>(0));
  return asio::ip::address_v6(bytes);
}

asio::ip::address plain_address(const asio::ip::address& address) {
  if (address.is_v6() && address.to_v6().is_v4_mapped())
    return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
  return address;
}

Awaitable<void> accept_all(Loop& loop) {
  Timer pause(loop.context);
  while (loop.acceptor->is_open()) {
    auto [error, socket] = co_await loop.acceptor->async_accept(as_value);
    if (!error) {
      loop.adopt(std::move(socket));
    } else if (error == asio::error::operation_aborted) {
      co_return;
    } else if (error != asio::error::connection_aborted) {
      // Out of descriptors or memory: it passes once some connection ends.
      log::error("http.accept_failed", {{"error", error.value()}});
      pause.expires_after(std::chrono::milliseconds(accept_retry_ms));
      co_await pause.async_wait(as_value);
    }
  }
}

void on_end(std::exception_ptr failure) {
  if (failure) log::error("http.connection_failed");
}

}  // namespace

// ---------------------------------------------------------------------------------------------------------------
// What the threads share

Shared::Admission Shared::admit(const asio::ip::address& peer) {
  std::lock_guard lock(mutex_);
  if (connections_ >= options.connections_max + overload_connections_max) return Admission::dropped;
  int& from_address = by_address_[counted_address(peer)];
  const bool limited = !peer.is_unspecified();  // on a Unix socket all are one
  const bool address_full =
      limited && !trusted_proxies.contains(peer) && from_address >= options.connections_per_address_max;
  const bool full = connections_ >= options.connections_max;
  if (address_full && from_address >= options.connections_per_address_max + overload_connections_max)
    return Admission::dropped;
  ++connections_;
  ++from_address;
  connections_gauge->set(connections_);
  return full || address_full ? Admission::overloaded : Admission::welcome;
}

void Shared::leave(const asio::ip::address& peer) {
  std::lock_guard lock(mutex_);
  --connections_;
  connections_gauge->set(connections_);
  const auto counted = by_address_.find(counted_address(peer));
  if (--counted->second == 0) by_address_.erase(counted);
  if (connections_ == 0) empty_.notify_all();
}

bool Shared::wait_until_empty(std::chrono::milliseconds at_most) {
  std::unique_lock lock(mutex_);
  return empty_.wait_for(lock, at_most, [this] { return connections_ == 0; });
}

// ---------------------------------------------------------------------------------------------------------------
// One thread's loop

void Loop::adopt(Socket socket) {
  ErrorCode error;
  const auto remote = socket.remote_endpoint(error);
  if (error || shared.draining) return;
  const auto peer = plain_address(ip_of(remote));
  const auto admission = shared.admit(peer);
  if (admission == Shared::Admission::dropped) return;
  socket.set_option(asio::ip::tcp::no_delay(true), error);
  socket.native_non_blocking(true, error);
  auto connection =
      std::make_shared<Connection>(*this, std::move(socket), peer, admission == Shared::Admission::overloaded);
  auto run = connection->run();
  asio::co_spawn(context.get_executor(), std::move(run),
                 [connection = std::move(connection)](std::exception_ptr failure) { on_end(failure); });
  if (!std::exchange(sweeping, true)) schedule_sweep();
}

void Loop::schedule_sweep() {
  const auto& options = shared.options;
  const auto shortest = std::min(
      {options.header_timeout_ms, options.body_idle_timeout_ms, options.idle_timeout_ms, options.write_timeout_ms});
  sweep.expires_after(std::chrono::milliseconds(std::clamp<std::int64_t>(shortest / 10, 5, 500)));
  sweep.async_wait([this](ErrorCode error) {
    if (error || connections.empty()) {
      sweeping = false;
      return;
    }
    const auto now = SteadyClock::now();
    for (Connection* connection : connections) connection->check_deadline(now);
    schedule_sweep();
  });
}

void Loop::drain() {
  ErrorCode ignored;
  acceptor->close(ignored);
  for (Connection* connection : connections) connection->drain();
}

void Loop::close_all() {
  for (Connection* connection : connections) connection->close_now();
}

// ---------------------------------------------------------------------------------------------------------------
// The server

struct Server::Impl {
  Impl(ServerOptions options, Router router) : shared(std::move(options), std::move(router)) {}

  Shared shared;
  std::vector<std::unique_ptr<Loop>> loops;
  std::vector<std::thread> threads;
  std::optional<Listener> listener;
  bool running = false;

  Result<void> trust_proxies();
  Result<void> listen();
  void run_loop(Loop& loop);
  void on_every_loop(void (Loop::*call)());
};

Result<void> Server::Impl::trust_proxies() {
  for (const auto& text : shared.options.trusted_proxies) {
    ErrorCode error;
    const auto address = asio::ip::make_address(text, error);
    if (error) return fail(Errc::invalid_argument, "trusted proxy '{}' is not an IP address", text);
    shared.trusted_proxies.insert(plain_address(address));
  }
  return {};
}

Result<void> Server::Impl::listen() {
  {
    Acceptor probe(loops.front()->context);
    VT_CHECK(listener->check_free(probe));
  }
  for (auto& loop : loops) {
    loop->acceptor = std::make_unique<Acceptor>(loop->context);
    VT_CHECK(listener->open(*loop->acceptor, loops.size() > 1));
  }
  return {};
}

void Server::Impl::run_loop(Loop& loop) {
  // sendfile(2) has no MSG_NOSIGNAL. Blocked on our own threads only: child processes must not inherit it.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  asio::co_spawn(loop.context.get_executor(), accept_all(loop), on_end);
  const auto work = asio::make_work_guard(loop.context);
  loop.context.run();
}

void Server::Impl::on_every_loop(void (Loop::*call)()) {
  for (auto& loop : loops) asio::post(loop->context, [&loop = *loop, call] { (loop.*call)(); });
}

Server::Server(ServerOptions options, Router router)
    : impl_(std::make_unique<Impl>(std::move(options), std::move(router))) {}

Server::~Server() { stop(0); }

Result<void> Server::start() {
  VT_ASSERT(!impl_->running);
  auto& shared = impl_->shared;
  VT_CHECK(impl_->trust_proxies());
  VT_TRY(auto listener, Listener::at(shared.options.listen));
  impl_->listener.emplace(std::move(listener));
  const int wanted = shared.options.io_threads > 0 ? shared.options.io_threads : usable_cores();
  const int io_threads = impl_->listener->is_unix() ? 1 : wanted;
  for (int i = 0; i < io_threads; ++i) impl_->loops.push_back(std::make_unique<Loop>(shared));
  if (auto listening = impl_->listen(); !listening) {
    impl_->loops.clear();
    impl_->listener.reset();
    return listening;
  }
  shared.router.impl().prepare();
  shared.unparsed = std::make_unique<RouteMetrics>("", "none");
  shared.connections_gauge = &metrics::gauge("vitrine_http_connections", "Open HTTP connections");
  shared.workers = std::make_unique<asio::thread_pool>(static_cast<std::size_t>(shared.options.worker_threads));
  shared.computers = std::make_unique<asio::thread_pool>(static_cast<std::size_t>(usable_cores()));
  for (auto& loop : impl_->loops) impl_->threads.emplace_back([this, &loop = *loop] { impl_->run_loop(loop); });
  impl_->running = true;
  return {};
}

std::uint16_t Server::port() const { return impl_->listener ? impl_->listener->port() : 0; }

void Server::stop(std::int64_t drain_ms) {
  if (!std::exchange(impl_->running, false)) return;
  auto& shared = impl_->shared;
  shared.draining = true;
  impl_->on_every_loop(&Loop::drain);
  if (!shared.wait_until_empty(std::chrono::milliseconds(drain_ms))) {
    if (drain_ms > 0) log::warning("http.drain_cut_short");
    // A handler under way cannot be interrupted: its connection ends after it.
    do {
      impl_->on_every_loop(&Loop::close_all);
    } while (!shared.wait_until_empty(std::chrono::milliseconds(100)));
  }
  shared.workers->join();
  shared.computers->join();
  for (auto& loop : impl_->loops) loop->context.stop();
  for (auto& thread : impl_->threads) thread.join();
  impl_->threads.clear();
  impl_->loops.clear();
  impl_->listener.reset();
}

}  // namespace vitrine::http
