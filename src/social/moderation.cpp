#include "social/moderation.hpp"

#include "base/id.hpp"
#include "social/moderation_rows.hpp"
#include "social/schema.hpp"
#include "social/videos.hpp"

namespace vitrine::social {
namespace {

constexpr TimeMs day_ms = 24LL * 3600 * 1000;
constexpr std::size_t country_letters = 2;  // ISO 3166 alpha-2

std::unexpected<Error> no_case() { return fail(Errc::not_found, "there is no such open case"); }

bool is_country(std::string_view text) {
  return text.size() == country_letters && std::ranges::all_of(text, [](char c) { return c >= 'A' && c <= 'Z'; });
}

/// Errors: invalid_argument.
Result<std::string> checked_words(std::string_view text, std::size_t characters_max, std::string_view what) {
  VT_TRY(auto out, checked_text(text, characters_max, what));
  if (out.empty()) return fail(Errc::invalid_argument, "{} is missing", what);
  return out;
}

Result<Report> checked_report(const NewReport& report, TimeMs now) {
  Report out{.id = new_id(now),
             .target = report.target,
             .reason = report.reason,
             .country = report.country,
             .created_at = now};
  VT_TRY(out.text, checked_text(report.text, report_characters_max, "a report's text"));
  if (report.reason == ReportReason::rule)
    return fail(Errc::invalid_argument, "this reason is for the operator's automatic rules");
  if (report.reason == ReportReason::illegal ? !is_country(report.country) : !report.country.empty())
    return fail(Errc::invalid_argument,
                "the country, two capital letters, goes with what is against the law, and with nothing else");
  return out;
}

Result<void> check_pace(store::Session& session, std::string_view reporter, TimeMs now) {
  VT_TRY(const auto rows,
         session.query("SELECT COUNT(*) FROM moderation_reports WHERE reporter_id = $1 AND created_at > $2",
                       {std::string(reporter), now - day_ms}));
  if (rows[0].integer(0) >= reports_per_day_max)
    return fail(Errc::too_many_requests, "at most {} reports a day", reports_per_day_max);
  return {};
}

/// Shape only; whether it fits the thing is seen with the case.
Result<Decision> checked_decision(const NewDecision& given, TimeMs now) {
  Decision out{.action = given.action, .ground = given.ground};
  VT_TRY(out.rule, checked_words(given.rule, rule_characters_max, "the rule"));
  VT_TRY(out.reason, checked_words(given.reason, reason_characters_max, "the reason"));
  VT_TRY(out.facts, checked_text(given.facts, facts_characters_max, "the facts"));
  const bool is_label = given.action == ModerationAction::label, is_limit = given.action == ModerationAction::limit,
             is_suspension = given.action == ModerationAction::suspend;
  if (is_label == given.labels.empty())
    return fail(Errc::invalid_argument, "labels go with the action \"label\", and with nothing else");
  if (given.days < 0 || given.days > decision_days_max || (is_suspension && given.days == 0) ||
      (given.days > 0 && !is_suspension && !is_limit))
    return fail(Errc::invalid_argument, "a suspension lasts 1 to {0} days, a limit 0 (until taken back) to {0}",
                decision_days_max);
  for (const auto label : given.labels) out.labels.emplace(name(label));
  if (given.days > 0) out.until = now + given.days * day_ms;
  return out;
}

Result<ModerationCase> open_case(store::Session& session, std::string_view id) {
  VT_TRY(auto found, load_cases(session, "c.id = $1 AND c.is_open = 1", {std::string(id)}));
  if (found.empty()) return no_case();
  return std::move(found.front());
}

/// Somebody who reported it, or whom it concerns, does not judge it.
Result<void> check_apart(store::Session& session, const ModerationCase& about, std::string_view moderator) {
  if (about.concerned_id == moderator) return fail(Errc::forbidden, "this is about you: it is for another moderator");
  VT_TRY(const auto own,
         session.query("SELECT 1 FROM moderation_reports WHERE case_id = $1 AND reporter_id = $2 LIMIT 1",
                       {about.id, std::string(moderator)}));
  if (!own.empty()) return fail(Errc::forbidden, "you reported this: it is for another moderator");
  return {};
}

bool is_claimed_by_another(const ModerationCase& about, std::string_view moderator, TimeMs now) {
  return !about.claimed_by.empty() && about.claimed_by != moderator && about.claimed_until > now;
}

Result<void> fill(store::Session& session, ModerationCase& about, TimeMs now) {
  if (about.claimed_until <= now) about.claimed_by.clear();
  if (auto subject = subject_of(session, about.target)) about.words = std::move(subject->words);
  VT_TRY(about.newest,
         load_reports(session, fmt::format("r.case_id = $1 ORDER BY r.id DESC LIMIT {}", reports_of_case_listed_max),
                      {about.id}));
  VT_TRY(auto decisions, decisions_in_force(session, about.target));
  for (auto& one : decisions) about.in_force.push_back(std::move(one.decision));
  return {};
}

Result<ModerationCase> set_claim(store::Session& session, ModerationCase about, std::string_view moderator,
                                 TimeMs until, TimeMs now) {
  const store::Value by = moderator.empty() ? store::Value(std::monostate{}) : store::Value(std::string(moderator));
  VT_CHECK(session.execute("UPDATE moderation_cases SET claimed_by = $2, claimed_until = $3 WHERE id = $1",
                           {about.id, by, until}));
  about.claimed_by = moderator;
  about.claimed_until = until;
  VT_CHECK(fill(session, about, now));
  return about;
}

/// Those whose reports led to the decision hear of it.
Result<void> tell_reporters(store::Session& session, std::string_view decision, std::vector<NotificationEvent>& told) {
  VT_TRY(const auto rows,
         session.query("SELECT reporter_id, id FROM moderation_reports WHERE decision_id = $1 AND reporter_id IS NOT "
                       "NULL",
                       {std::string(decision)}));
  for (const auto& row : rows) told.push_back(news(NotificationKind::report, row.text(0), row.text(1)));
  return {};
}

Result<void> close(store::Session& session, const ModerationCase& about, const Decision& decision) {
  VT_CHECK(session.execute("UPDATE moderation_reports SET is_open = 0, decision_id = $2 WHERE case_id = $1",
                           {about.id, decision.id}));
  VT_CHECK(session.execute("UPDATE moderation_cases SET is_open = 0, claimed_by = NULL WHERE id = $1", {about.id}));
  return {};
}

Result<KeptDecision> one_decision(store::Session& session, std::string_view condition, std::string_view id) {
  VT_TRY(auto found, load_decisions(session, condition, {std::string(id)}));
  if (found.empty()) return fail(Errc::not_found, "there is no such decision");
  return std::move(found.front());
}

Result<void> check_appealable(const KeptDecision& kept, TimeMs now) {
  const auto& decision = kept.decision;
  if (!is_appealable(decision.action)) return fail(Errc::unprocessable, "nothing was taken from you by this decision");
  if (decision.reversed || decision.appeal) return fail(Errc::conflict, "you have appealed against this decision");
  if (now > decision.appeal_until()) return fail(Errc::gone, "an appeal is possible for six months");
  return {};
}

bool may_decide(const KeptDecision& kept, std::string_view moderator) {
  return kept.decided_by != moderator && kept.concerned_id != moderator;
}

}  // namespace

// --- people ----------------------------------------------------------------------------------------------------------

Result<Report> Moderation::report(std::string_view reporter, const NewReport& given, const AlsoReport& also) {
  const TimeMs now = clock_.now();
  VT_TRY(const auto report, checked_report(given, now));
  VT_CHECK(database_.transaction(store::Access::write, [&](store::Session& session) -> Result<void> {
    VT_CHECK(check_pace(session, reporter, now));
    VT_TRY(const auto subject, subject_of(session, report.target));
    if (subject.concerned_id == reporter) return fail(Errc::invalid_argument, "this is your own");
    VT_TRY(const auto about, case_about(session, report.target, subject.concerned_id, now));
    VT_CHECK(add_report(session, about, report, reporter));
    return also ? also(session, report, about.id) : Result<void>{};
  }));
  return report;
}

Result<std::vector<Report>> Moderation::reports_of(std::string_view reporter) const {
  std::vector<Report> out;
  VT_CHECK(database_.transaction(store::Access::read, [&](store::Session& session) -> Result<void> {
    VT_TRY(out, load_reports(session, fmt::format("r.reporter_id = $1 ORDER BY r.id DESC LIMIT {}", reports_listed_max),
                             {std::string(reporter)}));
    // What it was about has gone with its account: there is nothing left to decide.
    VT_TRY(const auto orphans,
           session.query("SELECT id FROM moderation_reports WHERE reporter_id = $1 AND case_id IS NULL",
                         {std::string(reporter)}));
    for (const auto& row : orphans)
      if (const auto found = std::ranges::find(out, row.text(0), &Report::id); found != out.end()) found->open = false;
    return {};
  }));
  return out;
}

Result<std::vector<Decision>> Moderation::statements_of(std::string_view concerned) const {
  std::vector<Decision> out;
  VT_CHECK(database_.transaction(store::Access::read, [&](store::Session& session) -> Result<void> {
    // That there was nothing to do is for whoever reported, not for whoever was reported.
    VT_TRY(auto found,
           load_decisions(session,
                          fmt::format("s.concerned_id = $1 AND d.action <> '{}' ORDER BY d.id DESC LIMIT {}",
                                      name(ModerationAction::no_action), statements_listed_max),
                          {std::string(concerned)}));
    for (auto& one : found) out.push_back(std::move(one.decision));
    return {};
  }));
  return out;
}

Result<Decision> Moderation::appeal(std::string_view concerned, std::string_view decision, std::string_view text) {
  const TimeMs now = clock_.now();
  VT_TRY(const auto words, checked_words(text, appeal_characters_max, "an appeal's text"));
  Decision out;
  VT_CHECK(database_.transaction(store::Access::write, [&](store::Session& session) -> Result<void> {
    VT_TRY(auto kept, one_decision(session, "d.id = $1", decision));
    if (kept.concerned_id != concerned) return fail(Errc::not_found, "there is no such decision");
    VT_CHECK(check_appealable(kept, now));
    kept.decision.appeal = Appeal{.id = new_id(now), .text = words, .created_at = now};
    VT_CHECK(
        session.execute("INSERT INTO moderation_appeals (id, decision_id, text, created_at) VALUES ($1, $2, $3, $4)",
                        {kept.decision.appeal->id, kept.decision.id, words, now}));
    out = std::move(kept.decision);
    return {};
  }));
  return out;
}

// --- moderators ------------------------------------------------------------------------------------------------------

Result<std::vector<ModerationCase>> Moderation::queue() const {
  std::vector<ModerationCase> out;
  VT_CHECK(database_.transaction(store::Access::read, [&](store::Session& session) -> Result<void> {
    VT_TRY(out, load_cases(session,
                           fmt::format("c.is_open = 1 ORDER BY c.severity DESC, c.reports DESC, c.created_at LIMIT {}",
                                       cases_in_queue_listed_max),
                           {}));
    for (auto& one : out) VT_CHECK(fill(session, one, clock_.now()));
    return {};
  }));
  return out;
}

Result<ModerationCase> Moderation::claim(std::string_view moderator, std::string_view id) {
  const TimeMs now = clock_.now();
  ModerationCase out;
  VT_CHECK(database_.transaction(store::Access::write, [&](store::Session& session) -> Result<void> {
    VT_TRY(const auto about, open_case(session, id));
    if (is_claimed_by_another(about, moderator, now))
      return fail(Errc::conflict, "another moderator is looking at this");
    VT_CHECK(check_apart(session, about, moderator));
    VT_TRY(out, set_claim(session, about, moderator, now + claim_lifetime_ms, now));
    return {};
  }));
  return out;
}

Result<ModerationCase> Moderation::release(std::string_view moderator, std::string_view id) {
  ModerationCase out;
  VT_CHECK(database_.transaction(store::Access::write, [&](store::Session& session) -> Result<void> {
    VT_TRY(const auto about, open_case(session, id));
    if (about.claimed_by != moderator) return fail(Errc::conflict, "you have not claimed this case");
    VT_TRY(out, set_claim(session, about, "", 0, clock_.now()));
    return {};
  }));
  return out;
}

Result<Decision> Moderation::decide(std::string_view moderator, std::string_view id, const NewDecision& given) {
  const TimeMs now = clock_.now();
  VT_TRY(const auto checked, checked_decision(given, now));
  Decision out;
  VT_CHECK(in_transaction([&](store::Session& session, Made& made) -> Result<void> {
    VT_TRY(const auto about, open_case(session, id));
    if (about.claimed_by != moderator || about.claimed_until <= now)
      return fail(Errc::conflict, "claim this case first: a claim lasts 30 minutes");
    if (!fits(checked.action, about.target.kind))
      return fail(Errc::unprocessable, "\"{}\" is not done to a {}", name(checked.action), name(about.target.kind));
    out = checked;
    out.target = about.target;
    VT_CHECK(end_holds(session, about.target, made));
    VT_CHECK(make(session, out, about.concerned_id, moderator, made));
    VT_CHECK(close(session, about, out));
    return tell_reporters(session, out.id, made.told);
  }));
  return out;
}

Result<std::vector<OpenAppeal>> Moderation::appeals(std::string_view moderator) const {
  std::vector<OpenAppeal> out;
  VT_CHECK(database_.transaction(store::Access::read, [&](store::Session& session) -> Result<void> {
    VT_TRY(auto found,
           load_decisions(
               session,
               fmt::format("p.id IS NOT NULL AND p.outcome IS NULL ORDER BY p.id LIMIT {}", appeals_listed_max), {}));
    for (auto& one : found)
      out.push_back({*one.decision.appeal, one.decision, one.concerned_id, may_decide(one, moderator)});
    return {};
  }));
  return out;
}

Result<Decision> Moderation::decide_appeal(std::string_view moderator, std::string_view appeal, AppealOutcome outcome,
                                           std::string_view reason) {
  const TimeMs now = clock_.now();
  VT_TRY(const auto words, checked_words(reason, reason_characters_max, "the reason"));
  Decision out;
  VT_CHECK(in_transaction([&](store::Session& session, Made& made) -> Result<void> {
    VT_TRY(const auto kept, one_decision(session, "p.id = $1", appeal));
    if (!may_decide(kept, moderator))
      return fail(Errc::forbidden, "who decided, or is concerned, does not decide the appeal");
    if (kept.decision.appeal->outcome) return fail(Errc::conflict, "this appeal is decided");
    VT_CHECK(
        session.execute("UPDATE moderation_appeals SET outcome = $2, reason = $3, decided_by = $4, decided_at = $5 "
                        "WHERE id = $1",
                        {std::string(appeal), std::string(name(outcome)), words, std::string(moderator), now}));
    made.told.push_back(news(NotificationKind::appeal, kept.concerned_id, kept.decision.id));
    if (outcome == AppealOutcome::reversed) {
      VT_CHECK(end(session, kept.decision, kept.concerned_id, End::by_appeal, made));
      VT_CHECK(tell_reporters(session, kept.decision.id, made.told));
    }
    VT_TRY(const auto after, one_decision(session, "p.id = $1", appeal));
    out = after.decision;
    return {};
  }));
  return out;
}

}  // namespace vitrine::social
