// What is made of a video: its duets and stitches, and the clips a sound is heard in.
#include "api/credits.hpp"

#include "api/caller.hpp"
#include "api/render.hpp"
#include "social/credits.hpp"
#include "social/people.hpp"

namespace vitrine::api {
namespace {

using http::Request;
using http::Response;

Result<Response> duets(Rooms& rooms, const Request& request) {
  const Caller caller = caller_of(rooms, request);
  VT_TRY(const auto video, visible_video(rooms, caller, request.parameter("id")));
  VT_TRY(const auto page,
         rooms.credits.made_with(video.id, request.query_value("cursor").value_or(""), videos_page_items));
  VT_TRY(auto items, shown_videos(rooms, caller, page.ids));
  return json_response(200, {{"items", std::move(items)}, {"next", text_or_null(page.next)}});
}

Result<Response> sound(Rooms& rooms, const Request& request) {
  const Caller caller = caller_of(rooms, request);
  VT_TRY(const auto sort, sort_of(request));
  VT_TRY(const auto found, rooms.credits.sound_page(caller_id(caller), request.parameter("id"), sort,
                                                    request.query_value("cursor").value_or(""), videos_page_items));
  VT_TRY(auto items, shown_videos(rooms, caller, found.page.ids));
  const auto original = rooms.videos.by_id(found.sound.id);
  return json_response(200, {{"sound", sound_json(found.sound)},
                             {"may_use", original && rooms.credits.check(caller_id(caller), *original)},
                             {"videos", found.videos},
                             {"items", std::move(items)},
                             {"next", text_or_null(found.page.next)}});
}

}  // namespace

Result<void> check_loan(Rooms& rooms, const social::Account& account, media::Edits& edits) {
  if (!edits.loan) return {};
  media::Loan& loan = *edits.loan;
  if (loan.kind == media::Loan::Kind::sound) {
    VT_TRY(loan.video, rooms.credits.sound_of(loan.video));
  }
  VT_TRY(const auto original, rooms.videos.by_id(loan.video));
  VT_CHECK(rooms.credits.check(account.id, original));
  if (loan.kind == media::Loan::Kind::sound && !original.has_audio)
    return fail(Errc::unprocessable, "the video whose sound is wanted has none");
  if (loan.kind == media::Loan::Kind::stitch && loan.start_ms + media::stitch_ms_min > original.duration_ms)
    return fail(Errc::unprocessable,
                "stitch_start_ms must be at least {} before the end of the other video, which is "
                "{} ms long",
                media::stitch_ms_min, original.duration_ms);
  return {};
}

void add_credits(http::Router& router, Rooms& rooms) {
  using http::Method;
  router.add(Method::get, "/api/v1/videos/{id}/duets", answer(rooms, duets));
  router.add(Method::get, "/api/v1/sounds/{id}", answer(rooms, sound));
}

}  // namespace vitrine::api
