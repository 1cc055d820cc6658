// What other resources need of limits and families.
#pragma once
#include <span>
#include <vector>

#include "api/api.hpp"
#include "api/caller.hpp"
#include "base/json.hpp"
#include "feed/feed.hpp"
#include "social/accounts.hpp"
#include "social/families.hpp"
#include "social/limits.hpp"
#include "social/videos.hpp"

namespace vitrine::api {

[[nodiscard]] json::object limits_json(const social::LimitState& state);
/// {"daily_minutes","quiet":{"from","to"}}
[[nodiscard]] json::object plain_limits_json(const social::Limits& limits);
/// Of a body. Errors: invalid_argument.
[[nodiscard]] Result<social::Limits> read_limits(const json::object& body);
/// {"role","waiting"}: of which kind somebody's pairings are, and whether one waits to be confirmed.
[[nodiscard]] Result<json::object> family_json(Rooms& rooms, const social::Account& account);
/// All that is held of it, for the person's own copy: limits, days, pairings, controls and their history.
[[nodiscard]] Result<json::object> everything_of_family_json(Rooms& rooms, std::string_view account_id);

/// Counts what somebody signed in has watched, where that is counted. What cannot be is logged.
void count_watched(Rooms& rooms, const Caller& caller, std::span<const feed::WatchTime> watched);
/// {"why","until"} while the feed rests for them, else null.
[[nodiscard]] Result<json::value> rest_json(Rooms& rooms, const Caller& caller);
/// Takes out what is to be in no list for them; their own stay.
[[nodiscard]] Result<void> drop_unfit(Rooms& rooms, const Caller& caller, std::vector<social::Video>& videos);
/// Error: forbidden (a guardian has switched it off).
[[nodiscard]] Result<void> check_may_search(Rooms& rooms, const Caller& caller);
/// Which of these accounts a search does not tell the caller of.
[[nodiscard]] Result<std::set<std::string>> not_findable_for(Rooms& rooms, const Caller& caller,
                                                             std::span<const std::string> ids);

/// Lets somebody into the adults' band, which ends their pairings; `account` is as they are afterwards.
[[nodiscard]] Result<void> come_of_age(Rooms& rooms, social::Account& account);

}  // namespace vitrine::api
