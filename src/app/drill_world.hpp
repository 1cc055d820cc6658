// What a drill happens in: a household of real processes, people with passkeys, and sealed fields.
#pragma once
#include "app/household.hpp"
#include "app/temporary_directory.hpp"
#include "app/vault_client.hpp"
#include "custody/soft_passkey.hpp"

namespace vitrine::app {

/// What a drill tried, and whether the promise held.
class DrillReport {
 public:
  void tried(bool held, std::string what, std::string outcome) {
    steps_.push_back({held, std::move(what), std::move(outcome)});
  }
  /// A step that must fail, with `reason` in what it says.
  template <class T>
  void must_fail(const Result<T>& result, std::string what, std::string_view reason) {
    if (result) return tried(false, std::move(what), "it went through");
    const bool as_expected = result.error().message.find(reason) != std::string::npos;
    tried(as_expected, std::move(what), result.error().message);
  }
  template <class T>
  void must_work(const Result<T>& result, std::string what) {
    tried(result.has_value(), std::move(what), result ? "it works" : result.error().message);
  }

  struct Step {
    bool held;
    std::string what, outcome;
  };
  [[nodiscard]] const std::vector<Step>& steps() const { return steps_; }
  [[nodiscard]] bool held() const { return !steps_.empty() && std::ranges::all_of(steps_, &Step::held); }

 private:
  std::vector<Step> steps_;
};

struct DrillPerson {
  DrillPerson(const std::string& id, custody::Role role, const std::string& zone)
      : passkey(crypto::sha256("drill " + id)), member(passkey.member(id, role, zone)) {}
  custody::SoftPasskey passkey;
  custody::Member member;
};

/// Not thread-safe.
class DrillWorld {
 public:
  /// Two staff and an overseer at home, one of staff abroad; two witnesses, both needed.
  [[nodiscard]] static Result<std::unique_ptr<DrillWorld>> open(
      std::map<std::string, custody::Purpose> purposes = custody::default_purposes());

  /// Seals a field and gives it to the vault.
  [[nodiscard]] Result<custody::SealedRecord> keep(const std::string& subject, const std::string& data_class,
                                                   std::string_view text, bool guarded = false);
  [[nodiscard]] Result<custody::Request> ask(const DrillPerson& reader, const std::string& subject,
                                             const std::string& data_class, const std::string& purpose = "abuse-case");
  [[nodiscard]] Result<void> sign(const custody::Request& request, const DrillPerson& by);
  /// Asks, signs and opens.
  [[nodiscard]] Result<std::string> open_field(const DrillPerson& reader,
                                               std::initializer_list<const DrillPerson*> signers,
                                               const std::string& subject, const std::string& data_class);
  /// Appends to the log as the vault would; the proof.
  [[nodiscard]] Result<std::string> append(const std::string& entry);
  [[nodiscard]] Result<std::string> post(const std::string& role, const std::string& path, const std::string& body);
  /// Every entry of the log, after its checkpoint, cosignatures and hashes were checked as an outsider would.
  [[nodiscard]] Result<std::vector<std::string>> public_entries();
  /// Those of them that the subject's own key recognises.
  [[nodiscard]] Result<std::vector<std::string>> receipts_in_log(const std::string& subject);

  [[nodiscard]] static crypto::Hash receipt_key(const std::string& subject) {
    return crypto::sha256("receipts of " + subject);
  }

  TemporaryDirectory folder;
  std::unique_ptr<Household> household;
  std::unique_ptr<VaultClient> vault;
  SystemClock clock;
  DrillPerson mia{"mia", custody::Role::staff, "home"}, noor{"noor", custody::Role::staff, "home"};
  DrillPerson otto{"otto", custody::Role::overseer, "home"}, fern{"fern", custody::Role::staff, "abroad"};
};

}  // namespace vitrine::app
