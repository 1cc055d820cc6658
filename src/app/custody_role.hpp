// `vitrine custodian` and `vitrine vault`: the roles that keep personal data closed.
#pragma once
#include <string>
#include <vector>

#include "base/result.hpp"

namespace vitrine::app {

struct CustodianRoleOptions {
  std::string data = "vitrine-custodian";
  std::string rules_file;
  std::string log_url;
  std::string listen = "127.0.0.1:8092";
};
/// Runs until SIGTERM or SIGINT. Prints "key …", then "listening on …" once it is ready. Without rules it prints its
/// key and ends: rules cannot be written before it is known.
[[nodiscard]] Result<void> run_custodian(const CustodianRoleOptions& options);

struct VaultRoleOptions {
  std::string data = "vitrine-vault";
  std::string rules_file;
  std::string log_socket;               ///< where the log takes entries
  std::vector<std::string> custodians;  ///< addresses, in the order of the rules
  std::string service = "vault";        ///< the member of the rules that machines read as
  std::string listen = "unix:vault.sock";
};
[[nodiscard]] Result<void> run_vault(const VaultRoleOptions& options);

}  // namespace vitrine::app
