// A passkey in software, for drills and tests: nobody stands behind it, so nobody's approval is worth anything.
#pragma once
#include "custody/opening.hpp"

namespace vitrine::custody {

class SoftPasskey {
 public:
  explicit SoftPasskey(const crypto::Hash& seed) : key_(seed) {}
  /// Ed25519 as COSE has it (RFC 9053 §7.2).
  [[nodiscard]] std::string cose_key() const {
    using namespace std::string_view_literals;
    std::string out("\xa4\x01\x01\x03\x27\x20\x06\x21\x58\x20"sv);
    return out.append(crypto::text_of(key_.public_key()));
  }
  [[nodiscard]] Member member(std::string id, Role role, std::string zone) const {
    return {.id = std::move(id), .role = role, .zone = std::move(zone), .cose_key = cose_key()};
  }
  [[nodiscard]] Approval approve(const Request& request, const std::string& by, const std::string& rp_id) const {
    Approval out{.by = by,
                 .authenticator_data = std::string(crypto::text_of(crypto::sha256(rp_id))),
                 .client_data = {},
                 .signature = {}};
    constexpr char present_and_verified = 0x05;
    out.authenticator_data += std::string{present_and_verified, 0, 0, 0, 1};
    out.client_data = fmt::format(R"({{"type":"webauthn.get","challenge":"{}","origin":"https://{}"}})",
                                  crypto::base64url(request.challenge()), rp_id);
    const auto signed_bytes = out.authenticator_data + std::string(crypto::text_of(crypto::sha256(out.client_data)));
    out.signature = crypto::text_of(key_.sign(crypto::bytes_of(signed_bytes)));
    return out;
  }

 private:
  crypto::SigningKey key_;
};

}  // namespace vitrine::custody
