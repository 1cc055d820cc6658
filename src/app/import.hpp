// `vitrine import DIR`: a folder of videos, uploaded through the same API as everybody's.
#pragma once
#include <string>

#include "base/result.hpp"

namespace vitrine::app {

struct ImportOptions {
  std::string directory;
  std::string server_url = "http://127.0.0.1:8080";
  std::string handle, password;
};

/// Uploads every video below the folder, one after the other, and waits until each is live or refused. What was done is
/// noted in DIR/.vitrine-import, so that a second run goes on where the first ended. An error Result when any failed.
[[nodiscard]] Result<void> import_directory(const ImportOptions& options);

}  // namespace vitrine::app
