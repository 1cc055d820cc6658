// Who is who: accounts whose person or organisation moderators have looked at, and accounts that have shown that a
// domain is theirs (docs/verification.md).
//
// Operation: somebody asks, a moderator decides and says why, the badge is beside the name from then on. It is bound to
// the display name that was looked at: under another name it does not show, and the new name waits for another look. A
// domain is proven by what stands on it, and proven again every domain_again_ms; its badge shows the domain. Accounts
// that look like a verified one are brought to moderators (lookalike_of).
//
// Concurrency: thread-safe. badge_of and lookalike_of look into memory, all else blocks on the database; check_domain
// and keep_up also on other people's hosts.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <semaphore>
#include <shared_mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "social/person.hpp"
#include "store/database.hpp"

namespace vitrine::social {

struct Account;

inline constexpr std::size_t verification_name_characters_max = 100;
inline constexpr std::size_t verification_links_max = 5, verification_link_characters_max = 200;
inline constexpr std::size_t verification_text_characters_max = 1'000;
inline constexpr std::size_t verification_reason_characters_max = 500;
inline constexpr TimeMs verification_again_ms = 7LL * 24 * 3600 * 1000;  ///< after a refusal
inline constexpr std::size_t verification_queue_listed_max = 100, verified_listed_max = 200;
inline constexpr TimeMs domain_again_ms = 30LL * 24 * 3600 * 1000;
inline constexpr TimeMs domain_retry_ms = 24LL * 3600 * 1000;   ///< after a check that failed
inline constexpr std::int64_t domain_failures_max = 3;          ///< one after the other; then the domain is lost
inline constexpr TimeMs domain_check_pause_ms = 20'000;         ///< between checks that one asks for
inline constexpr std::int64_t domains_checked_at_once_max = 3;  ///< by keep_up
inline constexpr std::ptrdiff_t domain_checks_beside_max = 2;   ///< that people ask for: slow hosts hold up no others
inline constexpr std::size_t lookalike_characters_min = 4;      ///< of what is compared; shorter names all look alike
inline constexpr int impersonation_of_verified_severity = 4;

enum class VerifiedKind { person, organisation };
inline constexpr std::array verified_kinds{VerifiedKind::person, VerifiedKind::organisation};
[[nodiscard]] std::string_view name(VerifiedKind kind);

/// What stands beside a name.
struct Badge {
  std::optional<VerifiedKind> kind;   ///< none: only the domain is shown to be theirs
  std::optional<std::string> domain;  ///< proven
  TimeMs since = 0;
};

enum class VerificationState { open, granted, refused, withdrawn };
[[nodiscard]] std::string_view name(VerificationState state);

struct NewVerification {
  VerifiedKind kind = VerifiedKind::person;
  std::string name;                ///< by which the public knows them
  std::vector<std::string> links;  ///< https://…, where that can be seen
  std::string text;
};

/// Links and text are forgotten once it is decided.
struct VerificationRequest : NewVerification {
  std::string id, account_id;
  VerificationState state = VerificationState::open;
  bool renamed = false;  ///< made by the service: a verified account goes by another name
  std::string reason;
  TimeMs created_at = 0, decided_at = 0;
};

enum class DomainState { waiting, proven, lost };
[[nodiscard]] std::string_view name(DomainState state);

struct DomainLink {
  std::string domain, token;
  std::string profile;  ///< the address that a rel="me" link leads to
  DomainState state = DomainState::waiting;
  TimeMs proven_at = 0, checked_at = 0;  ///< 0: never
  std::string problem;                   ///< of the last check; empty: none
};

struct VerificationStatus {
  std::optional<Badge> badge;
  bool paused = false;  ///< verified, but under another display name
  std::optional<VerificationRequest> request;
  std::optional<DomainLink> domain;
};

struct QueuedVerification {
  VerificationRequest request;
  Person person;
  std::string bio;
  std::optional<std::string> domain;  ///< proven
  std::string verified_name;          ///< of a renamed one: the display name that was looked at
  bool may_decide = false;            ///< the moderator who asks
};

struct VerifiedPerson {
  Person person;
  Badge badge;
  bool paused = false;
};

struct VerificationPorts {
  /// A page of somebody's host, over HTTPS; the path begins with '/'.
  std::function<Result<std::string>(const std::string& domain, std::string_view path)> fetch;
  /// Has the account told that something about its verification has changed.
  std::function<void(const std::string& account)> tell;
};

class Verification {
 public:
  [[nodiscard]] static Result<std::unique_ptr<Verification>> open(store::Database& database, const Clock& clock,
                                                                  VerificationPorts ports);

  // --- for everybody

  /// Of somebody under the name they go by now.
  [[nodiscard]] std::optional<Badge> badge_of(std::string_view account_id, std::string_view display_name) const;
  [[nodiscard]] std::optional<Badge> badge_of(const Person& person) const {
    return badge_of(person.id, person.display_name);
  }
  /// The verified account that this one could be taken for, by handle or display name; not for one that is verified.
  [[nodiscard]] std::optional<Person> lookalike_of(const Person& person) const;
  /// Calls `found` for each account that could be taken for `verified`.
  [[nodiscard]] Result<void> find_lookalikes(std::string_view verified,
                                             const std::function<void(const Person&)>& found) const;

  // --- the person

  [[nodiscard]] Result<VerificationStatus> status(std::string_view account) const;
  /// Errors: invalid_argument; conflict (one is open, or verified as this already); too_many_requests (refused a short
  /// while ago).
  [[nodiscard]] Result<VerificationStatus> ask(std::string_view account, const NewVerification& request);
  /// Takes back what is open, and gives up what was granted. The domain stays.
  [[nodiscard]] Result<void> give_up(std::string_view account);
  /// After somebody has changed their display name. Says the same again at no cost.
  [[nodiscard]] Result<void> renamed(std::string_view account);
  /// Begins to prove a domain; another one goes. Errors: invalid_argument (domain).
  [[nodiscard]] Result<DomainLink> link_domain(std::string_view account, std::string_view domain,
                                               std::string_view profile);
  /// Looks now. Whether it is proven is in the state and problem given. Errors: not_found (none is linked),
  /// too_many_requests, unavailable (others are being looked at).
  [[nodiscard]] Result<DomainLink> check_domain(std::string_view account);
  [[nodiscard]] Result<void> unlink_domain(std::string_view account);

  // --- moderators; that whoever calls is one is the caller's to check

  /// The oldest first.
  [[nodiscard]] Result<std::vector<QueuedVerification>> queue(std::string_view moderator) const;
  /// Gives whose it was. Errors: not_found (no such open one), forbidden (their own), invalid_argument (reason),
  /// conflict (the account has changed its name since `display_name`, which the moderator saw).
  [[nodiscard]] Result<std::string> decide(std::string_view moderator, std::string_view id, bool grant,
                                           std::string_view display_name, std::string_view reason);
  /// Who is verified, the newest first.
  [[nodiscard]] Result<std::vector<VerifiedPerson>> verified() const;
  /// Takes a badge of a person or organisation. Errors: not_found, invalid_argument (reason).
  [[nodiscard]] Result<void> revoke(std::string_view account, std::string_view reason);

  // --- reports of impersonation

  /// For the transaction of a report: it says that `impersonated` is impersonated. Of a verified account that is grave.
  [[nodiscard]] Result<void> name_impersonated(store::Session& session, std::string_view report, std::string_view about,
                                               const Account& impersonated) const;
  /// Whom these reports name.
  [[nodiscard]] Result<std::map<std::string, Person>> impersonated(std::span<const std::string> reports) const;

  /// Looks at domains whose time has come. Called once a minute or so; may take a while.
  [[nodiscard]] Result<void> keep_up();

 private:
  struct Known {
    Person person;
    std::optional<VerifiedKind> kind;
    std::string verified_name;  ///< the display name that was looked at
    TimeMs since = 0;
    std::optional<std::string> domain;
    TimeMs proven_at = 0;
  };
  Verification(store::Database& database, const Clock& clock, VerificationPorts ports)
      : database_(database), clock_(clock), ports_(std::move(ports)) {}

  [[nodiscard]] static std::optional<Badge> badge_in(const Known& known, std::string_view display_name);
  [[nodiscard]] Result<void> learn(std::string_view condition, const store::Params& params);
  /// Reads anew what is known of one account.
  [[nodiscard]] Result<void> refresh(std::string_view account);
  [[nodiscard]] Result<DomainLink> look_at(DomainLink link, std::string_view account);
  [[nodiscard]] Result<void> fetch_proof(const DomainLink& link) const;

  store::Database& database_;
  const Clock& clock_;
  const VerificationPorts ports_;
  std::counting_semaphore<domain_checks_beside_max> checks_{domain_checks_beside_max};
  mutable std::shared_mutex mutex_;
  std::map<std::string, Known, std::less<>> known_;
  std::multimap<std::string, std::string, std::less<>> skeletons_;  ///< of handles and names, to account ids
};

}  // namespace vitrine::social
