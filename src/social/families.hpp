// Guardians and wards: an adult's account and a minor's that both have agreed to be paired.
//
// One of them makes a code, the other enters it, then both confirm. From then on every guardian of a ward may change
// the ward's controls; there is one set of them for each ward, and each change is kept with when and by whom. A
// guardian sees the controls, their history and the minutes watched a day, and nothing else about the ward: not what
// was watched, liked, written or searched. The ward sees the same. Either may end it at any time; it ends as well when
// the ward is known to have come of age.
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
#include "social/limits.hpp"
#include "social/person.hpp"
#include "social/throttle.hpp"
#include "social/visibility.hpp"
#include "store/database.hpp"

namespace vitrine::social {

inline constexpr std::int64_t guardians_per_ward_max = 4, wards_per_guardian_max = 10;
inline constexpr std::size_t pairing_code_characters = 8;
/// Nothing that can be taken for something else.
inline constexpr std::string_view pairing_code_alphabet = "23456789ABCDEFGHJKMNPQRSTUVWXYZ";
inline constexpr TimeMs pairing_code_lifetime_ms = 15LL * 60 * 1000;
inline constexpr TimeMs pairing_confirmation_ms = 24LL * 3600 * 1000;  ///< after that an unconfirmed pairing is gone
inline constexpr int pairing_tries_free = 5;                           ///< wrong codes, before each costs a wait
inline constexpr TimeMs pairing_first_wait_ms = 60'000, pairing_wait_ms_max = 3'600'000;
inline constexpr std::size_t left_out_topics_max = 32;
inline constexpr std::int64_t family_changes_kept = 50;

enum class FamilyRole { none, guardian, ward };
[[nodiscard]] std::string_view name(FamilyRole role);

struct Pairing {
  std::string id;
  Person guardian, ward;
  bool guardian_confirmed = false, ward_confirmed = false;
  TimeMs made_at = 0;
  std::optional<TimeMs> since;  ///< both have confirmed
};

/// What guardians may set.
struct Controls {
  Limits limits = minor_limits;
  /// Of those whom the ward follows; nobody else may, whatever is set.
  Who comments = Who::everyone, mentions = Who::everyone;
  bool sensitive_locked = true;       ///< the ward cannot have sensitive clips shown
  std::vector<std::string> left_out;  ///< tags that are in no list of videos for the ward
  bool search = true;                 ///< the ward may search
  bool findable = true;               ///< others find the ward's account by searching
  bool operator==(const Controls&) const = default;
};

/// One thing that changed: `what` is "paired", "ended" or a control, whose values are told as text.
struct FamilyChange {
  TimeMs at = 0;
  std::optional<Person> by;  ///< nothing: they have left
  std::string what, before, after;
};

/// What holds for somebody who looks at lists of videos.
struct WardRules {
  bool hides_sensitive = false;
  bool search = true;
  std::vector<std::string> left_out;
};

/// Thread-safe. Calls block on the database. Errors beside those named: not_found (account, pairing, or not theirs).
class Families {
 public:
  [[nodiscard]] static Result<std::unique_ptr<Families>> open(store::Database& database, const Clock& clock);

  struct Code {
    std::string text;
    TimeMs expires_at = 0;
  };
  /// A new one takes the place of the last. Error: conflict (as many guardians, or wards, as there may be).
  [[nodiscard]] Result<Code> make_code(std::string_view account);
  /// Whoever enters it and whoever made it have yet to confirm. A code is good once. Errors: too_many_requests;
  /// unprocessable (no such code, or not an adult and a minor); conflict (paired already, or too many).
  [[nodiscard]] Result<Pairing> enter_code(std::string_view account, std::string_view text);
  [[nodiscard]] Result<Pairing> confirm(std::string_view account, std::string_view pairing);
  /// Also declines one that waits. Gives what it was.
  [[nodiscard]] Result<Pairing> end(std::string_view account, std::string_view pairing);
  /// The oldest first.
  [[nodiscard]] Result<std::vector<Pairing>> of_account(std::string_view account) const;

  /// Errors: forbidden (neither the ward nor a guardian of theirs).
  [[nodiscard]] Result<Controls> controls(std::string_view account, std::string_view ward) const;
  /// How many things it changed. Errors: invalid_argument, forbidden (not a guardian of theirs).
  [[nodiscard]] Result<std::size_t> set_controls(std::string_view guardian, std::string_view ward,
                                                 const Controls& controls);
  /// The latest first. Errors: as of controls.
  [[nodiscard]] Result<std::vector<FamilyChange>> history(std::string_view account, std::string_view ward) const;

  /// Ends all pairings of somebody who has come of age; gives their guardians.
  [[nodiscard]] Result<std::vector<std::string>> come_of_age(std::string_view ward);

  [[nodiscard]] Result<WardRules> rules_for(std::string_view account) const;
  /// Which of these accounts searches do not find.
  [[nodiscard]] Result<std::set<std::string>> not_findable(std::span<const std::string> accounts) const;
  /// The same of people's handles.
  [[nodiscard]] Result<std::set<std::string>> not_findable_handles(std::span<const std::string> handles) const;

 private:
  Families(store::Database& database, const Clock& clock) : database_(database), clock_(clock) {}
  store::Database& database_;
  const Clock& clock_;
  Throttle tries_{pairing_tries_free, pairing_first_wait_ms, pairing_wait_ms_max};
};

/// Errors: invalid_argument.
[[nodiscard]] Result<Controls> checked_controls(Controls controls);

/// An SQL condition: the row `controls` of ward_controls is in force for the row `account` of accounts.
[[nodiscard]] std::string sql_controls_of(std::string_view controls, std::string_view account);

}  // namespace vitrine::social
