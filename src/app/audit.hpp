// `vitrine audit`: what somebody who does not trust the operator checks.
#pragma once
#include <string>
#include <vector>

#include "base/result.hpp"

namespace vitrine::app {

struct ReplayOptions {
  std::string data = "vitrine-data";  ///< whose events/ and snapshots/ are read; a running service is not disturbed
  std::vector<std::string> receipts;  ///< files of receipts, one a line; "-": standard input
  bool json = false;
};

/// Makes the pages of receipts again and prints for each whether it is the same, and if not, the first difference.
/// Errors: invalid_argument (no such file, no receipts); unprocessable when any page differs or any receipt is damaged.
[[nodiscard]] Result<void> audit_replay(const ReplayOptions& options);

}  // namespace vitrine::app
