// The moderators' side: the queue, decisions, appeals, automatic rules.
#include "api/moderation.hpp"

#include "api/caller.hpp"
#include "api/render.hpp"
#include "social/moderators.hpp"
#include "social/verification.hpp"

namespace vitrine::api {
namespace {

using http::Request;
using http::Response;

Result<social::Account> require_moderator(Rooms& rooms, const Request& request) {
  VT_TRY(auto account, require_account(rooms, request));
  VT_TRY(const bool is_one, rooms.moderators.has(account.id));
  if (!is_one) return fail(Errc::forbidden, "this is for moderators");
  return account;
}

json::value concerned_json(Rooms& rooms, const std::string& account_id) {
  const auto account = rooms.accounts.by_id(account_id);
  if (!account) return nullptr;
  return person_json({account->id, account->handle, account->display_name});
}

json::value claim_json(Rooms& rooms, const social::ModerationCase& about, std::string_view moderator) {
  if (about.claimed_by.empty()) return nullptr;
  return {{"by", concerned_json(rooms, about.claimed_by)},
          {"mine", about.claimed_by == moderator},
          {"until", about.claimed_until}};
}

/// Who reported is not told.
json::object report_in_case(const social::Report& report, const std::map<std::string, social::Person>& impersonated) {
  const auto original = impersonated.find(report.id);
  return {{"reason", social::name(report.reason)},
          {"impersonates", original == impersonated.end() ? json::value(nullptr) : person_json(original->second)},
          {"country", report.country.empty() ? json::value(nullptr) : json::value(report.country)},
          {"text", report.text},
          {"created_at", report.created_at}};
}

json::object case_json(Rooms& rooms, const social::ModerationCase& about, std::string_view moderator) {
  json::array reports, in_force;
  std::vector<std::string> ids;
  for (const auto& report : about.newest) ids.push_back(report.id);
  const auto impersonated = rooms.verification.impersonated(ids).value_or(std::map<std::string, social::Person>{});
  for (const auto& report : about.newest) reports.push_back(report_in_case(report, impersonated));
  for (const auto& decision : about.in_force) in_force.push_back(decision_json(decision));
  return {{"id", about.id},
          {"target", {{"kind", social::name(about.target.kind)}, {"id", about.target.id}}},
          {"words", about.words},
          {"concerned", concerned_json(rooms, about.concerned_id)},
          {"severity", about.severity},
          {"reports", about.reports},
          {"created_at", about.created_at},
          {"claim", claim_json(rooms, about, moderator)},
          {"newest", std::move(reports)},
          {"in_force", std::move(in_force)}};
}

// --- the queue -------------------------------------------------------------------------------------------------------

Result<Response> get_queue(Rooms& rooms, const Request& request) {
  VT_TRY(const auto moderator, require_moderator(rooms, request));
  VT_TRY(const auto queue, rooms.moderation.queue());
  json::array items;
  for (const auto& one : queue) items.push_back(case_json(rooms, one, moderator.id));
  return json_response(200, {{"items", std::move(items)}, {"next", nullptr}});
}

Result<Response> claim_case(Rooms& rooms, const Request& request) {
  VT_TRY(const auto moderator, require_moderator(rooms, request));
  VT_TRY(const auto about, rooms.moderation.claim(moderator.id, request.parameter("id")));
  return json_response(200, case_json(rooms, about, moderator.id));
}

Result<Response> release_case(Rooms& rooms, const Request& request) {
  VT_TRY(const auto moderator, require_moderator(rooms, request));
  VT_TRY(const auto about, rooms.moderation.release(moderator.id, request.parameter("id")));
  return json_response(200, case_json(rooms, about, moderator.id));
}

Result<std::set<social::VideoLabel>> labels_in(const json::object& body) {
  std::set<social::VideoLabel> out;
  VT_TRY(const auto names, texts_member(body, "labels"));
  for (const auto& one : names.value_or(std::vector<std::string>{})) {
    VT_TRY(const auto label, social::one_of(social::video_labels, one, "labels"));
    out.insert(label);
  }
  return out;
}

Result<social::NewDecision> decision_in(const json::object& body) {
  social::NewDecision out;
  VT_TRY(const auto action, text_member(body, "action"));
  VT_TRY(out.action, social::one_of(social::moderation_actions, action, "action"));
  VT_TRY(out.labels, labels_in(body));
  VT_TRY(const auto ground, text_member(body, "ground"));
  VT_TRY(out.ground, social::one_of(social::grounds, ground, "ground"));
  VT_TRY(out.rule, text_member(body, "rule"));
  VT_TRY(out.reason, text_member(body, "reason"));
  VT_TRY(out.facts, text_member(body, "facts", ""));
  VT_TRY(out.days, int_member(body, "days", 0));
  return out;
}

Result<Response> decide_case(Rooms& rooms, const Request& request) {
  VT_TRY(const auto moderator, require_moderator(rooms, request));
  VT_TRY(const auto body, body_object(request));
  VT_TRY(const auto given, decision_in(body));
  VT_TRY(const auto decision, rooms.moderation.decide(moderator.id, request.parameter("id"), given));
  return json_response(200, decision_json(decision));
}

/// All that was decided about whom a case or an appeal concerns.
Result<Response> get_decisions_about(Rooms& rooms, const Request& request) {
  VT_CHECK(require_moderator(rooms, request));
  VT_TRY(const auto decisions, rooms.moderation.statements_of(request.parameter("id")));
  json::array items;
  for (const auto& decision : decisions) items.push_back(decision_json(decision));
  return json_response(200, {{"items", std::move(items)}, {"next", nullptr}});
}

// --- appeals ---------------------------------------------------------------------------------------------------------

Result<Response> get_appeals(Rooms& rooms, const Request& request) {
  VT_TRY(const auto moderator, require_moderator(rooms, request));
  VT_TRY(const auto appeals, rooms.moderation.appeals(moderator.id));
  json::array items;
  for (const auto& one : appeals)
    items.push_back({{"id", one.appeal.id},
                     {"decision", decision_json(one.decision)},
                     {"concerned", concerned_json(rooms, one.concerned_id)},
                     {"may_decide", one.may_decide}});
  return json_response(200, {{"items", std::move(items)}, {"next", nullptr}});
}

Result<Response> decide_appeal(Rooms& rooms, const Request& request) {
  VT_TRY(const auto moderator, require_moderator(rooms, request));
  VT_TRY(const auto body, body_object(request));
  VT_TRY(const auto word, text_member(body, "outcome"));
  VT_TRY(const auto outcome, social::one_of(social::appeal_outcomes, word, "outcome"));
  VT_TRY(const auto reason, text_member(body, "reason"));
  VT_TRY(const auto decision, rooms.moderation.decide_appeal(moderator.id, request.parameter("id"), outcome, reason));
  return json_response(200, decision_json(decision));
}

// --- automatic rules -------------------------------------------------------------------------------------------------

json::object rules_json(const social::AutomaticRules& rules) {
  json::array words, hashes;
  for (const auto& word : rules.words) words.push_back({{"text", word.text}, {"outcome", social::name(word.outcome)}});
  for (const auto& hash : rules.hashes)
    hashes.push_back({{"sha256", hash.sha256}, {"outcome", social::name(hash.outcome)}});
  return {{"words", std::move(words)},
          {"hashes", std::move(hashes)},
          {"videos_per_hour", rules.videos_per_hour},
          {"rate_outcome", social::name(rules.rate_outcome)}};
}

/// Reads a list of {`key`: text, "outcome": …}. All members are asked for: what was left out by mistake would be
/// undone.
template <class Entry>
Result<std::vector<Entry>> entries_in(const json::object& body, std::string_view list, std::string_view key) {
  const auto* value = body.if_contains(list);
  if (!value || !value->is_array()) return fail(Errc::invalid_argument, "member \"{}\" must be a list", list);
  std::vector<Entry> out;
  for (const auto& one : value->get_array()) {
    if (!one.is_object()) return fail(Errc::invalid_argument, "\"{}\" holds objects", list);
    VT_TRY(const auto text, text_member(one.get_object(), key));
    VT_TRY(const auto word, text_member(one.get_object(), "outcome"));
    VT_TRY(const auto outcome, social::one_of(social::rule_outcomes, word, "outcome"));
    out.push_back({std::string(text), outcome});
  }
  return out;
}

Result<Response> get_rules(Rooms& rooms, const Request& request) {
  VT_CHECK(require_moderator(rooms, request));
  VT_TRY(const auto rules, rooms.moderation.rules());
  return json_response(200, rules_json(rules));
}

Result<Response> put_rules(Rooms& rooms, const Request& request) {
  VT_CHECK(require_moderator(rooms, request));
  VT_TRY(const auto body, body_object(request));
  social::AutomaticRules given;
  VT_TRY(given.words, entries_in<social::AutomaticRules::Word>(body, "words", "text"));
  VT_TRY(given.hashes, entries_in<social::AutomaticRules::Hash>(body, "hashes", "sha256"));
  VT_TRY(given.videos_per_hour, int_member(body, "videos_per_hour"));
  VT_TRY(const auto word, text_member(body, "rate_outcome"));
  VT_TRY(given.rate_outcome, social::one_of(social::rule_outcomes, word, "rate_outcome"));
  VT_TRY(const auto rules, rooms.moderation.set_rules(given));
  return json_response(200, rules_json(rules));
}

}  // namespace

void add_moderation(http::Router& router, Rooms& rooms) {
  using http::Method;
  router.add(Method::get, "/api/v1/moderation/queue", answer(rooms, get_queue));
  router.add(Method::post, "/api/v1/moderation/queue/{id}/claim", answer(rooms, claim_case));
  router.add(Method::post, "/api/v1/moderation/queue/{id}/release", answer(rooms, release_case));
  router.add(Method::post, "/api/v1/moderation/queue/{id}/decision", answer(rooms, decide_case));
  router.add(Method::get, "/api/v1/moderation/appeals", answer(rooms, get_appeals));
  router.add(Method::post, "/api/v1/moderation/appeals/{id}/decision", answer(rooms, decide_appeal));
  router.add(Method::get, "/api/v1/moderation/accounts/{id}/decisions", answer(rooms, get_decisions_about));
  router.add(Method::get, "/api/v1/moderation/rules", answer(rooms, get_rules));
  router.add(Method::put, "/api/v1/moderation/rules", answer(rooms, put_rules));
}

}  // namespace vitrine::api
