// The vault: keeps sealed records, decides who may ask, leaves the trace, and hands out one field at a time.
//
// It cannot open anything alone: custodians release their shares only against an entry in the witnessed log. What it is
// told (requests, approvals) they check again; its own checks only spare everybody a useless trace.
#pragma once
#include <functional>
#include <memory>

#include "custody/ledger.hpp"
#include "custody/opening.hpp"
#include "store/database.hpp"

namespace vitrine::custody {

/// Appends an entry to the log. With `prove` it waits for the witnesses and gives a tlog-proof, else an empty text.
using LogPort = std::function<Result<std::string>(const std::string& entry, bool prove)>;
/// Asks a custodian for a release. Called from one thread each.
using CustodianPort = std::function<Result<std::string>(const std::string& body)>;

struct VaultOptions {
  Rules rules;
  std::string service;          ///< the member that machines read as
  crypto::Hash service_seed{};  ///< of its key
  LogPort log;
  std::vector<CustodianPort> custodians;  ///< in the order of the rules
};

/// What is known of a record without opening it.
struct RecordInfo {
  std::string id, data_class, zone;
};

/// Thread-safe.
class Vault {
 public:
  [[nodiscard]] static Result<std::unique_ptr<Vault>> open(store::Database& database, VaultOptions options,
                                                           const Clock& clock);
  ~Vault();

  /// Keeps a record. `receipt_key` lets the vault name the subject in the log so that only the subject knows.
  [[nodiscard]] Result<void> put(const SealedRecord& record, const crypto::Hash& receipt_key);
  [[nodiscard]] Result<std::vector<RecordInfo>> records_of(std::string_view subject);
  /// Destroys a subject's records and says so in the log; durable there before anything is gone here.
  [[nodiscard]] Result<std::size_t> erase(std::string_view subject);

  /// A person asks for one field of one subject. Errors: not_found, forbidden (the rules say no: a refusal is logged).
  [[nodiscard]] Result<Request> ask(const Member& reader, std::string_view subject, std::string_view data_class,
                                    std::string_view purpose, std::string_view case_id);
  /// Keeps somebody's approval; whether it is good, custodians judge. Errors: not_found, gone.
  [[nodiscard]] Result<void> approve(std::string_view request, const Approval& approval);
  /// Leaves the trace, collects shares, opens. Once for each request. Errors: not_found, gone (opened before),
  /// forbidden (custodians refuse; says why), unavailable (log, witnesses or custodians are away).
  [[nodiscard]] Result<std::string> open_field(std::string_view request);
  /// A machine reads many fields of one class and zone, in one trace. In the order of `records`.
  [[nodiscard]] Result<std::vector<std::string>> read(std::string_view purpose,
                                                      const std::vector<std::string>& records);

  struct Receipt {
    std::string entry;
    std::int64_t at_s = 0;
  };
  /// What the vault says it did with a subject's records; the log says the same, or somebody lies.
  [[nodiscard]] Result<std::vector<Receipt>> receipts(std::string_view subject);

 private:
  struct Stored;
  struct Lane;
  Vault(store::Database& database, VaultOptions options, const Clock& clock);
  [[nodiscard]] Result<Stored> load(std::string_view record);
  [[nodiscard]] Result<std::vector<std::string>> open_records(const Request& request, const Member& reader,
                                                              const std::vector<Approval>& approvals,
                                                              const std::vector<Stored>& records);
  [[nodiscard]] Result<std::vector<std::string>> collect(const std::string& body, const crypto::BoxKey& key,
                                                         const std::vector<Stored>& records);
  Result<void> remember(const std::vector<Stored>& records, const std::string& entry);
  Result<void> refuse(const Member& reader, const Stored& record, std::string_view purpose, std::string_view reason);

  store::Database& database_;
  const VaultOptions options_;
  const Clock& clock_;
  const crypto::SigningKey service_key_;
  std::vector<std::unique_ptr<Lane>> lanes_;
};

}  // namespace vitrine::custody
