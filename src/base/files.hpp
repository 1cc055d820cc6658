// Small files that must survive a power cut, and descriptors that close themselves.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.hpp"

namespace vitrine {

/// An open file; closed at the end of its scope.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor();
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] bool open() const { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

/// What a file stands in: "." for a bare name.
[[nodiscard]] std::string directory_of(const std::string& path);
/// Makes the names in a directory durable. Thread-safe, as is everything here.
[[nodiscard]] Result<void> sync_directory(const std::string& path);
/// Makes `path` and what is missing above it, for the owner alone.
[[nodiscard]] Result<void> make_directories(const std::string& path);
/// The whole file. Errors: not_found, too_large (over `bytes_max`), internal.
[[nodiscard]] Result<std::string> read_file(const std::string& path, std::size_t bytes_max = 64 << 20);
/// Written aside (path + ".new"), synced, renamed, directory synced: a crash leaves the old file or the new one, whole.
/// One writer a path at a time. Errors: storage_full, internal.
[[nodiscard]] Result<void> write_file_durably(const std::string& path, std::string_view bytes, int mode = 0600);
/// The same without syncing the directory, for whoever writes many and syncs it once.
[[nodiscard]] Result<void> replace_file(const std::string& path, std::string_view bytes, int mode = 0600);
/// As replace_file for many: all are written, then all synced, then all renamed, so that they share the disk's commits.
struct FileBytes {
  std::string path;
  std::string_view bytes;
};
[[nodiscard]] Result<void> replace_files(std::span<const FileBytes> files, int mode = 0600);
/// Written aside and renamed: a reader finds the old file or the new one, whole. A power cut may lose it.
[[nodiscard]] Result<void> publish_file(const std::string& path, std::string_view bytes, int mode = 0600);
/// Takes the exclusive lock of `path` (made if missing) for as long as the descriptor lives.
/// Errors: conflict with `held` as its message, internal.
[[nodiscard]] Result<Descriptor> lock_file(const std::string& path, std::string_view held);

}  // namespace vitrine
