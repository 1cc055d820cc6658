// What people are told of, live as server-sent events, and what they want to be told.
#include "social/notifications.hpp"

#include "api/api.hpp"
#include "api/caller.hpp"
#include "api/render.hpp"
#include "api/social_json.hpp"
#include "social/digest.hpp"
#include "social/push.hpp"

namespace vitrine::api {
namespace {

using http::Request;
using http::Response;

json::object notification_json(const social::Notification& one) {
  return {{"id", one.id},
          {"kind", social::name(one.kind)},
          {"actors", people_json(one.actors)},
          {"count", one.count},
          {"video", text_or_null(one.video)},
          {"comment", text_or_null(one.comment)},
          {"matter", text_or_null(one.matter)},
          {"text", one.text},
          {"created_at", one.created_at},
          {"read", one.read}};
}

Result<Response> get_notifications(Rooms& rooms, const Request& request) {
  VT_TRY(const auto account, require_account(rooms, request));
  VT_TRY(const auto page, rooms.notifications.page(account.id, request.query_value("cursor").value_or("")));
  json::array items;
  for (const auto& one : page.items) items.push_back(notification_json(one));
  return json_response(200, {{"items", std::move(items)}, {"next", text_or_null(page.next)}, {"unread", page.unread}});
}

Result<Response> mark_read(Rooms& rooms, const Request& request) {
  VT_TRY(const auto account, require_account(rooms, request));
  VT_TRY(const auto body, body_object(request));
  VT_TRY(const auto until, text_member(body, "until"));
  VT_TRY(const auto unread, rooms.notifications.read(account.id, until));
  return json_response(200, {{"unread", unread}});
}

Result<Response> stream(Rooms& rooms, const Request& request) {
  VT_TRY(const auto account, require_account(rooms, request));
  VT_CHECK(rooms.notifications.check_watchers(account.id));
  Response response;
  response.headers.set("Content-Type", "text/event-stream");
  response.headers.set("Cache-Control", "no-store");
  response.body = http::EventStreamBody{[&rooms, id = account.id](std::shared_ptr<http::EventSender> sender) {
    // Refused when others were quicker: the stream ends at once, and the browser tries again.
    (void)rooms.notifications.watch(id, [sender = std::move(sender)](std::int64_t unread) {
      return sender->send("unread", json::serialize(json::object{{"unread", unread}}));
    });
  }};
  return response;
}

Result<Response> settings_response(Rooms& rooms, std::string_view account) {
  VT_TRY(const auto settings, notification_settings_json(rooms, account));
  return json_response(200, settings);
}

Result<Response> get_settings(Rooms& rooms, const Request& request) {
  VT_TRY(const auto account, require_account(rooms, request));
  return settings_response(rooms, account.id);
}

json::object wanted_json(const social::Unwanted& unwanted) {
  json::object out;
  for (const auto kind : social::notification_kinds) out[social::name(kind)] = !unwanted.contains(kind);
  return out;
}

/// All members are asked for, as in all settings.
Result<social::Unwanted> read_wanted(const json::object& object) {
  social::Unwanted unwanted;
  for (const auto kind : social::notification_kinds) {
    const auto* value = object.if_contains(social::name(kind));
    if (!value || !value->is_bool())
      return fail(Errc::invalid_argument, "member \"{}\" must be true or false", social::name(kind));
    if (!value->get_bool()) unwanted.insert(kind);
  }
  return unwanted;
}

/// "push" and "digest" stay as they are when they are not named.
Result<Response> put_settings(Rooms& rooms, const Request& request) {
  VT_TRY(const auto account, require_account(rooms, request));
  VT_TRY(const auto body, body_object(request));
  VT_TRY(const auto unwanted, read_wanted(body));
  VT_TRY(const auto digest, optional_text_member(body, "digest"));
  const auto* push = body.if_contains("push");
  if (push && push->is_null()) push = nullptr;
  if (push && !push->is_object()) return fail(Errc::invalid_argument, "member \"push\" must be an object");
  // All is read before anything is kept.
  std::optional<social::Unwanted> unpushed;
  if (push) {
    VT_TRY(unpushed, read_wanted(push->get_object()));
  }
  if (digest) {
    VT_TRY(const auto rhythm, social::read_rhythm(*digest));
    VT_CHECK(rooms.digests.set_rhythm(account, rhythm));
  }
  if (unpushed) VT_CHECK(rooms.push.set_unwanted(account.id, *unpushed));
  VT_CHECK(rooms.notifications.set_unwanted(account.id, unwanted));
  return settings_response(rooms, account.id);
}

/// Who has the link may; a mail program posts here by itself (RFC 8058), so whatever the body says is not looked at.
Result<Response> unsubscribe(Rooms& rooms, const Request& request) {
  VT_CHECK(rooms.digests.unsubscribe(request.query_value("token").value_or("")));
  return json_response(200, {{"digest", social::name(social::DigestRhythm::never)}});
}

}  // namespace

Result<json::object> notification_settings_json(Rooms& rooms, std::string_view account) {
  VT_TRY(const auto unwanted, rooms.notifications.unwanted(account));
  VT_TRY(const auto unpushed, rooms.push.unwanted(account));
  auto out = wanted_json(unwanted);
  out["push"] = wanted_json(unpushed);
  VT_TRY(const auto rhythm, rooms.digests.rhythm(account));
  out["digest"] = social::name(rhythm);
  return out;
}

void add_notifications(http::Router& router, Rooms& rooms) {
  using http::Method;
  router.add(Method::get, "/api/v1/notifications", answer(rooms, get_notifications));
  router.add(Method::post, "/api/v1/notifications/read", answer(rooms, mark_read));
  router.add(Method::get, "/api/v1/notifications/stream", answer(rooms, stream));
  router.add(Method::get, "/api/v1/account/notification-settings", answer(rooms, get_settings));
  router.add(Method::put, "/api/v1/account/notification-settings", answer(rooms, put_settings));
  router.add(Method::post, "/api/v1/unsubscribe", answer(rooms, unsubscribe));
}

}  // namespace vitrine::api
