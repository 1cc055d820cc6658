// Finding videos, people and tags: search, suggestions while typing, a tag's page, what trends.
#include "social/search.hpp"

#include "api/api.hpp"
#include "api/caller.hpp"
#include "api/family.hpp"
#include "api/render.hpp"
#include "base/country.hpp"
#include "base/language.hpp"
#include "social/people.hpp"
#include "social/search_text.hpp"
#include "social/trends.hpp"

namespace vitrine::api {
namespace {

using http::Request;
using http::Response;

constexpr std::size_t accounts_page_items = 20;
constexpr std::size_t accounts_beside_videos_max = 3, tags_beside_videos_max = 8;

enum class Kind { all, videos, accounts, tags };

Result<Kind> kind_of(const Request& request) {
  const auto text = request.query_value("kind").value_or("all");
  if (text == "all") return Kind::all;
  if (text == "videos") return Kind::videos;
  if (text == "accounts") return Kind::accounts;
  if (text == "tags") return Kind::tags;
  return fail(Errc::invalid_argument, "\"kind\" must be all, videos, accounts or tags");
}

Result<std::string_view> query_of(const Request& request) {
  const auto text = request.query_value("q");
  if (!text) return fail(Errc::invalid_argument, "\"q\" says what to search for");
  return *text;
}

Result<json::array> shown_accounts(Rooms& rooms, const Caller& caller, const std::vector<std::string>& ids) {
  VT_TRY(auto hidden, rooms.people.hidden(caller_id(caller), ids));
  VT_TRY(auto not_findable, not_findable_for(rooms, caller, ids));
  hidden.merge(not_findable);
  VT_TRY(const auto found, rooms.accounts.by_ids(ids));
  json::array accounts;
  for (const auto& account : found)
    if (!hidden.contains(account.id)) accounts.push_back(profile_json(rooms, caller, account));
  return accounts;
}

/// A handle of somebody who has blocked the caller, or is not to be found, is not told.
Result<void> drop_hidden_handles(Rooms& rooms, const Caller& caller, std::vector<social::Suggestion>& suggestions) {
  const auto is_account = [](const social::Suggestion& one) { return one.kind == social::Suggestion::Kind::account; };
  std::vector<std::string> handles;
  for (const auto& one : suggestions)
    if (is_account(one)) handles.push_back(one.text);
  VT_TRY(auto hidden, rooms.people.hidden_handles(caller_id(caller), handles));
  VT_TRY(auto not_findable, rooms.families.not_findable_handles(handles));
  if (caller.account) not_findable.erase(caller.account->handle);
  hidden.merge(not_findable);
  std::erase_if(suggestions, [&](const auto& one) { return is_account(one) && hidden.contains(one.text); });
  return {};
}

/// What was asked for; of everything only what is asked.
struct Findings {
  social::FoundPage videos, accounts;
  std::vector<social::Topic> tags;
};

Result<Findings> find(Rooms& rooms, std::string_view query, Kind kind, std::string_view cursor) {
  Findings found;
  if (kind == Kind::all || kind == Kind::videos) {
    VT_TRY(found.videos, rooms.search.videos(query, cursor, videos_page_items));
  }
  // Further pages of everything are pages of videos: the rest stood beside the first.
  const bool beside = kind == Kind::all && cursor.empty();
  if (beside || kind == Kind::accounts) {
    VT_TRY(found.accounts,
           rooms.search.accounts(query, cursor, beside ? accounts_beside_videos_max : accounts_page_items));
  }
  if (beside || kind == Kind::tags) {
    VT_TRY(found.tags, rooms.search.tags(query));
    if (beside && found.tags.size() > tags_beside_videos_max) found.tags.resize(tags_beside_videos_max);
  }
  return found;
}

Result<Response> search(Rooms& rooms, const Request& request) {
  VT_TRY(const auto kind, kind_of(request));
  VT_TRY(const auto query, query_of(request));
  const Caller caller = caller_of(rooms, request);
  VT_CHECK(check_may_search(rooms, caller));
  VT_TRY(const auto found, find(rooms, query, kind, request.query_value("cursor").value_or("")));
  VT_TRY(auto videos, shown_videos(rooms, caller, found.videos.ids));
  VT_TRY(auto accounts, shown_accounts(rooms, caller, found.accounts.ids));
  json::array tags;
  for (const auto& one : found.tags) tags.push_back({{"tag", one.tag}, {"videos", one.videos}});
  return json_response(200, {{"videos", std::move(videos)},
                             {"accounts", std::move(accounts)},
                             {"tags", std::move(tags)},
                             {"next", text_or_null(kind == Kind::accounts ? found.accounts.next : found.videos.next)}});
}

Result<Response> suggest(Rooms& rooms, const Request& request) {
  VT_TRY(const auto query, query_of(request));
  const Caller caller = caller_of(rooms, request);
  VT_CHECK(check_may_search(rooms, caller));
  VT_TRY(auto suggestions, rooms.search.suggestions(query));
  VT_CHECK(drop_hidden_handles(rooms, caller, suggestions));
  json::array items;
  for (const auto& one : suggestions) items.push_back({{"text", one.text}, {"kind", social::name(one.kind)}});
  return json_response(200, {{"items", std::move(items)}});
}

Result<Response> tag_page(Rooms& rooms, const Request& request) {
  VT_TRY(const auto sort, sort_of(request));
  VT_TRY(const auto found, rooms.search.tag_page(request.parameter("tag"), sort,
                                                 request.query_value("cursor").value_or(""), videos_page_items));
  VT_TRY(auto items, shown_videos(rooms, caller_of(rooms, request), found.page.ids));
  return json_response(200, {{"tag", found.tag},
                             {"videos", found.videos},
                             {"items", std::move(items)},
                             {"next", text_or_null(found.page.next)}});
}

/// The primary language in the query, or "" for everything.
Result<std::string> trend_language(const Request& request) {
  const auto given = request.query_value("language");
  if (!given || given->empty()) return std::string();
  VT_TRY(const auto tag, checked_language(*given));
  return std::string(primary_language(tag));
}

/// A country in the query, or "" for none.
Result<std::string> trend_region(const Request& request) {
  const std::string region(request.query_value("region").value_or(""));
  if (region.empty() || is_country(region)) return region;
  return fail(Errc::invalid_argument, "\"region\" must be a country: two capital letters of ISO 3166-1");
}

/// What is shown, and of which region it is: of none where too few people like the same.
struct Shown {
  social::Trending trending;
  std::optional<std::string> region;
};

Result<Shown> trends_to_show(Rooms& rooms, const std::string& language, const std::string& region) {
  if (!region.empty()) {
    VT_TRY(auto found, rooms.trends.in_region(region));
    if (found) return Shown{std::move(*found), region};
  }
  VT_TRY(auto now, rooms.trends.now(language));
  return Shown{std::move(now), std::nullopt};
}

json::array trending_tags_json(const Shown& shown) {
  json::array tags;
  for (const auto& one : shown.trending.tags)
    tags.push_back({{"tag", one.tag},
                    {"videos", one.videos},
                    {"score", shown.region ? json::value(nullptr) : json::value(one.score)}});
  return tags;
}

Result<Response> trending(Rooms& rooms, const Request& request) {
  VT_TRY(const auto language, trend_language(request));
  VT_TRY(const auto region, trend_region(request));
  if (!language.empty() && !region.empty())
    return fail(Errc::invalid_argument, "trends are of a language or of a region, not of both");
  VT_TRY(const auto shown, trends_to_show(rooms, language, region));
  VT_TRY(const auto spoken, rooms.trends.languages());
  VT_TRY(const auto regions, rooms.trends.regions());
  VT_TRY(auto videos, shown_videos(rooms, caller_of(rooms, request), shown.trending.videos));
  json::array languages;
  for (const auto& one : spoken) languages.push_back({{"language", one}, {"label", language_name(one)}});
  return json_response(200,
                       {{"tags", trending_tags_json(shown)},
                        {"videos", std::move(videos)},
                        {"languages", std::move(languages)},
                        {"regions", json::array(regions.begin(), regions.end())},
                        {"region", text_or_null(shown.region)},
                        {"definition", shown.region ? social::region_definition() : social::trending_definition()}});
}

}  // namespace

void add_search(http::Router& router, Rooms& rooms) {
  using http::Method;
  router.add(Method::get, "/api/v1/search", answer(rooms, search));
  router.add(Method::get, "/api/v1/search/suggestions", answer(rooms, suggest));
  router.add(Method::get, "/api/v1/tags/{tag}", answer(rooms, tag_page));
  router.add(Method::get, "/api/v1/trending", answer(rooms, trending));
}

}  // namespace vitrine::api
