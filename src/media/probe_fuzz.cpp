// What ffprobe may say of a hostile file, and the file's first bytes: facts within the limits, or a reason.
#include "base/pch.hpp"
#include "media/probe.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace vitrine::media;
  const std::string_view all(reinterpret_cast<const char*>(data), size);
  (void)sniff(all);
  // The JSON comes first, then lines of packets.
  const std::size_t cut = std::min(all.find("\n\n"), all.size());
  auto probe = parse_probe(all.substr(0, cut), "mov", static_cast<std::int64_t>(size));
  if (!probe) return 0;
  Tail tail;
  for (std::string_view rest = all.substr(cut); !rest.empty();) {
    const auto line = rest.substr(0, rest.find('\n'));
    tail.add(line, *probe);
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
  }
  const auto settled = settle(*std::move(probe), tail);
  if (!settled) return 0;
  VT_ASSERT(settled->duration_s > 0 && settled->duration_s <= duration_s_max + duration_tolerance_s);
  VT_ASSERT(settled->video.display_width >= side_pixels_min && settled->video.display_height >= side_pixels_min);
  VT_ASSERT(settled->video.coded_width <= side_pixels_max && settled->video.coded_height <= side_pixels_max);
  VT_ASSERT(settled->video.rate > 0);
  return 0;
}
