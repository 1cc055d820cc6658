#include "http/client.hpp"

#include <sys/socket.h>

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

#include "http/asio.hpp"

namespace vitrine::http {
namespace {

namespace beast = boost::beast;
constexpr std::uint64_t client_body_bytes_max = 4ULL << 30;
constexpr std::uint32_t client_header_bytes_max = 64 << 10;

struct Address {
  std::string host, port, authority;
};

Result<Address> parse_base(std::string_view url) {
  constexpr std::string_view scheme = "http://";
  if (!url.starts_with(scheme)) return fail(Errc::invalid_argument, "'{}' does not begin with http://", url);
  url.remove_prefix(scheme.size());
  url = url.substr(0, url.find('/'));
  Address address;
  address.authority = url;
  const std::size_t colon = url.rfind(':');
  const bool has_port = colon != url.npos && url.find(']', colon) == url.npos;
  auto host = has_port ? url.substr(0, colon) : url;
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  address.host = host;
  address.port = has_port ? url.substr(colon + 1) : "80";
  if (address.host.empty() || address.port.empty()) return fail(Errc::invalid_argument, "the address names no host");
  return address;
}

}  // namespace

struct Client::Impl {
  Impl(std::string url, std::int64_t timeout) : base_url(std::move(url)), timeout_ms(timeout) {}

  std::string base_url;
  std::int64_t timeout_ms;
  asio::io_context context{1};
  std::optional<Socket> socket;
  beast::flat_buffer buffer;

  /// Runs one asynchronous operation to its end or to the timeout. `start` gets a handler (error_code, …).
  template <class Start>
  ErrorCode finish(const Start& start) {
    ErrorCode outcome = asio::error::timed_out;
    bool ended = false;
    start([&](ErrorCode error, auto&&...) {
      outcome = error;
      ended = true;
    });
    context.restart();
    context.run_for(std::chrono::milliseconds(timeout_ms));
    if (ended) return outcome;
    ErrorCode ignored;
    socket->close(ignored);
    context.restart();
    context.run();
    return asio::error::timed_out;
  }

  Result<void> connect(const Address& address);
  [[nodiscard]] bool closed_by_server() const;
  enum class Failure { none, before_answer, timed_out, broken };
  Failure exchange(const std::string& request, bool is_head, ClientResponse& response);
};

Result<void> Client::Impl::connect(const Address& address) {
  ErrorCode error;
  asio::ip::tcp::resolver resolver(context);
  const auto found = resolver.resolve(address.host, address.port, error);
  if (error) return fail(Errc::unavailable, "cannot resolve {}: {}", address.host, error.message());
  buffer.clear();
  for (const auto& entry : found) {
    socket.emplace(context);
    error = finish([&](auto handler) { socket->async_connect(entry.endpoint(), std::move(handler)); });
    if (error) continue;
    socket->set_option(asio::ip::tcp::no_delay(true), error);
    return {};
  }
  socket.reset();
  return fail(Errc::unavailable, "cannot connect to {}: {}", base_url, error.message());
}

bool Client::Impl::closed_by_server() const {
  char byte;
  const ssize_t peeked = ::recv(const_cast<Socket&>(*socket).native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return peeked == 0 || (peeked < 0 && errno != EAGAIN && errno != EWOULDBLOCK);
}

Client::Impl::Failure Client::Impl::exchange(const std::string& request, bool is_head, ClientResponse& response) {
  // A server may answer, and close, before it has read a whole body: an answer that is there counts more than a
  // failed write.
  const ErrorCode write_error =
      finish([&](auto handler) { asio::async_write(*socket, asio::buffer(request), std::move(handler)); });
  if (write_error == asio::error::timed_out || !socket->is_open()) return Failure::timed_out;
  beast::http::response_parser<beast::http::string_body> parser;
  parser.body_limit(client_body_bytes_max);
  parser.header_limit(client_header_bytes_max);
  parser.skip(is_head);
  const ErrorCode error =
      finish([&](auto handler) { beast::http::async_read(*socket, buffer, parser, std::move(handler)); });
  if (error == asio::error::timed_out) return Failure::timed_out;
  if (error) return parser.got_some() ? Failure::broken : Failure::before_answer;
  auto message = parser.release();
  response.status = message.result_int();
  response.headers = {};
  for (const auto& field : message)
    response.headers.add({field.name_string().data(), field.name_string().size()},
                         {field.value().data(), field.value().size()});
  response.body = std::move(message.body());
  if (!message.keep_alive() || write_error) socket.reset();
  return Failure::none;
}

Client::Client(std::string base_url, std::int64_t timeout_ms)
    : impl_(std::make_unique<Impl>(std::move(base_url), timeout_ms)) {}
Client::~Client() = default;

Result<ClientResponse> Client::send(Method method, std::string_view target, const Headers& headers,
                                    std::string_view body) {
  VT_TRY(const Address address, parse_base(impl_->base_url));
  std::string request = fmt::format("{} {} HTTP/1.1\r\n", name(method), target);
  if (!headers.find("Host")) request += fmt::format("Host: {}\r\n", address.authority);
  for (const auto& [key, value] : headers.all()) request += fmt::format("{}: {}\r\n", key, value);
  if (!body.empty() || method == Method::post || method == Method::put || method == Method::patch)
    request += fmt::format("Content-Length: {}\r\n", body.size());
  request.append("\r\n").append(body);

  const bool is_head = method == Method::head;
  if (impl_->socket && impl_->closed_by_server()) impl_->socket.reset();
  bool reused = impl_->socket.has_value();
  ClientResponse response;
  while (true) {
    if (!impl_->socket) VT_CHECK(impl_->connect(address));
    const auto failure = impl_->exchange(request, is_head, response);
    if (failure == Impl::Failure::none) return response;
    impl_->socket.reset();
    if (failure == Impl::Failure::timed_out)
      return fail(Errc::unavailable, "{} did not answer within {} ms", impl_->base_url, impl_->timeout_ms);
    // A kept connection may be closed by the server just as we write to it: once more on a new one.
    if (failure != Impl::Failure::before_answer || !std::exchange(reused, false))
      return fail(Errc::unavailable, "{} closed the connection without a whole answer", impl_->base_url);
  }
}

}  // namespace vitrine::http
