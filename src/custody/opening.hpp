// What is said when a field is opened: the request, its approvals, the entry that makes it public, and the shares that
// come back. docs/formats/custody.md has every byte. Pure functions, thread-safe.
#pragma once
#include <optional>

#include "custody/sealing.hpp"
#include "log/merkle.hpp"

namespace vitrine::custody {

inline constexpr std::int64_t bucket_s = 3'600;  ///< the log tells the hour of an opening, no more
inline constexpr std::size_t nonce_bytes = 16;
inline constexpr std::size_t approvals_max = 16;  ///< under one request

[[nodiscard]] inline std::int64_t bucket_of(TimeMs now) { return now / 1000 / bucket_s * bucket_s; }

/// Who wants to read what, and why. What approvals are over.
struct Request {
  std::string id;
  std::string reader;  ///< a member's pseudonym
  std::string purpose;
  std::string case_id;  ///< what it is for, in the operator's own words; hidden from the log by the commitment
  std::string data_class, zone;
  std::vector<std::string> records;  ///< one, unless a machine reads
  std::int64_t created_s = 0;
  [[nodiscard]] json::object to_json() const;
  [[nodiscard]] crypto::Hash hash() const;
  /// What a passkey or a machine signs: 32 bytes.
  [[nodiscard]] crypto::Hash challenge() const;
};
/// Errors: invalid_argument.
[[nodiscard]] Result<Request> read_request(const json::value& value);

/// Binds the vault's one-time key to the request; the entry carries its hash.
struct Opening {
  crypto::Hash request{};
  crypto::PublicKey vault_key{};
  crypto::Hash salt{};
  [[nodiscard]] json::object to_json() const;
  [[nodiscard]] crypto::Hash commitment() const;
};
[[nodiscard]] Result<Opening> read_opening(const json::value& value);

/// A member's word for a request: a WebAuthn assertion, or an Ed25519 signature over the challenge.
struct Approval {
  std::string by;
  std::string authenticator_data, client_data;  ///< of a passkey
  std::string signature;
  [[nodiscard]] json::object to_json() const;
};
[[nodiscard]] Result<Approval> read_approval(const json::value& value);
/// Errors: forbidden.
[[nodiscard]] Result<void> verify(const Approval& approval, const Request& request, const Member& by,
                                  const std::string& rp_id);

/// The public entry of an opening, as one line of canonical JSON: "access" for one field, "batch" for a machine's.
/// Vault and custodians each compute it; only the same bytes will do.
[[nodiscard]] std::string access_entry(const Request& request, const Member& reader, std::int64_t bucket,
                                       std::string_view nonce, std::span<const std::string> tags,
                                       const crypto::Hash& commitment);
/// The root over a batch's tags, as over the leaves of a log.
[[nodiscard]] tlog::Hash root_of_tags(std::span<const std::string> tags);

/// The root that a batch's entry names; nothing if it is another entry.
[[nodiscard]] std::optional<tlog::Hash> tags_root_in(std::string_view entry);

/// What a custodian masks its share of a record with, so that shares given under two entries do not fit together.
[[nodiscard]] crypto::Hash mask_seed(const crypto::Hash& mask, std::string_view entry);

/// How the log names a record that was erased: SHA-256 of its id, which nobody can guess.
[[nodiscard]] std::string erased_name(std::string_view record);

}  // namespace vitrine::custody
