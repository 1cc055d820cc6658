// What people are told of: that others followed, liked, commented, answered or mentioned them, and what moderation
// decided of what is theirs or what they reported.
//
// Operation: tell() puts an event into a queue and returns; a thread of this class writes what waits in one
// transaction, so that nobody who likes something waits for somebody else's notification, and a flood of likes is a few
// writes. What waits when the process dies is lost; what caused it is not.
//
// A notification gathers everybody who did the same to the same thing, and all news of one's reports, until it is read
// or notification_gathers_ms old.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "social/notification_kinds.hpp"
#include "social/person.hpp"
#include "store/database.hpp"

namespace vitrine::social {

inline constexpr TimeMs notification_gathers_ms = 24LL * 3600 * 1000;
inline constexpr TimeMs notification_lifetime_ms = 90LL * 24 * 3600 * 1000;
inline constexpr std::int64_t notifications_per_account_max = 1'000;
inline constexpr std::int64_t notification_people_kept_max = 1'000;  ///< further ones are only counted
inline constexpr std::size_t notification_people_shown_max = 3;
inline constexpr std::size_t notifications_page_items = 20;
inline constexpr std::size_t notification_streams_per_account_max = 5;
inline constexpr std::size_t notification_events_waiting_max = 10'000;  ///< over it events are dropped

/// What people are gathered under, besides the kind.
[[nodiscard]] const std::string& about_of(NotificationKind kind, const std::string& video, const std::string& comment);

/// Something happened that somebody may want to hear of. Ids; empty where there is no such thing: what the service
/// itself tells has no actor.
struct NotificationEvent {
  NotificationKind kind = NotificationKind::follow;
  std::string recipient, actor, video, comment;
  std::string matter = {};  ///< of moderation: the decision, or the report
};

/// That moderation has decided something. `recipient` may be empty: then nobody is told.
[[nodiscard]] NotificationEvent news(NotificationKind kind, std::string_view recipient, std::string_view matter);

struct Notification {
  std::string id;
  NotificationKind kind = NotificationKind::follow;
  std::vector<Person> actors;  ///< the latest, at most notification_people_shown_max
  std::int64_t count = 0;      ///< people
  std::optional<std::string> video, comment;
  std::optional<std::string> matter;  ///< of moderation: the decision, or the report; of several reports none
  std::string text;                   ///< of the comment, if it is still there
  TimeMs created_at = 0;              ///< when the latest joined
  bool read = false;
};

struct NotificationPage {
  std::vector<Notification> items;  ///< the newest first
  std::optional<std::string> next;  ///< cursor
  std::int64_t unread = 0;          ///< notifications, in all
};

/// Thread-safe. All but tell() and settle() block on the database.
class Notifications {
 public:
  [[nodiscard]] static Result<std::unique_ptr<Notifications>> open(store::Database& database, const Clock& clock);
  /// Writes what waits, then ends.
  ~Notifications();

  /// Whether the recipient wants it and the two get on (visibility.hpp) is looked up when it is written.
  void tell(NotificationEvent event);
  /// Tells everybody a text mentions, but for the accounts in `except`. `comment` is empty for a caption.
  [[nodiscard]] Result<void> tell_mentioned(std::string_view text, std::string_view author, std::string_view video,
                                            std::string_view comment, const std::set<std::string>& except);
  /// Waits until all that was told before is written.
  void settle();
  /// Is called after something was written. To be set before anything is told.
  void on_written(std::function<void()> listener);

  /// Errors: invalid_argument (cursor).
  [[nodiscard]] Result<NotificationPage> page(std::string_view account, std::string_view cursor) const;
  [[nodiscard]] Result<std::int64_t> unread(std::string_view account) const;
  /// Marks this one and all that began before it; gives what is left unread. Errors: invalid_argument.
  [[nodiscard]] Result<std::int64_t> read(std::string_view account, std::string_view until);

  [[nodiscard]] Result<Unwanted> unwanted(std::string_view account) const;
  [[nodiscard]] Result<void> set_unwanted(std::string_view account, const Unwanted& unwanted);

  /// Is called with the number of unread ones, at once and whenever it may have changed, from any thread (while it is
  /// quiet for them (limits.hpp): with none); false: it has gone and is called no more. Must not block and must not
  /// call back.
  using Watcher = std::function<bool(std::int64_t unread)>;
  /// Errors: too_many_requests when the account has as many streams as it may.
  [[nodiscard]] Result<void> watch(std::string_view account, Watcher watcher);
  /// The same error, without adding one.
  [[nodiscard]] Result<void> check_watchers(std::string_view account);
  /// Tells the account's watchers anew.
  void wake(std::string_view account);

  /// Removes what is older than notification_lifetime_ms, a part at a time. Runs by itself as others are written.
  [[nodiscard]] Result<void> prune();

 private:
  struct Impl;
  explicit Notifications(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// One as page() would show it now; nothing if it is gone, read or too old.
[[nodiscard]] Result<std::optional<Notification>> unread_notification(store::Session& session, std::string_view account,
                                                                      std::string_view id, TimeMs now);
/// The unread ones that began after the one of that id, the newest first.
[[nodiscard]] Result<std::vector<Notification>> unread_after(store::Session& session, std::string_view account,
                                                             std::string_view id, std::size_t limit, TimeMs now);

/// Takes an account out of everybody's notifications; for the transaction that erases it.
[[nodiscard]] Result<void> leave_notifications(store::Session& session, std::string_view account_id);
/// Takes `actor` out of the notifications of `recipient`.
[[nodiscard]] Result<void> leave_notifications_of(store::Session& session, std::string_view recipient,
                                                  std::string_view actor);
/// For the transaction that removes a comment.
[[nodiscard]] Result<void> forget_comment(store::Session& session, std::string_view comment);

}  // namespace vitrine::social
