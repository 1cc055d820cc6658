// How accounts and videos look in JSON; openapi.json describes each member.
#pragma once
#include "api/api.hpp"
#include "api/caller.hpp"
#include "base/json.hpp"
#include "feed/feed.hpp"
#include "social/captions.hpp"
#include "social/credits.hpp"
#include "social/person.hpp"
#include "social/videos.hpp"
#include "social/visibility.hpp"

namespace vitrine::api {

/// The caller's own account.
[[nodiscard]] json::object account_json(Rooms& rooms, const social::Account& account);
/// Somebody's public profile as the caller sees it.
[[nodiscard]] json::object profile_json(Rooms& rooms, const Caller& caller, const social::Account& account);
/// Without a badge.
[[nodiscard]] json::object person_json(const social::Person& person);
/// With the badge that stands beside the name.
[[nodiscard]] json::object person_json(Rooms& rooms, const social::Person& person);
[[nodiscard]] json::value badge_json(Rooms& rooms, const social::Person& person);
[[nodiscard]] json::array people_json(std::span<const social::Person> people);

/// How a video stands to whoever looks at it.
struct VideoView {
  bool liked = false, saved = false, reposted = false, own = false;
  json::value verified;  ///< the creator's badge
  std::vector<social::Person> mentions;
  social::Relation relation;  ///< of whoever looks to the creator
  std::vector<social::CaptionTrack> captions;
  social::Attribution attribution;
};
/// {"language","label","url","automatic"}
[[nodiscard]] json::object caption_track_json(const social::CaptionTrack& track);
[[nodiscard]] json::object video_json(const social::Video& video, const VideoView& view);
[[nodiscard]] json::object video_json_for(Rooms& rooms, const Caller& caller, const social::Video& video);
/// Each of them, in order.
[[nodiscard]] json::array videos_json(Rooms& rooms, const Caller& caller, std::span<const social::Video> videos);
/// Those of `ids` that the caller may see: one removed a moment ago, or of somebody behind a block, is left out.
[[nodiscard]] Result<json::array> shown_videos(Rooms& rooms, const Caller& caller, const std::vector<std::string>& ids);
[[nodiscard]] json::object sound_json(const social::Sound& sound);
/// {"items":[…],"next":…}
[[nodiscard]] json::object video_page_json(Rooms& rooms, const Caller& caller, const social::VideoPage& page);

[[nodiscard]] json::value text_or_null(const std::optional<std::string>& text);

/// What the feed needs to know of a live video.
[[nodiscard]] feed::Clip clip_of(const social::Video& video);

[[nodiscard]] bool is_moderator(Rooms& rooms, const Caller& caller);

/// The video if the caller may watch it (social/visibility.hpp), or is a moderator and has it in hand: to be looked at.
/// Errors: not_found.
[[nodiscard]] Result<social::Video> visible_video(Rooms& rooms, const Caller& caller, std::string_view id);
/// The video if the caller may watch it: to do something with it. Errors: not_found.
[[nodiscard]] Result<social::Video> usable_video(Rooms& rooms, const Caller& caller, std::string_view id);
/// Takes out videos of people between whom and the caller there is a block, and what is unfit for them (family.hpp).
[[nodiscard]] Result<void> drop_hidden(Rooms& rooms, const Caller& caller, std::vector<social::Video>& videos);
/// Somebody who has not blocked the caller. Errors: not_found.
[[nodiscard]] Result<social::Account> visible_account(Rooms& rooms, const Caller& caller, std::string_view handle);
/// The caller's own video. Errors: unauthenticated, not_found, forbidden.
[[nodiscard]] Result<social::Video> own_video(Rooms& rooms, const http::Request& request, std::string_view id);

/// "2026-11-25" as its first second since 1970, UTC. Error: invalid_argument.
[[nodiscard]] Result<std::int64_t> day_start_s(std::string_view text);
[[nodiscard]] http::Response json_response(int status, const json::object& body);
/// The request's body as an object. Errors: unsupported (content type), invalid_argument.
[[nodiscard]] Result<json::object> body_object(const http::Request& request);
/// A text, or nothing when the member is missing or null. Errors: invalid_argument (another type).
[[nodiscard]] Result<std::optional<std::string>> optional_text_member(const json::object& object, std::string_view key);
/// A list of texts, or nothing when the member is missing or null. Errors: invalid_argument (another type).
[[nodiscard]] Result<std::optional<std::vector<std::string>>> texts_member(const json::object& object,
                                                                           std::string_view key);
/// The query's "sort": top, or new. Errors: invalid_argument.
[[nodiscard]] Result<social::TagSort> sort_of(const http::Request& request);
/// A whole number in the query. Errors: invalid_argument.
[[nodiscard]] Result<int> int_query(const http::Request& request, std::string_view name, int fallback, int min,
                                    int max);
/// "application/json" of "Application/JSON; charset=utf-8".
[[nodiscard]] std::string media_type(std::string_view content_type);

}  // namespace vitrine::api
