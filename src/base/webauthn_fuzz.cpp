// The bytes of Web Authentication as strangers send them.
#include "base/pch.hpp"
#include "base/webauthn.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace vitrine::webauthn;
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 5) {
    case 0: (void)parse_client_data(bytes); break;
    case 1: (void)check_key(bytes); break;
    case 2: (void)verify(bytes.substr(0, bytes.size() / 2), "data", "client", bytes.substr(bytes.size() / 2)); break;
    case 3:
      if (const auto inner = authenticator_data_of(bytes)) (void)parse_authenticator_data(*inner);
      break;
    default:
      if (const auto parsed = parse_authenticator_data(bytes); parsed && parsed->credential)
        (void)check_key(parsed->credential->cose_key);
  }
  return 0;
}
