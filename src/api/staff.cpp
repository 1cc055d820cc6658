// The staff's console: cases, requests for one field of one person, signatures, the opening. A request names a handle;
// there is no way to look for people by what is sealed about them.
#include "api/staff.hpp"

#include "api/caller.hpp"
#include "api/personal.hpp"
#include "api/render.hpp"
#include "base/crypto.hpp"
#include "custody/public_register.hpp"
#include "custody/vault_port.hpp"

namespace vitrine::api {
namespace {

using http::Request;
using http::Response;

constexpr std::size_t requests_listed_max = 100;
constexpr int shown_seconds = 60;

json::object case_json(const social::Case& one) {
  return {
      {"id", one.id}, {"title", one.title}, {"state", one.open ? "open" : "closed"}, {"created_at_ms", one.created_at}};
}

Result<social::StaffMember> staff_of(Rooms& rooms, const Request& request) {
  VT_TRY(const auto account, require_account(rooms, request));
  VT_TRY(auto staff, rooms.staff.of_account(account.id));
  if (!staff) return fail(Errc::forbidden, "this is for people on the roster");
  return std::move(*staff);
}

std::string_view name(custody::RequestState::Stage stage) {
  switch (stage) {
    case custody::RequestState::Stage::waiting: return "waiting";
    case custody::RequestState::Stage::opened: return "opened";
    case custody::RequestState::Stage::refused: return "refused";
  }
  return "";
}

/// What a browser needs to have the member's passkey sign the request.
json::object signing_options(Rooms& rooms, const custody::Request& request, const social::StaffMember& staff) {
  const json::object credential{{"type", "public-key"},
                                {"id", crypto::base64url(crypto::bytes_of(staff.credential_id))}};
  return {{"challenge", crypto::base64url(request.challenge())},
          {"rpId", rooms.custody.rules().rp_id},
          {"allowCredentials", json::array{credential}},
          {"userVerification", "required"},
          {"timeout", social::challenge_lifetime_ms}};
}

json::value case_of(Rooms& rooms, const std::string& id) {
  if (const auto found = rooms.staff.case_by_id(id)) return {{"id", found->id}, {"title", found->title}};
  return {{"id", id}, {"title", ""}};
}

json::object request_json(Rooms& rooms, const custody::RequestState& state, const social::StaffMember& staff) {
  const auto& request = state.request;
  const auto subject = rooms.accounts.by_id(state.subject);
  const auto rule = rooms.custody.rules().purposes.find(request.purpose);
  json::array approvals;
  for (const auto& one : state.approvals) approvals.emplace_back(one);
  return {{"id", request.id},
          {"handle", subject ? json::value(subject->handle) : json::value(nullptr)},
          {"class", request.data_class},
          {"purpose", request.purpose},
          {"case", case_of(rooms, request.case_id)},
          {"reader", request.reader},
          {"created_at_ms", request.created_s * 1000},
          {"state", name(state.stage)},
          {"reason", state.reason},
          {"approvals", std::move(approvals)},
          {"signers_needed", rule == rooms.custody.rules().purposes.end() ? 0 : rule->second.signers},
          {"mine", request.reader == staff.member_id},
          {"signed", std::ranges::find(state.approvals, staff.member_id) != state.approvals.end()},
          {"options", signing_options(rooms, request, staff)}};
}

Result<custody::RequestState> state_of(Rooms& rooms, std::string_view id) {
  VT_TRY(const auto states, rooms.custody.vault().requests("", requests_listed_max));
  for (const auto& state : states)
    if (state.request.id == id) return state;
  return fail(Errc::not_found, "there is no such request");
}

Result<Response> request_response(Rooms& rooms, int status, std::string_view id, const social::StaffMember& staff) {
  VT_TRY(const auto state, state_of(rooms, id));
  return json_response(status, {{"request", request_json(rooms, state, staff)}});
}

// --- cases ---------------------------------------------------------------------------------------------------

Result<Response> list_cases(Rooms& rooms, const Request& request) {
  VT_CHECK(staff_of(rooms, request));
  VT_TRY(const auto cases, rooms.staff.cases());
  json::array items;
  for (const auto& one : cases) items.push_back(case_json(one));
  return json_response(200, {{"items", std::move(items)}, {"next", nullptr}});
}

Result<Response> make_case(Rooms& rooms, const Request& request) {
  VT_CHECK(staff_of(rooms, request));
  VT_TRY(const auto body, body_object(request));
  VT_TRY(const auto title, text_member(body, "title"));
  VT_TRY(const auto made, rooms.staff.open_case(title));
  return json_response(201, {{"case", case_json(made)}});
}

Result<Response> set_case(Rooms& rooms, const Request& request) {
  VT_CHECK(staff_of(rooms, request));
  VT_TRY(const auto body, body_object(request));
  VT_TRY(const auto state, text_member(body, "state"));
  if (state != "open" && state != "closed")
    return fail(Errc::invalid_argument, "member \"state\" must be open or closed");
  VT_TRY(const auto now, rooms.staff.set_case(request.parameter("id"), state == "open"));
  return json_response(200, {{"case", case_json(now)}});
}

// --- requests ------------------------------------------------------------------------------------------------

Result<Response> list_requests(Rooms& rooms, const Request& request) {
  VT_TRY(const auto staff, staff_of(rooms, request));
  VT_TRY(const auto states, rooms.custody.vault().requests("", requests_listed_max));
  json::array items;
  for (const auto& state : states) items.push_back(request_json(rooms, state, staff));
  auto response = json_response(200, {{"items", std::move(items)}, {"next", nullptr}});
  response.headers.set("Cache-Control", "private, no-store");
  return response;
}

/// A minor's "contact" is asked for as "contact" too: which class that is follows from the account.
Result<Response> make_request(Rooms& rooms, const Request& request) {
  VT_TRY(const auto staff, staff_of(rooms, request));
  VT_TRY(const auto body, body_object(request));
  VT_TRY(const auto handle, text_member(body, "handle"));
  VT_TRY(const auto data_class, text_member(body, "class"));
  VT_TRY(const auto purpose, text_member(body, "purpose"));
  VT_TRY(const auto case_id, text_member(body, "case"));
  VT_TRY(const auto found, rooms.staff.case_by_id(case_id));
  if (!found.open) return fail(Errc::unprocessable, "this case is closed; open it again first");
  VT_TRY(const auto subject, rooms.accounts.by_handle(handle));
  VT_CHECK(rooms.custody.settle(person_of(subject)));
  const auto asked_class = data_class.starts_with("minor.") ? std::string(data_class)
                                                            : custody::Front::class_of(person_of(subject), data_class);
  VT_TRY(const auto made, rooms.custody.vault().ask(member_of(staff), subject.id, asked_class, purpose, found.id));
  return request_response(rooms, 201, made.id, staff);
}

/// A member of an AuthenticationResponseJSON's "response" (WebAuthn Level 3, §5.1.6), decoded.
Result<std::string> signed_member(const json::object& body, std::string_view key) {
  const auto* inner = body.if_contains("response");
  if (!inner || !inner->is_object()) return fail(Errc::invalid_argument, "member \"response\" is missing");
  VT_TRY(const auto text, text_member(inner->get_object(), key));
  return crypto::from_base64url(text);
}

Result<Response> sign_request(Rooms& rooms, const Request& request) {
  VT_TRY(const auto staff, staff_of(rooms, request));
  VT_TRY(const auto body, body_object(request));
  VT_TRY(const auto state, state_of(rooms, request.parameter("id")));
  VT_TRY(const auto credential, text_member(body, "rawId"));
  if (credential != crypto::base64url(crypto::bytes_of(staff.credential_id)))
    return fail(Errc::forbidden, "this is not the passkey that the roster names: sign with that one");
  custody::Approval approval{.by = staff.member_id};
  VT_TRY(approval.authenticator_data, signed_member(body, "authenticatorData"));
  VT_TRY(approval.client_data, signed_member(body, "clientDataJSON"));
  VT_TRY(approval.signature, signed_member(body, "signature"));
  // Custodians check it again; here it spares people a round that cannot end well.
  VT_CHECK(custody::verify(approval, state.request, member_of(staff), rooms.custody.rules().rp_id));
  VT_CHECK(rooms.custody.vault().approve(state.request.id, approval));
  return request_response(rooms, 200, state.request.id, staff);
}

Result<Response> open_request(Rooms& rooms, const Request& request) {
  VT_TRY(const auto staff, staff_of(rooms, request));
  VT_TRY(const auto state, state_of(rooms, request.parameter("id")));
  if (state.request.reader != staff.member_id) return fail(Errc::forbidden, "only who asked for a field is shown it");
  VT_TRY(const auto field, rooms.custody.vault().open_field(state.request.id));
  auto response = json_response(200, {{"field", field}, {"seconds", shown_seconds}});
  response.headers.set("Cache-Control", "private, no-store");
  return response;
}

using Attempts = std::map<std::string, custody::RequestState::Attempt>;

/// By the nonce of the entry that each stands under.
Result<Attempts> attempts_known_to_vault(Rooms& rooms, const std::string& member) {
  VT_TRY(const auto states, rooms.custody.vault().requests(member, custody::limits::attempts_per_reader_max));
  Attempts out;
  for (const auto& state : states)
    for (const auto& one : state.attempts) out.emplace(one.nonce, one);
  return out;
}

/// An entry of access says only that it was asked: custodians read it before they let a field be opened or refuse.
json::object attempt_json(const custody::Register::Attempt& logged, const Attempts& known, const std::string& member) {
  const auto found = known.find(logged.nonce);
  const bool is_known = !logged.refused && found != known.end();
  const auto stage = is_known ? found->second.stage : custody::RequestState::Stage::waiting;
  std::string_view kind = stage == custody::RequestState::Stage::waiting ? "asked" : name(stage);
  if (logged.refused) kind = "refused";
  return {{"at_ms", logged.bucket_s * 1000},
          {"kind", kind},
          {"purpose", logged.purpose},
          {"class", logged.data_class},
          {"reader", member},
          {"reason", is_known ? found->second.reason : logged.reason}};
}

/// One's own attempts, as the public log shows them to everybody under one's pseudonym, and what came of them.
Result<Response> get_history(Rooms& rooms, const Request& request) {
  VT_TRY(const auto staff, staff_of(rooms, request));
  VT_TRY(const auto known, attempts_known_to_vault(rooms, staff.member_id));
  json::array items;
  for (const auto& one : rooms.public_register.view().entries->attempts_of(staff.member_id))
    items.push_back(attempt_json(one, known, staff.member_id));
  return json_response(200, {{"items", std::move(items)}, {"next", nullptr}});
}

}  // namespace

custody::Member member_of(const social::StaffMember& staff) {
  return {.id = staff.member_id,
          .role = staff.role == "overseer" ? custody::Role::overseer : custody::Role::staff,
          .zone = staff.zone,
          .cose_key = staff.public_key};
}

Result<custody::Member> require_staff(Rooms& rooms, const http::Request& request) {
  VT_TRY(const auto staff, staff_of(rooms, request));
  return member_of(staff);
}

void add_staff(http::Router& router, Rooms& rooms) {
  using http::Method;
  router.add(Method::get, "/api/v1/staff/cases", answer(rooms, list_cases));
  router.add(Method::post, "/api/v1/staff/cases", answer(rooms, make_case));
  router.add(Method::patch, "/api/v1/staff/cases/{id}", answer(rooms, set_case));
  router.add(Method::get, "/api/v1/staff/requests", answer(rooms, list_requests));
  router.add(Method::post, "/api/v1/staff/requests", answer(rooms, make_request));
  router.add(Method::post, "/api/v1/staff/requests/{id}/approvals", answer(rooms, sign_request));
  router.add(Method::post, "/api/v1/staff/requests/{id}/open", answer(rooms, open_request));
  router.add(Method::get, "/api/v1/staff/history", answer(rooms, get_history));
}

}  // namespace vitrine::api
