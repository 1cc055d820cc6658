// Playlists: a creator's own videos in their order.
#include "social/playlists.hpp"

#include "api/api.hpp"
#include "api/caller.hpp"
#include "api/render.hpp"

namespace vitrine::api {
namespace {

using http::Request;
using http::Response;

/// What is sensitive is veiled wherever it stands, and so is no cover.
bool is_cover(const social::Video& video) {
  return !video.poster_key.empty() && !video.has_label(social::VideoLabel::sensitive);
}

/// `covers` holds the first video of each playlist that has one.
json::object playlist_json(const social::Playlist& playlist, const Caller& caller,
                           std::span<const social::Video> covers) {
  json::value cover = nullptr;
  const auto first = std::ranges::find(covers, playlist.first.value_or(""), &social::Video::id);
  if (first != covers.end() && is_cover(*first)) cover = fmt::format("/{}", first->thumbnail_key);
  return {{"id", playlist.id},
          {"title", playlist.title},
          {"creator", person_json(playlist.creator)},
          {"videos", playlist.videos},
          {"cover", std::move(cover)},
          {"created_at", playlist.created_at},
          {"own", caller_id(caller) == playlist.creator.id}};
}

Result<json::array> playlists_json(Rooms& rooms, const Caller& caller, std::span<const social::Playlist> playlists) {
  std::vector<std::string> firsts;
  for (const auto& one : playlists)
    if (one.first) firsts.push_back(*one.first);
  VT_TRY(const auto covers, rooms.videos.findable(caller_id(caller), firsts));
  json::array items;
  for (const auto& one : playlists) items.push_back(playlist_json(one, caller, covers));
  return items;
}

Result<Response> one_playlist(Rooms& rooms, const Caller& caller, int status, const social::Playlist& playlist) {
  VT_TRY(auto items, playlists_json(rooms, caller, {&playlist, 1}));
  return json_response(status, items.front().as_object());
}

Result<Response> get_of_profile(Rooms& rooms, const Request& request) {
  const Caller caller = caller_of(rooms, request);
  VT_TRY(const auto account, visible_account(rooms, caller, request.parameter("handle")));
  VT_TRY(const auto playlists, rooms.playlists.of_account(account.id, caller_id(caller)));
  VT_TRY(auto items, playlists_json(rooms, caller, playlists));
  return json_response(200, {{"items", std::move(items)}, {"next", nullptr}});
}

Result<Response> get_playlist(Rooms& rooms, const Request& request) {
  const Caller caller = caller_of(rooms, request);
  VT_TRY(const auto page,
         rooms.playlists.page(caller_id(caller), request.parameter("id"), request.query_value("cursor").value_or("")));
  VT_TRY(const auto videos, rooms.videos.findable(caller_id(caller), page.videos));
  VT_TRY(auto head, playlists_json(rooms, caller, {&page.playlist, 1}));
  return json_response(200, {{"playlist", std::move(head.front())},
                             {"items", videos_json(rooms, caller, videos)},
                             {"next", text_or_null(page.next)}});
}

Result<Response> create_playlist(Rooms& rooms, const Request& request) {
  VT_TRY(const auto caller, signed_in_caller(rooms, request));
  VT_TRY(const auto body, body_object(request));
  VT_TRY(const auto title, text_member(body, "title"));
  VT_TRY(const auto made, rooms.playlists.create(caller.account->id, title));
  return one_playlist(rooms, caller, 201, made);
}

Result<Response> rename_playlist(Rooms& rooms, const Request& request) {
  VT_TRY(const auto caller, signed_in_caller(rooms, request));
  VT_TRY(const auto body, body_object(request));
  VT_TRY(const auto title, text_member(body, "title"));
  VT_TRY(const auto renamed, rooms.playlists.rename(caller.account->id, request.parameter("id"), title));
  return one_playlist(rooms, caller, 200, renamed);
}

Result<Response> delete_playlist(Rooms& rooms, const Request& request) {
  VT_TRY(const auto account, require_account(rooms, request));
  VT_CHECK(rooms.playlists.remove(account.id, request.parameter("id")));
  return Response::empty(204);
}

Result<Response> put_videos(Rooms& rooms, const Request& request) {
  VT_TRY(const auto caller, signed_in_caller(rooms, request));
  VT_TRY(const auto body, body_object(request));
  VT_TRY(const auto videos, texts_member(body, "videos"));
  if (!videos) return fail(Errc::invalid_argument, "member \"videos\" must be a list of texts");
  VT_TRY(const auto changed, rooms.playlists.put(caller.account->id, request.parameter("id"), *videos));
  return one_playlist(rooms, caller, 200, changed);
}

}  // namespace

void add_playlists(http::Router& router, Rooms& rooms) {
  using http::Method;
  router.add(Method::get, "/api/v1/profiles/{handle}/playlists", answer(rooms, get_of_profile));
  router.add(Method::post, "/api/v1/playlists", answer(rooms, create_playlist));
  router.add(Method::get, "/api/v1/playlists/{id}", answer(rooms, get_playlist));
  router.add(Method::patch, "/api/v1/playlists/{id}", answer(rooms, rename_playlist));
  router.add(Method::del, "/api/v1/playlists/{id}", answer(rooms, delete_playlist));
  router.add(Method::put, "/api/v1/playlists/{id}/videos", answer(rooms, put_videos));
}

}  // namespace vitrine::api
