// The answering half of a connection: handlers, uploads, files, event streams.
#include <cerrno>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "base/log.hpp"
#include "http/compression.hpp"
#include "http/connection.hpp"
#include "http/response_head.hpp"
#include "http/text.hpp"

namespace vitrine::http {
namespace {

constexpr std::size_t piece_bytes = 256 << 10;        // what a sink gets at once
constexpr std::int64_t discard_bytes_max = 64 << 10;  // an unwanted body so long is read over, not cut off
constexpr std::size_t sendfile_bytes = 2 << 20;
constexpr std::int64_t file_turn_bytes = 8 << 20;  // then others on this thread get their turn

void log_exception(std::string_view pattern, std::string_view event) {
  // What an exception says may hold what a person sent: only where it happened is kept.
  log::error(event, {{"route", pattern}});
}

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
    plan.content_range = fmt::format("bytes */{}", size);
    return;
  }
  plan.facts.status = 206;
  plan.offset = range.first;
  plan.length = range.last - range.first + 1;
  plan.content_range = fmt::format("bytes {}-{}/{}", range.first, range.last, size);
}

Response past_the_end(std::int64_t size) {
  return problem(416, "range-not-satisfiable", reason_phrase(416),
                 fmt::format("the range begins past the end: the file has {} bytes", size));
}

std::string_view bytes_of(const Response& response) {
  if (const auto* text = std::get_if<std::string>(&response.body)) return *text;
  if (const auto* fixed = std::get_if<StaticBody>(&response.body)) return fixed->bytes;
  return {};
}

}  // namespace

/// Runs `function` on the pool meant for it and comes back to this thread.
template <class Function>
Awaitable<void> Connection::on_worker(Function& function, Run run) {
  auto& pool = run == Run::computing ? *shared_.computers : *shared_.workers;
  const auto start = [this, &pool, &function](auto handler) {
    asio::post(pool, [this, &function, done = std::move(handler)]() mutable {
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

Awaitable<void> Connection::send_past_body(Response response) {
  const Body outcome = co_await read_whole_body(discard_bytes_max);
  if (outcome != Body::end) keep_alive_ = false;
  co_await send(std::move(response));
}

Awaitable<void> Connection::answer() {
  if (const auto& front = shared_.router.impl().front) {
    if (auto refusal = front(request_)) {
      co_await send_past_body(std::move(*refusal));
      co_return;
    }
  }
  const auto match = shared_.router.impl().match(request_);
  endpoint_ = match.endpoint;
  if (!endpoint_ && (match.allow_mask != 0 || request_.path == "*")) {
    Response response = request_.method == Method::options
                            ? Response::empty(204)
                            : problem(405, "method-not-allowed", reason_phrase(405), "this path has other methods");
    response.headers.set("Allow", allow_field(match.allow_mask));
    co_await send_past_body(std::move(response));
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
  auto call = [&] {
    response = guarded(endpoint, [&] { return endpoint.handler(request_); });
    compress(request_, response);
  };
  const auto& options = endpoint.options;
  if (options.run == Run::inline_ && !(options.blocks && options.blocks(request_)))
    call();
  else
    co_await on_worker(call, options.run);
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
    if (plan.facts.status == 416) {
      response = past_the_end(file->size);
      file = nullptr;
    }
  }
  if (!file) plan.length = static_cast<std::int64_t>(bytes_of(response).size());
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

}  // namespace vitrine::http
