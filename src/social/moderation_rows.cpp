#include "social/moderation_rows.hpp"

#include "base/id.hpp"

namespace vitrine::social {
namespace {

constexpr std::string_view decisions =
    "SELECT d.id, d.target_kind, s.target_id, d.action, d.labels, d.ground, d.rule, s.reason, s.facts, d.automated, "
    "d.made_at, d.until_at, d.in_force, d.reversed, s.concerned_id, d.decided_by, p.id, p.text, p.created_at, "
    "p.outcome, p.reason, p.decided_at FROM moderation_decisions d JOIN moderation_statements s ON s.decision_id = "
    "d.id "
    "LEFT JOIN moderation_appeals p ON p.decision_id = d.id";
constexpr std::string_view cases =
    "SELECT c.id, c.target_kind, c.target_id, c.concerned_id, c.severity, c.reports, c.created_at, c.claimed_by, "
    "c.claimed_until FROM moderation_cases c";
constexpr std::string_view reports =
    "SELECT r.id, r.target_kind, r.target_id, r.reason, r.country, r.text, r.created_at, r.is_open, d.action, "
    "d.ground, d.rule, d.made_at, d.reversed FROM moderation_reports r "
    "LEFT JOIN moderation_decisions d ON d.id = r.decision_id";

std::set<std::string> labels_of(std::string_view text) {
  std::set<std::string> out;
  for (const auto label : video_labels)
    if (text.contains(name(label))) out.emplace(name(label));
  return out;
}

Result<Target> target_of(const store::Row& row, std::size_t column) {
  VT_TRY(const auto kind, one_of(target_kinds, row.text(column), "target"));
  return Target{kind, row.text(column + 1)};
}

Result<Appeal> appeal_of(const store::Row& row, std::size_t column) {
  Appeal out{.id = row.text(column), .text = row.text(column + 1), .created_at = row.integer(column + 2)};
  if (row.is_null(column + 3)) return out;
  VT_TRY(out.outcome, one_of(appeal_outcomes, row.text(column + 3), "outcome"));
  out.reason = row.text(column + 4);
  out.decided_at = row.integer(column + 5);
  return out;
}

Result<KeptDecision> decision_of(const store::Row& row) {
  KeptDecision out;
  auto& decision = out.decision;
  decision.id = row.text(0);
  VT_TRY(decision.target, target_of(row, 1));
  VT_TRY(decision.action, one_of(moderation_actions, row.text(3), "action"));
  decision.labels = labels_of(row.text(4));
  VT_TRY(decision.ground, one_of(grounds, row.text(5), "ground"));
  decision.rule = row.text(6);
  decision.reason = row.text(7);
  decision.facts = row.text(8);
  decision.automated = row.integer(9) != 0;
  decision.made_at = row.integer(10);
  if (!row.is_null(11)) decision.until = row.integer(11);
  decision.in_force = row.integer(12) != 0;
  decision.reversed = row.integer(13) != 0;
  out.concerned_id = row.text_or_empty(14);
  out.decided_by = row.text_or_empty(15);
  if (!row.is_null(16)) {
    VT_TRY(decision.appeal, appeal_of(row, 16));
  }
  return out;
}

Result<ModerationCase> case_of(const store::Row& row) {
  ModerationCase out{.id = row.text(0),
                     .concerned_id = row.text_or_empty(3),
                     .severity = static_cast<int>(row.integer(4)),
                     .reports = row.integer(5),
                     .created_at = row.integer(6),
                     .claimed_by = row.text_or_empty(7),
                     .claimed_until = row.integer(8)};
  VT_TRY(out.target, target_of(row, 1));
  return out;
}

Result<Report> report_of(const store::Row& row) {
  Report out{.id = row.text(0),
             .country = row.text(4),
             .text = row.text(5),
             .created_at = row.integer(6),
             .open = row.integer(7) != 0};
  VT_TRY(out.target, target_of(row, 1));
  VT_TRY(out.reason, one_of(report_reasons, row.text(3), "reason"));
  if (row.is_null(8)) return out;
  auto& outcome = out.outcome.emplace();
  VT_TRY(outcome.action, one_of(moderation_actions, row.text(8), "action"));
  VT_TRY(outcome.ground, one_of(grounds, row.text(9), "ground"));
  outcome.rule = row.text(10);
  outcome.decided_at = row.integer(11);
  outcome.reversed = row.integer(12) != 0;
  return out;
}

template <class T>
Result<std::vector<T>> load(store::Session& session, std::string_view select, std::string_view condition,
                            const store::Params& params, Result<T> (*read)(const store::Row&)) {
  VT_TRY(const auto rows, session.query(fmt::format("{} WHERE {}", select, condition), params));
  std::vector<T> out;
  for (const auto& row : rows) {
    VT_TRY(out.emplace_back(), read(row));
  }
  return out;
}

std::string_view select_subject(TargetKind kind) {
  switch (kind) {
    case TargetKind::video: return "SELECT creator_id, caption, tags FROM videos WHERE id = $1";
    case TargetKind::account: return "SELECT id, display_name, bio FROM accounts WHERE id = $1";
    case TargetKind::comment: return "SELECT author_id, text, '' FROM comments WHERE id = $1 AND state <> 'removed'";
  }
  return "";
}

store::Value text_or_null(std::string_view text) {
  return text.empty() ? store::Value(std::monostate{}) : store::Value(std::string(text));
}

}  // namespace

Result<std::vector<KeptDecision>> load_decisions(store::Session& session, std::string_view condition,
                                                 const store::Params& params) {
  return load(session, decisions, condition, params, decision_of);
}

Result<std::vector<KeptDecision>> decisions_in_force(store::Session& session, const Target& target) {
  return load_decisions(session, "s.target_id = $1 AND d.target_kind = $2 AND d.in_force = 1 ORDER BY d.id",
                        {target.id, std::string(name(target.kind))});
}

Result<std::vector<ModerationCase>> load_cases(store::Session& session, std::string_view condition,
                                               const store::Params& params) {
  return load(session, cases, condition, params, case_of);
}

Result<ModerationCase> case_about(store::Session& session, const Target& target, std::string_view concerned_id,
                                  TimeMs now) {
  VT_TRY(auto found, load_cases(session, "c.target_kind = $1 AND c.target_id = $2 AND c.is_open = 1",
                                {std::string(name(target.kind)), target.id}));
  if (!found.empty()) return std::move(found.front());
  ModerationCase made{
      .id = new_id(now), .target = target, .concerned_id = std::string(concerned_id), .created_at = now};
  VT_CHECK(
      session.execute("INSERT INTO moderation_cases (id, target_kind, target_id, concerned_id, severity, reports, "
                      "is_open, created_at) VALUES ($1, $2, $3, $4, 0, 0, 1, $5)",
                      {made.id, std::string(name(target.kind)), target.id, text_or_null(concerned_id), now}));
  return made;
}

Result<std::vector<Report>> load_reports(store::Session& session, std::string_view condition,
                                         const store::Params& params) {
  return load(session, reports, condition, params, report_of);
}

Result<void> add_report(store::Session& session, const ModerationCase& about, const Report& report,
                        std::string_view reporter) {
  auto done = session.execute(
      "INSERT INTO moderation_reports (id, reporter_id, concerned_id, case_id, target_kind, target_id, reason, "
      "country, "
      "text, created_at, is_open) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1)",
      {report.id, text_or_null(reporter), text_or_null(reporter.empty() ? about.concerned_id : ""), about.id,
       std::string(name(report.target.kind)), report.target.id, std::string(name(report.reason)), report.country,
       report.text, report.created_at});
  if (!done && done.error().code == Errc::conflict)
    return fail(Errc::conflict, "you have reported this; it is being looked at, and you will be told the outcome");
  VT_CHECK(done);
  VT_CHECK(
      session.execute("UPDATE moderation_cases SET reports = reports + 1, "
                      "severity = CASE WHEN severity < $2 THEN $2 ELSE severity END WHERE id = $1",
                      {about.id, std::int64_t{severity_of(report.reason)}}));
  return {};
}

Result<Subject> subject_of(store::Session& session, const Target& target) {
  if (!is_id(target.id)) return fail(Errc::not_found, "there is no such thing");
  VT_TRY(const auto rows, session.query(select_subject(target.kind), {target.id}));
  if (rows.empty()) return fail(Errc::not_found, "there is no such {}", name(target.kind));
  return Subject{rows[0].text(0), fmt::format("{}\n{}", rows[0].text(1), rows[0].text(2))};
}

}  // namespace vitrine::social
