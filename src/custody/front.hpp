// The service's side of custody: it seals what people tell it, and hands it on to the vault. It can open nothing.
//
// Operation: a sealed record is written to an outbox in the service's own database, in the transaction of what it
// belongs to (an account), and a thread moves it on to the vault, in order. So nobody waits for the vault, and nothing
// is lost while it is away. Destroying a person's records goes the same way.
#pragma once
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "custody/vault_port.hpp"
#include "store/database.hpp"

namespace vitrine::custody {

/// What links an account to what the feed learned, and to its receipts. It is sealed (class link); while a person is
/// signed in, their session holds it, encrypted under the session's token, which the service does not keep.
struct Personal {
  std::string viewer;  ///< the feed's pseudonym
  crypto::Hash receipt_key{};
  bool guarded = false;  ///< an overseer must approve every opening: exposed people
  /// When somebody under 18 comes of age, so that it need not be known anywhere else; 0: not a minor, or not known.
  std::int64_t adult_from_ms = 0;

  [[nodiscard]] std::string text() const;
};
/// Error: invalid_argument.
[[nodiscard]] Result<Personal> read_personal(std::string_view text);
[[nodiscard]] Personal new_personal(std::string_view viewer);

/// Whose field it is.
struct Person {
  std::string subject;  ///< the account's id
  bool minor = false;
};

/// How long fields of a class are kept; nothing: as long as the account.
[[nodiscard]] std::optional<std::int64_t> keep_s_of(std::string_view data_class);

/// Thread-safe.
class Front {
 public:
  [[nodiscard]] static Result<std::unique_ptr<Front>> open(store::Database& database, Rules rules, VaultPort& vault,
                                                           const Clock& clock);
  ~Front();

  /// Seals a field within a transaction of the caller's. `data_class` is the plain one ("contact"); a minor's field
  /// goes into the minors' class. Errors: invalid_argument, too_large, the database's.
  [[nodiscard]] Result<void> seal(store::Session& session, const Person& person, const Personal& personal,
                                  std::string_view data_class, std::string_view plaintext);
  /// As above, in a transaction of its own.
  [[nodiscard]] Result<void> seal(const Person& person, const Personal& personal, std::string_view data_class,
                                  std::string_view plaintext);
  /// Destroys the person's fields of a class, or all of them (empty), once the vault is there.
  [[nodiscard]] Result<void> erase(store::Session& session, const Person& person, std::string_view data_class);

  /// Opens what links the person to their viewer, for them. Errors: as VaultPort's; not_found.
  [[nodiscard]] Result<Personal> recall(const Person& person);
  /// Waits until the vault has everything sealed for this person so far. Error: unavailable.
  [[nodiscard]] Result<void> settle(const Person& person);

  [[nodiscard]] const Rules& rules() const { return rules_; }
  [[nodiscard]] VaultPort& vault() { return vault_; }

  /// "minor.contact" of a minor's "contact".
  [[nodiscard]] static std::string class_of(const Person& person, std::string_view data_class);

 private:
  Front(store::Database& database, Rules rules, VaultPort& vault, const Clock& clock);
  void move_on(const std::stop_token& stop);
  [[nodiscard]] Result<bool> move_one();
  [[nodiscard]] Result<void> hand_over(const store::Row& row);
  void hurry();

  store::Database& database_;
  const Rules rules_;
  VaultPort& vault_;
  const Clock& clock_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::chrono::steady_clock::time_point busy_until_{};
  std::jthread thread_;  ///< last: it ends before what it uses
};

}  // namespace vitrine::custody
