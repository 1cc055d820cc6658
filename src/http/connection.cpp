#include "http/connection.hpp"

#include <cerrno>

#include "http/text.hpp"

namespace vitrine::http {
namespace {

constexpr std::size_t input_bytes_min = 4 << 10;       // kept by an idle connection
constexpr std::size_t chunked_input_bytes = 64 << 10;  // also the longest chunk extension or trailer
constexpr std::size_t body_step_bytes = 64 << 10;
constexpr int answers_per_turn = 32;
constexpr std::int64_t linger_ms = 2'000;
constexpr std::int64_t body_rate_grace_ms = 30'000;

std::int64_t ms(SteadyClock::duration duration) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
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
  request_.client_address = client.to_string();
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
