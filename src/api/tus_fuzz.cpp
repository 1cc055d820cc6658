// Whatever stands in a header field, parsing gives a value within its limits or an error.
#include <cstddef>
#include <cstdint>

#include "api/tus.hpp"
#include "social/videos.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vitrine;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto metadata = api::tus::parse_metadata(text)) VT_ASSERT(metadata->tags.size() <= social::tags_max);
  if (const auto checksum = api::tus::parse_checksum(text)) VT_ASSERT(checksum->digest.size() <= 32);
  if (const auto number = api::tus::parse_number("Upload-Length", text)) VT_ASSERT(*number >= 0);
  return 0;
}
