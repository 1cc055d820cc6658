// What can be found by searching: a row for each live video and each account, with their words (search_text.hpp), in
// the schema "search". SQLite keeps the words in FTS5, PostgreSQL in a tsvector.
//
// The functions that take a session are called by whoever changes a video or an account, within the same transaction.
// What is deleted needs no call: its rows here go with it. A further text to search is a further column of
// search_videos, its words written by index_video() and its weight given in search_ranking.hpp.
#pragma once
#include <array>
#include <cstdint>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "store/database.hpp"

namespace vitrine::social {

/// Views of a video or followers of an account from which on it stands in tier 1, 2, …; below the first it is tier 0.
inline constexpr std::array<std::int64_t, 5> tier_floors{100, 1'000, 10'000, 100'000, 1'000'000};
[[nodiscard]] std::int64_t tier_of(std::int64_t count);

/// Views are also kept by the quarter of a day in which they were counted, for eight days: see trends.hpp.
inline constexpr TimeMs views_bucket_ms = 6LL * 3600 * 1000;

[[nodiscard]] Result<void> migrate_search(store::Database& database);

/// Brings the video's row in line with what it is now; one that may not be found by everybody has none.
[[nodiscard]] Result<void> index_video(store::Session& session, std::string_view id);
/// Likewise: one that is suspended has none.
[[nodiscard]] Result<void> index_account(store::Session& session, std::string_view id);
/// After `added` views were counted, which makes `views`.
[[nodiscard]] Result<void> index_views(store::Session& session, std::string_view id, std::int64_t views,
                                       std::int64_t added, TimeMs now);

/// Makes the index anew if there is none or it was made by other rules (search_words_version), and logs how far it is.
/// What a crash interrupts begins again at the next start.
[[nodiscard]] Result<void> rebuild_search_if_needed(store::Database& database);
/// Takes over how many followers people have; between two calls ranking uses what was taken over last.
[[nodiscard]] Result<void> refresh_followers(store::Database& database);

}  // namespace vitrine::social
