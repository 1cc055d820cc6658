// Who moderates: a role of its own, which reads nothing that is sealed and so needs no place on the roster.
#pragma once
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "store/database.hpp"

namespace vitrine::social {

/// Thread-safe. Calls block on the database.
class Moderators {
 public:
  Moderators(store::Database& database, const Clock& clock) : database_(database), clock_(clock) {}

  /// Errors: not_found (no such handle), conflict (is one already).
  [[nodiscard]] Result<void> add(std::string_view handle);
  /// Errors: not_found.
  [[nodiscard]] Result<void> remove(std::string_view handle);
  [[nodiscard]] Result<bool> has(std::string_view account_id) const;

 private:
  store::Database& database_;
  const Clock& clock_;
};

}  // namespace vitrine::social
