// How the service, drills and benches talk to the vault.
#pragma once
#include "app/role_support.hpp"
#include "base/json.hpp"
#include "custody/vault_port.hpp"

namespace vitrine::app {

/// Errors are those of the vault, with its words. Thread-safe.
class VaultClient final : public custody::VaultPort {
 public:
  explicit VaultClient(const std::string& url);

  [[nodiscard]] Result<void> put(const custody::SealedRecord& record, const crypto::Hash& receipt_key,
                                 std::int64_t expires_s) override;
  [[nodiscard]] Result<std::vector<custody::RecordInfo>> records_of(std::string_view subject) override;
  [[nodiscard]] Result<std::int64_t> erase(std::string_view subject, std::string_view data_class) override;
  [[nodiscard]] Result<std::vector<std::string>> read_own(std::string_view subject,
                                                          std::string_view data_class) override;
  [[nodiscard]] Result<void> mail(std::string_view subject, std::string_view data_class, std::string_view purpose,
                                  const custody::Mail& mail) override;
  [[nodiscard]] Result<void> set_guarded(std::string_view subject, bool guarded) override;
  [[nodiscard]] Result<custody::Request> ask(const custody::Member& reader, std::string_view subject,
                                             std::string_view data_class, std::string_view purpose,
                                             std::string_view case_id) override;
  [[nodiscard]] Result<void> approve(std::string_view request, const custody::Approval& approval) override;
  [[nodiscard]] Result<std::string> open_field(std::string_view request) override;
  [[nodiscard]] Result<std::vector<custody::RequestState>> requests(std::string_view reader,
                                                                    std::size_t limit) override;
  [[nodiscard]] Result<std::vector<custody::Receipt>> receipts(std::string_view subject) override;
  [[nodiscard]] Result<std::vector<std::string>> tags_under(std::string_view root) override;

 private:
  [[nodiscard]] Result<json::object> call(http::Method method, const std::string& path, const json::object& body = {});
  Clients clients_;
};

}  // namespace vitrine::app
