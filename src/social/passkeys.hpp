// Passkeys: Web Authentication Level 2 (W3C), registration and sign-in.
//
// Attestation is parsed and not trusted: it would tell us the make of a person's device, which we have no use for. Keys
// may be ES256, EdDSA (Ed25519) or RS256. Challenges are single use, live five minutes, and are kept in memory.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/json.hpp"
#include "base/result.hpp"
#include "social/accounts.hpp"
#include "store/database.hpp"

namespace vitrine::social {

inline constexpr TimeMs challenge_lifetime_ms = 5 * 60 * 1000;
inline constexpr std::size_t passkeys_per_account_max = 20;
inline constexpr std::size_t passkey_name_characters_max = 50;
inline constexpr std::size_t credential_id_bytes_max = 1023;  ///< WebAuthn §5.8.3

/// Where the ceremony takes place. The browser puts both into what it signs.
struct RelyingParty {
  std::string id;      ///< "clips.example.org", "localhost"
  std::string origin;  ///< "https://clips.example.org"
};

struct Passkey {
  std::string id;
  std::string name;
  TimeMs created_at = 0;
  std::optional<TimeMs> last_used_at;
};

/// A finished registration: the key, its account, and a session if it made the account.
struct Registered {
  Passkey passkey;
  Account account;
  std::optional<std::string> token;
};

/// Thread-safe. Calls block on the database.
class Passkeys {
 public:
  [[nodiscard]] static Result<std::unique_ptr<Passkeys>> open(store::Database& database, Accounts& accounts,
                                                              const Clock& clock);
  ~Passkeys();

  /// PublicKeyCredentialCreationOptionsJSON for a further key of `account`.
  [[nodiscard]] Result<json::object> begin_adding(const Account& account, const RelyingParty& party);
  /// The same for somebody new. Errors: invalid_argument (handle, name, birth date), forbidden (too young), conflict
  /// (taken).
  [[nodiscard]] Result<json::object> begin_sign_up(const Newcomer& newcomer, const RelyingParty& party);
  /// Checks a RegistrationResponseJSON. `account_id` is who is signed in, or empty for a sign-up; it must be whom the
  /// challenge was made for. Errors: invalid_argument (what is wrong with the response), conflict, unprocessable (too
  /// many).
  [[nodiscard]] Result<Registered> finish_registration(const json::object& response, std::string_view account_id,
                                                       std::string_view name, const RelyingParty& party);

  /// PublicKeyCredentialRequestOptionsJSON for whoever holds a key.
  [[nodiscard]] json::object begin_sign_in(const RelyingParty& party);
  /// Checks an AuthenticationResponseJSON. Errors: invalid_argument, unauthenticated.
  [[nodiscard]] Result<SignIn> finish_sign_in(const json::object& response, const RelyingParty& party);

  [[nodiscard]] Result<std::vector<Passkey>> of_account(std::string_view account_id) const;
  /// Errors: not_found; conflict when it is the only way into the account.
  [[nodiscard]] Result<void> remove(std::string_view account_id, std::string_view passkey_id);

 private:
  struct Impl;
  explicit Passkeys(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace vitrine::social
