#include "social/accounts.hpp"

#include <semaphore>
#include <set>

#include "base/crypto.hpp"
#include "base/id.hpp"
#include "social/comments.hpp"
#include "social/follows.hpp"
#include "social/notifications.hpp"
#include "social/reposts.hpp"
#include "social/schema.hpp"
#include "social/search_index.hpp"
#include "social/sql.hpp"
#include "social/throttle.hpp"
#include "social/videos.hpp"

namespace vitrine::social {
namespace {

constexpr TimeMs day_ms = 24LL * 3600 * 1000;
constexpr std::string_view secret_context = "vitrine session secret v1";
constexpr std::chrono::seconds hash_wait_max{10};

constexpr std::string_view account_columns =
    "a.id, a.handle, a.display_name, a.bio, a.created_at, a.password_hash, a.age_band, a.email, a.suspended_until, "
    "a.suspended_for, a.sealed_as_minor";
constexpr std::size_t account_columns_count = 11;

const std::set<std::string, std::less<>> reserved_handles{
    "about",   "admin", "administrator", "api",       "assets", "explore",  "following",
    "help",    "me",    "media",         "moderator", "root",   "settings", "sign-in",
    "sign-up", "staff", "support",       "system",    "upload", "uploads",  "vitrine"};

EmailState email_state_of(std::string_view text) {
  for (const auto state : {EmailState::unverified, EmailState::verified})
    if (name(state) == text) return state;
  return EmailState::none;
}

/// Only whoever holds the token can make this key.
crypto::Hash secret_key(std::string_view token) {
  return crypto::hmac_sha256(crypto::bytes_of(token), crypto::bytes_of(secret_context));
}

store::Value encrypted(std::string_view secret, std::string_view token) {
  if (secret.empty()) return std::monostate{};
  const auto bytes = crypto::encrypt(secret_key(token), secret, secret_context);
  return store::Blob(bytes.begin(), bytes.end());
}

Account account_of(const store::Row& row) {
  return {.id = row.text(0),
          .handle = row.text(1),
          .display_name = row.text(2),
          .bio = row.text(3),
          .created_at = row.integer(4),
          .has_password = !row.is_null(5),
          .age_band = age_band_of(row.text(6)),
          .email = email_state_of(row.text(7)),
          .suspended_until = row.integer(8),
          .suspended_for = row.text(9),
          .sealed_as_minor = row.integer(10) != 0};
}

store::Blob hash_of(std::string_view token) {
  const auto hash = crypto::sha256(token);
  return {hash.begin(), hash.end()};
}

std::string throttle_key(std::string_view handle, std::string_view network) {
  return fmt::format("{}\n{}", handle, network);
}

std::unexpected<Error> wrong_credentials() {
  return fail(Errc::unauthenticated, "the handle or the password is wrong");
}

}  // namespace

std::string_view name(EmailState state) {
  switch (state) {
    case EmailState::none: return "none";
    case EmailState::unverified: return "unverified";
    case EmailState::verified: return "verified";
  }
  return "";
}

Result<void> check_password_shape(std::string_view password) {
  if (password.size() < password_bytes_min || password.size() > password_bytes_max)
    return fail(Errc::invalid_argument, "a password has {} to {} characters", password_bytes_min, password_bytes_max);
  return {};
}

Result<void> check_handle(std::string_view handle) {
  const auto is_allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
  };
  if (handle.size() < handle_characters_min || handle.size() > handle_characters_max ||
      !std::ranges::all_of(handle, is_allowed) || handle.front() == '.' || handle.back() == '.')
    return fail(Errc::invalid_argument, "a handle has {} to {} of a-z, 0-9, '_' and '.', and no '.' at its ends",
                handle_characters_min, handle_characters_max);
  if (reserved_handles.contains(handle)) return fail(Errc::conflict, "this handle is reserved; choose another");
  return {};
}

struct Accounts::Impl {
  Impl(store::Database& d, const Clock& c, Welcome w) : database(d), clock(c), welcome(std::move(w)) {}

  store::Database& database;
  const Clock& clock;
  Welcome welcome;
  std::string decoy_hash;  ///< verified for unknown handles, so that they take as long as known ones
  std::counting_semaphore<password_hashes_at_once_max> hashing{password_hashes_at_once_max};
  Throttle by_handle_and_network{5, 1'000, 15 * 60 * 1000};
  Throttle by_handle{20, 1'000, 60 * 1000};
  Throttle by_network{50, 1'000, 15 * 60 * 1000};

  /// Runs an argon2 computation when its turn has come.
  template <class Work>
  auto with_hashing(Work work) -> Result<decltype(work())> {
    if (!hashing.try_acquire_for(hash_wait_max))
      return fail(Errc::unavailable, "many people sign in just now; try again in a few seconds");
    auto result = work();
    hashing.release();
    return result;
  }

  Result<std::string> hashed(std::string_view password) {
    VT_TRY(auto hash, with_hashing([&] { return crypto::hash_password(password); }));
    return hash;
  }

  Result<std::optional<store::Row>> row_by(std::string_view column, std::string_view value) const {
    VT_TRY(auto rows, database.query(fmt::format("SELECT {} FROM accounts a WHERE a.{} = $1", account_columns, column),
                                     {std::string(value)}));
    if (rows.empty()) return std::nullopt;
    return std::move(rows[0]);
  }

  /// The account, and what its sessions keep for the person.
  Result<std::pair<Account, std::string>> insert(store::Session& session, const Newcomer& newcomer,
                                                 store::Value password_hash) {
    VT_CHECK(check_handle(newcomer.handle));
    auto band = AgeBand::adult;
    if (!newcomer.birth_date.empty()) {
      VT_TRY(band, band_of(newcomer.birth_date, clock.now()));
    }
    VT_TRY(const auto shown, checked_text(newcomer.display_name.empty() ? newcomer.handle : newcomer.display_name,
                                          display_name_characters_max, "a display name"));
    Account account{.id = new_id(clock.now()),
                    .handle = newcomer.handle,
                    .display_name = shown,
                    .created_at = clock.now(),
                    .has_password = !std::holds_alternative<std::monostate>(password_hash),
                    .age_band = band};
    auto done = session.execute(
        "INSERT INTO accounts (id, handle, display_name, bio, password_hash, created_at, age_band) VALUES ($1, $2, $3, "
        "'', $4, $5, $6)",
        {account.id, account.handle, account.display_name, std::move(password_hash), account.created_at,
         std::string(name(band))});
    if (!done && done.error().code == Errc::conflict)
      return fail(Errc::conflict, "this handle is taken; choose another");
    VT_CHECK(done);
    VT_CHECK(index_account(session, account.id));
    VT_TRY(auto secret, welcome(session, account, newcomer));
    return std::pair(std::move(account), std::move(secret));
  }

  Result<std::string> insert_session(store::Session& session, std::string_view account_id, std::string_view secret) {
    std::string token = crypto::random_token();
    VT_CHECK(session.execute(
        "INSERT INTO sessions (token_hash, account_id, created_at, seen_at, secret) VALUES ($1, $2, $3, $3, $4)",
        {hash_of(token), std::string(account_id), clock.now(), encrypted(secret, token)}));
    return token;
  }
};

Accounts::Accounts(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Accounts::~Accounts() = default;

Result<std::unique_ptr<Accounts>> Accounts::open(store::Database& database, const Clock& clock, Welcome welcome) {
  VT_CHECK(migrate_social(database));
  auto impl = std::make_unique<Impl>(database, clock, std::move(welcome));
  VT_TRY(impl->decoy_hash, crypto::hash_password(crypto::random_token()));
  VT_CHECK(database.execute("DELETE FROM sessions WHERE seen_at < $1", {clock.now() - session_lifetime_ms}));
  return std::unique_ptr<Accounts>(new Accounts(std::move(impl)));
}

Result<SignIn> Accounts::sign_up(const Newcomer& newcomer, std::string_view password) {
  VT_CHECK(check_handle(newcomer.handle));
  VT_CHECK(check_password_shape(password));
  if (!newcomer.birth_date.empty()) VT_CHECK(band_of(newcomer.birth_date, impl_->clock.now()));
  VT_TRY(const auto hash, impl_->hashed(password));
  SignIn made;
  VT_CHECK(impl_->database.transaction(store::Access::write, [&](store::Session& session) -> Result<void> {
    VT_TRY(std::tie(made.account, made.secret), impl_->insert(session, newcomer, hash));
    VT_TRY(made.token, impl_->insert_session(session, made.account.id, made.secret));
    return {};
  }));
  return made;
}

Result<std::pair<Account, std::string>> Accounts::create_without_password(store::Session& session,
                                                                          const Newcomer& newcomer) {
  return impl_->insert(session, newcomer, std::monostate{});
}

std::int64_t Accounts::retry_after_s(std::string_view handle, std::string_view network_token) const {
  const TimeMs now = impl_->clock.now();
  const TimeMs wait = std::max({impl_->by_handle_and_network.wait_ms(throttle_key(handle, network_token), now),
                                impl_->by_handle.wait_ms(handle, now), impl_->by_network.wait_ms(network_token, now)});
  return (wait + 999) / 1000;
}

Result<SignIn> Accounts::sign_in(std::string_view handle, std::string_view password, std::string_view network_token) {
  if (const auto wait_s = retry_after_s(handle, network_token); wait_s > 0)
    return fail(Errc::too_many_requests, "too many wrong passwords: try again in {} s", wait_s);
  if (handle.size() > handle_characters_max || password.size() > password_bytes_max) return wrong_credentials();
  VT_TRY(const auto row, impl_->row_by("handle", handle));
  const std::string hash = row && !row->is_null(5) ? row->text(5) : impl_->decoy_hash;
  VT_TRY(const bool right, impl_->with_hashing([&] { return crypto::verify_password(hash, password); }));
  const std::string key = throttle_key(handle, network_token);
  if (!row || row->is_null(5) || !right) {
    const TimeMs now = impl_->clock.now();
    impl_->by_handle_and_network.failed(key, now);
    impl_->by_handle.failed(handle, now);
    impl_->by_network.failed(network_token, now);
    return wrong_credentials();
  }
  impl_->by_handle_and_network.succeeded(key);
  impl_->by_handle.succeeded(handle);
  return start_session(row->text(0));
}

Result<SignIn> Accounts::start_session(std::string_view account_id, std::string_view secret) {
  SignIn made{.secret = std::string(secret)};
  VT_TRY(made.account, by_id(account_id));
  VT_CHECK(impl_->database.transaction(store::Access::write, [&](store::Session& session) -> Result<void> {
    VT_TRY(made.token, impl_->insert_session(session, account_id, secret));
    return {};
  }));
  return made;
}

Result<std::optional<Accounts::Current>> Accounts::by_token(std::string_view token) {
  const TimeMs now = impl_->clock.now();
  const auto hash = hash_of(token);
  VT_TRY(const auto rows,
         impl_->database.query(
             fmt::format("SELECT {}, s.created_at, s.seen_at, s.secret FROM sessions s JOIN accounts a ON a.id = "
                         "s.account_id WHERE s.token_hash = $1 AND s.seen_at >= $2",
                         account_columns),
             {hash, now - session_lifetime_ms}));
  if (rows.empty()) return std::nullopt;
  // Use is noted to the day: enough to expire sessions, too coarse to follow anyone.
  constexpr std::size_t created_at = account_columns_count, seen_at = created_at + 1, secret = created_at + 2;
  if (now - rows[0].integer(seen_at) > day_ms)
    VT_CHECK(
        impl_->database.execute("UPDATE sessions SET seen_at = $2 WHERE token_hash = $1", {hash, now - now % day_ms}));
  Current current{account_of(rows[0]), rows[0].integer(created_at), {}};
  if (!rows[0].is_null(secret))
    current.secret = crypto::decrypt(secret_key(token), crypto::text_of(rows[0].blob(secret)), secret_context)
                         .value_or(std::string());
  return current;
}

Result<void> Accounts::keep_secret(std::string_view account_id, std::string_view token, std::string_view secret) {
  return impl_->database.transaction(store::Access::write, [&](store::Session& session) -> Result<void> {
    VT_CHECK(session.execute("UPDATE sessions SET secret = $2 WHERE token_hash = $1",
                             {hash_of(token), encrypted(secret, token)}));
    VT_CHECK(session.execute("UPDATE sessions SET secret = NULL WHERE account_id = $1 AND token_hash <> $2",
                             {std::string(account_id), hash_of(token)}));
    return {};
  });
}

Result<void> Accounts::sign_out(std::string_view token) {
  VT_CHECK(impl_->database.execute("DELETE FROM sessions WHERE token_hash = $1", {hash_of(token)}));
  return {};
}

Result<void> Accounts::sign_out_everywhere(std::string_view account_id) {
  VT_CHECK(impl_->database.execute("DELETE FROM sessions WHERE account_id = $1", {std::string(account_id)}));
  return {};
}

Result<Account> Accounts::by_id(std::string_view id) const {
  VT_TRY(const auto row, impl_->row_by("id", id));
  if (!row) return fail(Errc::not_found, "there is no such account");
  return account_of(*row);
}

Result<std::vector<Account>> Accounts::by_ids(std::span<const std::string> ids) const {
  std::vector<Account> accounts;
  if (ids.empty()) return accounts;
  VT_TRY(const auto rows, impl_->database.query(fmt::format("SELECT {} FROM accounts a WHERE a.id IN ({})",
                                                            account_columns, placeholders(1, ids.size())),
                                                {ids.begin(), ids.end()}));
  for (const auto& row : rows) accounts.push_back(account_of(row));
  std::ranges::sort(accounts, {},
                    [&](const Account& account) { return std::ranges::find(ids, account.id) - ids.begin(); });
  return accounts;
}

Result<Account> Accounts::by_handle(std::string_view handle) const {
  VT_TRY(const auto row, impl_->row_by("handle", handle));
  if (!row) return fail(Errc::not_found, "there is no account with this handle");
  return account_of(*row);
}

Result<Account> Accounts::edit(std::string_view id, const ProfileEdit& change) {
  VT_TRY(auto account, by_id(id));
  if (change.display_name) {
    VT_TRY(account.display_name, checked_text(*change.display_name, display_name_characters_max, "a display name"));
    if (account.display_name.empty()) account.display_name = account.handle;
  }
  if (change.bio) {
    VT_TRY(account.bio, checked_text(*change.bio, bio_characters_max, "a bio"));
  }
  VT_CHECK(impl_->database.transaction(store::Access::write, [&](store::Session& session) -> Result<void> {
    VT_CHECK(session.execute("UPDATE accounts SET display_name = $2, bio = $3 WHERE id = $1",
                             {account.id, account.display_name, account.bio}));
    return index_account(session, account.id);
  }));
  return account;
}

Result<void> Accounts::check_password(std::string_view id, std::string_view password) const {
  VT_TRY(const auto row, impl_->row_by("id", id));
  if (!row || row->is_null(5) || password.size() > password_bytes_max)
    return fail(Errc::unauthenticated, "the password is wrong");
  const TimeMs now = impl_->clock.now();
  const std::string key = throttle_key(id, "check");
  if (const auto wait = impl_->by_handle_and_network.wait_ms(key, now); wait > 0)
    return fail(Errc::too_many_requests, "too many wrong passwords: try again in {} s", (wait + 999) / 1000);
  VT_TRY(const bool right, impl_->with_hashing([&] { return crypto::verify_password(row->text(5), password); }));
  if (right) {
    impl_->by_handle_and_network.succeeded(key);
    return {};
  }
  impl_->by_handle_and_network.failed(key, now);
  return fail(Errc::unauthenticated, "the password is wrong");
}

Result<void> Accounts::change_password(std::string_view id, std::string_view current, std::string_view next,
                                       std::string_view keep_token) {
  VT_CHECK(check_password_shape(next));
  VT_TRY(const auto account, by_id(id));
  if (account.has_password) VT_CHECK(check_password(id, current));
  VT_TRY(const auto hash, impl_->hashed(next));
  return impl_->database.transaction(store::Access::write, [&](store::Session& session) -> Result<void> {
    VT_CHECK(session.execute("UPDATE accounts SET password_hash = $2 WHERE id = $1", {account.id, hash}));
    VT_CHECK(session.execute("DELETE FROM sessions WHERE account_id = $1 AND token_hash <> $2",
                             {account.id, hash_of(keep_token)}));
    return {};
  });
}

Result<void> Accounts::reset_password(std::string_view id, std::string_view next) {
  VT_CHECK(check_password_shape(next));
  VT_TRY(const auto hash, impl_->hashed(next));
  return impl_->database.transaction(store::Access::write, [&](store::Session& session) -> Result<void> {
    VT_CHECK(session.execute("UPDATE accounts SET password_hash = $2 WHERE id = $1", {std::string(id), hash}));
    VT_CHECK(session.execute("DELETE FROM sessions WHERE account_id = $1", {std::string(id)}));
    return {};
  });
}

Result<void> Accounts::set_email(store::Session& session, std::string_view id, EmailState state) {
  VT_CHECK(
      session.execute("UPDATE accounts SET email = $2 WHERE id = $1", {std::string(id), std::string(name(state))}));
  return {};
}

Result<void> Accounts::set_age_band(std::string_view id, AgeBand band) {
  VT_CHECK(
      impl_->database.execute("UPDATE accounts SET sealed_as_minor = CASE WHEN age_band = 'minor' THEN 1 ELSE "
                              "sealed_as_minor END, age_band = $2 WHERE id = $1",
                              {std::string(id), std::string(name(band))}));
  return {};
}

Result<void> Accounts::suspend(store::Session& session, std::string_view id, TimeMs until, std::string_view why) {
  VT_CHECK(session.execute("UPDATE accounts SET suspended_until = $2, suspended_for = $3 WHERE id = $1",
                           {std::string(id), until, std::string(why)}));
  return index_account(session, id);
}

Result<void> Accounts::erase(std::string_view id, const std::function<Result<void>(store::Session&)>& also) {
  return impl_->database.transaction(store::Access::write, [&](store::Session& session) -> Result<void> {
    // Others' counters first; the rest goes with the account's row.
    VT_CHECK(session.execute(
        "UPDATE videos SET likes = likes - 1 WHERE id IN (SELECT video_id FROM likes WHERE account_id = $1)",
        {std::string(id)}));
    VT_CHECK(leave_follows(session, id));
    VT_CHECK(leave_comments(session, id));
    VT_CHECK(leave_reposts(session, id));
    VT_CHECK(leave_notifications(session, id));
    VT_CHECK(session.execute("DELETE FROM accounts WHERE id = $1", {std::string(id)}));
    return also ? also(session) : Result<void>();
  });
}

Result<Accounts::Holdings> Accounts::holdings(std::string_view id) const {
  VT_TRY(const auto rows, impl_->database.query("SELECT (SELECT COUNT(*) FROM videos WHERE creator_id = $1), "
                                                "(SELECT COUNT(*) FROM likes WHERE account_id = $1), "
                                                "(SELECT COUNT(*) FROM follows WHERE follower_id = $1), "
                                                "(SELECT COUNT(*) FROM passkeys WHERE account_id = $1), "
                                                "(SELECT COUNT(*) FROM sessions WHERE account_id = $1), "
                                                "(SELECT COUNT(*) FROM comments WHERE author_id = $1), "
                                                "(SELECT COUNT(*) FROM collections WHERE account_id = $1), "
                                                "(SELECT COUNT(*) FROM blocks WHERE blocker_id = $1), "
                                                "(SELECT COUNT(*) FROM mutes WHERE muter_id = $1), "
                                                "(SELECT COUNT(*) FROM notifications WHERE account_id = $1), "
                                                "(SELECT COUNT(*) FROM playlists WHERE account_id = $1), "
                                                "(SELECT COUNT(*) FROM push_subscriptions WHERE account_id = $1), "
                                                "(SELECT COUNT(*) FROM reposts WHERE account_id = $1)",
                                                {std::string(id)}));
  const auto& row = rows[0];
  return Holdings{row.integer(0),  row.integer(1),  row.integer(2), row.integer(3), row.integer(4),
                  row.integer(5),  row.integer(6),  row.integer(7), row.integer(8), row.integer(9),
                  row.integer(10), row.integer(11), row.integer(12)};
}

}  // namespace vitrine::social
