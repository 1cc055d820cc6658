// How long somebody may watch in a day and when the feed rests: what they set, and what takes effect elsewhere.
#include "social/limits.hpp"

#include "api/api.hpp"
#include "api/caller.hpp"
#include "api/family.hpp"
#include "api/render.hpp"
#include "base/log.hpp"

namespace vitrine::api {
namespace {

using http::Request;
using http::Response;

constexpr std::int64_t minute_ms = 60'000;

Result<Response> state_response(Rooms& rooms, const social::Account& account) {
  VT_TRY(const auto state, rooms.limits.state(account.id));
  return json_response(200, limits_json(state));
}

Result<Response> get_limits(Rooms& rooms, const Request& request) {
  VT_TRY(const auto account, require_account(rooms, request));
  return state_response(rooms, account);
}

/// All members are asked for, as in all settings.
Result<Response> put_limits(Rooms& rooms, const Request& request) {
  VT_TRY(const auto account, require_account(rooms, request));
  VT_TRY(const auto body, body_object(request));
  VT_TRY(const auto limits, read_limits(body));
  const auto* hide = body.if_contains("hide_sensitive");
  if (!hide || !hide->is_bool()) return fail(Errc::invalid_argument, "member \"hide_sensitive\" must be true or false");
  VT_CHECK(rooms.limits.set(account.id, limits, hide->get_bool()));
  return state_response(rooms, account);
}

Result<Response> put_time_zone(Rooms& rooms, const Request& request) {
  VT_TRY(const auto account, require_account(rooms, request));
  VT_TRY(const auto body, body_object(request));
  VT_TRY(const auto zone, text_member(body, "time_zone"));
  VT_CHECK(rooms.limits.set_time_zone(account.id, zone));
  return state_response(rooms, account);
}

Result<Response> extend(Rooms& rooms, const Request& request) {
  VT_TRY(const auto account, require_account(rooms, request));
  VT_CHECK(rooms.limits.extend(account.id));
  return state_response(rooms, account);
}

json::value number_or_null(std::optional<int> number) { return number ? json::value(*number) : json::value(nullptr); }

json::value time_or_null(std::optional<TimeMs> time) { return time ? json::value(*time) : json::value(nullptr); }

/// A member that may be null but not missing.
Result<const json::value*> asked_member(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  if (!value) return fail(Errc::invalid_argument, "member \"{}\" is missing: null says none", key);
  return value;
}

Result<social::Quiet> read_quiet(const json::value& value) {
  if (!value.is_object()) return fail(Errc::invalid_argument, "member \"quiet\" must be an object, or null");
  VT_TRY(const auto from, text_member(value.get_object(), "from"));
  VT_TRY(const auto to, text_member(value.get_object(), "to"));
  social::Quiet quiet;
  VT_TRY(quiet.from_min, social::minute_of_day_in(from));
  VT_TRY(quiet.to_min, social::minute_of_day_in(to));
  return quiet;
}

}  // namespace

Result<social::Limits> read_limits(const json::object& body) {
  social::Limits limits;
  VT_TRY(const auto* daily, asked_member(body, "daily_minutes"));
  if (!daily->is_null()) {
    VT_TRY(const auto minutes, int_member(body, "daily_minutes"));
    limits.daily_minutes = static_cast<int>(std::clamp<std::int64_t>(minutes, 0, social::minutes_of_day + 1));
  }
  VT_TRY(const auto* quiet, asked_member(body, "quiet"));
  if (!quiet->is_null()) {
    VT_TRY(limits.quiet, read_quiet(*quiet));
  }
  VT_CHECK(social::check_limits(limits));
  return limits;
}

json::object plain_limits_json(const social::Limits& limits) {
  json::value quiet = nullptr;
  if (limits.quiet)
    quiet = {{"from", social::clock_text(limits.quiet->from_min)}, {"to", social::clock_text(limits.quiet->to_min)}};
  return {{"daily_minutes", number_or_null(limits.daily_minutes)}, {"quiet", std::move(quiet)}};
}

json::object limits_json(const social::LimitState& state) {
  auto object = plain_limits_json(state.limits);
  object["own"] = plain_limits_json(state.own);
  object["bound"] = state.bound ? json::value(plain_limits_json(*state.bound)) : json::value(nullptr);
  object["guarded"] = state.guarded;
  object["hide_sensitive"] = state.hides_sensitive;
  object["may_show_sensitive"] = state.may_show_sensitive;
  object["time_zone"] = state.time_zone.empty() ? json::value(nullptr) : json::value(state.time_zone);
  object["used_minutes"] = state.used_ms / minute_ms;
  object["used_seconds"] = state.used_ms / 1000;
  object["extra_minutes"] = state.extra_minutes;
  object["may_extend"] = state.may_extend;
  object["rest"] = social::name(state.rest);
  object["until"] = time_or_null(state.until);
  object["night_at"] = time_or_null(state.night_at);
  return object;
}

void count_watched(Rooms& rooms, const Caller& caller, std::span<const feed::WatchTime> watched) {
  if (!caller.account) return;
  for (const auto& one : watched)
    if (const auto done = rooms.limits.add_watched(caller.account->id, one.shown_at, one.watched_ms); !done)
      log::warning("limits.count", {{"error", done.error().message}});
}

Result<json::value> rest_json(Rooms& rooms, const Caller& caller) {
  if (!caller.account) return json::value(nullptr);
  VT_TRY(const auto state, rooms.limits.state(caller.account->id));
  if (state.rest == social::Rest::none) return json::value(nullptr);
  return json::value{{"why", social::name(state.rest)}, {"until", *state.until}};
}

void add_limits(http::Router& router, Rooms& rooms) {
  using http::Method;
  router.add(Method::get, "/api/v1/account/limits", answer(rooms, get_limits));
  router.add(Method::put, "/api/v1/account/limits", answer(rooms, put_limits));
  router.add(Method::put, "/api/v1/account/limits/time-zone", answer(rooms, put_time_zone));
  router.add(Method::post, "/api/v1/account/limits/extra", answer(rooms, extend));
}

}  // namespace vitrine::api
