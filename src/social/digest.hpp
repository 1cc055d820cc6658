// Mail about what waits behind the bell, for those who asked for it.
//
// Operation: a thread looks once a minute whose mail is due, lists what is unread and began after the last mail (as the
// app would list it now: what was taken back, held or blocked meanwhile is not in it), and hands the text to whoever
// can send it. Who has nothing new gets nothing. The first mail comes soon after it was asked for. What could not be
// sent is tried again an hour later; if the process ends between sending and remembering that, a mail comes twice.
//
// Each mail carries a link that ends them without signing in: the account, a number and a signature over both. The
// number changes whenever mail is switched off, so that a link works until one was used.
#pragma once
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "base/clock.hpp"
#include "base/crypto.hpp"
#include "base/result.hpp"
#include "social/accounts.hpp"
#include "social/notifications.hpp"
#include "store/database.hpp"

namespace vitrine::social {

inline constexpr std::size_t digest_items_max = 20;
inline constexpr TimeMs digest_retry_ms = 3600LL * 1000;
inline constexpr std::int64_t digests_per_round_max = 20;

enum class DigestRhythm { never, daily, weekly };
[[nodiscard]] std::string_view name(DigestRhythm rhythm);
/// Error: invalid_argument.
[[nodiscard]] Result<DigestRhythm> read_rhythm(std::string_view text);

struct DigestMail {
  std::string title, text;
  std::string unsubscribe;  ///< an address that ends it when something is posted there (RFC 8058)
};

struct DigestOptions {
  crypto::Hash key{};      ///< signs the links
  std::string public_url;  ///< what the links begin with; empty: no mail can be asked for
  /// Sends it to the account's address. Null: no mail can be asked for.
  std::function<Result<void>(const Account& account, const DigestMail& mail)> send;
  std::function<bool(std::string_view account)> quiet_now;
  bool by_itself = true;  ///< false: only send_due() sends
};

/// Thread-safe. Calls block on the database, send_due() on whoever sends as well.
class Digests {
 public:
  [[nodiscard]] static Result<std::unique_ptr<Digests>> open(store::Database& database, const Clock& clock,
                                                             const Accounts& accounts, DigestOptions options);
  ~Digests();

  [[nodiscard]] Result<DigestRhythm> rhythm(std::string_view account) const;
  /// What it is already changes nothing. Errors: unavailable (this service sends no mail), conflict (no address of the
  /// account is verified).
  [[nodiscard]] Result<void> set_rhythm(const Account& account, DigestRhythm rhythm);
  /// Follows a mail's link. Errors: invalid_argument (not one of ours), gone (used, or switched off otherwise).
  [[nodiscard]] Result<void> unsubscribe(std::string_view token);

  /// Sends what is due. Error: unavailable (whoever sends is away); what is left waits for the next call.
  [[nodiscard]] Result<void> send_due();

 private:
  struct Due;
  Digests(store::Database& database, const Clock& clock, const Accounts& accounts, DigestOptions options);
  void run(const std::stop_token& stop);
  [[nodiscard]] Result<void> send_one(const Due& due);
  [[nodiscard]] DigestMail mail_to(const Account& account, const Due& due, std::span<const Notification> news) const;
  [[nodiscard]] std::string token_of(std::string_view account, std::int64_t number) const;
  [[nodiscard]] Result<void> put_off(const Due& due, TimeMs until, std::string_view told_until);

  store::Database& database_;
  const Clock& clock_;
  const Accounts& accounts_;
  const DigestOptions options_;
  std::mutex mutex_;
  std::condition_variable_any woken_;
  bool has_news_ = false;
  std::jthread thread_;  ///< last: it ends first
};

}  // namespace vitrine::social
