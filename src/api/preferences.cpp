// What a viewer has chosen for their feed, forgetting what was learned about them, and the topics there are.
//
// As the feed itself, all of it goes by the viewer's pseudonym: signed in or not.
#include "api/api.hpp"
#include "api/caller.hpp"
#include "api/render.hpp"
#include "base/id.hpp"
#include "feed/feed.hpp"

namespace vitrine::api {
namespace {

using http::Request;
using http::Response;

constexpr int topics_default = 40, topics_max = 100;

json::array texts_json(const std::vector<std::string>& texts) { return json::array(texts.begin(), texts.end()); }

/// Creators as they are called now; one that has left is left out.
Result<json::array> creators_json(const Rooms& rooms, const std::vector<std::string>& ids) {
  json::array creators;
  for (const auto& id : ids) {
    const auto account = rooms.accounts.by_id(id);
    if (!account && account.error().code == Errc::not_found) continue;
    if (!account) return std::unexpected(account.error());
    creators.push_back({{"id", account->id}, {"handle", account->handle}, {"display_name", account->display_name}});
  }
  return creators;
}

Result<Response> preferences_response(Rooms& rooms, const Request& request, const Caller& caller) {
  const auto chosen = rooms.feed.preferences(caller.viewer);
  VT_TRY(auto creators, creators_json(rooms, chosen.muted_creators));
  auto response = json_response(200, {{"personalised", chosen.personalised},
                                      {"topics", texts_json(chosen.topics)},
                                      {"muted_tags", texts_json(chosen.muted_tags)},
                                      {"muted_creators", std::move(creators)}});
  remember_viewer(response, caller, request);
  return response;
}

using Check = Result<std::string> (*)(std::string_view text);

Result<std::string> checked_tag(std::string_view text) {
  const std::string tag(text);
  VT_TRY(auto tags, social::checked_tags({&tag, 1}, ""));
  return std::move(tags.front());
}

Result<std::string> checked_id(std::string_view text) {
  if (!is_id(text)) return fail(Errc::invalid_argument, "a creator is named by an account id");
  return std::string(text);
}

/// A list of texts without repeats; the first keeps its place.
Result<std::vector<std::string>> list_member(const json::object& object, std::string_view key, std::size_t max,
                                             Check check) {
  const auto* value = object.if_contains(key);
  if (!value || !value->is_array()) return fail(Errc::invalid_argument, "member \"{}\" must be a list", key);
  const auto& items = value->get_array();
  if (items.size() > max) return fail(Errc::invalid_argument, "member \"{}\" has at most {} items", key, max);
  std::vector<std::string> out;
  for (const auto& item : items) {
    if (!item.is_string()) return fail(Errc::invalid_argument, "member \"{}\" must be a list of strings", key);
    auto text = check(std::string_view(item.get_string()));
    if (!text) return fail(text.error().code, "member \"{}\": {}", key, text.error().message);
    if (std::ranges::find(out, *text) == out.end()) out.push_back(std::move(*text));
  }
  return out;
}

Result<feed::Preferences> read_preferences(const json::object& body) {
  const auto* personalised = body.if_contains("personalised");
  if (!personalised || !personalised->is_bool())
    return fail(Errc::invalid_argument, "member \"personalised\" must be true or false");
  feed::Preferences chosen{.personalised = personalised->get_bool()};
  VT_TRY(chosen.topics, list_member(body, "topics", feed::limits::topics_max, checked_tag));
  VT_TRY(chosen.muted_tags, list_member(body, "muted_tags", feed::limits::muted_tags_max, checked_tag));
  VT_TRY(chosen.muted_creators, list_member(body, "muted_creators", feed::limits::muted_creators_max, checked_id));
  return chosen;
}

Result<Response> get_preferences(Rooms& rooms, const Request& request) {
  return preferences_response(rooms, request, caller_of(rooms, request));
}

/// All members are asked for: one that was left out by mistake would be a choice undone.
Result<Response> put_preferences(Rooms& rooms, const Request& request) {
  VT_TRY(const auto body, body_object(request));
  VT_TRY(const auto chosen, read_preferences(body));
  const Caller caller = caller_of(rooms, request);
  VT_CHECK(rooms.feed.set_preferences(caller.viewer, chosen));
  return preferences_response(rooms, request, caller);
}

Result<Response> forget_taste(Rooms& rooms, const Request& request) {
  const Caller caller = caller_of(rooms, request);
  // Nothing can have been learned about one who has just come.
  if (!caller.new_viewer) VT_CHECK(rooms.feed.forget(caller.viewer, feed::Forget::taste));
  auto response = Response::empty(204);
  response.headers.set("Cache-Control", "private, no-store");
  return response;
}

Result<Response> get_topics(Rooms& rooms, const Request& request) {
  VT_TRY(const int limit, int_query(request, "limit", topics_default, 1, topics_max));
  std::string prefix;
  if (const auto text = request.query_value("prefix"); text && !text->empty()) {
    VT_TRY(prefix, checked_tag(*text));
  }
  VT_TRY(const auto topics, rooms.videos.topics(prefix, static_cast<std::size_t>(limit)));
  json::array items;
  for (const auto& topic : topics) items.push_back({{"tag", topic.tag}, {"videos", topic.videos}});
  return json_response(200, {{"items", std::move(items)}, {"next", nullptr}});
}

}  // namespace

void add_preferences(http::Router& router, Rooms& rooms) {
  using http::Method;
  router.add(Method::get, "/api/v1/feed/preferences", answer(rooms, get_preferences));
  router.add(Method::put, "/api/v1/feed/preferences", answer(rooms, put_preferences));
  router.add(Method::del, "/api/v1/feed/taste", answer(rooms, forget_taste));
  router.add(Method::get, "/api/v1/topics", answer(rooms, get_topics));
}

}  // namespace vitrine::api
