// One video: its data, likes, and how far its processing is.
#include "social/videos.hpp"

#include "api/api.hpp"
#include "api/caller.hpp"
#include "api/erase.hpp"
#include "api/moderation.hpp"
#include "api/render.hpp"
#include "api/video_choices.hpp"
#include "feed/feed.hpp"
#include "media/queue.hpp"
#include "social/notifications.hpp"
#include "social/people.hpp"

namespace vitrine::api {
namespace {

using http::Request;
using http::Response;

Result<Response> get_video(Rooms& rooms, const Request& request) {
  const Caller caller = caller_of(rooms, request);
  VT_TRY(const auto video, visible_video(rooms, caller, request.parameter("id")));
  return json_response(200, video_json_for(rooms, caller, video));
}

Result<void> tell_newly_mentioned(Rooms& rooms, const social::Video& video, std::string_view caption_before) {
  VT_TRY(const auto before, rooms.people.mentioned(caption_before, video.creator_id, video.creator_id));
  std::set<std::string> told;
  for (const auto& person : before) told.insert(person.id);
  return rooms.notifications.tell_mentioned(video.caption, video.creator_id, video.id, "", told);
}

Result<Response> edit_video(Rooms& rooms, const Request& request) {
  VT_TRY(const auto owned, own_video(rooms, request, request.parameter("id")));
  VT_TRY(const auto body, body_object(request));
  VT_TRY(const auto change, edit_in(body));
  VT_CHECK(rooms.videos.edit(owned.id, change));
  screen_words(rooms, {social::TargetKind::video, owned.id});
  VT_TRY(const auto video, rooms.videos.by_id(owned.id));
  VT_CHECK(rooms.tell_feed(video.id));
  if (owned.announced && video.state == social::VideoState::live)
    VT_CHECK(tell_newly_mentioned(rooms, video, owned.caption));
  return json_response(200, video_json_for(rooms, caller_of(rooms, request), video));
}

Result<Response> delete_video(Rooms& rooms, const Request& request) {
  VT_TRY(const auto owned, own_video(rooms, request, request.parameter("id")));
  VT_CHECK(erase_video(rooms, owned.id));
  return Response::empty(204);
}

Result<Response> set_like(Rooms& rooms, const Request& request) {
  const bool on = request.method == http::Method::put;
  VT_TRY(const auto caller, signed_in_caller(rooms, request));
  VT_TRY(const auto video, usable_video(rooms, caller, request.parameter("id")));
  VT_TRY(const auto likes, rooms.videos.like(caller.account->id, video.id, on));
  if (on)
    rooms.notifications.tell({social::NotificationKind::like, video.creator_id, caller.account->id, video.id, ""});
  return json_response(200, {{"liked", on}, {"likes", likes}});
}

Result<Response> set_pin(Rooms& rooms, const Request& request) {
  VT_TRY(const auto owned, own_video(rooms, request, request.parameter("id")));
  VT_CHECK(rooms.videos.pin(owned.id, request.method == http::Method::put));
  VT_TRY(const auto video, rooms.videos.by_id(owned.id));
  return json_response(200, video_json_for(rooms, caller_of(rooms, request), video));
}

std::string progress_text(const media::Progress& progress) {
  return json::serialize(
      json::value{{"state", media::name(progress.state)}, {"percent", progress.percent}, {"detail", progress.detail}});
}

bool is_last(const media::Progress& progress) {
  return progress.state == media::Progress::State::done || progress.state == media::Progress::State::failed;
}

/// What to tell about a video that no job is working on any more.
media::Progress settled(const social::Video& video) {
  if (video.state == social::VideoState::failed)
    return {media::Progress::State::failed, 100, video.failure ? video.failure->detail : ""};
  if (video.is_playable()) return {media::Progress::State::done, 100, ""};
  return {media::Progress::State::queued, 0, ""};
}

/// One client watching one video's progress.
struct Watch {
  std::mutex mutex;
  std::shared_ptr<http::EventSender> sender;  ///< let go after the last event
  std::unique_ptr<media::Queue::Subscription> subscription;

  void tell(const media::Progress& progress) {
    std::lock_guard lock(mutex);
    if (!sender) return;
    if (!sender->send("progress", progress_text(progress)) || is_last(progress)) sender.reset();
  }
  [[nodiscard]] bool over() {
    std::lock_guard lock(mutex);
    return !sender;
  }
};

/// All of them. A subscription is not ended inside its own callback but when the next watch begins.
class Watches {
 public:
  void start(Rooms& rooms, const std::string& video, std::shared_ptr<http::EventSender> sender) {
    auto watch = std::make_shared<Watch>();
    watch->sender = std::move(sender);
    watch->subscription = rooms.queue.subscribe(video, [weak = std::weak_ptr(watch)](const media::Progress& progress) {
      if (const auto held = weak.lock()) held->tell(progress);
    });
    tell_if_settled(rooms, video, *watch);
    std::lock_guard lock(mutex_);
    std::erase_if(watches_, [](const auto& one) { return one->over(); });
    watches_.push_back(std::move(watch));
  }

 private:
  /// The job may be long over, or have ended a moment ago.
  static void tell_if_settled(Rooms& rooms, const std::string& id, Watch& watch) {
    if (rooms.queue.progress(id)) return;
    const auto video = rooms.videos.by_id(id);
    watch.tell(video ? settled(*video) : media::Progress{media::Progress::State::failed, 100, "the video was removed"});
  }

  std::mutex mutex_;
  std::vector<std::shared_ptr<Watch>> watches_;
};

http::Response watch_progress(Rooms& rooms, const std::shared_ptr<Watches>& watches, const Request& request) {
  const auto video = own_video(rooms, request, request.parameter("id"));
  if (!video) return http::problem(video.error());
  Response response;
  response.headers.set("Content-Type", "text/event-stream");
  response.headers.set("Cache-Control", "no-store");
  response.body = http::EventStreamBody{[&rooms, watches, id = video->id](std::shared_ptr<http::EventSender> sender) {
    watches->start(rooms, id, std::move(sender));
  }};
  return response;
}

}  // namespace

void add_videos(http::Router& router, Rooms& rooms) {
  using http::Method;
  router.add(Method::get, "/api/v1/videos/{id}", answer(rooms, get_video));
  router.add(Method::patch, "/api/v1/videos/{id}", answer(rooms, edit_video));
  router.add(Method::del, "/api/v1/videos/{id}", answer(rooms, delete_video));
  router.add(Method::put, "/api/v1/videos/{id}/like", answer(rooms, set_like));
  router.add(Method::del, "/api/v1/videos/{id}/like", answer(rooms, set_like));
  router.add(Method::put, "/api/v1/videos/{id}/pin", answer(rooms, set_pin));
  router.add(Method::del, "/api/v1/videos/{id}/pin", answer(rooms, set_pin));
  router.add(Method::get, "/api/v1/videos/{id}/progress",
             [&rooms, watches = std::make_shared<Watches>()](const Request& request) {
               return watch_progress(rooms, watches, request);
             });
}

}  // namespace vitrine::api
