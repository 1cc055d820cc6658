#include "api/render.hpp"

#include <charconv>
#include <chrono>
#include <set>

#include "social/collections.hpp"
#include "social/follows.hpp"
#include "social/moderators.hpp"
#include "social/people.hpp"
#include "social/staff.hpp"
#include "social/verification.hpp"

namespace vitrine::api {
namespace {

json::value address(std::string_view key) {
  return key.empty() ? json::value(nullptr) : json::value(fmt::format("/{}", key));
}

json::value preview_json(const std::optional<social::Preview>& preview) {
  if (!preview) return nullptr;
  return {{"url", address(preview->key)},
          {"columns", preview->columns},
          {"rows", preview->rows},
          {"count", preview->count},
          {"interval_ms", preview->interval_ms},
          {"tile_width", preview->tile_width},
          {"tile_height", preview->tile_height}};
}

json::array sources_json(const std::vector<social::Source>& sources) {
  json::array list;
  for (const auto& source : sources) {
    list.push_back({{"url", address(source.key)},
                    {"width", source.width},
                    {"height", source.height},
                    {"bitrate", source.bitrate},
                    {"bytes", source.bytes},
                    {"codecs", source.codecs}});
  }
  return list;
}

json::object public_json(Rooms& rooms, const social::Account& account) {
  const auto counts = rooms.follows.counts(account.id).value_or(social::Follows::Counts{});
  return {{"id", account.id},
          {"handle", account.handle},
          {"display_name", account.display_name},
          {"bio", account.bio},
          {"verified", badge_json(rooms, {account.id, account.handle, account.display_name})},
          {"created_at", account.created_at},
          {"followers", counts.followers},
          {"following", counts.following},
          {"videos", rooms.videos.live_count(account.id).value_or(0)}};
}

bool is_own(const Caller& caller, const social::Video& video) { return caller_id(caller) == video.creator_id; }

/// Most captions name nobody, which is seen without asking the database.
std::vector<social::Person> mentions_of(Rooms& rooms, const Caller& caller, const social::Video& video) {
  if (!video.caption.contains('@')) return {};
  return rooms.people.mentioned(video.caption, video.creator_id, caller_id(caller))
      .value_or(std::vector<social::Person>{});
}

bool is_moderator(Rooms& rooms, const Caller& caller) {
  return caller.account && rooms.moderators.has(caller.account->id).value_or(false);
}

}  // namespace

json::object account_json(Rooms& rooms, const social::Account& account) {
  auto object = public_json(rooms, account);
  object["has_password"] = account.has_password;
  object["age_band"] = social::name(account.age_band);
  object["email"] = social::name(account.email);
  object["moderator"] = rooms.moderators.has(account.id).value_or(false);
  object["suspended"] = nullptr;
  if (account.is_suspended(rooms.clock.now()))
    object["suspended"] = {{"until", account.suspended_until}, {"reason", account.suspended_for}};
  object["staff"] = nullptr;
  if (const auto staff = rooms.staff.of_account(account.id); staff && *staff)
    object["staff"] = {{"member", (*staff)->member_id}, {"role", (*staff)->role}, {"zone", (*staff)->zone}};
  return object;
}

json::object profile_json(Rooms& rooms, const Caller& caller, const social::Account& account) {
  auto object = public_json(rooms, account);
  const bool self = caller.account && caller.account->id == account.id;
  object["self"] = self;
  object["followed"] = caller.account && !self && rooms.follows.follows(caller.account->id, account.id).value_or(false);
  const auto standing = rooms.people.standing(caller_id(caller), account.id).value_or(social::People::Standing{});
  object["blocked"] = standing.blocked;
  object["muted"] = standing.muted;
  return object;
}

json::object person_json(const social::Person& person) {
  return {{"id", person.id}, {"handle", person.handle}, {"display_name", person.display_name}};
}

json::value badge_json(Rooms& rooms, const social::Person& person) {
  const auto badge = rooms.verification.badge_of(person);
  if (!badge) return nullptr;
  return {{"kind", badge->kind ? social::name(*badge->kind) : "domain"},
          {"domain", text_or_null(badge->domain)},
          {"since", badge->since}};
}

json::object person_json(Rooms& rooms, const social::Person& person) {
  auto object = person_json(person);
  object["verified"] = badge_json(rooms, person);
  return object;
}

json::array people_json(std::span<const social::Person> people) {
  json::array list;
  for (const auto& person : people) list.push_back(person_json(person));
  return list;
}

json::value text_or_null(const std::optional<std::string>& text) {
  return text ? json::value(*text) : json::value(nullptr);
}

json::object video_json(const social::Video& video, const VideoView& view) {
  auto creator = person_json({video.creator_id, video.creator_handle, video.creator_name});
  creator["verified"] = view.verified;
  json::value failure = nullptr;
  if (video.failure) failure = {{"code", video.failure->code}, {"detail", video.failure->detail}};
  return {{"id", video.id},
          {"creator", std::move(creator)},
          {"caption", video.caption},
          {"tags", json::array(video.tags.begin(), video.tags.end())},
          {"created_at", video.created_at},
          {"state", social::name(video.state)},
          {"failure", std::move(failure)},
          {"duration_ms", video.duration_ms},
          {"width", video.width},
          {"height", video.height},
          {"has_audio", video.has_audio},
          {"placeholder", video.placeholder},
          {"poster", address(video.poster_key)},
          {"preview", preview_json(video.preview)},
          {"sources", sources_json(video.sources)},
          {"hls", address(video.hls_key)},
          {"likes", video.likes},
          {"liked", view.liked},
          {"views", video.views},
          {"shares", video.shares},
          {"comments", video.comments},
          {"saved", view.saved},
          {"mentions", people_json(view.mentions)},
          {"labels", json::array(video.labels.begin(), video.labels.end())},
          {"sensitive", video.sensitive},
          {"own", view.own}};
}

json::object video_json_for(Rooms& rooms, const Caller& caller, const social::Video& video) {
  return std::move(videos_json(rooms, caller, {&video, 1}).front().as_object());
}

json::array videos_json(Rooms& rooms, const Caller& caller, std::span<const social::Video> videos) {
  std::vector<std::string> ids;
  for (const auto& video : videos) ids.push_back(video.id);
  std::set<std::string> liked, saved;
  if (caller.account) {
    liked = rooms.videos.liked(caller.account->id, ids).value_or(std::set<std::string>{});
    saved = rooms.collections.saved(caller.account->id, ids).value_or(std::set<std::string>{});
  }
  json::array items;
  for (const auto& video : videos)
    items.push_back(
        video_json(video, {.liked = liked.contains(video.id),
                           .saved = saved.contains(video.id),
                           .own = is_own(caller, video),
                           .verified = badge_json(rooms, {video.creator_id, video.creator_handle, video.creator_name}),
                           .mentions = mentions_of(rooms, caller, video)}));
  return items;
}

json::object video_page_json(Rooms& rooms, const Caller& caller, const social::VideoPage& page) {
  return {{"items", videos_json(rooms, caller, page.items)}, {"next", text_or_null(page.next)}};
}

feed::Clip clip_of(const social::Video& video) {
  return {.id = video.id,
          .creator = video.creator_id,
          .tags = video.tags,
          .duration_ms = video.duration_ms,
          .created_at = video.created_at};
}

Result<social::Video> visible_video(Rooms& rooms, const Caller& caller, std::string_view id) {
  VT_TRY(auto video, rooms.videos.by_id(id));
  if (video.is_withheld() && is_moderator(rooms, caller)) return video;
  if (video.state != social::VideoState::live && !is_own(caller, video))
    return fail(Errc::not_found, "there is no such video");
  VT_TRY(const auto hidden, rooms.people.hidden(caller_id(caller), {&video.creator_id, 1}));
  if (!hidden.empty()) return fail(Errc::not_found, "there is no such video");
  return video;
}

Result<void> drop_hidden(Rooms& rooms, const Caller& caller, std::vector<social::Video>& videos) {
  std::vector<std::string> creators;
  for (const auto& video : videos) creators.push_back(video.creator_id);
  VT_TRY(const auto hidden, rooms.people.hidden(caller_id(caller), creators));
  std::erase_if(videos, [&](const social::Video& video) { return hidden.contains(video.creator_id); });
  return {};
}

Result<social::Account> visible_account(Rooms& rooms, const Caller& caller, std::string_view handle) {
  VT_TRY(auto account, rooms.accounts.by_handle(handle));
  VT_TRY(const auto standing, rooms.people.standing(caller_id(caller), account.id));
  if (standing.hidden) return fail(Errc::not_found, "there is no such account");
  return account;
}

Result<social::Video> own_video(Rooms& rooms, const http::Request& request, std::string_view id) {
  VT_TRY(const auto caller, signed_in_caller(rooms, request));
  VT_TRY(auto video, visible_video(rooms, caller, id));
  if (!is_own(caller, video)) return fail(Errc::forbidden, "this is somebody else's video");
  return video;
}

Result<std::int64_t> day_start_s(std::string_view text) {
  const auto bad = [] { return fail(Errc::invalid_argument, "a day reads \"2026-11-25\""); };
  constexpr std::string_view pattern = "dddd-dd-dd";
  const auto fits = [](char c, char wanted) { return wanted == 'd' ? c >= '0' && c <= '9' : c == wanted; };
  if (text.size() != pattern.size() || !std::ranges::equal(text, pattern, fits)) return bad();
  const auto number = [&](std::size_t at, std::size_t digits) {
    int out = 0;
    std::from_chars(text.data() + at, text.data() + at + digits, out);
    return out;
  };
  const std::chrono::year_month_day day{std::chrono::year(number(0, 4)),
                                        std::chrono::month(static_cast<unsigned>(number(5, 2))),
                                        std::chrono::day(static_cast<unsigned>(number(8, 2)))};
  if (!day.ok()) return bad();
  return std::chrono::seconds(std::chrono::sys_days(day).time_since_epoch()).count();
}

http::Response json_response(int status, const json::object& body) {
  auto response = http::Response::json(status, json::serialize(body));
  response.headers.set("Cache-Control", "private, no-store");
  return response;
}

Result<std::optional<std::string>> optional_text_member(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  if (!value || value->is_null()) return std::nullopt;
  VT_TRY(const auto text, text_member(object, key));
  return std::string(text);
}

Result<std::optional<std::vector<std::string>>> texts_member(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  if (!value || value->is_null()) return std::nullopt;
  const auto wrong = [key] { return fail(Errc::invalid_argument, "member \"{}\" must be a list of texts", key); };
  if (!value->is_array()) return wrong();
  std::vector<std::string> texts;
  for (const auto& text : value->get_array()) {
    if (!text.is_string()) return wrong();
    texts.emplace_back(text.get_string());
  }
  return texts;
}

Result<int> int_query(const http::Request& request, std::string_view name, int fallback, int min, int max) {
  const auto text = request.query_value(name);
  if (!text) return fallback;
  int value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error != std::errc() || end != text->data() + text->size() || value < min || value > max)
    return fail(Errc::invalid_argument, "\"{}\" must be {} to {}", name, min, max);
  return value;
}

std::string media_type(std::string_view content_type) {
  std::string type(content_type.substr(0, content_type.find_first_of("; \t")));
  std::ranges::transform(type, type.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return type;
}

Result<json::object> body_object(const http::Request& request) {
  const auto type = request.headers.find("Content-Type");
  if (type && media_type(*type) != "application/json")
    return fail(Errc::unsupported, "the body must be application/json");
  if (request.body.empty()) return json::object{};
  VT_TRY(auto value, parse_json(request.body));
  if (!value.is_object()) return fail(Errc::invalid_argument, "the body must be a JSON object");
  return std::move(value.get_object());
}

}  // namespace vitrine::api
