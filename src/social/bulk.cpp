#include "social/bulk.hpp"

#include "social/comments.hpp"
#include "social/schema.hpp"
#include "social/search_index.hpp"
#include "social/sql.hpp"
#include "social/tags_column.hpp"

namespace vitrine::social {
namespace {

constexpr std::size_t rows_per_statement = 40;
constexpr std::size_t rows_per_transaction = 20'000;

/// Rows that wait for one table.
class Table {
 public:
  Table(std::string_view name, std::string_view columns)
      : name_(name), columns_(columns), width_(static_cast<std::size_t>(std::ranges::count(columns, ',')) + 1) {}

  void add(store::Params row) {
    VT_ASSERT(row.size() == width_);
    std::ranges::move(row, std::back_inserter(values_));
  }
  [[nodiscard]] std::size_t rows() const { return values_.size() / width_; }

  Result<void> write(store::Session& session) const {
    const std::size_t step = rows_per_statement * width_;
    for (std::size_t at = 0; at < values_.size(); at += step) {
      const auto first = values_.begin() + static_cast<std::ptrdiff_t>(at);
      const auto count = std::min(step, values_.size() - at);
      VT_CHECK(session.execute(statement(count / width_), {first, first + static_cast<std::ptrdiff_t>(count)}));
    }
    return {};
  }
  void clear() { values_.clear(); }

 private:
  [[nodiscard]] std::string statement(std::size_t rows) const {
    std::string sql = fmt::format("INSERT INTO {} ({}) VALUES ", name_, columns_);
    for (std::size_t row = 0; row < rows; ++row)
      sql += fmt::format("{}({})", row ? ", " : "", placeholders(row * width_ + 1, width_));
    return sql;
  }

  std::string_view name_, columns_;
  std::size_t width_;
  store::Params values_;
};

store::Value text(std::string_view value) { return std::string(value); }
store::Value text_or_null(const std::string& value) { return value.empty() ? store::Value() : store::Value(value); }

}  // namespace

struct Bulk::Impl {
  explicit Impl(store::Database& d) : database(d) {}

  store::Database& database;
  Table accounts{"accounts", "id, handle, display_name, bio, created_at, followers, following"};
  Table videos{"videos",
               "id, creator_id, caption, tags, created_at, state, media, likes, views, shares, comments, reposts"};
  Table follows{"follows", "follower_id, creator_id, created_at"};
  Table likes{"likes", "account_id, video_id, created_at"};
  Table reposts{"reposts", "account_id, video_id, created_at"};
  Table comments{"comments",
                 "id, video_id, parent_id, author_id, creator_id, text, state, shelf, sort_rank, created_at, "
                 "replied_to, likes, replies"};
  Table comment_likes{"comment_likes", "account_id, comment_id, created_at"};
  Table blocks{"blocks", "blocker_id, blocked_id, created_at"};
  Table notifications{"notifications", "id, account_id, kind, about, video_id, comment_id, people, created_at, unread"};
  Table notification_people{"notification_people", "notification_id, account_id, at"};
  /// In the order in which one speaks of another.
  std::array<Table*, 10> tables{
      &accounts, &videos, &follows, &likes, &reposts, &comments, &comment_likes, &notifications, &notification_people,
      &blocks};

  Result<void> add(Table& table, store::Params row) {
    table.add(std::move(row));
    std::size_t waiting = 0;
    for (const Table* one : tables) waiting += one->rows();
    return waiting < rows_per_transaction ? Result<void>() : write();
  }

  Result<void> write() {
    VT_CHECK(database.transaction(store::Access::write, [&](store::Session& session) -> Result<void> {
      for (const Table* table : tables) VT_CHECK(table->write(session));
      return {};
    }));
    for (Table* table : tables) table->clear();
    return {};
  }
};

Bulk::Bulk(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Bulk::~Bulk() = default;

Result<std::unique_ptr<Bulk>> Bulk::open(store::Database& database) {
  VT_CHECK(migrate_social(database));
  return std::unique_ptr<Bulk>(new Bulk(std::make_unique<Impl>(database)));
}

Result<void> Bulk::add(const BulkAccount& account) {
  return impl_->add(impl_->accounts, {account.id, account.handle, account.display_name, account.bio, account.created_at,
                                      account.followers, account.following});
}

Result<void> Bulk::add(const BulkVideo& video) {
  VT_ASSERT(video.media != nullptr);
  return impl_->add(impl_->videos, {video.id, video.creator_id, video.caption, joined_tags(video.tags),
                                    video.created_at, text(name(VideoState::live)), media_text(*video.media),
                                    video.likes, video.views, video.shares, video.comments, video.reposts});
}

Result<void> Bulk::add(const BulkComment& comment) {
  const bool is_reply = !comment.parent.empty();
  return impl_->add(impl_->comments,
                    {comment.id, comment.video, text_or_null(comment.parent), comment.author_id, comment.creator_id,
                     comment.text, text(name(CommentState::live)), std::int64_t{is_reply ? of_parent : of_video},
                     comment_rank(comment.created_at, comment.likes), comment.created_at, text_or_null(comment.parent),
                     comment.likes, comment.replies});
}

Result<void> Bulk::add(const BulkNotification& one) {
  const auto& about = about_of(one.kind, one.video, one.comment);
  VT_CHECK(impl_->add(impl_->notifications,
                      {one.id, one.recipient, text(name(one.kind)), about, text_or_null(one.video),
                       text_or_null(one.comment), std::ssize(one.actors), one.created_at, std::int64_t{one.unread}}));
  for (const auto& actor : one.actors)
    VT_CHECK(impl_->add(impl_->notification_people, {one.id, actor, one.created_at}));
  return {};
}

Result<void> Bulk::add_follow(std::string_view follower, std::string_view creator, TimeMs at) {
  return impl_->add(impl_->follows, {text(follower), text(creator), at});
}

Result<void> Bulk::add_like(std::string_view account, std::string_view video, TimeMs at) {
  return impl_->add(impl_->likes, {text(account), text(video), at});
}

Result<void> Bulk::add_repost(std::string_view account, std::string_view video, TimeMs at) {
  return impl_->add(impl_->reposts, {text(account), text(video), at});
}

Result<void> Bulk::add_comment_like(std::string_view account, std::string_view comment, TimeMs at) {
  return impl_->add(impl_->comment_likes, {text(account), text(comment), at});
}

Result<void> Bulk::add_block(std::string_view blocker, std::string_view blocked, TimeMs at) {
  return impl_->add(impl_->blocks, {text(blocker), text(blocked), at});
}

Result<void> Bulk::finish() {
  VT_CHECK(impl_->write());
  VT_CHECK(rebuild_search_if_needed(impl_->database));
  // Without figures of what is there now PostgreSQL plans as if it were little: seconds instead of milliseconds.
  VT_CHECK(impl_->database.execute("ANALYZE"));
  return {};
}

Result<void> Bulk::add_views(std::span<const BulkViews> views) {
  return impl_->database.transaction(store::Access::write, [&](store::Session& session) -> Result<void> {
    for (const auto& one : views) VT_CHECK(index_views(session, one.video, one.views, one.added, one.at));
    return {};
  });
}

}  // namespace vitrine::social
