// Whatever the fields of an upload hold, reading gives edits within their limits or an error, and what is kept of them
// is read back as it was.
#include <cstddef>
#include <cstdint>

#include "media/edits.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vitrine;
  using namespace vitrine::media;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  (void)edits_of(text);
  Fields fields;
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    const std::size_t cut = line.find(' ');
    fields.emplace(line.substr(0, cut), cut == std::string_view::npos ? "" : line.substr(cut + 1));
  }
  const auto edits = read_edits(fields);
  if (!edits) return 0;
  VT_ASSERT(edits->trim_start_ms >= 0 && edits->trim_start_ms <= edit_ms_max);
  VT_ASSERT(!edits->trim_end_ms || *edits->trim_end_ms - edits->trim_start_ms >= trimmed_ms_min);
  VT_ASSERT(!edits->loan || edits->loan->end_ms - edits->loan->start_ms <= stitch_ms_max);
  VT_ASSERT(edits_of(edits_text(*edits)).value() == *edits);
  return 0;
}
