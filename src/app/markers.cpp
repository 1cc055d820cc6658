#include "app/markers.hpp"

#include <filesystem>
#include <iostream>

#include "base/crypto.hpp"
#include "base/files.hpp"
#include "base/json.hpp"

namespace vitrine::app {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t file_bytes_max = std::size_t{1} << 32;

struct Spelling {
  std::string name, bytes;
};

/// Base64 has three spellings of the same bytes, by where they stand; the ends depend on their neighbours and are left
/// off.
void add_base64(std::vector<Spelling>& out, const std::string& marker) {
  for (std::size_t before = 0; before < 3; ++before) {
    auto text = crypto::base64(crypto::bytes_of(std::string(before, 'x') + marker));
    const std::size_t first = before == 0 ? 0 : before + 1;
    text = text.substr(first, text.find_last_not_of('=') - first);
    out.push_back({"base64", text});
  }
}

std::vector<Spelling> spellings_of(const std::string& marker) {
  std::vector<Spelling> out = {{"plain", marker}, {"hex", crypto::hex(crypto::bytes_of(marker))}};
  std::string wide;
  for (const char c : marker) wide += std::string{c, '\0'};
  out.push_back({"utf-16", wide});
  add_base64(out, marker);
  return out;
}

}  // namespace

Result<std::vector<MarkerHit>> find_markers(const std::string& directory, const std::vector<std::string>& markers,
                                            std::size_t& files) {
  std::error_code error;
  if (!fs::is_directory(directory, error)) return fail(Errc::invalid_argument, "{} is not a directory", directory);
  std::vector<MarkerHit> out;
  for (const auto& entry : fs::recursive_directory_iterator(directory, error)) {
    if (!entry.is_regular_file()) continue;
    const auto bytes = read_file(entry.path().string(), file_bytes_max);
    if (!bytes && bytes.error().code == Errc::not_found) continue;  // a running service removes files too
    if (!bytes) return std::unexpected(bytes.error());
    ++files;
    for (const auto& marker : markers) {
      if (marker.size() < 6)
        return fail(Errc::invalid_argument, "a marker has at least 6 bytes: shorter ones are found by chance");
      for (const auto& spelling : spellings_of(marker))
        if (bytes->find(spelling.bytes) != bytes->npos) out.push_back({entry.path().string(), marker, spelling.name});
    }
  }
  if (error) return fail(Errc::internal, "cannot read all of {}: {}", directory, error.message());
  return out;
}

Result<void> audit_markers(const MarkersOptions& options) {
  std::size_t files = 0;
  VT_TRY(const auto hits, find_markers(options.directory, options.markers, files));
  if (options.json) {
    json::array list;
    for (const auto& hit : hits)
      list.push_back(json::object{{"file", hit.file}, {"marker", hit.marker}, {"spelling", hit.spelling}});
    std::cout << json::serialize(json::object{{"files", files}, {"hits", std::move(list)}}) << "\n";
  } else {
    for (const auto& hit : hits) std::cout << fmt::format("{}: {} ({})\n", hit.file, hit.marker, hit.spelling);
    std::cout << fmt::format("{} markers looked for in {} files: {} hits\n", options.markers.size(), files,
                             hits.size());
  }
  if (!hits.empty()) return fail(Errc::unprocessable, "personal data stands in {} places: see above", hits.size());
  return {};
}

}  // namespace vitrine::app
