// What people are told of: that others followed, liked, commented, answered or mentioned them.
//
// Operation: tell() puts an event into a queue and returns; a thread of this class writes what waits in one
// transaction, so that nobody who likes something waits for somebody else's notification, and a flood of likes is a few
// writes. What waits when the process dies is lost; what caused it is not.
//
// A notification gathers everybody who did the same to the same thing, until it is read or notification_gathers_ms old.
#pragma once
#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
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

/// `verification` comes from the service itself; its actor is the recipient.
enum class NotificationKind { follow, like, comment, reply, mention, comment_like, verification };
inline constexpr std::array notification_kinds{
    NotificationKind::follow,  NotificationKind::like,         NotificationKind::comment,     NotificationKind::reply,
    NotificationKind::mention, NotificationKind::comment_like, NotificationKind::verification};
[[nodiscard]] std::string_view name(NotificationKind kind);

/// Somebody did something that somebody else may want to hear of. Ids; empty where there is no such thing.
struct NotificationEvent {
  NotificationKind kind = NotificationKind::follow;
  std::string recipient, actor, video, comment;
};

struct Notification {
  std::string id;
  NotificationKind kind = NotificationKind::follow;
  std::vector<Person> actors;  ///< the latest, at most notification_people_shown_max
  std::int64_t count = 0;      ///< people
  std::optional<std::string> video, comment;
  std::string text;       ///< of the comment, if it is still there
  TimeMs created_at = 0;  ///< when the latest joined
  bool read = false;
};

struct NotificationPage {
  std::vector<Notification> items;  ///< the newest first
  std::optional<std::string> next;  ///< cursor
  std::int64_t unread = 0;          ///< notifications, in all
};

/// The kinds that somebody does not want.
using Unwanted = std::set<NotificationKind>;

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

  /// Errors: invalid_argument (cursor).
  [[nodiscard]] Result<NotificationPage> page(std::string_view account, std::string_view cursor) const;
  [[nodiscard]] Result<std::int64_t> unread(std::string_view account) const;
  /// Marks this one and all that began before it; gives what is left unread. Errors: invalid_argument.
  [[nodiscard]] Result<std::int64_t> read(std::string_view account, std::string_view until);

  [[nodiscard]] Result<Unwanted> unwanted(std::string_view account) const;
  [[nodiscard]] Result<void> set_unwanted(std::string_view account, const Unwanted& unwanted);

  /// Is called with the number of unread ones, at once and whenever it may have changed, from any thread; false: it has
  /// gone and is called no more. Must not block and must not call back.
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

/// Takes an account out of everybody's notifications; for the transaction that erases it.
[[nodiscard]] Result<void> leave_notifications(store::Session& session, std::string_view account_id);
/// Takes `actor` out of the notifications of `recipient`.
[[nodiscard]] Result<void> leave_notifications_of(store::Session& session, std::string_view recipient,
                                                  std::string_view actor);
/// For the transaction that removes a comment.
[[nodiscard]] Result<void> forget_comment(store::Session& session, std::string_view comment);

}  // namespace vitrine::social
