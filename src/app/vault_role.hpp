// `vitrine vault`: the role that keeps sealed records, and opens one only with a trace and the custodians.
#pragma once
#include <string>
#include <vector>

#include "base/result.hpp"

namespace vitrine::app {

struct VaultRoleOptions {
  std::string data = "vitrine-vault";
  std::string rules_file;
  std::string log_socket;               ///< where the log takes entries
  std::vector<std::string> custodians;  ///< addresses, in the order of the rules
  std::string service = "vault";        ///< the member of the rules that machines read as
  std::string smtp;                     ///< as SmtpOptions.url, or a file that holds it; empty: no mail is sent
  std::string mail_from;                ///< whom mail comes from
  std::string listen = "unix:vault.sock";
};
/// Runs until SIGTERM or SIGINT. Prints "listening on …" once it is ready.
[[nodiscard]] Result<void> run_vault(const VaultRoleOptions& options);

}  // namespace vitrine::app
