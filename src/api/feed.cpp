// GET /api/v1/feed: a page of videos with the reason for each; the settings that ranked it.
#include <map>
#include <set>

#include "api/api.hpp"
#include "api/family.hpp"
#include "api/feed_page.hpp"
#include "api/render.hpp"
#include "social/follows.hpp"
#include "social/reposts.hpp"
#include "social/videos.hpp"

namespace vitrine::api {
namespace {

constexpr int default_limit = 10;
constexpr int refills_max = 3;

using Reposters = std::map<std::string, social::Person>;  ///< by video

/// Whoever blocks somebody ends that person's follow, too, but does not know their pseudonym: in what the feed knows of
/// them the follow lingers until they look at whom they follow.
Result<void> end_lingering_follows(Rooms& rooms, const Caller& caller, const Reposters& reposters,
                                   std::vector<social::Video>& videos) {
  if (!caller.account) return {};
  std::set<std::string> creators;
  for (const auto& video : videos) creators.insert(video.creator_id);
  VT_TRY(const auto followed, rooms.follows.followed_among(caller.account->id, creators));
  for (const auto& creator : creators)
    if (!followed.contains(creator)) VT_CHECK(rooms.feed.follow(caller.viewer, creator, false));
  std::erase_if(videos, [&](const social::Video& video) {
    return !followed.contains(video.creator_id) && !reposters.contains(video.id);
  });
  return {};
}

json::value reposter_json(Rooms& rooms, const Reposters& reposters, const feed::Item& item) {
  const auto by = reposters.find(item.video);
  if (item.source != feed::Source::reposted || by == reposters.end()) return nullptr;
  return person_json(rooms, by->second);
}

/// Adds the videos that are live and not hidden by a block; one removed a moment ago is passed over.
Result<void> add_live(Rooms& rooms, const Caller& caller, feed::Mode mode, const feed::Page& page,
                      const Reposters& reposters, json::array& items) {
  std::vector<std::string> ids;
  for (const auto& item : page.items) ids.push_back(item.video);
  VT_TRY(auto videos, rooms.videos.live(ids));
  if (mode == feed::Mode::following) VT_CHECK(end_lingering_follows(rooms, caller, reposters, videos));
  VT_CHECK(drop_hidden(rooms, caller, videos));
  auto rendered = videos_json(rooms, caller, videos);
  for (std::size_t i = 0; i < videos.size(); ++i) {
    const auto item = std::ranges::find(page.items, videos[i].id, &feed::Item::video);
    if (item == page.items.end()) continue;
    if (mode == feed::Mode::following) rendered[i].as_object()["reposted_by"] = reposter_json(rooms, reposters, *item);
    items.push_back(
        {{"video", std::move(rendered[i])}, {"reason", {{"source", feed::name(item->source)}, {"text", item->text}}}});
  }
  return {};
}

/// Puts what people whom the caller follows repost into the request; gives who reposted what.
Result<Reposters> offer_reposts(Rooms& rooms, const Caller& caller, feed::PageRequest& request) {
  Reposters reposters;
  if (request.mode != feed::Mode::following || !caller.account) return reposters;
  VT_TRY(const auto reposts, rooms.reposts.for_follower(caller.account->id));
  for (const auto& one : reposts) {
    request.reposts.push_back({one.video, one.at});
    reposters.emplace(one.video, one.by);
  }
  return reposters;
}

http::Response get_page(Rooms& rooms, const http::Request& request) {
  const auto limit = int_query(request, "limit", default_limit, 1, feed::limits::page_items_max);
  if (!limit) return http::problem(limit.error());
  const auto mode = feed::mode_of(request.query_value("mode").value_or("for_you"));
  if (!mode) return http::problem({Errc::invalid_argument, "\"mode\" must be for_you, following or fresh"});
  const Caller caller = caller_of(rooms, request);
  // ?start=1: the page opens a visit, so what was handed out before but not watched may come again.
  const auto place = request.query_value("start") == "1" ? feed::Place::first : feed::Place::next;
  const bool receipt = request.query_value("receipt") == "1";
  const auto page = feed_page_json(
      rooms, caller, {.viewer = caller.viewer, .mode = *mode, .limit = *limit, .place = place, .receipt = receipt});
  if (!page) return http::problem(page.error());
  auto response = http::Response::json(200, json::serialize(*page));
  response.headers.set("Cache-Control", "private, no-store");
  remember_viewer(response, caller, request);
  return response;
}

http::Response get_settings(Rooms& rooms, const http::Request&) {
  return http::Response::text(200, "text/plain; charset=utf-8", rooms.feed.settings());
}

}  // namespace

Result<json::object> feed_page_json(Rooms& rooms, const Caller& caller, feed::PageRequest request) {
  VT_TRY(auto rest, rest_json(rooms, caller));
  if (!rest.is_null())
    return json::object{{"page", ""}, {"items", json::array()}, {"end", true}, {"rest", std::move(rest)}};
  const int wanted = request.limit;
  VT_TRY(const auto reposters, offer_reposts(rooms, caller, request));
  VT_TRY(auto page, rooms.feed.page(request));
  const std::string id = page.id;
  json::array items, receipts;
  const auto take = [&]() -> Result<void> {
    if (request.receipt) receipts.emplace_back(page.receipt);
    return add_live(rooms, caller, request.mode, page, reposters, items);
  };
  VT_CHECK(take());
  request.place = feed::Place::next;
  for (int refill = 0; refill < refills_max && !page.end && std::ssize(items) < wanted; ++refill) {
    request.limit = wanted - static_cast<int>(items.size());
    VT_TRY(page, rooms.feed.page(request));
    VT_CHECK(take());
  }
  json::object out{{"page", id}, {"items", std::move(items)}, {"end", page.end}, {"rest", nullptr}};
  if (request.receipt) out["receipts"] = std::move(receipts);
  return out;
}

void add_feed(http::Router& router, Rooms& rooms) {
  router.add(http::Method::get, "/api/v1/feed",
             [&rooms](const http::Request& request) { return get_page(rooms, request); },
             {.run = http::Run::computing});
  router.add(http::Method::get, "/api/v1/feed/settings",
             [&rooms](const http::Request& request) { return get_settings(rooms, request); });
}

}  // namespace vitrine::api
