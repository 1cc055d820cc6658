// What people report, what was decided about them, and their appeals.
#include "api/caller.hpp"
#include "api/moderation.hpp"
#include "api/render.hpp"
#include "base/log.hpp"
#include "social/comments.hpp"
#include "social/people.hpp"
#include "social/verification.hpp"
#include "social/videos.hpp"

namespace vitrine::api {
namespace {

using http::Request;
using http::Response;

json::object target_json(const social::Target& target) {
  return {{"kind", social::name(target.kind)}, {"id", target.id}};
}

json::value outcome_json(const std::optional<social::ReportOutcome>& outcome) {
  if (!outcome) return nullptr;
  return {{"action", social::name(outcome->action)},
          {"ground", social::name(outcome->ground)},
          {"rule", outcome->rule},
          {"decided_at", outcome->decided_at},
          {"reversed", outcome->reversed}};
}

json::value time_or_null(const std::optional<TimeMs>& time) { return time ? json::value(*time) : json::value(nullptr); }

json::value appeal_json(const std::optional<social::Appeal>& appeal) {
  if (!appeal) return nullptr;
  const bool decided = appeal->outcome.has_value();
  return {{"id", appeal->id},
          {"text", appeal->text},
          {"created_at", appeal->created_at},
          {"outcome", decided ? json::value(social::name(*appeal->outcome)) : json::value(nullptr)},
          {"reason", appeal->reason},
          {"decided_at", decided ? json::value(appeal->decided_at) : json::value(nullptr)}};
}

/// What is reported is there to be seen by whoever does not live with it: blocks do not count here, so that somebody
/// who blocked another can still report them.
Result<void> check_reportable(Rooms& rooms, std::string_view reporter, const social::Target& target) {
  if (target.kind == social::TargetKind::account) return {};
  std::string id = target.id;
  if (target.kind == social::TargetKind::comment) {
    VT_TRY(id, rooms.comments.video_of(target.id));
  }
  VT_TRY(const auto video, rooms.videos.by_id(id));
  VT_TRY(auto relation, rooms.people.relation(video.creator_id, reporter));
  relation.blocked = false;
  if (!social::may_watch(relation, video.exposure()))
    return fail(Errc::not_found, "there is no such {}", social::name(target.kind));
  return {};
}

Result<social::NewReport> report_in(const json::object& body) {
  social::NewReport out;
  VT_TRY(const auto kind, text_member(body, "kind"));
  VT_TRY(out.target.kind, social::one_of(social::target_kinds, kind, "kind"));
  VT_TRY(out.target.id, text_member(body, "id"));
  VT_TRY(const auto reason, text_member(body, "reason"));
  VT_TRY(out.reason, social::one_of(social::report_reasons, reason, "reason"));
  VT_TRY(out.country, text_member(body, "country", ""));
  VT_TRY(out.text, text_member(body, "text", ""));
  return out;
}

/// Who is impersonated, where the report says so. Errors: invalid_argument, not_found.
Result<std::optional<social::Account>> impersonated_in(Rooms& rooms, const json::object& body,
                                                       const social::NewReport& report) {
  VT_TRY(const auto handle, optional_text_member(body, "impersonates"));
  if (!handle) return std::nullopt;
  if (report.reason != social::ReportReason::impersonation)
    return fail(Errc::invalid_argument, "\"impersonates\" goes with the reason \"impersonation\"");
  VT_TRY(auto account, rooms.accounts.by_handle(*handle));
  return account;
}

Result<Response> post_report(Rooms& rooms, const Request& request) {
  VT_TRY(const auto account, require_account(rooms, request));
  VT_TRY(const auto body, body_object(request));
  VT_TRY(const auto given, report_in(body));
  VT_CHECK(check_reportable(rooms, account.id, given.target));
  VT_TRY(const auto impersonated, impersonated_in(rooms, body, given));
  VT_TRY(const auto report,
         rooms.moderation.report(account.id, given,
                                 [&](store::Session& session, const social::Report& made, std::string_view about) {
                                   if (!impersonated) return Result<void>{};
                                   return rooms.verification.name_impersonated(session, made.id, about, *impersonated);
                                 }));
  return json_response(201, report_json(rooms, report));
}

Result<Response> get_reasons(Rooms&, const Request&) {
  json::array items;
  for (const auto reason : social::report_reasons)
    if (reason != social::ReportReason::rule)
      items.push_back({{"reason", social::name(reason)}, {"text", social::words_for(reason)}});
  return json_response(200, {{"items", std::move(items)}, {"next", nullptr}});
}

/// An account is known by its handle; one that has gone by nothing.
json::value reported_account_json(Rooms& rooms, const social::Target& target) {
  if (target.kind != social::TargetKind::account) return nullptr;
  const auto account = rooms.accounts.by_id(target.id);
  if (!account) return nullptr;
  return person_json({account->id, account->handle, account->display_name});
}

Result<json::array> reports_json(Rooms& rooms, std::string_view account_id) {
  VT_TRY(const auto reports, rooms.moderation.reports_of(account_id));
  json::array items;
  for (const auto& report : reports) items.push_back(report_json(rooms, report));
  return items;
}

Result<json::array> decisions_json(Rooms& rooms, std::string_view account_id) {
  VT_TRY(const auto decisions, rooms.moderation.statements_of(account_id));
  json::array items;
  for (const auto& decision : decisions) items.push_back(decision_json(decision));
  return items;
}

Result<Response> get_reports(Rooms& rooms, const Request& request) {
  VT_TRY(const auto caller, signed_in_or_suspended(rooms, request));
  VT_TRY(auto items, reports_json(rooms, caller.account->id));
  return json_response(200, {{"items", std::move(items)}, {"next", nullptr}});
}

Result<Response> get_decisions(Rooms& rooms, const Request& request) {
  VT_TRY(const auto caller, signed_in_or_suspended(rooms, request));
  VT_TRY(auto items, decisions_json(rooms, caller.account->id));
  return json_response(200, {{"items", std::move(items)}, {"next", nullptr}});
}

Result<Response> post_appeal(Rooms& rooms, const Request& request) {
  VT_TRY(const auto caller, signed_in_or_suspended(rooms, request));
  VT_TRY(const auto body, body_object(request));
  VT_TRY(const auto text, text_member(body, "text"));
  VT_TRY(const auto decision, rooms.moderation.appeal(caller.account->id, request.parameter("id"), text));
  return json_response(201, decision_json(decision));
}

/// Brings an account that could be taken for a verified one to moderators.
Result<void> screen_likeness(Rooms& rooms, const std::string& account_id) {
  VT_TRY(const auto account, rooms.accounts.by_id(account_id));
  const auto original = rooms.verification.lookalike_of({account.id, account.handle, account.display_name});
  return original ? suspect_likeness(rooms, account.id, *original) : Result<void>{};
}

}  // namespace

json::object report_json(Rooms& rooms, const social::Report& report) {
  return {{"id", report.id},
          {"target", target_json(report.target)},
          {"account", reported_account_json(rooms, report.target)},
          {"reason", social::name(report.reason)},
          {"country", report.country.empty() ? json::value(nullptr) : json::value(report.country)},
          {"text", report.text},
          {"created_at", report.created_at},
          {"open", report.open},
          {"outcome", outcome_json(report.outcome)}};
}

json::object decision_json(const social::Decision& decision) {
  return {{"id", decision.id},
          {"target", target_json(decision.target)},
          {"action", social::name(decision.action)},
          {"labels", json::array(decision.labels.begin(), decision.labels.end())},
          {"ground", social::name(decision.ground)},
          {"rule", decision.rule},
          {"reason", decision.reason},
          {"facts", decision.facts},
          {"automated", decision.automated},
          {"made_at", decision.made_at},
          {"until", time_or_null(decision.until)},
          {"in_force", decision.in_force},
          {"reversed", decision.reversed},
          {"appeal_until",
           social::is_appealable(decision.action) ? json::value(decision.appeal_until()) : json::value(nullptr)},
          {"appeal", appeal_json(decision.appeal)}};
}

Result<json::object> moderation_of_json(Rooms& rooms, std::string_view account_id) {
  VT_TRY(auto reports, reports_json(rooms, account_id));
  VT_TRY(auto decisions, decisions_json(rooms, account_id));
  return json::object{{"reports", std::move(reports)}, {"decisions", std::move(decisions)}};
}

Result<void> suspect_likeness(Rooms& rooms, const std::string& account_id, const social::Person& original) {
  return rooms.moderation.suspect({social::TargetKind::account, account_id},
                                  {.rule = "could be taken for a verified account",
                                   .facts = fmt::format("name or handle look like those of @{}", original.handle)});
}

void screen_words(Rooms& rooms, const social::Target& target) {
  if (auto done = rooms.moderation.screen_words(target); !done)
    log::warning("moderation.screen", {{"error", done.error().message}});
  if (target.kind != social::TargetKind::account) return;
  if (auto done = screen_likeness(rooms, target.id); !done)
    log::warning("verification.screen", {{"error", done.error().message}});
}

Result<void> refuse_suspended(Rooms& rooms, const social::SignIn& made) {
  auto allowed = check_not_suspended(rooms, made.account);
  if (!allowed) VT_CHECK(rooms.accounts.sign_out(made.token));
  return allowed;
}

void add_reports(http::Router& router, Rooms& rooms) {
  using http::Method;
  router.add(Method::post, "/api/v1/reports", answer(rooms, post_report));
  router.add(Method::get, "/api/v1/reports/reasons", answer(rooms, get_reasons));
  router.add(Method::get, "/api/v1/account/reports", answer(rooms, get_reports));
  router.add(Method::get, "/api/v1/account/decisions", answer(rooms, get_decisions));
  router.add(Method::post, "/api/v1/account/decisions/{id}/appeal", answer(rooms, post_appeal));
}

}  // namespace vitrine::api
