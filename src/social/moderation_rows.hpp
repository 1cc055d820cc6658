// How moderation's tables are read; for moderation.cpp and its like only.
#pragma once
#include "social/moderation.hpp"

namespace vitrine::social {

/// A decision with what is not told of it.
struct KeptDecision {
  Decision decision;
  std::string concerned_id, decided_by;  ///< account ids, or empty
};

/// `condition` and what follows it, in terms of d (decision), s (statement) and p (appeal, if there is one).
[[nodiscard]] Result<std::vector<KeptDecision>> load_decisions(store::Session& session, std::string_view condition,
                                                               const store::Params& params);
/// Those in force of one thing.
[[nodiscard]] Result<std::vector<KeptDecision>> decisions_in_force(store::Session& session, const Target& target);

/// In terms of c; without reports and decisions.
[[nodiscard]] Result<std::vector<ModerationCase>> load_cases(store::Session& session, std::string_view condition,
                                                             const store::Params& params);
/// The open case about the target, made if there is none.
[[nodiscard]] Result<ModerationCase> case_about(store::Session& session, const Target& target,
                                                std::string_view concerned_id, TimeMs now);

/// In terms of r (report) and d (decision, if there is one).
[[nodiscard]] Result<std::vector<Report>> load_reports(store::Session& session, std::string_view condition,
                                                       const store::Params& params);
/// Adds it to the case. `reporter` is empty for an automatic rule. Errors: conflict (has an open one of it).
[[nodiscard]] Result<void> add_report(store::Session& session, const ModerationCase& about, const Report& report,
                                      std::string_view reporter);

/// Whose it is, and what can be read in it.
struct Subject {
  std::string concerned_id;
  std::string words;
};
/// Errors: not_found.
[[nodiscard]] Result<Subject> subject_of(store::Session& session, const Target& target);

}  // namespace vitrine::social
