// Pairing a guardian's account with a young person's, and what guardians set.
#include "social/families.hpp"

#include "api/api.hpp"
#include "api/caller.hpp"
#include "api/family.hpp"
#include "api/render.hpp"
#include "social/notifications.hpp"

namespace vitrine::api {
namespace {

using http::Request;
using http::Response;
using social::NotificationKind;

json::array texts_json(const std::vector<std::string>& texts) { return json::array(texts.begin(), texts.end()); }

json::object pairing_json(const social::Pairing& one, std::string_view viewer) {
  const bool guards = one.guardian.id == viewer;
  return {{"id", one.id},
          {"role", social::name(guards ? social::FamilyRole::guardian : social::FamilyRole::ward)},
          {"other", person_json(guards ? one.ward : one.guardian)},
          {"confirmed", guards ? one.guardian_confirmed : one.ward_confirmed},
          {"confirmed_by_other", guards ? one.ward_confirmed : one.guardian_confirmed},
          {"made_at", one.made_at},
          {"since", one.since ? json::value(*one.since) : json::value(nullptr)}};
}

json::object controls_json(const social::Controls& controls) {
  auto object = plain_limits_json(controls.limits);
  object["comments"] = social::name(controls.comments);
  object["mentions"] = social::name(controls.mentions);
  object["sensitive_locked"] = controls.sensitive_locked;
  object["left_out"] = texts_json(controls.left_out);
  object["search"] = controls.search;
  object["findable"] = controls.findable;
  return object;
}

json::array changes_json(const std::vector<social::FamilyChange>& changes) {
  json::array list;
  for (const auto& one : changes)
    list.push_back({{"at", one.at},
                    {"by", one.by ? json::value(person_json(*one.by)) : json::value(nullptr)},
                    {"what", one.what},
                    {"before", one.before},
                    {"after", one.after}});
  return list;
}

json::array days_json(const std::vector<social::WatchDay>& days) {
  json::array list;
  for (const auto& one : days) list.push_back({{"day", one.day}, {"minutes", one.minutes}});
  return list;
}

Result<social::Who> who_member(const json::object& body, std::string_view key) {
  VT_TRY(const auto text, text_member(body, key));
  const auto who = social::who_of(text);
  if (social::name(who) != text)
    return fail(Errc::invalid_argument, "\"{}\" must be one of: everyone, followers, nobody", key);
  return who;
}

Result<bool> asked_bool(const json::object& body, std::string_view key) {
  const auto* value = body.if_contains(key);
  if (!value || !value->is_bool()) return fail(Errc::invalid_argument, "member \"{}\" must be true or false", key);
  return value->get_bool();
}

/// All members are asked for, as in all settings.
Result<social::Controls> read_controls(const json::object& body) {
  social::Controls controls;
  VT_TRY(controls.limits, read_limits(body));
  VT_TRY(controls.comments, who_member(body, "comments"));
  VT_TRY(controls.mentions, who_member(body, "mentions"));
  VT_TRY(controls.sensitive_locked, asked_bool(body, "sensitive_locked"));
  VT_TRY(auto left_out, texts_member(body, "left_out"));
  if (!left_out) return fail(Errc::invalid_argument, "member \"left_out\" must be a list of texts");
  controls.left_out = std::move(*left_out);
  VT_TRY(controls.search, asked_bool(body, "search"));
  VT_TRY(controls.findable, asked_bool(body, "findable"));
  return controls;
}

void tell(Rooms& rooms, NotificationKind kind, const std::string& recipient, const std::string& actor) {
  rooms.notifications.tell({kind, recipient, actor, "", ""});
}

// --- resources ---------------------------------------------------------------------------------------------------

Result<Response> get_family(Rooms& rooms, const Request& request) {
  VT_TRY(const auto account, require_account(rooms, request));
  VT_TRY(const auto pairings, rooms.families.of_account(account.id));
  VT_TRY(auto family, family_json(rooms, account));
  json::array list;
  for (const auto& one : pairings) list.push_back(pairing_json(one, account.id));
  family["pairings"] = std::move(list);
  return json_response(200, family);
}

Result<Response> make_code(Rooms& rooms, const Request& request) {
  VT_TRY(const auto account, require_account(rooms, request));
  VT_TRY(const auto code, rooms.families.make_code(account.id));
  return json_response(201, {{"code", code.text}, {"expires_at", code.expires_at}});
}

Result<Response> enter_code(Rooms& rooms, const Request& request) {
  VT_TRY(const auto account, require_account(rooms, request));
  VT_TRY(const auto body, body_object(request));
  VT_TRY(const auto code, text_member(body, "code"));
  VT_TRY(const auto made, rooms.families.enter_code(account.id, code));
  return json_response(201, pairing_json(made, account.id));
}

Result<Response> confirm(Rooms& rooms, const Request& request) {
  VT_TRY(const auto account, require_account(rooms, request));
  VT_TRY(const auto pairing, rooms.families.confirm(account.id, request.parameter("id")));
  if (pairing.since) tell(rooms, NotificationKind::family_change, pairing.ward.id, pairing.guardian.id);
  return json_response(200, pairing_json(pairing, account.id));
}

Result<Response> end_pairing(Rooms& rooms, const Request& request) {
  VT_TRY(const auto account, require_account(rooms, request));
  VT_TRY(const auto pairing, rooms.families.end(account.id, request.parameter("id")));
  const auto& other = pairing.guardian.id == account.id ? pairing.ward : pairing.guardian;
  if (pairing.since) tell(rooms, NotificationKind::family_end, other.id, account.id);
  return Response::empty(204);
}

/// The same for the young person and for each guardian: what one sees, the other can.
Result<Response> get_ward(Rooms& rooms, const Request& request) {
  VT_TRY(const auto account, require_account(rooms, request));
  const auto ward = request.parameter("id");
  VT_TRY(const auto controls, rooms.families.controls(account.id, ward));
  VT_TRY(const auto changes, rooms.families.history(account.id, ward));
  VT_TRY(const auto days, rooms.limits.days(ward));
  VT_TRY(const auto person, rooms.accounts.by_id(ward));
  return json_response(200, {{"person", person_json({person.id, person.handle, person.display_name})},
                             {"controls", controls_json(controls)},
                             {"days", days_json(days)},
                             {"changes", changes_json(changes)}});
}

Result<Response> put_controls(Rooms& rooms, const Request& request) {
  VT_TRY(const auto account, require_account(rooms, request));
  VT_TRY(const auto body, body_object(request));
  VT_TRY(const auto controls, read_controls(body));
  const std::string ward(request.parameter("id"));
  VT_TRY(const auto changed, rooms.families.set_controls(account.id, ward, controls));
  if (changed > 0) tell(rooms, NotificationKind::family_change, ward, account.id);
  VT_TRY(const auto kept, rooms.families.controls(account.id, ward));
  return json_response(200, controls_json(kept));
}

}  // namespace

Result<json::object> family_json(Rooms& rooms, const social::Account& account) {
  VT_TRY(const auto pairings, rooms.families.of_account(account.id));
  const bool waits = std::ranges::any_of(pairings, [](const auto& one) { return !one.since; });
  const bool paired = std::ranges::any_of(pairings, [](const auto& one) { return one.since.has_value(); });
  const auto own = account.age_band == social::AgeBand::minor ? social::FamilyRole::ward : social::FamilyRole::guardian;
  return json::object{{"role", social::name(paired ? own : social::FamilyRole::none)}, {"waiting", waits}};
}

Result<json::object> everything_of_family_json(Rooms& rooms, std::string_view account_id) {
  VT_TRY(const auto state, rooms.limits.state(account_id));
  VT_TRY(const auto days, rooms.limits.days(account_id));
  VT_TRY(const auto pairings, rooms.families.of_account(account_id));
  json::array paired;
  for (const auto& one : pairings) paired.push_back(pairing_json(one, account_id));
  json::object out{{"limits", limits_json(state)}, {"days", days_json(days)}, {"pairings", std::move(paired)}};
  if (const auto controls = rooms.families.controls(account_id, account_id)) {
    VT_TRY(const auto changes, rooms.families.history(account_id, account_id));
    out["controls"] = controls_json(*controls);
    out["changes"] = changes_json(changes);
  }
  return out;
}

Result<void> drop_unfit(Rooms& rooms, const Caller& caller, std::vector<social::Video>& videos) {
  if (!caller.account || videos.empty()) return {};
  VT_TRY(const auto rules, rooms.families.rules_for(caller.account->id));
  std::erase_if(videos, [&](const social::Video& video) {
    if (video.creator_id == caller.account->id) return false;
    const auto is_left_out = [&](const std::string& tag) {
      return std::ranges::find(rules.left_out, tag) != rules.left_out.end();
    };
    return (rules.hides_sensitive && video.has_label(social::VideoLabel::sensitive)) ||
           std::ranges::any_of(video.tags, is_left_out);
  });
  return {};
}

Result<void> check_may_search(Rooms& rooms, const Caller& caller) {
  if (!caller.account) return {};
  VT_TRY(const auto rules, rooms.families.rules_for(caller.account->id));
  if (rules.search) return {};
  return fail(Errc::forbidden, "your guardian has switched search off; your family page says who and when");
}

Result<std::set<std::string>> not_findable_for(Rooms& rooms, const Caller& caller, std::span<const std::string> ids) {
  VT_TRY(auto hidden, rooms.families.not_findable(ids));
  hidden.erase(std::string(caller_id(caller)));
  return hidden;
}

Result<void> come_of_age(Rooms& rooms, social::Account& account) {
  VT_TRY(const auto guardians, rooms.families.come_of_age(account.id));
  VT_CHECK(rooms.accounts.set_age_band(account.id, social::AgeBand::adult));
  for (const auto& guardian : guardians) tell(rooms, NotificationKind::family_end, guardian, account.id);
  VT_TRY(account, rooms.accounts.by_id(account.id));
  return {};
}

void add_families(http::Router& router, Rooms& rooms) {
  using http::Method;
  router.add(Method::get, "/api/v1/family", answer(rooms, get_family));
  router.add(Method::post, "/api/v1/family/codes", answer(rooms, make_code));
  router.add(Method::post, "/api/v1/family/pairings", answer(rooms, enter_code));
  router.add(Method::put, "/api/v1/family/pairings/{id}/confirmation", answer(rooms, confirm));
  router.add(Method::del, "/api/v1/family/pairings/{id}", answer(rooms, end_pairing));
  router.add(Method::get, "/api/v1/family/wards/{id}", answer(rooms, get_ward));
  router.add(Method::put, "/api/v1/family/wards/{id}/controls", answer(rooms, put_controls));
}

}  // namespace vitrine::api
