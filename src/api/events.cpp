// POST /api/v1/events: what a player saw of how clips were watched. Answers 2xx only when what it accepted is durable.
#include <cmath>

#include "api/api.hpp"
#include "api/caller.hpp"
#include "api/family.hpp"
#include "api/render.hpp"
#include "base/json.hpp"
#include "feed/feed.hpp"

namespace vitrine::api {
namespace {

constexpr std::int64_t events_body_bytes_max = 256 << 10;

/// A whole number, or a fraction of one (players measure with fractions of milliseconds), rounded down.
Result<std::int64_t> whole_member(const json::object& object, std::string_view key, std::int64_t fallback) {
  constexpr double exact_max = 9e15;
  const auto* value = object.if_contains(key);
  if (value && value->is_double()) {
    const double number = value->get_double();
    if (!(std::abs(number) <= exact_max)) return fail(Errc::invalid_argument, "member \"{}\" is out of bounds", key);
    return static_cast<std::int64_t>(std::floor(number));
  }
  return int_member(object, key, fallback);
}

Result<void> read_flags(const json::object& object, feed::WatchEvent& event) {
  VT_TRY(event.finished, bool_member(object, "finished", false));
  VT_TRY(event.liked, bool_member(object, "liked", false));
  VT_TRY(event.shared, bool_member(object, "shared", false));
  VT_TRY(event.followed, bool_member(object, "followed", false));
  VT_TRY(event.commented, bool_member(object, "commented", false));
  VT_TRY(event.not_interested, bool_member(object, "not_interested", false));
  VT_TRY(event.reported, bool_member(object, "reported", false));
  return {};
}

Result<feed::WatchEvent> read_event(const json::value& value) {
  if (!value.is_object()) return fail(Errc::invalid_argument, "an event must be an object");
  const auto& object = value.get_object();
  feed::WatchEvent event;
  VT_TRY(event.id, text_member(object, "id"));
  VT_TRY(event.video, text_member(object, "video"));
  VT_TRY(event.page, text_member(object, "page", ""));
  VT_TRY(const auto surface_name, text_member(object, "surface", "for_you"));
  const auto surface = feed::surface_of(surface_name);
  if (!surface) return fail(Errc::invalid_argument, "\"surface\" must be for_you, following, profile, video or fresh");
  event.surface = *surface;
  if (!object.contains("shown_at")) return fail(Errc::invalid_argument, "member \"shown_at\" must be a whole number");
  VT_TRY(event.shown_at, whole_member(object, "shown_at", 0));
  VT_TRY(event.watched_ms, whole_member(object, "watched_ms", 0));
  VT_TRY(event.position, whole_member(object, "position", 0));
  VT_TRY(event.loops, whole_member(object, "loops", 0));
  VT_CHECK(read_flags(object, event));
  return event;
}

/// The events that can be read, with their places in the batch, and those that cannot.
struct Batch {
  std::vector<feed::WatchEvent> events;
  std::vector<std::size_t> places;
  std::vector<feed::Rejected> rejected;
};

Result<Batch> read_batch(std::string_view body) {
  VT_TRY(const auto root, parse_json(body, events_body_bytes_max));
  const auto* list = root.is_object() ? root.get_object().if_contains("events") : nullptr;
  if (!list || !list->is_array()) return fail(Errc::invalid_argument, "member \"events\" must be a list");
  const auto& items = list->get_array();
  if (items.size() > feed::limits::events_per_batch_max)
    return fail(Errc::invalid_argument, "more than {} events in one batch: send several",
                feed::limits::events_per_batch_max);
  Batch batch;
  for (std::size_t i = 0; i < items.size(); ++i) {
    auto event = read_event(items[i]);
    if (!event) {
      batch.rejected.push_back({i, std::move(event).error().message});
      continue;
    }
    batch.events.push_back(std::move(*event));
    batch.places.push_back(i);
  }
  return batch;
}

json::object intake_json(const feed::Intake& intake, Batch batch) {
  for (const auto& one : intake.rejected) batch.rejected.push_back({batch.places[one.index], one.detail});
  std::ranges::sort(batch.rejected, {}, &feed::Rejected::index);
  json::array rejected;
  for (const auto& one : batch.rejected) rejected.push_back({{"index", one.index}, {"detail", one.detail}});
  return {{"accepted", intake.accepted}, {"duplicates", intake.duplicates}, {"rejected", std::move(rejected)}};
}

/// navigator.sendBeacon sends a string as text/plain.
bool is_accepted_type(std::string_view content_type) {
  const auto type = media_type(content_type);
  return type == "application/json" || type == "text/plain";
}

http::Response take_events(Rooms& rooms, const http::Request& request) {
  if (!is_accepted_type(request.headers.find("Content-Type").value_or("application/json")))
    return http::problem({Errc::unsupported, "events are sent as application/json or text/plain"});
  auto batch = read_batch(request.body);
  if (!batch) return http::problem(batch.error());
  const Caller caller = caller_of(rooms, request);
  const auto intake = rooms.feed.record(caller.viewer, batch->events);
  if (!intake) return http::problem(intake.error());
  count_watched(rooms, caller, intake->watched);
  auto response = http::Response::json(200, json::serialize(intake_json(*intake, std::move(*batch))));
  response.headers.set("Cache-Control", "no-store");
  remember_viewer(response, caller, request);
  return response;
}

}  // namespace

void add_events(http::Router& router, Rooms& rooms) {
  router.add(http::Method::post, "/api/v1/events",
             [&rooms](const http::Request& request) { return take_events(rooms, request); },
             {.run = http::Run::worker, .body_bytes_max = events_body_bytes_max});
}

}  // namespace vitrine::api
