// What is held about the person who asks: shown, opened for them, proven by receipts, guarded, and handed out whole.
#include "api/api.hpp"
#include "api/caller.hpp"
#include "api/export.hpp"
#include "api/family.hpp"
#include "api/personal.hpp"
#include "api/render.hpp"
#include "base/crypto.hpp"
#include "custody/vault_port.hpp"
#include "social/age.hpp"

namespace vitrine::api {
namespace {

using http::Request;
using http::Response;

json::array texts(const std::vector<std::string>& list) {
  json::array out;
  for (const auto& one : list) out.emplace_back(one);
  return out;
}

Result<json::array> sealed_json(Rooms& rooms, std::string_view subject) {
  VT_TRY(const auto records, rooms.custody.vault().records_of(subject));
  json::array out;
  for (const auto& record : records) {
    json::array purposes;
    for (const auto& one : custody::purposes_for(rooms.custody.rules(), record.data_class)) purposes.emplace_back(one);
    out.push_back({{"class", record.data_class},
                   {"since_s", record.since_s},
                   {"until_s", record.expires_s > 0 ? json::value(record.expires_s) : json::value(nullptr)},
                   {"purposes", std::move(purposes)}});
  }
  return out;
}

Result<Response> get_my_data(Rooms& rooms, const Request& request) {
  VT_TRY(auto caller, signed_in_or_suspended(rooms, request));
  VT_TRY(const auto personal, personal_of(rooms, caller));
  const auto& account = *caller.account;
  VT_CHECK(rooms.custody.settle(person_of(account)));
  VT_TRY(auto sealed, sealed_json(rooms, account.id));
  VT_TRY(const auto held, rooms.accounts.holdings(account.id));
  auto response = json_response(200, {{"zone", *rooms.custody.rules().zones.begin()},
                                      {"age_band", social::name(account.age_band)},
                                      {"exposed", personal.guarded},
                                      {"receipt_key", crypto::base64(personal.receipt_key)},
                                      {"account_since_ms", account.created_at},
                                      {"sealed", std::move(sealed)},
                                      {"plain",
                                       {{"videos", held.videos},
                                        {"likes", held.likes},
                                        {"follows", held.follows},
                                        {"passkeys", held.passkeys},
                                        {"sessions", held.sessions},
                                        {"comments", held.comments},
                                        {"collections", held.collections},
                                        {"blocks", held.blocks},
                                        {"mutes", held.mutes},
                                        {"notifications", held.notifications},
                                        {"playlists", held.playlists},
                                        {"devices", held.devices},
                                        {"reposts", held.reposts}}}});
  response.headers.set("Cache-Control", "private, no-store");
  return response;
}

/// A minor who has come of age is let into the adults' band when they look at their birth date.
Result<void> grow_up(Rooms& rooms, social::Account& account, const std::vector<std::string>& birth_dates) {
  if (account.age_band == social::AgeBand::adult || birth_dates.empty()) return {};
  VT_TRY(const auto band, social::band_of(birth_dates.back(), rooms.clock.now()));
  return band == social::AgeBand::adult ? come_of_age(rooms, account) : Result<void>();
}

Result<Response> open_my_field(Rooms& rooms, const Request& request) {
  VT_TRY(auto caller, signed_in_or_suspended(rooms, request));
  const std::string data_class(request.parameter("class"));
  if (!custody::is_data_class(data_class)) return fail(Errc::not_found, "there is no class of data of that name");
  VT_CHECK(rooms.custody.settle(person_of(*caller.account)));
  VT_TRY(const auto fields, rooms.custody.vault().read_own(caller.account->id, data_class));
  if (data_class.ends_with("identity")) VT_CHECK(grow_up(rooms, *caller.account, fields));
  auto response = json_response(200, {{"fields", texts(fields)}});
  response.headers.set("Cache-Control", "private, no-store");
  return response;
}

Result<Response> get_receipts(Rooms& rooms, const Request& request) {
  VT_TRY(auto caller, signed_in_or_suspended(rooms, request));
  VT_TRY(auto receipts, receipts_json(rooms, caller.account->id));
  auto response = json_response(200, {{"receipts", std::move(receipts)}});
  response.headers.set("Cache-Control", "private, no-store");
  return response;
}

Result<Response> set_exposed(Rooms& rooms, const Request& request) {
  VT_TRY(auto caller, signed_in_or_suspended(rooms, request));
  VT_TRY(const auto body, body_object(request));
  const auto* value = body.if_contains("exposed");
  if (!value || !value->is_bool()) return fail(Errc::invalid_argument, "member \"exposed\" must be true or false");
  VT_TRY(auto personal, personal_of(rooms, caller));
  const auto person = person_of(*caller.account);
  if (personal.guarded != value->get_bool()) {
    personal.guarded = value->get_bool();
    // The link says it too, so it is sealed anew before the rest is.
    VT_CHECK(rooms.database.transaction(store::Access::write, [&](store::Session& session) -> Result<void> {
      VT_CHECK(rooms.custody.erase(session, person, "link"));
      return rooms.custody.seal(session, person, personal, "link", personal.text());
    }));
    VT_CHECK(rooms.custody.settle(person));
    VT_CHECK(rooms.custody.vault().set_guarded(person.subject, personal.guarded || person.minor));
    VT_CHECK(rooms.accounts.keep_secret(person.subject, caller.token, personal.text()));
    note_security_event(rooms, *caller.account, personal, request,
                        personal.guarded ? "protection switched on" : "protection switched off");
  }
  return json_response(200, {{"exposed", personal.guarded}});
}

}  // namespace

Result<json::array> receipts_json(Rooms& rooms, std::string_view subject) {
  VT_TRY(const auto receipts, rooms.custody.vault().receipts(subject));
  json::array list;
  for (const auto& one : receipts) {
    json::object receipt{{"entry", one.entry}, {"at_s", one.at_s}};
    if (!one.tags.empty()) {
      json::array tags;
      for (const auto& tag : one.tags) tags.emplace_back(crypto::base64(crypto::bytes_of(tag)));
      receipt["tags"] = std::move(tags);
    }
    list.push_back(std::move(receipt));
  }
  return list;
}

void add_my_data(http::Router& router, Rooms& rooms) {
  using http::Method;
  router.add(Method::get, "/api/v1/my/data", answer(rooms, get_my_data));
  router.add(Method::post, "/api/v1/my/data/{class}", answer(rooms, open_my_field));
  router.add(Method::get, "/api/v1/my/receipts", answer(rooms, get_receipts));
  router.add(Method::put, "/api/v1/my/exposed", answer(rooms, set_exposed));
  router.add(Method::get, "/api/v1/my/export", answer(rooms, export_everything));
}

}  // namespace vitrine::api
