// What the vault keeps on its disk: sealed records, people's requests, and what it left in the log about whom.
//
// Operation: an entry is noted here before it goes into the log, and marked once it is known to be there. So after a
// crash the vault knows of every entry that may be in the log, and its list for a person and the log agree.
#pragma once
#include "custody/vault_port.hpp"
#include "store/database.hpp"

namespace vitrine::custody {

struct StoredRecord {
  SealedRecord sealed;
  crypto::Hash receipt_key{};  ///< names the subject in the log so that only the subject knows
  std::int64_t since_s = 0, expires_s = 0;
  std::string replaces;  ///< the record that was sealed anew as this one: from here on it counts no more
};

struct StoredRequest {
  RequestState state;
  Member reader;
  std::vector<Approval> approvals;
};

/// An entry of the log and whom it concerns.
struct NotedEntry {
  std::string text;
  std::int64_t at_s = 0;
  std::set<std::string> subjects;
  std::vector<std::string> tags;  ///< of a batch, in order
};

/// Thread-safe. Errors not named are the database's.
class VaultStore {
 public:
  [[nodiscard]] static Result<VaultStore> open(store::Database& database);

  /// Keeps all or none; those that are kept already change nothing.
  [[nodiscard]] Result<void> put(const std::vector<StoredRecord>& records);
  /// Error: not_found.
  [[nodiscard]] Result<StoredRecord> record(std::string_view id);
  /// Those that may be opened at `now_s`, oldest first; of all classes when `data_class` is empty.
  [[nodiscard]] Result<std::vector<RecordInfo>> records_of(std::string_view subject, std::string_view data_class,
                                                           std::int64_t now_s);
  /// Ids of all that is kept of a subject, whether it may be opened or not.
  [[nodiscard]] Result<std::vector<std::string>> ids_of(std::string_view subject, std::string_view data_class);
  [[nodiscard]] Result<std::vector<std::string>> expired(std::int64_t now_s);
  /// Those that others replace; of everybody when `subject` is empty.
  [[nodiscard]] Result<std::vector<std::string>> replaced(std::string_view subject);
  [[nodiscard]] Result<void> remove(std::span<const std::string> ids);

  [[nodiscard]] Result<void> add(const StoredRequest& request);
  /// Error: not_found.
  [[nodiscard]] Result<StoredRequest> request(std::string_view id);
  /// Adds an approval in place of an earlier one by the same member. Errors: not_found, gone (opened), too_large.
  [[nodiscard]] Result<void> approve(std::string_view id, const Approval& approval);
  [[nodiscard]] Result<std::vector<RequestState>> requests(std::string_view reader, std::size_t limit);

  [[nodiscard]] Result<void> note(const NotedEntry& entry);
  /// The entry is in the log.
  [[nodiscard]] Result<void> mark_logged(std::string_view entry);
  /// As mark_logged, together with what came of an attempt to open a request, and how far that has come by it.
  [[nodiscard]] Result<void> mark_logged(std::string_view entry, const RequestState::Attempt& attempt,
                                         const RequestState& request);
  /// Entries that are not known to be in the log, oldest first.
  [[nodiscard]] Result<std::vector<std::string>> unlogged();
  [[nodiscard]] Result<bool> is_logged(std::string_view entry);
  [[nodiscard]] Result<std::vector<Receipt>> receipts(std::string_view subject);
  [[nodiscard]] Result<void> forget_receipts(std::string_view subject);
  /// Error: not_found.
  [[nodiscard]] Result<std::vector<std::string>> tags_under(std::string_view root);

  /// When the last proof of retention was given; 0: never.
  [[nodiscard]] Result<std::int64_t> last_retention_s();
  [[nodiscard]] Result<void> note_retention(std::int64_t at_s);

 private:
  explicit VaultStore(store::Database& database) : database_(&database) {}

  store::Database* database_;
};

}  // namespace vitrine::custody
