// Finding videos, accounts and tags by what somebody types.
//
// Ranked are the newest and the most viewed of what matches (candidates_max of each, search_candidates.hpp), so that a
// word that half of all videos hold costs no more than a rare one; with fewer matches that is all of them.
// search_ranking.hpp has the score. Nothing is kept about who searched for what.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "social/videos.hpp"
#include "store/database.hpp"

namespace vitrine::social {

inline constexpr std::size_t found_tags_max = 20;
inline constexpr std::size_t suggestions_max = 8;
inline constexpr std::size_t suggested_captions_max = 3;
inline constexpr std::size_t suggested_caption_characters_max = 60;

/// Ids in their order, and where the next page begins.
struct FoundPage {
  std::vector<std::string> ids;
  std::optional<std::string> next;
};

struct TagPage {
  std::string tag;  ///< as videos carry it
  std::int64_t videos = 0;
  FoundPage page;
};

enum class TagSort { top, newest };

struct Suggestion {
  enum class Kind { tag, account, caption };
  Kind kind = Kind::tag;
  std::string text;
};
[[nodiscard]] std::string_view name(Suggestion::Kind kind);

/// Thread-safe. Calls block on the database.
class Search {
 public:
  /// Makes the index anew if there is none, which may take minutes and is logged.
  [[nodiscard]] static Result<std::unique_ptr<Search>> open(store::Database& database, const Clock& clock);
  ~Search();

  /// Ids of live videos (their words and what is said in them) and of accounts that hold each word of the search. A
  /// search without words finds nothing. Errors: invalid_argument (see checked_query; a cursor that was not given out).
  [[nodiscard]] Result<FoundPage> videos(std::string_view query, std::string_view cursor, std::size_t limit) const;
  [[nodiscard]] Result<FoundPage> accounts(std::string_view query, std::string_view cursor, std::size_t limit) const;
  /// Tags that begin so or nearly so, at most found_tags_max.
  [[nodiscard]] Result<std::vector<Topic>> tags(std::string_view query) const;
  /// What somebody who typed this may be about to type, at most suggestions_max.
  [[nodiscard]] Result<std::vector<Suggestion>> suggestions(std::string_view query) const;

  /// The live videos with a tag. Errors: invalid_argument (no tag, a strange cursor), not_found (no video carries it).
  [[nodiscard]] Result<TagPage> tag_page(std::string_view tag, TagSort sort, std::string_view cursor,
                                         std::size_t limit) const;

  /// Brings follower counts and suggestions up to date when they are due; called once a minute or so.
  [[nodiscard]] Result<void> keep_up();

 private:
  struct Impl;
  explicit Search(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace vitrine::social
