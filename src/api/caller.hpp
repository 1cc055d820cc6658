// Who asks: the account behind a session, and the pseudonym the feed knows them by. The pseudonym of somebody signed
// in is in their session's secret, which only their token opens.
#pragma once
#include <optional>
#include <string>

#include "api/api.hpp"
#include "custody/front.hpp"
#include "social/accounts.hpp"
#include "social/passkeys.hpp"

namespace vitrine::api {

inline constexpr std::string_view session_cookie = "vitrine_session";
inline constexpr std::string_view viewer_cookie = "vitrine_viewer";

struct Caller {
  std::optional<social::Account> account;
  std::string token;  ///< the session's, if signed in
  TimeMs signed_in_at = 0;
  std::optional<custody::Personal> personal;  ///< what the session keeps for them; a new session may not have it yet
  std::string viewer;                         ///< pseudonym; a stranger's is random and lives in a cookie
  bool new_viewer = false;                    ///< the cookie has yet to be set
};

/// The account's id, or nothing for a stranger.
[[nodiscard]] inline std::string_view caller_id(const Caller& caller) {
  return caller.account ? std::string_view(caller.account->id) : std::string_view();
}

/// By the session cookie or "Authorization: Bearer TOKEN". Never fails: without a good session it is a stranger.
[[nodiscard]] Caller caller_of(Rooms& rooms, const http::Request& request);
/// Errors: unauthenticated, forbidden (the account is suspended).
[[nodiscard]] Result<Caller> signed_in_caller(Rooms& rooms, const http::Request& request);
/// For what a suspended account may still do: read what is held and decided about it, appeal, leave. Error:
/// unauthenticated.
[[nodiscard]] Result<Caller> signed_in_or_suspended(Rooms& rooms, const http::Request& request);
/// Error: forbidden, which says until when, why, and what can be done about it.
[[nodiscard]] Result<void> check_not_suspended(const Rooms& rooms, const social::Account& account);
/// Errors: as of signed_in_caller.
[[nodiscard]] Result<social::Account> require_account(Rooms& rooms, const http::Request& request);

/// The pseudonym in the stranger's cookie, or none: who signs up goes on under it.
[[nodiscard]] std::string stranger_of(const http::Request& request);
/// Sets the stranger's cookie if it is new.
void remember_viewer(http::Response& response, const Caller& caller, const http::Request& request);
/// Begins or ends a session in the browser. Either way the stranger's pseudonym goes: it must not outlive the change.
void set_session(http::Response& response, std::string_view token, const http::Request& request);
void end_session(http::Response& response, const http::Request& request);

/// "https://clips.example.org": configured, or as the request names it.
[[nodiscard]] std::string origin_of(const Rooms& rooms, const http::Request& request);
/// For passkeys. Without a configured address the Host header decides, which is safe: the browser signs the origin it
/// is really on and keeps keys of other sites to itself, so a false Host only makes the check fail.
[[nodiscard]] social::RelyingParty party_of(const Rooms& rooms, const http::Request& request);

}  // namespace vitrine::api
