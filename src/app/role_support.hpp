// What the roles have in common: serving on a socket, reaching each other.
#pragma once
#include <memory>
#include <string>

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

/// Reads a log at http://…, unix:/… or in a directory. Not thread-safe.
[[nodiscard]] tlog::Fetch fetch_from(const std::string& url);

/// The answer's body; a problem document becomes the Error it tells of.
[[nodiscard]] Result<std::string> body_of(Result<http::ClientResponse> answer);

}  // namespace vitrine::app
