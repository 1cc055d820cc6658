// The country that somebody says is theirs, if they say so. Nothing is guessed, from an address or otherwise. Nobody
// sees it but they; what others learn of it are trends (trends.hpp), behind which stand region_people_min people.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "store/database.hpp"

namespace vitrine::social {

/// Thread-safe. Calls block on the database.
class Regions {
 public:
  [[nodiscard]] static Result<std::unique_ptr<Regions>> open(store::Database& database, const Clock& clock);

  /// ISO 3166-1 alpha-2; none: they have not said.
  [[nodiscard]] Result<std::optional<std::string>> of_account(std::string_view account) const;
  /// None takes it back. Saying the same again changes nothing, also not since when. Errors: invalid_argument (no
  /// country).
  [[nodiscard]] Result<void> set(std::string_view account, const std::optional<std::string>& region);

 private:
  Regions(store::Database& database, const Clock& clock) : database_(database), clock_(clock) {}
  store::Database& database_;
  const Clock& clock_;
};

}  // namespace vitrine::social
