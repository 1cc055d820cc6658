#include "social/search_candidates.hpp"

#include <unordered_set>

#include "social/search_index.hpp"
#include "social/tags_column.hpp"

namespace vitrine::social {
namespace {

constexpr auto newest_tier = static_cast<std::int64_t>(tier_floors.size());

/// A table of the index, and what is read of a row that matches. Column 0 is the id.
struct Source {
  std::string_view table, fts5;
  std::string_view columns, join;
};

constexpr Source videos_source{
    .table = "search_videos",
    .fts5 = "search_video_words",
    .columns = "s.video_id, s.tags, s.handle, s.caption, v.views, v.likes, v.created_at, v.tags",
    .join = "JOIN videos v ON v.id = s.video_id"};
constexpr Source accounts_source{.table = "search_accounts",
                                 .fts5 = "search_account_words",
                                 .columns = "s.account_id, s.handle, s.name, s.followers",
                                 .join = ""};

/// Each engine finds the newest rows for $1, at most $2, of any tier or of one.
class Engine {
 public:
  virtual ~Engine() = default;
  virtual Result<void> prepare(store::Session&) const { return {}; }
  [[nodiscard]] virtual Result<store::Rows> newest(store::Session& session, const Source& source,
                                                   std::span<const Term> terms, std::size_t limit) const = 0;
  [[nodiscard]] virtual Result<store::Rows> newest_of_tier(store::Session& session, const Source& source,
                                                           std::span<const Term> terms, std::int64_t tier,
                                                           std::size_t limit) const = 0;

 protected:
  static std::string select(const Source& source, std::string_view hits) {
    return fmt::format("SELECT {} FROM ({}) hit JOIN {} s ON s.n = hit.n {}", source.columns, hits, source.table,
                       source.join);
  }
};

/// Tiers are words of their own here ("~4"), so that a common word and a rare tier meet without reading all rows of the
/// word.
class Fts5 final : public Engine {
 public:
  Result<store::Rows> newest(store::Session& session, const Source& source, std::span<const Term> terms,
                             std::size_t limit) const override {
    return run(session, source, match(terms), limit);
  }
  Result<store::Rows> newest_of_tier(store::Session& session, const Source& source, std::span<const Term> terms,
                                     std::int64_t tier, std::size_t limit) const override {
    return run(session, source, fmt::format("{} AND \"~{}\"", match(terms), tier), limit);
  }

 private:
  static std::string match(std::span<const Term> terms) {
    std::string text;
    for (const auto& term : terms)
      text += fmt::format("{}\"{}\"{}", text.empty() ? "" : " AND ", term.word, term.prefix ? " *" : "");
    return text;
  }
  static Result<store::Rows> run(store::Session& session, const Source& source, std::string expression,
                                 std::size_t limit) {
    const auto hits =
        fmt::format("SELECT rowid AS n FROM {0} WHERE {0} MATCH $1 ORDER BY rowid DESC LIMIT $2", source.fts5);
    return session.query(select(source, hits), {std::move(expression), static_cast<std::int64_t>(limit)});
  }
};

class TextSearch final : public Engine {
 public:
  /// The best plan for a common word reads the newest rows, the best for a rare one the index: each search needs its
  /// own.
  Result<void> prepare(store::Session& session) const override {
    VT_CHECK(session.execute("SET LOCAL plan_cache_mode = force_custom_plan"));
    return {};
  }
  Result<store::Rows> newest(store::Session& session, const Source& source, std::span<const Term> terms,
                             std::size_t limit) const override {
    const auto hits =
        fmt::format("SELECT n FROM {} WHERE words @@ CAST($1 AS tsquery) ORDER BY n DESC LIMIT $2", source.table);
    return session.query(select(source, hits), {match(terms), static_cast<std::int64_t>(limit)});
  }
  Result<store::Rows> newest_of_tier(store::Session& session, const Source& source, std::span<const Term> terms,
                                     std::int64_t tier, std::size_t limit) const override {
    const auto hits = fmt::format(
        "SELECT n FROM {} WHERE words @@ CAST($1 AS tsquery) AND tier = $3 ORDER BY n DESC LIMIT $2", source.table);
    return session.query(select(source, hits), {match(terms), static_cast<std::int64_t>(limit), tier});
  }

 private:
  static std::string match(std::span<const Term> terms) {
    std::string text;
    for (const auto& term : terms)
      text += fmt::format("{}'{}'{}", text.empty() ? "" : " & ", term.word, term.prefix ? ":*" : "");
    return text;
  }
};

const Engine& engine_of(const store::Database& database) {
  static const Fts5 fts5;
  static const TextSearch text_search;
  if (database.engine() == "postgresql") return text_search;
  return fts5;
}

/// Adds rows whose id is not there yet.
void add_new(store::Rows more, store::Rows& rows, std::unordered_set<std::string>& ids) {
  for (auto& row : more)
    if (ids.insert(row.text(0)).second) rows.push_back(std::move(row));
}

Result<store::Rows> candidates(const Engine& engine, store::Session& session, const Source& source,
                               std::span<const Term> terms) {
  store::Rows rows;
  std::unordered_set<std::string> ids;
  VT_TRY(auto newest, engine.newest(session, source, terms, candidates_max));
  const bool all = newest.size() < candidates_max;
  add_new(std::move(newest), rows, ids);
  std::size_t left = all ? 0 : candidates_max;
  for (std::int64_t tier = newest_tier; left > 0 && tier > 0; --tier) {
    VT_TRY(auto viewed, engine.newest_of_tier(session, source, terms, tier, left));
    left -= viewed.size();
    add_new(std::move(viewed), rows, ids);
  }
  return rows;
}

FoundVideo video_of(const store::Row& row) {
  return {.id = row.text(0),
          .words_of_tags = row.text(1),
          .words_of_handle = row.text(2),
          .words_of_caption = row.text(3),
          .views = row.integer(4),
          .likes = row.integer(5),
          .created_at = row.integer(6),
          .tags = split_tags(row.text(7))};
}

FoundAccount account_of(const store::Row& row) {
  return {.id = row.text(0), .words_of_handle = row.text(1), .words_of_name = row.text(2), .followers = row.integer(3)};
}

/// "@" and what was typed: somebody's handle, which is found however many others begin so.
Term as_handle(std::span<const Term> terms) {
  std::string typed;
  for (const auto& term : terms) typed += term.word;
  return {typed.starts_with(handle_sign) ? typed : handle_sign + typed};
}

}  // namespace

Result<std::vector<FoundVideo>> video_candidates(store::Database& database, std::span<const Term> terms) {
  const auto& engine = engine_of(database);
  store::Rows rows;
  VT_CHECK(database.transaction(store::Access::read, [&](store::Session& session) -> Result<void> {
    VT_CHECK(engine.prepare(session));
    VT_TRY(rows, candidates(engine, session, videos_source, terms));
    return {};
  }));
  std::vector<FoundVideo> found;
  found.reserve(rows.size());
  for (const auto& row : rows) found.push_back(video_of(row));
  return found;
}

Result<std::vector<FoundAccount>> account_candidates(store::Database& database, std::span<const Term> terms) {
  const auto& engine = engine_of(database);
  store::Rows rows;
  VT_CHECK(database.transaction(store::Access::read, [&](store::Session& session) -> Result<void> {
    VT_CHECK(engine.prepare(session));
    VT_TRY(rows, candidates(engine, session, accounts_source, terms));
    const Term handle = as_handle(terms);
    VT_TRY(auto own, engine.newest(session, accounts_source, {&handle, 1}, 1));
    std::unordered_set<std::string> ids;
    for (const auto& row : rows) ids.insert(row.text(0));
    add_new(std::move(own), rows, ids);
    return {};
  }));
  std::vector<FoundAccount> found;
  found.reserve(rows.size());
  for (const auto& row : rows) found.push_back(account_of(row));
  return found;
}

}  // namespace vitrine::social
