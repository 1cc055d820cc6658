// Taking things away for good, across the rooms that hold a part of them.
#pragma once
#include <string_view>

#include "api/api.hpp"
#include "custody/front.hpp"
#include "social/accounts.hpp"

namespace vitrine::api {

/// Out of the feed first, then the row, then the bytes: at no moment is something shown whose bytes are gone.
/// Begun durably: what a crash interrupts is completed by finish_erasures() at the next start. Idempotent.
[[nodiscard]] Result<void> erase_video(Rooms& rooms, std::string_view id);
[[nodiscard]] Result<void> finish_erasures(Rooms& rooms);
/// The account, its videos, unfinished uploads, sessions, keys, likes and follows, and what the feed learned.
[[nodiscard]] Result<void> erase_account(Rooms& rooms, const social::Account& account,
                                         const custody::Personal& personal);

}  // namespace vitrine::api
