// What the service may ask of the vault. The vault is a process of its own; the service holds no key that opens.
#pragma once
#include "custody/opening.hpp"

namespace vitrine::custody {

/// What is known of a record without opening it.
struct RecordInfo {
  std::string id, data_class, zone;
  std::int64_t since_s = 0;
  std::int64_t expires_s = 0;  ///< when the vault destroys it; 0: when the person says so
};

/// What the vault left in the log about a subject's records.
struct Receipt {
  std::string entry;
  std::int64_t at_s = 0;
  std::vector<std::string> tags;  ///< of a batch: all that stand under its root, in order; each tag_bytes long
};

/// A person's request to read a field, and how far it has come.
struct RequestState {
  enum class Stage { waiting, opened, refused };
  Request request;
  std::string subject;
  std::vector<std::string> approvals;  ///< ids of those who signed
  Stage stage = Stage::waiting;
  std::string reason;  ///< why it was last refused
  /// One to open it, each under an entry of its own.
  struct Attempt {
    std::string nonce;             ///< the entry's
    Stage stage = Stage::waiting;  ///< waiting: nothing came of it, custodians were away
    std::string reason;
  };
  std::vector<Attempt> attempts;  ///< oldest first
};

struct Mail {
  std::string title, text;  ///< one line; plain text
  std::string unsubscribe;  ///< https address that takes mail of this kind off when posted to (RFC 8058); empty: none
};

/// Errors of every call: unavailable when the vault, the log, its witnesses or the custodians are away; forbidden when
/// the rules or a custodian say no, with their words. Implementations are thread-safe; calls block.
class VaultPort {
 public:
  virtual ~VaultPort() = default;

  /// Keeps a record; the same again changes nothing.
  [[nodiscard]] virtual Result<void> put(const SealedRecord& record, const crypto::Hash& receipt_key,
                                         std::int64_t expires_s) = 0;
  [[nodiscard]] virtual Result<std::vector<RecordInfo>> records_of(std::string_view subject) = 0;
  /// Destroys a subject's records, or those of one class, and says so in the log. Gives how many there were.
  [[nodiscard]] virtual Result<std::int64_t> erase(std::string_view subject, std::string_view data_class) = 0;

  /// Opens a subject's own fields of a class for them, under `self`. Empty if there are none.
  [[nodiscard]] virtual Result<std::vector<std::string>> read_own(std::string_view subject,
                                                                  std::string_view data_class) = 0;
  /// Sends mail to the address in the subject's newest record of `data_class`; the service never sees the address.
  /// Errors: not_found (no address), unavailable (no mail server is configured, or it does not take the mail).
  [[nodiscard]] virtual Result<void> mail(std::string_view subject, std::string_view data_class,
                                          std::string_view purpose, const Mail& mail) = 0;
  /// Seals everything of a subject anew, guarded by overseers or no more. The old records are destroyed.
  [[nodiscard]] virtual Result<void> set_guarded(std::string_view subject, bool guarded) = 0;

  /// A person asks for one field of one subject. Errors: not_found, forbidden (the refusal is in the log).
  [[nodiscard]] virtual Result<Request> ask(const Member& reader, std::string_view subject, std::string_view data_class,
                                            std::string_view purpose, std::string_view case_id) = 0;
  [[nodiscard]] virtual Result<void> approve(std::string_view request, const Approval& approval) = 0;
  /// Opens it for its reader, once. Errors: not_found, gone (opened before), forbidden (more may sign, then again).
  [[nodiscard]] virtual Result<std::string> open_field(std::string_view request) = 0;
  /// The newest `limit` requests, newest first; of one reader, or of all when `reader` is empty.
  [[nodiscard]] virtual Result<std::vector<RequestState>> requests(std::string_view reader, std::size_t limit) = 0;

  [[nodiscard]] virtual Result<std::vector<Receipt>> receipts(std::string_view subject) = 0;
  /// All tags under the root that a batch's entry names (32 bytes), in order. Error: not_found.
  [[nodiscard]] virtual Result<std::vector<std::string>> tags_under(std::string_view root) = 0;
};

}  // namespace vitrine::custody
