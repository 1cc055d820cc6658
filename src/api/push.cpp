// The browsers that are told of notifications while the app is closed.
#include "social/push.hpp"

#include "api/api.hpp"
#include "api/caller.hpp"
#include "api/render.hpp"
#include "api/social_json.hpp"

namespace vitrine::api {
namespace {

using http::Request;
using http::Response;

/// The push service says which browser it is, and is all that its owner needs to tell one from another.
json::object subscription_json(const social::PushSubscription& one) {
  const auto endpoint = web_push::read_endpoint(one.endpoint);
  return {{"id", one.id},
          {"push_service", endpoint ? json::value(endpoint->host) : json::value(nullptr)},
          {"created_at", one.created_at},
          {"current", one.current}};
}

Result<Response> list(Rooms& rooms, const Request& request) {
  VT_TRY(const auto caller, signed_in_caller(rooms, request));
  VT_TRY(const auto subscriptions, rooms.push.subscriptions(caller.account->id, caller.token));
  json::array items;
  for (const auto& one : subscriptions) items.push_back(subscription_json(one));
  auto response =
      json_response(200, {{"items", std::move(items)}, {"next", nullptr}, {"public_key", rooms.push.public_key()}});
  response.headers.set("Cache-Control", "private, no-store");
  return response;
}

/// The body is what PushSubscription.toJSON() gives in a browser.
Result<Response> subscribe(Rooms& rooms, const Request& request) {
  VT_TRY(const auto caller, signed_in_caller(rooms, request));
  VT_TRY(const auto body, body_object(request));
  VT_TRY(const auto endpoint, text_member(body, "endpoint"));
  const auto* keys = body.if_contains("keys");
  if (!keys || !keys->is_object())
    return fail(Errc::invalid_argument, "member \"keys\" must be an object with \"p256dh\" and \"auth\"");
  VT_TRY(const auto p256dh, text_member(keys->get_object(), "p256dh"));
  VT_TRY(const auto auth, text_member(keys->get_object(), "auth"));
  VT_TRY(const auto made, rooms.push.subscribe(caller.account->id, caller.token, endpoint, p256dh, auth));
  return json_response(201, subscription_json(made));
}

Result<Response> unsubscribe(Rooms& rooms, const Request& request) {
  VT_TRY(const auto account, require_account(rooms, request));
  VT_CHECK(rooms.push.unsubscribe(account.id, request.parameter("id")));
  return Response::empty(204);
}

}  // namespace

Result<json::array> push_subscriptions_json(Rooms& rooms, std::string_view account) {
  VT_TRY(const auto subscriptions, rooms.push.subscriptions(account, ""));
  json::array out;
  for (const auto& one : subscriptions)
    out.push_back({{"id", one.id}, {"endpoint", one.endpoint}, {"created_at", one.created_at}});
  return out;
}

void add_push(http::Router& router, Rooms& rooms) {
  using http::Method;
  router.add(Method::get, "/api/v1/account/push-subscriptions", answer(rooms, list));
  router.add(Method::post, "/api/v1/account/push-subscriptions", answer(rooms, subscribe));
  router.add(Method::del, "/api/v1/account/push-subscriptions/{id}", answer(rooms, unsubscribe));
}

}  // namespace vitrine::api
