#include "custody/vault_messages.hpp"

namespace vitrine::custody {
namespace {

constexpr std::array<std::string_view, 3> stages = {"waiting", "opened", "refused"};  // in the order of Stage

Result<const json::object*> object_of(const json::value& value, std::string_view what) {
  if (!value.is_object()) return fail(Errc::invalid_argument, "{} is an object", what);
  return &value.get_object();
}

/// Null when it is missing: reading that fails with words of its own.
const json::value& part(const json::object& object, std::string_view key) {
  static const json::value nothing;
  const auto* found = object.if_contains(key);
  return found ? *found : nothing;
}

std::string_view name(RequestState::Stage stage) { return stages.at(static_cast<std::size_t>(stage)); }

Result<RequestState::Stage> read_stage(const json::object& object) {
  VT_TRY(const auto stage, text_member(object, "stage"));
  const auto* found = std::ranges::find(stages, stage);
  if (found == stages.end()) return fail(Errc::invalid_argument, "a request is waiting, opened or refused");
  return static_cast<RequestState::Stage>(found - stages.begin());
}

json::object to_json(const RequestState::Attempt& attempt) {
  return {{"nonce", attempt.nonce}, {"reason", attempt.reason}, {"stage", name(attempt.stage)}};
}

Result<RequestState::Attempt> read_attempt(const json::value& value) {
  VT_TRY(const auto* object, object_of(value, "an attempt"));
  RequestState::Attempt out;
  VT_TRY(out.nonce, text_member(*object, "nonce"));
  VT_TRY(out.reason, text_member(*object, "reason"));
  VT_TRY(out.stage, read_stage(*object));
  return out;
}

}  // namespace

json::object to_json(const RecordToKeep& what) {
  return {{"expires_s", what.expires_s},
          {"receipt_key", crypto::base64(what.receipt_key)},
          {"record", what.record.to_json()}};
}

Result<RecordToKeep> read_record_to_keep(const json::value& value) {
  VT_TRY(const auto* object, object_of(value, "a record to keep"));
  RecordToKeep out;
  VT_TRY(out.record, read_sealed_record(part(*object, "record")));
  VT_TRY(const auto key, read_bytes(part(*object, "receipt_key")));
  VT_TRY(out.receipt_key, crypto::hash_from(key));
  VT_TRY(out.expires_s, int_member(*object, "expires_s", 0));
  if (out.expires_s < 0) return fail(Errc::invalid_argument, "\"expires_s\" is a time, or 0");
  return out;
}

json::object to_json(const Question& question) {
  return {{"case", question.case_id},
          {"class", question.data_class},
          {"purpose", question.purpose},
          {"reader", question.reader.to_json()},
          {"subject", question.subject}};
}

Result<Question> read_question(const json::value& value) {
  VT_TRY(const auto* object, object_of(value, "a question"));
  Question out;
  VT_TRY(out.reader, read_member(part(*object, "reader")));
  VT_TRY(out.subject, text_member(*object, "subject"));
  VT_TRY(out.data_class, text_member(*object, "class"));
  VT_TRY(out.purpose, text_member(*object, "purpose"));
  VT_TRY(out.case_id, text_member(*object, "case", ""));
  return out;
}

json::object to_json(const MailOrder& order) {
  json::object out{
      {"class", order.data_class}, {"purpose", order.purpose}, {"text", order.mail.text}, {"title", order.mail.title}};
  if (!order.mail.unsubscribe.empty()) out["unsubscribe"] = order.mail.unsubscribe;
  return out;
}

Result<MailOrder> read_mail_order(const json::value& value) {
  VT_TRY(const auto* object, object_of(value, "a mail"));
  MailOrder out;
  VT_TRY(out.data_class, text_member(*object, "class"));
  VT_TRY(out.purpose, text_member(*object, "purpose"));
  VT_TRY(out.mail.title, text_member(*object, "title"));
  VT_TRY(out.mail.text, text_member(*object, "text"));
  VT_TRY(out.mail.unsubscribe, text_member(*object, "unsubscribe", ""));
  return out;
}

json::object to_json(const RecordInfo& info) {
  return {{"class", info.data_class},
          {"expires_s", info.expires_s},
          {"id", info.id},
          {"since_s", info.since_s},
          {"zone", info.zone}};
}

Result<RecordInfo> read_record_info(const json::value& value) {
  VT_TRY(const auto* object, object_of(value, "what is known of a record"));
  RecordInfo out;
  VT_TRY(out.id, text_member(*object, "id"));
  VT_TRY(out.data_class, text_member(*object, "class"));
  VT_TRY(out.zone, text_member(*object, "zone"));
  VT_TRY(out.since_s, int_member(*object, "since_s"));
  VT_TRY(out.expires_s, int_member(*object, "expires_s"));
  return out;
}

json::object to_json(const Receipt& receipt) {
  return {{"at_s", receipt.at_s}, {"entry", receipt.entry}, {"tags", bytes_json(receipt.tags)}};
}

Result<Receipt> read_receipt(const json::value& value) {
  VT_TRY(const auto* object, object_of(value, "a receipt"));
  Receipt out;
  VT_TRY(out.entry, text_member(*object, "entry"));
  VT_TRY(out.at_s, int_member(*object, "at_s"));
  // Only those of batches have any.
  if (!part(*object, "tags").is_null()) {
    VT_TRY(out.tags, read_list(*object, "tags", read_bytes));
  }
  return out;
}

json::object to_json(const RequestState& state) {
  json::array attempts;
  for (const auto& one : state.attempts) attempts.emplace_back(to_json(one));
  return {{"approvals", texts_json(state.approvals)}, {"attempts", std::move(attempts)}, {"reason", state.reason},
          {"request", state.request.to_json()},       {"stage", name(state.stage)},      {"subject", state.subject}};
}

Result<RequestState> read_request_state(const json::value& value) {
  VT_TRY(const auto* object, object_of(value, "a request's state"));
  RequestState out;
  VT_TRY(out.request, read_request(part(*object, "request")));
  VT_TRY(out.subject, text_member(*object, "subject"));
  VT_TRY(out.approvals, read_list(*object, "approvals", read_text));
  VT_TRY(out.reason, text_member(*object, "reason"));
  VT_TRY(out.stage, read_stage(*object));
  VT_TRY(out.attempts, read_list(*object, "attempts", read_attempt));
  return out;
}

json::array texts_json(const std::vector<std::string>& texts) {
  json::array out;
  for (const auto& one : texts) out.emplace_back(one);
  return out;
}

Result<std::string> read_text(const json::value& value) {
  if (!value.is_string()) return fail(Errc::invalid_argument, "a text is a string");
  return std::string(value.get_string());
}

json::array bytes_json(const std::vector<std::string>& items) {
  json::array out;
  for (const auto& one : items) out.emplace_back(crypto::base64(crypto::bytes_of(one)));
  return out;
}

Result<std::string> read_bytes(const json::value& value) {
  if (!value.is_string()) return fail(Errc::invalid_argument, "bytes come in base64");
  return crypto::from_base64(value.get_string());
}

}  // namespace vitrine::custody
