// `vitrine log` and `vitrine witness`: the roles that keep the public log, alone.
#pragma once
#include <string>
#include <vector>

#include "log/policy.hpp"

namespace vitrine::app {

struct LogRoleOptions {
  std::string data = "vitrine-log";
  std::string origin;         ///< name of log and key; needed at the first start only
  std::string listen;         ///< where anybody reads; empty: nowhere
  std::string append_socket;  ///< Unix socket where entries come in; empty: append.sock in the data directory
  std::string policy_file;    ///< witnesses and quorum (tlog-policy); empty: none are asked
  std::int64_t interval_ms = 1'000;
};
/// Runs until SIGTERM or SIGINT. Prints "vkey …", then "listening on …" once it is ready.
[[nodiscard]] Result<void> run_log(const LogRoleOptions& options);

struct WitnessRoleOptions {
  std::string data = "vitrine-witness";
  std::string name;  ///< of its key; needed at the first start only
  std::string listen = "127.0.0.1:8090";
  std::vector<std::string> logs;  ///< verifier keys of the logs it follows
};
[[nodiscard]] Result<void> run_witness(const WitnessRoleOptions& options);

/// Witnesses and quorum in a file; no witnesses if there is no file to read. Error: invalid_argument.
[[nodiscard]] Result<tlog::Policy> read_policy(const std::string& path);

struct LogAuditOptions {
  std::string url;                     ///< http://…, unix:/…, or a directory
  std::string log_key;                 ///< what --vkey says
  std::vector<std::string> witnesses;  ///< keys; all of them must have cosigned unless a policy says otherwise
  std::string policy_file;
  std::string state;  ///< directory that remembers the newest checkpoint seen; empty: none
  bool json = false;
};
/// Errors: invalid_argument (keys, options), else as tlog::audit's.
[[nodiscard]] Result<void> audit_log(const LogAuditOptions& options);

}  // namespace vitrine::app
