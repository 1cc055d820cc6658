// What is to be pushed to which device, and when: written in the transaction of what it tells of, so that neither is
// there without the other. push.hpp sends it.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "social/notification_kinds.hpp"
#include "store/database.hpp"

namespace vitrine::social {

/// One notification on its way to one device.
struct QueuedPush {
  std::string subscription, notification, account;
  std::int64_t changes = 0;  ///< how often something joined the notification
  std::int64_t tries = 0;
  TimeMs since = 0;  ///< waiting
};

/// For the transaction that writes a notification or has somebody join it: every device of the account is to hear of
/// it, at once or, after an earlier message about the same, once that has had its time.
[[nodiscard]] Result<void> push_later(store::Session& session, std::string_view account, NotificationKind kind,
                                      std::string_view notification, TimeMs now);

/// What is due, the longest first.
[[nodiscard]] Result<std::vector<QueuedPush>> due_pushes(store::Database& database, TimeMs now, std::size_t limit);
/// It was sent. If more has joined since `push` was read, another is due `again_ms` later.
[[nodiscard]] Result<void> mark_pushed(store::Session& session, const QueuedPush& push, TimeMs now, TimeMs again_ms);
/// It is not to be sent any more.
[[nodiscard]] Result<void> drop_push(store::Session& session, const QueuedPush& push);
/// Nothing goes to this device before that time.
[[nodiscard]] Result<void> put_off_pushes(store::Session& session, std::string_view subscription, TimeMs until);
/// It was tried in vain.
[[nodiscard]] Result<void> count_try(store::Session& session, const QueuedPush& push);

/// The kinds that are not pushed to the account's devices: chosen, or as the table has them.
[[nodiscard]] Result<Unwanted> unpushed_of(store::Session& session, std::string_view account);

}  // namespace vitrine::social
