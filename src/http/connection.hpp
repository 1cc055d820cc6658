// One client's connection: reads requests, calls handlers, sends answers. Lives on one I/O thread.
#pragma once
#include <condition_variable>
#include <set>
#include <unordered_set>

#include "http/asio.hpp"
#include "http/event_channel.hpp"
#include "http/head_parser.hpp"
#include "http/network_tokens.hpp"
#include "http/router_impl.hpp"
#include "http/text.hpp"

namespace vitrine::http {

/// What all connections of a server share. Thread-safe where it changes.
struct Shared {
  Shared(ServerOptions server_options, Router server_router)
      : options(std::move(server_options)), router(std::move(server_router)) {}

  const ServerOptions options;
  Router router;
  std::unique_ptr<asio::thread_pool> workers;
  std::unique_ptr<asio::thread_pool> computers;  ///< one thread a core
  std::set<asio::ip::address> trusted_proxies;
  NetworkTokens tokens;
  std::atomic<bool> draining = false;
  metrics::Gauge* connections_gauge = nullptr;
  std::unique_ptr<RouteMetrics> unparsed;  ///< requests that never reached a route

  enum class Admission {
    welcome,
    overloaded,  ///< counted in, to be told to come back later
    dropped,     ///< not counted: there are too many even to be told
  };
  [[nodiscard]] Admission admit(const asio::ip::address& peer);
  void leave(const asio::ip::address& peer);
  /// True once no connection is left.
  bool wait_until_empty(std::chrono::milliseconds at_most);

 private:
  std::mutex mutex_;
  std::condition_variable empty_;
  int connections_ = 0;
  std::map<asio::ip::address, int> by_address_;
};

class Connection;

/// One I/O thread's event loop and what runs on it.
struct Loop {
  explicit Loop(Shared& server) : shared(server), sweep(context) {}

  Shared& shared;
  asio::io_context context{1};
  std::unique_ptr<Acceptor> acceptor;
  std::unordered_set<Connection*> connections;
  Timer sweep;  ///< one timer a thread looks after all deadlines: a timer a request would cost more than the request
  bool sweeping = false;

  /// Takes over a freshly accepted socket.
  void adopt(Socket socket);
  /// Closes what waits for a request; the rest end after the answer they are at.
  void drain();
  void close_all();

 private:
  void schedule_sweep();
};

class Connection final : public std::enable_shared_from_this<Connection> {
 public:
  /// An overloaded server still reads the head, then answers 503.
  Connection(Loop& loop, Socket socket, asio::ip::address peer, bool overloaded);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  [[nodiscard]] Awaitable<void> run();

  /// From the loop's sweep: gives up what has taken too long.
  void check_deadline(SteadyClock::time_point now);
  void drain();
  void close_now();

 private:
  /// What the connection waits for; each has its own deadline.
  enum class Waiting { nothing, request, head, body, writing, lingering };
  enum class Read { ok, closed, timed_out };
  enum class Sent { all, failed };

  // Reading.
  [[nodiscard]] Awaitable<Read> read_more(Waiting waiting);
  [[nodiscard]] Awaitable<Read> read_into(char* data, std::size_t capacity, std::size_t& count, Waiting waiting);
  enum class Head { complete, refused, closed };
  [[nodiscard]] Awaitable<Head> read_head();
  [[nodiscard]] std::optional<Response> understand_head(std::string_view head);
  void identify_client();
  enum class Body { piece, end, closed, timed_out, too_large, malformed };
  /// Fills `output` as far as the body goes; `piece` when it is full, `end` when the body is over.
  [[nodiscard]] Awaitable<Body> read_body(std::span<char> output, std::size_t& filled, std::int64_t bytes_max);
  [[nodiscard]] Awaitable<Body> read_chunked(std::span<char> output, std::size_t& filled, std::int64_t bytes_max);
  [[nodiscard]] Awaitable<Body> read_whole_body(std::int64_t bytes_max);
  [[nodiscard]] bool body_announced_over(std::int64_t bytes_max) const;
  [[nodiscard]] bool body_left() const { return body_chunked_ ? !body_done_ : body_remaining_ > 0; }
  [[nodiscard]] Awaitable<bool> continue_100();

  // Answering.
  [[nodiscard]] Awaitable<void> answer();
  [[nodiscard]] Awaitable<void> refuse_overload();
  /// Answers without looking at the body, and goes on with this client only if it was short.
  [[nodiscard]] Awaitable<void> send_past_body(Response response);
  [[nodiscard]] Awaitable<void> answer_request(const Endpoint& endpoint);
  [[nodiscard]] Awaitable<void> answer_upload(const Endpoint& endpoint);
  [[nodiscard]] Awaitable<Response> stream_to_sink(std::unique_ptr<BodySink> sink, std::int64_t bytes_max);
  [[nodiscard]] Awaitable<void> send(Response response);
  [[nodiscard]] Awaitable<void> send_events(Response& response, const EventStreamBody& body);
  [[nodiscard]] Awaitable<Sent> send_bytes(std::string_view head, std::string_view body, bool more_follows);
  [[nodiscard]] Awaitable<Sent> send_file(const FileBody& file, std::int64_t offset, std::int64_t length);
  [[nodiscard]] Awaitable<bool> wait_writable();
  [[nodiscard]] Awaitable<void> linger();
  void watch_for_hangup(std::shared_ptr<EventChannel> channel);
  void wake_events();
  template <class Function>
  [[nodiscard]] Awaitable<void> on_worker(Function& function, Run run = Run::worker);
  [[nodiscard]] Response guarded(const Endpoint& endpoint, const std::function<Response()>& handler) const;

  void wait_for(Waiting waiting, std::int64_t timeout_ms);
  [[nodiscard]] std::string_view buffered() const { return {in_.data() + in_begin_, in_end_ - in_begin_}; }
  void reset_for_next_request();
  [[nodiscard]] Response body_problem(Body outcome, std::int64_t bytes_max);

  Loop& loop_;
  Shared& shared_;
  Socket socket_;
  const asio::ip::address peer_;
  const bool overloaded_;

  std::vector<char> in_;
  std::size_t in_begin_ = 0, in_end_ = 0;
  std::string out_;

  std::optional<RequestParser> parser_;
  Request request_;
  Target target_;
  const Endpoint* endpoint_ = nullptr;
  SteadyClock::time_point head_at_;
  bool expects_continue_ = false;
  bool http10_ = false;
  bool keep_alive_ = true;
  bool body_chunked_ = false;
  bool body_done_ = true;
  std::int64_t body_remaining_ = 0;
  std::int64_t body_bytes_ = 0;
  SteadyClock::duration body_waited_{};  ///< time spent waiting for the client, not for a sink

  Waiting waiting_ = Waiting::nothing;
  SteadyClock::time_point waiting_since_;
  SteadyClock::time_point deadline_ = SteadyClock::time_point::max();
  bool timed_out_ = false;
  bool aborted_ = false;

  std::string network_token_;
  std::string network_token_of_;  ///< the address it was made from
  std::int64_t network_token_day_ = -1;
  std::shared_ptr<EventChannel> events_;
  Timer event_timer_;
  bool events_woken_ = false;
  int answers_without_wait_ = 0;
};

}  // namespace vitrine::http
