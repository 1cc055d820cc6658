#include "api/api.hpp"

#include "api/guard.hpp"
#include "api/idempotency.hpp"

namespace vitrine::api {

http::Handler answer(Rooms& rooms, Result<http::Response> (*resource)(Rooms&, const http::Request&)) {
  const http::Handler call = [&rooms, resource](const http::Request& request) {
    auto response = resource(rooms, request);
    return response ? std::move(*response) : http::problem(response.error());
  };
  return [&rooms, call](const http::Request& request) { return rooms.idempotency.once(request, call); };
}

http::Router make_router(Rooms& rooms) {
  http::Router router;
  router.set_default_headers(security_headers());
  router.set_guard(
      [guard = std::make_shared<Guard>(rooms.clock)](const http::Request& request, std::string_view pattern) {
        return guard->check(request, pattern);
      });
  add_accounts(router, rooms);
  add_passkeys(router, rooms);
  add_email(router, rooms);
  add_my_data(router, rooms);
  add_staff(router, rooms);
  add_reports(router, rooms);
  add_moderation(router, rooms);
  add_profiles(router, rooms);
  add_videos(router, rooms);
  add_people(router, rooms);
  add_comments(router, rooms);
  add_notifications(router, rooms);
  add_push(router, rooms);
  add_collections(router, rooms);
  add_captions(router, rooms);
  add_credits(router, rooms);
  add_playlists(router, rooms);
  add_reposts(router, rooms);
  add_oembed(router, rooms);
  add_uploads(router, rooms);
  add_feed(router, rooms);
  add_limits(router, rooms);
  add_families(router, rooms);
  add_preferences(router, rooms);
  add_search(router, rooms);
  add_verification(router, rooms);
  add_analytics(router, rooms);
  add_events(router, rooms);
  add_media(router, rooms);
  add_glass(router, rooms);
  add_official(router, rooms);
  add_demands(router, rooms);
  add_service(router, rooms);
  add_pages(router, rooms);
  return router;
}

}  // namespace vitrine::api
