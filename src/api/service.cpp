// What tells others about the service itself: health, readiness, the API's description, where to report a hole.
#include "api/api.hpp"
#include "api/openapi.hpp"
#include "store/database.hpp"

namespace vitrine::api {
namespace {

http::Response readiness(Rooms& rooms) {
  if (auto rows = rooms.database.query("SELECT 1"); !rows) {
    return http::problem({Errc::unavailable, "the database does not answer; see the server's log"});
  }
  return http::Response::json(200, R"({"status":"ready"})");
}

/// RFC 9116.
http::Response security_text(const Rooms& rooms) {
  if (rooms.security_contact.empty()) return http::problem({Errc::not_found, "the operator has named no contact"});
  constexpr TimeMs year_ms = 365LL * 24 * 3600 * 1000;
  const std::time_t expires = (rooms.clock.now() + year_ms) / 1000;
  std::tm parts{};
  gmtime_r(&expires, &parts);
  char date[32];
  std::strftime(date, sizeof date, "%Y-%m-%dT00:00:00Z", &parts);
  return http::Response::text(
      200, "text/plain; charset=utf-8",
      fmt::format("Contact: {}\nExpires: {}\nPreferred-Languages: en\n", rooms.security_contact, date));
}

struct ProblemPage {
  std::string_view code, title, advice;
};

constexpr ProblemPage problem_pages[] = {
    {"invalid-argument", "Invalid argument",
     "The request breaks a stated limit or format. The detail names which; mend it and send it again."},
    {"unauthenticated", "Not signed in", "Sign in, or check the handle and password."},
    {"forbidden", "Not allowed", "This account may not do that."},
    {"not-found", "Not found", "There is no such thing here, or it is not visible to you."},
    {"conflict", "Conflict", "It already exists, or has changed meanwhile. Fetch it again, then decide."},
    {"gone", "Gone", "It was here and has been removed, or has expired."},
    {"too-large", "Too large", "It is over a size limit, which the detail names."},
    {"unsupported", "Not supported", "This format or version is not handled."},
    {"unprocessable", "Cannot be carried out",
     "The request is well-formed but cannot be carried out. The detail says why."},
    {"too-many-requests", "Too many requests", "Wait as long as the Retry-After field says, then try again."},
    {"internal", "Our mistake", "Something went wrong on the server. Trying again later may help."},
    {"unavailable", "Not available just now", "A part of the service is away. Try again in a while."},
    {"storage-full", "Storage is full",
     "The server has no room left. What it acknowledged is safe; try again once the operator has made room."},
    {"range-not-satisfiable", "Range not satisfiable",
     "The file ends before this range begins. The Content-Range field says how long it is."},
    {"checksum-mismatch", "Checksum mismatch",
     "The bytes were changed on their way and are not kept. Send them again."},
    {"malformed-request", "Malformed request", "This is not well-formed HTTP/1.1. The detail says where."},
    {"header-too-large", "Header too large", "The request's header is over its limit. Clearing cookies may help."},
    {"request-timeout", "Too slow", "The request did not arrive in time. Send it again, or over a better connection."},
    {"method-not-allowed", "Method not allowed", "This address knows other methods; the Allow field names them."},
    {"method-not-implemented", "Unknown method", "No address here knows this method."},
    {"transfer-encoding", "Transfer-Encoding", "Only chunked is understood."},
    {"http-version", "HTTP version", "HTTP/1.1 is spoken here."},
    {"official-device", "This service declines official devices",
     "The request came from a network or a browser on the operator's list of official devices, which anybody can read "
     "elsewhere at /api/v1/glass/official. Nothing of it was kept. Use a device and a connection of your own."},
    {"expectation", "Expectation", "Only 100-continue can be expected."},
};

http::Response problem_page(std::string_view code) {
  for (const auto& page : problem_pages) {
    if (page.code == code)
      return http::Response::text(200, "text/plain; charset=utf-8", fmt::format("{}\n\n{}\n", page.title, page.advice));
  }
  return http::problem({Errc::not_found, "no such kind of problem"});
}

}  // namespace

void add_service(http::Router& router, Rooms& rooms) {
  const http::RouteOptions quick{.run = http::Run::inline_};
  router.add(
      http::Method::get, "/healthz",
      [](const http::Request&) { return http::Response::json(200, R"({"status":"ok"})"); }, quick);
  router.add(http::Method::get, "/readyz", [&rooms](const http::Request&) { return readiness(rooms); });
  router.add(
      http::Method::get, "/api/v1/openapi.json",
      [](const http::Request&) {
        http::Response response;
        response.headers.set("Content-Type", "application/json");
        response.body = http::StaticBody{openapi_document()};
        return response;
      },
      quick);
  router.add(
      http::Method::get, "/.well-known/security.txt", [&rooms](const http::Request&) { return security_text(rooms); },
      quick);
  router.add(
      http::Method::get, "/problems/{code}",
      [](const http::Request& request) { return problem_page(request.parameter("code")); }, quick);
}

}  // namespace vitrine::api
