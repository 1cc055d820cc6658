// Demands of authorities, for the service's staff. What becomes public of them, the log tells (glass.cpp).
#include "custody/demands.hpp"

#include "api/api.hpp"
#include "api/glass.hpp"
#include "api/render.hpp"
#include "api/staff.hpp"

namespace vitrine::api {
namespace {

using http::Request;
using http::Response;

constexpr std::size_t authority_characters_max = 200, basis_characters_max = 500, reason_characters_max = 500;

Response demand_response(const Rooms& rooms, int status, const custody::Demand& demand) {
  return json_response(status, {{"demand", demand_json(demand, rooms.clock.now() / 1000)}});
}

Result<Response> get_demands(Rooms& rooms, const Request& request) {
  VT_CHECK(require_staff(rooms, request));
  VT_TRY(const auto list, rooms.demands.list());
  json::array items;
  for (const auto& one : list) items.push_back(demand_json(one, rooms.clock.now() / 1000));
  return json_response(200, {{"items", std::move(items)}, {"next", nullptr}});
}

Result<std::string> checked_member(const json::object& body, std::string_view key, std::size_t characters_max) {
  VT_TRY(const auto text, text_member(body, key));
  return social::checked_text(text, characters_max, fmt::format("\"{}\"", key));
}

Result<custody::entry::DemandContent> content_in(const json::object& body) {
  custody::entry::DemandContent out;
  VT_TRY(out.authority, checked_member(body, "authority", authority_characters_max));
  VT_TRY(out.basis, checked_member(body, "basis", basis_characters_max));
  VT_TRY(out.data_class, text_member(body, "class"));
  VT_TRY(out.country, text_member(body, "country"));
  VT_TRY(out.zone, text_member(body, "zone"));
  return out;
}

Result<Response> take_in_demand(Rooms& rooms, const Request& request) {
  VT_CHECK(require_staff(rooms, request));
  VT_TRY(const auto body, body_object(request));
  VT_TRY(const auto content, content_in(body));
  VT_TRY(const auto sealed_until, optional_text_member(body, "sealed_until"));
  std::optional<std::int64_t> open_by_s;
  if (sealed_until) {
    VT_TRY(open_by_s, day_start_s(*sealed_until));
  }
  VT_TRY(const auto demand, rooms.demands.take_in(content, open_by_s));
  return demand_response(rooms, 201, demand);
}

Result<Response> decide_demand(Rooms& rooms, const Request& request) {
  VT_CHECK(require_staff(rooms, request));
  VT_TRY(const auto body, body_object(request));
  VT_TRY(const auto word, text_member(body, "outcome"));
  VT_TRY(const auto outcome, custody::outcome_of(word));
  VT_TRY(const auto reason, checked_member(body, "reason", reason_characters_max));
  VT_TRY(const auto demand, rooms.demands.decide(request.parameter("id"), outcome, reason));
  return demand_response(rooms, 200, demand);
}

Result<Response> open_demand(Rooms& rooms, const Request& request) {
  VT_CHECK(require_staff(rooms, request));
  VT_TRY(const auto demand, rooms.demands.unseal(request.parameter("id")));
  return demand_response(rooms, 200, demand);
}

}  // namespace

void add_demands(http::Router& router, Rooms& rooms) {
  using http::Method;
  router.add(Method::get, "/api/v1/staff/demands", answer(rooms, get_demands));
  router.add(Method::post, "/api/v1/staff/demands", answer(rooms, take_in_demand));
  router.add(Method::post, "/api/v1/staff/demands/{id}/outcome", answer(rooms, decide_demand));
  router.add(Method::post, "/api/v1/staff/demands/{id}/opening", answer(rooms, open_demand));
}

}  // namespace vitrine::api
