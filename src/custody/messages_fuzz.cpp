// Rules, members, sealed records, requests, approvals, log entries, and what service and vault say to each other, as
// strangers send them.
#include "base/pch.hpp"
#include "custody/ledger.hpp"
#include "custody/opening.hpp"
#include "custody/public_register.hpp"
#include "custody/vault_messages.hpp"

namespace vitrine::custody {
namespace {

/// What we spell ourselves we read as we spelt it.
template <class T>
void read_again(const T& entry) {
  if constexpr (requires { entry.text(); }) {
    const auto again = read_entry(entry.text());
    VT_ASSERT(again && std::get<T>(*again).text() == entry.text());
  }
}

void read_log_entry(std::string_view bytes) {
  Ledger ledger{Rules()};
  Ledger::FirstSeen first_seen;
  ledger.read(bytes, 1'700'000'000, first_seen);
  (void)ledger.opened_by("mia", "abuse-case", 1'700'000'000);
  if (const auto value = parse_canonical_json(bytes)) VT_ASSERT(*canonical_json(*value) == bytes);
  Register shown{Rules()};
  shown.read(bytes, 1'700'000'000);
  if (const auto entry = read_entry(bytes)) std::visit([](const auto& one) { read_again(one); }, *entry);
}

void read_rules_text(std::string_view bytes) {
  const auto rules = read_rules(bytes);
  if (!rules) return;
  const auto again = read_rules(rules->text());
  VT_ASSERT(again && again->text() == rules->text());
}

/// What was read is written so that it is read again as the same.
template <class T>
void read_twice(Result<T> (*read)(const vitrine::json::value&), const vitrine::json::value& value) {
  const auto once = read(value);
  if (!once) return;
  const auto text = vitrine::json::serialize(to_json(*once));
  const auto again = read(*vitrine::parse_json(text, 64 << 20));
  VT_ASSERT(again && vitrine::json::serialize(to_json(*again)) == text);
}

void read_exchange(unsigned char kind, std::string_view bytes) {
  const auto value = vitrine::parse_json(bytes);
  if (!value) return;
  switch (kind % 7) {
    case 0: read_twice(read_record_to_keep, *value); break;
    case 1: read_twice(read_question, *value); break;
    case 2: read_twice(read_mail_order, *value); break;
    case 3: read_twice(read_record_info, *value); break;
    case 4: read_twice(read_receipt, *value); break;
    case 5: read_twice(read_request_state, *value); break;
    default:
      (void)tags_root_in(bytes);
      if (const auto member = read_member(*value)) VT_ASSERT(read_member(member->to_json())->id == member->id);
  }
}

void read_message(unsigned char kind, std::string_view bytes) {
  const auto value = vitrine::parse_json(bytes);
  if (!value) return;
  switch (kind % 5) {
    case 0: (void)read_sealed_record(*value); break;
    case 1:
      if (const auto request = read_request(*value))
        VT_ASSERT(read_request(request->to_json())->hash() == request->hash());
      break;
    case 2: (void)read_opening(*value); break;
    case 3:
      if (const auto approval = read_approval(*value)) {
        const Member nobody{.id = "mia", .zone = "home", .cose_key = approval->signature};
        (void)verify(*approval, Request(), nobody, "localhost");
      }
      break;
    default: (void)read_member(*value);
  }
}

}  // namespace
}  // namespace vitrine::custody

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace vitrine::custody;
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 8) {
    case 0: read_log_entry(bytes); break;
    case 1: read_rules_text(bytes); break;
    case 2: (void)open_box(vitrine::crypto::BoxKey(vitrine::crypto::sha256("fuzz")), bytes); break;
    case 3:
    case 4: read_exchange(data[0] / 8, bytes); break;
    default: read_message(data[0] / 8, bytes);
  }
  return 0;
}
