// How the service, drills and benches talk to the vault.
#pragma once
#include "app/role_support.hpp"
#include "custody/sealing.hpp"
#include "custody/soft_passkey.hpp"

namespace vitrine::app {

/// Not thread-safe. Errors are those of the vault, with its words.
class VaultClient {
 public:
  explicit VaultClient(const std::string& url) : client_(url, {.timeout_ms = 40'000}) {}

  [[nodiscard]] Result<void> put(const custody::SealedRecord& record, const crypto::Hash& receipt_key);
  [[nodiscard]] Result<custody::Request> ask(const custody::Member& reader, std::string_view subject,
                                             std::string_view data_class, std::string_view purpose,
                                             std::string_view case_id);
  [[nodiscard]] Result<void> approve(const custody::Request& request, const custody::Approval& approval);
  [[nodiscard]] Result<std::string> open_field(const custody::Request& request);
  [[nodiscard]] Result<std::vector<std::string>> read(std::string_view purpose,
                                                      const std::vector<std::string>& records);
  [[nodiscard]] Result<std::int64_t> erase(std::string_view subject);
  /// The entries that the vault says it left about a subject.
  [[nodiscard]] Result<std::vector<std::string>> receipts(std::string_view subject);

 private:
  [[nodiscard]] Result<json::object> call(http::Method method, const std::string& path, const json::object& body);
  http::Client client_;
};

}  // namespace vitrine::app
