// What an upload may take from other videos.
#pragma once
#include "api/api.hpp"
#include "media/edits.hpp"
#include "social/accounts.hpp"

namespace vitrine::api {

/// Whether the account may make what it asks for; a sound becomes that of the video it was first heard in. Errors:
/// not_found, forbidden, unprocessable (a piece past the other video's end, a sound of a silent video).
[[nodiscard]] Result<void> check_loan(Rooms& rooms, const social::Account& account, media::Edits& edits);

}  // namespace vitrine::api
