// Public profiles and who follows whom.
#include "api/api.hpp"
#include "api/caller.hpp"
#include "api/render.hpp"
#include "feed/feed.hpp"
#include "social/follows.hpp"
#include "social/notifications.hpp"
#include "social/people.hpp"

namespace vitrine::api {
namespace {

using http::Request;
using http::Response;

Result<Response> get_profile(Rooms& rooms, const Request& request) {
  const Caller caller = caller_of(rooms, request);
  VT_TRY(const auto account, visible_account(rooms, caller, request.parameter("handle")));
  return json_response(200, profile_json(rooms, caller, account));
}

Result<Response> get_videos(Rooms& rooms, const Request& request) {
  const Caller caller = caller_of(rooms, request);
  VT_TRY(const auto account, visible_account(rooms, caller, request.parameter("handle")));
  VT_TRY(const auto page, rooms.videos.by_creator(account.id, caller_id(caller),
                                                  request.query_value("cursor").value_or(""), videos_page_items));
  return json_response(200, video_page_json(rooms, caller, page));
}

Result<Response> set_follow(Rooms& rooms, const Request& request) {
  const bool on = request.method == http::Method::put;
  VT_TRY(const auto caller, signed_in_caller(rooms, request));
  VT_TRY(const auto creator, visible_account(rooms, caller, request.parameter("handle")));
  VT_TRY(const auto standing, rooms.people.standing(caller.account->id, creator.id));
  if (on && standing.blocked) return fail(Errc::conflict, "you have blocked this person: unblock them first");
  VT_CHECK(rooms.follows.set(caller.account->id, creator.id, on));
  VT_CHECK(rooms.feed.follow(caller.viewer, creator.id, on));
  if (on) rooms.notifications.tell({social::NotificationKind::follow, creator.id, caller.account->id, "", ""});
  VT_TRY(const auto counts, rooms.follows.counts(creator.id));
  return json_response(200, {{"following", on}, {"followers", counts.followers}});
}

}  // namespace

void add_profiles(http::Router& router, Rooms& rooms) {
  using http::Method;
  router.add(Method::get, "/api/v1/profiles/{handle}", answer(rooms, get_profile));
  router.add(Method::get, "/api/v1/profiles/{handle}/videos", answer(rooms, get_videos));
  router.add(Method::put, "/api/v1/profiles/{handle}/follow", answer(rooms, set_follow));
  router.add(Method::del, "/api/v1/profiles/{handle}/follow", answer(rooms, set_follow));
}

}  // namespace vitrine::api
