#include "social/videos.hpp"

#include "base/id.hpp"
#include "base/json.hpp"
#include "social/collections.hpp"
#include "social/moderation_words.hpp"
#include "social/schema.hpp"
#include "social/search_index.hpp"
#include "social/sql.hpp"
#include "social/tags_column.hpp"

namespace vitrine::social {
namespace {

constexpr std::string_view columns =
    "v.id, v.creator_id, a.handle, a.display_name, v.caption, v.tags, v.created_at, v.state, v.failure_code, "
    "v.failure_detail, v.media, v.likes, v.views, v.shares, v.comments, v.limited, v.imposed_labels";
constexpr std::string_view from = "FROM videos v JOIN accounts a ON a.id = v.creator_id";
constexpr std::string_view counter_name = "videos";

VideoState state_of(std::string_view text) {
  for (const auto state : {VideoState::live, VideoState::failed, VideoState::held, VideoState::removed})
    if (name(state) == text) return state;
  return VideoState::processing;
}

json::value preview_json(const std::optional<Preview>& preview) {
  if (!preview) return nullptr;
  return {{"key", preview->key},
          {"columns", preview->columns},
          {"rows", preview->rows},
          {"count", preview->count},
          {"interval_ms", preview->interval_ms},
          {"tile_width", preview->tile_width},
          {"tile_height", preview->tile_height}};
}

std::string text_of(const json::object& object, std::string_view key) {
  return std::string(object.at(key).as_string());
}

/// Reads what media_text wrote.
void read_media(const std::string& text, Video& video) {
  const json::value value = json::parse(text);
  const auto& media = value.as_object();
  video.duration_ms = media.at("duration_ms").as_int64();
  video.width = media.at("width").as_int64();
  video.height = media.at("height").as_int64();
  video.has_audio = media.at("has_audio").as_bool();
  video.placeholder = text_of(media, "placeholder");
  video.poster_key = text_of(media, "poster_key");
  video.hls_key = text_of(media, "hls_key");
  for (const auto& item : media.at("sources").as_array()) {
    const auto& source = item.as_object();
    video.sources.push_back({.key = text_of(source, "key"),
                             .width = source.at("width").as_int64(),
                             .height = source.at("height").as_int64(),
                             .bitrate = source.at("bitrate").as_int64(),
                             .bytes = source.at("bytes").as_int64(),
                             .codecs = text_of(source, "codecs")});
  }
  if (const auto* preview = media.at("preview").if_object()) {
    video.preview = Preview{.key = text_of(*preview, "key"),
                            .columns = preview->at("columns").as_int64(),
                            .rows = preview->at("rows").as_int64(),
                            .count = preview->at("count").as_int64(),
                            .interval_ms = preview->at("interval_ms").as_int64(),
                            .tile_width = preview->at("tile_width").as_int64(),
                            .tile_height = preview->at("tile_height").as_int64()};
  }
}

Video video_of(const store::Row& row) {
  Video video{.id = row.text(0),
              .creator_id = row.text(1),
              .creator_handle = row.text(2),
              .creator_name = row.text(3),
              .caption = row.text(4),
              .tags = split_tags(row.text(5)),
              .created_at = row.integer(6),
              .state = state_of(row.text(7)),
              .likes = row.integer(11),
              .views = row.integer(12),
              .shares = row.integer(13),
              .comments = row.integer(14),
              .limited = row.integer(15) != 0,
              .labels = split_tags(row.text(16))};
  video.sensitive = std::erase(video.labels, name(VideoLabel::sensitive)) > 0;
  if (!row.is_null(8)) video.failure = Failure{row.text(8), row.text(9)};
  if (!row.is_null(10)) read_media(row.text(10), video);
  return video;
}

std::vector<std::string> first_column(const store::Rows& rows) {
  std::vector<std::string> texts;
  for (const auto& row : rows) texts.push_back(row.text(0));
  return texts;
}

std::unexpected<Error> no_video() { return vitrine::fail(Errc::not_found, "there is no such video"); }

}  // namespace

std::string media_text(const PublishedMedia& media) {
  json::array sources;
  for (const auto& source : media.sources) {
    sources.push_back({{"key", source.key},
                       {"width", source.width},
                       {"height", source.height},
                       {"bitrate", source.bitrate},
                       {"bytes", source.bytes},
                       {"codecs", source.codecs}});
  }
  return json::serialize(json::value{{"duration_ms", media.duration_ms},
                                     {"width", media.width},
                                     {"height", media.height},
                                     {"has_audio", media.has_audio},
                                     {"placeholder", media.placeholder},
                                     {"poster_key", media.poster_key},
                                     {"preview", preview_json(media.preview)},
                                     {"sources", std::move(sources)},
                                     {"hls_key", media.hls_key}});
}

std::string_view name(VideoState state) {
  switch (state) {
    case VideoState::processing: return "processing";
    case VideoState::live: return "live";
    case VideoState::failed: return "failed";
    case VideoState::held: return "held";
    case VideoState::removed: return "removed";
  }
  return "failed";
}

Result<std::unique_ptr<Videos>> Videos::open(store::Database& database, const Clock& clock) {
  VT_CHECK(migrate_social(database));
  return std::unique_ptr<Videos>(new Videos(database, clock));
}
Videos::~Videos() = default;

Result<void> Videos::create(const NewVideo& video) {
  VT_TRY(const auto caption, checked_text(video.caption, caption_characters_max, "a caption"));
  VT_TRY(const auto tags, checked_tags(video.tags, caption));
  VT_CHECK(
      database_.execute("INSERT INTO videos (id, creator_id, caption, tags, created_at, state) "
                        "VALUES ($1, $2, $3, $4, $5, 'processing') ON CONFLICT (id) DO NOTHING",
                        {video.id, video.creator_id, caption, joined_tags(tags), clock_.now()}));
  return {};
}

Result<Video> Videos::publish(std::string_view id, const PublishedMedia& media) {
  VT_CHECK(database_.transaction(store::Access::write, [&](store::Session& session) -> Result<void> {
    VT_TRY(
        const auto changed,
        session.execute(
            "UPDATE videos SET state = CASE WHEN state IN ('held', 'removed') THEN state ELSE 'live' END, media = $2, "
            "failure_code = NULL, failure_detail = NULL WHERE id = $1",
            {std::string(id), media_text(media)}));
    if (changed == 0) return no_video();
    return index_video(session, id);
  }));
  return by_id(id);
}

Result<void> Videos::fail(std::string_view id, const Failure& why) {
  // What is live stays live: its first rendition is good even if a later one could not be made.
  VT_CHECK(database_.execute(
      "UPDATE videos SET state = CASE WHEN state IN ('held', 'removed') THEN state ELSE 'failed' END, "
      "failure_code = $2, failure_detail = $3 WHERE id = $1 AND media IS NULL",
      {std::string(id), why.code, why.detail}));
  return {};
}

Result<Video> Videos::edit(std::string_view id, const std::optional<std::string>& caption,
                           const std::optional<std::vector<std::string>>& tags) {
  VT_TRY(auto video, by_id(id));
  if (caption) {
    VT_TRY(video.caption, checked_text(*caption, caption_characters_max, "a caption"));
  }
  VT_TRY(video.tags, checked_tags(tags ? *tags : video.tags, video.caption));
  VT_CHECK(database_.transaction(store::Access::write, [&](store::Session& session) -> Result<void> {
    VT_CHECK(session.execute("UPDATE videos SET caption = $2, tags = $3 WHERE id = $1",
                             {video.id, video.caption, joined_tags(video.tags)}));
    return index_video(session, video.id);
  }));
  return video;
}

Result<void> Videos::remove(std::string_view id) {
  return database_.transaction(store::Access::write, [&](store::Session& session) -> Result<void> {
    VT_CHECK(leave_collections(session, id));
    VT_CHECK(session.execute("DELETE FROM videos WHERE id = $1", {std::string(id)}));
    return {};
  });
}

Result<void> Videos::impose(store::Session& session, std::string_view id, const Imposed& imposed) {
  const auto withheld = imposed.removed ? name(VideoState::removed) : imposed.held ? name(VideoState::held) : "";
  VT_CHECK(
      session.execute("UPDATE videos SET limited = $2, imposed_labels = $3, state = CASE WHEN $4 <> '' THEN $4 "
                      "WHEN media IS NOT NULL THEN 'live' WHEN failure_code IS NOT NULL THEN 'failed' "
                      "ELSE 'processing' END WHERE id = $1",
                      {std::string(id), std::int64_t{imposed.limited},
                       fmt::format("{}", fmt::join(imposed.labels, ",")), std::string(withheld)}));
  return index_video(session, id);
}

Result<std::vector<std::string>> Videos::withheld_ids() const {
  VT_TRY(const auto rows, database_.query("SELECT id FROM videos WHERE state IN ('held', 'removed')"));
  return first_column(rows);
}

Result<std::int64_t> Videos::made_since(std::string_view creator_id, TimeMs since) const {
  VT_TRY(const auto rows, database_.query("SELECT COUNT(*) FROM videos WHERE creator_id = $1 AND created_at >= $2",
                                          {std::string(creator_id), since}));
  return rows[0].integer(0);
}

Result<Video> Videos::by_id(std::string_view id) const {
  if (!is_id(id)) return no_video();
  VT_TRY(const auto rows,
         database_.query(fmt::format("SELECT {} {} WHERE v.id = $1", columns, from), {std::string(id)}));
  if (rows.empty()) return no_video();
  return video_of(rows[0]);
}

Result<std::vector<Video>> Videos::live(std::span<const std::string> ids) const {
  std::vector<Video> videos;
  if (ids.empty()) return videos;
  const store::Params params(ids.begin(), ids.end());
  VT_TRY(const auto rows, database_.query(fmt::format("SELECT {} {} WHERE v.state = 'live' AND v.id IN ({})", columns,
                                                      from, placeholders(1, ids.size())),
                                          params));
  for (const auto& row : rows) videos.push_back(video_of(row));
  const auto place = [&](const Video& video) { return std::ranges::find(ids, video.id) - ids.begin(); };
  std::ranges::sort(videos, {}, place);
  return videos;
}

Result<VideoPage> Videos::by_creator(std::string_view creator_id, bool any_state, std::string_view cursor,
                                     std::size_t limit) const {
  if (!cursor.empty() && !is_id(cursor))
    return vitrine::fail(Errc::invalid_argument,
                         "this cursor is not one that was given out; start from the first page");
  limit = std::clamp<std::size_t>(limit, 1, page_items_max);
  const std::string before = cursor.empty() ? "z" : std::string(cursor);  // ids begin with a digit
  VT_TRY(
      const auto rows,
      database_.query(fmt::format("SELECT {} {} WHERE v.creator_id = $1 AND v.id < $2 {} ORDER BY v.id DESC LIMIT $3",
                                  columns, from, any_state ? "" : "AND v.state = 'live'"),
                      {std::string(creator_id), before, static_cast<std::int64_t>(limit) + 1}));
  VideoPage page;
  for (const auto& row : rows) {
    if (page.items.size() < limit) page.items.push_back(video_of(row));
  }
  if (rows.size() > limit) page.next = page.items.back().id;
  return page;
}

Result<std::vector<std::string>> Videos::ids_of_creator(std::string_view creator_id) const {
  VT_TRY(const auto rows, database_.query("SELECT id FROM videos WHERE creator_id = $1", {std::string(creator_id)}));
  return first_column(rows);
}

Result<std::int64_t> Videos::live_count(std::string_view creator_id) const {
  VT_TRY(const auto rows, database_.query("SELECT COUNT(*) FROM videos WHERE creator_id = $1 AND state = 'live'",
                                          {std::string(creator_id)}));
  return rows[0].integer(0);
}

Result<std::vector<std::string>> Videos::ids_where(std::string_view condition, std::string_view after,
                                                   std::size_t limit) const {
  VT_TRY(const auto rows,
         database_.query(fmt::format("SELECT id FROM videos WHERE {} AND id > $1 ORDER BY id LIMIT $2", condition),
                         {std::string(after), static_cast<std::int64_t>(limit)}));
  return first_column(rows);
}

Result<std::vector<std::string>> Videos::live_ids(std::string_view after, std::size_t limit) const {
  return ids_where("state = 'live'", after, limit);
}

Result<std::vector<std::string>> Videos::offered_ids(std::string_view after, std::size_t limit) const {
  return ids_where("state = 'live' AND limited = 0", after, limit);
}

Result<std::int64_t> Videos::like(std::string_view account_id, std::string_view video, bool on) {
  std::int64_t likes = 0;
  const store::Value account = std::string(account_id), id = std::string(video);
  VT_CHECK(database_.transaction(store::Access::write, [&](store::Session& session) -> Result<void> {
    std::int64_t changed = 0;
    if (on) {
      VT_TRY(changed, session.execute("INSERT INTO likes (account_id, video_id, created_at) VALUES ($1, $2, $3) "
                                      "ON CONFLICT (account_id, video_id) DO NOTHING",
                                      {account, id, clock_.now()}));
    } else {
      VT_TRY(changed, session.execute("DELETE FROM likes WHERE account_id = $1 AND video_id = $2", {account, id}));
    }
    if (changed > 0)
      VT_CHECK(session.execute("UPDATE videos SET likes = likes + $2 WHERE id = $1",
                               {id, on ? std::int64_t{1} : std::int64_t{-1}}));
    VT_TRY(const auto rows, session.query("SELECT likes FROM videos WHERE id = $1", {id}));
    if (rows.empty()) return no_video();
    likes = rows[0].integer(0);
    return {};
  }));
  return likes;
}

Result<std::set<std::string>> Videos::liked(std::string_view account_id, std::span<const std::string> ids) const {
  std::set<std::string> liked;
  if (ids.empty()) return liked;
  store::Params params{std::string(account_id)};
  params.insert(params.end(), ids.begin(), ids.end());
  VT_TRY(const auto rows,
         database_.query(fmt::format("SELECT video_id FROM likes WHERE account_id = $1 AND video_id IN ({})",
                                     placeholders(2, ids.size())),
                         params));
  for (const auto& row : rows) liked.insert(row.text(0));
  return liked;
}

Result<std::vector<std::string>> Videos::liked_by(std::string_view account_id) const {
  VT_TRY(const auto rows,
         database_.query("SELECT video_id FROM likes WHERE account_id = $1 ORDER BY created_at DESC, video_id",
                         {std::string(account_id)}));
  return first_column(rows);
}

Result<void> Videos::count(std::span<const Counted> counts, std::int64_t next) {
  return database_.transaction(store::Access::write, [&](store::Session& session) -> Result<void> {
    for (const auto& one : counts) {
      VT_TRY(const auto rows,
             session.query("UPDATE videos SET views = views + $2, shares = shares + $3 WHERE id = $1 RETURNING views",
                           {one.video, one.views, one.shares}));
      if (!rows.empty() && one.views > 0)
        VT_CHECK(index_views(session, one.video, rows[0].integer(0), one.views, clock_.now()));
    }
    VT_CHECK(session.execute(
        "INSERT INTO counted (name, next) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET next = excluded.next",
        {std::string(counter_name), next}));
    return {};
  });
}

Result<std::int64_t> Videos::counted_until() const {
  VT_TRY(const auto rows, database_.query("SELECT next FROM counted WHERE name = $1", {std::string(counter_name)}));
  return rows.empty() ? 0 : rows[0].integer(0);
}

}  // namespace vitrine::social
