#include "app/vault_client.hpp"

#include "custody/vault_messages.hpp"

namespace vitrine::app {
namespace {

constexpr std::int64_t timeout_ms = 40'000;  // the vault itself gives up sooner
constexpr std::uint64_t answer_bytes_max = 64 << 20;

/// A subject, class or id as part of a path: whatever it holds, it stays one segment.
std::string segment(std::string_view text) {
  constexpr std::string_view plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";
  std::string out;
  for (const char c : text)
    out += plain.find(c) == plain.npos ? fmt::format("%{:02X}", static_cast<unsigned char>(c)) : std::string(1, c);
  return out;
}

std::string subject_path(std::string_view subject, std::string_view rest = "") {
  return fmt::format("/subjects/{}{}", segment(subject), rest);
}

}  // namespace

VaultClient::VaultClient(const std::string& url)
    : clients_(url, {.timeout_ms = timeout_ms, .body_bytes_max = answer_bytes_max}) {}

Result<json::object> VaultClient::call(http::Method method, const std::string& path, const json::object& body) {
  VT_TRY(const auto answer, clients_.send(method, path, body.empty() ? "" : json::serialize(body)));
  VT_TRY(auto value, parse_json(answer, answer_bytes_max));
  if (!value.is_object()) return fail(Errc::internal, "the vault answered with something else");
  return std::move(value.get_object());
}

Result<void> VaultClient::put(const custody::SealedRecord& record, const crypto::Hash& receipt_key,
                              std::int64_t expires_s) {
  VT_CHECK(call(http::Method::post, "/records",
                to_json(custody::RecordToKeep{.record = record, .receipt_key = receipt_key, .expires_s = expires_s})));
  return {};
}

Result<std::vector<custody::RecordInfo>> VaultClient::records_of(std::string_view subject) {
  VT_TRY(const auto answer, call(http::Method::get, subject_path(subject, "/records")));
  return custody::read_list(answer, "records", custody::read_record_info);
}

Result<std::int64_t> VaultClient::erase(std::string_view subject, std::string_view data_class) {
  const auto rest = data_class.empty() ? "" : fmt::format("/records/{}", segment(data_class));
  VT_TRY(const auto answer, call(http::Method::del, subject_path(subject, rest)));
  return int_member(answer, "erased");
}

Result<std::vector<std::string>> VaultClient::read_own(std::string_view subject, std::string_view data_class) {
  VT_TRY(const auto answer,
         call(http::Method::post, subject_path(subject, fmt::format("/records/{}/reading", segment(data_class)))));
  return custody::read_list(answer, "fields", custody::read_text);
}

Result<void> VaultClient::mail(std::string_view subject, std::string_view data_class, std::string_view purpose,
                               const custody::Mail& mail) {
  const custody::MailOrder order{.data_class = std::string(data_class), .purpose = std::string(purpose), .mail = mail};
  VT_CHECK(call(http::Method::post, subject_path(subject, "/mail"), to_json(order)));
  return {};
}

Result<void> VaultClient::set_guarded(std::string_view subject, bool guarded) {
  VT_CHECK(call(http::Method::put, subject_path(subject, "/guarded"), {{"guarded", guarded}}));
  return {};
}

Result<custody::Request> VaultClient::ask(const custody::Member& reader, std::string_view subject,
                                          std::string_view data_class, std::string_view purpose,
                                          std::string_view case_id) {
  const custody::Question question{.reader = reader,
                                   .subject = std::string(subject),
                                   .data_class = std::string(data_class),
                                   .purpose = std::string(purpose),
                                   .case_id = std::string(case_id)};
  VT_TRY(const auto answer, call(http::Method::post, "/requests", to_json(question)));
  return custody::read_request(answer);
}

Result<void> VaultClient::approve(std::string_view request, const custody::Approval& approval) {
  VT_CHECK(call(http::Method::post, fmt::format("/requests/{}/approvals", segment(request)), approval.to_json()));
  return {};
}

Result<std::string> VaultClient::open_field(std::string_view request) {
  VT_TRY(const auto answer, call(http::Method::post, fmt::format("/requests/{}/opening", segment(request))));
  VT_TRY(const auto field, text_member(answer, "field"));
  return std::string(field);
}

Result<std::vector<custody::RequestState>> VaultClient::requests(std::string_view reader, std::size_t limit) {
  VT_TRY(const auto answer,
         call(http::Method::get, fmt::format("/requests?reader={}&limit={}", segment(reader), limit)));
  return custody::read_list(answer, "requests", custody::read_request_state);
}

Result<std::vector<custody::Receipt>> VaultClient::receipts(std::string_view subject) {
  VT_TRY(const auto answer, call(http::Method::get, subject_path(subject, "/receipts")));
  return custody::read_list(answer, "receipts", custody::read_receipt);
}

Result<std::vector<std::string>> VaultClient::tags_under(std::string_view root) {
  VT_TRY(const auto answer,
         call(http::Method::get, fmt::format("/batches/{}", crypto::base64url(crypto::bytes_of(root)))));
  return custody::read_list(answer, "tags", custody::read_bytes);
}

}  // namespace vitrine::app
