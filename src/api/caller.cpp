#include "api/caller.hpp"

#include <fmt/chrono.h>

#include "api/family.hpp"
#include "base/crypto.hpp"
#include "base/log.hpp"

namespace vitrine::api {
namespace {

constexpr std::int64_t viewer_cookie_age_s = 365LL * 24 * 3600;
constexpr std::int64_t session_cookie_age_s = social::session_lifetime_ms / 1000;
constexpr std::size_t viewer_random_bytes = 16;
constexpr std::size_t viewer_characters = 22;

std::string token_of(const http::Request& request) {
  constexpr std::string_view scheme = "Bearer ";
  const auto authorization = request.headers.get("Authorization");
  if (authorization.starts_with(scheme)) return std::string(authorization.substr(scheme.size()));
  return std::string(request.cookie(session_cookie).value_or(""));
}

bool is_viewer(std::string_view text) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  };
  return text.size() == viewer_characters && std::ranges::all_of(text, allowed);
}

/// On the first visit after their 18th birthday.
void let_grow_up(Rooms& rooms, Caller& caller) {
  const TimeMs adult_from_ms = caller.personal->adult_from_ms;
  if (caller.account->age_band != social::AgeBand::minor || adult_from_ms == 0 || rooms.clock.now() < adult_from_ms)
    return;
  if (const auto done = come_of_age(rooms, *caller.account); !done)
    log::warning("family.come_of_age", {{"error", done.error().message}});
}

}  // namespace

Caller caller_of(Rooms& rooms, const http::Request& request) {
  Caller caller{.token = token_of(request)};
  if (!caller.token.empty()) {
    if (auto current = rooms.accounts.by_token(caller.token); current && *current) {
      caller.account = std::move((*current)->account);
      caller.signed_in_at = (*current)->signed_in_at;
      if (auto personal = custody::read_personal((*current)->secret)) {
        caller.viewer = personal->viewer;
        caller.personal = std::move(*personal);
        let_grow_up(rooms, caller);
        return caller;
      }
    }
  }
  caller.viewer = stranger_of(request);
  caller.new_viewer = caller.viewer.empty();
  if (caller.new_viewer) caller.viewer = crypto::random_token(viewer_random_bytes);
  return caller;
}

std::string stranger_of(const http::Request& request) {
  const auto cookie = request.cookie(viewer_cookie).value_or("");
  return is_viewer(cookie) ? std::string(cookie) : "";
}

Result<Caller> signed_in_or_suspended(Rooms& rooms, const http::Request& request) {
  auto caller = caller_of(rooms, request);
  if (!caller.account) return fail(Errc::unauthenticated, "sign in first");
  return caller;
}

Result<void> check_not_suspended(const Rooms& rooms, const social::Account& account) {
  if (!account.is_suspended(rooms.clock.now())) return {};
  return fail(Errc::forbidden,
              "this account is suspended until {:%Y-%m-%d %H:%M} UTC: {} Sign in to appeal: there you read the whole "
              "decision and can have another moderator look at it",
              fmt::gmtime(account.suspended_until / 1000), account.suspended_for);
}

Result<Caller> signed_in_caller(Rooms& rooms, const http::Request& request) {
  VT_TRY(auto caller, signed_in_or_suspended(rooms, request));
  VT_CHECK(check_not_suspended(rooms, *caller.account));
  return caller;
}

Result<social::Account> require_account(Rooms& rooms, const http::Request& request) {
  VT_TRY(auto caller, signed_in_caller(rooms, request));
  return std::move(*caller.account);
}

void remember_viewer(http::Response& response, const Caller& caller, const http::Request& request) {
  if (!caller.new_viewer) return;
  response.headers.add("Set-Cookie",
                       http::make_cookie(viewer_cookie, caller.viewer, viewer_cookie_age_s, request.secure));
}

void set_session(http::Response& response, std::string_view token, const http::Request& request) {
  response.headers.add("Set-Cookie", http::make_cookie(session_cookie, token, session_cookie_age_s, request.secure));
  response.headers.add("Set-Cookie", http::make_cookie(viewer_cookie, "", 0, request.secure));
}

void end_session(http::Response& response, const http::Request& request) {
  for (const auto& cookie : {session_cookie, viewer_cookie})
    response.headers.add("Set-Cookie", http::make_cookie(cookie, "", 0, request.secure));
}

std::string origin_of(const Rooms& rooms, const http::Request& request) {
  if (!rooms.public_url.empty()) return rooms.public_url;
  return fmt::format("{}://{}", request.secure ? "https" : "http", request.headers.get("Host"));
}

social::RelyingParty party_of(const Rooms& rooms, const http::Request& request) {
  social::RelyingParty party{.origin = origin_of(rooms, request)};
  std::string_view host = party.origin;
  host.remove_prefix(host.find("://") + 3);
  if (!host.starts_with('[')) host = host.substr(0, host.find(':'));
  party.id = std::string(host);
  return party;
}

}  // namespace vitrine::api
