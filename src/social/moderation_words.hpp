// The closed lists that moderation speaks in: what is reported, why, and what can become of it. Pure functions,
// thread-safe.
#pragma once
#include <array>
#include <string_view>

#include "base/result.hpp"

namespace vitrine::social {

enum class TargetKind { video, account, comment };
inline constexpr std::array target_kinds{TargetKind::video, TargetKind::account, TargetKind::comment};

/// Why somebody reports something; the gravest first.
enum class ReportReason {
  child_safety,
  threat,
  self_harm,
  illegal,
  hate,
  harassment,
  sexual,
  violence,
  private_information,
  impersonation,
  deception,
  copyright,
  spam,
  other,
  rule  ///< an automatic rule of the operator's, never a person
};
inline constexpr std::array report_reasons{
    ReportReason::child_safety,  ReportReason::threat,    ReportReason::self_harm,
    ReportReason::illegal,       ReportReason::hate,      ReportReason::harassment,
    ReportReason::sexual,        ReportReason::violence,  ReportReason::private_information,
    ReportReason::impersonation, ReportReason::deception, ReportReason::copyright,
    ReportReason::spam,          ReportReason::other,     ReportReason::rule};

enum class ModerationAction {
  no_action,
  review,   ///< automatic: a moderator is asked to look; nothing is restricted
  hold,     ///< automatic: nobody else sees it until a moderator has looked
  label,    ///< says what it is, or veils it
  limit,    ///< in no feed and no trends; on its page and profile as before
  remove,   ///< nobody else sees it
  suspend,  ///< the account may not sign in or post for a time
  warn
};
inline constexpr std::array moderation_actions{
    ModerationAction::no_action, ModerationAction::review, ModerationAction::hold,    ModerationAction::label,
    ModerationAction::limit,     ModerationAction::remove, ModerationAction::suspend, ModerationAction::warn};

enum class VideoLabel { advertising, ai_made, sensitive };
inline constexpr std::array video_labels{VideoLabel::advertising, VideoLabel::ai_made, VideoLabel::sensitive};

/// What a decision rests on.
enum class Ground { rules, law };
inline constexpr std::array grounds{Ground::rules, Ground::law};

enum class AppealOutcome { upheld, reversed };
inline constexpr std::array appeal_outcomes{AppealOutcome::upheld, AppealOutcome::reversed};

/// What an automatic rule does with what it finds.
enum class RuleOutcome { queue, hold };
inline constexpr std::array rule_outcomes{RuleOutcome::queue, RuleOutcome::hold};

[[nodiscard]] std::string_view name(TargetKind kind);
[[nodiscard]] std::string_view name(ReportReason reason);
[[nodiscard]] std::string_view name(ModerationAction action);
[[nodiscard]] std::string_view name(VideoLabel label);
[[nodiscard]] std::string_view name(Ground ground);
[[nodiscard]] std::string_view name(AppealOutcome outcome);
[[nodiscard]] std::string_view name(RuleOutcome outcome);

/// In plain words, for whoever reports.
[[nodiscard]] std::string_view words_for(ReportReason reason);
/// 1 (can wait) to 5 (first of all).
[[nodiscard]] int severity_of(ReportReason reason);
/// Takes something from somebody, so that they may appeal.
[[nodiscard]] bool is_appealable(ModerationAction action);
/// A hand on what people see, which the public log tells of.
[[nodiscard]] bool is_intervention(ModerationAction action);
/// Whether this can be decided of such a thing, by a moderator.
[[nodiscard]] bool fits(ModerationAction action, TargetKind kind);

/// The one of `all` that is called so. Error: invalid_argument, which names `what` and all of them.
template <class T, std::size_t N>
[[nodiscard]] Result<T> one_of(const std::array<T, N>& all, std::string_view text, std::string_view what) {
  std::string names;
  for (const T one : all) {
    if (name(one) == text) return one;
    names += fmt::format("{}{}", names.empty() ? "" : ", ", name(one));
  }
  return fail(Errc::invalid_argument, "\"{}\" must be one of: {}", what, names);
}

}  // namespace vitrine::social
