// A video's captions: the list, one language as WebVTT, and what its creator does with them.
#include "social/captions.hpp"

#include "api/api.hpp"
#include "api/caller.hpp"
#include "api/moderation.hpp"
#include "api/render.hpp"
#include "base/language.hpp"
#include "media/transcriptions.hpp"

namespace vitrine::api {
namespace {

using http::Request;
using http::Response;

Result<social::CaptionFormat> format_of(const Request& request) {
  const auto type = media_type(request.headers.get("Content-Type"));
  if (type == "text/vtt") return social::CaptionFormat::webvtt;
  if (type == "application/x-subrip") return social::CaptionFormat::subrip;
  return fail(Errc::unsupported, "captions are text/vtt (WebVTT) or application/x-subrip (SubRip)");
}

/// What the list says of a language beyond what stands beside the video.
json::object listed_json(const social::CaptionTrack& track) {
  auto object = caption_track_json(track);
  object["cues"] = track.cues;
  object["updated_at"] = track.updated_at;
  return object;
}

json::object work_json(const media::Transcription& work) {
  return {{"language", work.language}, {"state", media::name(work.state)}, {"detail", work.detail}};
}

Result<Response> list_captions(Rooms& rooms, const Request& request) {
  const auto caller = caller_of(rooms, request);
  VT_TRY(const auto video, visible_video(rooms, caller, request.parameter("id")));
  VT_TRY(const auto tracks, rooms.captions.of_video(video.id));
  json::array items;
  for (const auto& track : tracks) items.push_back(listed_json(track));
  json::array work;
  if (caller_id(caller) == video.creator_id) {
    VT_TRY(const auto transcriptions, rooms.transcriptions.of_video(video.id));
    for (const auto& one : transcriptions) work.push_back(work_json(one));
  }
  return json_response(
      200, {{"items", std::move(items)}, {"engine", rooms.transcriptions.has_engine()}, {"work", std::move(work)}});
}

Result<Response> get_captions(Rooms& rooms, const Request& request) {
  VT_TRY(const auto video, visible_video(rooms, caller_of(rooms, request), request.parameter("id")));
  VT_TRY(const auto language, checked_language(request.parameter("language")));
  VT_TRY(auto text, rooms.captions.webvtt(video.id, language));
  auto response = Response::text(200, "text/vtt; charset=utf-8", std::move(text));
  // An address with its version names one text for ever; who may not see the video any more has read it before.
  response.headers.set("Cache-Control",
                       request.query_value("v") ? "private, max-age=31536000, immutable" : "private, no-store");
  return response;
}

Result<Response> put_captions(Rooms& rooms, const Request& request) {
  VT_TRY(const auto video, own_video(rooms, request, request.parameter("id")));
  VT_TRY(const auto language, checked_language(request.parameter("language")));
  VT_TRY(const auto format, format_of(request));
  if (!video.is_playable()) return fail(Errc::conflict, "this video is not ready yet: captions need its length");
  VT_TRY(const auto cues, social::read_captions(request.body, format, video.duration_ms));
  VT_TRY(const auto track, rooms.captions.put(video.id, language, cues, social::CaptionOrigin::person));
  screen_words(rooms, {social::TargetKind::video, video.id});
  return json_response(200, listed_json(track));
}

Result<void> check_unwritten(Rooms& rooms, const std::string& video, std::string_view language) {
  VT_TRY(const auto tracks, rooms.captions.of_video(video));
  for (const auto& track : tracks)
    if (track.language == language && track.origin == social::CaptionOrigin::person)
      return fail(Errc::conflict, "you have written captions in this language; delete them first");
  return {};
}

Result<Response> write_automatically(Rooms& rooms, const Request& request) {
  VT_TRY(const auto video, own_video(rooms, request, request.parameter("id")));
  VT_TRY(const auto language, checked_language(request.parameter("language")));
  if (!video.is_playable()) return fail(Errc::conflict, "this video is not ready yet: try again once it is");
  if (!video.has_audio) return fail(Errc::unprocessable, "this video has no sound");
  VT_CHECK(check_unwritten(rooms, video.id, language));
  VT_CHECK(rooms.transcriptions.ask(video.id, video.creator_id, language));
  return json_response(202, work_json({.language = language}));
}

Result<Response> delete_captions(Rooms& rooms, const Request& request) {
  VT_TRY(const auto video, own_video(rooms, request, request.parameter("id")));
  VT_TRY(const auto language, checked_language(request.parameter("language")));
  VT_CHECK(rooms.captions.remove(video.id, language));
  return Response::empty(204);
}

}  // namespace

void add_captions(http::Router& router, Rooms& rooms) {
  using http::Method;
  constexpr std::string_view one = "/api/v1/videos/{id}/captions/{language}";
  router.add(Method::get, "/api/v1/videos/{id}/captions", answer(rooms, list_captions));
  router.add(Method::get, one, answer(rooms, get_captions));
  router.add(Method::put, one, answer(rooms, put_captions),
             {.body_bytes_max = static_cast<std::int64_t>(social::captions_bytes_max)});
  router.add(Method::del, one, answer(rooms, delete_captions));
  router.add(Method::post, "/api/v1/videos/{id}/captions/{language}/automatic", answer(rooms, write_automatically));
}

}  // namespace vitrine::api
