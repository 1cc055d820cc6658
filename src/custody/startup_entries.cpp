#include "custody/startup_entries.hpp"

#include <fstream>

namespace vitrine::custody {

Result<crypto::Hash> hash_of_own_binary() {
  constexpr std::size_t piece_bytes = 1 << 20;
  std::ifstream file("/proc/self/exe", std::ios::binary);
  crypto::Digest digest(crypto::Digest::Kind::sha256);
  std::string piece(piece_bytes, '\0');
  do {
    file.read(piece.data(), static_cast<std::streamsize>(piece.size()));
    digest.update(crypto::bytes_of(std::string_view(piece).substr(0, static_cast<std::size_t>(file.gcount()))));
  } while (file);
  if (!file.eof()) return fail(Errc::internal, "the program's own file cannot be read");
  return crypto::hash_from(digest.finish());
}

std::vector<std::string> startup_entries(const Register& shown, const Running& running, std::int64_t bucket) {
  std::vector<std::string> out;
  const entry::Build build{bucket, running.binary, running.version};
  const auto& builds = shown.builds();
  if (builds.empty() || builds.front().sha256 != build.sha256 || builds.front().version != build.version)
    out.push_back(build.text());
  const auto& models = shown.models();
  if (!models.empty() && models.front().sha256 == running.model) return out;
  if (!models.empty())
    out.push_back(entry::Intervention{bucket, "weights", "operator", "for-you", "settings changed", 0}.text());
  out.push_back(entry::Model{bucket, running.model}.text());
  return out;
}

namespace {

/// A log that has just been started publishes its first checkpoint once its witnesses have answered.
Result<void> read_up_to_now(PublicRegister& shown) {
  constexpr std::chrono::seconds first_checkpoint_within{10};
  constexpr std::chrono::milliseconds pause{20};
  const auto deadline = std::chrono::steady_clock::now() + first_checkpoint_within;
  while (true) {
    const auto read = shown.catch_up();
    if (read || read.error().code != Errc::not_found || std::chrono::steady_clock::now() > deadline) return read;
    std::this_thread::sleep_for(pause);
  }
}

}  // namespace

Result<void> announce(PublicRegister& shown, const Running& running, const LogPort& log, const Clock& clock) {
  VT_CHECK(read_up_to_now(shown));
  const auto entries = shown.view().entries;
  for (const auto& entry : startup_entries(*entries, running, bucket_of(clock.now()))) VT_CHECK(log.append(entry));
  return {};
}

}  // namespace vitrine::custody
