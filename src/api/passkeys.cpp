// Passkeys: ways in without a password.
#include "social/passkeys.hpp"

#include "api/api.hpp"
#include "api/caller.hpp"
#include "api/moderation.hpp"
#include "api/personal.hpp"
#include "api/render.hpp"

namespace vitrine::api {
namespace {

using http::Request;
using http::Response;

json::object passkey_json(const social::Passkey& passkey) {
  return {{"id", passkey.id},
          {"name", passkey.name},
          {"created_at", passkey.created_at},
          {"last_used_at", passkey.last_used_at ? json::value(*passkey.last_used_at) : json::value(nullptr)}};
}

Result<Response> begin_registration(Rooms& rooms, const Request& request) {
  const Caller caller = caller_of(rooms, request);
  const auto party = party_of(rooms, request);
  if (caller.account) {
    VT_TRY(const auto options, rooms.passkeys.begin_adding(*caller.account, party));
    return json_response(200, options);
  }
  VT_TRY(const auto body, body_object(request));
  VT_TRY(const auto newcomer, newcomer_of(request, body));
  VT_TRY(const auto options, rooms.passkeys.begin_sign_up(newcomer, party));
  return json_response(200, options);
}

Result<Response> finish_registration(Rooms& rooms, const Request& request) {
  const Caller caller = caller_of(rooms, request);
  VT_TRY(const auto body, body_object(request));
  VT_TRY(const auto name, text_member(body, "name", ""));
  VT_TRY(const auto made, rooms.passkeys.finish_registration(body, caller.account ? caller.account->id : "", name,
                                                             party_of(rooms, request)));
  json::object answer{{"passkey", passkey_json(made.passkey)}, {"account", account_json(rooms, made.account)}};
  if (made.token) answer["token"] = *made.token;
  auto response = json_response(201, answer);
  if (made.token) set_session(response, *made.token, request);
  return response;
}

Result<Response> begin_sign_in(Rooms& rooms, const Request& request) {
  return json_response(200, rooms.passkeys.begin_sign_in(party_of(rooms, request)));
}

Result<Response> finish_sign_in(Rooms& rooms, const Request& request) {
  VT_TRY(const auto body, body_object(request));
  VT_TRY(const bool to_appeal, bool_member(body, "appeal", false));
  VT_TRY(const auto made, rooms.passkeys.finish_sign_in(body, party_of(rooms, request)));
  if (!to_appeal) VT_CHECK(refuse_suspended(rooms, made));
  Caller caller{.account = made.account, .token = made.token};
  try_personal(rooms, caller);
  if (caller.personal) note_security_event(rooms, made.account, *caller.personal, request, "signed in by passkey");
  auto response = json_response(200, {{"account", account_json(rooms, made.account)}, {"token", made.token}});
  set_session(response, made.token, request);
  return response;
}

Result<Response> list_passkeys(Rooms& rooms, const Request& request) {
  VT_TRY(const auto account, require_account(rooms, request));
  VT_TRY(const auto held, rooms.passkeys.of_account(account.id));
  json::array items;
  for (const auto& passkey : held) items.push_back(passkey_json(passkey));
  return json_response(200, {{"items", std::move(items)}, {"next", nullptr}});
}

Result<Response> remove_passkey(Rooms& rooms, const Request& request) {
  VT_TRY(const auto account, require_account(rooms, request));
  VT_CHECK(rooms.passkeys.remove(account.id, request.parameter("id")));
  return Response::empty(204);
}

}  // namespace

void add_passkeys(http::Router& router, Rooms& rooms) {
  using http::Method;
  router.add(Method::post, "/api/v1/passkeys/registration", answer(rooms, begin_registration));
  router.add(Method::post, "/api/v1/passkeys", answer(rooms, finish_registration));
  router.add(Method::get, "/api/v1/passkeys", answer(rooms, list_passkeys));
  router.add(Method::del, "/api/v1/passkeys/{id}", answer(rooms, remove_passkey));
  router.add(Method::post, "/api/v1/passkeys/authentication", answer(rooms, begin_sign_in));
  router.add(Method::post, "/api/v1/session/passkey", answer(rooms, finish_sign_in));
}

}  // namespace vitrine::api
