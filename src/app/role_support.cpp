#include "app/role_support.hpp"

#include <cstdio>

#include "base/files.hpp"
#include "base/json.hpp"

namespace vitrine::app {
namespace {

constexpr std::size_t idle_connections_max = 64;
constexpr std::uint64_t answer_bytes_max = 32 << 20;  // the largest bundle has 16 MiB

Errc code_of(int status) {
  for (const auto code : {Errc::invalid_argument, Errc::unauthenticated, Errc::forbidden, Errc::not_found,
                          Errc::conflict, Errc::gone, Errc::too_large, Errc::unsupported, Errc::unprocessable,
                          Errc::too_many_requests, Errc::unavailable, Errc::storage_full})
    if (http::status_of(code) == status) return code;
  return Errc::internal;
}

}  // namespace

Result<std::unique_ptr<http::Server>> start_server(const std::string& listen, http::Router router, int workers) {
  auto server = std::make_unique<http::Server>(
      http::ServerOptions{.listen = listen, .io_threads = 1, .worker_threads = workers}, std::move(router));
  VT_CHECK(server->start());
  return server;
}

void tell_ready(const http::Server& server, const std::string& listen) {
  const auto where =
      server.port() == 0 ? listen : fmt::format("http://{}:{}", listen.substr(0, listen.rfind(':')), server.port());
  std::printf("listening on %s\n", where.c_str());
  std::fflush(stdout);
}

Place place_of(const std::string& url) {
  if (url.starts_with("unix:")) return {url, ""};
  const auto scheme = url.find("://");
  const auto slash = scheme == url.npos ? url.npos : url.find('/', scheme + 3);
  if (slash == url.npos) return {url, ""};
  auto path = url.substr(slash);
  while (path.ends_with('/')) path.pop_back();
  return {url.substr(0, slash), path};
}

tlog::Fetch fetch_from(const std::string& url) {
  if (!url.starts_with("unix:") && url.find("://") == url.npos)
    return [url](const std::string& path) { return read_file(fmt::format("{}/{}", url, path)); };
  const auto place = place_of(url);
  const auto client =
      std::make_shared<http::Client>(place.base, http::ClientOptions{.body_bytes_max = answer_bytes_max});
  return [client, prefix = place.path](const std::string& path) -> Result<std::string> {
    VT_TRY(auto answer, client->send(http::Method::get, fmt::format("{}/{}", prefix, path)));
    if (answer.status == 200) return std::move(answer.body);
    if (answer.status == 404) return fail(Errc::not_found, "{} is not there", path);
    return fail(Errc::unavailable, "the log answered {} to {}", answer.status, path);
  };
}

Result<std::string> body_of(Result<http::ClientResponse> answer) {
  if (!answer) return std::unexpected(answer.error());
  if (answer->status < 400) return std::move(answer->body);
  const auto problem = parse_json(answer->body);
  std::string_view detail = "it gave no reason";
  if (problem && problem->is_object()) detail = text_member(problem->get_object(), "detail", detail).value_or(detail);
  return fail(code_of(answer->status), "{}", detail);
}

Clients::Lent Clients::take() {
  const std::lock_guard lock(mutex_);
  if (idle_.empty()) return std::make_unique<http::Client>(url_, options_);
  auto client = std::move(idle_.back());
  idle_.pop_back();
  return client;
}

void Clients::give_back(Lent client) {
  const std::lock_guard lock(mutex_);
  if (idle_.size() < idle_connections_max) idle_.push_back(std::move(client));
}

Result<void> Clients::reach() {
  auto client = take();
  VT_CHECK(client->connect());
  give_back(std::move(client));
  return {};
}

Result<std::string> Clients::send(http::Method method, std::string_view target, std::string_view body) {
  auto client = take();
  auto answer = client->send(method, target, {}, body);
  if (answer) give_back(std::move(client));
  return body_of(std::move(answer));
}

}  // namespace vitrine::app
