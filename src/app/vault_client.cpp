#include "app/vault_client.hpp"

namespace vitrine::app {

Result<json::object> VaultClient::call(http::Method method, const std::string& path, const json::object& body) {
  VT_TRY(const auto answer, body_of(client_.send(method, path, {}, body.empty() ? "" : json::serialize(body))));
  VT_TRY(auto value, parse_json(answer, 64 << 20));
  if (!value.is_object()) return fail(Errc::internal, "the vault answered with something else");
  return std::move(value.get_object());
}

Result<void> VaultClient::put(const custody::SealedRecord& record, const crypto::Hash& receipt_key) {
  VT_CHECK(call(http::Method::post, "/records",
                {{"record", record.to_json()}, {"receipt_key", crypto::base64(receipt_key)}}));
  return {};
}

Result<custody::Request> VaultClient::ask(const custody::Member& reader, std::string_view subject,
                                          std::string_view data_class, std::string_view purpose,
                                          std::string_view case_id) {
  VT_TRY(const auto answer, call(http::Method::post, "/requests",
                                 {{"reader", reader.to_json()},
                                  {"subject", subject},
                                  {"class", data_class},
                                  {"purpose", purpose},
                                  {"case", case_id}}));
  return custody::read_request(answer.at("request"));
}

Result<void> VaultClient::approve(const custody::Request& request, const custody::Approval& approval) {
  VT_CHECK(call(http::Method::post, fmt::format("/requests/{}/approvals", request.id), approval.to_json()));
  return {};
}

Result<std::string> VaultClient::open_field(const custody::Request& request) {
  VT_TRY(const auto answer, call(http::Method::post, fmt::format("/requests/{}/open", request.id), {}));
  VT_TRY(const auto field, text_member(answer, "field"));
  return std::string(field);
}

Result<std::vector<std::string>> VaultClient::read(std::string_view purpose, const std::vector<std::string>& records) {
  json::array list;
  for (const auto& one : records) list.emplace_back(one);
  VT_TRY(const auto answer, call(http::Method::post, "/read", {{"purpose", purpose}, {"records", std::move(list)}}));
  std::vector<std::string> out;
  for (const auto& one : answer.at("fields").as_array()) out.emplace_back(one.as_string());
  return out;
}

Result<std::int64_t> VaultClient::erase(std::string_view subject) {
  VT_TRY(const auto answer, call(http::Method::del, fmt::format("/subjects/{}", subject), {}));
  return int_member(answer, "erased");
}

Result<std::vector<std::string>> VaultClient::receipts(std::string_view subject) {
  VT_TRY(const auto answer, call(http::Method::get, fmt::format("/subjects/{}/receipts", subject), {}));
  std::vector<std::string> out;
  for (const auto& one : answer.at("receipts").as_array()) out.emplace_back(one.as_object().at("entry").as_string());
  return out;
}

}  // namespace vitrine::app
