// Whole collections of rows at once: for making worlds to measure in, and for whoever moves a service in here.
//
// Rows come with their counters (likes, followers, replies…), counted by whoever brings them; finish() makes what can
// be searched, in the room's own way. Nothing is checked but what the database checks: texts have been through
// checked_text(), handles through check_handle().
#pragma once
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "social/notifications.hpp"
#include "social/videos.hpp"
#include "store/database.hpp"

namespace vitrine::social {

struct BulkAccount {
  std::string id, handle, display_name, bio;
  TimeMs created_at = 0;
  std::int64_t followers = 0, following = 0;
};

/// One that can be watched.
struct BulkVideo {
  std::string id, creator_id, caption;
  std::vector<std::string> tags;
  TimeMs created_at = 0;
  std::int64_t likes = 0, views = 0, shares = 0, comments = 0, reposts = 0;
  const PublishedMedia* media = nullptr;
};

/// One that everybody sees.
struct BulkComment {
  std::string id, video, creator_id, author_id, text;
  std::string parent;  ///< a comment that was added before, without a parent itself; or empty
  TimeMs created_at = 0;
  std::int64_t likes = 0, replies = 0;
};

struct BulkNotification {
  std::string id, recipient;
  NotificationKind kind = NotificationKind::follow;
  std::string video, comment;       ///< as NotificationEvent has them
  std::vector<std::string> actors;  ///< ids
  TimeMs created_at = 0;
  bool unread = false;
};

/// Of a video that has `views` some came lately.
struct BulkViews {
  std::string video;
  std::int64_t views = 0, added = 0;
  TimeMs at = 0;
};

/// Not thread-safe. Things are added after what they speak of; they are there once finish() is done.
class Bulk {
 public:
  [[nodiscard]] static Result<std::unique_ptr<Bulk>> open(store::Database& database);
  ~Bulk();

  [[nodiscard]] Result<void> add(const BulkAccount& account);
  [[nodiscard]] Result<void> add(const BulkVideo& video);
  [[nodiscard]] Result<void> add(const BulkComment& comment);
  [[nodiscard]] Result<void> add(const BulkNotification& notification);
  [[nodiscard]] Result<void> add_follow(std::string_view follower, std::string_view creator, TimeMs at);
  [[nodiscard]] Result<void> add_like(std::string_view account, std::string_view video, TimeMs at);
  [[nodiscard]] Result<void> add_repost(std::string_view account, std::string_view video, TimeMs at);
  [[nodiscard]] Result<void> add_comment_like(std::string_view account, std::string_view comment, TimeMs at);
  [[nodiscard]] Result<void> add_block(std::string_view blocker, std::string_view blocked, TimeMs at);

  /// Writes what is left and makes the search index; minutes for a hundred thousand videos.
  [[nodiscard]] Result<void> finish();
  /// After finish(), for trends.
  [[nodiscard]] Result<void> add_views(std::span<const BulkViews> views);

 private:
  struct Impl;
  explicit Bulk(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace vitrine::social
