// What creators learn of how they are watched. Never of fewer people than analytics_people_min: docs/analytics.md.
#include "social/analytics.hpp"

#include <chrono>
#include <cmath>
#include <fmt/chrono.h>

#include "api/api.hpp"
#include "api/caller.hpp"
#include "api/render.hpp"
#include "social/videos.hpp"

namespace vitrine::api {
namespace {

using http::Request;
using http::Response;
using social::Figure;

constexpr int days_default = 28;
constexpr int offset_minutes_max = 14 * 60;  // Kiribati

json::value figure_json(const Figure& figure) { return figure ? json::value(*figure) : json::value(nullptr); }

template <class Figures>
json::array figures_json(const Figures& figures) {
  json::array list;
  for (const auto& figure : figures) list.push_back(figure_json(figure));
  return list;
}

std::string day_text(std::int64_t day) { return fmt::format("{:%F}", std::chrono::sys_days(std::chrono::days(day))); }

json::object day_json(const social::DayFigures& day) {
  json::object out{{"day", day_text(day.day)},
                   {"views", figure_json(day.views)},
                   {"watched_ms", figure_json(day.watched_ms)},
                   {"followers", figure_json(day.followers)}};
  for (std::size_t i = 0; i < social::acts.size(); ++i) out[social::acts[i]] = figure_json(day.acted[i]);
  return out;
}

json::object common_json(const social::Figures& figures) {
  json::array days, sources;
  for (const auto& day : figures.days) days.push_back(day_json(day));
  for (std::size_t i = 0; i < social::traffic_sources.size(); ++i)
    sources.push_back({{"source", social::traffic_sources[i]}, {"views", figure_json(figures.sources[i])}});
  json::object totals{{"views", figure_json(figures.views)},
                      {"viewers", figure_json(figures.viewers)},
                      {"watched_ms", figure_json(figures.watched_ms)},
                      {"watched_percent", figure_json(figures.watched_percent)}};
  for (std::size_t i = 0; i < social::acts.size(); ++i) totals[social::acts[i]] = figure_json(figures.acted[i]);
  return {{"people_min", social::analytics_people_min},
          {"totals", std::move(totals)},
          {"days", std::move(days)},
          {"sources", std::move(sources)}};
}

Result<std::int64_t> days_asked_for(const Request& request) {
  VT_TRY(const auto days, int_query(request, "days", days_default, 1, static_cast<int>(social::analytics_days_kept)));
  if (days == 7 || days == 28 || days == social::analytics_days_kept) return days;
  return fail(Errc::invalid_argument, "\"days\" must be 7, 28 or {}", social::analytics_days_kept);
}

Response private_json(const json::object& body) {
  auto response = json_response(200, body);
  response.headers.set("Cache-Control", "no-store");
  return response;
}

/// Clips that are to be seen by nobody else have figures, too: they had them before.
Result<json::array> top_json(Rooms& rooms, const Caller& caller, const std::vector<social::TopVideo>& top) {
  json::array items;
  for (const auto& one : top) {
    auto video = rooms.videos.by_id(one.video);
    if (!video && video.error().code == Errc::not_found) continue;
    VT_CHECK(video);
    items.push_back({{"video", video_json_for(rooms, caller, *video)}, {"views", one.views}});
  }
  return items;
}

Result<Response> get_of_account(Rooms& rooms, const Request& request) {
  VT_TRY(const auto caller, signed_in_caller(rooms, request));
  VT_TRY(const auto days, days_asked_for(request));
  VT_TRY(const auto offset, int_query(request, "offset_minutes", 0, -offset_minutes_max, offset_minutes_max));
  const auto hours_east = static_cast<std::int64_t>(std::floor(offset / 60.0));
  VT_TRY(const auto figures, rooms.analytics.of_account(caller.account->id, days, hours_east));
  auto body = common_json(figures);
  body["hours"] = figures_json(figures.hours);
  VT_TRY(body["top"], top_json(rooms, caller, figures.top));
  return private_json(body);
}

/// To others than its creator there is no such page, whether they may see the video or not.
Result<Response> get_of_video(Rooms& rooms, const Request& request) {
  VT_TRY(const auto caller, signed_in_caller(rooms, request));
  VT_TRY(const auto video, rooms.videos.by_id(request.parameter("id")));
  if (video.creator_id != caller.account->id) return fail(Errc::not_found, "there is no such video of yours");
  VT_TRY(const auto days, days_asked_for(request));
  VT_TRY(const auto figures, rooms.analytics.of_video(video.id, days));
  auto body = common_json(figures);
  body["retention"] = figures_json(figures.retention);
  return private_json(body);
}

}  // namespace

void add_analytics(http::Router& router, Rooms& rooms) {
  router.add(http::Method::get, "/api/v1/account/analytics", answer(rooms, get_of_account));
  router.add(http::Method::get, "/api/v1/videos/{id}/analytics", answer(rooms, get_of_video));
}

}  // namespace vitrine::api
