#include "api/render.hpp"

#include <charconv>
#include <chrono>
#include <map>
#include <set>

#include "api/family.hpp"
#include "base/language.hpp"
#include "social/collections.hpp"
#include "social/comments.hpp"
#include "social/follows.hpp"
#include "social/moderation.hpp"
#include "social/moderators.hpp"
#include "social/people.hpp"
#include "social/regions.hpp"
#include "social/reposts.hpp"
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

json::object public_json(Rooms& rooms, const social::Account& account, std::string_view viewer_id) {
  const auto counts = rooms.follows.counts(account.id).value_or(social::Follows::Counts{});
  return {{"id", account.id},
          {"handle", account.handle},
          {"display_name", account.display_name},
          {"bio", account.bio},
          {"verified", badge_json(rooms, {account.id, account.handle, account.display_name})},
          {"created_at", account.created_at},
          {"followers", counts.followers},
          {"following", counts.following},
          {"videos", rooms.videos.live_count(account.id, viewer_id).value_or(0)}};
}

using Relations = std::map<std::string, social::Relation>;

/// A relation that could not be looked up allows nothing.
social::Relation relation_in(const Relations& relations, const social::Video& video) {
  const auto found = relations.find(video.creator_id);
  return found == relations.end() ? social::Relation{.blocked = true} : found->second;
}

json::value person_or_null(const std::optional<social::Person>& person) {
  return person ? json::value(person_json(*person)) : json::value(nullptr);
}

json::value credit_json(const std::optional<social::Credit>& credit) {
  if (!credit) return nullptr;
  return {{"kind", social::name(credit->kind)},
          {"video", text_or_null(credit->video)},
          {"creator", person_or_null(credit->creator)}};
}

/// What a new video has of which its creator says nothing.
json::object defaults_json(Rooms& rooms, const social::Account& account) {
  const auto rules = rooms.comments.rules(account.id);
  return {{"audience", social::name(social::default_audience(account.age_band))},
          {"comment_permission", social::name(rules ? rules->who : social::Who::nobody)},
          {"duet_permission", social::name(social::default_duet(account.age_band))}};
}

bool is_own(const Caller& caller, const social::Video& video) { return caller_id(caller) == video.creator_id; }

/// Most captions name nobody, which is seen without asking the database.
std::vector<social::Person> mentions_of(Rooms& rooms, const Caller& caller, const social::Video& video) {
  if (!video.caption.contains('@')) return {};
  return rooms.people.mentioned(video.caption, video.creator_id, caller_id(caller))
      .value_or(std::vector<social::Person>{});
}

json::array captions_json(std::span<const social::CaptionTrack> tracks) {
  json::array list;
  for (const auto& track : tracks) list.push_back(caption_track_json(track));
  return list;
}

}  // namespace

bool is_moderator(Rooms& rooms, const Caller& caller) {
  return caller.account && rooms.moderators.has(caller.account->id).value_or(false);
}

json::object account_json(Rooms& rooms, const social::Account& account) {
  auto object = public_json(rooms, account, account.id);
  object["has_password"] = account.has_password;
  object["age_band"] = social::name(account.age_band);
  object["email"] = social::name(account.email);
  object["moderator"] = rooms.moderators.has(account.id).value_or(false);
  object["suspended"] = nullptr;
  if (account.is_suspended(rooms.clock.now()))
    object["suspended"] = {{"until", account.suspended_until}, {"reason", account.suspended_for}};
  if (const auto limits = rooms.limits.state(account.id)) object["limits"] = limits_json(*limits);
  if (auto family = family_json(rooms, account)) object["family"] = std::move(*family);
  object["defaults"] = defaults_json(rooms, account);
  object["region"] = text_or_null(rooms.regions.of_account(account.id).value_or(std::nullopt));
  object["staff"] = nullptr;
  if (const auto staff = rooms.staff.of_account(account.id); staff && *staff)
    object["staff"] = {{"member", (*staff)->member_id}, {"role", (*staff)->role}, {"zone", (*staff)->zone}};
  return object;
}

json::object profile_json(Rooms& rooms, const Caller& caller, const social::Account& account) {
  auto object = public_json(rooms, account, caller_id(caller));
  const bool self = caller.account && caller.account->id == account.id;
  object["self"] = self;
  const auto standing = rooms.people.standing(caller_id(caller), account.id).value_or(social::People::Standing{});
  object["followed"] = standing.followed;
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

json::object caption_track_json(const social::CaptionTrack& track) {
  return {{"language", track.language},
          {"label", language_name(track.language)},
          {"url", fmt::format("/api/v1/videos/{}/captions/{}?v={}", track.video, track.language, track.updated_at)},
          {"automatic", track.origin == social::CaptionOrigin::automatic}};
}

namespace {

json::array labels_json(const std::set<social::VideoLabel>& labels) {
  json::array out;
  for (const auto label : labels) out.emplace_back(social::name(label));
  return out;
}

/// What is said of it, whoever said so; the veil is a member of its own.
json::array shown_labels(const social::Video& video) {
  json::array out;
  for (const auto label : social::video_labels)
    if (label != social::VideoLabel::sensitive && video.has_label(label)) out.emplace_back(social::name(label));
  return out;
}

json::value name_or_null(const std::optional<social::Who>& who) {
  return who ? json::value(social::name(*who)) : json::value(nullptr);
}

json::value time_or_null(const std::optional<TimeMs>& time) { return time ? json::value(*time) : json::value(nullptr); }

/// What the creator chose, and what follows for whoever looks.
void add_choices(json::object& out, const social::Video& video, const VideoView& view) {
  auto relation = view.relation;
  relation.self |= view.own;
  out["audience"] = social::name(video.audience);
  out["comment_permission"] = social::name(video.comment_permission);
  out["duet_permission"] = social::name(video.duet_permission);
  out["own_comment_permission"] = name_or_null(view.own ? video.own_comment_permission : std::nullopt);
  out["own_duet_permission"] = name_or_null(view.own ? video.own_duet_permission : std::nullopt);
  out["may_comment"] =
      social::may_watch(relation, video.exposure()) && social::may_comment(relation, video.comment_permission);
  out["may_duet"] = social::may_duet(relation, video.exposure(), video.duet_permission);
  out["labels"] = shown_labels(video);
  out["sensitive"] = video.has_label(social::VideoLabel::sensitive);
  out["own_labels"] = view.own ? labels_json(video.own_labels) : json::array{};
  out["imposed_labels"] = view.own ? labels_json(video.imposed_labels) : json::array{};
  out["pinned"] = video.pinned;
  out["publish_at"] = time_or_null(view.own ? video.publish_at : std::nullopt);
  out["published_at"] = time_or_null(video.live_since);
}

}  // namespace

json::object video_json(const social::Video& video, const VideoView& view) {
  auto creator = person_json({video.creator_id, video.creator_handle, video.creator_name});
  creator["verified"] = view.verified;
  json::value failure = nullptr;
  if (video.failure && view.own) failure = {{"code", video.failure->code}, {"detail", video.failure->detail}};
  json::object out{{"id", video.id},
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
                   {"thumbnail", address(video.thumbnail_key)},
                   {"preview", preview_json(video.preview)},
                   {"sources", sources_json(video.sources)},
                   {"hls", address(video.hls_key)},
                   {"likes", video.likes},
                   {"liked", view.liked},
                   {"views", video.views},
                   {"shares", video.shares},
                   {"comments", video.comments},
                   {"saved", view.saved},
                   {"reposts", video.reposts},
                   {"reposted", view.reposted},
                   {"mentions", people_json(view.mentions)},
                   {"captions", captions_json(view.captions)},
                   {"credit", credit_json(view.attribution.credit)},
                   {"sound", view.attribution.sound ? json::value(sound_json(*view.attribution.sound)) : nullptr},
                   {"own", view.own}};
  add_choices(out, video, view);
  return out;
}

json::object video_json_for(Rooms& rooms, const Caller& caller, const social::Video& video) {
  return std::move(videos_json(rooms, caller, {&video, 1}).front().as_object());
}

json::array videos_json(Rooms& rooms, const Caller& caller, std::span<const social::Video> videos) {
  std::vector<std::string> ids;
  std::set<std::string> creators;
  for (const auto& video : videos) {
    ids.push_back(video.id);
    creators.insert(video.creator_id);
  }
  const std::vector<std::string> owners(creators.begin(), creators.end());
  const auto relations = rooms.people.relations(owners, caller_id(caller)).value_or(Relations{});
  std::set<std::string> liked, saved, reposted;
  if (caller.account) {
    liked = rooms.videos.liked(caller.account->id, ids).value_or(std::set<std::string>{});
    saved = rooms.collections.saved(caller.account->id, ids).value_or(std::set<std::string>{});
    reposted = rooms.reposts.reposted(caller.account->id, ids).value_or(std::set<std::string>{});
  }
  auto captions = rooms.captions.of(ids).value_or(social::CaptionTracks{});
  auto attributions = rooms.credits.of(caller_id(caller), videos).value_or(social::Attributions{});
  json::array items;
  for (const auto& video : videos)
    items.push_back(
        video_json(video, {.liked = liked.contains(video.id),
                           .saved = saved.contains(video.id),
                           .reposted = reposted.contains(video.id),
                           .own = is_own(caller, video),
                           .verified = badge_json(rooms, {video.creator_id, video.creator_handle, video.creator_name}),
                           .mentions = mentions_of(rooms, caller, video),
                           .relation = relation_in(relations, video),
                           .captions = std::move(captions[video.id]),
                           .attribution = std::move(attributions[video.id])}));
  return items;
}

Result<json::array> shown_videos(Rooms& rooms, const Caller& caller, const std::vector<std::string>& ids) {
  VT_TRY(auto videos, rooms.videos.live(ids));
  VT_CHECK(drop_hidden(rooms, caller, videos));
  return videos_json(rooms, caller, videos);
}

json::object sound_json(const social::Sound& sound) {
  return {{"id", sound.id},
          {"title", sound.title()},
          {"creator", person_or_null(sound.creator)},
          {"original", sound.original}};
}

json::object video_page_json(Rooms& rooms, const Caller& caller, const social::VideoPage& page) {
  return {{"items", videos_json(rooms, caller, page.items)}, {"next", text_or_null(page.next)}};
}

feed::Clip clip_of(const social::Video& video) {
  return {.id = video.id,
          .creator = video.creator_id,
          .tags = video.tags,
          .duration_ms = video.duration_ms,
          .created_at = video.live_since.value_or(video.created_at)};
}

Result<social::Video> visible_video(Rooms& rooms, const Caller& caller, std::string_view id) {
  auto video = usable_video(rooms, caller, id);
  if (video || video.error().code != Errc::not_found || !is_moderator(rooms, caller)) return video;
  VT_TRY(const bool in_hand, rooms.moderation.has_in_hand(id));
  return in_hand ? rooms.videos.by_id(id) : video;
}

Result<social::Video> usable_video(Rooms& rooms, const Caller& caller, std::string_view id) {
  VT_TRY(auto video, rooms.videos.by_id(id));
  VT_TRY(const auto relation, rooms.people.relation(video.creator_id, caller_id(caller)));
  if (!social::may_watch(relation, video.exposure())) return fail(Errc::not_found, "there is no such video");
  return video;
}

Result<void> drop_hidden(Rooms& rooms, const Caller& caller, std::vector<social::Video>& videos) {
  std::vector<std::string> creators;
  for (const auto& video : videos) creators.push_back(video.creator_id);
  VT_TRY(const auto hidden, rooms.people.hidden(caller_id(caller), creators));
  std::erase_if(videos, [&](const social::Video& video) { return hidden.contains(video.creator_id); });
  return drop_unfit(rooms, caller, videos);
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

Result<social::TagSort> sort_of(const http::Request& request) {
  const auto text = request.query_value("sort").value_or("top");
  if (text == "top") return social::TagSort::top;
  if (text == "new") return social::TagSort::newest;
  return fail(Errc::invalid_argument, "\"sort\" must be top or new");
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
