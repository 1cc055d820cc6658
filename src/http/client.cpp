#include "http/client.hpp"

#include <sys/socket.h>

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

#include "http/listener.hpp"

namespace vitrine::http {
namespace {

namespace beast = boost::beast;
constexpr std::uint32_t client_header_bytes_max = 64 << 10;

struct Destination {
  std::string host, port, authority;
  std::string socket_file;  ///< instead of host and port
};

Result<Destination> parse_base(std::string_view url) {
  constexpr std::string_view scheme = "http://";
  if (url.starts_with(unix_prefix))
    return Destination{"", "", "localhost", std::string(url.substr(unix_prefix.size()))};
  if (!url.starts_with(scheme)) return fail(Errc::invalid_argument, "'{}' does not begin with http:// or unix:", url);
  url.remove_prefix(scheme.size());
  url = url.substr(0, url.find('/'));
  Destination address;
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
  Impl(std::string url, ClientOptions client_options) : base_url(std::move(url)), options(client_options) {}

  std::string base_url;
  ClientOptions options;
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
    context.run_for(std::chrono::milliseconds(options.timeout_ms));
    if (ended) return outcome;
    ErrorCode ignored;
    socket->close(ignored);
    context.restart();
    context.run();
    return asio::error::timed_out;
  }

  Result<void> connect(const Destination& target);
  Result<std::vector<Address>> addresses_of(const Destination& target);
  void drop_unless_idle();
  enum class Failure { none, before_answer, timed_out, too_large, broken };
  Failure exchange(const std::string& request, bool is_head, ClientResponse& response);
};

Result<std::vector<Address>> Client::Impl::addresses_of(const Destination& target) {
  std::vector<Address> out;
  if (!target.socket_file.empty()) {
    VT_TRY(out.emplace_back(), unix_address(target.socket_file));
    return out;
  }
  ErrorCode error;
  asio::ip::tcp::resolver resolver(context);
  const auto found = resolver.resolve(target.host, target.port, error);
  if (error) return fail(Errc::unavailable, "cannot resolve {}: {}", target.host, error.message());
  for (const auto& entry : found) out.emplace_back(entry.endpoint());
  return out;
}

Result<void> Client::Impl::connect(const Destination& target) {
  VT_TRY(const auto addresses, addresses_of(target));
  ErrorCode error;
  buffer.clear();
  for (const auto& address : addresses) {
    socket.emplace(context);
    error = finish([&](auto handler) { socket->async_connect(address, std::move(handler)); });
    if (error) continue;
    if (target.socket_file.empty()) socket->set_option(asio::ip::tcp::no_delay(true), error);
    return {};
  }
  socket.reset();
  return fail(Errc::unavailable, "cannot connect to {}: {}", base_url, error.message());
}

/// Gives up a connection that the server has closed, or on which it says more than it was asked: the next answer would
/// be taken for another's.
void Client::Impl::drop_unless_idle() {
  if (!socket) return;
  char byte;
  const ssize_t peeked = ::recv(socket->native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  const bool idle = peeked < 0 && (errno == EAGAIN || errno == EWOULDBLOCK) && buffer.size() == 0;
  if (!idle) socket.reset();
}

Client::Impl::Failure Client::Impl::exchange(const std::string& request, bool is_head, ClientResponse& response) {
  // A server may answer, and close, before it has read a whole body: an answer that is there counts more than a
  // failed write.
  const ErrorCode write_error =
      finish([&](auto handler) { asio::async_write(*socket, asio::buffer(request), std::move(handler)); });
  if (write_error == asio::error::timed_out || !socket->is_open()) return Failure::timed_out;
  beast::http::response_parser<beast::http::string_body> parser;
  parser.body_limit(options.body_bytes_max);
  parser.header_limit(client_header_bytes_max);
  parser.skip(is_head);
  const ErrorCode error =
      finish([&](auto handler) { beast::http::async_read(*socket, buffer, parser, std::move(handler)); });
  if (error == asio::error::timed_out) return Failure::timed_out;
  if (error == beast::http::error::body_limit) return Failure::too_large;
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

Client::Client(std::string base_url, ClientOptions options)
    : impl_(std::make_unique<Impl>(std::move(base_url), options)) {}
Client::~Client() = default;

Result<void> Client::connect() {
  impl_->drop_unless_idle();
  if (impl_->socket) return {};
  VT_TRY(const Destination address, parse_base(impl_->base_url));
  return impl_->connect(address);
}

Result<ClientResponse> Client::send(Method method, std::string_view target, const Headers& headers,
                                    std::string_view body) {
  VT_TRY(const Destination address, parse_base(impl_->base_url));
  std::string request = fmt::format("{} {} HTTP/1.1\r\n", name(method), target);
  if (!headers.find("Host")) request += fmt::format("Host: {}\r\n", address.authority);
  for (const auto& [key, value] : headers.all()) request += fmt::format("{}: {}\r\n", key, value);
  if (!body.empty() || method == Method::post || method == Method::put || method == Method::patch)
    request += fmt::format("Content-Length: {}\r\n", body.size());
  request.append("\r\n").append(body);

  const bool is_head = method == Method::head;
  impl_->drop_unless_idle();
  bool reused = impl_->socket.has_value();
  ClientResponse response;
  while (true) {
    if (!impl_->socket) VT_CHECK(impl_->connect(address));
    const auto failure = impl_->exchange(request, is_head, response);
    if (failure == Impl::Failure::none) return response;
    impl_->socket.reset();
    if (failure == Impl::Failure::timed_out)
      return fail(Errc::unavailable, "{} did not answer within {} ms", impl_->base_url, impl_->options.timeout_ms);
    if (failure == Impl::Failure::too_large)
      return fail(Errc::too_large, "{} answered with more than {} bytes", impl_->base_url,
                  impl_->options.body_bytes_max);
    // A kept connection may be closed by the server just as we write to it: once more on a new one.
    if (failure != Impl::Failure::before_answer || !std::exchange(reused, false))
      return fail(Errc::unavailable, "{} closed the connection without a whole answer", impl_->base_url);
  }
}

}  // namespace vitrine::http
