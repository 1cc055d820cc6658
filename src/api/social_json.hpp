// How comments, and what people chose about them, look in JSON; openapi.json describes each member.
#pragma once
#include "api/api.hpp"
#include "base/json.hpp"
#include "social/comments.hpp"
#include "social/notifications.hpp"

namespace vitrine::api {

[[nodiscard]] json::object comment_json(const social::Comment& comment);
/// With its author's badge.
[[nodiscard]] json::object comment_json(Rooms& rooms, const social::Comment& comment);
[[nodiscard]] json::object rules_json(const social::CommentRules& rules);
/// What an account wants to be told of, where and how often.
[[nodiscard]] Result<json::object> notification_settings_json(Rooms& rooms, std::string_view account);
/// With their endpoints, for whoever they tell.
[[nodiscard]] Result<json::array> push_subscriptions_json(Rooms& rooms, std::string_view account);

}  // namespace vitrine::api
