#include "app/data_directory.hpp"

#include <fcntl.h>
#include <filesystem>
#include <sys/file.h>
#include <unistd.h>

#include "app/key_file.hpp"

namespace vitrine::app {
namespace {

namespace fs = std::filesystem;

}  // namespace

Result<DataDirectory> DataDirectory::open(const std::string& path, Hold hold) {
  std::error_code error;
  for (const char* part : {"", "/blobs", "/events", "/snapshots", "/quarantine", "/work", "/keys"}) {
    if (!fs::create_directories(path + part, error) && error)
      return fail(Errc::internal, "cannot make the data directory {}: {}", path, error.message());
    fs::permissions(path + part, fs::perms::owner_all, error);
  }
  const int lock = ::open((path + "/lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock < 0) return std::unexpected(system_error("opening the data directory's lock", errno));
  if (hold == Hold::exclusive && ::flock(lock, LOCK_EX | LOCK_NB) != 0) {
    ::close(lock);
    return fail(Errc::conflict, "another vitrine serves {}: stop it first, or choose another --data", path);
  }
  return DataDirectory(fs::absolute(path).string(), lock);
}

DataDirectory::DataDirectory(DataDirectory&& other) noexcept
    : path_(std::move(other.path_)), lock_(std::exchange(other.lock_, -1)) {}

DataDirectory::~DataDirectory() {
  if (lock_ >= 0) ::close(lock_);
}

Result<std::string> DataDirectory::key(std::string_view name) const {
  VT_TRY(const auto key, key_file(fmt::format("{}/keys/{}", path_, name)));
  return std::string(crypto::text_of(key));
}

}  // namespace vitrine::app
