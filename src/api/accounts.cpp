// Accounts and sessions.
#include "social/accounts.hpp"

#include "api/api.hpp"
#include "api/caller.hpp"
#include "api/erase.hpp"
#include "api/moderation.hpp"
#include "api/personal.hpp"
#include "api/render.hpp"
#include "social/regions.hpp"
#include "social/verification.hpp"

namespace vitrine::api {
namespace {

using http::Request;
using http::Response;

/// The answer to a new session; what happened is sealed for the person, if what links them is there or can be opened.
Response signed_in(Rooms& rooms, const Request& request, int status, const social::SignIn& sign_in) {
  Caller caller{.account = sign_in.account, .token = sign_in.token};
  if (auto kept = custody::read_personal(sign_in.secret)) caller.personal = std::move(*kept);
  try_personal(rooms, caller);
  if (caller.personal)
    note_security_event(rooms, sign_in.account, *caller.personal, request, status == 201 ? "signed up" : "signed in");
  auto response = json_response(status, {{"account", account_json(rooms, sign_in.account)}, {"token", sign_in.token}});
  set_session(response, sign_in.token, request);
  return response;
}

Result<Response> get_session(Rooms& rooms, const Request& request) {
  Caller caller = caller_of(rooms, request);
  try_personal(rooms, caller);
  json::value account = nullptr;
  if (caller.account) account = account_json(rooms, *caller.account);
  return json_response(200, {{"account", std::move(account)}});
}

Result<Response> sign_up(Rooms& rooms, const Request& request) {
  VT_TRY(const auto body, body_object(request));
  VT_TRY(const auto password, text_member(body, "password"));
  VT_TRY(const auto newcomer, newcomer_of(request, body));
  VT_TRY(const auto made, rooms.accounts.sign_up(newcomer, password));
  screen_words(rooms, {social::TargetKind::account, made.account.id});
  return signed_in(rooms, request, 201, made);
}

Result<Response> sign_in(Rooms& rooms, const Request& request) {
  VT_TRY(const auto body, body_object(request));
  VT_TRY(const auto handle, text_member(body, "handle"));
  VT_TRY(const auto password, text_member(body, "password"));
  VT_TRY(const bool to_appeal, bool_member(body, "appeal", false));
  const auto made = rooms.accounts.sign_in(handle, password, request.network_token);
  if (made && !to_appeal) VT_CHECK(refuse_suspended(rooms, *made));
  if (made) return signed_in(rooms, request, 200, *made);
  auto response = http::problem(made.error());
  if (made.error().code == Errc::too_many_requests)
    response.headers.set("Retry-After", fmt::to_string(rooms.accounts.retry_after_s(handle, request.network_token)));
  return response;
}

Result<Response> sign_out(Rooms& rooms, const Request& request) {
  const Caller caller = caller_of(rooms, request);
  if (caller.account) VT_CHECK(rooms.accounts.sign_out(caller.token));
  auto response = Response::empty(204);
  end_session(response, request);
  return response;
}

Result<Response> sign_out_everywhere(Rooms& rooms, const Request& request) {
  VT_TRY(const auto caller, signed_in_or_suspended(rooms, request));
  VT_CHECK(rooms.accounts.sign_out_everywhere(caller.account->id));
  auto response = Response::empty(204);
  end_session(response, request);
  return response;
}

Result<Response> edit_account(Rooms& rooms, const Request& request) {
  VT_TRY(const auto caller, signed_in_caller(rooms, request));
  VT_TRY(const auto body, body_object(request));
  VT_TRY(auto display_name, optional_text_member(body, "display_name"));
  VT_TRY(auto bio, optional_text_member(body, "bio"));
  VT_TRY(const auto next, optional_text_member(body, "password"));
  VT_TRY(const auto current, text_member(body, "current_password", ""));
  // Null says that there is to be none.
  if (body.contains("region")) {
    VT_TRY(const auto region, optional_text_member(body, "region"));
    VT_CHECK(rooms.regions.set(caller.account->id, region));
  }
  if (next) {
    VT_CHECK(rooms.accounts.change_password(caller.account->id, current, *next, caller.token));
    if (caller.personal) note_security_event(rooms, *caller.account, *caller.personal, request, "password changed");
  }
  VT_TRY(auto account,
         rooms.accounts.edit(caller.account->id, {.display_name = std::move(display_name), .bio = std::move(bio)}));
  screen_words(rooms, {social::TargetKind::account, account.id});
  VT_CHECK(rooms.verification.renamed(account.id));
  VT_TRY(account, rooms.accounts.by_id(account.id));
  return json_response(200, {{"account", account_json(rooms, account)}});
}

/// Deleting asks for a fresh proof: the password, or (with passkeys only) a session that has just begun.
Result<void> check_fresh(Rooms& rooms, const Caller& caller, const json::object& body) {
  if (caller.account->has_password) {
    VT_TRY(const auto password, text_member(body, "password"));
    return rooms.accounts.check_password(caller.account->id, password);
  }
  if (rooms.clock.now() - caller.signed_in_at > social::recent_sign_in_ms)
    return fail(Errc::unauthenticated, "sign out, sign in again with your passkey, and delete within ten minutes");
  return {};
}

Result<Response> delete_account(Rooms& rooms, const Request& request) {
  VT_TRY(auto caller, signed_in_or_suspended(rooms, request));
  VT_TRY(const auto body, body_object(request));
  VT_CHECK(check_fresh(rooms, caller, body));
  VT_TRY(const auto personal, personal_of(rooms, caller));
  VT_CHECK(erase_account(rooms, *caller.account, personal));
  auto response = Response::empty(204);
  end_session(response, request);
  return response;
}

Result<Response> own_videos(Rooms& rooms, const Request& request) {
  VT_TRY(const auto caller, signed_in_caller(rooms, request));
  std::optional<social::VideoState> state;
  if (const auto name = request.query_value("state")) {
    VT_TRY(state, social::one_of(social::video_states, *name, "state"));
  }
  VT_TRY(const auto page,
         rooms.videos.own(caller.account->id, state, request.query_value("cursor").value_or(""), videos_page_items));
  return json_response(200, video_page_json(rooms, caller, page));
}

}  // namespace

void add_accounts(http::Router& router, Rooms& rooms) {
  using http::Method;
  router.add(Method::get, "/api/v1/session", answer(rooms, get_session));
  router.add(Method::post, "/api/v1/session", answer(rooms, sign_in));
  router.add(Method::del, "/api/v1/session", answer(rooms, sign_out));
  router.add(Method::del, "/api/v1/sessions", answer(rooms, sign_out_everywhere));
  router.add(Method::post, "/api/v1/accounts", answer(rooms, sign_up));
  router.add(Method::patch, "/api/v1/account", answer(rooms, edit_account));
  router.add(Method::del, "/api/v1/account", answer(rooms, delete_account));
  router.add(Method::get, "/api/v1/account/videos", answer(rooms, own_videos));
}

}  // namespace vitrine::api
