// Looks for planted personal data in every file below a directory.
#pragma once
#include <string>
#include <vector>

#include "base/result.hpp"

namespace vitrine::app {

struct MarkerHit {
  std::string file, marker;
  std::string spelling;  ///< "plain", "hex", "base64", "utf-16"
};

/// `files` counts what was read. Errors: invalid_argument (no such directory, an empty marker), internal.
[[nodiscard]] Result<std::vector<MarkerHit>> find_markers(const std::string& directory,
                                                          const std::vector<std::string>& markers, std::size_t& files);

struct MarkersOptions {
  std::string directory;
  std::vector<std::string> markers;
  bool json = false;
};
/// Prints the hits; an error (unprocessable) if there is any.
[[nodiscard]] Result<void> audit_markers(const MarkersOptions& options);

}  // namespace vitrine::app
