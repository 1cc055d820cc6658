// What other resources need of moderation: how it looks in JSON, and its part in what people write.
#pragma once
#include "api/api.hpp"
#include "base/json.hpp"
#include "social/accounts.hpp"
#include "social/moderation.hpp"
#include "social/person.hpp"

namespace vitrine::api {

[[nodiscard]] json::object report_json(Rooms& rooms, const social::Report& report);
/// A statement of reasons.
[[nodiscard]] json::object decision_json(const social::Decision& decision);
/// All that somebody reported and all that was decided about them: {"reports":[…],"decisions":[…]}
[[nodiscard]] Result<json::object> moderation_of_json(Rooms& rooms, std::string_view account_id);

/// Has the automatic rules look at what somebody has just written. That it could not be looked at is logged: it is
/// written all the same.
void screen_words(Rooms& rooms, const social::Target& target);
/// Brings an account that could be taken for `original` to moderators.
[[nodiscard]] Result<void> suspect_likeness(Rooms& rooms, const std::string& account_id,
                                            const social::Person& original);
/// How the verification of somebody stands, as they see it.
[[nodiscard]] Result<json::object> verification_of_json(Rooms& rooms, std::string_view account_id);
/// Brings accounts that could be taken for this one to moderators, later.
void screen_lookalikes(Rooms& rooms, const std::string& verified_id);
/// Ends the session that has just begun. Error: forbidden (see check_not_suspended).
[[nodiscard]] Result<void> refuse_suspended(Rooms& rooms, const social::SignIn& made);

}  // namespace vitrine::api
