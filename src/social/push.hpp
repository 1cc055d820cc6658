// Push messages: notifications that reach a browser while the app is closed (RFC 8030; base/web_push.hpp has the
// message itself).
//
// Operation: a subscription is a browser that somebody allowed to be told; it belongs to the session it was made in and
// ends with it. What it may hear of waits in the database (push_queue.hpp). Threads of this class send what is due:
// they look the notification up as the app would show it now, so nothing is told of what was read, taken back, held or
// blocked meanwhile. What is marked as sent was taken by the push service. If the process ends in between it is sent
// again, and the browser shows one, for both carry the same tag.
//
// Concurrency: thread-safe; calls block on the database. Threads send for different accounts at a time, so that no
// account's slow push services hold up others' for long.
#pragma once
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/web_push.hpp"
#include "social/notifications.hpp"
#include "social/push_queue.hpp"
#include "store/database.hpp"

namespace vitrine::social {

inline constexpr std::size_t push_subscriptions_max = 10;       ///< of one account
inline constexpr TimeMs push_lifetime_ms = 24LL * 3600 * 1000;  ///< what could not be sent until then is old news
inline constexpr TimeMs push_retry_ms_min = 30'000, push_retry_ms_max = 3600LL * 1000;
inline constexpr TimeMs push_signature_ms = 12LL * 3600 * 1000;  ///< RFC 8292 §2 allows a day
inline constexpr TimeMs push_quiet_ms = 5LL * 60 * 1000;         ///< until it is asked again whether it is quiet
inline constexpr std::int64_t push_refusals_max = 5;             ///< in a row, then the subscription goes

/// What goes to a push service.
struct PushMessage {
  web_push::Endpoint endpoint;
  std::string authorization, topic, body;
  std::int64_t ttl_s = 0;
};

struct PushOutcome {
  enum class Kind {
    taken,
    gone,     ///< the browser is there no more, or nobody may send to such an address
    refused,  ///< this message, for good
    later,    ///< the push service is away or has enough for now
  };
  Kind kind = Kind::later;
  std::int64_t retry_after_s = 0;  ///< 0: it did not say
  std::string why;                 ///< for the log: never an endpoint
};
/// Sends one message; called from several threads.
using PushPort = std::function<PushOutcome(const PushMessage&)>;

struct PushOptions {
  crypto::Hash key{};        ///< subscriptions are kept encrypted under it
  crypto::P256Key identity;  ///< what push services know this service by
  std::string contact;       ///< "mailto:" or "https:" address they may turn to, or empty
  std::set<std::uint16_t> ports{web_push::https_port};
  PushPort send;
  std::function<bool(std::string_view account)> quiet_now;  ///< nothing is pushed as long as it is true
  int threads = 4;                                          ///< 0: only deliver_due() sends
};

struct PushSubscription {
  std::string id, endpoint;
  TimeMs created_at = 0;
  bool current = false;  ///< made in the session that asks
};

class Push {
 public:
  [[nodiscard]] static Result<std::unique_ptr<Push>> open(store::Database& database, const Clock& clock,
                                                          PushOptions options);
  ~Push();

  /// What browsers ask for before they subscribe: a point of P-256 in base64url.
  [[nodiscard]] std::string public_key() const;

  /// Remembers a browser for as long as the session of `token` lives. The same endpoint again takes the earlier one's
  /// place, whoever's it was: the browser is now theirs. Errors: invalid_argument (endpoint, keys), conflict (the
  /// account has push_subscriptions_max), unauthenticated (no such session).
  [[nodiscard]] Result<PushSubscription> subscribe(std::string_view account, std::string_view token,
                                                   std::string_view endpoint, std::string_view p256dh,
                                                   std::string_view auth);
  /// The newest first; `token` may be empty.
  [[nodiscard]] Result<std::vector<PushSubscription>> subscriptions(std::string_view account,
                                                                    std::string_view token) const;
  /// Error: not_found.
  [[nodiscard]] Result<void> unsubscribe(std::string_view account, std::string_view id);

  [[nodiscard]] Result<Unwanted> unwanted(std::string_view account) const;
  [[nodiscard]] Result<void> set_unwanted(std::string_view account, const Unwanted& unwanted);

  /// Something may have come to be sent.
  void wake();
  /// Sends what is due, here and one after the other. Gives how many messages were tried.
  [[nodiscard]] Result<std::size_t> deliver_due();

 private:
  Push(store::Database& database, const Clock& clock, PushOptions options);
  void run(const std::stop_token& stop);
  void deliver_patiently(const QueuedPush& push, const std::stop_token& stop);
  [[nodiscard]] Result<std::optional<QueuedPush>> next();
  [[nodiscard]] Result<void> deliver(const QueuedPush& push);
  [[nodiscard]] Result<PushOutcome> send(const QueuedPush& push, const std::string& sealed, const Notification& about);
  [[nodiscard]] Result<void> settle(const QueuedPush& push, const Notification& about, const PushOutcome& outcome);
  [[nodiscard]] Result<void> forget(std::string_view subscription);

  store::Database& database_;
  const Clock& clock_;
  const PushOptions options_;
  std::mutex mutex_;
  std::condition_variable_any woken_;
  std::set<std::string> busy_;  ///< accounts that are being sent to
  std::uint64_t wakes_ = 0;
  std::vector<std::jthread> threads_;  ///< last: they end first
};

}  // namespace vitrine::social
