#include "app/data_directory.hpp"

#include <fcntl.h>
#include <filesystem>
#include <sys/file.h>
#include <unistd.h>

#include "base/crypto.hpp"

namespace vitrine::app {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t key_bytes = 32;

/// Closes a descriptor at the end of its scope.
struct Descriptor {
  int fd;
  ~Descriptor() {
    if (fd >= 0) ::close(fd);
  }
};

Result<void> sync_directory(const std::string& path) {
  const Descriptor directory{::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (directory.fd < 0 || ::fsync(directory.fd) != 0)
    return std::unexpected(system_error("syncing a directory", errno));
  return {};
}

Result<std::string> read_key(const std::string& path) {
  const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (file.fd < 0) return std::unexpected(system_error("opening a key", errno));
  std::array<char, key_bytes + 1> bytes;
  if (::read(file.fd, bytes.data(), bytes.size()) != static_cast<ssize_t>(key_bytes))
    return fail(Errc::internal, "a key in the data directory is damaged; restore keys/ from a backup");
  return std::string(bytes.data(), key_bytes);
}

/// Written aside, synced, renamed: a crash leaves a whole key or none.
Result<void> write_key(const std::string& directory, const std::string& path) {
  std::string key(key_bytes, '\0');
  crypto::random({reinterpret_cast<unsigned char*>(key.data()), key.size()});
  const std::string aside = path + ".new";
  const Descriptor file{::open(aside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)};
  if (file.fd < 0 || ::write(file.fd, key.data(), key.size()) != static_cast<ssize_t>(key.size()) ||
      ::fsync(file.fd) != 0 || ::rename(aside.c_str(), path.c_str()) != 0)
    return std::unexpected(system_error("writing a key", errno));
  return sync_directory(directory);
}

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
  const std::string directory = file("keys"), path = directory + "/" + std::string(name);
  if (!fs::exists(path)) VT_CHECK(write_key(directory, path));
  return read_key(path);
}

}  // namespace vitrine::app
