// Who follows whom.
#pragma once
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "store/database.hpp"

namespace vitrine::social {

inline constexpr std::int64_t follows_per_account_max = 5'000;

/// Thread-safe.
class Follows {
 public:
  [[nodiscard]] static Result<std::unique_ptr<Follows>> open(store::Database& database, const Clock& clock);
  /// Idempotent. Errors: invalid_argument (oneself), unprocessable (too many).
  [[nodiscard]] Result<void> set(std::string_view follower_id, std::string_view creator_id, bool on);
  [[nodiscard]] Result<bool> follows(std::string_view follower_id, std::string_view creator_id) const;
  [[nodiscard]] Result<std::vector<std::string>> followed_by(std::string_view follower_id) const;
  /// Which of these people are followed.
  [[nodiscard]] Result<std::set<std::string>> followed_among(std::string_view follower_id,
                                                             const std::set<std::string>& ids) const;
  struct Counts {
    std::int64_t followers = 0, following = 0;
  };
  [[nodiscard]] Result<Counts> counts(std::string_view account_id) const;

 private:
  Follows(store::Database& database, const Clock& clock) : database_(database), clock_(clock) {}
  store::Database& database_;
  const Clock& clock_;
};

/// Idempotent; for a transaction.
[[nodiscard]] Result<void> end_follow(store::Session& session, std::string_view follower, std::string_view creator);
/// Takes an account out of others' counters; for the transaction that erases it.
[[nodiscard]] Result<void> leave_follows(store::Session& session, std::string_view account_id);

}  // namespace vitrine::social
