// All roles on one machine: what `vitrine serve`, drills and benches start. The mechanism is the real one; independence
// is not there, since every key is on the same disk, and whoever shows anything of it says so.
//
// Rules that were once in force stay so until others have stood in the log for as long as they ask: other options lead
// to an announcement, and a start after the delay takes them.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "app/service_process.hpp"
#include "custody/rules.hpp"

namespace vitrine::app {

struct HouseholdOptions {
  std::string directory;  ///< short: Unix sockets stand in it
  int custodians = 3;
  int threshold = 2;
  int witnesses = 1;
  int quorum = 1;
  std::string rp_id = "localhost";
  std::set<std::string> zones = {"home"};
  std::int64_t delay_s = 86'400;
  std::map<std::string, custody::Purpose> purposes = custody::default_purposes();
  std::vector<custody::Member> members;  ///< on the roster from the start; the vault's own is added
  std::string smtp, mail_from;           ///< as VaultRoleOptions'; empty: no mail is sent
};

/// Not thread-safe.
class Household {
 public:
  /// Makes keys where they are missing, and writes the witness policy, the rules and the mail server. Starts nothing.
  [[nodiscard]] static Result<Household> prepare(HouseholdOptions options);
  /// Starts what does not run, lowest first, and waits until each is ready.
  [[nodiscard]] Result<void> start();
  [[nodiscard]] Result<void> start(const std::string& role);
  /// A role that was started and has ended by itself may be started again.
  [[nodiscard]] bool runs(const std::string& role);
  /// Ends a role as an operator would, or as a crash does.
  void stop(const std::string& role);
  void kill(const std::string& role);
  void stop_all();

  [[nodiscard]] std::vector<std::string> roles() const;             ///< "witness1", "log", "custodian1", …, "vault"
  [[nodiscard]] std::string socket(const std::string& role) const;  ///< "unix:…"
  [[nodiscard]] std::string append_socket() const { return "unix:" + path("append.sock"); }
  [[nodiscard]] std::string path(std::string_view name) const { return options_.directory + "/" + std::string(name); }
  [[nodiscard]] const custody::Rules& rules() const { return rules_; }

 private:
  explicit Household(HouseholdOptions options) : options_(std::move(options)) {}
  Result<void> make_keys();
  Result<void> settle_rules();
  /// Rules that are wanted, differ from those in force, and have yet to be announced in the log; as text.
  [[nodiscard]] Result<void> announce();
  [[nodiscard]] std::vector<std::string> command(const std::string& role) const;

  HouseholdOptions options_;
  custody::Rules rules_;
  tlog::Policy asked_witnesses_;  ///< those of the rules, and where the log reaches them
  std::optional<custody::Rules> to_announce_;
  std::map<std::string, Child> running_;
};

}  // namespace vitrine::app
