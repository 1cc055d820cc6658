// Blobs as plain files. A reader sees a whole object or none: each is written aside, synced, and renamed into place.
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>

#include "base/crypto.hpp"
#include "store/blobs.hpp"

namespace vitrine::store {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t key_bytes_max = 512;
constexpr std::string_view aside_directory = ".aside";

bool is_key_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

Error bad_key() { return {Errc::invalid_argument, "not a valid object key"}; }

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] int release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

Result<void> sync_path(const std::string& path, int flags) {
  const Descriptor file(::open(path.c_str(), flags | O_CLOEXEC));
  if (file.get() < 0 || ::fsync(file.get()) != 0) return std::unexpected(system_error("syncing an object", errno));
  return {};
}

class FileBlobs final : public Blobs {
 public:
  explicit FileBlobs(std::string root) : root_(std::move(root)) {}

  Result<void> put_file(std::string_view key, const std::string& path) override {
    if (!is_blob_key(key)) return std::unexpected(bad_key());
    VT_CHECK(sync_path(path, O_RDONLY));
    const std::string target = file_of(key);
    VT_CHECK(make_parents(key));
    if (::rename(path.c_str(), target.c_str()) != 0) return std::unexpected(system_error("storing an object", errno));
    return sync_path(fs::path(target).parent_path(), O_RDONLY | O_DIRECTORY);
  }

  Result<void> put(std::string_view key, std::string_view bytes) override {
    if (!is_blob_key(key)) return std::unexpected(bad_key());
    const std::string aside = fmt::format("{}/{}/{}", root_, aside_directory, crypto::random_token(16));
    auto written = write_aside(aside, bytes);
    if (written) written = put_file(key, aside);
    if (!written) ::unlink(aside.c_str());
    return written;
  }

  Result<std::shared_ptr<const BlobFile>> open(std::string_view key) const override {
    if (!is_blob_key(key)) return std::unexpected(bad_key());
    Descriptor file(::open(file_of(key).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    struct stat status {};
    if (file.get() < 0 || ::fstat(file.get(), &status) != 0) {
      if (errno == ENOENT || errno == ENOTDIR) return fail(Errc::not_found, "there is no such file");
      return std::unexpected(system_error("opening an object", errno));
    }
    if (!S_ISREG(status.st_mode)) return fail(Errc::not_found, "there is no such file");
    const TimeMs modified = TimeMs{status.st_mtim.tv_sec} * 1000 + status.st_mtim.tv_nsec / 1'000'000;
    return std::make_shared<const BlobFile>(file.release(), status.st_size, modified);
  }

  Result<void> remove(std::string_view key) override {
    if (!is_blob_key(key)) return std::unexpected(bad_key());
    if (::unlink(file_of(key).c_str()) != 0 && errno != ENOENT && errno != ENOTDIR)
      return std::unexpected(system_error("removing an object", errno));
    return {};
  }

  Result<void> remove_all(std::string_view prefix) override {
    if (!is_blob_key(prefix)) return std::unexpected(bad_key());
    std::error_code error;
    fs::remove_all(file_of(prefix), error);
    if (error) return fail(Errc::internal, "removing objects: {}", error.message());
    return {};
  }

  Result<std::vector<std::string>> list(std::string_view prefix) const override {
    if (!is_blob_key(prefix)) return std::unexpected(bad_key());
    std::vector<std::string> keys;
    std::error_code error;
    for (fs::recursive_directory_iterator it(file_of(prefix), error), end; !error && it != end; it.increment(error)) {
      if (it->is_regular_file(error)) keys.push_back(fs::path(it->path()).lexically_relative(root_).string());
    }
    if (error && error != std::errc::no_such_file_or_directory)
      return fail(Errc::internal, "listing objects: {}", error.message());
    std::ranges::sort(keys);
    return keys;
  }

 private:
  [[nodiscard]] std::string file_of(std::string_view key) const { return fmt::format("{}/{}", root_, key); }

  /// Makes the directories above `key`, and syncs each parent whose entry is new.
  Result<void> make_parents(std::string_view key) const {
    std::string directory = root_;
    for (std::size_t at = key.find('/'); at != std::string_view::npos; at = key.find('/', at + 1)) {
      const std::string next = file_of(key.substr(0, at));
      if (::mkdir(next.c_str(), 0700) == 0)
        VT_CHECK(sync_path(directory, O_RDONLY | O_DIRECTORY));
      else if (errno != EEXIST)
        return std::unexpected(system_error("making a directory", errno));
      directory = next;
    }
    return {};
  }

  static Result<void> write_aside(const std::string& path, std::string_view bytes) {
    const Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (file.get() < 0) return std::unexpected(system_error("writing an object", errno));
    while (!bytes.empty()) {
      const ssize_t wrote = ::write(file.get(), bytes.data(), bytes.size());
      if (wrote < 0 && errno == EINTR) continue;
      if (wrote < 0) return std::unexpected(system_error("writing an object", errno));
      bytes.remove_prefix(static_cast<std::size_t>(wrote));
    }
    return {};
  }

  std::string root_;
};

}  // namespace

BlobFile::~BlobFile() { ::close(fd_); }

bool is_blob_key(std::string_view key) {
  if (key.empty() || key.size() > key_bytes_max) return false;
  for (std::size_t start = 0; start <= key.size();) {
    const std::size_t end = std::min(key.find('/', start), key.size());
    const auto segment = key.substr(start, end - start);
    // A leading dot would also reach the directory for unfinished files.
    if (segment.empty() || segment.front() == '.' || !std::ranges::all_of(segment, is_key_character)) return false;
    start = end + 1;
  }
  return true;
}

Result<std::unique_ptr<Blobs>> open_file_blobs(const std::string& directory) {
  std::error_code error;
  const std::string aside = fmt::format("{}/{}", directory, aside_directory);
  fs::remove_all(aside, error);  // what a crash left unfinished
  fs::create_directories(aside, error);
  if (error) return fail(Errc::internal, "cannot make {}: {}", directory, error.message());
  return std::make_unique<FileBlobs>(directory);
}

}  // namespace vitrine::store
