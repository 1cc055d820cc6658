// Sealing a field: anybody with the custodians' public keys can; nobody alone can open. Pure functions, thread-safe.
#pragma once
#include "custody/rules.hpp"
#include "custody/shares.hpp"

namespace vitrine::custody {

inline constexpr std::size_t field_bytes_max = 16 << 10;
inline constexpr std::size_t tag_bytes = 16;

struct Field {
  std::string subject;     ///< a pseudonym
  std::string data_class;  ///< see data_classes
  std::string zone;
  std::set<std::string> purposes;
  crypto::Hash receipt_key{};  ///< of the subject
  bool guarded = false;        ///< of an exposed person or a minor: an overseer must approve
};

/// What is stored: of use to nobody without the custodians.
struct SealedRecord {
  std::string id;
  std::string subject, data_class, zone;
  std::string ciphertext;
  std::vector<std::string> boxes;  ///< for custodian 1, 2, …
  [[nodiscard]] json::object to_json() const;
};
/// Errors: invalid_argument.
[[nodiscard]] Result<SealedRecord> read_sealed_record(const json::value& value);

/// Errors: invalid_argument (a class, zone or purpose that the rules do not have), too_large.
[[nodiscard]] Result<SealedRecord> seal(const Rules& rules, const Field& field, std::string_view plaintext, TimeMs now);

/// What a custodian finds in its box: its share and, inseparable from it, what the share may be used for.
struct Label {
  std::string record, data_class, zone;
  crypto::Hash ciphertext{};  ///< SHA-256
  std::set<std::string> purposes;
  crypto::Hash receipt_key{};
  bool guarded = false;
  int number = 0, threshold = 0;
  Share share{};
  crypto::Hash mask{};  ///< the same for all custodians of a record
};
/// Errors: forbidden (not sealed to this key), invalid_argument.
[[nodiscard]] Result<Label> open_box(const crypto::BoxKey& key, std::string_view box);

/// The plaintext, by the key that the shares gave. Error: forbidden (they do not belong together, or to this record).
[[nodiscard]] Result<std::string> open_record(const SealedRecord& record, const crypto::Hash& key);

/// How an entry names a subject so that nobody else recognises it: HMAC-SHA-256(receipt key, nonce), 16 bytes.
[[nodiscard]] std::string subject_tag(const crypto::Hash& receipt_key, std::string_view nonce);

}  // namespace vitrine::custody
