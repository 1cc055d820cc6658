#include "social/moderation_words.hpp"

namespace vitrine::social {
namespace {

struct ReasonWords {
  std::string_view name, words;
  int severity;
};

constexpr ReasonWords told(ReportReason reason) {
  switch (reason) {
    case ReportReason::child_safety: return {"child_safety", "A child is in danger, or shown in a sexual way", 5};
    case ReportReason::threat: return {"threat", "A threat to somebody's life or safety", 5};
    case ReportReason::self_harm: return {"self_harm", "Suicide or self-harm", 4};
    case ReportReason::illegal: return {"illegal", "Against the law of a country", 4};
    case ReportReason::hate: return {"hate", "Hatred of people for who they are", 3};
    case ReportReason::harassment: return {"harassment", "Bullying or harassment", 3};
    case ReportReason::sexual: return {"sexual", "Nudity or sex", 3};
    case ReportReason::violence: return {"violence", "Violence or cruelty", 3};
    case ReportReason::private_information: return {"private_information", "Shows something private of somebody", 3};
    case ReportReason::impersonation: return {"impersonation", "Pretends to be somebody else", 3};
    case ReportReason::deception: return {"deception", "A fraud, or made to mislead", 2};
    case ReportReason::copyright: return {"copyright", "Uses somebody's work without permission", 2};
    case ReportReason::spam: return {"spam", "Spam", 1};
    case ReportReason::other: return {"other", "Something else", 1};
    case ReportReason::rule: return {"rule", "Found by one of the operator's automatic rules", 2};
  }
  return {};
}

}  // namespace

std::string_view name(TargetKind kind) {
  switch (kind) {
    case TargetKind::video: return "video";
    case TargetKind::account: return "account";
    case TargetKind::comment: return "comment";
  }
  return "";
}

std::string_view name(ReportReason reason) { return told(reason).name; }
std::string_view words_for(ReportReason reason) { return told(reason).words; }
int severity_of(ReportReason reason) { return told(reason).severity; }

std::string_view name(ModerationAction action) {
  switch (action) {
    case ModerationAction::no_action: return "no_action";
    case ModerationAction::review: return "review";
    case ModerationAction::hold: return "hold";
    case ModerationAction::label: return "label";
    case ModerationAction::limit: return "limit";
    case ModerationAction::remove: return "remove";
    case ModerationAction::suspend: return "suspend";
    case ModerationAction::warn: return "warn";
  }
  return "";
}

std::string_view name(VideoLabel label) {
  switch (label) {
    case VideoLabel::advertising: return "advertising";
    case VideoLabel::ai_made: return "ai_made";
    case VideoLabel::sensitive: return "sensitive";
  }
  return "";
}

std::string_view name(Ground ground) { return ground == Ground::rules ? "rules" : "law"; }
std::string_view name(AppealOutcome outcome) { return outcome == AppealOutcome::upheld ? "upheld" : "reversed"; }
std::string_view name(RuleOutcome outcome) { return outcome == RuleOutcome::queue ? "queue" : "hold"; }

bool is_appealable(ModerationAction action) {
  return action != ModerationAction::no_action && action != ModerationAction::review;
}

bool is_intervention(ModerationAction action) { return is_appealable(action) && action != ModerationAction::warn; }

bool fits(ModerationAction action, TargetKind kind) {
  switch (action) {
    case ModerationAction::no_action:
    case ModerationAction::suspend:
    case ModerationAction::warn: return true;
    case ModerationAction::remove: return kind != TargetKind::account;
    case ModerationAction::label:
    case ModerationAction::limit: return kind == TargetKind::video;
    case ModerationAction::review:
    case ModerationAction::hold: return false;
  }
  return false;
}

}  // namespace vitrine::social
