#include "social/notifications.hpp"

#include <condition_variable>
#include <deque>

#include "base/id.hpp"
#include "base/log.hpp"
#include "social/cursor.hpp"
#include "social/limits.hpp"
#include "social/mentions.hpp"
#include "social/push_queue.hpp"
#include "social/schema.hpp"
#include "social/videos.hpp"
#include "social/visibility.hpp"

namespace vitrine::social {
namespace {

constexpr std::size_t batch_events_max = 64;
constexpr std::int64_t prune_rows = 200;
constexpr std::size_t events_between_prunes = 100;

NotificationKind kind_of(std::string_view text) {
  const auto found = std::ranges::find(notification_table, text, &KindOfNotification::name);
  return found == notification_table.end() ? NotificationKind::follow : found->kind;
}

Result<Unwanted> unwanted_of(store::Session& session, std::string_view account) {
  VT_TRY(const auto rows,
         session.query("SELECT unwanted FROM notification_settings WHERE account_id = $1", {std::string(account)}));
  return rows.empty() ? Unwanted{} : read_kinds(rows[0].text(0));
}

/// Of notifications "n" of account $1: those about nothing that it may no longer watch.
std::string is_told() {
  return fmt::format("(n.video_id IS NULL OR EXISTS (SELECT 1 FROM videos v WHERE v.id = n.video_id AND {}))",
                     sql_may_watch("v", "$1"));
}

Result<std::int64_t> unread_of(store::Session& session, std::string_view account) {
  VT_TRY(const auto rows,
         session.query(fmt::format("SELECT COUNT(*) FROM notifications n WHERE n.account_id = $1 AND n.unread = 1 "
                                   "AND {}",
                                   is_told()),
                       {std::string(account)}));
  return rows[0].integer(0);
}

/// Nobody is told of a video they may not watch, nor gets the link of one that is only for those who have it.
Result<bool> may_hear_of_video(store::Session& session, const NotificationEvent& event) {
  if (event.video.empty()) return true;
  VT_TRY(const auto video, Videos::in_session(session, event.video));
  VT_TRY(const auto relation, relation_of(session, video.creator_id, event.recipient));
  return event.kind == NotificationKind::mention ? may_find(relation, video.exposure())
                                                 : may_watch(relation, video.exposure());
}

/// Errors: not_found (the recipient has left, or the video has).
Result<bool> is_welcome(store::Session& session, const NotificationEvent& event) {
  if (row_of(event.kind).owed) return true;
  VT_TRY(const bool may_hear, may_hear_of_video(session, event));
  if (!may_hear) return false;
  VT_TRY(const auto relation, relation_of(session, event.recipient, event.actor));
  if (!(row_of(event.kind).has_words ? may_address(relation) : may_notify(relation))) return false;
  VT_TRY(const auto unwanted, unwanted_of(session, event.recipient));
  return !unwanted.contains(event.kind);
}

const std::string& about(const NotificationEvent& event) {
  return event.matter.empty() ? about_of(event.kind, event.video, event.comment) : event.matter;
}

store::Value id_or_null(const std::string& id) { return id.empty() ? store::Value() : store::Value(id); }

struct Gathering {
  std::string id, about;
  std::int64_t people = 0;
  bool unread = true;
};

/// The last one of this day about the same, or of the kind.
Result<std::optional<Gathering>> gathering(store::Session& session, const NotificationEvent& event, TimeMs now) {
  const bool of_kind = row_of(event.kind).gathers_all;
  store::Params params{event.recipient, std::string(name(event.kind))};
  if (!of_kind) params.emplace_back(about(event));
  VT_TRY(const auto rows,
         session.query(fmt::format("SELECT id, about, people, unread FROM notifications WHERE account_id = $1 AND "
                                   "kind = $2 {} ORDER BY id DESC LIMIT 1",
                                   of_kind ? "" : "AND about = $3"),
                       params));
  if (rows.empty() || id_time(rows[0].text(0)) <= now - notification_gathers_ms) return std::nullopt;
  return Gathering{rows[0].text(0), rows[0].text(1), rows[0].integer(2), rows[0].integer(3) != 0};
}

/// Each is news, even by the same person.
bool is_news(NotificationKind kind) { return row_of(kind).has_words || row_of(kind).owed; }

/// Who likes, takes it back and likes again is heard of once a day.
Result<bool> was_told(store::Session& session, const Gathering& before, const NotificationEvent& event) {
  if (before.unread || is_news(event.kind)) return false;
  VT_TRY(const auto rows,
         session.query("SELECT 1 FROM notification_people WHERE notification_id = $1 AND account_id = $2",
                       {before.id, event.actor}));
  return !rows.empty();
}

/// True if the actor is new there.
Result<bool> add_person(store::Session& session, const Gathering& to, const NotificationEvent& event, TimeMs now) {
  if (event.actor.empty()) return false;
  if (to.people >= notification_people_kept_max) return true;
  VT_TRY(const auto added,
         session.execute("INSERT INTO notification_people (notification_id, account_id, at) VALUES ($1, $2, $3) "
                         "ON CONFLICT (notification_id, account_id) DO NOTHING",
                         {to.id, event.actor, now}));
  return added > 0;
}

/// Gives its id.
Result<std::string> begin(store::Session& session, const NotificationEvent& event, TimeMs now) {
  const Gathering made{.id = new_id(now), .about = about(event)};
  VT_CHECK(session.execute(
      "INSERT INTO notifications (id, account_id, kind, about, video_id, comment_id, people, created_at, "
      "unread) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1)",
      {made.id, event.recipient, std::string(name(event.kind)), about(event), id_or_null(event.video),
       id_or_null(event.comment), std::int64_t{event.actor.empty() ? 0 : 1}, now}));
  VT_CHECK(add_person(session, made, event, now));
  VT_CHECK(
      session.execute("DELETE FROM notifications WHERE account_id = $1 AND id < (SELECT id FROM notifications "
                      "WHERE account_id = $1 ORDER BY id DESC LIMIT 1 OFFSET $2)",
                      {event.recipient, notifications_per_account_max - 1}));
  return made.id;
}

/// The id of the notification that it began or joined, if the recipient has something new by it.
Result<std::optional<std::string>> gather(store::Session& session, const NotificationEvent& event, TimeMs now) {
  VT_TRY(const auto open, gathering(session, event, now));
  if (open) {
    VT_TRY(const bool told, was_told(session, *open, event));
    if (told) return std::nullopt;
  }
  if (!open || !open->unread || (event.actor.empty() && about(event).empty())) return begin(session, event, now);
  VT_TRY(const bool is_new, add_person(session, *open, event, now));
  if (!is_new && !is_news(event.kind)) return std::nullopt;
  // About several matters it is about none.
  const std::string together = open->about == about(event) ? open->about : "";
  VT_CHECK(session.execute(
      "UPDATE notifications SET people = $2, comment_id = $3, created_at = $4, about = $5 WHERE id = $1",
      {open->id, open->people + (is_new ? 1 : 0), id_or_null(event.comment), now, together}));
  return open->id;
}

/// Writes one event; true if the recipient has something new. Errors: conflict, not_found (a thing or person has gone).
Result<bool> note(store::Session& session, const NotificationEvent& event, TimeMs now) {
  VT_TRY(const bool welcome, is_welcome(session, event));
  if (!welcome) return false;
  VT_TRY(const auto id, gather(session, event, now));
  if (!id) return false;
  VT_CHECK(push_later(session, event.recipient, event.kind, *id, now));
  return true;
}

Result<std::vector<Person>> people_of(store::Session& session, const std::string& notification) {
  VT_TRY(const auto rows, session.query("SELECT a.id, a.handle, a.display_name FROM notification_people p "
                                        "JOIN accounts a ON a.id = p.account_id WHERE p.notification_id = $1 "
                                        "ORDER BY p.at DESC, p.account_id LIMIT $2",
                                        {notification, static_cast<std::int64_t>(notification_people_shown_max)}));
  std::vector<Person> people;
  for (const auto& row : rows) people.push_back({row.text(0), row.text(1), row.text(2)});
  return people;
}

Notification notification_of(const store::Row& row) {
  Notification one{.id = row.text(0),
                   .kind = kind_of(row.text(1)),
                   .count = row.integer(2),
                   .text = row.text_or_empty(5),
                   .created_at = row.integer(6),
                   .read = row.integer(7) == 0};
  if (!row.is_null(3)) one.video = row.text(3);
  if (!row.is_null(4)) one.comment = row.text(4);
  if (row_of(one.kind).owed && !row.text(8).empty()) one.matter = row.text(8);
  return one;
}

/// Before every id made at that time or later.
std::string first_id_of(TimeMs at) {
  constexpr std::size_t time_characters = 10;
  return new_id(std::max<TimeMs>(at, 0)).substr(0, time_characters);
}

/// Those of the account that are not too old and of which `condition` is true, the newest first. A comment that may not
/// be read (any more) leaves its text out. Of the parameters $1 and $2 are taken.
Result<std::vector<Notification>> listed(store::Session& session, std::string_view account, TimeMs now,
                                         std::string_view condition, const store::Params& more) {
  store::Params params{std::string(account), first_id_of(now - notification_lifetime_ms)};
  params.insert(params.end(), more.begin(), more.end());
  VT_TRY(const auto rows,
         session.query(
             fmt::format("SELECT n.id, n.kind, n.people, n.video_id, c.id, c.text, n.created_at, n.unread, n.about "
                         "FROM notifications n LEFT JOIN comments c ON c.id = n.comment_id AND "
                         "c.state = 'live' AND {} WHERE n.account_id = $1 AND n.id > $2 AND {} AND {}",
                         sql_heard("c.author_id", "$1"), is_told(), condition),
             params));
  std::vector<Notification> out;
  for (const auto& row : rows) {
    out.push_back(notification_of(row));
    VT_TRY(out.back().actors, people_of(session, out.back().id));
  }
  return out;
}

}  // namespace

NotificationEvent news(NotificationKind kind, std::string_view recipient, std::string_view matter) {
  return {.kind = kind, .recipient = std::string(recipient), .matter = std::string(matter)};
}

const std::string& about_of(NotificationKind kind, const std::string& video, const std::string& comment) {
  return row_of(kind).about_comment ? comment : video;
}

struct Notifications::Impl {
  Impl(store::Database& d, const Clock& c) : database(d), clock(c) {}

  store::Database& database;
  const Clock& clock;

  std::mutex events_mutex;
  std::condition_variable_any events_came, events_written;
  std::deque<NotificationEvent> events;
  bool writing = false;
  std::size_t since_prune = 0;
  std::function<void()> written;

  std::mutex watchers_mutex;
  std::map<std::string, std::vector<Watcher>, std::less<>> watchers;

  std::jthread thread;  ///< last: it ends first

  std::vector<NotificationEvent> take() {
    std::vector<NotificationEvent> batch;
    while (!events.empty() && batch.size() < batch_events_max) {
      batch.push_back(std::move(events.front()));
      events.pop_front();
    }
    return batch;
  }

  void run(const std::stop_token& stop) {
    std::unique_lock lock(events_mutex);
    while (events_came.wait(lock, stop, [this] { return !events.empty(); }) || !events.empty()) {
      const auto batch = take();
      writing = true;
      lock.unlock();
      write(batch);
      lock.lock();
      writing = false;
      events_written.notify_all();
    }
  }

  void write(std::span<const NotificationEvent> batch) {
    // Of a batch that meets something gone meanwhile, each event is tried for itself.
    if (!write_together(batch))
      for (const auto& event : batch) write_alone(event);
    since_prune += batch.size();
    if (since_prune < events_between_prunes) return;
    since_prune = 0;
    if (const auto done = prune(); !done) log::warning("notifications.prune", {{"error", done.error().message}});
  }

  Result<void> write_together(std::span<const NotificationEvent> batch) {
    std::set<std::string> told;
    VT_CHECK(database.transaction(store::Access::write, [&](store::Session& session) -> Result<void> {
      told.clear();
      for (const auto& event : batch) {
        VT_TRY(const bool changed, note(session, event, clock.now()));
        if (changed) told.insert(event.recipient);
      }
      return {};
    }));
    for (const auto& account : told) wake(account);
    if (!told.empty() && written) written();
    return {};
  }

  void write_alone(const NotificationEvent& event) {
    const auto done = write_together({&event, 1});
    if (done || done.error().code == Errc::conflict || done.error().code == Errc::not_found) return;
    log::warning("notifications.write", {{"error", done.error().message}});
  }

  Result<void> prune() {
    const TimeMs oldest = clock.now() - notification_lifetime_ms;
    VT_CHECK(database.execute(
        "DELETE FROM notifications WHERE id IN (SELECT id FROM notifications WHERE id < $1 ORDER BY id LIMIT $2)",
        {first_id_of(oldest), prune_rows}));
    return {};
  }

  void wake(std::string_view account) {
    std::unique_lock lock(watchers_mutex);
    const auto found = watchers.find(account);
    if (found == watchers.end()) return;
    lock.unlock();
    const auto unread = told_unread(account);
    if (unread) tell_watchers(account, *unread);
  }

  /// While it is quiet for somebody nothing calls them.
  Result<std::int64_t> told_unread(std::string_view account) {
    VT_TRY(const bool quiet, is_quiet(database, account, clock.now()));
    return quiet ? Result<std::int64_t>(0) : database_unread(account);
  }

  Result<std::int64_t> database_unread(std::string_view account) {
    std::int64_t unread = 0;
    VT_CHECK(database.transaction(store::Access::read, [&](store::Session& session) -> Result<void> {
      VT_TRY(unread, unread_of(session, account));
      return {};
    }));
    return unread;
  }

  /// How many are left; those that have gone are forgotten.
  std::size_t tell_watchers(std::string_view account, std::int64_t unread) {
    const std::lock_guard lock(watchers_mutex);
    const auto found = watchers.find(account);
    if (found == watchers.end()) return 0;
    std::erase_if(found->second, [unread](const Watcher& watcher) { return !watcher(unread); });
    const std::size_t left = found->second.size();
    if (left == 0) watchers.erase(found);
    return left;
  }
};

Notifications::Notifications(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {
  impl_->thread = std::jthread([impl = impl_.get()](const std::stop_token& stop) { impl->run(stop); });
}
Notifications::~Notifications() = default;

Result<std::unique_ptr<Notifications>> Notifications::open(store::Database& database, const Clock& clock) {
  VT_CHECK(migrate_social(database));
  return std::unique_ptr<Notifications>(new Notifications(std::make_unique<Impl>(database, clock)));
}

void Notifications::tell(NotificationEvent event) {
  if (event.recipient == event.actor) return;
  const std::lock_guard lock(impl_->events_mutex);
  if (impl_->events.size() >= notification_events_waiting_max) return log::warning("notifications.full");
  impl_->events.push_back(std::move(event));
  impl_->events_came.notify_one();
}

Result<void> Notifications::tell_mentioned(std::string_view text, std::string_view author, std::string_view video,
                                           std::string_view comment, const std::set<std::string>& except) {
  VT_TRY(const auto people, mentioned(impl_->database, text, author, author));
  for (const auto& person : people) {
    if (!except.contains(person.id))
      tell({NotificationKind::mention, person.id, std::string(author), std::string(video), std::string(comment)});
  }
  return {};
}

void Notifications::settle() {
  std::unique_lock lock(impl_->events_mutex);
  impl_->events_written.wait(lock, [this] { return impl_->events.empty() && !impl_->writing; });
}

void Notifications::on_written(std::function<void()> listener) {
  const std::lock_guard lock(impl_->events_mutex);
  impl_->written = std::move(listener);
}

Result<NotificationPage> Notifications::page(std::string_view account, std::string_view cursor) const {
  VT_TRY(const auto place, read_cursor(cursor, false));
  const std::int64_t wanted = static_cast<std::int64_t>(notifications_page_items) + 1;
  NotificationPage page;
  VT_CHECK(impl_->database.transaction(store::Access::read, [&](store::Session& session) -> Result<void> {
    VT_TRY(page.items,
           listed(session, account, impl_->clock.now(), "n.id < $3 ORDER BY n.id DESC LIMIT $4", {place.id, wanted}));
    page.next.reset();
    if (page.items.size() > notifications_page_items) {
      page.items.pop_back();
      page.next = page.items.back().id;
    }
    VT_TRY(page.unread, unread_of(session, account));
    return {};
  }));
  return page;
}

Result<std::int64_t> Notifications::unread(std::string_view account) const { return impl_->database_unread(account); }

Result<std::int64_t> Notifications::read(std::string_view account, std::string_view until) {
  if (!is_id(until)) return fail(Errc::invalid_argument, "\"until\" must be the id of a notification");
  std::int64_t left = 0;
  VT_CHECK(impl_->database.transaction(store::Access::write, [&](store::Session& session) -> Result<void> {
    VT_CHECK(session.execute("UPDATE notifications SET unread = 0 WHERE account_id = $1 AND unread = 1 AND id <= $2",
                             {std::string(account), std::string(until)}));
    VT_TRY(left, unread_of(session, account));
    return {};
  }));
  impl_->tell_watchers(account, left);
  return left;
}

Result<Unwanted> Notifications::unwanted(std::string_view account) const {
  Unwanted unwanted;
  VT_CHECK(impl_->database.transaction(store::Access::read, [&](store::Session& session) -> Result<void> {
    VT_TRY(unwanted, unwanted_of(session, account));
    return {};
  }));
  return unwanted;
}

Result<void> Notifications::set_unwanted(std::string_view account, const Unwanted& unwanted) {
  VT_CHECK(
      impl_->database.execute("INSERT INTO notification_settings (account_id, unwanted) VALUES ($1, $2) "
                              "ON CONFLICT (account_id) DO UPDATE SET unwanted = excluded.unwanted",
                              {std::string(account), write_kinds(unwanted)}));
  return {};
}

Result<void> Notifications::check_watchers(std::string_view account) {
  VT_TRY(const auto number, impl_->told_unread(account));
  if (impl_->tell_watchers(account, number) >= notification_streams_per_account_max)
    return fail(Errc::too_many_requests, "at most {} streams at once: close one", notification_streams_per_account_max);
  return {};
}

Result<void> Notifications::watch(std::string_view account, Watcher watcher) {
  VT_CHECK(check_watchers(account));
  {
    const std::lock_guard lock(impl_->watchers_mutex);
    auto& list = impl_->watchers[std::string(account)];
    if (list.size() >= notification_streams_per_account_max)
      return fail(Errc::too_many_requests, "at most {} streams at once", notification_streams_per_account_max);
    list.push_back(std::move(watcher));
  }
  // Read after it was added, so that nothing that comes in between is missed.
  impl_->wake(account);
  return {};
}

void Notifications::wake(std::string_view account) { impl_->wake(account); }

Result<void> Notifications::prune() { return impl_->prune(); }

namespace {

/// Takes people out of notifications, and the notifications that nobody is left in.
Result<void> take_out(store::Session& session, std::string_view which, const store::Params& params) {
  VT_CHECK(
      session.execute(fmt::format("UPDATE notifications SET people = people - 1 WHERE id IN ({})", which), params));
  VT_CHECK(session.execute(fmt::format("DELETE FROM notifications WHERE people <= 0 AND id IN ({})", which), params));
  return {};
}

}  // namespace

Result<std::optional<Notification>> unread_notification(store::Session& session, std::string_view account,
                                                        std::string_view id, TimeMs now) {
  VT_TRY(auto found, listed(session, account, now, "n.id = $3 AND n.unread = 1", {std::string(id)}));
  if (found.empty()) return std::nullopt;
  return std::move(found.front());
}

Result<std::vector<Notification>> unread_after(store::Session& session, std::string_view account, std::string_view id,
                                               std::size_t limit, TimeMs now) {
  return listed(session, account, now, "n.unread = 1 AND n.id > $3 ORDER BY n.id DESC LIMIT $4",
                {std::string(id), static_cast<std::int64_t>(limit)});
}

Result<void> leave_notifications(store::Session& session, std::string_view account_id) {
  return take_out(session, "SELECT notification_id FROM notification_people WHERE account_id = $1",
                  {std::string(account_id)});
}

Result<void> leave_notifications_of(store::Session& session, std::string_view recipient, std::string_view actor) {
  constexpr std::string_view which =
      "SELECT p.notification_id FROM notification_people p JOIN notifications n ON n.id = p.notification_id "
      "WHERE p.account_id = $1 AND n.account_id = $2";
  const store::Params params{std::string(actor), std::string(recipient)};
  VT_CHECK(take_out(session, which, params));
  VT_CHECK(
      session.execute("DELETE FROM notification_people WHERE account_id = $1 AND notification_id IN "
                      "(SELECT id FROM notifications WHERE account_id = $2)",
                      params));
  return {};
}

Result<void> forget_comment(store::Session& session, std::string_view comment) {
  const store::Params params{std::string(comment)};
  VT_CHECK(session.execute("DELETE FROM notifications WHERE comment_id = $1 AND (people = 1 OR kind = 'comment_like')",
                           params));
  VT_CHECK(session.execute("UPDATE notifications SET comment_id = NULL WHERE comment_id = $1", params));
  return {};
}

}  // namespace vitrine::social
