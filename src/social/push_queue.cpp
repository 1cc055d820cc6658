#include "social/push_queue.hpp"

#include "social/notifications.hpp"

namespace vitrine::social {
namespace {

Unwanted unpushed_by_table() {
  Unwanted out;
  for (const auto& row : notification_table)
    if (!row.pushed) out.insert(row.kind);
  return out;
}

/// What was sent is kept as long as anything may join what it told of.
Result<void> forget_sent(store::Session& session, std::string_view account, TimeMs now) {
  VT_CHECK(
      session.execute("DELETE FROM push_queue WHERE due_at IS NULL AND sent_at < $2 AND subscription_id IN "
                      "(SELECT id FROM push_subscriptions WHERE account_id = $1)",
                      {std::string(account), now - notification_gathers_ms}));
  return {};
}

}  // namespace

Result<Unwanted> unpushed_of(store::Session& session, std::string_view account) {
  VT_TRY(const auto rows,
         session.query("SELECT unwanted FROM push_choices WHERE account_id = $1", {std::string(account)}));
  return rows.empty() ? unpushed_by_table() : read_kinds(rows[0].text(0));
}

Result<void> push_later(store::Session& session, std::string_view account, NotificationKind kind,
                        std::string_view notification, TimeMs now) {
  VT_TRY(const auto devices,
         session.query("SELECT 1 FROM push_subscriptions WHERE account_id = $1 LIMIT 1", {std::string(account)}));
  if (devices.empty()) return {};
  VT_TRY(const auto unpushed, unpushed_of(session, account));
  if (unpushed.contains(kind)) return {};
  VT_CHECK(forget_sent(session, account, now));
  VT_CHECK(
      session.execute("INSERT INTO push_queue (subscription_id, notification_id, since, due_at, changes, tries) "
                      "SELECT id, $2, $3, $3, 1, 0 FROM push_subscriptions WHERE account_id = $1 "
                      "ON CONFLICT (subscription_id, notification_id) DO UPDATE SET changes = push_queue.changes + 1, "
                      "since = CASE WHEN push_queue.due_at IS NULL THEN $3 ELSE push_queue.since END, "
                      "due_at = CASE WHEN push_queue.due_at IS NOT NULL THEN push_queue.due_at "
                      "WHEN push_queue.sent_at > $4 THEN push_queue.sent_at + $5 ELSE $3 END",
                      {std::string(account), std::string(notification), now, now - row_of(kind).push_again_ms,
                       row_of(kind).push_again_ms}));
  return {};
}

Result<std::vector<QueuedPush>> due_pushes(store::Database& database, TimeMs now, std::size_t limit) {
  VT_TRY(const auto rows,
         database.query("SELECT q.subscription_id, q.notification_id, s.account_id, q.changes, q.tries, q.since FROM "
                        "push_queue q JOIN push_subscriptions s ON s.id = q.subscription_id WHERE q.due_at <= $1 "
                        "ORDER BY q.due_at LIMIT $2",
                        {now, static_cast<std::int64_t>(limit)}));
  std::vector<QueuedPush> out;
  for (const auto& row : rows)
    out.push_back({row.text(0), row.text(1), row.text(2), row.integer(3), row.integer(4), row.integer(5)});
  return out;
}

Result<void> mark_pushed(store::Session& session, const QueuedPush& push, TimeMs now, TimeMs again_ms) {
  VT_CHECK(
      session.execute("UPDATE push_queue SET sent_at = $3, tries = 0, since = $3, "
                      "due_at = CASE WHEN changes = $4 THEN NULL ELSE CAST($5 AS BIGINT) END "
                      "WHERE subscription_id = $1 AND notification_id = $2",
                      {push.subscription, push.notification, now, push.changes, now + again_ms}));
  return {};
}

Result<void> drop_push(store::Session& session, const QueuedPush& push) {
  VT_CHECK(session.execute("DELETE FROM push_queue WHERE subscription_id = $1 AND notification_id = $2",
                           {push.subscription, push.notification}));
  return {};
}

Result<void> put_off_pushes(store::Session& session, std::string_view subscription, TimeMs until) {
  VT_CHECK(session.execute("UPDATE push_queue SET due_at = $2 WHERE subscription_id = $1 AND due_at < $2",
                           {std::string(subscription), until}));
  return {};
}

Result<void> count_try(store::Session& session, const QueuedPush& push) {
  VT_CHECK(
      session.execute("UPDATE push_queue SET tries = tries + 1 WHERE subscription_id = $1 AND notification_id = $2",
                      {push.subscription, push.notification}));
  return {};
}

}  // namespace vitrine::social
