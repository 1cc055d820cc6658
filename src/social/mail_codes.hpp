// What mail proves: that an address is somebody's (a code to type in), and that an account is (a link to follow). The
// address itself is sealed elsewhere; here stand hashes of what was sent, for a while.
#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "store/database.hpp"

namespace vitrine::social {

inline constexpr TimeMs mail_code_lifetime_ms = 30 * 60 * 1000, recovery_lifetime_ms = 60 * 60 * 1000;
inline constexpr TimeMs recovery_pause_ms = 2 * 60 * 1000;  ///< between two mails to one account
inline constexpr int mail_code_digits = 8, mail_code_tries_max = 8;

/// Thread-safe. Calls block on the database.
class MailCodes {
 public:
  MailCodes(store::Database& database, const Clock& clock) : database_(database), clock_(clock) {}

  /// A new code for an account; an older one no longer counts.
  [[nodiscard]] Result<std::string> new_code(store::Session& session, std::string_view account_id);
  /// Uses the code up. Errors: unprocessable (wrong), gone (expired, or none was sent), too_many_requests (tried too
  /// often: have another sent).
  [[nodiscard]] Result<void> check_code(std::string_view account_id, std::string_view code);

  /// The secret of a link that lets whoever follows it set a new password. Error: too_many_requests.
  [[nodiscard]] Result<std::string> new_recovery(std::string_view account_id);
  /// Whose it is; good once. Error: gone.
  [[nodiscard]] Result<std::string> use_recovery(std::string_view token);

 private:
  store::Database& database_;
  const Clock& clock_;
};

}  // namespace vitrine::social
