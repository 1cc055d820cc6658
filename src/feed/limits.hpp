// Every limit and constant of the feed in one place. Quoted in docs/formats/events.md.
#pragma once
#include <cstddef>
#include <cstdint>

namespace vitrine::feed::limits {

inline constexpr std::int64_t minute_ms = 60'000;
inline constexpr std::int64_t day_minutes = 24 * 60;

// What a watch event may hold.
inline constexpr std::size_t events_per_batch_max = 100;
inline constexpr std::size_t event_id_length_min = 16, event_id_length_max = 64;
inline constexpr std::size_t viewer_length_min = 16, viewer_length_max = 64;
inline constexpr std::size_t page_id_length_max = 64;
inline constexpr std::int64_t watched_ms_max = 24LL * 3600 * 1000;
inline constexpr std::int64_t loops_max = 10'000;
inline constexpr std::int64_t position_max = 100'000;
inline constexpr std::int64_t future_ms_max = 5 * minute_ms;                 ///< later: taken as "now"
inline constexpr std::int64_t future_ms_refused = 24LL * 3600 * 1000;        ///< a clock so wrong says nothing
inline constexpr std::int64_t past_ms_max = 30LL * day_minutes * minute_ms;  ///< older: refused
inline constexpr std::size_t remembered_events = 1'000'000;                  ///< ids known to be duplicates

// What a clip may hold.
inline constexpr std::size_t clip_id_length_max = 64;
inline constexpr std::size_t creator_id_length_max = 64;
inline constexpr std::size_t tags_per_clip_max = 10;
inline constexpr std::size_t tag_bytes_max = 160;  ///< 40 characters of UTF-8
inline constexpr std::int64_t duration_ms_max = 24LL * 3600 * 1000;

// What a viewer may choose.
inline constexpr std::size_t topics_max = 32;
inline constexpr std::size_t muted_tags_max = 64;
inline constexpr std::size_t muted_creators_max = 128;

// The state learned. Past each limit the oldest or weakest goes.
inline constexpr std::size_t live_clips_max = 4'000'000;
inline constexpr std::size_t viewers_max = 1'000'000;
inline constexpr std::int64_t viewer_idle_minutes_max = 180 * day_minutes;
inline constexpr std::size_t seen_per_viewer_max = 20'000;
inline constexpr std::size_t tags_per_viewer_max = 64;
inline constexpr std::size_t creators_per_viewer_max = 64;
inline constexpr std::size_t followed_per_viewer_max = 5'000;
inline constexpr std::size_t recent_per_viewer_max = 6;  ///< watched well, for co-watching
inline constexpr std::size_t neighbours_per_clip_max = 24;
inline constexpr std::size_t tags_known_max = 1'000'000;
inline constexpr std::size_t clips_per_creator_max = 512;  ///< newest kept for retrieval

// Learning.
inline constexpr int learned_per_viewer_and_clip_max = 3;  ///< later events of one viewer about one clip teach nothing
inline constexpr int newcomer_clips = 10;                  ///< a viewer's word counts in full after so many clips
inline constexpr double unserved_weight = 0.1;             ///< of an event about a clip the feed did not hand out
inline constexpr double untrusted_weight_max = 0.5;  ///< all unserved events about one clip together weigh no more

// Pages.
inline constexpr int page_items_max = 20;
inline constexpr std::int64_t handed_out_ms = 10 * minute_ms;  ///< a clip handed out stays out of later pages so long
inline constexpr std::size_t handed_out_per_viewer_max = 400;
inline constexpr std::size_t handed_out_viewers_max = 100'000;

}  // namespace vitrine::feed::limits
