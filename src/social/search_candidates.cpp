#include "social/search_candidates.hpp"

#include <unordered_set>

#include "social/search_index.hpp"
#include "social/tags_column.hpp"

namespace vitrine::social {
namespace {

constexpr auto highest_tier = static_cast<std::int64_t>(tier_floors.size());

/// A table of the index, and what is read of a row "s" that matches. Column 0 is the id.
struct Source {
  std::string_view table, fts5;
  std::string_view row;  ///< the columns of the table that are read
  std::string_view columns, join;
};

constexpr Source videos_source{
    .table = "search_videos",
    .fts5 = "search_video_words",
    .row = "n, video_id, tags, handle, caption, transcript",
    .columns =
        "s.video_id, s.tags, s.handle, s.caption, v.views, v.likes, COALESCE(v.live_since, v.created_at), "
        "v.tags, s.transcript",
    .join = "JOIN videos v ON v.id = s.video_id"};
/// The index may be older than a suspension.
constexpr std::string_view joined_accounts = "JOIN accounts a ON a.id = s.account_id AND a.suspended_until = 0";

constexpr Source accounts_source{.table = "search_accounts",
                                 .fts5 = "search_account_words",
                                 .row = "n, account_id, handle, name, followers",
                                 .columns = "s.account_id, s.handle, s.name, s.followers",
                                 .join = joined_accounts};

/// Each engine finds rows that hold every term, at most candidates_max.
class Engine {
 public:
  virtual ~Engine() = default;
  virtual Result<void> prepare(store::Session&) const { return {}; }
  [[nodiscard]] virtual Result<store::Rows> newest(store::Session& session, const Source& source,
                                                   std::span<const Term> terms) const = 0;
  /// The highest tier first, of each the newest first; none of tier 0.
  [[nodiscard]] virtual Result<store::Rows> most_viewed(store::Session& session, const Source& source,
                                                        std::span<const Term> terms) const = 0;
};

/// Tiers are words of their own here ("~4"), so that a common word and a rare tier meet without reading all rows of the
/// word.
class Fts5 final : public Engine {
 public:
  Result<store::Rows> newest(store::Session& session, const Source& source,
                             std::span<const Term> terms) const override {
    return found(session, source, terms, std::nullopt, candidates_max);
  }
  Result<store::Rows> most_viewed(store::Session& session, const Source& source,
                                  std::span<const Term> terms) const override {
    store::Rows rows;
    for (std::int64_t tier = highest_tier; rows.size() < candidates_max && tier > 0; --tier) {
      VT_TRY(auto more, found(session, source, terms, tier, candidates_max - rows.size()));
      std::ranges::move(more, std::back_inserter(rows));
    }
    return rows;
  }

 private:
  static Result<store::Rows> found(store::Session& session, const Source& source, std::span<const Term> terms,
                                   std::optional<std::int64_t> tier, std::size_t limit) {
    const auto sql = fmt::format(
        "SELECT {0} FROM (SELECT rowid AS n FROM {1} WHERE {1} MATCH $1 ORDER BY rowid DESC LIMIT $2) hit "
        "JOIN {2} s ON s.n = hit.n {3}",
        source.columns, source.fts5, source.table, source.join);
    return session.query(sql, {match(terms, tier), static_cast<std::int64_t>(limit)});
  }
  static std::string match(std::span<const Term> terms, std::optional<std::int64_t> tier) {
    std::string text;
    for (const auto& term : terms)
      text += fmt::format("{}\"{}\"{}", text.empty() ? "" : " AND ", term.word, term.prefix ? " *" : "");
    return tier ? fmt::format("{} AND \"~{}\"", text, *tier) : text;
  }
};

class TextSearch final : public Engine {
 public:
  /// The best plan for a common word reads the newest rows, the best for a rare one the index: each search needs its
  /// own. The index is small enough to be in memory, where a page costs little beside the comparison of a row's words.
  Result<void> prepare(store::Session& session) const override {
    VT_CHECK(
        session.query("SELECT set_config('plan_cache_mode', 'force_custom_plan', TRUE), "
                      "set_config('seq_page_cost', '0.03', TRUE), set_config('random_page_cost', '0.03', TRUE)"));
    return {};
  }
  Result<store::Rows> newest(store::Session& session, const Source& source,
                             std::span<const Term> terms) const override {
    return found(session, source, terms, "TRUE", "n DESC");
  }
  Result<store::Rows> most_viewed(store::Session& session, const Source& source,
                                  std::span<const Term> terms) const override {
    return found(session, source, terms, "tier > 0", "tier DESC, n DESC");
  }

 private:
  static Result<store::Rows> found(store::Session& session, const Source& source, std::span<const Term> terms,
                                   std::string_view tiers, std::string_view order) {
    const auto sql = fmt::format(
        "SELECT {} FROM (SELECT {} FROM {} WHERE words @@ CAST($1 AS tsquery) AND {} ORDER BY {} LIMIT $2) s {}",
        source.columns, source.row, source.table, tiers, order, source.join);
    return session.query(sql, {match(terms), static_cast<std::int64_t>(candidates_max)});
  }
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

/// Rows, each id once.
class Gathered {
 public:
  void add(store::Rows more) {
    for (auto& row : more)
      if (ids_.insert(row.text(0)).second) rows_.push_back(std::move(row));
  }
  [[nodiscard]] store::Rows take() { return std::move(rows_); }

 private:
  store::Rows rows_;
  std::unordered_set<std::string> ids_;
};

/// Tells whether that is all there is.
Result<bool> gather(const Engine& engine, store::Session& session, const Source& source, std::span<const Term> terms,
                    Gathered& gathered) {
  VT_TRY(auto newest, engine.newest(session, source, terms));
  const bool all = newest.size() < candidates_max;
  gathered.add(std::move(newest));
  if (!all) {
    VT_TRY(auto viewed, engine.most_viewed(session, source, terms));
    gathered.add(std::move(viewed));
  }
  return all;
}

/// Whole words first: where they are enough, nobody misses the longer words that begin so, which take longer to find.
/// Tells whether that is all there is.
Result<bool> gather_candidates(const Engine& engine, store::Session& session, const Source& source,
                               std::span<const Term> terms, Gathered& gathered) {
  std::vector<Term> whole(terms.begin(), terms.end());
  for (auto& term : whole) term.prefix = false;
  VT_TRY(const bool all, gather(engine, session, source, whole, gathered));
  const bool unfinished = std::ranges::any_of(terms, &Term::prefix);
  if (all && unfinished) return gather(engine, session, source, terms, gathered);
  return all;
}

FoundVideo video_of(const store::Row& row, std::span<const Term> terms) {
  const auto caption = row.text(3);
  const WordsOfVideo words{.tags = row.text(1), .handle = row.text(2), .caption = caption, .transcript = row.text(8)};
  const auto in_caption = [&](const Term& term) { return best_match(term, caption) != Match::none; };
  return {.id = row.text(0),
          .relevance = relevance_of(words, terms),
          .in_caption = std::ranges::all_of(terms, in_caption),
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

Result<VideoCandidates> video_candidates(store::Database& database, std::span<const Term> terms) {
  const auto& engine = engine_of(database);
  VideoCandidates found;
  store::Rows rows;
  VT_CHECK(database.transaction(store::Access::read, [&](store::Session& session) -> Result<void> {
    VT_CHECK(engine.prepare(session));
    Gathered gathered;
    VT_TRY(found.all, gather_candidates(engine, session, videos_source, terms, gathered));
    rows = gathered.take();
    return {};
  }));
  found.videos.reserve(rows.size());
  for (const auto& row : rows) found.videos.push_back(video_of(row, terms));
  return found;
}

Result<std::vector<FoundAccount>> account_candidates(store::Database& database, std::span<const Term> terms) {
  const auto& engine = engine_of(database);
  store::Rows rows;
  VT_CHECK(database.transaction(store::Access::read, [&](store::Session& session) -> Result<void> {
    VT_CHECK(engine.prepare(session));
    Gathered gathered;
    const Term handle = as_handle(terms);
    VT_TRY(auto own, engine.newest(session, accounts_source, {&handle, 1}));
    gathered.add(std::move(own));
    VT_CHECK(gather_candidates(engine, session, accounts_source, terms, gathered));
    rows = gathered.take();
    return {};
  }));
  std::vector<FoundAccount> found;
  found.reserve(rows.size());
  for (const auto& row : rows) found.push_back(account_of(row));
  return found;
}

}  // namespace vitrine::social
