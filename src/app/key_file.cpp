#include "app/key_file.hpp"

#include "base/files.hpp"

namespace vitrine::app {

Result<crypto::Hash> key_file(const std::string& path) {
  crypto::Hash key;
  const auto kept = read_file(path, 4096);
  if (!kept && kept.error().code == Errc::not_found) {
    crypto::random(key);
    VT_CHECK(write_file_durably(path, crypto::text_of(key)));
    return key;
  }
  if (!kept) return std::unexpected(kept.error());
  if (kept->size() != key.size()) return fail(Errc::internal, "the key {} is damaged; restore it from a backup", path);
  std::ranges::copy(*kept, key.begin());
  return key;
}

}  // namespace vitrine::app
