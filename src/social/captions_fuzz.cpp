// Anything as captions: a clear error, or cues in order and within the limits that, written out, are read the same.
#include <cstddef>
#include <cstdint>

#include "base/unicode.hpp"
#include "social/caption_cues.hpp"

namespace {

using namespace vitrine;
using namespace vitrine::social;

constexpr std::int64_t video_ms = 600'000;

void check_cues(const std::vector<Cue>& cues) {
  VT_ASSERT(!cues.empty() && cues.size() <= cues_max);
  std::int64_t before = 0;
  for (const auto& cue : cues) {
    VT_ASSERT(cue.start_ms >= before && cue.end_ms > cue.start_ms && cue.end_ms <= video_ms + cue_overhang_ms_max);
    const auto points = decode_utf8(cue.text);
    VT_ASSERT(points && !points->empty() && points->size() <= cue_characters_max);
    VT_ASSERT(points->find(U'\0') == std::u32string::npos && !cue.text.contains("\n\n"));
    before = cue.end_ms;
  }
}

void check(std::string_view file, CaptionFormat format) {
  const auto cues = read_captions(file, format, video_ms);
  if (!cues) {
    VT_ASSERT(!cues.error().message.empty());
    return;
  }
  check_cues(*cues);
  const auto written = write_webvtt(*cues);
  // No markup is left: each '<' is escaped, and '>' stands in arrows alone.
  VT_ASSERT(!written.contains('<'));
  // Escaping may make a file longer than may come in.
  if (written.size() > captions_bytes_max) return;
  const auto again = read_captions(written, CaptionFormat::webvtt, video_ms);
  VT_ASSERT(again && *again == *cues);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view file(reinterpret_cast<const char*>(data), size);
  check(file, CaptionFormat::webvtt);
  check(file, CaptionFormat::subrip);
  return 0;
}
