// A small blocking HTTP/1.1 client: between our own processes, to witnesses and logs, for tests and benches.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "http/message.hpp"

namespace vitrine::http {

struct ClientResponse {
  int status = 0;
  Headers headers;
  std::string body;
};

struct ClientOptions {
  std::int64_t timeout_ms = 30'000;           ///< of each step: connecting, sending, the whole answer
  std::uint64_t body_bytes_max = 4ULL << 30;  ///< of an answer; over it: too_large
};

/// One keep-alive connection; reconnects once when the server has closed it. Not thread-safe.
class Client {
 public:
  /// "http://127.0.0.1:8080", or "unix:/run/vitrine.sock"
  explicit Client(std::string base_url, ClientOptions options = {});
  ~Client();
  /// Connects unless a connection is open already. After an error nothing was sent. Error: unavailable.
  [[nodiscard]] Result<void> connect();
  [[nodiscard]] Result<ClientResponse> send(Method method, std::string_view target, const Headers& headers = {},
                                            std::string_view body = {});

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace vitrine::http
