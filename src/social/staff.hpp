// Accounts of people who may ask for personal data: which member of the roster an account is, and the cases they work
// on. Who really may sign is decided by the roster in the public log; this table only finds people's passkeys.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "store/database.hpp"

namespace vitrine::social {

inline constexpr std::size_t case_title_characters_max = 120;
inline constexpr std::size_t cases_listed_max = 200;

struct StaffMember {
  std::string account_id;
  std::string member_id;  ///< the pseudonym that the log shows
  std::string role;       ///< "staff" or "overseer"
  std::string zone;
  std::string credential_id;  ///< of the passkey they sign with
  std::string public_key;     ///< COSE
};

struct Case {
  std::string id, title;
  bool open = true;
  TimeMs created_at = 0;
};

/// Thread-safe. Calls block on the database.
class Staff {
 public:
  Staff(store::Database& database, const Clock& clock) : database_(database), clock_(clock) {}

  /// Takes the account's oldest passkey. Errors: not_found (no such handle), unprocessable (no passkey), conflict (is
  /// staff already).
  [[nodiscard]] Result<StaffMember> add(std::string_view handle, std::string_view role, std::string_view zone);
  /// Errors: not_found.
  [[nodiscard]] Result<StaffMember> remove(std::string_view handle);
  [[nodiscard]] Result<std::optional<StaffMember>> of_account(std::string_view account_id) const;

  /// Errors: invalid_argument (title).
  [[nodiscard]] Result<Case> open_case(std::string_view title);
  /// Errors: not_found.
  [[nodiscard]] Result<Case> set_case(std::string_view id, bool open);
  [[nodiscard]] Result<Case> case_by_id(std::string_view id) const;
  /// The newest, newest first.
  [[nodiscard]] Result<std::vector<Case>> cases() const;

 private:
  store::Database& database_;
  const Clock& clock_;
};

}  // namespace vitrine::social
