// What the service and the vault say to each other, as JSON; docs/formats/custody.md has every member. Reading gives
// invalid_argument for what is not so. Pure functions, thread-safe.
#pragma once
#include "custody/vault_port.hpp"

namespace vitrine::custody {

/// A record to be kept.
struct RecordToKeep {
  SealedRecord record;
  crypto::Hash receipt_key{};
  std::int64_t expires_s = 0;
};
/// A person's wish to read a field.
struct Question {
  Member reader;
  std::string subject, data_class, purpose, case_id;
};
struct MailOrder {
  std::string data_class, purpose;
  Mail mail;
};

[[nodiscard]] json::object to_json(const RecordToKeep& what);
[[nodiscard]] Result<RecordToKeep> read_record_to_keep(const json::value& value);
[[nodiscard]] json::object to_json(const Question& question);
[[nodiscard]] Result<Question> read_question(const json::value& value);
[[nodiscard]] json::object to_json(const MailOrder& order);
[[nodiscard]] Result<MailOrder> read_mail_order(const json::value& value);

[[nodiscard]] json::object to_json(const RecordInfo& info);
[[nodiscard]] Result<RecordInfo> read_record_info(const json::value& value);
/// Also what a person gets at /my/receipts.
[[nodiscard]] json::object to_json(const Receipt& receipt);
[[nodiscard]] Result<Receipt> read_receipt(const json::value& value);
[[nodiscard]] json::object to_json(const RequestState& state);
[[nodiscard]] Result<RequestState> read_request_state(const json::value& value);

/// Lists of such, and of texts, as the member `key` of an object.
template <class T>
[[nodiscard]] json::array list_json(const std::vector<T>& items) {
  json::array out;
  for (const auto& one : items) out.emplace_back(to_json(one));
  return out;
}
template <class T>
[[nodiscard]] Result<std::vector<T>> read_list(const json::object& object, std::string_view key,
                                               Result<T> (*read)(const json::value&)) {
  const auto* list = object.if_contains(key);
  if (!list || !list->is_array()) return fail(Errc::invalid_argument, "\"{}\" is a list", key);
  std::vector<T> out;
  for (const auto& one : list->get_array()) {
    VT_TRY(out.emplace_back(), read(one));
  }
  return out;
}
[[nodiscard]] json::array texts_json(const std::vector<std::string>& texts);
[[nodiscard]] Result<std::string> read_text(const json::value& value);
/// Bytes, in base64.
[[nodiscard]] json::array bytes_json(const std::vector<std::string>& items);
[[nodiscard]] Result<std::string> read_bytes(const json::value& value);

}  // namespace vitrine::custody
