// One page of the feed as JSON, for the resource and for the shell that carries the first page.
#pragma once
#include "api/api.hpp"
#include "api/caller.hpp"
#include "base/json.hpp"
#include "feed/feed.hpp"

namespace vitrine::api {

/// {"page","items":[{"video","reason":{"source","text"}}],"end","rest"}, and "receipts" if asked for. While the feed
/// rests for the caller (family.hpp) there are no items. A page of which a video was removed a moment ago is filled up
/// by another, which has its own receipt. Errors: invalid_argument (limit).
[[nodiscard]] Result<json::object> feed_page_json(Rooms& rooms, const Caller& caller, feed::PageRequest request);

}  // namespace vitrine::api
