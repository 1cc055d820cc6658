// Whatever is taken for an endpoint is https, names a host and says nothing of the rest twice.
#include "base/web_push.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vitrine;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto half = size / 2;
  (void)web_push::read_keys(text.substr(0, half), text.substr(half));
  const auto endpoint = web_push::read_endpoint(text);
  if (!endpoint) return 0;
  VT_ASSERT(endpoint->url == text && endpoint->port != 0 && !endpoint->host.empty());
  const auto again = web_push::read_endpoint(endpoint->origin + "/");
  VT_ASSERT(again && again->origin == endpoint->origin);
  return 0;
}
