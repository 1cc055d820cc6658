#include "social/comments.hpp"

#include <bit>

#include "base/id.hpp"
#include "social/cursor.hpp"
#include "social/mentions.hpp"
#include "social/notifications.hpp"
#include "social/schema.hpp"
#include "social/videos.hpp"

namespace vitrine::social {
namespace {

/// Whether moderation withholds a comment, and what to go back to.
enum Withheld : std::int64_t { seen = 0, was_live = 1, was_held = 2 };

/// Parameter $1 is the viewer.
constexpr std::string_view select =
    "SELECT c.id, c.video_id, c.parent_id, c.author_id, a.handle, a.display_name, c.text, c.created_at, c.edited_at, "
    "c.likes, c.replies, c.state, c.creator_id, c.sort_rank, "
    "EXISTS (SELECT 1 FROM comment_likes l WHERE l.comment_id = c.id AND l.account_id = $1), "
    "EXISTS (SELECT 1 FROM comment_pins p WHERE p.comment_id = c.id), "
    "(SELECT r.author_id FROM comments r WHERE r.id = c.replied_to), c.withheld "
    "FROM comments c JOIN accounts a ON a.id = c.author_id";

CommentState state_of(std::string_view text) {
  if (text == "live") return CommentState::live;
  return text == "held" ? CommentState::held : CommentState::removed;
}

Comment comment_of(const store::Row& row, std::string_view viewer) {
  Comment comment{.id = row.text(0),
                  .video = row.text(1),
                  .author = {row.text(3), row.text(4), row.text(5)},
                  .text = row.text(6),
                  .created_at = row.integer(7),
                  .likes = row.integer(9),
                  .replies = row.integer(10),
                  .state = state_of(row.text(11)),
                  .liked = row.integer(14) != 0,
                  .pinned = row.integer(15) != 0,
                  .own = row.text(3) == viewer,
                  .by_creator = row.text(3) == row.text(12),
                  .withheld = row.integer(17) != seen,
                  .creator_id = row.text(12),
                  .sort_rank = row.integer(13)};
  if (!row.is_null(2)) comment.parent = row.text(2);
  if (!row.is_null(8)) comment.edited_at = row.integer(8);
  if (!row.is_null(16)) comment.answers = row.text(16);
  return comment;
}

std::unexpected<Error> no_comment() { return fail(Errc::not_found, "there is no such comment"); }

std::string cursor_of(const Comment& comment, bool ranked) {
  return ranked ? write_cursor({comment.sort_rank, comment.id}) : comment.id;
}

Result<std::vector<Comment>> load(store::Session& session, std::string_view where, const store::Params& params) {
  VT_TRY(const auto rows, session.query(fmt::format("{} WHERE {}", select, where), params));
  std::vector<Comment> comments;
  for (const auto& row : rows) comments.push_back(comment_of(row, std::get<std::string>(params[0])));
  return comments;
}

Result<std::optional<Comment>> find(store::Session& session, std::string_view viewer, std::string_view id) {
  if (!is_id(id)) return std::nullopt;
  VT_TRY(auto found, load(session, "c.id = $2", {std::string(viewer), std::string(id)}));
  return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

bool may_read_held(const Comment& comment, std::string_view viewer) {
  return comment.own || (comment.creator_id == viewer && !comment.withheld);
}

/// The comment, if the viewer sees it where it stands. Errors: not_found.
Result<Comment> visible(store::Session& session, std::string_view viewer, std::string_view id) {
  VT_TRY(auto comment, find(session, viewer, id));
  if (!comment || (comment->state == CommentState::held && !may_read_held(*comment, viewer))) return no_comment();
  VT_TRY(const auto relation, relation_of(session, comment->author.id, viewer));
  if (!may_see(relation)) return no_comment();
  return std::move(*comment);
}

/// One that is not removed either: what may be liked, answered, edited.
Result<Comment> present(store::Session& session, std::string_view viewer, std::string_view id) {
  VT_TRY(auto comment, visible(session, viewer, id));
  if (comment.state == CommentState::removed) return no_comment();
  return comment;
}

std::string joined(const std::vector<std::string>& words) { return fmt::format("{}", fmt::join(words, "\n")); }

std::vector<std::string> lines(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const auto end = text.find('\n');
    out.emplace_back(text.substr(0, end));
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  }
  return out;
}

Result<CommentRules> rules_of(store::Session& session, std::string_view creator) {
  VT_TRY(const auto rows, session.query("SELECT a.age_band, r.who, r.hold, r.words FROM accounts a "
                                        "LEFT JOIN comment_rules r ON r.account_id = a.id WHERE a.id = $1",
                                        {std::string(creator)}));
  if (rows.empty()) return fail(Errc::not_found, "there is no such account");
  const auto& row = rows[0];
  if (row.is_null(1)) return CommentRules{.who = default_who(age_band_of(row.text(0)))};
  return checked_rules(row.text(1), row.text(2), lines(row.text(3)));
}

/// Errors: invalid_argument.
Result<std::string> checked_comment(std::string_view text) {
  VT_TRY(auto checked, checked_text(text, comment_characters_max, "a comment"));
  if (checked.empty()) return fail(Errc::invalid_argument, "a comment has something to read in it");
  VT_CHECK(check_mentions(checked));
  return checked;
}

Result<void> add_to_counters(store::Session& session, const Comment& comment, std::int64_t by) {
  VT_CHECK(session.execute("UPDATE videos SET comments = comments + $2 WHERE id = $1", {comment.video, by}));
  if (comment.parent)
    VT_CHECK(session.execute("UPDATE comments SET replies = replies + $2 WHERE id = $1", {*comment.parent, by}));
  return {};
}

/// Stands where everybody sees it, or waits for approval; the counters follow.
Result<void> put(store::Session& session, const Comment& comment, CommentState state) {
  if (comment.state == state) return {};
  const Shelf shelf = state == CommentState::held ? nowhere : comment.parent ? of_parent : of_video;
  VT_CHECK(session.execute("UPDATE comments SET state = $2, shelf = $3 WHERE id = $1",
                           {comment.id, std::string(name(state)), std::int64_t{shelf}}));
  if (state == CommentState::held)
    VT_CHECK(session.execute("DELETE FROM comment_pins WHERE comment_id = $1", {comment.id}));
  return add_to_counters(session, comment, state == CommentState::live ? 1 : -1);
}

/// A stub is there for its replies only.
Result<void> remove_empty_stub(store::Session& session, const std::string& id) {
  VT_CHECK(session.execute("DELETE FROM comments WHERE id = $1 AND state = 'removed' AND replies = 0", {id}));
  return {};
}

Result<void> leave_stub(store::Session& session, const std::string& id) {
  VT_CHECK(session.execute("UPDATE comments SET state = 'removed', text = '', likes = 0 WHERE id = $1", {id}));
  for (const char* table : {"comment_likes", "comment_edits", "comment_pins"})
    VT_CHECK(session.execute(fmt::format("DELETE FROM {} WHERE comment_id = $1", table), {id}));
  return {};
}

/// The first `comments_page_items` of two lists in the same order, and where the next page begins.
template <class Before>
CommentPage merged(std::vector<Comment> shown, std::vector<Comment> own_held, Before before, bool ranked) {
  std::ranges::move(own_held, std::back_inserter(shown));
  std::ranges::sort(shown, before);
  CommentPage page{.items = std::move(shown)};
  if (page.items.size() > comments_page_items) {
    page.items.resize(comments_page_items);
    page.next = cursor_of(page.items.back(), ranked);
  }
  return page;
}

bool newer(const Comment& a, const Comment& b) { return a.id > b.id; }
bool older(const Comment& a, const Comment& b) { return a.id < b.id; }
bool higher(const Comment& a, const Comment& b) {
  return a.sort_rank != b.sort_rank ? a.sort_rank > b.sort_rank : a.id > b.id;
}

constexpr std::int64_t wanted_rows = static_cast<std::int64_t>(comments_page_items) + 1;

}  // namespace

TimeMs comment_rank(TimeMs created_at, std::int64_t likes) {
  const auto weight = static_cast<std::uint64_t>(std::max<std::int64_t>(likes, 0)) + 1;
  const auto whole = static_cast<TimeMs>(std::bit_width(weight)) - 1;
  const auto below = std::uint64_t{1} << whole;
  const double part = static_cast<double>(weight - below) / static_cast<double>(below);
  return created_at + whole * comment_likes_doubling_ms +
         static_cast<TimeMs>(part * static_cast<double>(comment_likes_doubling_ms));
}

std::string_view name(CommentState state) {
  switch (state) {
    case CommentState::live: return "live";
    case CommentState::held: return "held";
    case CommentState::removed: return "removed";
  }
  return "removed";
}

Result<std::unique_ptr<Comments>> Comments::open(store::Database& database, const Clock& clock) {
  VT_CHECK(migrate_social(database));
  return std::unique_ptr<Comments>(new Comments(database, clock));
}

Result<CommentPage> Comments::page(std::string_view viewer, std::string_view video, CommentOrder order,
                                   std::string_view cursor) const {
  const bool ranked = order == CommentOrder::top;
  VT_TRY(const auto place, read_cursor(cursor, ranked));
  const std::string_view behind = ranked
                                      ? "(c.sort_rank, c.id) < ($4, $3) ORDER BY c.sort_rank DESC, c.id DESC LIMIT $5"
                                      : "c.id < $3 ORDER BY c.id DESC LIMIT $4";
  store::Params params{std::string(viewer), std::string(video), place.id};
  if (ranked) params.emplace_back(place.number);
  params.emplace_back(wanted_rows);
  std::vector<Comment> pinned, shown, held;
  VT_CHECK(database_.transaction(store::Access::read, [&](store::Session& session) -> Result<void> {
    const std::string heard = sql_heard("c.author_id", "$1");
    if (cursor.empty()) {
      VT_TRY(pinned, load(session,
                          fmt::format("c.id = (SELECT comment_id FROM comment_pins WHERE video_id = $2) AND {}", heard),
                          {params[0], params[1]}));
    }
    VT_TRY(shown, load(session,
                       fmt::format("c.video_id = $2 AND c.shelf = 1 AND {} AND NOT EXISTS "
                                   "(SELECT 1 FROM comment_pins p WHERE p.comment_id = c.id) AND {}",
                                   heard, behind),
                       params));
    if (viewer.empty()) return {};
    VT_TRY(held, load(session,
                      fmt::format("c.author_id = $1 AND c.video_id = $2 AND c.shelf = 0 AND c.parent_id IS NULL AND {}",
                                  behind),
                      params));
    return {};
  }));
  auto page = ranked ? merged(std::move(shown), std::move(held), higher, ranked)
                     : merged(std::move(shown), std::move(held), newer, ranked);
  page.items.insert(page.items.begin(), pinned.begin(), pinned.end());
  return page;
}

Result<CommentPage> Comments::replies(std::string_view viewer, std::string_view comment,
                                      std::string_view cursor) const {
  VT_TRY(auto place, read_cursor(cursor, false));
  if (cursor.empty()) place.id.clear();
  std::vector<Comment> shown, held;
  VT_CHECK(database_.transaction(store::Access::read, [&](store::Session& session) -> Result<void> {
    VT_TRY(const auto parent, visible(session, viewer, comment));
    const store::Params params{std::string(viewer), parent.id, place.id, wanted_rows};
    VT_TRY(shown, load(session,
                       fmt::format("c.parent_id = $2 AND c.shelf = 2 AND c.id > $3 AND {} ORDER BY c.id LIMIT $4",
                                   sql_heard("c.author_id", "$1")),
                       params));
    if (viewer.empty()) return {};
    VT_TRY(held, load(session,
                      "c.author_id = $1 AND c.video_id = $2 AND c.shelf = 0 AND c.id > $3 AND c.parent_id = $4 "
                      "ORDER BY c.id LIMIT $5",
                      {params[0], parent.video, place.id, parent.id, wanted_rows}));
    return {};
  }));
  return merged(std::move(shown), std::move(held), older, false);
}

Result<Comment> Comments::by_id(std::string_view viewer, std::string_view id) const {
  Comment comment;
  VT_CHECK(database_.transaction(store::Access::read, [&](store::Session& session) -> Result<void> {
    VT_TRY(comment, visible(session, viewer, id));
    return {};
  }));
  return comment;
}

Result<Comment> Comments::for_moderator(std::string_view moderator, std::string_view id) const {
  std::optional<Comment> comment;
  VT_CHECK(database_.transaction(store::Access::read, [&](store::Session& session) -> Result<void> {
    VT_TRY(comment, find(session, moderator, id));
    return {};
  }));
  if (!comment) return no_comment();
  return std::move(*comment);
}

Result<std::string> Comments::video_of(std::string_view id) const {
  if (!is_id(id)) return no_comment();
  VT_TRY(const auto rows, database_.query("SELECT video_id FROM comments WHERE id = $1", {std::string(id)}));
  if (rows.empty()) return no_comment();
  return rows[0].text(0);
}

Result<void> Comments::check_pace(std::string_view author) {
  if (const auto wait_s = pace_.take(std::string(author), clock_.now()))
    return fail(Errc::too_many_requests, "at most {} comments a minute: try again in {} s", comments_per_minute_max,
                *wait_s);
  return {};
}

namespace {

/// Whether the author may write here, and whether what they write waits. Errors: not_found, forbidden.
Result<CommentState> admitted(store::Session& session, std::string_view author, const Video& video,
                              std::string_view text) {
  VT_TRY(const auto relation, relation_of(session, video.creator_id, author));
  if (!may_watch(relation, video.exposure())) return fail(Errc::not_found, "there is no such video");
  if (!may_comment(relation, video.comment_permission))
    return fail(Errc::forbidden, "{}",
                video.comment_permission == Who::nobody ? "comments on this video are closed"
                                                        : "only some of the creator's followers may comment here");
  VT_TRY(const auto rules, rules_of(session, video.creator_id));
  return must_hold(rules, relation, text) ? CommentState::held : CommentState::live;
}

/// The comment that is answered, if any. Errors: not_found (or of another video).
Result<std::optional<Comment>> answered(store::Session& session, const NewComment& comment) {
  if (comment.parent.empty()) return std::nullopt;
  VT_TRY(auto found, present(session, comment.author_id, comment.parent));
  if (found.video != comment.video) return no_comment();
  if (found.state == CommentState::held)
    return fail(Errc::unprocessable, "this comment waits for approval; answer it when it is there");
  return found;
}

}  // namespace

Result<Comment> Comments::write(const NewComment& comment) {
  VT_TRY(const auto text, checked_comment(comment.text));
  VT_CHECK(check_pace(comment.author_id));
  const TimeMs now = clock_.now();
  const std::string id = new_id(now);
  Comment written;
  VT_CHECK(database_.transaction(store::Access::write, [&](store::Session& session) -> Result<void> {
    VT_TRY(const auto video, Videos::in_session(session, comment.video));
    VT_TRY(const auto answer, answered(session, comment));
    VT_TRY(const auto state, admitted(session, comment.author_id, video, text));
    const store::Value none;
    const store::Value thread = answer ? store::Value(answer->parent.value_or(answer->id)) : none;
    VT_CHECK(session.execute(
        "INSERT INTO comments (id, video_id, parent_id, author_id, creator_id, text, state, shelf, sort_rank, "
        "created_at, replied_to) VALUES ($1, $2, $3, $4, $5, $6, 'held', 0, $7, $8, $9)",
        {id, comment.video, thread, comment.author_id, video.creator_id, text, comment_rank(now, 0), now,
         answer ? store::Value(answer->id) : none}));
    VT_TRY(auto made, find(session, comment.author_id, id));
    VT_CHECK(put(session, *made, state));
    written = std::move(*made);
    written.state = state;
    return {};
  }));
  return written;
}

namespace {

/// Keeps the text that is about to change; `now` becomes the time of the new one. Errors: unprocessable (too many).
Result<void> keep_former(store::Session& session, const Comment& comment) {
  VT_TRY(const auto rows, session.query("SELECT COUNT(*) FROM comment_edits WHERE comment_id = $1", {comment.id}));
  if (rows[0].integer(0) >= comment_edits_max)
    return fail(Errc::unprocessable, "a comment can be edited {} times; write a new one", comment_edits_max);
  VT_CHECK(session.execute("INSERT INTO comment_edits (comment_id, at, text) VALUES ($1, $2, $3)",
                           {comment.id, comment.edited_at.value_or(comment.created_at), comment.text}));
  return {};
}

}  // namespace

Result<Comment> Comments::edit(std::string_view author, std::string_view id, std::string_view text) {
  VT_TRY(const auto checked, checked_comment(text));
  VT_CHECK(check_pace(author));
  Comment edited;
  VT_CHECK(database_.transaction(store::Access::write, [&](store::Session& session) -> Result<void> {
    VT_TRY(edited, present(session, author, id));
    if (!edited.own) return fail(Errc::forbidden, "this is somebody else's comment");
    if (edited.text == checked) return {};
    VT_TRY(const auto video, Videos::in_session(session, edited.video));
    VT_TRY(const auto state, admitted(session, author, video, checked));
    VT_CHECK(keep_former(session, edited));
    // Two edits within a millisecond are still one after the other.
    const TimeMs at = std::max(clock_.now(), edited.edited_at.value_or(edited.created_at) + 1);
    VT_CHECK(session.execute("UPDATE comments SET text = $2, edited_at = $3 WHERE id = $1", {edited.id, checked, at}));
    if (state == CommentState::held) VT_CHECK(put(session, edited, state));
    VT_TRY(auto now, find(session, author, id));
    edited = std::move(*now);
    return {};
  }));
  return edited;
}

Result<std::vector<FormerText>> Comments::history(std::string_view viewer, std::string_view id) const {
  std::vector<FormerText> texts;
  VT_CHECK(database_.transaction(store::Access::read, [&](store::Session& session) -> Result<void> {
    VT_TRY(const auto comment, visible(session, viewer, id));
    VT_TRY(const auto rows,
           session.query("SELECT text, at FROM comment_edits WHERE comment_id = $1 ORDER BY at DESC", {comment.id}));
    for (const auto& row : rows) texts.push_back({row.text(0), row.integer(1)});
    return {};
  }));
  return texts;
}

Result<void> Comments::remove(std::string_view caller, std::string_view id) {
  return database_.transaction(store::Access::write, [&](store::Session& session) -> Result<void> {
    VT_TRY(const auto comment, find(session, caller, id));
    if (!comment || comment->state == CommentState::removed) return no_comment();
    if (!may_read_held(*comment, caller)) {
      VT_CHECK(visible(session, caller, id));
      return fail(Errc::forbidden, "only its author and the video's creator can remove a comment");
    }
    VT_CHECK(forget_comment(session, comment->id));
    if (comment->state == CommentState::live) VT_CHECK(add_to_counters(session, *comment, -1));
    if (comment->state == CommentState::live && comment->replies > 0) return leave_stub(session, comment->id);
    VT_CHECK(session.execute("DELETE FROM comments WHERE id = $1", {comment->id}));
    return comment->parent ? remove_empty_stub(session, *comment->parent) : Result<void>();
  });
}

Result<Comments::Likes> Comments::like(std::string_view caller, std::string_view id, bool on) {
  Likes likes;
  VT_CHECK(database_.transaction(store::Access::write, [&](store::Session& session) -> Result<void> {
    VT_TRY(const auto comment, present(session, caller, id));
    const store::Value account = std::string(caller);
    std::int64_t changed = 0;
    if (on) {
      VT_TRY(changed, session.execute("INSERT INTO comment_likes (comment_id, account_id, created_at) "
                                      "VALUES ($1, $2, $3) ON CONFLICT (comment_id, account_id) DO NOTHING",
                                      {comment.id, account, clock_.now()}));
    } else {
      VT_TRY(changed, session.execute("DELETE FROM comment_likes WHERE comment_id = $1 AND account_id = $2",
                                      {comment.id, account}));
    }
    likes = {comment.likes + (on ? changed : -changed), changed > 0};
    if (!likes.changed) return {};
    VT_CHECK(session.execute("UPDATE comments SET likes = $2, sort_rank = $3 WHERE id = $1",
                             {comment.id, likes.likes, comment_rank(comment.created_at, likes.likes)}));
    return {};
  }));
  return likes;
}

namespace {

/// The comment, for the creator of its video. Errors: not_found, forbidden.
Result<Comment> as_creator(store::Session& session, std::string_view caller, std::string_view id) {
  VT_TRY(auto comment, present(session, caller, id));
  if (comment.creator_id != caller) return fail(Errc::forbidden, "only the video's creator can do this");
  return comment;
}

}  // namespace

Result<Comment> Comments::pin(std::string_view caller, std::string_view id, bool on) {
  Comment pinned;
  VT_CHECK(database_.transaction(store::Access::write, [&](store::Session& session) -> Result<void> {
    VT_TRY(pinned, as_creator(session, caller, id));
    if (pinned.parent) return fail(Errc::unprocessable, "a reply cannot be pinned");
    if (pinned.state == CommentState::held) return fail(Errc::unprocessable, "approve this comment first");
    pinned.pinned = on;
    if (on)
      VT_CHECK(
          session.execute("INSERT INTO comment_pins (video_id, comment_id) VALUES ($1, $2) "
                          "ON CONFLICT (video_id) DO UPDATE SET comment_id = excluded.comment_id",
                          {pinned.video, pinned.id}));
    else
      VT_CHECK(session.execute("DELETE FROM comment_pins WHERE comment_id = $1", {pinned.id}));
    return {};
  }));
  return pinned;
}

Result<Comments::Approval> Comments::approve(std::string_view caller, std::string_view id) {
  Approval approval;
  VT_CHECK(database_.transaction(store::Access::write, [&](store::Session& session) -> Result<void> {
    VT_TRY(approval.comment, as_creator(session, caller, id));
    if (approval.comment.withheld) return fail(Errc::forbidden, "a moderator has taken this comment away");
    approval.changed = approval.comment.state == CommentState::held;
    VT_CHECK(put(session, approval.comment, CommentState::live));
    approval.comment.state = CommentState::live;
    return {};
  }));
  return approval;
}

Result<void> Comments::withhold(store::Session& session, std::string_view id, bool on) {
  VT_TRY(const auto comment, find(session, "", id));
  if (!comment || comment->state == CommentState::removed || comment->withheld == on) return {};
  VT_TRY(const auto rows, session.query("SELECT withheld FROM comments WHERE id = $1", {comment->id}));
  const auto before = comment->state == CommentState::live ? was_live : was_held;
  VT_CHECK(session.execute("UPDATE comments SET withheld = $2 WHERE id = $1",
                           {comment->id, std::int64_t{on ? before : seen}}));
  const bool goes_live = !on && rows[0].integer(0) == was_live;
  return put(session, *comment, goes_live ? CommentState::live : CommentState::held);
}

Result<CommentPage> Comments::held(std::string_view creator, std::string_view cursor) const {
  VT_TRY(const auto place, read_cursor(cursor, false));
  std::vector<Comment> comments;
  VT_CHECK(database_.transaction(store::Access::read, [&](store::Session& session) -> Result<void> {
    VT_TRY(
        comments,
        load(
            session,
            fmt::format(
                "c.creator_id = $1 AND c.shelf = 0 AND c.withheld = 0 AND c.id < $2 AND {} ORDER BY c.id DESC LIMIT $3",
                sql_heard("c.author_id", "$1")),
            {std::string(creator), place.id, wanted_rows}));
    return {};
  }));
  return merged(std::move(comments), {}, newer, false);
}

Result<CommentRules> Comments::rules(std::string_view creator) const {
  CommentRules rules;
  VT_CHECK(database_.transaction(store::Access::read, [&](store::Session& session) -> Result<void> {
    VT_TRY(rules, rules_of(session, creator));
    return {};
  }));
  return rules;
}

Result<void> Comments::set_rules(std::string_view creator, const CommentRules& rules) {
  VT_CHECK(database_.execute(
      "INSERT INTO comment_rules (account_id, who, hold, words) VALUES ($1, $2, $3, $4) ON CONFLICT (account_id) "
      "DO UPDATE SET who = excluded.who, hold = excluded.hold, words = excluded.words",
      {std::string(creator), std::string(name(rules.who)), std::string(name(rules.hold)), joined(rules.words)}));
  return {};
}

Result<CommentPage> Comments::written_by(std::string_view author, std::string_view cursor) const {
  VT_TRY(const auto place, read_cursor(cursor, false));
  std::vector<Comment> comments;
  VT_CHECK(database_.transaction(store::Access::read, [&](store::Session& session) -> Result<void> {
    VT_TRY(comments, load(session, "c.author_id = $1 AND c.id < $2 ORDER BY c.id DESC LIMIT $3",
                          {std::string(author), place.id, wanted_rows}));
    return {};
  }));
  return merged(std::move(comments), {}, newer, false);
}

Result<std::vector<std::string>> Comments::liked_by(std::string_view account) const {
  VT_TRY(const auto rows,
         database_.query("SELECT comment_id FROM comment_likes WHERE account_id = $1", {std::string(account)}));
  std::vector<std::string> ids;
  for (const auto& row : rows) ids.push_back(row.text(0));
  return ids;
}

namespace {

/// Runs `update` for each row of `counts`, which has an id and a number.
Result<void> for_each_count(store::Session& session, std::string_view counts, std::string_view update,
                            const std::string& account) {
  VT_TRY(const auto rows, session.query(counts, {account}));
  for (const auto& row : rows) VT_CHECK(session.execute(update, {row.text(0), row.integer(1)}));
  return {};
}

}  // namespace

Result<void> leave_comments(store::Session& session, std::string_view account_id) {
  const std::string account(account_id);
  VT_CHECK(
      session.execute("UPDATE comments SET likes = likes - 1 WHERE id IN "
                      "(SELECT comment_id FROM comment_likes WHERE account_id = $1)",
                      {account}));
  constexpr std::string_view from_video = "UPDATE videos SET comments = comments - $2 WHERE id = $1";
  VT_CHECK(for_each_count(session,
                          "SELECT video_id, COUNT(*) FROM comments WHERE author_id = $1 AND state = 'live' "
                          "GROUP BY video_id",
                          from_video, account));
  // Replies of others go with the thread that they stand in.
  VT_CHECK(for_each_count(session,
                          "SELECT r.video_id, COUNT(*) FROM comments t JOIN comments r ON r.parent_id = t.id "
                          "WHERE t.author_id = $1 AND r.author_id <> $1 AND r.state = 'live' GROUP BY r.video_id",
                          from_video, account));
  constexpr std::string_view replied =
      "SELECT parent_id, COUNT(*) FROM comments WHERE author_id = $1 AND state = 'live' AND parent_id IS NOT NULL "
      "GROUP BY parent_id";
  VT_TRY(const auto parents, session.query(replied, {account}));
  for (const auto& row : parents) {
    VT_CHECK(
        session.execute("UPDATE comments SET replies = replies - $2 WHERE id = $1", {row.text(0), row.integer(1)}));
    VT_CHECK(remove_empty_stub(session, row.text(0)));
  }
  return {};
}

}  // namespace vitrine::social
