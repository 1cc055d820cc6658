#include "social/videos.hpp"

#include <ranges>

#include "base/id.hpp"
#include "base/json.hpp"
#include "social/collections.hpp"
#include "social/counted.hpp"
#include "social/cursor.hpp"
#include "social/moderation_words.hpp"
#include "social/schema.hpp"
#include "social/search_index.hpp"
#include "social/sql.hpp"
#include "social/tags_column.hpp"

namespace vitrine::social {
namespace {

constexpr std::string_view columns =
    "v.id, v.creator_id, a.handle, a.display_name, v.caption, v.tags, v.created_at, v.state, v.failure_code, "
    "v.failure_detail, v.media, v.likes, v.views, v.shares, v.comments, v.limited, v.imposed_labels, v.own_labels, "
    "v.audience, v.comment_permission, v.duet_permission, v.draft, v.publish_at, v.live_since, v.pinned_at, "
    "v.announced, a.age_band, r.who, v.reposts";
constexpr std::string_view from =
    "FROM videos v JOIN accounts a ON a.id = v.creator_id LEFT JOIN comment_rules r ON r.account_id = v.creator_id";
constexpr std::string_view counter_name = "videos";

/// The one of `all` whose name a row holds.
template <class T, std::size_t N>
T named(const std::array<T, N>& all, std::string_view text, T otherwise) {
  const auto found = std::ranges::find(all, text, [](T one) { return name(one); });
  return found == all.end() ? otherwise : *found;
}

std::set<VideoLabel> labels_in(std::string_view column) {
  std::set<VideoLabel> labels;
  const auto names = split_tags(column);
  for (const auto label : video_labels)
    if (std::ranges::find(names, name(label)) != names.end()) labels.insert(label);
  return labels;
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
  // Videos from before there were any have none.
  video.thumbnail_key = media.contains("thumbnail_key") ? text_of(media, "thumbnail_key") : video.poster_key;
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

/// Column 17 and on.
void read_choices(const store::Row& row, Video& video) {
  const auto time = [&row](std::size_t column) {
    return row.is_null(column) ? std::nullopt : std::optional(row.integer(column));
  };
  video.own_labels = labels_in(row.text(17));
  video.audience = named(audiences, row.text(18), Audience::only_me);
  video.creator_band = age_band_of(row.text(26));
  const auto who = [&row](std::size_t column) {
    return row.is_null(column) ? std::nullopt : std::optional(named(all_who, row.text(column), Who::nobody));
  };
  video.own_comment_permission = who(19);
  video.own_duet_permission = who(20);
  const Who account_rule = who(27).value_or(default_who(video.creator_band));
  video.comment_permission = video.own_comment_permission.value_or(account_rule);
  video.duet_permission = video.own_duet_permission.value_or(default_duet(video.creator_band));
  video.draft = row.integer(21) != 0;
  video.publish_at = time(22);
  video.live_since = time(23);
  video.pinned = !row.is_null(24);
  video.announced = row.integer(25) != 0;
}

Video video_of(const store::Row& row) {
  Video video{.id = row.text(0),
              .creator_id = row.text(1),
              .creator_handle = row.text(2),
              .creator_name = row.text(3),
              .caption = row.text(4),
              .tags = split_tags(row.text(5)),
              .created_at = row.integer(6),
              .state = named(video_states, row.text(7), VideoState::processing),
              .likes = row.integer(11),
              .views = row.integer(12),
              .shares = row.integer(13),
              .comments = row.integer(14),
              .reposts = row.integer(28),
              .limited = row.integer(15) != 0,
              .imposed_labels = labels_in(row.text(16))};
  read_choices(row, video);
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
                                     {"thumbnail_key", media.thumbnail_key},
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
    case VideoState::draft: return "draft";
    case VideoState::scheduled: return "scheduled";
  }
  return "failed";
}

Result<std::unique_ptr<Videos>> Videos::open(store::Database& database, const Clock& clock) {
  VT_CHECK(migrate_social(database));
  std::unique_ptr<Videos> videos(new Videos(database, clock));
  VT_CHECK(videos->load_guarded());
  return videos;
}
Videos::~Videos() = default;

Result<Video> Videos::publish(std::string_view id, const PublishedMedia& media) {
  VT_CHECK(database_.transaction(store::Access::write, [&](store::Session& session) -> Result<void> {
    VT_TRY(const auto changed, session.execute("UPDATE videos SET media = $2, failure_code = NULL, "
                                               "failure_detail = NULL WHERE id = $1",
                                               {std::string(id), media_text(media)}));
    if (changed == 0) return no_video();
    return settle(session, id);
  }));
  take_over(id);
  return by_id(id);
}

Result<void> Videos::fail(std::string_view id, const Failure& why) {
  return database_.transaction(store::Access::write, [&](store::Session& session) -> Result<void> {
    VT_CHECK(session.execute("UPDATE videos SET failure_code = $2, failure_detail = $3 WHERE id = $1",
                             {std::string(id), why.code, why.detail}));
    return settle(session, id);
  });
}

Result<void> Videos::note_announced(std::string_view id) {
  VT_CHECK(database_.execute("UPDATE videos SET announced = 1 WHERE id = $1", {std::string(id)}));
  return {};
}

Result<std::vector<std::string>> Videos::unannounced_ids() const {
  VT_TRY(const auto rows, database_.query("SELECT id FROM videos WHERE announced = 0 AND state = 'live' AND "
                                          "audience IN ('public', 'followers') ORDER BY id"));
  return first_column(rows);
}

Result<void> Videos::remove(std::string_view id) {
  return database_.transaction(store::Access::write, [&](store::Session& session) -> Result<void> {
    VT_CHECK(leave_collections(session, id));
    VT_CHECK(session.execute("DELETE FROM videos WHERE id = $1", {std::string(id)}));
    return {};
  });
}

Result<void> Videos::impose(store::Session& session, std::string_view id, const Imposed& imposed) {
  // Without a hand on it, settle() finds its state.
  const auto withheld = name(imposed.removed ? VideoState::removed
                             : imposed.held  ? VideoState::held
                                             : VideoState::processing);
  VT_CHECK(session.execute("UPDATE videos SET limited = $2, imposed_labels = $3, state = $4 WHERE id = $1",
                           {std::string(id), std::int64_t{imposed.limited},
                            fmt::format("{}", fmt::join(imposed.labels, ",")), std::string(withheld)}));
  return settle(session, id);
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

Result<Video> Videos::in_session(store::Session& session, std::string_view id) {
  VT_TRY(const auto rows, session.query(fmt::format("SELECT {} {} WHERE v.id = $1", columns, from), {std::string(id)}));
  if (rows.empty()) return no_video();
  return video_of(rows[0]);
}

Result<std::vector<Video>> Videos::live(std::span<const std::string> ids) const {
  return among(ids, sql_listed("v"), {});
}

Result<std::vector<Video>> Videos::watchable(std::string_view viewer, std::span<const std::string> ids) const {
  return among(ids, fmt::format("v.state = 'live' AND {}", sql_may_watch("v", "$1")), {std::string(viewer)});
}

Result<std::vector<Video>> Videos::findable(std::string_view viewer, std::span<const std::string> ids) const {
  return among(ids, sql_may_find("v", "$1"), {std::string(viewer)});
}

/// `condition` is about the video "v", with `params`.
Result<std::vector<Video>> Videos::among(std::span<const std::string> ids, std::string_view condition,
                                         store::Params params) const {
  std::vector<Video> videos;
  if (ids.empty()) return videos;
  const auto list = placeholders(params.size() + 1, ids.size());
  params.insert(params.end(), ids.begin(), ids.end());
  VT_TRY(
      const auto rows,
      database_.query(fmt::format("SELECT {} {} WHERE {} AND v.id IN ({})", columns, from, condition, list), params));
  for (const auto& row : rows) videos.push_back(video_of(row));
  const auto place = [&](const Video& video) { return std::ranges::find(ids, video.id) - ids.begin(); };
  std::ranges::sort(videos, {}, place);
  return videos;
}

Result<VideoPage> Videos::by_creator(std::string_view creator_id, std::string_view viewer, std::string_view cursor,
                                     std::size_t limit) const {
  VT_TRY(const auto after, read_cursor(cursor, true));
  limit = std::clamp<std::size_t>(limit, 1, page_items_max);
  const std::string shown = fmt::format("SELECT {} {} WHERE v.creator_id = $1 AND v.state = 'live' AND {}", columns,
                                        from, sql_may_find("v", "$2"));
  const store::Value creator = std::string(creator_id), who = std::string(viewer);
  VideoPage page;
  if (cursor.empty()) {
    VT_TRY(const auto pinned,
           database_.query(fmt::format("{} AND v.pinned_at IS NOT NULL ORDER BY v.pinned_at DESC, v.id DESC", shown),
                           {creator, who}));
    for (const auto& row : pinned) page.items.push_back(video_of(row));
  }
  VT_TRY(const auto rows,
         database_.query(fmt::format("{} AND v.pinned_at IS NULL AND (v.live_since, v.id) < ($3, $4) "
                                     "ORDER BY v.live_since DESC, v.id DESC LIMIT $5",
                                     shown),
                         {creator, who, after.number, after.id, static_cast<std::int64_t>(limit) + 1}));
  for (const auto& row : rows | std::views::take(limit)) page.items.push_back(video_of(row));
  if (rows.size() > limit) page.next = write_cursor({*page.items.back().live_since, page.items.back().id});
  return page;
}

Result<VideoPage> Videos::own(std::string_view creator_id, std::optional<VideoState> state, std::string_view cursor,
                              std::size_t limit) const {
  VT_TRY(const auto after, read_cursor(cursor, false));
  limit = std::clamp<std::size_t>(limit, 1, page_items_max);
  VT_TRY(const auto rows, database_.query(fmt::format("SELECT {} {} WHERE v.creator_id = $1 AND v.id < $2 AND "
                                                      "(v.state = $4 OR $4 = '') ORDER BY v.id DESC LIMIT $3",
                                                      columns, from),
                                          {std::string(creator_id), after.id, static_cast<std::int64_t>(limit) + 1,
                                           std::string(state ? name(*state) : "")}));
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

Result<std::int64_t> Videos::live_count(std::string_view creator_id, std::string_view viewer) const {
  VT_TRY(
      const auto rows,
      database_.query(fmt::format("SELECT COUNT(*) FROM videos v WHERE v.creator_id = $1 AND v.state = 'live' AND {}",
                                  sql_may_find("v", "$2")),
                      {std::string(creator_id), std::string(viewer)}));
  return rows[0].integer(0);
}

Result<std::vector<std::string>> Videos::ids_where(std::string_view condition, std::string_view after,
                                                   std::size_t limit) const {
  VT_TRY(const auto rows,
         database_.query(fmt::format("SELECT id FROM videos v WHERE {} AND id > $1 ORDER BY id LIMIT $2", condition),
                         {std::string(after), static_cast<std::int64_t>(limit)}));
  return first_column(rows);
}

Result<std::vector<std::string>> Videos::live_ids(std::string_view after, std::size_t limit) const {
  return ids_where("state = 'live'", after, limit);
}

Result<std::vector<std::string>> Videos::offered_ids(std::string_view after, std::size_t limit) const {
  return ids_where(fmt::format("{} AND v.limited = 0", sql_listed("v")), after, limit);
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
    return note_counted(session, counter_name, next);
  });
}

Result<std::int64_t> Videos::counted_until() const { return social::counted_until(database_, counter_name); }

}  // namespace vitrine::social
