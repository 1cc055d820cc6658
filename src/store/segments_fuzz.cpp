// A stream whose files were damaged anywhere: opening it says so, or what it gives is a beginning of what was appended
// and it goes on from there. It never gives a record that nobody wrote.
#include <filesystem>
#include <fstream>
#include <unistd.h>

#include "base/pch.hpp"
#include "store/stream.hpp"

namespace vitrine::store {
namespace {

namespace fs = std::filesystem;

/// In memory where the machine has such a place: a run opens thousands of streams.
const std::string& folder() {
  static const std::string made = [] {
    const auto base = fs::exists("/dev/shm") ? fs::path("/dev/shm") : fs::temp_directory_path();
    return (base / fmt::format("vitrine-segments-fuzz-{}", ::getpid())).string();
  }();
  return made;
}

class Bytes {
 public:
  Bytes(const unsigned char* data, std::size_t size) : left_(reinterpret_cast<const char*>(data), size) {}
  [[nodiscard]] bool empty() const { return left_.empty(); }
  std::uint8_t byte() {
    if (left_.empty()) return 0;
    const auto out = static_cast<std::uint8_t>(left_.front());
    left_.remove_prefix(1);
    return out;
  }
  std::uint32_t offset() { return static_cast<std::uint32_t>(byte()) << 8 | byte(); }
  std::string_view text() {
    const auto out = left_.substr(0, byte());
    left_.remove_prefix(out.size());
    return out;
  }

 private:
  std::string_view left_;
};

std::vector<std::string> read_all(const Stream& stream) {
  std::vector<std::string> all;
  while (all.size() < stream.end()) {
    const auto some = stream.read(all.size(), 3);
    VT_ASSERT(some.has_value() && !some->empty());
    for (const auto& record : *some) {
      VT_ASSERT(record.sequence == all.size());
      all.push_back(record.data);
    }
  }
  return all;
}

std::vector<std::string> append_some(Bytes& bytes, Stream& stream) {
  std::vector<std::string> appended;
  for (int count = bytes.byte() % 24; count > 0; --count) {
    appended.emplace_back(bytes.text());
    const std::array<std::string_view, 1> one = {appended.back()};
    VT_ASSERT(stream.append(one).value_or(~0ULL) == appended.size() - 1);
  }
  return appended;
}

std::string contents(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// Overwrites, cuts off or lengthens one segment's file.
void damage(Bytes& bytes) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder()))
    if (entry.path().extension() == ".seg") files.push_back(entry.path());
  std::ranges::sort(files);
  const auto file = files[bytes.byte() % files.size()];
  std::string all = contents(file);
  const std::size_t at = std::min<std::size_t>(bytes.offset(), all.size());
  const std::uint8_t how = bytes.byte();
  const std::string_view with = bytes.text();
  switch (how % 4) {
    case 0: all.resize(at); break;
    case 1: all.append(with); break;
    case 2: all.replace(at, std::min(with.size(), all.size() - at), with); break;
    default: all.erase(at, how);
  }
  std::ofstream(file, std::ios::binary | std::ios::trunc) << all;
}

}  // namespace
}  // namespace vitrine::store

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace vitrine::store;
  Bytes bytes(data, size);
  fs::remove_all(folder());
  constexpr StreamOptions options{.segment_bytes_max = 256};
  std::vector<std::string> appended;
  {
    const auto stream = open_segments(folder(), options);
    VT_ASSERT(stream.has_value());
    appended = append_some(bytes, **stream);
  }
  while (!bytes.empty()) damage(bytes);
  if (const auto stream = open_segments(folder(), options)) {
    const auto found = read_all(**stream);
    VT_ASSERT(found.size() <= appended.size() && std::ranges::equal(found, std::span(appended).first(found.size())));
    const std::array<std::string_view, 1> one = {"goes on"};
    VT_ASSERT((*stream)->append(one).value_or(~0ULL) == found.size());
    VT_ASSERT(read_all(**stream).back() == "goes on");
  }
  fs::remove_all(folder());
  return 0;
}
