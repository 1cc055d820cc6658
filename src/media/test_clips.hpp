// Clips and figures for this room's tests, made and measured by an FFmpeg outside the sandbox: the oracle.
#pragma once
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <string>

#include "base/id.hpp"
#include "base/json.hpp"

namespace vitrine::media::test {

/// A folder that is gone afterwards.
class Folder {
 public:
  Folder() : path_(std::filesystem::temp_directory_path() / ("media-" + new_id(0))) {
    std::filesystem::create_directories(path_);
  }
  ~Folder() {
    std::error_code error;
    std::filesystem::remove_all(path_, error);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  [[nodiscard]] std::string operator/(const std::string& name) const { return path_ / name; }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// Runs a shell command line and gives what it printed on both channels.
inline std::string shell(const std::string& command) {
  std::string text;
  FILE* pipe = ::popen(("( " + command + " ) 2>&1").c_str(), "r");
  if (pipe == nullptr) return text;
  char buffer[4096];
  for (std::size_t n = 0; (n = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;) text.append(buffer, n);
  ::pclose(pipe);
  return text;
}

inline void make_clip(const std::string& arguments, const std::string& path) {
  const std::string said = shell("ffmpeg -v error -nostdin -y " + arguments + " '" + path + "'");
  ASSERT_TRUE(std::filesystem::exists(path)) << arguments << ": " << said;
}

inline json::object ffprobe(const std::string& path) {
  const std::string text = shell("ffprobe -v error -show_format -show_streams -of json '" + path + "'");
  const auto parsed = parse_json(text);
  return parsed && parsed->is_object() ? parsed->get_object() : json::object{};
}

inline std::string read_all(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

inline double number_in(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  if (value == nullptr) return 0;
  if (value->is_string()) return std::atof(value->get_string().c_str());
  return value->is_int64() ? static_cast<double>(value->get_int64()) : 0;
}

/// The first stream of `type`, or an empty object.
inline json::object stream_of(const json::object& probed, std::string_view type) {
  const json::value* streams = probed.if_contains("streams");
  if (streams == nullptr) return {};
  for (const json::value& stream : streams->as_array()) {
    if (std::string_view(stream.at("codec_type").as_string()) == type) return stream.as_object();
  }
  return {};
}

/// Structural similarity (all planes) of a rendition and its source at 10 frames a second, the source brought to the
/// rendition's size by `filters`.
inline double similarity(const std::string& rendition, const std::string& source, const std::string& filters) {
  const std::string said =
      shell("ffmpeg -v info -nostdin -nostats -i '" + rendition + "' -i '" + source +
            "' -lavfi '[0:v:0]fps=10:start_time=0,setpts=N/10/TB[a];[1:v:0]fps=10:start_time=0,setpts=N/10/TB," +
            filters + "[b];[a][b]ssim' -f null -");
  const std::size_t at = said.rfind("All:");
  return at == std::string::npos ? -1 : std::atof(said.c_str() + at + 4);
}

}  // namespace vitrine::media::test
