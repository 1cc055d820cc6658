// The vault: keeps sealed records, decides who may ask, leaves the trace, and hands out one field at a time.
//
// It cannot open anything alone: custodians release their shares only against an entry in the witnessed log. What it is
// told (requests, approvals) they check again; its own checks only spare everybody a useless trace.
#pragma once
#include <functional>
#include <memory>

#include "custody/ledger.hpp"
#include "custody/log_port.hpp"
#include "custody/share_collector.hpp"
#include "custody/vault_store.hpp"

namespace vitrine::custody {

/// Hands a mail to a server. Thread-safe.
using MailPort = std::function<Result<void>(const std::string& address, const Mail& mail)>;

struct VaultOptions {
  Rules rules;
  std::string service;          ///< the member that machines read as
  crypto::Hash service_seed{};  ///< of its key
  LogPort log;
  std::vector<CustodianPort> custodians;  ///< in the order of the rules
  MailPort mail = {};                     ///< none: no mail is sent
};

/// Thread-safe.
class Vault final : public VaultPort {
 public:
  [[nodiscard]] static Result<std::unique_ptr<Vault>> open(store::Database& database, VaultOptions options,
                                                           const Clock& clock);
  ~Vault() override;

  [[nodiscard]] Result<void> put(const SealedRecord& record, const crypto::Hash& receipt_key,
                                 std::int64_t expires_s) override;
  [[nodiscard]] Result<std::vector<RecordInfo>> records_of(std::string_view subject) override;
  [[nodiscard]] Result<std::int64_t> erase(std::string_view subject, std::string_view data_class) override;
  [[nodiscard]] Result<std::vector<std::string>> read_own(std::string_view subject,
                                                          std::string_view data_class) override;
  [[nodiscard]] Result<void> mail(std::string_view subject, std::string_view data_class, std::string_view purpose,
                                  const Mail& mail) override;
  [[nodiscard]] Result<void> set_guarded(std::string_view subject, bool guarded) override;
  [[nodiscard]] Result<Request> ask(const Member& reader, std::string_view subject, std::string_view data_class,
                                    std::string_view purpose, std::string_view case_id) override;
  /// Whether the approval is good, custodians judge.
  [[nodiscard]] Result<void> approve(std::string_view request, const Approval& approval) override;
  [[nodiscard]] Result<std::string> open_field(std::string_view request) override;
  [[nodiscard]] Result<std::vector<RequestState>> requests(std::string_view reader, std::size_t limit) override;
  [[nodiscard]] Result<std::vector<Receipt>> receipts(std::string_view subject) override;
  [[nodiscard]] Result<std::vector<std::string>> tags_under(std::string_view root) override;

  /// A machine reads many fields of one class and zone, in one trace. In the order of `records`.
  [[nodiscard]] Result<std::vector<std::string>> read(std::string_view purpose,
                                                      const std::vector<std::string>& records);

  struct Swept {
    std::int64_t destroyed = 0;
    std::optional<std::int64_t> older;  ///< what the day's proof of retention says, if it was due
  };
  /// Destroys what has expired or was sealed anew; once a day it looks whether anything is older than it may be, and
  /// says so in the log.
  [[nodiscard]] Result<Swept> sweep(TimeMs now);
  /// Appends again what may not have reached the log, and is not under way. Gives how many entries that were.
  [[nodiscard]] Result<std::int64_t> repeat_unlogged();

 private:
  struct Attempt;
  class Turns;
  Vault(VaultStore store, VaultOptions options, const Clock& clock);
  [[nodiscard]] std::int64_t now_s() const { return clock_.now() / 1000; }
  Result<void> refuse(const Member& reader, const StoredRecord& record, std::string_view purpose,
                      std::string_view reason);
  [[nodiscard]] Result<Attempt> attempt(const Request& request, const Member& reader,
                                        const std::vector<Approval>& approvals,
                                        const std::vector<StoredRecord>& records);
  Result<void> seal_anew(const std::vector<std::string>& ids, bool guarded, TimeMs& last_ms);
  Result<void> destroy(std::span<const std::string> ids, TimeMs now);

  VaultStore store_;
  const VaultOptions options_;
  const Clock& clock_;
  const crypto::SigningKey service_key_;
  const std::unique_ptr<Turns> turns_;
  ShareCollector collector_;
};

}  // namespace vitrine::custody
