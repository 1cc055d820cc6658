#include "http/listener.hpp"

#include <fcntl.h>
#include <map>
#include <mutex>
#include <netinet/in.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/files.hpp"

namespace vitrine::http {
namespace {

constexpr int listen_backlog = 1024;
using ReusePort = asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;

struct HostPort {
  std::string host;
  std::string port;
};

Result<HostPort> split_listen(std::string_view listen) {
  const std::size_t colon = listen.rfind(':');
  if (colon == listen.npos) return fail(Errc::invalid_argument, "'{}' is not HOST:PORT", listen);
  auto host = listen.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  const auto port = listen.substr(colon + 1);
  const bool digits = !port.empty() && port.find_first_not_of("0123456789") == port.npos;
  if (host.empty() || !digits) return fail(Errc::invalid_argument, "'{}' is not HOST:PORT", listen);
  return HostPort{std::string(host), std::string(port)};
}

Result<Address> tcp_address(std::string_view listen) {
  VT_TRY(const HostPort where, split_listen(listen));
  asio::io_context context;
  asio::ip::tcp::resolver resolver(context);
  ErrorCode error;
  const auto found = resolver.resolve(
      where.host, where.port, asio::ip::resolver_base::passive | asio::ip::resolver_base::numeric_service, error);
  if (error || found.empty()) return fail(Errc::invalid_argument, "'{}' is not an address of this machine", listen);
  return Address(found.begin()->endpoint());
}

}  // namespace

namespace {

/// A short name for a directory, good in this process: sockets' paths may be long, addresses may not. The few
/// directories that sockets stand in stay open.
Result<std::string> short_name_of(const std::string& directory) {
  static std::mutex mutex;
  static std::map<std::string, Descriptor> open_directories;
  const std::lock_guard lock(mutex);
  auto& descriptor = open_directories[directory];
  if (!descriptor.open()) descriptor = Descriptor(::open(directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!descriptor.open()) return std::unexpected(system_error("opening a Unix socket's directory", errno));
  return fmt::format("/proc/self/fd/{}", descriptor.get());
}

}  // namespace

Result<Address> unix_address(std::string_view path) {
  constexpr std::size_t address_bytes_max = sizeof(sockaddr_un::sun_path) - 1;
  std::string text(path);
  const auto slash = text.rfind('/');
  if (text.size() > address_bytes_max && slash != text.npos) {
    VT_TRY(const auto directory, short_name_of(text.substr(0, slash)));
    text = directory + text.substr(slash);
  }
  if (text.empty() || text.size() > address_bytes_max)
    return fail(Errc::invalid_argument, "the name of a Unix socket is too long, or there is none: {}", path);
  return Address(asio::local::stream_protocol::endpoint(text));
}

Result<Listener> Listener::at(std::string_view listen) {
  if (listen.starts_with(unix_prefix)) {
    VT_TRY(auto address, unix_address(listen.substr(unix_prefix.size())));
    return Listener(std::string(listen), std::move(address));
  }
  VT_TRY(auto address, tcp_address(listen));
  return Listener(std::string(listen), std::move(address));
}

Listener::~Listener() {
  if (!socket_file_.empty()) ::unlink(socket_file_.c_str());
}

ErrorCode Listener::bind(Acceptor& acceptor, bool shared_port) const {
  ErrorCode error;
  acceptor.open(address_.protocol(), error);
  if (!error && !is_unix()) acceptor.set_option(asio::socket_base::reuse_address(true), error);
  if (!error && shared_port) acceptor.set_option(ReusePort(true), error);
  if (!error) acceptor.bind(address_, error);
  return error;
}

Result<void> Listener::check_free(Acceptor& probe) const {
  if (is_unix() || port() == 0) return {};
  if (const ErrorCode error = bind(probe, false))
    return fail(Errc::unavailable, "cannot listen on {}: {}", text_, error.message());
  return {};
}

/// A socket's file outlives a killed server: nobody answers there.
Result<void> Listener::remove_stale_file() const {
  struct stat status {};
  if (::lstat(path().c_str(), &status) != 0) return {};
  if (!S_ISSOCK(status.st_mode)) return fail(Errc::unavailable, "cannot listen on {}: it is not a socket", text_);
  asio::io_context context;
  Socket probe(context.get_executor());
  ErrorCode error;
  probe.connect(address_, error);
  if (!error) return fail(Errc::unavailable, "cannot listen on {}: another process serves there", text_);
  ::unlink(path().c_str());
  return {};
}

Result<void> Listener::open(Acceptor& acceptor, bool shared_port) {
  if (is_unix()) VT_CHECK(remove_stale_file());
  ErrorCode error = bind(acceptor, shared_port);
  if (!error && is_unix()) {
    // Before it listens nobody can have connected.
    socket_file_ = path();
    if (::chmod(socket_file_.c_str(), S_IRUSR | S_IWUSR) != 0)
      error = ErrorCode(errno, boost::system::system_category());
  }
  if (!error) acceptor.listen(listen_backlog, error);
  if (error) return fail(Errc::unavailable, "cannot listen on {}: {}", text_, error.message());
  if (!is_unix()) address_ = acceptor.local_endpoint();
  return {};
}

std::uint16_t Listener::port() const {
  switch (address_.protocol().family()) {
    case AF_INET: return ntohs(reinterpret_cast<const sockaddr_in*>(address_.data())->sin_port);
    case AF_INET6: return ntohs(reinterpret_cast<const sockaddr_in6*>(address_.data())->sin6_port);
    default: return 0;
  }
}

asio::ip::address ip_of(const Address& address) {
  if (address.size() == 0) return {};
  if (address.protocol().family() == AF_INET)
    return asio::ip::address_v4(ntohl(reinterpret_cast<const sockaddr_in*>(address.data())->sin_addr.s_addr));
  if (address.protocol().family() != AF_INET6) return {};
  asio::ip::address_v6::bytes_type bytes;
  const auto& from = reinterpret_cast<const sockaddr_in6*>(address.data())->sin6_addr;
  std::copy(std::begin(from.s6_addr), std::end(from.s6_addr), bytes.begin());
  return asio::ip::address_v6(bytes);
}

}  // namespace vitrine::http
