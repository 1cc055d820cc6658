#include "social/push.hpp"

#include "base/id.hpp"
#include "base/json.hpp"
#include "base/log.hpp"
#include "base/metrics.hpp"
#include "social/accounts.hpp"
#include "social/notification_words.hpp"
#include "social/schema.hpp"

namespace vitrine::social {
namespace {

constexpr std::size_t looked_at_max = 64;  // due messages, for one whose account nobody sends to just now
constexpr std::chrono::seconds idle_pause{2}, trouble_pause{30};
constexpr std::size_t topic_bytes = 24;  // 32 characters, as many as RFC 8030 §5.4 allows

store::Blob blob_of(crypto::Bytes bytes) { return {bytes.begin(), bytes.end()}; }

/// A browser as it is kept.
struct Browser {
  std::string endpoint, p256dh, auth;
};

std::string context_of(std::string_view account, std::string_view id) {
  return fmt::format("vitrine push subscription v1\n{}\n{}\n", account, id);
}

store::Blob sealed(const crypto::Hash& key, std::string_view account, std::string_view id, const Browser& browser) {
  const json::object text{{"endpoint", browser.endpoint}, {"p256dh", browser.p256dh}, {"auth", browser.auth}};
  return blob_of(crypto::bytes_of(crypto::encrypt(key, json::serialize(text), context_of(account, id))));
}

Result<Browser> opened(const crypto::Hash& key, std::string_view account, std::string_view id, std::string_view kept) {
  VT_TRY(const auto text, crypto::decrypt(key, kept, context_of(account, id)));
  VT_TRY(const auto value, parse_json(text));
  const auto& object = value.as_object();
  Browser out;
  VT_TRY(out.endpoint, text_member(object, "endpoint"));
  VT_TRY(out.p256dh, text_member(object, "p256dh"));
  VT_TRY(out.auth, text_member(object, "auth"));
  return out;
}

/// Says whether two endpoints are one, and nothing else.
store::Blob tag_of(const crypto::Hash& key, std::string_view endpoint) {
  const auto tag_key = crypto::hmac_sha256(key, crypto::bytes_of("tag of endpoints"));
  return blob_of(crypto::hmac_sha256(tag_key, crypto::bytes_of(endpoint)));
}

store::Blob session_of(std::string_view token) { return blob_of(crypto::sha256(token)); }

/// Another one for each device, so that a push service cannot tell that two are one person's.
std::string topic_of(const QueuedPush& push) {
  const auto hash = crypto::sha256(fmt::format("{}\n{}", push.subscription, push.notification));
  return crypto::base64url(std::span(hash).first<topic_bytes>());
}

/// What web/public/service-worker.js reads.
std::string payload_of(const Notification& about) {
  return json::serialize(json::object{{"title", sentence_of(about)},
                                      {"body", shortened(about.text, told_text_characters_max)},
                                      {"tag", about.id},
                                      {"url", page_of(about)}});
}

TimeMs wait_of(const QueuedPush& push, const PushOutcome& outcome) {
  constexpr std::int64_t doublings_max = 10;
  const TimeMs own = std::min(push_retry_ms_min << std::min(push.tries, doublings_max), push_retry_ms_max);
  return std::max(own, outcome.retry_after_s * 1000);
}

metrics::Counter& outcomes(PushOutcome::Kind kind) {
  constexpr std::array<std::string_view, 4> words{"taken", "gone", "refused", "later"};
  return metrics::counter("vitrine_push_messages_total", "Push messages by what the push service said",
                          {{"outcome", std::string(words[static_cast<std::size_t>(kind)])}});
}

}  // namespace

Push::Push(store::Database& database, const Clock& clock, PushOptions options)
    : database_(database), clock_(clock), options_(std::move(options)) {
  for (int i = 0; i < options_.threads; ++i) threads_.emplace_back([this](const std::stop_token& stop) { run(stop); });
}

Push::~Push() = default;

Result<std::unique_ptr<Push>> Push::open(store::Database& database, const Clock& clock, PushOptions options) {
  VT_CHECK(migrate_social(database));
  return std::unique_ptr<Push>(new Push(database, clock, std::move(options)));
}

std::string Push::public_key() const { return crypto::base64url(options_.identity.public_point()); }

// ---------------------------------------------------------------------------------------------------------------
// Subscriptions

Result<PushSubscription> Push::subscribe(std::string_view account, std::string_view token, std::string_view endpoint,
                                         std::string_view p256dh, std::string_view auth) {
  VT_TRY(const auto place, web_push::read_endpoint(endpoint));
  if (!options_.ports.contains(place.port))
    return fail(Errc::invalid_argument, "\"endpoint\" must be the https address of a push service: its port is 443");
  VT_CHECK(web_push::read_keys(p256dh, auth));
  const PushSubscription made{new_id(clock_.now()), place.url, clock_.now(), true};
  const store::Params who{std::string(account)};
  VT_CHECK(database_.transaction(store::Access::write, [&](store::Session& session) -> Result<void> {
    VT_TRY(const auto signed_in, session.query("SELECT 1 FROM sessions WHERE token_hash = $1 AND account_id = $2",
                                               {session_of(token), std::string(account)}));
    if (signed_in.empty()) return fail(Errc::unauthenticated, "sign in first");
    const auto tag = tag_of(options_.key, endpoint);
    VT_CHECK(session.execute("DELETE FROM push_subscriptions WHERE endpoint_tag = $1", {tag}));
    VT_TRY(const auto count, session.query("SELECT COUNT(*) FROM push_subscriptions WHERE account_id = $1", who));
    if (count[0].integer(0) >= static_cast<std::int64_t>(push_subscriptions_max))
      return fail(Errc::conflict, "{} devices are told already, which is the most: remove one first",
                  push_subscriptions_max);
    VT_CHECK(session.execute(
        "INSERT INTO push_subscriptions (id, account_id, session_hash, endpoint_tag, sealed, created_at, refusals) "
        "VALUES ($1, $2, $3, $4, $5, $6, 0)",
        {made.id, std::string(account), session_of(token), tag,
         sealed(options_.key, account, made.id, {place.url, std::string(p256dh), std::string(auth)}),
         made.created_at}));
    return {};
  }));
  return made;
}

Result<std::vector<PushSubscription>> Push::subscriptions(std::string_view account, std::string_view token) const {
  VT_TRY(const auto rows, database_.query("SELECT id, sealed, created_at, session_hash FROM push_subscriptions WHERE "
                                          "account_id = $1 ORDER BY id DESC",
                                          {std::string(account)}));
  const auto asking = session_of(token);
  std::vector<PushSubscription> out;
  for (const auto& row : rows) {
    // One that the key does not open is listed all the same, so that it can be removed.
    const auto browser = opened(options_.key, account, row.text(0), crypto::text_of(row.blob(1)));
    out.push_back({row.text(0), browser ? browser->endpoint : "", row.integer(2), row.blob(3) == asking});
  }
  return out;
}

Result<void> Push::unsubscribe(std::string_view account, std::string_view id) {
  VT_TRY(const auto removed, database_.execute("DELETE FROM push_subscriptions WHERE account_id = $1 AND id = $2",
                                               {std::string(account), std::string(id)}));
  if (removed == 0) return fail(Errc::not_found, "no such device is told");
  return {};
}

Result<void> Push::forget(std::string_view subscription) {
  VT_CHECK(database_.execute("DELETE FROM push_subscriptions WHERE id = $1", {std::string(subscription)}));
  return {};
}

Result<Unwanted> Push::unwanted(std::string_view account) const {
  Unwanted out;
  VT_CHECK(database_.transaction(store::Access::read, [&](store::Session& session) -> Result<void> {
    VT_TRY(out, unpushed_of(session, account));
    return {};
  }));
  return out;
}

Result<void> Push::set_unwanted(std::string_view account, const Unwanted& unwanted) {
  VT_CHECK(
      database_.execute("INSERT INTO push_choices (account_id, unwanted) VALUES ($1, $2) "
                        "ON CONFLICT (account_id) DO UPDATE SET unwanted = excluded.unwanted",
                        {std::string(account), write_kinds(unwanted)}));
  return {};
}

// ---------------------------------------------------------------------------------------------------------------
// Sending

void Push::wake() {
  const std::lock_guard lock(mutex_);
  ++wakes_;
  woken_.notify_all();
}

void Push::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    std::uint64_t seen = 0;
    {
      const std::lock_guard lock(mutex_);
      seen = wakes_;
    }
    const auto found = next();
    if (found && *found) {
      deliver_patiently(**found, stop);
      continue;
    }
    if (!found) log::warning("push.next", {{"error", found.error().message}});
    std::unique_lock lock(mutex_);
    woken_.wait_for(lock, stop, idle_pause, [&] { return wakes_ != seen; });
  }
}

/// What the database could not note would be sent again at once, and again: the account waits until that may have
/// passed.
void Push::deliver_patiently(const QueuedPush& push, const std::stop_token& stop) {
  const auto done = deliver(push);
  std::unique_lock lock(mutex_);
  if (!done) {
    log::warning("push.deliver", {{"error", done.error().message}});
    woken_.wait_for(lock, stop, trouble_pause, [] { return false; });
  }
  busy_.erase(push.account);
}

/// Something due of an account that no other thread sends to, which this thread does from now on.
Result<std::optional<QueuedPush>> Push::next() {
  const std::lock_guard lock(mutex_);
  VT_TRY(const auto due, due_pushes(database_, clock_.now(), looked_at_max));
  for (const auto& push : due)
    if (busy_.insert(push.account).second) return push;
  return std::nullopt;
}

Result<std::size_t> Push::deliver_due() {
  std::size_t tried = 0;
  for (;; ++tried) {
    VT_TRY(const auto due, due_pushes(database_, clock_.now(), 1));
    if (due.empty()) return tried;
    VT_CHECK(deliver(due[0]));
  }
}

Result<void> Push::deliver(const QueuedPush& push) {
  std::optional<std::string> kept;
  std::optional<Notification> about;
  const TimeMs now = clock_.now();
  VT_CHECK(database_.transaction(store::Access::read, [&](store::Session& session) -> Result<void> {
    VT_TRY(const auto rows, session.query("SELECT p.sealed FROM push_subscriptions p JOIN sessions s ON s.token_hash = "
                                          "p.session_hash WHERE p.id = $1 AND s.seen_at >= $2",
                                          {push.subscription, now - session_lifetime_ms}));
    kept.reset();
    if (!rows.empty()) kept = crypto::text_of(rows[0].blob(0));
    VT_TRY(about, unread_notification(session, push.account, push.notification, now));
    return {};
  }));
  if (!kept) return forget(push.subscription);
  if (!about || now - push.since >= push_lifetime_ms)
    return database_.transaction(store::Access::write,
                                 [&](store::Session& session) { return drop_push(session, push); });
  if (options_.quiet_now(push.account))
    return database_.transaction(store::Access::write, [&](store::Session& session) {
      return put_off_pushes(session, push.subscription, now + push_quiet_ms);
    });
  const auto outcome = send(push, *kept, *about);
  if (!outcome) {
    log::warning("push.unreadable", {{"error", outcome.error().message}});
    return forget(push.subscription);
  }
  return settle(push, *about, *outcome);
}

/// Error: what is kept of the browser does not open, which another try would not change.
Result<PushOutcome> Push::send(const QueuedPush& push, const std::string& kept, const Notification& about) {
  VT_TRY(const auto browser, opened(options_.key, push.account, push.subscription, kept));
  PushMessage message{.topic = topic_of(push), .ttl_s = push_lifetime_ms / 1000};
  VT_TRY(message.endpoint, web_push::read_endpoint(browser.endpoint));
  VT_TRY(const auto keys, web_push::read_keys(browser.p256dh, browser.auth));
  VT_TRY(message.body, web_push::encrypt(keys, payload_of(about)));
  message.authorization = web_push::authorization(options_.identity, message.endpoint.origin, options_.contact,
                                                  clock_.now() + push_signature_ms);
  return options_.send(message);
}

Result<void> Push::settle(const QueuedPush& push, const Notification& about, const PushOutcome& outcome) {
  using Kind = PushOutcome::Kind;
  outcomes(outcome.kind).add();
  if (outcome.kind != Kind::taken) log::info("push.not_taken", {{"why", outcome.why}});
  const TimeMs now = clock_.now();
  if (outcome.kind == Kind::gone) return forget(push.subscription);
  return database_.transaction(store::Access::write, [&](store::Session& session) -> Result<void> {
    const store::Params which{push.subscription};
    if (outcome.kind == Kind::later) {
      VT_CHECK(count_try(session, push));
      return put_off_pushes(session, push.subscription, now + wait_of(push, outcome));
    }
    if (outcome.kind == Kind::taken) {
      VT_CHECK(session.execute("UPDATE push_subscriptions SET refusals = 0 WHERE id = $1 AND refusals > 0", which));
      return mark_pushed(session, push, now, row_of(about.kind).push_again_ms);
    }
    VT_CHECK(session.execute("UPDATE push_subscriptions SET refusals = refusals + 1 WHERE id = $1", which));
    VT_CHECK(session.execute("DELETE FROM push_subscriptions WHERE id = $1 AND refusals >= $2",
                             {push.subscription, push_refusals_max}));
    return drop_push(session, push);
  });
}

}  // namespace vitrine::social
