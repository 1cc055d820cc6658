// Anything as a configuration file: a clear error, or a configuration that passes its own checks and, shown, reads the
// same.
#include <sys/mman.h>
#include <unistd.h>

#include "app/config.hpp"
#include "base/pch.hpp"

namespace {

/// A file in memory, by its path.
class MemoryFile {
 public:
  explicit MemoryFile(std::string_view text) : fd_(::memfd_create("config", 0)) {
    VT_ASSERT(fd_ >= 0 && ::write(fd_, text.data(), text.size()) == static_cast<ssize_t>(text.size()));
  }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  ~MemoryFile() { ::close(fd_); }
  [[nodiscard]] std::string path() const { return fmt::format("/proc/self/fd/{}", fd_); }

 private:
  int fd_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace vitrine::app;
  const MemoryFile file({reinterpret_cast<const char*>(data), size});
  const auto config = load_config(file.path());
  if (!config) {
    VT_ASSERT(!config.error().message.empty());
    return 0;
  }
  if (!check(*config)) return 0;
  const MemoryFile shown(show(*config));
  const auto again = load_config(shown.path());
  VT_ASSERT(again.has_value());
  VT_ASSERT(show(*again) == show(*config));
  return 0;
}
