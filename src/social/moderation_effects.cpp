// What a decision does, and how that is undone; what automatic rules find.
#include "base/id.hpp"
#include "base/log.hpp"
#include "social/accounts.hpp"
#include "social/captions.hpp"
#include "social/comments.hpp"
#include "social/moderation.hpp"
#include "social/moderation_rows.hpp"
#include "social/schema.hpp"
#include "social/videos.hpp"

namespace vitrine::social {
namespace {

constexpr TimeMs hour_ms = 3600 * 1000;
constexpr std::string_view held_reason =
    "An automatic rule found something in this. Nobody else sees it until a moderator has looked at it.";
constexpr std::string_view review_reason =
    "An automatic rule found something in this. A moderator will look at it; until then nothing changes.";

std::string joined(const std::set<std::string>& words) { return fmt::format("{}", fmt::join(words, ",")); }

PublicDecision public_of(const Decision& decision) {
  return {.decision = decision.id,
          .action = std::string(name(decision.action)),
          .rule = decision.rule,
          .until_s = decision.until.value_or(0) / 1000};
}

Result<void> insert(store::Session& session, const Decision& decision, std::string_view concerned,
                    std::string_view by) {
  const auto id_or_null = [](std::string_view id) {
    return id.empty() ? store::Value(std::monostate{}) : store::Value(std::string(id));
  };
  const store::Value until = decision.until ? store::Value(*decision.until) : store::Value(std::monostate{});
  VT_CHECK(session.execute(
      "INSERT INTO moderation_decisions (id, target_kind, action, labels, ground, rule, automated, decided_by, "
      "made_at, "
      "until_at, in_force) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
      {decision.id, std::string(name(decision.target.kind)), std::string(name(decision.action)),
       joined(decision.labels), std::string(name(decision.ground)), decision.rule, std::int64_t{decision.automated},
       id_or_null(by), decision.made_at, until, std::int64_t{decision.in_force}}));
  VT_CHECK(
      session.execute("INSERT INTO moderation_statements (decision_id, concerned_id, target_id, reason, facts) "
                      "VALUES ($1, $2, $3, $4, $5)",
                      {decision.id, id_or_null(concerned), decision.target.id, decision.reason, decision.facts}));
  return {};
}

/// What no rule has found in this before, so that looking again finds nothing new.
Result<std::vector<RuleHit>> new_ones(store::Session& session, const Target& target, const std::vector<RuleHit>& hits) {
  std::vector<RuleHit> out;
  for (const auto& hit : hits) {
    VT_TRY(const auto found, session.query("SELECT 1 FROM moderation_reports WHERE target_id = $1 AND target_kind = $2 "
                                           "AND reporter_id IS NULL AND text = $3 LIMIT 1",
                                           {target.id, std::string(name(target.kind)), hit.facts}));
    if (found.empty()) out.push_back(hit);
  }
  return out;
}

Decision automatic_decision(const Target& target, const std::vector<RuleHit>& hits) {
  const auto holds = std::ranges::find(hits, RuleOutcome::hold, &RuleHit::outcome);
  const bool is_held = holds != hits.end() && target.kind != TargetKind::account;
  Decision out{.target = target,
               .action = is_held ? ModerationAction::hold : ModerationAction::review,
               .rule = is_held ? holds->rule : hits.front().rule,
               .reason = std::string(is_held ? held_reason : review_reason),
               .automated = true};
  for (const auto& hit : hits) out.facts += fmt::format("{}{}", out.facts.empty() ? "" : "\n", hit.facts);
  return out;
}

}  // namespace

Result<std::unique_ptr<Moderation>> Moderation::open(store::Database& database, const Clock& clock, Accounts& accounts,
                                                     Videos& videos, Comments& comments, ModerationPorts ports) {
  VT_CHECK(migrate_social(database));
  return std::unique_ptr<Moderation>(new Moderation(database, clock, accounts, videos, comments, std::move(ports)));
}

Result<void> Moderation::in_transaction(const std::function<Result<void>(store::Session&, Made&)>& work) {
  Made made;
  VT_CHECK(database_.transaction(store::Access::write, [&](store::Session& session) -> Result<void> {
    made = {};
    return work(session, made);
  }));
  take_over(made);
  return {};
}

/// What is decided stands; others hear of it now or, if they cannot, from keep_up().
void Moderation::take_over(const Made& made) {
  if (made.said) ports_.said();
  for (const auto& event : made.told) ports_.tell(event);
  for (const auto& video : made.videos) videos_.take_over(video);
  {
    const std::lock_guard lock(mutex_);
    untold_.insert(made.videos.begin(), made.videos.end());
  }
  if (auto told = tell_feed(); !told) log::warning("moderation.feed", {{"error", told.error().message}});
}

Result<void> Moderation::make(store::Session& session, Decision& decision, std::string_view concerned,
                              std::string_view by, Made& made) {
  decision.made_at = clock_.now();
  decision.id = new_id(decision.made_at);
  decision.in_force = is_intervention(decision.action);
  VT_CHECK(insert(session, decision, concerned, by));
  // That there was nothing to do is for whoever reported, not for whoever was reported.
  if (decision.action != ModerationAction::no_action)
    made.told.push_back(news(NotificationKind::decision, concerned, decision.id));
  if (!decision.in_force) return {};
  VT_CHECK(ports_.say(session, public_of(decision)));
  made.said = true;
  return settle(session, decision.target, concerned, made);
}

Result<void> Moderation::end(store::Session& session, const Decision& decision, std::string_view concerned, End how,
                             Made& made) {
  const bool reversed = how == End::by_appeal;
  VT_CHECK(session.execute("UPDATE moderation_decisions SET in_force = 0, reversed = $2 WHERE id = $1",
                           {decision.id, std::int64_t{reversed}}));
  if (!decision.in_force) return {};
  if (how == End::of_hold) made.told.push_back(news(NotificationKind::decision, concerned, decision.id));
  VT_CHECK(ports_.say(session, {.decision = decision.id,
                                .action = reversed ? "reverse" : "end",
                                .rule = reversed ? "reversed on appeal" : "a moderator has looked"}));
  made.said = true;
  return settle(session, decision.target, concerned, made);
}

Result<void> Moderation::end_holds(store::Session& session, const Target& target, Made& made) {
  VT_TRY(const auto decisions, decisions_in_force(session, target));
  for (const auto& one : decisions)
    if (one.decision.action == ModerationAction::hold)
      VT_CHECK(end(session, one.decision, one.concerned_id, End::of_hold, made));
  return {};
}

Result<void> Moderation::settle(store::Session& session, const Target& target, std::string_view concerned, Made& made) {
  if (target.kind == TargetKind::video) VT_CHECK(settle_video(session, target, made));
  if (target.kind == TargetKind::comment) VT_CHECK(settle_comment(session, target));
  return settle_account(session, concerned);
}

Result<void> Moderation::settle_video(store::Session& session, const Target& video, Made& made) {
  VT_TRY(const auto decisions, decisions_in_force(session, video));
  Imposed imposed;
  for (const auto& [decision, concerned, by] : decisions) {
    imposed.held |= decision.action == ModerationAction::hold;
    imposed.removed |= decision.action == ModerationAction::remove;
    imposed.limited |= decision.action == ModerationAction::limit;
    imposed.labels.insert(decision.labels.begin(), decision.labels.end());
  }
  VT_CHECK(videos_.impose(session, video.id, imposed));
  made.videos.insert(video.id);
  return {};
}

Result<void> Moderation::settle_comment(store::Session& session, const Target& comment) {
  VT_TRY(const auto decisions, decisions_in_force(session, comment));
  const bool is_withheld = std::ranges::any_of(decisions, [](const KeptDecision& one) {
    return one.decision.action == ModerationAction::hold || one.decision.action == ModerationAction::remove;
  });
  return comments_.withhold(session, comment.id, is_withheld);
}

Result<void> Moderation::settle_account(store::Session& session, std::string_view id) {
  VT_TRY(
      const auto suspensions,
      load_decisions(session,
                     "s.concerned_id = $1 AND d.action = 'suspend' AND d.in_force = 1 ORDER BY d.until_at DESC LIMIT 1",
                     {std::string(id)}));
  if (suspensions.empty()) return accounts_.suspend(session, id, 0, "");
  const auto& longest = suspensions.front().decision;
  return accounts_.suspend(session, id, longest.until.value_or(0), longest.reason);
}

Result<void> Moderation::end_what_is_over(store::Session& session, Made& made) {
  VT_TRY(const auto over, load_decisions(session, "d.in_force = 1 AND d.until_at <= $1", {clock_.now()}));
  for (const auto& [decision, concerned, by] : over) {
    VT_CHECK(session.execute("UPDATE moderation_decisions SET in_force = 0 WHERE id = $1", {decision.id}));
    VT_CHECK(settle(session, decision.target, concerned, made));
  }
  return {};
}

Result<void> Moderation::keep_up() {
  VT_CHECK(in_transaction([&](store::Session& session, Made& made) { return end_what_is_over(session, made); }));
  return tell_feed();
}

Result<void> Moderation::tell_feed() {
  std::set<std::string> videos;
  {
    const std::lock_guard lock(mutex_);
    videos.swap(untold_);
  }
  while (!videos.empty()) {
    if (auto told = ports_.video_changed(*videos.begin()); !told) {
      const std::lock_guard lock(mutex_);
      untold_.merge(videos);
      return told;
    }
    videos.erase(videos.begin());
  }
  return {};
}

Result<bool> Moderation::has_in_hand(std::string_view video) const {
  VT_TRY(const auto rows,
         database_.query(
             "SELECT 1 FROM videos WHERE id = $1 AND state IN ('held', 'removed') UNION ALL "
             "SELECT 1 FROM moderation_cases WHERE target_kind = 'video' AND target_id = $1 AND is_open = 1 UNION ALL "
             "SELECT 1 FROM moderation_statements s JOIN moderation_appeals p ON p.decision_id = s.decision_id "
             "WHERE s.target_id = $1 AND p.outcome IS NULL",
             {std::string(video)}));
  return !rows.empty();
}

// --- automatic rules -------------------------------------------------------------------------------------------------

Result<AutomaticRules> Moderation::rules() const {
  AutomaticRules out;
  VT_CHECK(database_.transaction(store::Access::read, [&](store::Session& session) -> Result<void> {
    VT_TRY(out, load_rules(session));
    return {};
  }));
  return out;
}

Result<AutomaticRules> Moderation::set_rules(const AutomaticRules& rules) {
  VT_TRY(auto out, checked(rules));
  VT_CHECK(
      database_.transaction(store::Access::write, [&](store::Session& session) { return store_rules(session, out); }));
  return out;
}

Result<void> Moderation::screen_upload(std::string_view video, std::string_view sha256) {
  VT_TRY(const auto found, videos_.by_id(video));
  VT_TRY(const auto rules, this->rules());
  VT_TRY(const auto lately, videos_.made_since(found.creator_id, clock_.now() - hour_ms));
  auto hits = hash_hits(rules, sha256);
  std::ranges::move(rate_hits(rules, lately), std::back_inserter(hits));
  std::ranges::move(word_hits(rules, fmt::format("{}\n{}", found.caption, fmt::join(found.tags, ","))),
                    std::back_inserter(hits));
  return act_on({TargetKind::video, found.id}, hits);
}

Result<void> Moderation::screen_words(const Target& target) {
  Subject subject;
  AutomaticRules rules;
  VT_CHECK(database_.transaction(store::Access::read, [&](store::Session& session) -> Result<void> {
    VT_TRY(subject, subject_of(session, target));
    if (target.kind == TargetKind::video) {
      VT_TRY(const auto said, said_in_video(session, target.id));
      subject.words += "\n" + said;
    }
    VT_TRY(rules, load_rules(session));
    return {};
  }));
  return act_on(target, word_hits(rules, subject.words));
}

Result<void> Moderation::act_on(const Target& target, const std::vector<RuleHit>& hits) {
  if (hits.empty()) return {};
  const TimeMs now = clock_.now();
  return in_transaction([&](store::Session& session, Made& made) -> Result<void> {
    VT_TRY(const auto found, new_ones(session, target, hits));
    if (found.empty()) return {};
    VT_TRY(const auto subject, subject_of(session, target));
    VT_TRY(const auto about, case_about(session, target, subject.concerned_id, now));
    for (const auto& hit : found) {
      const Report report{
          .id = new_id(now), .target = target, .reason = ReportReason::rule, .text = hit.facts, .created_at = now};
      VT_CHECK(add_report(session, about, report, ""));
    }
    auto decision = automatic_decision(target, found);
    return make(session, decision, subject.concerned_id, "", made);
  });
}

}  // namespace vitrine::social
