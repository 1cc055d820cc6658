// One page of the feed as JSON, for the resource and for the shell that carries the first page.
#pragma once
#include <string_view>

#include "api/api.hpp"
#include "api/caller.hpp"
#include "base/json.hpp"
#include "feed/feed.hpp"

namespace vitrine::api {

/// {"page","items":[{"video","reason":{"source","text"}}],"end"}; `mode` is "for_you", "following" or "fresh".
/// Errors: invalid_argument (mode, limit).
[[nodiscard]] Result<json::object> feed_page_json(Rooms& rooms, const Caller& caller, std::string_view mode, int limit,
                                                  feed::Place place = feed::Place::first);

}  // namespace vitrine::api
