#include "social/credits.hpp"

#include <array>

#include "base/id.hpp"
#include "social/cursor.hpp"
#include "social/schema.hpp"
#include "social/sql.hpp"
#include "social/visibility.hpp"

namespace vitrine::social {
namespace {

constexpr std::array kinds{CreditKind::duet, CreditKind::stitch, CreditKind::sound};

/// What anybody may come across.
std::string is_public() { return sql_listed("v"); }

constexpr std::array<store::Migration, 1> migrations{{{1, R"(
CREATE TABLE credits (
  video_id TEXT PRIMARY KEY REFERENCES videos(id) ON DELETE CASCADE, kind TEXT NOT NULL,
  original_id TEXT REFERENCES videos(id) ON DELETE SET NULL,
  creator_id TEXT REFERENCES accounts(id) ON DELETE SET NULL,
  start_ms BIGINT NOT NULL, end_ms BIGINT NOT NULL, created_at BIGINT NOT NULL);
CREATE INDEX credits_of_original ON credits(original_id, video_id);
CREATE INDEX credits_of_creator ON credits(creator_id);
CREATE TABLE sounds (
  id TEXT PRIMARY KEY, creator_id TEXT REFERENCES accounts(id) ON DELETE SET NULL, created_at BIGINT NOT NULL);
CREATE INDEX sounds_of_creator ON sounds(creator_id);
CREATE TABLE sound_uses (
  video_id TEXT PRIMARY KEY REFERENCES videos(id) ON DELETE CASCADE,
  sound_id TEXT NOT NULL REFERENCES sounds(id) ON DELETE CASCADE);
CREATE INDEX sound_uses_of_sound ON sound_uses(sound_id, video_id);
)"}}};

std::unexpected<Error> not_there() { return fail(Errc::not_found, "there is no such video"); }
std::unexpected<Error> no_sound() { return fail(Errc::not_found, "there is no such sound"); }

/// `sql` ends with the column that is to be the id of one of these videos.
Result<store::Rows> rows_for(store::Database& database, std::string_view sql, std::span<const Video> videos) {
  store::Params ids;
  for (const auto& video : videos) ids.emplace_back(video.id);
  return database.query(fmt::format("{} IN ({})", sql, placeholders(1, ids.size())), ids);
}

std::optional<Person> person_of(const store::Row& row, std::size_t first, const std::set<std::string>& hidden) {
  if (row.is_null(first) || hidden.contains(row.text(first))) return std::nullopt;
  return Person{row.text(first), row.text(first + 1), row.text(first + 2)};
}

Result<std::set<std::string>> hidden_in(store::Database& database, std::string_view viewer, const store::Rows& rows,
                                        std::size_t column) {
  std::vector<std::string> people;
  for (const auto& row : rows)
    if (!row.is_null(column)) people.push_back(row.text(column));
  return hidden_among(database, viewer, people);
}

Result<void> add_credits(store::Database& database, std::string_view viewer, std::span<const Video> videos,
                         Attributions& to) {
  VT_TRY(const auto rows,
         rows_for(database,
                  fmt::format("SELECT c.video_id, c.kind, a.id, a.handle, a.display_name, v.id FROM credits c "
                              "LEFT JOIN accounts a ON a.id = c.creator_id "
                              "LEFT JOIN videos v ON v.id = c.original_id AND {} WHERE c.video_id",
                              is_public()),
                  videos));
  VT_TRY(const auto hidden, hidden_in(database, viewer, rows, 2));
  for (const auto& row : rows) {
    Credit credit{.kind = credit_kind_of(row.text(1)).value_or(CreditKind::duet),
                  .video = std::nullopt,
                  .creator = person_of(row, 2, hidden)};
    if (credit.creator && !row.is_null(5)) credit.video = row.text(5);
    to[row.text(0)].credit = std::move(credit);
  }
  return {};
}

Result<void> add_sounds(store::Database& database, std::string_view viewer, std::span<const Video> videos,
                        Attributions& to) {
  for (const auto& video : videos) {
    if (!video.has_audio) continue;
    to[video.id].sound = Sound{.id = video.id,
                               .creator = Person{video.creator_id, video.creator_handle, video.creator_name},
                               .original = true};
  }
  VT_TRY(const auto rows, rows_for(database,
                                   "SELECT u.video_id, u.sound_id, a.id, a.handle, a.display_name FROM sound_uses u "
                                   "JOIN sounds s ON s.id = u.sound_id LEFT JOIN accounts a ON a.id = s.creator_id "
                                   "WHERE u.video_id",
                                   videos));
  VT_TRY(const auto hidden, hidden_in(database, viewer, rows, 2));
  for (const auto& row : rows)
    to[row.text(0)].sound = Sound{.id = row.text(1), .creator = person_of(row, 2, hidden), .original = false};
  return {};
}

FoundPage page_of(const store::Rows& rows, std::size_t limit, bool numbered) {
  FoundPage page;
  for (const auto& row : rows)
    if (page.ids.size() < limit) page.ids.push_back(row.text(0));
  if (rows.size() > limit)
    page.next = numbered ? write_cursor({rows[limit - 1].integer(1), page.ids.back()}) : page.ids.back();
  return page;
}

constexpr std::string_view heard_in = "(v.id = $1 OR v.id IN (SELECT video_id FROM sound_uses WHERE sound_id = $1))";

Result<FoundPage> heard_page(store::Database& database, const std::string& sound, TagSort sort, std::string_view cursor,
                             std::size_t limit) {
  const bool top = sort == TagSort::top;
  VT_TRY(const auto after, read_cursor(cursor, top));
  const auto more = static_cast<std::int64_t>(limit) + 1;
  const std::string from = fmt::format("SELECT v.id, v.views FROM videos v WHERE {} AND {}", is_public(), heard_in);
  const auto rows =
      top ? database.query(from + " AND (v.views, v.id) < ($2, $3) ORDER BY v.views DESC, v.id DESC LIMIT $4",
                           {sound, after.number, after.id, more})
          : database.query(from + " AND v.id < $2 ORDER BY v.id DESC LIMIT $3", {sound, after.id, more});
  VT_CHECK(rows);
  return page_of(*rows, limit, top);
}

/// The person a sound is of: its row's, or of a sound that nobody else has used, its video's.
Result<std::optional<Person>> maker_of(store::Database& database, std::string_view viewer, const std::string& sound) {
  VT_TRY(const auto rows,
         database.query("SELECT a.id, a.handle, a.display_name FROM accounts a WHERE a.id = COALESCE("
                        "(SELECT creator_id FROM sounds WHERE id = $1), (SELECT creator_id FROM videos WHERE id = $1))",
                        {sound}));
  if (rows.empty()) return std::nullopt;
  VT_TRY(const auto hidden, hidden_in(database, viewer, rows, 0));
  return person_of(rows[0], 0, hidden);
}

}  // namespace

std::string_view name(CreditKind kind) {
  switch (kind) {
    case CreditKind::duet: return "duet";
    case CreditKind::stitch: return "stitch";
    case CreditKind::sound: return "sound";
  }
  return "duet";
}

std::optional<CreditKind> credit_kind_of(std::string_view text) {
  const auto found = std::ranges::find(kinds, text, [](auto kind) { return name(kind); });
  return found == kinds.end() ? std::nullopt : std::optional(*found);
}

std::string Sound::title() const {
  return creator ? fmt::format("original sound · @{}", creator->handle) : "original sound";
}

Result<void> may_reuse(store::Database& database, std::string_view who, const Video& original) {
  VT_TRY(const auto relation, relation_of(database, original.creator_id, who));
  if (original.state != VideoState::live || !may_watch(relation, original.exposure())) return not_there();
  if (original.limited || !may_duet(relation, original.exposure(), original.duet_permission))
    return fail(Errc::forbidden, "this video is not free for duets, stitches or its sound");
  return {};
}

Result<std::unique_ptr<Credits>> Credits::open(store::Database& database, const Videos& videos, const Clock& clock) {
  VT_CHECK(migrate_social(database));
  VT_CHECK(store::migrate(database, "credits", migrations));
  return std::unique_ptr<Credits>(new Credits(database, videos, clock));
}

Result<void> Credits::check(std::string_view who, const Video& original) const {
  VT_CHECK(may_reuse(database_, who, original));
  std::string id = original.id;
  for (int link = 0; link <= credit_links_max; ++link) {
    VT_TRY(const auto taken, taken_by(id));
    if (!taken) return {};
    const auto before = taken->original ? videos_.by_id(*taken->original) : not_there();
    if (!before || !may_reuse(database_, who, *before))
      return fail(Errc::forbidden, "this video is made with another one that is not free any more");
    id = before->id;
  }
  return fail(Errc::forbidden, "this video is made of others through more than {} links", credit_links_max);
}

Result<std::string> Credits::sound_of(std::string_view video) const {
  VT_TRY(const auto rows, database_.query("SELECT sound_id FROM sound_uses WHERE video_id = $1", {std::string(video)}));
  return rows.empty() ? std::string(video) : rows[0].text(0);
}

Result<void> Credits::record(const NewCredit& credit) {
  const auto now = clock_.now();
  return database_.transaction(store::Access::write, [&](store::Session& session) -> Result<void> {
    if (credit.kind == CreditKind::sound) {
      VT_CHECK(
          session.execute("INSERT INTO sounds (id, creator_id, created_at) SELECT id, creator_id, $2 FROM videos "
                          "WHERE id = $1 ON CONFLICT (id) DO NOTHING",
                          {credit.original, now}));
      VT_CHECK(
          session.execute("INSERT INTO sound_uses (video_id, sound_id) SELECT $1, id FROM sounds WHERE id = $2 "
                          "ON CONFLICT (video_id) DO NOTHING",
                          {credit.video, credit.original}));
      return {};
    }
    VT_CHECK(session.execute(
        "INSERT INTO credits (video_id, kind, original_id, creator_id, start_ms, end_ms, created_at) "
        "SELECT $1, $2, id, creator_id, $4, $5, $6 FROM videos WHERE id = $3 ON CONFLICT (video_id) DO NOTHING",
        {credit.video, std::string(name(credit.kind)), credit.original, credit.start_ms, credit.end_ms, now}));
    return {};
  });
}

Result<std::optional<Taken>> Credits::taken_by(std::string_view video) const {
  const std::string id(video);
  VT_TRY(const auto rows,
         database_.query("SELECT kind, original_id, creator_id FROM credits WHERE video_id = $1 UNION ALL "
                         "SELECT 'sound', v.id, s.creator_id FROM sound_uses u JOIN sounds s ON s.id = u.sound_id "
                         "LEFT JOIN videos v ON v.id = s.id WHERE u.video_id = $1",
                         {id}));
  if (rows.empty()) return std::nullopt;
  const auto& row = rows[0];
  Taken taken{.kind = credit_kind_of(row.text(0)).value_or(CreditKind::duet), .original = {}, .creator = {}};
  if (!row.is_null(1)) taken.original = row.text(1);
  if (!row.is_null(2)) taken.creator = row.text(2);
  return taken;
}

Result<Attributions> Credits::of(std::string_view viewer, std::span<const Video> videos) const {
  Attributions out;
  if (videos.empty()) return out;
  VT_CHECK(add_credits(database_, viewer, videos, out));
  VT_CHECK(add_sounds(database_, viewer, videos, out));
  return out;
}

Result<FoundPage> Credits::made_with(std::string_view video, std::string_view cursor, std::size_t limit) const {
  VT_TRY(const auto after, read_cursor(cursor, false));
  VT_TRY(const auto rows,
         database_.query(fmt::format("SELECT c.video_id FROM credits c JOIN videos v ON v.id = c.video_id WHERE "
                                     "c.original_id = $1 AND {} AND c.video_id < $2 ORDER BY c.video_id DESC LIMIT $3",
                                     is_public()),
                         {std::string(video), after.id, static_cast<std::int64_t>(limit) + 1}));
  return page_of(rows, limit, false);
}

Result<SoundPage> Credits::sound_page(std::string_view viewer, std::string_view sound, TagSort sort,
                                      std::string_view cursor, std::size_t limit) const {
  if (!is_id(sound)) return no_sound();
  VT_TRY(const std::string id, sound_of(sound));
  SoundPage out{.sound = {.id = id, .creator = {}}, .page = {}};
  VT_TRY(const auto rows,
         database_.query(fmt::format("SELECT COUNT(*) FROM videos v WHERE {} AND {}", is_public(), heard_in), {id}));
  out.videos = rows[0].integer(0);
  // A live video without a sound is its own only hearer, so to say.
  const auto own = videos_.by_id(id);
  if (own && own->state == VideoState::live && !own->has_audio) return no_sound();
  if (out.videos == 0) return no_sound();
  VT_TRY(out.sound.creator, maker_of(database_, viewer, id));
  VT_TRY(out.page, heard_page(database_, id, sort, cursor, limit));
  return out;
}

}  // namespace vitrine::social
