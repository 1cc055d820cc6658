// Who is who: asking to be verified, proving a domain, and deciding. docs/verification.md says what each of it means.
#include "social/verification.hpp"

#include "api/api.hpp"
#include "api/caller.hpp"
#include "api/moderation.hpp"
#include "api/render.hpp"
#include "base/log.hpp"
#include "social/domain_proof.hpp"
#include "social/moderators.hpp"
#include "social/staff.hpp"

namespace vitrine::api {
namespace {

using http::Request;
using http::Response;

json::value time_or_null(TimeMs time) { return time > 0 ? json::value(time) : json::value(nullptr); }

json::object request_json(const social::VerificationRequest& request) {
  return {{"id", request.id},
          {"kind", social::name(request.kind)},
          {"name", request.name},
          {"links", json::array(request.links.begin(), request.links.end())},
          {"text", request.text},
          {"renamed", request.renamed},
          {"state", social::name(request.state)},
          {"reason", request.reason},
          {"created_at", request.created_at},
          {"decided_at", time_or_null(request.decided_at)}};
}

json::object domain_json(const social::DomainLink& link) {
  return {{"domain", link.domain},
          {"token", link.token},
          {"file", fmt::format("https://{}{}", link.domain, social::proof_path)},
          {"profile", link.profile},
          {"state", social::name(link.state)},
          {"proven_at", time_or_null(link.proven_at)},
          {"checked_at", time_or_null(link.checked_at)},
          {"problem", link.problem}};
}

json::object status_json(Rooms& rooms, const social::Account& account, const social::VerificationStatus& status) {
  json::object out{{"verified", badge_json(rooms, {account.id, account.handle, account.display_name})},
                   {"paused", status.paused},
                   {"request", nullptr},
                   {"domain", nullptr}};
  if (status.request) out["request"] = request_json(*status.request);
  if (status.domain) out["domain"] = domain_json(*status.domain);
  return out;
}

Result<Response> status_response(Rooms& rooms, const social::Account& account, int status_code) {
  VT_TRY(const auto status, verification_of_json(rooms, account.id));
  return json_response(status_code, status);
}

// --- the person ------------------------------------------------------------------------------------------------------

Result<Response> get_status(Rooms& rooms, const Request& request) {
  VT_TRY(const auto account, require_account(rooms, request));
  return status_response(rooms, account, 200);
}

Result<Response> post_request(Rooms& rooms, const Request& request) {
  VT_TRY(const auto account, require_account(rooms, request));
  VT_TRY(const auto body, body_object(request));
  social::NewVerification given;
  VT_TRY(const auto kind, text_member(body, "kind"));
  VT_TRY(given.kind, social::one_of(social::verified_kinds, kind, "kind"));
  VT_TRY(given.name, text_member(body, "name"));
  VT_TRY(given.text, text_member(body, "text", ""));
  VT_TRY(const auto links, texts_member(body, "links"));
  given.links = links.value_or(std::vector<std::string>{});
  VT_CHECK(rooms.verification.ask(account.id, given));
  return status_response(rooms, account, 201);
}

Result<Response> delete_verification(Rooms& rooms, const Request& request) {
  VT_TRY(const auto account, require_account(rooms, request));
  VT_CHECK(rooms.verification.give_up(account.id));
  return status_response(rooms, account, 200);
}

Result<Response> put_domain(Rooms& rooms, const Request& request) {
  VT_TRY(const auto account, require_account(rooms, request));
  VT_TRY(const auto body, body_object(request));
  VT_TRY(const auto domain, text_member(body, "domain"));
  const auto profile = fmt::format("{}/@{}", origin_of(rooms, request), account.handle);
  VT_CHECK(rooms.verification.link_domain(account.id, domain, profile));
  return status_response(rooms, account, 200);
}

Result<Response> check_domain(Rooms& rooms, const Request& request) {
  VT_TRY(const auto account, require_account(rooms, request));
  VT_TRY(const auto link, rooms.verification.check_domain(account.id));
  if (link.state == social::DomainState::proven) screen_lookalikes(rooms, account.id);
  return status_response(rooms, account, 200);
}

Result<Response> delete_domain(Rooms& rooms, const Request& request) {
  VT_TRY(const auto account, require_account(rooms, request));
  VT_CHECK(rooms.verification.unlink_domain(account.id));
  return status_response(rooms, account, 200);
}

// --- moderators and overseers ----------------------------------------------------------------------------------------

Result<social::Account> require_verifier(Rooms& rooms, const Request& request) {
  VT_TRY(auto account, require_account(rooms, request));
  VT_TRY(const bool is_moderator, rooms.moderators.has(account.id));
  if (is_moderator) return account;
  VT_TRY(const auto staff, rooms.staff.of_account(account.id));
  if (staff && staff->role == "overseer") return account;
  return fail(Errc::forbidden, "this is for moderators and overseers");
}

Result<Response> get_queue(Rooms& rooms, const Request& request) {
  VT_TRY(const auto verifier, require_verifier(rooms, request));
  VT_TRY(const auto queue, rooms.verification.queue(verifier.id));
  json::array items;
  for (const auto& one : queue) {
    auto item = request_json(one.request);
    item["person"] = person_json(rooms, one.person);
    item["bio"] = one.bio;
    item["domain"] = text_or_null(one.domain);
    item["verified_name"] = one.verified_name;
    item["may_decide"] = one.may_decide;
    items.push_back(std::move(item));
  }
  return json_response(200, {{"items", std::move(items)}, {"next", nullptr}});
}

Result<Response> decide(Rooms& rooms, const Request& request) {
  VT_TRY(const auto verifier, require_verifier(rooms, request));
  VT_TRY(const auto body, body_object(request));
  VT_TRY(const auto outcome, text_member(body, "outcome"));
  if (outcome != "granted" && outcome != "refused")
    return fail(Errc::invalid_argument, "\"outcome\" must be granted or refused");
  VT_TRY(const auto display_name, text_member(body, "display_name"));
  VT_TRY(const auto reason, text_member(body, "reason"));
  VT_TRY(const auto account_id,
         rooms.verification.decide(verifier.id, request.parameter("id"), outcome == "granted", display_name, reason));
  if (outcome == "granted") screen_lookalikes(rooms, account_id);
  return Response::empty(204);
}

Result<Response> get_verified(Rooms& rooms, const Request& request) {
  VT_CHECK(require_verifier(rooms, request));
  VT_TRY(const auto verified, rooms.verification.verified());
  json::array items;
  for (const auto& one : verified) {
    auto person = person_json(rooms, one.person);
    person["paused"] = one.paused;
    person["since"] = one.badge.since;
    items.push_back(std::move(person));
  }
  return json_response(200, {{"items", std::move(items)}, {"next", nullptr}});
}

Result<Response> revoke(Rooms& rooms, const Request& request) {
  VT_CHECK(require_verifier(rooms, request));
  VT_TRY(const auto body, body_object(request));
  VT_TRY(const auto reason, text_member(body, "reason"));
  VT_TRY(const auto account, rooms.accounts.by_handle(request.parameter("handle")));
  VT_CHECK(rooms.verification.revoke(account.id, reason));
  return Response::empty(204);
}

}  // namespace

Result<json::object> verification_of_json(Rooms& rooms, std::string_view account_id) {
  VT_TRY(const auto account, rooms.accounts.by_id(account_id));
  VT_TRY(const auto status, rooms.verification.status(account_id));
  return status_json(rooms, account, status);
}

/// All accounts are compared, so it is nothing to wait for.
void screen_lookalikes(Rooms& rooms, const std::string& verified_id) {
  rooms.chores([&rooms, verified_id]() -> Result<void> {
    VT_TRY(const auto verified, rooms.accounts.by_id(verified_id));
    const social::Person original{verified.id, verified.handle, verified.display_name};
    return rooms.verification.find_lookalikes(verified_id, [&](const social::Person& person) {
      if (auto done = suspect_likeness(rooms, person.id, original); !done)
        log::warning("verification.screen", {{"error", done.error().message}});
    });
  });
}

void add_verification(http::Router& router, Rooms& rooms) {
  using http::Method;
  router.add(Method::get, "/api/v1/account/verification", answer(rooms, get_status));
  router.add(Method::post, "/api/v1/account/verification", answer(rooms, post_request));
  router.add(Method::del, "/api/v1/account/verification", answer(rooms, delete_verification));
  router.add(Method::put, "/api/v1/account/verification/domain", answer(rooms, put_domain));
  router.add(Method::post, "/api/v1/account/verification/domain/check", answer(rooms, check_domain));
  router.add(Method::del, "/api/v1/account/verification/domain", answer(rooms, delete_domain));
  router.add(Method::get, "/api/v1/moderation/verifications", answer(rooms, get_queue));
  router.add(Method::post, "/api/v1/moderation/verifications/{id}/decision", answer(rooms, decide));
  router.add(Method::get, "/api/v1/moderation/verified", answer(rooms, get_verified));
  router.add(Method::post, "/api/v1/moderation/verified/{handle}/revocation", answer(rooms, revoke));
}

}  // namespace vitrine::api
