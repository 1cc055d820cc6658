// Reposting a video, and what somebody reposts.
#include "social/reposts.hpp"

#include "api/api.hpp"
#include "api/caller.hpp"
#include "api/render.hpp"
#include "social/notifications.hpp"

namespace vitrine::api {
namespace {

using http::Request;
using http::Response;

Result<Response> set_repost(Rooms& rooms, const Request& request) {
  const bool on = request.method == http::Method::put;
  VT_TRY(const auto caller, signed_in_caller(rooms, request));
  VT_TRY(const auto video, usable_video(rooms, caller, request.parameter("id")));
  VT_TRY(const auto reposts, rooms.reposts.set(caller.account->id, video.id, on));
  if (on)
    rooms.notifications.tell({social::NotificationKind::repost, video.creator_id, caller.account->id, video.id, ""});
  return json_response(200, {{"reposted", on}, {"reposts", reposts}});
}

Result<Response> get_reposts(Rooms& rooms, const Request& request) {
  const Caller caller = caller_of(rooms, request);
  VT_TRY(const auto account, visible_account(rooms, caller, request.parameter("handle")));
  VT_TRY(const auto page,
         rooms.reposts.page(account.id, caller_id(caller), request.query_value("cursor").value_or("")));
  VT_TRY(auto videos, rooms.videos.findable(caller_id(caller), page.videos));
  VT_CHECK(drop_hidden(rooms, caller, videos));
  return json_response(200, video_page_json(rooms, caller, {std::move(videos), page.next}));
}

}  // namespace

void add_reposts(http::Router& router, Rooms& rooms) {
  using http::Method;
  router.add(Method::put, "/api/v1/videos/{id}/repost", answer(rooms, set_repost));
  router.add(Method::del, "/api/v1/videos/{id}/repost", answer(rooms, set_repost));
  router.add(Method::get, "/api/v1/profiles/{handle}/reposts", answer(rooms, get_reposts));
}

}  // namespace vitrine::api
