// People's accounts and sessions. No e-mail, phone, birth date or address is known here: an age band, and whether there
// is a verified e-mail address.
//
// Passwords are kept as argon2id hashes, session tokens as SHA-256. A session keeps a secret for whoever holds its
// token, encrypted under the token: without it nobody can read it. Wrong passwords slow down further tries, by handle
// and by network; both counts live in memory only.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "social/age.hpp"
#include "store/database.hpp"

namespace vitrine::social {

inline constexpr std::size_t handle_characters_min = 3, handle_characters_max = 24;
inline constexpr std::size_t password_bytes_min = 10, password_bytes_max = 128;
inline constexpr std::size_t display_name_characters_max = 50, bio_characters_max = 200;
inline constexpr TimeMs session_lifetime_ms = 90LL * 24 * 3600 * 1000;  ///< without use
inline constexpr TimeMs recent_sign_in_ms = 10 * 60 * 1000;             ///< what deleting without a password asks for
inline constexpr int password_hashes_at_once_max = 2;                   ///< 64 MiB each

enum class EmailState { none, unverified, verified };
[[nodiscard]] std::string_view name(EmailState state);

/// Somebody new, as they introduce themselves. `birth_date` goes to whoever seals it and is not kept here.
struct Newcomer {
  std::string handle;
  std::string display_name;  ///< empty: the handle
  std::string birth_date;    ///< "YYYY-MM-DD"; empty: an adult, on the operator's word
  std::string viewer;        ///< the pseudonym under which they watched so far; empty: none
};

struct Account {
  std::string id;
  std::string handle;
  std::string display_name;
  std::string bio;
  TimeMs created_at = 0;
  bool has_password = false;
  AgeBand age_band = AgeBand::adult;
  EmailState email = EmailState::none;
  TimeMs suspended_until = 0;
  std::string suspended_for;     ///< what the moderator said; may outlast the suspension
  bool sealed_as_minor = false;  ///< what was sealed before they came of age stays in the minors' classes
  [[nodiscard]] bool is_suspended(TimeMs now) const { return now < suspended_until; }
};

/// What a new session gives to the caller; the token is not kept and cannot be shown again.
struct SignIn {
  Account account;
  std::string token;
  std::string secret;  ///< what the session keeps for the person
};

struct ProfileEdit {
  std::optional<std::string> display_name;
  std::optional<std::string> bio;
};

/// Thread-safe. Calls block (database, argon2).
class Accounts {
 public:
  /// Called in the transaction that makes an account; an error undoes it. Gives the secret that the person's sessions
  /// keep.
  using Welcome = std::function<Result<std::string>(store::Session&, const Account&, const Newcomer&)>;
  [[nodiscard]] static Result<std::unique_ptr<Accounts>> open(store::Database& database, const Clock& clock,
                                                              Welcome welcome);
  ~Accounts();

  /// Errors: invalid_argument (handle, password, name, birth date), forbidden (too young), conflict (handle taken).
  [[nodiscard]] Result<SignIn> sign_up(const Newcomer& newcomer, std::string_view password);
  /// An account without a password, for a passkey that is about to be added in the same transaction; and its secret.
  [[nodiscard]] Result<std::pair<Account, std::string>> create_without_password(store::Session& session,
                                                                                const Newcomer& newcomer);
  /// Errors: unauthenticated (which of the two was wrong is not told), too_many_requests (see retry_after_s),
  /// unavailable.
  [[nodiscard]] Result<SignIn> sign_in(std::string_view handle, std::string_view password,
                                       std::string_view network_token);
  /// Seconds until this handle from this network may try again; 0 when it may now.
  [[nodiscard]] std::int64_t retry_after_s(std::string_view handle, std::string_view network_token) const;
  /// A session for an account that has proven itself by other means (a passkey).
  [[nodiscard]] Result<SignIn> start_session(std::string_view account_id, std::string_view secret = {});

  struct Current {
    Account account;
    TimeMs signed_in_at = 0;
    std::string secret;  ///< empty: this session was not given one
  };
  /// Whose session is it? nullopt for an unknown, expired or ended one.
  [[nodiscard]] Result<std::optional<Current>> by_token(std::string_view token);
  /// Gives a session its secret, and takes an older one from the account's other sessions.
  [[nodiscard]] Result<void> keep_secret(std::string_view account_id, std::string_view token, std::string_view secret);
  [[nodiscard]] Result<void> sign_out(std::string_view token);
  [[nodiscard]] Result<void> sign_out_everywhere(std::string_view account_id);

  [[nodiscard]] Result<Account> by_id(std::string_view id) const;
  /// Those of `ids` that are there, in that order.
  [[nodiscard]] Result<std::vector<Account>> by_ids(std::span<const std::string> ids) const;
  [[nodiscard]] Result<Account> by_handle(std::string_view handle) const;
  [[nodiscard]] Result<Account> edit(std::string_view id, const ProfileEdit& change);
  /// Ends all other sessions. An account without a password needs no current one.
  [[nodiscard]] Result<void> change_password(std::string_view id, std::string_view current, std::string_view next,
                                             std::string_view keep_token);
  /// For whoever has proven by mail that the account is theirs: ends all sessions.
  [[nodiscard]] Result<void> reset_password(std::string_view id, std::string_view next);
  [[nodiscard]] Result<void> set_email(store::Session& session, std::string_view id, EmailState state);
  [[nodiscard]] Result<void> set_age_band(std::string_view id, AgeBand band);
  /// In the transaction of a moderation's decision; a time past ends it.
  [[nodiscard]] Result<void> suspend(store::Session& session, std::string_view id, TimeMs until, std::string_view why);
  /// Errors: unauthenticated.
  [[nodiscard]] Result<void> check_password(std::string_view id, std::string_view password) const;
  /// Removes the account and all that hangs on it in the database. The caller removes videos' files first.
  /// `also` runs in the same transaction.
  [[nodiscard]] Result<void> erase(std::string_view id, const std::function<Result<void>(store::Session&)>& also = {});

  /// What the account has, for whoever wants to know what is held about them.
  struct Holdings {
    std::int64_t videos = 0, likes = 0, follows = 0, passkeys = 0, sessions = 0;
    std::int64_t comments = 0, collections = 0, blocks = 0, mutes = 0, notifications = 0, playlists = 0;
    std::int64_t devices = 0;  ///< that are told of notifications
    std::int64_t reposts = 0;
  };
  [[nodiscard]] Result<Holdings> holdings(std::string_view id) const;

 private:
  struct Impl;
  explicit Accounts(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// Errors: invalid_argument that says what a handle may be.
[[nodiscard]] Result<void> check_handle(std::string_view handle);
[[nodiscard]] Result<void> check_password_shape(std::string_view password);

}  // namespace vitrine::social
