// The bytes of Web Authentication: authenticator data, attestation objects, COSE keys, signatures. Pure functions over
// what strangers send; every one is fuzzed.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/crypto.hpp"
#include "base/result.hpp"

namespace vitrine::webauthn {

inline constexpr std::size_t message_bytes_max = 16 << 10;

/// The key of a new credential, as found in authenticator data.
struct Credential {
  std::string id;
  std::string cose_key;  ///< CBOR, RFC 9052 §7
};

/// WebAuthn §6.1.
struct AuthenticatorData {
  std::string rp_id_hash;  ///< 32 bytes
  bool user_present = false;
  bool user_verified = false;
  std::uint32_t sign_count = 0;
  std::optional<Credential> credential;  ///< in registrations
};

[[nodiscard]] Result<AuthenticatorData> parse_authenticator_data(std::string_view bytes);
/// The authenticator data inside an attestation object (§6.5); the statement itself is not judged.
[[nodiscard]] Result<std::string> authenticator_data_of(std::string_view attestation_object);

/// What the browser says it signed for (§5.8.1).
struct ClientData {
  std::string type, challenge, origin;
  bool cross_origin = false;
};
[[nodiscard]] Result<ClientData> parse_client_data(std::string_view json_text);

/// True for a key whose algorithm and parameters we can verify with.
[[nodiscard]] Result<void> check_key(std::string_view cose_key);
/// Does `signature` by `cose_key` cover authenticator data followed by the hash of the client data? (§7.2 step 20)
[[nodiscard]] Result<bool> verify(std::string_view cose_key, std::string_view authenticator_data,
                                  std::string_view client_data, std::string_view signature);

}  // namespace vitrine::webauthn
