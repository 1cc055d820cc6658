// `vitrine custodian`: the role that holds a key, and uses it only for what the public log shows.
#pragma once
#include <string>

#include "custody/rules.hpp"

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

inline constexpr std::int64_t release_bytes_max = 8 << 20;  ///< a batch's boxes

/// The rules of opening in a file. Error: invalid_argument.
[[nodiscard]] Result<custody::Rules> rules_in(const std::string& path);

}  // namespace vitrine::app
