#include "social/search.hpp"

#include <charconv>
#include <map>

#include "base/unicode.hpp"
#include "social/common_searches.hpp"
#include "social/cursor.hpp"
#include "social/schema.hpp"
#include "social/search_candidates.hpp"
#include "social/search_index.hpp"
#include "social/search_ranking.hpp"
#include "social/search_text.hpp"
#include "social/sql.hpp"
#include "social/suggestion_names.hpp"
#include "social/visibility.hpp"

namespace vitrine::social {
namespace {

constexpr TimeMs followers_age_ms_max = 60LL * 60 * 1000;
constexpr std::size_t caption_suggestion_letters_min = 3;
constexpr std::int64_t counted_weight_max = 200;

/// All pages of a search are ranked by the time of the first, which stands before the rest of the cursor.
struct TimedCursor {
  TimeMs at = 0;
  Cursor after;
};

Result<TimedCursor> read_timed_cursor(std::string_view text, TimeMs now) {
  if (text.empty()) return TimedCursor{now, {}};
  TimedCursor cursor;
  const auto dot = std::min(text.find('.'), text.size());
  const auto [end, error] = std::from_chars(text.data(), text.data() + dot, cursor.at);
  const bool timed = error == std::errc() && end == text.data() + dot && cursor.at >= 0 && dot + 1 < text.size();
  VT_TRY(cursor.after, read_cursor(timed ? text.substr(dot + 1) : "no time", true));
  return cursor;
}

struct Ranked {
  Score score = 0;
  std::string id;
  auto operator<=>(const Ranked&) const = default;
};

FoundPage page_of(std::vector<Ranked> ranked, const Cursor& after, std::size_t limit) {
  std::ranges::sort(ranked, std::greater());
  const auto first = std::ranges::upper_bound(ranked, Ranked{after.number, after.id}, std::greater());
  FoundPage page;
  for (auto one = first; one != ranked.end() && page.ids.size() < limit; ++one) page.ids.push_back(one->id);
  if (static_cast<std::size_t>(ranked.end() - first) > limit) {
    const auto& last = *(first + static_cast<std::ptrdiff_t>(limit) - 1);
    page.next = write_cursor({last.score, last.id});
  }
  return page;
}

/// At a space where there is one, with an ellipsis.
std::string shortened(const std::string& caption) {
  auto points = decode_utf8(caption).value_or(std::u32string());
  std::ranges::replace(points, U'\n', U' ');
  if (points.size() <= suggested_caption_characters_max) return encode_utf8(points);
  points.resize(suggested_caption_characters_max);
  if (const auto space = points.rfind(U' '); space != std::u32string::npos) points.resize(space);
  return encode_utf8(points) + "…";
}

/// "#" asks for tags, "@" for accounts, anything else for both.
std::optional<NameKind> kind_meant(std::string_view query) {
  if (query.starts_with(tag_sign)) return NameKind::tag;
  if (query.starts_with(handle_sign)) return NameKind::account;
  return std::nullopt;
}

}  // namespace

std::string_view name(Suggestion::Kind kind) {
  switch (kind) {
    case Suggestion::Kind::tag: return "tag";
    case Suggestion::Kind::account: return "account";
    case Suggestion::Kind::caption: return "caption";
  }
  return "";
}

struct Search::Impl {
  Impl(store::Database& d, const Clock& c) : database(d), clock(c), names(d, c), common(d, c) {}

  store::Database& database;
  const Clock& clock;
  SuggestionNames names;
  CommonSearches common;
  std::mutex followers_mutex;
  TimeMs followers_at = 0;

  /// Captions that hold each word, of the videos that a search would show first.
  [[nodiscard]] Result<std::vector<std::string>> captions(const std::string& query) {
    std::vector<std::string> captions;
    if (letters_of(query).size() < caption_suggestion_letters_min) return captions;
    const auto terms = terms_of(query);
    VT_TRY(const auto found, common.find(terms));
    std::vector<Ranked> ranked;
    for (const auto& video : found->videos)
      if (video.in_caption) ranked.push_back({score_of(video, clock.now()), video.id});
    const auto first = page_of(std::move(ranked), {}, suggested_captions_max);
    if (first.ids.empty()) return captions;
    VT_TRY(const auto rows, database.query(fmt::format("SELECT caption, id FROM videos v WHERE {} AND id IN ({})",
                                                       sql_listed("v"), placeholders(1, first.ids.size())),
                                           {first.ids.begin(), first.ids.end()}));
    std::map<std::string, std::string> caption_of;
    for (const auto& row : rows) caption_of[row.text(1)] = row.text(0);
    for (const auto& id : first.ids) {
      const auto found_caption = caption_of.find(id);
      if (found_caption == caption_of.end()) continue;
      auto text = shortened(found_caption->second);
      if (std::ranges::find(captions, text) == captions.end()) captions.push_back(std::move(text));
    }
    return captions;
  }

  /// With how many videos carry each: few are counted at this moment, as one that is no longer public would tell of
  /// itself; of many the weight is near enough.
  [[nodiscard]] Result<std::vector<Topic>> counted(const std::vector<SuggestedName>& tags) const {
    store::Params few;
    for (const auto& one : tags)
      if (one.weight <= counted_weight_max) few.emplace_back(one.name);
    std::map<std::string, std::int64_t> videos;
    if (!few.empty()) {
      VT_TRY(const auto rows,
             database.query(fmt::format("SELECT tag, COUNT(*) FROM search_tags WHERE tag IN ({}) GROUP BY tag",
                                        placeholders(1, few.size())),
                            few));
      for (const auto& row : rows) videos[row.text(0)] = row.integer(1);
    }
    std::vector<Topic> found;
    for (const auto& one : tags) {
      const auto count = one.weight <= counted_weight_max ? videos[one.name] : one.weight;
      if (count > 0) found.push_back({one.name, count});
    }
    return found;
  }

  [[nodiscard]] Result<FoundPage> newest_of_tag(const std::string& tag, std::string_view cursor,
                                                std::size_t limit) const {
    VT_TRY(const auto after, read_cursor(cursor, false));
    VT_TRY(const auto rows,
           database.query("SELECT video_id FROM search_tags WHERE tag = $1 AND video_id < $2 ORDER BY video_id DESC "
                          "LIMIT $3",
                          {tag, after.id, static_cast<std::int64_t>(limit) + 1}));
    FoundPage page;
    for (const auto& row : rows)
      if (page.ids.size() < limit) page.ids.push_back(row.text(0));
    if (rows.size() > limit) page.next = page.ids.back();
    return page;
  }

  [[nodiscard]] Result<FoundPage> top_of_tag(const std::string& tag, std::string_view cursor, std::size_t limit) {
    VT_TRY(const auto after, read_cursor(cursor, true));
    const Term term{signed_name(tag, tag_sign)};
    VT_TRY(const auto found, common.find({&term, 1}));
    std::vector<Ranked> ranked;
    for (const auto& video : found->videos) {
      // "#black_cat" and "#blackcat" are one word of the index but two tags.
      if (std::ranges::find(video.tags, tag) != video.tags.end())
        ranked.push_back({score_on_tag_page(video), video.id});
    }
    return page_of(std::move(ranked), after, limit);
  }
};

Search::Search(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Search::~Search() = default;

Result<std::unique_ptr<Search>> Search::open(store::Database& database, const Clock& clock) {
  VT_CHECK(migrate_social(database));
  VT_CHECK(rebuild_search_if_needed(database));
  std::unique_ptr<Search> search(new Search(std::make_unique<Impl>(database, clock)));
  VT_CHECK(search->keep_up());
  return search;
}

Result<FoundPage> Search::videos(std::string_view query, std::string_view cursor, std::size_t limit) const {
  VT_TRY(const auto text, checked_query(query));
  VT_TRY(const auto from, read_timed_cursor(cursor, impl_->clock.now()));
  const auto terms = terms_of(text);
  if (terms.empty()) return FoundPage{};
  VT_TRY(const auto found, impl_->common.find(terms));
  std::vector<Ranked> ranked;
  for (const auto& video : found->videos) ranked.push_back({score_of(video, from.at), video.id});
  auto page = page_of(std::move(ranked), from.after, limit);
  if (page.next) page.next = fmt::format("{}.{}", from.at, *page.next);
  return page;
}

Result<FoundPage> Search::accounts(std::string_view query, std::string_view cursor, std::size_t limit) const {
  VT_TRY(const auto text, checked_query(query));
  VT_TRY(const auto after, read_cursor(cursor, true));
  const auto terms = terms_of(text);
  if (terms.empty()) return FoundPage{};
  VT_TRY(const auto found, account_candidates(impl_->database, terms));
  std::vector<Ranked> ranked;
  for (const auto& account : found) ranked.push_back({score_of(account, terms), account.id});
  return page_of(std::move(ranked), after, limit);
}

Result<std::vector<Topic>> Search::tags(std::string_view query) const {
  VT_TRY(const auto text, checked_query(query));
  VT_TRY(const auto names, impl_->names.find(text, NameKind::tag, found_tags_max));
  return impl_->counted(names);
}

Result<std::vector<Suggestion>> Search::suggestions(std::string_view query) const {
  VT_TRY(const auto text, checked_query(query));
  const auto kind = kind_meant(text);
  VT_TRY(const auto names, impl_->names.find(text, kind, suggestions_max));
  std::vector<std::string> captions;
  if (!kind) {
    VT_TRY(captions, impl_->captions(text));
  }
  std::vector<Suggestion> list;
  for (const auto& one : names) {
    if (list.size() + captions.size() >= suggestions_max) break;
    list.push_back({one.kind == NameKind::tag ? Suggestion::Kind::tag : Suggestion::Kind::account, one.name});
  }
  for (auto& caption : captions) list.push_back({Suggestion::Kind::caption, std::move(caption)});
  return list;
}

Result<TagPage> Search::tag_page(std::string_view tag, TagSort sort, std::string_view cursor, std::size_t limit) const {
  const std::string given(tag);
  VT_TRY(const auto tags, checked_tags({&given, 1}, ""));
  TagPage out{.tag = tags.front()};
  VT_TRY(const auto rows, impl_->database.query("SELECT COUNT(*) FROM search_tags WHERE tag = $1", {out.tag}));
  out.videos = rows[0].integer(0);
  if (out.videos == 0) return fail(Errc::not_found, "no video carries this tag");
  VT_TRY(out.page, sort == TagSort::top ? impl_->top_of_tag(out.tag, cursor, limit)
                                        : impl_->newest_of_tag(out.tag, cursor, limit));
  return out;
}

Result<void> Search::keep_up() {
  VT_CHECK(impl_->names.keep_up());
  const std::lock_guard lock(impl_->followers_mutex);
  const TimeMs now = impl_->clock.now();
  if (impl_->followers_at != 0 && now >= impl_->followers_at && now - impl_->followers_at < followers_age_ms_max)
    return {};
  VT_CHECK(refresh_followers(impl_->database));
  impl_->followers_at = now;
  return {};
}

}  // namespace vitrine::social
