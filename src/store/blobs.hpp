// The blob seam: immutable objects under keys such as "media/01h…/720.mp4". Files now; an object store later.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace vitrine::store {

/// An open object. The descriptor is closed with the last reference.
class BlobFile {
 public:
  BlobFile(int descriptor, std::int64_t size, TimeMs modified) : fd_(descriptor), size_(size), modified_(modified) {}
  ~BlobFile();
  BlobFile(const BlobFile&) = delete;
  BlobFile& operator=(const BlobFile&) = delete;
  [[nodiscard]] int descriptor() const { return fd_; }
  [[nodiscard]] std::int64_t size() const { return size_; }  ///< bytes
  [[nodiscard]] TimeMs modified() const { return modified_; }

 private:
  int fd_;
  std::int64_t size_;
  TimeMs modified_;
};

/// A key is 1 to 512 bytes of [a-z A-Z 0-9 . _ - /], without an empty, "." or ".." segment. Thread-safe.
[[nodiscard]] bool is_blob_key(std::string_view key);

class Blobs {
 public:
  virtual ~Blobs() = default;
  /// Takes over the finished file at `path` (same file system: a rename) as `key`; durable on return. Replaces.
  [[nodiscard]] virtual Result<void> put_file(std::string_view key, const std::string& path) = 0;
  [[nodiscard]] virtual Result<void> put(std::string_view key, std::string_view bytes) = 0;
  /// Errors: not_found, invalid_argument for a key that is none.
  [[nodiscard]] virtual Result<std::shared_ptr<const BlobFile>> open(std::string_view key) const = 0;
  /// Removing what is not there is fine.
  [[nodiscard]] virtual Result<void> remove(std::string_view key) = 0;
  /// Removes everything whose key starts with "prefix/".
  [[nodiscard]] virtual Result<void> remove_all(std::string_view prefix) = 0;
  [[nodiscard]] virtual Result<std::vector<std::string>> list(std::string_view prefix) const = 0;
};

/// Objects as plain files below `directory`: written aside, synced, renamed, directory synced.
[[nodiscard]] Result<std::unique_ptr<Blobs>> open_file_blobs(const std::string& directory);

}  // namespace vitrine::store
