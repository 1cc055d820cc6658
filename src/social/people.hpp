// Blocks and mutes. What they mean is decided in visibility.hpp.
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
#include "social/visibility.hpp"
#include "store/database.hpp"

namespace vitrine::social {

inline constexpr std::int64_t blocks_per_account_max = 10'000;  ///< and as many mutes
inline constexpr std::size_t people_page_items = 50;

struct PersonPage {
  std::vector<Person> items;
  std::optional<std::string> next;  ///< cursor
};

/// Thread-safe. Calls block on the database.
class People {
 public:
  [[nodiscard]] static Result<std::unique_ptr<People>> open(store::Database& database, const Clock& clock);

  /// A block ends follows both ways, and takes each out of the other's notifications. Idempotent.
  /// Errors: invalid_argument (oneself), unprocessable (too many).
  [[nodiscard]] Result<void> block(std::string_view blocker, std::string_view blocked, bool on);
  /// A mute takes the muted out of the muter's notifications. Idempotent. Errors: as of block.
  [[nodiscard]] Result<void> mute(std::string_view muter, std::string_view muted, bool on);

  [[nodiscard]] Result<PersonPage> blocked_by(std::string_view blocker, std::string_view cursor) const;
  [[nodiscard]] Result<PersonPage> muted_by(std::string_view muter, std::string_view cursor) const;

  struct Standing {
    bool blocked = false;  ///< the viewer has blocked them
    bool muted = false;
    bool hidden = false;    ///< they have blocked the viewer
    bool followed = false;  ///< by the viewer
  };
  [[nodiscard]] Result<Standing> standing(std::string_view viewer, std::string_view other) const;
  [[nodiscard]] Result<Relation> relation(std::string_view owner, std::string_view other) const {
    return relation_of(database_, owner, other);
  }
  [[nodiscard]] Result<std::map<std::string, Relation>> relations(std::span<const std::string> owners,
                                                                  std::string_view other) const {
    return relations_of(database_, owners, other);
  }
  [[nodiscard]] Result<std::set<std::string>> hidden(std::string_view viewer, std::span<const std::string> ids) const {
    return hidden_among(database_, viewer, ids);
  }
  /// Which of these handles are of people who have blocked the viewer.
  [[nodiscard]] Result<std::set<std::string>> hidden_handles(std::string_view viewer,
                                                             std::span<const std::string> handles) const;
  /// People named in a text of the author's, as the viewer sees it (mentions.hpp).
  [[nodiscard]] Result<std::vector<Person>> mentioned(std::string_view text, std::string_view author,
                                                      std::string_view viewer) const;

 private:
  People(store::Database& database, const Clock& clock) : database_(database), clock_(clock) {}
  store::Database& database_;
  const Clock& clock_;
};

}  // namespace vitrine::social
