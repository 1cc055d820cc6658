// A small blocking HTTP/1.1 client for tests, benches, `vitrine import` and the demo's simulated viewers.
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

/// One keep-alive connection; reconnects once when the server has closed it. Not thread-safe.
class Client {
 public:
  /// "http://127.0.0.1:8080"
  explicit Client(std::string base_url, std::int64_t timeout_ms = 30'000);
  ~Client();
  [[nodiscard]] Result<ClientResponse> send(Method method, std::string_view target, const Headers& headers = {},
                                            std::string_view body = {});

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace vitrine::http
