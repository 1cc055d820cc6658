// What a service says in the log when it starts: which program runs and which settings rank.
#pragma once
#include "custody/log_port.hpp"
#include "custody/public_register.hpp"

namespace vitrine::custody {

struct Running {
  crypto::Hash binary{};  ///< SHA-256 of the program's file
  std::string version;
  crypto::Hash model{};  ///< SHA-256 of the feed's settings
};

/// SHA-256 of the file that this process runs, even if another stands in its place by now.
[[nodiscard]] Result<crypto::Hash> hash_of_own_binary();

/// The entries that are missing from what the log shows, in order: a build, the hand on the feed if the settings are
/// not those logged before, the settings. Empty when nothing has changed. A pure function.
[[nodiscard]] std::vector<std::string> startup_entries(const Register& shown, const Running& running,
                                                       std::int64_t bucket);

/// Reads the log up to now and appends what is missing; the log holds it on return. Errors: those of reading the log,
/// and of the port.
[[nodiscard]] Result<void> announce(PublicRegister& shown, const Running& running, const LogPort& log,
                                    const Clock& clock);

}  // namespace vitrine::custody
