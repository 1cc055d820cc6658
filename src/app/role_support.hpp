// What the roles have in common: serving on a socket, reaching each other.
#pragma once
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "http/client.hpp"
#include "http/server.hpp"
#include "log/follower.hpp"

namespace vitrine::app {

[[nodiscard]] Result<std::unique_ptr<http::Server>> start_server(const std::string& listen, http::Router router,
                                                                 int workers);
/// "listening on …" on standard output: whoever started the role waits for it.
void tell_ready(const http::Server& server, const std::string& listen);

/// "https://w.example/prefix" as where to connect and what to ask there.
struct Place {
  std::string base, path;
};
[[nodiscard]] Place place_of(const std::string& url);

/// Connections to one address, each lent to one thread at a time. Thread-safe.
class Clients {
 public:
  explicit Clients(std::string url, http::ClientOptions options = {}) : url_(std::move(url)), options_(options) {}

  /// Whether anything can be sent there. After an error nothing was.
  [[nodiscard]] Result<void> reach();
  /// The answer's body; a problem document becomes the Error it tells of.
  [[nodiscard]] Result<std::string> send(http::Method method, std::string_view target, std::string_view body = {});

 private:
  using Lent = std::unique_ptr<http::Client>;
  [[nodiscard]] Lent take();
  void give_back(Lent client);

  const std::string url_;
  const http::ClientOptions options_;
  std::mutex mutex_;
  std::vector<Lent> idle_;
};

/// Reads a log at http://…, unix:/… or in a directory. Not thread-safe.
[[nodiscard]] tlog::Fetch fetch_from(const std::string& url);

/// The answer's body; a problem document becomes the Error it tells of.
[[nodiscard]] Result<std::string> body_of(Result<http::ClientResponse> answer);

}  // namespace vitrine::app
