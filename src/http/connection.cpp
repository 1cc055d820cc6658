#include "http/connection.hpp"

#include <cerrno>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "base/log.hpp"
#include "http/response_head.hpp"
#include "http/text.hpp"

namespace vitrine::http {
namespace {

constexpr std::size_t input_bytes_min = 4 << 10;       // kept by an idle connection
constexpr std::size_t chunked_input_bytes = 64 << 10;  // also the longest chunk extension or trailer
constexpr std::size_t piece_bytes = 256 << 10;         // what a sink gets at once
constexpr std::size_t body_step_bytes = 64 << 10;
constexpr std::int64_t discard_bytes_max = 64 << 10;  // an unwanted body so long is read over, not cut off
constexpr std::size_t sendfile_bytes = 2 << 20;
constexpr std::int64_t file_turn_bytes = 8 << 20;  // then others on this thread get their turn
constexpr int answers_per_turn = 32;
constexpr std::int64_t linger_ms = 2'000;
constexpr std::int64_t body_rate_grace_ms = 30'000;

std::int64_t ms(SteadyClock::duration duration) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
}

void log_exception(std::string_view pattern, std::string_view event) {
  // What an exception says may hold what a person sent: only where it happened is kept.
  log::error(event, {{"route", pattern}});
}

}  // namespace

Connection::Connection(Loop& loop, Socket socket, asio::ip::address peer, bool overloaded)
    : loop_(loop),
      shared_(loop.shared),
      socket_(std::move(socket)),
      peer_(std::move(peer)),
      overloaded_(overloaded),
      in_(input_bytes_min),
      event_timer_(loop.context) {
  loop_.connections.insert(this);
}

Connection::~Connection() {
  if (events_) events_->close();
  loop_.connections.erase(this);
  ErrorCode ignored;
  socket_.close(ignored);
  shared_.leave(peer_);
}

Awaitable<void> Connection::run() {
  while (true) {
    const Head head = co_await read_head();
    if (head == Head::closed) co_return;
    if (head == Head::complete) {
      if (overloaded_)
        co_await refuse_overload();
      else
        co_await answer();
    }
    if (!keep_alive_ || aborted_) break;
    reset_for_next_request();
    if (++answers_without_wait_ >= answers_per_turn) {
      answers_without_wait_ = 0;
      co_await asio::post(loop_.context, as_value);
    }
  }
  if (!aborted_) co_await linger();
}

// ---------------------------------------------------------------------------------------------------------------
// Deadlines

void Connection::wait_for(Waiting waiting, std::int64_t timeout_ms) {
  waiting_ = waiting;
  timed_out_ = false;
  waiting_since_ = SteadyClock::now();
  deadline_ = waiting_since_ + std::chrono::milliseconds(timeout_ms);
}

void Connection::check_deadline(SteadyClock::time_point now) {
  if (waiting_ == Waiting::nothing || timed_out_) return;
  bool over = now >= deadline_;
  if (waiting_ == Waiting::body && !over) {
    const auto waited_ms = ms(body_waited_ + (now - waiting_since_));
    over = waited_ms >= body_rate_grace_ms && body_bytes_ * 1000 < shared_.options.body_bytes_per_s_min * waited_ms;
  }
  if (!over) return;
  timed_out_ = true;
  ErrorCode ignored;
  socket_.cancel(ignored);
}

void Connection::drain() {
  if (events_) events_->close();
  wake_events();
  if (waiting_ == Waiting::request) close_now();
}

void Connection::wake_events() {
  events_woken_ = true;
  event_timer_.cancel();
}

void Connection::close_now() {
  aborted_ = true;
  if (events_) events_->close();
  wake_events();
  ErrorCode ignored;
  socket_.close(ignored);
}

// ---------------------------------------------------------------------------------------------------------------
// Reading

Awaitable<Connection::Read> Connection::read_into(char* data, std::size_t capacity, std::size_t& count,
                                                  Waiting waiting) {
  if (aborted_) co_return Read::closed;
  auto [error, read] = co_await socket_.async_read_some(asio::buffer(data, capacity), as_value);
  if (waiting == Waiting::body) body_waited_ += SteadyClock::now() - waiting_since_;
  const bool timed_out = std::exchange(timed_out_, false);
  waiting_ = Waiting::nothing;
  count = read;
  if (error) co_return timed_out && !aborted_ ? Read::timed_out : Read::closed;
  co_return Read::ok;
}

/// Reads more into the input buffer, which must have room. The caller has set the deadline.
Awaitable<Connection::Read> Connection::read_more(Waiting waiting) {
  if (in_begin_ == in_end_) in_begin_ = in_end_ = 0;
  if (in_end_ == in_.size() && in_begin_ > 0) {
    std::memmove(in_.data(), in_.data() + in_begin_, in_end_ - in_begin_);
    in_end_ -= in_begin_;
    in_begin_ = 0;
  }
  VT_ASSERT(in_end_ < in_.size());
  std::size_t count = 0;
  const Read read = co_await read_into(in_.data() + in_end_, in_.size() - in_end_, count, waiting);
  in_end_ += count;
  co_return read;
}

Awaitable<Connection::Head> Connection::read_head() {
  const auto head_bytes_max = static_cast<std::size_t>(shared_.options.header_bytes_max);
  std::size_t scanned = 0;
  bool head_begun = false;
  while (true) {
    while (scanned == 0 && buffered().starts_with("\r\n")) in_begin_ += 2;  // RFC 9112 §2.2
    const auto scan = scan_head(buffered().substr(0, head_bytes_max), scanned);
    if (scan.state == HeadScan::State::complete) {
      head_at_ = SteadyClock::now();
      const auto head = buffered().substr(0, scan.length);
      auto refusal = understand_head(head);
      in_begin_ += scan.length;
      if (!refusal) co_return Head::complete;
      keep_alive_ = false;
      co_await send(std::move(*refusal));
      co_return Head::refused;
    }
    std::optional<Response> refusal;
    if (scan.state == HeadScan::State::malformed)
      refusal = problem(400, "malformed-request", reason_phrase(400), "lines must end in CR LF and must not be folded");
    else if (buffered().size() >= head_bytes_max)
      refusal = problem(431, "header-too-large", reason_phrase(431),
                        fmt::format("the request's head is over {} bytes", head_bytes_max));
    if (!refusal) {
      scanned = scan.length;
      answers_without_wait_ = 0;
      if (in_end_ - in_begin_ == in_.size())
        in_.resize(std::min(in_.size() * 2, std::max(head_bytes_max, in_.size() + 1)));
      if (buffered().empty()) {
        if (shared_.draining) co_return Head::closed;
        wait_for(Waiting::request, shared_.options.idle_timeout_ms);
      } else if (!std::exchange(head_begun, true)) {
        wait_for(Waiting::head, shared_.options.header_timeout_ms);
      } else {
        waiting_ = Waiting::head;  // the deadline is that of the whole head
      }
      const bool in_head = head_begun;
      const Read read = co_await read_more(in_head ? Waiting::head : Waiting::request);
      if (read == Read::ok) continue;
      if (read == Read::closed || !in_head) co_return Head::closed;
      refusal = problem(408, "request-timeout", reason_phrase(408), "the request's head took too long to arrive");
    }
    keep_alive_ = false;
    co_await send(std::move(*refusal));
    co_return Head::refused;
  }
}

/// Fills request_ and what belongs to its body; a value is the answer that ends the connection.
std::optional<Response> Connection::understand_head(std::string_view head) {
  parser_.emplace(request_);
  if (const auto wrong = parser_->parse_head(head)) {
    return problem(wrong->status, wrong->code, reason_phrase(wrong->status), wrong->detail);
  }
  keep_alive_ = parser_->keep_alive() && !shared_.draining;
  http10_ = parser_->is_http10();
  body_chunked_ = parser_->chunked();
  body_done_ = !body_chunked_;
  body_remaining_ = body_chunked_ ? 0 : parser_->body_length();
  body_bytes_ = 0;
  body_waited_ = {};
  expects_continue_ = false;
  if (const auto expect = request_.headers.find("Expect"); expect && !http10_) {
    if (!equal_ignoring_case(*expect, "100-continue"))
      return problem(417, "expectation", reason_phrase(417), "the only expectation met here is 100-continue");
    expects_continue_ = true;
  }
  if (request_.method == Method::options && parser_->target() == "*") {
    request_.path = "*";
  } else if (auto parsed = parse_target(parser_->target(), target_); !parsed) {
    return problem(parsed.error());
  } else {
    request_.path.swap(target_.path);
    request_.query.swap(target_.query);
  }
  identify_client();
  return std::nullopt;
}

void Connection::identify_client() {
  request_.secure = false;
  asio::ip::address client = peer_;
  if (shared_.trusted_proxies.contains(peer_)) {
    request_.secure = equal_ignoring_case(trim(request_.headers.get("X-Forwarded-Proto")), "https");
    // The rightmost address that no trusted proxy has: those further left are the client's own claims.
    std::string_view hops = request_.headers.get("X-Forwarded-For");
    while (!hops.empty()) {
      const std::size_t comma = hops.rfind(',');
      const auto hop = trim(comma == hops.npos ? hops : hops.substr(comma + 1));
      hops = comma == hops.npos ? std::string_view() : hops.substr(0, comma);
      ErrorCode error;
      const auto address = asio::ip::make_address(std::string(hop), error);
      if (error) break;
      client = address;
      if (!shared_.trusted_proxies.contains(address)) break;
    }
  }
  const auto day = NetworkTokens::day_of(std::time(nullptr));
  NetworkTokens::Address bytes;
  bytes = client.is_v6() ? client.to_v6().to_bytes()
                         : asio::ip::make_address_v6(asio::ip::v4_mapped, client.to_v4()).to_bytes();
  const std::string_view raw(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (day != network_token_day_ || raw != network_token_of_) {
    network_token_ = shared_.tokens.token(bytes, day);
    network_token_of_ = raw;
    network_token_day_ = day;
  }
  request_.network_token = network_token_;
}

bool Connection::body_announced_over(std::int64_t bytes_max) const { return body_remaining_ > bytes_max; }

Awaitable<bool> Connection::continue_100() {
  if (!std::exchange(expects_continue_, false) || !buffered().empty()) co_return true;
  const Sent sent = co_await send_bytes("HTTP/1.1 100 Continue\r\n\r\n", {}, false);
  co_return sent == Sent::all;
}

Awaitable<Connection::Body> Connection::read_body(std::span<char> output, std::size_t& filled, std::int64_t bytes_max) {
  filled = 0;
  if (body_chunked_) co_return co_await read_chunked(output, filled, bytes_max);
  while (body_remaining_ > 0 && filled < output.size()) {
    const std::size_t wanted = std::min(output.size() - filled, static_cast<std::size_t>(body_remaining_));
    std::size_t count = std::min(wanted, buffered().size());
    if (count > 0) {
      std::memcpy(output.data() + filled, buffered().data(), count);
      in_begin_ += count;
    } else {
      wait_for(Waiting::body, shared_.options.body_idle_timeout_ms);
      const Read read = co_await read_into(output.data() + filled, wanted, count, Waiting::body);
      if (read != Read::ok) co_return read == Read::timed_out ? Body::timed_out : Body::closed;
    }
    filled += count;
    body_bytes_ += static_cast<std::int64_t>(count);
    body_remaining_ -= static_cast<std::int64_t>(count);
  }
  co_return body_remaining_ > 0 ? Body::piece : Body::end;
}

Awaitable<Connection::Body> Connection::read_chunked(std::span<char> output, std::size_t& filled,
                                                     std::int64_t bytes_max) {
  if (in_.size() < chunked_input_bytes) in_.resize(chunked_input_bytes);
  while (!body_done_ && filled < output.size()) {
    // One byte beyond the limit is let through, to tell a body at the limit from one past it.
    const auto room = static_cast<std::size_t>(
        std::min<std::int64_t>(static_cast<std::int64_t>(output.size() - filled), bytes_max + 1 - body_bytes_));
    const auto step = parser_->decode_chunked(buffered(), output.subspan(filled, room));
    in_begin_ += step.consumed;
    filled += step.produced;
    body_bytes_ += static_cast<std::int64_t>(step.produced);
    if (step.state == RequestParser::ChunkedStep::State::malformed) co_return Body::malformed;
    if (body_bytes_ > bytes_max) {
      --filled;
      co_return Body::too_large;
    }
    body_done_ = step.state == RequestParser::ChunkedStep::State::done;
    if (body_done_ || step.consumed > 0) continue;
    if (buffered().size() == in_.size()) co_return Body::malformed;  // an endless extension or trailer
    wait_for(Waiting::body, shared_.options.body_idle_timeout_ms);
    const Read read = co_await read_more(Waiting::body);
    if (read != Read::ok) co_return read == Read::timed_out ? Body::timed_out : Body::closed;
  }
  co_return body_done_ ? Body::end : Body::piece;
}

Awaitable<Connection::Body> Connection::read_whole_body(std::int64_t bytes_max) {
  if (!body_left()) co_return Body::end;
  if (body_announced_over(bytes_max)) co_return Body::too_large;
  const bool continued = co_await continue_100();
  if (!continued) co_return Body::closed;
  const auto step =
      body_chunked_ ? body_step_bytes : std::min(body_step_bytes, static_cast<std::size_t>(body_remaining_));
  std::vector<char> piece(step);
  while (true) {
    std::size_t filled = 0;
    const Body outcome = co_await read_body(piece, filled, bytes_max);
    request_.body.append(piece.data(), filled);
    if (outcome != Body::piece) co_return outcome;
  }
}

Response Connection::body_problem(Body outcome, std::int64_t bytes_max) {
  keep_alive_ = false;
  switch (outcome) {
    case Body::too_large:
      return problem(413, "too-large", reason_phrase(413), fmt::format("the body is over {} bytes", bytes_max));
    case Body::timed_out:
      return problem(408, "request-timeout", reason_phrase(408), "the request's body took too long to arrive");
    default: return problem(400, "malformed-request", reason_phrase(400), "the body's chunks are not well-formed");
  }
}

void Connection::reset_for_next_request() {
  request_.method = Method::get;
  request_.path.clear();
  request_.query.clear();
  request_.parameters.clear();
  request_.headers = {};
  request_.body.clear();
  if (request_.body.capacity() > body_step_bytes) request_.body.shrink_to_fit();
  if (in_.size() > input_bytes_min && in_begin_ == in_end_) {
    in_.resize(input_bytes_min);
    in_.shrink_to_fit();
    in_begin_ = in_end_ = 0;
  }
  endpoint_ = nullptr;
}

// ---------------------------------------------------------------------------------------------------------------
// Answering

/// Runs `function` on the worker pool and comes back to this thread.
template <class Function>
Awaitable<void> Connection::on_worker(Function& function) {
  const auto start = [this, &function](auto handler) {
    asio::post(*shared_.workers, [this, &function, done = std::move(handler)]() mutable {
      function();
      asio::post(loop_.context, std::move(done));
    });
  };
  static constexpr asio::use_awaitable_t<Executor> resume{};
  co_await asio::async_initiate<const asio::use_awaitable_t<Executor>, void()>(start, resume);
}

Response Connection::guarded(const Endpoint& endpoint, const std::function<Response()>& handler) const {
  try {
    if (const auto& guard = shared_.router.impl().guard) {
      if (auto refusal = guard(request_, endpoint.pattern)) return std::move(*refusal);
    }
    return handler();
  } catch (...) {
    log_exception(endpoint.pattern, "http.handler_failed");
    return problem({Errc::internal, "something went wrong here; it has been noted"});
  }
}

Awaitable<void> Connection::refuse_overload() {
  keep_alive_ = false;
  Response response = problem(503, "unavailable", reason_phrase(503), "too many connections; try again in a moment");
  response.headers.set("Retry-After", "1");
  co_await send(std::move(response));
}

Awaitable<void> Connection::answer() {
  const auto match = shared_.router.impl().match(request_);
  endpoint_ = match.endpoint;
  if (!endpoint_ && (match.allow_mask != 0 || request_.path == "*")) {
    Response response = request_.method == Method::options
                            ? Response::empty(204)
                            : problem(405, "method-not-allowed", reason_phrase(405), "this path has other methods");
    response.headers.set("Allow", allow_field(match.allow_mask));
    const Body outcome = co_await read_whole_body(discard_bytes_max);
    if (outcome != Body::end) keep_alive_ = false;
    co_await send(std::move(response));
    co_return;
  }
  if (!endpoint_) endpoint_ = &shared_.router.impl().fallback;
  if (endpoint_->upload)
    co_await answer_upload(*endpoint_);
  else
    co_await answer_request(*endpoint_);
}

Awaitable<void> Connection::answer_request(const Endpoint& endpoint) {
  if (body_left()) {
    const Body outcome = co_await read_whole_body(endpoint.options.body_bytes_max);
    if (outcome == Body::closed) {
      aborted_ = true;
      co_return;
    }
    if (outcome != Body::end) {
      co_await send(body_problem(outcome, endpoint.options.body_bytes_max));
      co_return;
    }
  }
  Response response;
  auto call = [&] { response = guarded(endpoint, [&] { return endpoint.handler(request_); }); };
  if (endpoint.options.run == Run::inline_)
    call();
  else
    co_await on_worker(call);
  co_await send(std::move(response));
}

Awaitable<void> Connection::answer_upload(const Endpoint& endpoint) {
  const std::int64_t bytes_max = endpoint.options.body_bytes_max;
  if (body_announced_over(bytes_max)) {
    co_await send(body_problem(Body::too_large, bytes_max));
    co_return;
  }
  std::unique_ptr<BodySink> sink;
  Response response;
  auto decide = [&] {
    response = guarded(endpoint, [&] {
      auto decision = endpoint.upload(request_);
      if (auto* refusal = std::get_if<Response>(&decision)) return std::move(*refusal);
      sink = std::move(std::get<std::unique_ptr<BodySink>>(decision));
      return Response();
    });
  };
  co_await on_worker(decide);
  if (sink) {
    response = co_await stream_to_sink(std::move(sink), bytes_max);
    if (aborted_) co_return;
  } else if (body_left()) {
    // A client that waits for 100 will not send its body; any other may, and is read over if it is short.
    const bool short_body = !expects_continue_ && !body_chunked_ && body_remaining_ <= discard_bytes_max;
    if (short_body) {
      const Body outcome = co_await read_whole_body(discard_bytes_max);
      if (outcome != Body::end) keep_alive_ = false;
    } else {
      keep_alive_ = false;
    }
  }
  co_await send(std::move(response));
}

/// Feeds the sink piece by piece, off this thread; while it writes nothing is read, which holds the client back.
Awaitable<Response> Connection::stream_to_sink(std::unique_ptr<BodySink> sink, std::int64_t bytes_max) {
  const bool continued = co_await continue_100();
  Body outcome = continued ? Body::piece : Body::closed;
  const auto buffer = std::make_unique_for_overwrite<char[]>(piece_bytes);
  std::optional<Response> response;
  while (outcome == Body::piece) {
    std::size_t filled = 0;
    outcome = co_await read_body({buffer.get(), piece_bytes}, filled, bytes_max);
    auto hand_over = [&] {
      try {
        if (filled > 0) {
          if (auto written = sink->write({buffer.get(), filled}); !written) response = problem(written.error());
        }
        if (!response && outcome == Body::piece) return;
        if (!response && outcome == Body::end)
          response = sink->finish();
        else
          sink->abort();
      } catch (...) {
        log_exception(endpoint_->pattern, "http.sink_failed");
        response = problem({Errc::internal, "something went wrong here; it has been noted"});
      }
      sink.reset();
    };
    co_await on_worker(hand_over);
    if (!sink) break;
  }
  if (sink) {  // the connection failed before the first piece
    auto give_up = [&] {
      sink->abort();
      sink.reset();
    };
    co_await on_worker(give_up);
  }
  if (outcome == Body::closed) aborted_ = true;
  if (body_left()) keep_alive_ = false;
  if (response) co_return std::move(*response);
  co_return body_problem(outcome, bytes_max);
}

namespace {

/// How a response goes out once conditions and ranges have been looked at.
struct Plan {
  HeadFacts facts;
  std::int64_t offset = 0;
  std::int64_t length = 0;
  std::string content_range;
};

bool not_modified(const Request& request, const Response& response) {
  if (response.status != 200 || (request.method != Method::get && request.method != Method::head)) return false;
  const auto condition = request.headers.find("If-None-Match");
  const auto etag = response.headers.find("ETag");
  return condition && etag && names_etag(*condition, *etag);
}

/// If-Range (RFC 9110 §13.1.5): a strong tag or a date that is exactly ours.
bool range_still_holds(const Request& request, const Response& response) {
  const auto condition = request.headers.find("If-Range");
  if (!condition) return true;
  if (condition->starts_with("W/")) return false;
  return *condition == response.headers.get("ETag") ||
         (!condition->empty() && *condition == response.headers.get("Last-Modified"));
}

void plan_file(const Request& request, const Response& response, std::int64_t size, Plan& plan) {
  plan.length = size;
  plan.facts.accept_ranges = response.status == 200;
  const auto field = request.headers.find("Range");
  if (!field || response.status != 200 || request.method != Method::get || !range_still_holds(request, response))
    return;
  const ByteRange range = parse_range(*field, size);
  if (range.kind == ByteRange::Kind::whole) return;
  if (range.kind == ByteRange::Kind::unsatisfiable) {
    plan.facts.status = 416;
    plan.length = 0;
    plan.content_range = fmt::format("bytes */{}", size);
    return;
  }
  plan.facts.status = 206;
  plan.offset = range.first;
  plan.length = range.last - range.first + 1;
  plan.content_range = fmt::format("bytes {}-{}/{}", range.first, range.last, size);
}

std::string_view bytes_of(const Response& response) {
  if (const auto* text = std::get_if<std::string>(&response.body)) return *text;
  if (const auto* fixed = std::get_if<StaticBody>(&response.body)) return fixed->bytes;
  return {};
}

}  // namespace

Awaitable<void> Connection::send(Response response) {
  if (aborted_) co_return;
  if (shared_.draining) keep_alive_ = false;
  if (auto* events = std::get_if<EventStreamBody>(&response.body)) {
    keep_alive_ = false;
    co_await send_events(response, *events);
    co_return;
  }
  const auto* file = std::get_if<FileBody>(&response.body);
  Plan plan;
  plan.facts.status = response.status;
  if (not_modified(request_, response)) {
    plan.facts.status = 304;
  } else if (file) {
    plan_file(request_, response, file->size, plan);
  } else {
    plan.length = static_cast<std::int64_t>(bytes_of(response).size());
  }
  const int status = plan.facts.status;
  if (status != 304 && status != 204) plan.facts.content_length = plan.length;
  plan.facts.content_range = plan.content_range;
  plan.facts.now = std::time(nullptr);
  plan.facts.connection = !keep_alive_ ? HeadFacts::Connection::close
                          : http10_    ? HeadFacts::Connection::keep_explicit
                                       : HeadFacts::Connection::keep;
  out_.clear();
  render_head(plan.facts, response.headers, shared_.router.impl().default_headers, out_);

  const bool with_body = request_.method != Method::head && status != 304 && status != 204 && plan.length > 0;
  Sent sent;
  if (file && with_body) {
    sent = co_await send_bytes(out_, {}, true);
    if (sent == Sent::all) sent = co_await send_file(*file, plan.offset, plan.length);
  } else {
    sent = co_await send_bytes(out_, with_body ? bytes_of(response) : std::string_view(), false);
  }
  if (sent == Sent::failed) aborted_ = true;
  const auto* metrics = endpoint_ ? endpoint_->metrics.get() : shared_.unparsed.get();
  metrics->record(status, std::chrono::duration<double>(SteadyClock::now() - head_at_).count());
}

Awaitable<bool> Connection::wait_writable() {
  if (aborted_) co_return false;
  answers_without_wait_ = 0;
  wait_for(Waiting::writing, shared_.options.write_timeout_ms);
  auto [error] = co_await socket_.async_wait(Socket::wait_write, as_value);
  waiting_ = Waiting::nothing;
  const bool timed_out = std::exchange(timed_out_, false);
  co_return !error && !timed_out && !aborted_;
}

Awaitable<Connection::Sent> Connection::send_bytes(std::string_view head, std::string_view body, bool more_follows) {
  const int flags = MSG_NOSIGNAL | MSG_DONTWAIT | (more_follows ? MSG_MORE : 0);
  while (true) {
    iovec parts[2] = {{const_cast<char*>(head.data()), head.size()}, {const_cast<char*>(body.data()), body.size()}};
    msghdr message{};
    message.msg_iov = parts;
    message.msg_iovlen = body.empty() ? 1 : 2;
    const ssize_t sent = ::sendmsg(socket_.native_handle(), &message, flags);
    if (sent >= 0) {
      const auto of_head = std::min(static_cast<std::size_t>(sent), head.size());
      head.remove_prefix(of_head);
      body.remove_prefix(static_cast<std::size_t>(sent) - of_head);
      if (head.empty() && body.empty()) co_return Sent::all;
      continue;
    }
    if (errno == EINTR) continue;
    if (errno != EAGAIN && errno != EWOULDBLOCK) co_return Sent::failed;
    const bool writable = co_await wait_writable();
    if (!writable) co_return Sent::failed;
  }
}

Awaitable<Connection::Sent> Connection::send_file(const FileBody& file, std::int64_t offset, std::int64_t length) {
  std::int64_t in_this_turn = 0;
  off_t at = offset;
  while (length > 0) {
    if (aborted_) co_return Sent::failed;
    const std::size_t wanted = std::min(sendfile_bytes, static_cast<std::size_t>(length));
    const ssize_t sent = ::sendfile(socket_.native_handle(), file.descriptor, &at, wanted);
    if (sent > 0) {
      length -= sent;
      in_this_turn += sent;
      if (in_this_turn >= file_turn_bytes && length > 0) {
        in_this_turn = 0;
        co_await asio::post(loop_.context, as_value);
      }
      continue;
    }
    if (sent == 0) co_return Sent::failed;  // the file has shrunk: the promised length cannot be kept
    if (errno == EINTR) continue;
    if (errno != EAGAIN && errno != EWOULDBLOCK) co_return Sent::failed;
    const bool writable = co_await wait_writable();
    if (!writable) co_return Sent::failed;
    in_this_turn = 0;
  }
  co_return Sent::all;
}

/// Sees a client go while nothing is being sent to it.
void Connection::watch_for_hangup(std::shared_ptr<EventChannel> channel) {
  socket_.async_wait(Socket::wait_read, [this, self = shared_from_this(), channel](ErrorCode error) {
    if (error) return;
    char byte;
    const ssize_t peeked = ::recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    if (peeked > 0) return;  // the next request, too early; the connection closes after the stream anyway
    if (peeked < 0 && (errno == EAGAIN || errno == EINTR)) return watch_for_hangup(channel);
    channel->close();
    wake_events();
  });
}

Awaitable<void> Connection::send_events(Response& response, const EventStreamBody& body) {
  if (!response.headers.find("Content-Type")) response.headers.set("Content-Type", "text/event-stream");
  if (!response.headers.find("Cache-Control")) response.headers.set("Cache-Control", "no-store");
  HeadFacts facts;
  facts.status = response.status;
  facts.connection = HeadFacts::Connection::close;
  facts.now = std::time(nullptr);
  out_.clear();
  render_head(facts, response.headers, shared_.router.impl().default_headers, out_);
  endpoint_->metrics->record(response.status, std::chrono::duration<double>(SteadyClock::now() - head_at_).count());
  const Sent head_sent = co_await send_bytes(out_, {}, false);
  if (head_sent == Sent::failed || request_.method == Method::head) co_return;

  events_ = std::make_shared<EventChannel>([this, weak = weak_from_this()] {
    asio::post(loop_.context, [weak] {
      if (const auto self = weak.lock()) self->wake_events();
    });
  });
  watch_for_hangup(events_);
  auto start = [&] {
    try {
      body.run(std::make_shared<ChannelSender>(events_));
    } catch (...) {
      log_exception(endpoint_->pattern, "http.event_stream_failed");
    }
  };
  if (endpoint_->options.run == Run::inline_)
    start();
  else
    co_await on_worker(start);

  bool idle = false;
  while (!aborted_ && !shared_.draining) {
    events_woken_ = false;
    auto taken = events_->take();
    if (taken.closed) break;
    if (taken.bytes.empty() && idle) taken.bytes = ":\n\n";  // a comment: keeps intermediaries from closing
    idle = false;
    if (!taken.bytes.empty()) {
      const Sent event_sent = co_await send_bytes(taken.bytes, {}, false);
      if (event_sent == Sent::failed) break;
    }
    if (taken.ended) break;
    if (events_woken_) continue;  // something came while sending
    event_timer_.expires_after(std::chrono::milliseconds(shared_.options.event_heartbeat_ms));
    auto [error] = co_await event_timer_.async_wait(as_value);
    idle = !error;
  }
  events_->close();
  ErrorCode ignored;
  socket_.cancel(ignored);
}

/// Ends sending, then reads on for a moment: closing with unread bytes would reset the connection and could take the
/// answer away from a client that has not read it yet.
Awaitable<void> Connection::linger() {
  ErrorCode error;
  socket_.shutdown(asio::socket_base::shutdown_send, error);
  if (error) co_return;
  wait_for(Waiting::lingering, linger_ms);
  const auto until = deadline_;
  char discarded[4096];
  while (SteadyClock::now() < until) {
    waiting_ = Waiting::lingering;
    std::size_t count = 0;
    const Read read = co_await read_into(discarded, sizeof discarded, count, Waiting::lingering);
    if (read != Read::ok) co_return;
  }
}

}  // namespace vitrine::http
