// Videos that people keep for themselves.
#include "social/collections.hpp"

#include "api/api.hpp"
#include "api/caller.hpp"
#include "api/render.hpp"

namespace vitrine::api {
namespace {

using http::Request;
using http::Response;

json::object collection_json(const social::Collection& collection) {
  return {{"id", collection.id},
          {"name", collection.name},
          {"videos", collection.videos},
          {"created_at", collection.created_at}};
}

Result<Response> get_collections(Rooms& rooms, const Request& request) {
  VT_TRY(const auto account, require_account(rooms, request));
  VT_TRY(const auto collections, rooms.collections.of_account(account.id));
  json::array items;
  for (const auto& collection : collections) items.push_back(collection_json(collection));
  return json_response(200, {{"items", std::move(items)}});
}

Result<Response> create_collection(Rooms& rooms, const Request& request) {
  VT_TRY(const auto account, require_account(rooms, request));
  VT_TRY(const auto body, body_object(request));
  VT_TRY(const auto name, text_member(body, "name"));
  VT_TRY(const auto collection, rooms.collections.create(account.id, name));
  return json_response(201, collection_json(collection));
}

Result<Response> rename_collection(Rooms& rooms, const Request& request) {
  VT_TRY(const auto account, require_account(rooms, request));
  VT_TRY(const auto body, body_object(request));
  VT_TRY(const auto name, text_member(body, "name"));
  VT_TRY(const auto collection, rooms.collections.rename(account.id, request.parameter("id"), name));
  return json_response(200, collection_json(collection));
}

Result<Response> delete_collection(Rooms& rooms, const Request& request) {
  VT_TRY(const auto account, require_account(rooms, request));
  VT_CHECK(rooms.collections.remove(account.id, request.parameter("id")));
  return Response::empty(204);
}

Result<Response> put_video(Rooms& rooms, const Request& request) {
  VT_TRY(const auto caller, signed_in_caller(rooms, request));
  VT_TRY(const auto video, usable_video(rooms, caller, request.parameter("video")));
  VT_TRY(const auto collection, rooms.collections.put(caller.account->id, request.parameter("id"), video.id, true));
  return json_response(200, collection_json(collection));
}

/// What can no longer be seen can still be taken out.
Result<Response> take_video(Rooms& rooms, const Request& request) {
  VT_TRY(const auto account, require_account(rooms, request));
  VT_CHECK(rooms.videos.by_id(request.parameter("video")));
  VT_TRY(const auto collection,
         rooms.collections.put(account.id, request.parameter("id"), request.parameter("video"), false));
  return json_response(200, collection_json(collection));
}

Result<Response> get_videos(Rooms& rooms, const Request& request) {
  VT_TRY(const auto caller, signed_in_caller(rooms, request));
  VT_TRY(const auto page, rooms.collections.page(caller.account->id, request.parameter("id"),
                                                 request.query_value("cursor").value_or("")));
  VT_TRY(auto videos, rooms.videos.watchable(caller.account->id, page.videos));
  return json_response(200, video_page_json(rooms, caller, {std::move(videos), page.next}));
}

Result<Response> set_saved(Rooms& rooms, const Request& request) {
  const bool on = request.method == http::Method::put;
  VT_TRY(const auto caller, signed_in_caller(rooms, request));
  VT_TRY(const auto video, usable_video(rooms, caller, request.parameter("id")));
  VT_CHECK(rooms.collections.save(caller.account->id, video.id, on));
  return json_response(200, {{"saved", on}});
}

}  // namespace

void add_collections(http::Router& router, Rooms& rooms) {
  using http::Method;
  router.add(Method::get, "/api/v1/collections", answer(rooms, get_collections));
  router.add(Method::post, "/api/v1/collections", answer(rooms, create_collection));
  router.add(Method::patch, "/api/v1/collections/{id}", answer(rooms, rename_collection));
  router.add(Method::del, "/api/v1/collections/{id}", answer(rooms, delete_collection));
  router.add(Method::get, "/api/v1/collections/{id}/videos", answer(rooms, get_videos));
  router.add(Method::put, "/api/v1/collections/{id}/videos/{video}", answer(rooms, put_video));
  router.add(Method::del, "/api/v1/collections/{id}/videos/{video}", answer(rooms, take_video));
  router.add(Method::put, "/api/v1/videos/{id}/save", answer(rooms, set_saved));
  router.add(Method::del, "/api/v1/videos/{id}/save", answer(rooms, set_saved));
}

}  // namespace vitrine::api
