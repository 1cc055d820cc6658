#include "app/doctor.hpp"

#include <filesystem>
#include <iostream>

#include "app/data_directory.hpp"
#include "app/house.hpp"
#include "media/sandbox.hpp"
#include "social/videos.hpp"
#include "store/blobs.hpp"
#include "store/database.hpp"
#include "store/stream.hpp"

namespace vitrine::app {
namespace {

constexpr std::size_t batch = 1'000;
constexpr std::uintmax_t free_bytes_min = 2ULL << 30;

/// Counts what failed and says each result in one line.
class Findings {
 public:
  void report(std::string_view what, const Result<std::string>& outcome) {
    if (!outcome) ++failed_;
    std::cout << (outcome ? "ok    " : "FAIL  ") << what << ": " << (outcome ? *outcome : outcome.error().message)
              << "\n";
  }
  [[nodiscard]] int failed() const { return failed_; }

 private:
  int failed_ = 0;
};

Result<std::string> check_space(const Config& config) {
  std::error_code error;
  const auto space = std::filesystem::space(config.data, error);
  if (error) return fail(Errc::internal, "cannot tell: {}", error.message());
  if (space.available < free_bytes_min)
    return fail(Errc::storage_full, "only {} MiB free; make room for at least {} MiB", space.available >> 20,
                free_bytes_min >> 20);
  return fmt::format("{} GiB free", space.available >> 30);
}

Result<std::string> check_sandbox() {
  VT_CHECK(media::sandbox_available());
  return std::string("FFmpeg runs in bubblewrap");
}

Result<std::string> check_stream(const DataDirectory& directory) {
  VT_TRY(const auto stream, store::open_segments(directory.file("events")));
  return fmt::format("{} records, all checksums good", stream->end());
}

std::vector<std::string> keys_of(const social::Video& video) {
  std::vector<std::string> keys;
  for (const auto& source : video.sources) keys.push_back(source.key);
  if (!video.poster_key.empty()) keys.insert(keys.end(), {video.poster_key, video.thumbnail_key});
  if (!video.hls_key.empty()) keys.push_back(video.hls_key);
  if (video.preview) keys.push_back(video.preview->key);
  return keys;
}

Result<std::string> check_videos(const Config& config, const DataDirectory& directory) {
  VT_TRY(const auto database, open_configured_database(config, directory));
  VT_TRY(const auto blobs, store::open_file_blobs(directory.file("blobs")));
  const SystemClock clock;
  VT_TRY(const auto videos, social::Videos::open(*database, clock));
  std::size_t live = 0, missing = 0;
  for (std::string after;;) {
    VT_TRY(const auto ids, videos->live_ids(after, batch));
    if (ids.empty()) break;
    for (const auto& id : ids) {
      VT_TRY(const auto video, videos->by_id(id));
      ++live;
      for (const auto& key : keys_of(video)) missing += blobs->open(key) ? 0 : 1;
    }
    after = ids.back();
  }
  if (missing > 0)
    return fail(Errc::internal, "{} files of live videos are missing; restore blobs/ from a backup", missing);
  return fmt::format("{} live, every file there", live);
}

}  // namespace

Result<void> doctor(const Config& config) {
  VT_TRY(const auto directory, DataDirectory::open(config.data));
  Findings findings;
  findings.report("space", check_space(config));
  findings.report("sandbox", check_sandbox());
  findings.report("events", check_stream(directory));
  findings.report("videos", check_videos(config, directory));
  if (findings.failed() > 0)
    return fail(Errc::internal, "{} checks failed; the lines above say what to do", findings.failed());
  return {};
}

}  // namespace vitrine::app
