// Videos that people hand on to those who follow them.
//
// Only what everybody may watch can be reposted. What is no longer public stays reposted but stands in no list until it
// is public again. A repost between whose maker and the video's creator there is a block is shown to nobody.
#pragma once
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "social/person.hpp"
#include "store/database.hpp"

namespace vitrine::social {

inline constexpr std::size_t reposts_page_items = 24;
inline constexpr std::int64_t feed_reposts_max = 500;                   ///< the newest, of all whom one follows
inline constexpr TimeMs feed_reposts_age_ms = 30LL * 24 * 3600 * 1000;  ///< older ones stand on profiles only

struct Repost {
  std::string video;
  Person by;
  TimeMs at = 0;
};

struct RepostPage {
  std::vector<std::string> videos;  ///< ids, the last reposted first
  std::optional<std::string> next;  ///< cursor
};

/// Thread-safe. Calls block on the database.
class Reposts {
 public:
  [[nodiscard]] static Result<std::unique_ptr<Reposts>> open(store::Database& database, const Clock& clock);

  /// Idempotent; gives how many people repost the video afterwards. That the account may watch it is the caller's to
  /// check. Errors: not_found, unprocessable (one's own; not public).
  [[nodiscard]] Result<std::int64_t> set(std::string_view account, std::string_view video, bool on);
  /// Which of `ids` the account reposts.
  [[nodiscard]] Result<std::set<std::string>> reposted(std::string_view account,
                                                       std::span<const std::string> ids) const;
  /// What somebody reposts, as far as the viewer (empty: nobody) may find it. Errors: invalid_argument (cursor).
  [[nodiscard]] Result<RepostPage> page(std::string_view account, std::string_view viewer,
                                        std::string_view cursor) const;
  /// What people whom the viewer follows repost, each video once and by whoever reposted it last; the newest first.
  /// Nothing of the viewer's own, nothing by or of people whom they have muted.
  [[nodiscard]] Result<std::vector<Repost>> for_follower(std::string_view viewer) const;
  /// The ids of all that it reposts, public or not, the newest first.
  [[nodiscard]] Result<std::vector<std::string>> of_account(std::string_view account) const;

 private:
  Reposts(store::Database& database, const Clock& clock) : database_(database), clock_(clock) {}
  store::Database& database_;
  const Clock& clock_;
};

/// Takes an account's reposts out of the videos' counters; for the transaction that erases it.
[[nodiscard]] Result<void> leave_reposts(store::Session& session, std::string_view account);

}  // namespace vitrine::social
