// Where a server listens: "host:port", "[v6]:port" or "unix:/path".
#pragma once
#include <string_view>

#include "http/asio.hpp"
#include "http/message.hpp"

namespace vitrine::http {

inline constexpr std::string_view unix_prefix = "unix:";

/// The address of a Unix socket's file. Error: invalid_argument (the path is longer than the system takes).
[[nodiscard]] Result<Address> unix_address(std::string_view path);

/// One server's place to listen. Not thread-safe.
class Listener {
 public:
  /// Errors: invalid_argument.
  [[nodiscard]] static Result<Listener> at(std::string_view listen);
  Listener(Listener&& other) noexcept
      : text_(std::move(other.text_)), address_(other.address_), socket_file_(std::exchange(other.socket_file_, {})) {}
  Listener& operator=(Listener&&) = delete;
  ~Listener();  ///< removes the file of a Unix socket that was bound

  /// Several acceptors can share a port; a Unix socket has one.
  [[nodiscard]] bool is_unix() const { return address_.protocol().family() == AF_UNIX; }
  /// Opens, binds and listens; the first call finds out a free port if port 0 was asked for. A file that a dead server
  /// left is replaced. Error: unavailable (somebody listens there, or may not).
  [[nodiscard]] Result<void> open(Acceptor& acceptor, bool shared_port);
  /// Error: unavailable. A shared port would let a second server of the same user join in silently; only our own
  /// threads may share it.
  [[nodiscard]] Result<void> check_free(Acceptor& probe) const;
  [[nodiscard]] std::uint16_t port() const;  ///< 0: a Unix socket, or not bound yet

 private:
  Listener(std::string text, Address address) : text_(std::move(text)), address_(std::move(address)) {}
  [[nodiscard]] ErrorCode bind(Acceptor& acceptor, bool shared_port) const;
  [[nodiscard]] Result<void> remove_stale_file() const;
  [[nodiscard]] std::string path() const { return text_.substr(unix_prefix.size()); }

  std::string text_;
  Address address_;
  std::string socket_file_;  ///< what we made
};

/// The peer's address; unspecified for a Unix socket.
[[nodiscard]] asio::ip::address ip_of(const Address& address);

}  // namespace vitrine::http
