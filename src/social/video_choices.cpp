// What creators choose for their videos, and what becomes of a video by it.
#include "social/video_choices.hpp"

#include <limits>

#include "social/search_index.hpp"
#include "social/tags_column.hpp"
#include "social/videos.hpp"

namespace vitrine::social {
namespace {

constexpr std::int64_t due_batch = 100;
constexpr TimeMs never = std::numeric_limits<TimeMs>::max();

store::Value name_or_null(const std::optional<Who>& who) {
  return who ? store::Value(std::string(name(*who))) : store::Value();
}

std::string joined_names(const std::set<VideoLabel>& labels) {
  std::vector<std::string> names;
  for (const auto label : labels) names.emplace_back(name(label));
  return joined_tags(names);
}

store::Value time_or_null(const std::optional<TimeMs>& time) { return time ? store::Value(*time) : store::Value(); }

Result<Audience> audience_of(store::Session& session, const NewVideo& video) {
  if (video.choices.audience) return *video.choices.audience;
  VT_TRY(const auto rows, session.query("SELECT age_band FROM accounts WHERE id = $1", {video.creator_id}));
  return default_audience(rows.empty() ? AgeBand::adult : age_band_of(rows[0].text(0)));
}

Result<void> apply(const VideoEdit& edit, Video& video, TimeMs now) {
  if (edit.caption) {
    VT_TRY(video.caption, checked_text(*edit.caption, caption_characters_max, "a caption"));
  }
  VT_TRY(video.tags, checked_tags(edit.tags ? *edit.tags : video.tags, video.caption));
  if (edit.audience) video.audience = *edit.audience;
  if (edit.comments) video.own_comment_permission = *edit.comments;
  if (edit.duets) video.own_duet_permission = *edit.duets;
  if (edit.labels) video.own_labels = *edit.labels;
  const auto time = edit.publish_at.value_or(std::nullopt);
  VT_CHECK(check_draft(edit.draft.value_or(false), time));
  VT_CHECK(check_publish_at(time, now));
  if (edit.publish_at) video.publish_at = time;
  if (time) video.draft = false;
  if (edit.draft) video.draft = *edit.draft;
  if (edit.draft && !time) video.publish_at.reset();
  return {};
}

}  // namespace

Result<std::set<VideoLabel>> labels_of(const std::vector<std::string>& names) {
  std::set<VideoLabel> labels;
  for (const auto& one : names) {
    VT_TRY(const auto label, one_of(video_labels, one, "labels"));
    labels.insert(label);
  }
  return labels;
}

Result<void> check_draft(bool draft, const std::optional<TimeMs>& publish_at) {
  if (draft && publish_at) return fail(Errc::invalid_argument, "a video is a draft or has a \"publish_at\", not both");
  return {};
}

Result<void> check_publish_at(const std::optional<TimeMs>& publish_at, TimeMs now) {
  if (!publish_at) return {};
  if (*publish_at <= now || *publish_at > now + schedule_ahead_ms_max)
    return fail(Errc::invalid_argument, "\"publish_at\" must be a time to come, at most a year ahead");
  return {};
}

Result<void> Videos::create(const NewVideo& video) {
  VT_TRY(const auto caption, checked_text(video.caption, caption_characters_max, "a caption"));
  VT_TRY(const auto tags, checked_tags(video.tags, caption));
  const auto& choices = video.choices;
  VT_CHECK(database_.transaction(store::Access::write, [&](store::Session& session) -> Result<void> {
    VT_TRY(const auto audience, audience_of(session, video));
    VT_TRY(const auto made,
           session.execute(
               "INSERT INTO videos (id, creator_id, caption, tags, created_at, state, audience, comment_permission, "
               "duet_permission, own_labels, draft, publish_at) "
               "VALUES ($1, $2, $3, $4, $5, 'processing', $6, $7, $8, $9, $10, $11) ON CONFLICT (id) DO NOTHING",
               {video.id, video.creator_id, caption, joined_tags(tags), clock_.now(), std::string(name(audience)),
                name_or_null(choices.comments), name_or_null(choices.duets), joined_names(choices.labels),
                std::int64_t{choices.draft}, time_or_null(choices.publish_at)}));
    return made > 0 ? settle(session, video.id) : Result<void>();
  }));
  set_guarded(video.id, true);
  take_over(video.id);
  note_due(choices.publish_at);
  return {};
}

Result<Video> Videos::edit(std::string_view id, const VideoEdit& edit) {
  Video edited;
  VT_CHECK(database_.transaction(store::Access::write, [&](store::Session& session) -> Result<void> {
    VT_TRY(auto video, in_session(session, id));
    VT_CHECK(apply(edit, video, clock_.now()));
    VT_CHECK(session.execute(
        "UPDATE videos SET caption = $2, tags = $3, audience = $4, comment_permission = $5, duet_permission = $6, "
        "own_labels = $7, draft = $8, publish_at = $9 WHERE id = $1",
        {video.id, video.caption, joined_tags(video.tags), std::string(name(video.audience)),
         name_or_null(video.own_comment_permission), name_or_null(video.own_duet_permission),
         joined_names(video.own_labels), std::int64_t{video.draft}, time_or_null(video.publish_at)}));
    VT_CHECK(settle(session, video.id));
    VT_TRY(edited, in_session(session, id));
    return {};
  }));
  take_over(id);
  note_due(edited.publish_at);
  return edited;
}

Result<void> Videos::settle(store::Session& session, std::string_view video) {
  const std::string id(video);
  VT_CHECK(
      session.execute("UPDATE videos SET state = CASE WHEN state IN ('held', 'removed') THEN state "
                      "WHEN media IS NULL AND failure_code IS NOT NULL THEN 'failed' WHEN draft = 1 THEN 'draft' "
                      "WHEN publish_at IS NOT NULL THEN 'scheduled' WHEN media IS NULL THEN 'processing' "
                      "ELSE 'live' END WHERE id = $1",
                      {id}));
  VT_CHECK(session.execute("UPDATE videos SET live_since = $2 WHERE id = $1 AND state = 'live' AND live_since IS NULL",
                           {id, clock_.now()}));
  VT_CHECK(
      session.execute("UPDATE videos SET pinned_at = NULL WHERE id = $1 AND pinned_at IS NOT NULL AND "
                      "(audience <> 'public' OR state IN ('draft', 'scheduled'))",
                      {id}));
  return index_video(session, id);
}

void Videos::note_due(std::optional<TimeMs> at) {
  if (!at) return;
  const std::lock_guard lock(due_mutex_);
  next_due_ = std::min(next_due_, *at);
}

Result<std::vector<std::string>> Videos::publish_due() {
  const TimeMs now = clock_.now();
  {
    const std::lock_guard lock(due_mutex_);
    if (now < next_due_) return std::vector<std::string>{};
    // Before the look, so that a time set meanwhile is not lost.
    next_due_ = never;
  }
  std::vector<std::string> published;
  std::optional<TimeMs> next;
  const auto done = database_.transaction(store::Access::write, [&](store::Session& session) -> Result<void> {
    published.clear();
    VT_TRY(const auto due, session.query("SELECT id FROM videos WHERE publish_at <= $1 ORDER BY publish_at LIMIT $2",
                                         {now, due_batch}));
    for (const auto& row : due) {
      VT_CHECK(session.execute("UPDATE videos SET publish_at = NULL WHERE id = $1", {row.text(0)}));
      VT_CHECK(settle(session, row.text(0)));
      published.push_back(row.text(0));
    }
    VT_TRY(const auto left, session.query("SELECT MIN(publish_at) FROM videos WHERE publish_at IS NOT NULL"));
    next = left[0].is_null(0) ? std::nullopt : std::optional(left[0].integer(0));
    return {};
  });
  note_due(done ? next : now);
  VT_CHECK(done);
  for (const auto& id : published) take_over(id);
  return published;
}

Result<void> Videos::pin(std::string_view id, bool on) {
  return database_.transaction(store::Access::write, [&](store::Session& session) -> Result<void> {
    VT_TRY(const auto video, in_session(session, id));
    if (!on) {
      VT_CHECK(session.execute("UPDATE videos SET pinned_at = NULL WHERE id = $1", {video.id}));
      return {};
    }
    if (video.pinned) return {};
    if (!video.is_public()) return vitrine::fail(Errc::unprocessable, "only what everybody may watch can be pinned");
    VT_TRY(const auto pins, session.query("SELECT COUNT(*) FROM videos WHERE creator_id = $1 AND pinned_at IS NOT NULL",
                                          {video.creator_id}));
    if (pins[0].integer(0) >= pinned_videos_max)
      return vitrine::fail(Errc::unprocessable, "at most {} videos can be pinned: unpin one first", pinned_videos_max);
    VT_CHECK(session.execute("UPDATE videos SET pinned_at = $2 WHERE id = $1", {video.id, clock_.now()}));
    return {};
  });
}

// --- whose files are not for everybody -------------------------------------------------------------------------------

bool Videos::is_guarded(std::string_view id) const {
  const std::shared_lock lock(guarded_mutex_);
  return guarded_.contains(id);
}

void Videos::take_over(std::string_view id) {
  // One at a time, so that what is noted last is what the row said last, whoever changed it.
  const std::lock_guard order(take_over_mutex_);
  const auto rows =
      database_.query(fmt::format("SELECT 1 FROM videos v WHERE v.id = $1 AND {}", sql_listed("v")), {std::string(id)});
  // What is not known is guarded.
  const bool guarded = !rows || rows->empty();
  const bool changed = set_guarded(id, guarded);
  if (guarded && changed) forget_topics();
}

bool Videos::set_guarded(std::string_view id, bool on) {
  const std::unique_lock lock(guarded_mutex_);
  return on ? guarded_.emplace(id).second : guarded_.erase(std::string(id)) > 0;
}

Result<void> Videos::load_guarded() {
  VT_TRY(const auto rows, database_.query(fmt::format("SELECT v.id FROM videos v WHERE NOT ({})", sql_listed("v"))));
  const std::unique_lock lock(guarded_mutex_);
  for (const auto& row : rows) guarded_.insert(row.text(0));
  return {};
}

}  // namespace vitrine::social
