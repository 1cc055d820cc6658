#include "base/files.hpp"

#include <fcntl.h>
#include <filesystem>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace vitrine {
namespace {

Result<void> write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t wrote = ::write(fd, bytes.data(), bytes.size());
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return std::unexpected(system_error("writing a file", errno));
    bytes.remove_prefix(static_cast<std::size_t>(wrote));
  }
  return {};
}

}  // namespace

Descriptor::~Descriptor() {
  if (fd_ >= 0) ::close(fd_);
}

std::string directory_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == path.npos ? "." : path.substr(0, std::max<std::size_t>(slash, 1));
}

Result<void> sync_directory(const std::string& path) {
  const Descriptor directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory.open() || ::fsync(directory.get()) != 0)
    return std::unexpected(system_error("syncing a directory", errno));
  return {};
}

Result<void> make_directories(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) return std::unexpected(system_error("making a directory", error.value()));
  std::filesystem::permissions(path, std::filesystem::perms::owner_all, error);
  return {};
}

Result<std::string> read_file(const std::string& path, std::size_t bytes_max) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.open() && (errno == ENOENT || errno == ENOTDIR)) return fail(Errc::not_found, "there is no such file");
  struct stat status {};
  if (!file.open() || ::fstat(file.get(), &status) != 0) return std::unexpected(system_error("opening a file", errno));
  if (!S_ISREG(status.st_mode)) return fail(Errc::not_found, "it is not a file");
  if (static_cast<std::size_t>(status.st_size) > bytes_max)
    return fail(Errc::too_large, "a file of {} bytes; at most {}", status.st_size, bytes_max);
  std::string out(static_cast<std::size_t>(status.st_size), '\0');
  std::size_t got = 0;
  while (got < out.size()) {
    const ssize_t count = ::read(file.get(), out.data() + got, out.size() - got);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return std::unexpected(system_error("reading a file", errno));
    if (count == 0) break;
    got += static_cast<std::size_t>(count);
  }
  out.resize(got);
  return out;
}

namespace {

std::string aside(const std::string& path) { return path + ".new"; }

Result<Descriptor> write_aside(const std::string& path, std::string_view bytes, int mode) {
  Descriptor file(::open(aside(path).c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode));
  if (!file.open()) return std::unexpected(system_error("making a file", errno));
  VT_CHECK(write_all(file.get(), bytes));
  return file;
}

Result<void> put_in_place(const std::string& path) {
  if (::rename(aside(path).c_str(), path.c_str()) != 0) return std::unexpected(system_error("renaming a file", errno));
  return {};
}

}  // namespace

Result<void> replace_files(std::span<const FileBytes> files, int mode) {
  std::vector<Descriptor> open_files;
  for (const auto& file : files) {
    VT_TRY(open_files.emplace_back(), write_aside(file.path, file.bytes, mode));
  }
  for (const auto& file : open_files)
    if (::fdatasync(file.get()) != 0) return std::unexpected(system_error("syncing a file", errno));
  for (const auto& file : files) VT_CHECK(put_in_place(file.path));
  return {};
}

Result<void> replace_file(const std::string& path, std::string_view bytes, int mode) {
  const FileBytes file{path, bytes};
  return replace_files({&file, 1}, mode);
}

Result<void> publish_file(const std::string& path, std::string_view bytes, int mode) {
  VT_CHECK(write_aside(path, bytes, mode));
  return put_in_place(path);
}

Result<void> write_file_durably(const std::string& path, std::string_view bytes, int mode) {
  VT_CHECK(replace_file(path, bytes, mode));
  return sync_directory(directory_of(path));
}

Result<Descriptor> lock_file(const std::string& path, std::string_view held) {
  Descriptor lock(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!lock.open()) return std::unexpected(system_error("opening a lock", errno));
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) return fail(Errc::conflict, "{}", held);
  return lock;
}

}  // namespace vitrine
