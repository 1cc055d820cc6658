// Moderation: what people report, what moderators decide of it, and how that is told, undone and made public (Articles
// 16, 17 and 20 of Regulation (EU) 2022/2065).
//
// Operation: reports of one thing gather in a case. A moderator claims it, which keeps others off it for
// claim_lifetime_ms, and decides; what is decided takes effect in the same transaction, which also writes what the
// public log shall say. The person concerned gets a statement of reasons and may appeal once, to another moderator.
// Automatic rules (automatic_rules.hpp) put things into the queue or hold them, and the creator is told. What a thing
// may do follows from all decisions in force of it, so that taking one back leaves the others standing.
//
// Concurrency: thread-safe; calls block on the database.
#pragma once
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "social/automatic_rules.hpp"
#include "social/moderation_words.hpp"
#include "social/notifications.hpp"
#include "store/database.hpp"

namespace vitrine::social {

class Accounts;
class Comments;
class Videos;

inline constexpr std::size_t report_characters_max = 1'000;
inline constexpr std::int64_t reports_per_day_max = 50;  ///< by one account
inline constexpr std::size_t reports_listed_max = 200, statements_listed_max = 200;
inline constexpr std::size_t cases_in_queue_listed_max = 50, reports_of_case_listed_max = 20;
inline constexpr std::size_t appeals_listed_max = 100;
inline constexpr TimeMs claim_lifetime_ms = 30LL * 60 * 1000;
inline constexpr std::size_t rule_characters_max = 200, reason_characters_max = 500, facts_characters_max = 1'000;
inline constexpr std::int64_t decision_days_max = 365;
inline constexpr std::size_t appeal_characters_max = 1'000;
inline constexpr TimeMs appeal_within_ms = 183LL * 24 * 3600 * 1000;

struct Target {
  TargetKind kind = TargetKind::video;
  std::string id;
};

struct NewReport {
  Target target;
  ReportReason reason = ReportReason::other;
  std::string country;  ///< whose law, ISO 3166 alpha-2; for ReportReason::illegal and no other
  std::string text;
};

/// What whoever reported is told.
struct ReportOutcome {
  ModerationAction action = ModerationAction::no_action;
  Ground ground = Ground::rules;
  std::string rule;
  TimeMs decided_at = 0;
  bool reversed = false;  ///< on appeal
};

struct Report {
  std::string id;
  Target target;
  ReportReason reason = ReportReason::other;
  std::string country, text;
  TimeMs created_at = 0;
  bool open = true;
  std::optional<ReportOutcome> outcome;  ///< none of a closed one: what it was about has gone
};

struct Appeal {
  std::string id, text;
  TimeMs created_at = 0;
  std::optional<AppealOutcome> outcome;
  std::string reason;
  TimeMs decided_at = 0;
};

/// A statement of reasons.
struct Decision {
  std::string id;
  Target target;
  ModerationAction action = ModerationAction::no_action;
  std::set<std::string> labels;  ///< names of VideoLabel
  Ground ground = Ground::rules;
  std::string rule, reason, facts;
  bool automated = false;
  TimeMs made_at = 0;
  std::optional<TimeMs> until;
  bool in_force = false, reversed = false;
  std::optional<Appeal> appeal;
  [[nodiscard]] TimeMs appeal_until() const { return made_at + appeal_within_ms; }
};

struct NewDecision {
  ModerationAction action = ModerationAction::no_action;
  std::set<VideoLabel> labels;  ///< for ModerationAction::label and no other
  Ground ground = Ground::rules;
  std::string rule;       ///< which one; public
  std::string reason;     ///< in plain words
  std::string facts;      ///< what was seen where
  std::int64_t days = 0;  ///< 0: until it is taken back; a suspension has some, a limit may
};

/// Reports of one thing. Who made them is not told.
struct ModerationCase {
  std::string id;
  Target target;
  std::string concerned_id;
  std::string words;  ///< caption, comment, or name and bio, as they read now; empty: it has gone
  int severity = 1;
  std::int64_t reports = 0;
  TimeMs created_at = 0;
  std::string claimed_by;  ///< account id, or empty
  TimeMs claimed_until = 0;
  std::vector<Report> newest;
  std::vector<Decision> in_force;  ///< of the same thing
};

struct OpenAppeal {
  Appeal appeal;
  Decision decision;
  std::string concerned_id;
  bool may_decide = false;  ///< the moderator who asks
};

/// What the public log says of a decision.
struct PublicDecision {
  std::string decision, action, rule;
  std::int64_t until_s = 0;  ///< 0: until it is taken back
};

/// What moderation needs of other rooms; the house fills it in.
struct ModerationPorts {
  /// Has the public log say it, in the transaction of the decision.
  std::function<Result<void>(store::Session&, const PublicDecision&)> say;
  /// After that transaction: what was said can go now.
  std::function<void()> said;
  /// What feeds may show of a video has changed. After an error it is called again.
  std::function<Result<void>(const std::string& video)> video_changed;
  /// Tells whoever is concerned, or reported; after the transaction as well.
  std::function<void(NotificationEvent)> tell;
};

class Moderation {
 public:
  [[nodiscard]] static Result<std::unique_ptr<Moderation>> open(store::Database& database, const Clock& clock,
                                                                Accounts& accounts, Videos& videos, Comments& comments,
                                                                ModerationPorts ports);

  // --- people

  /// Whether the reporter may see the target is the caller's to check. Errors: invalid_argument (text, country,
  /// oneself), not_found, conflict (has an open one of it), too_many_requests.
  /// `also` runs in the same transaction, with the case that the report joined.
  using AlsoReport = std::function<Result<void>(store::Session&, const Report&, std::string_view about)>;
  [[nodiscard]] Result<Report> report(std::string_view reporter, const NewReport& report, const AlsoReport& also = {});
  /// One's own, the newest first.
  [[nodiscard]] Result<std::vector<Report>> reports_of(std::string_view reporter) const;
  /// What was decided about somebody, the newest first.
  [[nodiscard]] Result<std::vector<Decision>> statements_of(std::string_view concerned) const;
  /// Errors: not_found, unprocessable (nothing to appeal), conflict (has been), gone (too late), invalid_argument.
  [[nodiscard]] Result<Decision> appeal(std::string_view concerned, std::string_view decision, std::string_view text);

  // --- moderators; that whoever calls is one is the caller's to check

  /// What waits, the gravest first, then the most reported, then the oldest.
  [[nodiscard]] Result<std::vector<ModerationCase>> queue() const;
  /// Claiming again makes it last. Errors: not_found, conflict (another's), forbidden (has to do with it).
  [[nodiscard]] Result<ModerationCase> claim(std::string_view moderator, std::string_view id);
  /// Errors: not_found, conflict (not one's own).
  [[nodiscard]] Result<ModerationCase> release(std::string_view moderator, std::string_view id);
  /// Closes the case. Errors: invalid_argument, not_found, conflict (not claimed by them), unprocessable (that is not
  /// done to such a thing).
  [[nodiscard]] Result<Decision> decide(std::string_view moderator, std::string_view id, const NewDecision& decision);
  /// Appeals that wait, the oldest first.
  [[nodiscard]] Result<std::vector<OpenAppeal>> appeals(std::string_view moderator) const;
  /// Errors: not_found, conflict (is decided), forbidden (decided what is appealed, or is concerned),
  /// invalid_argument.
  [[nodiscard]] Result<Decision> decide_appeal(std::string_view moderator, std::string_view appeal,
                                               AppealOutcome outcome, std::string_view reason);

  // --- automatic rules

  [[nodiscard]] Result<AutomaticRules> rules() const;
  /// Errors: invalid_argument.
  [[nodiscard]] Result<AutomaticRules> set_rules(const AutomaticRules& rules);
  /// Looks at a video that has just come, whose original hashes to `sha256` (lower-case hex). Again changes nothing.
  [[nodiscard]] Result<void> screen_upload(std::string_view video, std::string_view sha256);
  /// Looks at the words of a video, comment or profile after they changed.
  [[nodiscard]] Result<void> screen_words(const Target& target);
  /// What another part of the service has found. The same again changes nothing.
  [[nodiscard]] Result<void> suspect(const Target& target, const RuleHit& hit) { return act_on(target, {hit}); }

  // --- the house

  /// Moderators have to see it whoever else may: it is withheld, or a case or an appeal about it is open.
  [[nodiscard]] Result<bool> has_in_hand(std::string_view video) const;
  /// Ends what lasts until now, and tells the feed what it could not be told. To be called every minute or so.
  [[nodiscard]] Result<void> keep_up();

 private:
  /// What a transaction has changed that others have yet to hear of.
  struct Made {
    std::set<std::string> videos;
    std::vector<NotificationEvent> told;
    bool said = false;
  };
  Moderation(store::Database& database, const Clock& clock, Accounts& accounts, Videos& videos, Comments& comments,
             ModerationPorts ports)
      : database_(database),
        clock_(clock),
        accounts_(accounts),
        videos_(videos),
        comments_(comments),
        ports_(std::move(ports)) {}

  [[nodiscard]] Result<void> in_transaction(const std::function<Result<void>(store::Session&, Made&)>& work);
  [[nodiscard]] Result<void> make(store::Session& session, Decision& decision, std::string_view concerned,
                                  std::string_view by, Made& made);
  enum class End { of_hold, by_appeal };
  [[nodiscard]] Result<void> end(store::Session& session, const Decision& decision, std::string_view concerned, End how,
                                 Made& made);
  [[nodiscard]] Result<void> end_holds(store::Session& session, const Target& target, Made& made);
  [[nodiscard]] Result<void> settle(store::Session& session, const Target& target, std::string_view concerned,
                                    Made& made);
  [[nodiscard]] Result<void> settle_video(store::Session& session, const Target& video, Made& made);
  [[nodiscard]] Result<void> settle_comment(store::Session& session, const Target& comment);
  [[nodiscard]] Result<void> settle_account(store::Session& session, std::string_view id);
  [[nodiscard]] Result<void> end_what_is_over(store::Session& session, Made& made);
  [[nodiscard]] Result<void> act_on(const Target& target, const std::vector<RuleHit>& hits);
  void take_over(const Made& made);
  [[nodiscard]] Result<void> tell_feed();

  store::Database& database_;
  const Clock& clock_;
  Accounts& accounts_;
  Videos& videos_;
  Comments& comments_;
  const ModerationPorts ports_;
  std::mutex mutex_;
  std::set<std::string> untold_;  ///< videos of which the feed does not know how they stand
};

}  // namespace vitrine::social
