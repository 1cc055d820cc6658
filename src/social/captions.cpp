#include "social/captions.hpp"

#include "social/schema.hpp"
#include "social/search_index.hpp"
#include "social/sql.hpp"

namespace vitrine::social {
namespace {

constexpr std::array<store::Migration, 1> migrations{{{1, R"(
CREATE TABLE captions (
  video_id TEXT NOT NULL REFERENCES videos(id) ON DELETE CASCADE, language TEXT NOT NULL, automatic BIGINT NOT NULL,
  cues BIGINT NOT NULL, webvtt TEXT NOT NULL, said TEXT NOT NULL, updated_at BIGINT NOT NULL,
  PRIMARY KEY (video_id, language));
)"}}};

constexpr std::string_view columns = "video_id, language, automatic, cues, updated_at";

CaptionTrack track_of(const store::Row& row) {
  return {.video = row.text(0),
          .language = row.text(1),
          .origin = row.integer(2) != 0 ? CaptionOrigin::automatic : CaptionOrigin::person,
          .cues = row.integer(3),
          .updated_at = row.integer(4)};
}

std::unexpected<Error> no_captions() { return fail(Errc::not_found, "this video has no captions in this language"); }

/// Whether `origin` may write the video's captions in that language; when they were written last, or 0.
Result<TimeMs> check_place(store::Session& session, const std::string& video, const std::string& language,
                           CaptionOrigin origin) {
  VT_TRY(const auto videos, session.query("SELECT id FROM videos WHERE id = $1", {video}));
  if (videos.empty()) return fail(Errc::not_found, "there is no such video");
  VT_TRY(const auto rows, session.query(fmt::format("SELECT {} FROM captions WHERE video_id = $1", columns), {video}));
  for (const auto& row : rows) {
    const auto there = track_of(row);
    if (there.language != language) continue;
    if (origin == CaptionOrigin::automatic && there.origin == CaptionOrigin::person)
      return fail(Errc::conflict, "somebody has written captions in this language; delete them first");
    return there.updated_at;
  }
  if (std::ssize(rows) >= caption_languages_max)
    return fail(Errc::unprocessable, "a video has captions in at most {} languages", caption_languages_max);
  return 0;
}

}  // namespace

Result<void> migrate_captions(store::Database& database) { return store::migrate(database, "captions", migrations); }

Result<std::string> said_in_video(store::Session& session, std::string_view video) {
  VT_TRY(const auto rows,
         session.query("SELECT said FROM captions WHERE video_id = $1 ORDER BY language", {std::string(video)}));
  std::string said;
  for (const auto& row : rows) said += row.text(0) + "\n";
  return said;
}

Result<std::unique_ptr<Captions>> Captions::open(store::Database& database, const Clock& clock) {
  VT_CHECK(migrate_social(database));
  return std::unique_ptr<Captions>(new Captions(database, clock));
}

Result<CaptionTrack> Captions::put(std::string_view video, std::string_view language, std::span<const Cue> cues,
                                   CaptionOrigin origin) {
  CaptionTrack track{
      .video = std::string(video), .language = std::string(language), .origin = origin, .cues = std::ssize(cues)};
  VT_CHECK(database_.transaction(store::Access::write, [&](store::Session& session) -> Result<void> {
    VT_TRY(const auto before, check_place(session, track.video, track.language, origin));
    track.updated_at = std::max(clock_.now(), before + 1);
    VT_CHECK(session.execute(
        "INSERT INTO captions (video_id, language, automatic, cues, webvtt, said, updated_at) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (video_id, language) DO UPDATE SET "
        "automatic = excluded.automatic, cues = excluded.cues, webvtt = excluded.webvtt, said = excluded.said, "
        "updated_at = excluded.updated_at",
        {track.video, track.language, std::int64_t{origin == CaptionOrigin::automatic}, track.cues, write_webvtt(cues),
         said_in(cues), track.updated_at}));
    return index_video(session, track.video);
  }));
  return track;
}

Result<void> Captions::remove(std::string_view video, std::string_view language) {
  return database_.transaction(store::Access::write, [&](store::Session& session) -> Result<void> {
    VT_TRY(const auto gone, session.execute("DELETE FROM captions WHERE video_id = $1 AND language = $2",
                                            {std::string(video), std::string(language)}));
    if (gone == 0) return no_captions();
    return index_video(session, video);
  });
}

Result<CaptionTracks> Captions::of(std::span<const std::string> videos) const {
  CaptionTracks tracks;
  if (videos.empty()) return tracks;
  VT_TRY(const auto rows,
         database_.query(fmt::format("SELECT {} FROM captions WHERE video_id IN ({}) ORDER BY language", columns,
                                     placeholders(1, videos.size())),
                         store::Params(videos.begin(), videos.end())));
  for (const auto& row : rows) tracks[row.text(0)].push_back(track_of(row));
  return tracks;
}

Result<std::vector<CaptionTrack>> Captions::of_video(const std::string& video) const {
  VT_TRY(auto tracks, of({&video, 1}));
  return std::move(tracks[video]);
}

Result<std::string> Captions::webvtt(std::string_view video, std::string_view language) const {
  VT_TRY(const auto rows, database_.query("SELECT webvtt FROM captions WHERE video_id = $1 AND language = $2",
                                          {std::string(video), std::string(language)}));
  if (rows.empty()) return no_captions();
  return rows[0].text(0);
}

}  // namespace vitrine::social
