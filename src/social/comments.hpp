// Comments on videos, in threads of one level: a reply to a reply stands in the same thread.
//
// Whoever calls has made sure that the viewer may see the video; here it is decided whose comments they see there
// (visibility.hpp). What counts is kept on the rows of video and parent: nothing is counted when it is read.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/token_buckets.hpp"
#include "social/comment_rules.hpp"
#include "social/person.hpp"
#include "store/database.hpp"

namespace vitrine::social {

inline constexpr std::size_t comment_characters_max = 500;
inline constexpr std::size_t comments_page_items = 20;
inline constexpr double comments_per_minute_max = 10;  ///< written or edited, by one account
inline constexpr std::int64_t comment_edits_max = 20;
/// In "top", twice as many likes (and one) weigh as much as being this much newer.
inline constexpr TimeMs comment_likes_doubling_ms = 12LL * 3600 * 1000;

/// The list a comment stands in: none (held), the video's, its parent's.
enum Shelf : std::int64_t { nowhere = 0, of_video = 1, of_parent = 2 };
/// Its place in "top": log2(likes + 1) by straight lines between the powers of two, in milliseconds, which is the same
/// on every machine.
[[nodiscard]] TimeMs comment_rank(TimeMs created_at, std::int64_t likes);

enum class CommentState { live, held, removed };
[[nodiscard]] std::string_view name(CommentState state);

/// As one viewer sees it.
struct Comment {
  std::string id, video;
  std::optional<std::string> parent;
  Person author;
  std::string text;  ///< empty once removed
  TimeMs created_at = 0;
  std::optional<TimeMs> edited_at;
  std::int64_t likes = 0;
  std::int64_t replies = 0;  ///< live ones
  CommentState state = CommentState::live;
  bool liked = false, pinned = false, own = false, by_creator = false;
  bool withheld = false;   ///< by a moderator, or until one has looked: held, and not the creator's to approve
  std::string creator_id;  ///< of the video
  std::optional<std::string> answers;  ///< account whose comment this one answers
  std::int64_t sort_rank = 0;
};

struct NewComment {
  std::string video, author_id, text;
  std::string parent;  ///< a comment of the same video, or empty
};

struct CommentPage {
  std::vector<Comment> items;
  std::optional<std::string> next;  ///< cursor
};

struct FormerText {
  std::string text;
  TimeMs at = 0;  ///< when it was written
};

enum class CommentOrder { top, newest };

/// Thread-safe. Calls block on the database. A viewer or caller is an account id; a viewer may be empty.
class Comments {
 public:
  [[nodiscard]] static Result<std::unique_ptr<Comments>> open(store::Database& database, const Clock& clock);

  /// The video's, without replies; the pinned one first. Pages do not shift when comments are added; one whose likes
  /// change meanwhile may be passed over or come twice. Errors: invalid_argument (cursor).
  [[nodiscard]] Result<CommentPage> page(std::string_view viewer, std::string_view video, CommentOrder order,
                                         std::string_view cursor) const;
  /// Oldest first. Errors: not_found, invalid_argument (cursor).
  [[nodiscard]] Result<CommentPage> replies(std::string_view viewer, std::string_view comment,
                                            std::string_view cursor) const;
  /// Errors: not_found.
  [[nodiscard]] Result<Comment> by_id(std::string_view viewer, std::string_view id) const;
  /// As a moderator sees it, wherever it stands. Errors: not_found.
  [[nodiscard]] Result<Comment> for_moderator(std::string_view moderator, std::string_view id) const;
  /// Errors: not_found. Says nothing of who may see it.
  [[nodiscard]] Result<std::string> video_of(std::string_view id) const;

  /// Errors: invalid_argument (text), too_many_requests, not_found (video, parent), forbidden (the creator's rules).
  [[nodiscard]] Result<Comment> write(const NewComment& comment);
  /// The creator's rules are applied to the new text as well. Errors: as of write; forbidden (somebody else's),
  /// unprocessable (too many edits).
  [[nodiscard]] Result<Comment> edit(std::string_view author, std::string_view id, std::string_view text);
  /// What it said before, the newest first. Errors: not_found.
  [[nodiscard]] Result<std::vector<FormerText>> history(std::string_view viewer, std::string_view id) const;
  /// By its author or the video's creator. One with replies stays as a stub. Errors: not_found, forbidden.
  [[nodiscard]] Result<void> remove(std::string_view caller, std::string_view id);

  struct Likes {
    std::int64_t likes = 0;
    bool changed = false;
  };
  [[nodiscard]] Result<Likes> like(std::string_view caller, std::string_view id, bool on);
  /// One a video: another loses its pin. Errors: not_found, forbidden (not the creator), unprocessable (a reply, held).
  [[nodiscard]] Result<Comment> pin(std::string_view caller, std::string_view id, bool on);

  struct Approval {
    Comment comment;
    bool changed = false;  ///< it was held until now
  };
  /// Errors: not_found, forbidden (not the creator, or withheld).
  [[nodiscard]] Result<Approval> approve(std::string_view caller, std::string_view id);
  /// What waits for the creator's approval, the newest first.
  [[nodiscard]] Result<CommentPage> held(std::string_view creator, std::string_view cursor) const;

  [[nodiscard]] Result<CommentRules> rules(std::string_view creator) const;
  [[nodiscard]] Result<void> set_rules(std::string_view creator, const CommentRules& rules);

  /// In the transaction of a moderation's decision: nobody but its author sees it, or all is as it was.
  [[nodiscard]] Result<void> withhold(store::Session& session, std::string_view id, bool on);

  /// All that somebody wrote, the newest first, in any state.
  [[nodiscard]] Result<CommentPage> written_by(std::string_view author, std::string_view cursor) const;
  /// The ids of all comments it likes.
  [[nodiscard]] Result<std::vector<std::string>> liked_by(std::string_view account) const;

 private:
  Comments(store::Database& database, const Clock& clock) : database_(database), clock_(clock) {}
  [[nodiscard]] Result<void> check_pace(std::string_view author);

  store::Database& database_;
  const Clock& clock_;
  TokenBuckets pace_{comments_per_minute_max};
};

/// Takes what an account wrote and liked out of others' counters; for the transaction that erases it.
[[nodiscard]] Result<void> leave_comments(store::Session& session, std::string_view account_id);

}  // namespace vitrine::social
