// `vitrine audit receipts`: a person, or whoever they trust, compares what the log says about them with what the
// service says.
#pragma once
#include <string>

#include "base/result.hpp"

namespace vitrine::app {

struct ReceiptsAuditOptions {
  std::string url;           ///< of the log: http://…, unix:/…, or a directory
  std::string log_key;       ///< what --vkey says
  std::string policy_file;   ///< witnesses and how many must cosign
  std::string receipt_key;   ///< the person's, in base64
  std::string claimed_file;  ///< what GET /api/v1/my/receipts gave; empty: nothing is compared
  std::string batches_url;   ///< where the tags of batches are; empty: beside a log that is below /log of a service
  bool json = false;
};
/// Reads the log whole, as an outsider, and prints each entry that the key recognises and each difference.
/// Errors: invalid_argument (options, files), as tlog::Follower's, unprocessable when anything differs.
[[nodiscard]] Result<void> audit_receipts(const ReceiptsAuditOptions& options);

}  // namespace vitrine::app
