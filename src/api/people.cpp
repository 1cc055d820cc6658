// Blocks and mutes.
#include "social/people.hpp"

#include "api/api.hpp"
#include "api/caller.hpp"
#include "api/render.hpp"
#include "feed/feed.hpp"
#include "social/notifications.hpp"

namespace vitrine::api {
namespace {

using http::Request;
using http::Response;

Result<Response> set_block(Rooms& rooms, const Request& request) {
  const bool on = request.method == http::Method::put;
  VT_TRY(const auto caller, signed_in_caller(rooms, request));
  // Also somebody who has blocked the caller can be blocked.
  VT_TRY(const auto other, rooms.accounts.by_handle(request.parameter("handle")));
  VT_CHECK(rooms.people.block(caller.account->id, other.id, on));
  if (on) {
    // The other's own pseudonym is unknown here: their feed is filtered when it is rendered.
    VT_CHECK(rooms.feed.follow(caller.viewer, other.id, false));
    rooms.notifications.wake(caller.account->id);
    rooms.notifications.wake(other.id);
  }
  return json_response(200, {{"blocked", on}});
}

Result<Response> set_mute(Rooms& rooms, const Request& request) {
  const bool on = request.method == http::Method::put;
  VT_TRY(const auto caller, signed_in_caller(rooms, request));
  VT_TRY(const auto other, visible_account(rooms, caller, request.parameter("handle")));
  VT_CHECK(rooms.people.mute(caller.account->id, other.id, on));
  if (on) rooms.notifications.wake(caller.account->id);
  return json_response(200, {{"muted", on}});
}

using List = Result<social::PersonPage> (social::People::*)(std::string_view, std::string_view) const;

template <List list>
Result<Response> get_list(Rooms& rooms, const Request& request) {
  VT_TRY(const auto account, require_account(rooms, request));
  VT_TRY(const auto page, (rooms.people.*list)(account.id, request.query_value("cursor").value_or("")));
  return json_response(200, {{"items", people_json(page.items)}, {"next", text_or_null(page.next)}});
}

}  // namespace

void add_people(http::Router& router, Rooms& rooms) {
  using http::Method;
  router.add(Method::put, "/api/v1/profiles/{handle}/block", answer(rooms, set_block));
  router.add(Method::del, "/api/v1/profiles/{handle}/block", answer(rooms, set_block));
  router.add(Method::put, "/api/v1/profiles/{handle}/mute", answer(rooms, set_mute));
  router.add(Method::del, "/api/v1/profiles/{handle}/mute", answer(rooms, set_mute));
  router.add(Method::get, "/api/v1/account/blocks", answer(rooms, get_list<&social::People::blocked_by>));
  router.add(Method::get, "/api/v1/account/mutes", answer(rooms, get_list<&social::People::muted_by>));
}

}  // namespace vitrine::api
