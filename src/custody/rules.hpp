// The rules of opening: who holds keys, which purposes exist, what each may read, how often, and who must sign. One
// JSON file whose hash stands in the log; custodians pin it and take another only after it has stood there long enough.
#pragma once
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/crypto.hpp"
#include "base/json.hpp"
#include "log/policy.hpp"

namespace vitrine::custody {

inline constexpr std::size_t rules_bytes_max = 256 << 10;
inline constexpr std::size_t records_per_batch_max = 1'000;

/// What a field is about. Each exists once more for minors, as "minor.<class>", with purposes of its own.
inline constexpr std::array<std::string_view, 7> data_classes = {"identity", "contact", "address", "network",
                                                                 "link",     "payment", "receipt"};
[[nodiscard]] bool is_data_class(std::string_view name);
[[nodiscard]] bool is_class_of_minors(std::string_view data_class);

/// Why a field may be read: a closed list. There is none for finding people, and none called "investigation".
struct Purpose {
  std::set<std::string> classes;
  int signers = 0;              ///< others who must approve, besides whoever reads
  bool service = false;         ///< read by a machine, in batches; else by a person, one field at a time
  std::int64_t per_reader = 0;  ///< fields one reader may open in rolling 12 months
  std::int64_t per_zone = 0;    ///< fields all readers together may open of one zone, in the same time
};

enum class Role { staff, overseer, service };
[[nodiscard]] std::string_view name(Role role);

/// Somebody who may sign: a person with a passkey, or a machine with an Ed25519 key.
struct Member {
  std::string id;  ///< a pseudonym: the log shows it
  Role role = Role::staff;
  std::string zone;
  std::string cose_key;     ///< of a passkey; empty: not a person
  crypto::PublicKey key{};  ///< of a machine
  [[nodiscard]] json::object to_json() const;
};
/// Errors: invalid_argument.
[[nodiscard]] Result<Member> read_member(const json::value& value);

struct KeyHolder {
  std::string name;
  crypto::PublicKey key{};  ///< boxes are sealed to it
};

struct Rules {
  std::vector<KeyHolder> custodians;  ///< number i + 1 holds share i + 1
  int threshold = 2;
  tlog::VerifierKey log;
  tlog::Policy witnesses;
  std::string rp_id;  ///< passkeys of staff are made for this host
  std::set<std::string> zones;
  std::int64_t delay_s = 86'400;  ///< until a change of rules or roster is in force
  std::int64_t freshness_s = 60;  ///< of the cosignatures under an entry that opens something
  std::map<std::string, Purpose> purposes;
  std::vector<Member> members;  ///< in force from the start; later ones come through the log

  [[nodiscard]] std::string text() const;  ///< canonical JSON
  [[nodiscard]] crypto::Hash hash() const { return crypto::sha256(text()); }
};
/// Errors (invalid_argument) name the member.
[[nodiscard]] Result<Rules> read_rules(std::string_view text);

/// Every purpose that a class of data may be read for.
[[nodiscard]] std::set<std::string> purposes_for(const Rules& rules, std::string_view data_class);

/// The eight purposes of the design with limits far below 28 CFR 202.205's lines.
[[nodiscard]] std::map<std::string, Purpose> default_purposes();

}  // namespace vitrine::custody
