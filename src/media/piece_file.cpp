#include "media/piece_file.hpp"

#include <unistd.h>

#include "base/log.hpp"
#include "media/uploads.hpp"

namespace vitrine::media {
namespace {

std::optional<crypto::Digest> digest_for(const std::optional<PieceChecksum>& checksum) {
  using Kind = crypto::Digest::Kind;
  if (!checksum) return std::nullopt;
  return crypto::Digest(checksum->algorithm == PieceChecksum::Algorithm::sha1 ? Kind::sha1 : Kind::sha256);
}

}  // namespace

PieceFile::PieceFile(int descriptor, std::int64_t start, std::int64_t end, std::optional<PieceChecksum> checksum,
                     Remember remember)
    : descriptor_(descriptor),
      end_(end),
      written_(start),
      kept_(start),
      checksum_(std::move(checksum)),
      digest_(digest_for(checksum_)),
      remember_(std::move(remember)) {}

PieceFile::~PieceFile() { ::close(descriptor_); }

Result<void> PieceFile::write(std::span<const char> bytes) {
  if (std::ssize(bytes) > end_ - written_) return fail(Errc::too_large, "more bytes than the upload's length");
  if (digest_) digest_->update({reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()});
  while (!bytes.empty()) {
    const ssize_t wrote = ::pwrite(descriptor_, bytes.data(), bytes.size(), written_);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return std::unexpected(system_error("storing an upload", errno));
    written_ += wrote;
    bytes = bytes.subspan(static_cast<std::size_t>(wrote));
  }
  return !digest_ && written_ - kept_ >= sync_every_bytes ? sync() : Result<void>{};
}

Result<void> PieceFile::keep() {
  if (digest_ && !crypto::equal_constant_time(digest_->finish(), checksum_->digest)) {
    drop();
    return fail(Errc::unprocessable, "the piece does not match its checksum: send it again");
  }
  auto synced = sync();
  if (!synced) drop();
  return synced;
}

void PieceFile::keep_partial() {
  if (!digest_) {
    if (auto synced = sync(); !synced) log::warning("upload.keep_partial", {{"error", synced.error().message}});
  }
  drop();
}

Result<void> PieceFile::sync() {
  if (written_ == kept_) return {};
  if (::fdatasync(descriptor_) != 0) return std::unexpected(system_error("storing an upload", errno));
  VT_CHECK(remember_(written_));
  kept_ = written_;
  return {};
}

void PieceFile::drop() {
  if (written_ > kept_ && ::ftruncate(descriptor_, kept_) != 0) log::warning("upload.truncate", {{"errno", errno}});
  written_ = kept_;
}

}  // namespace vitrine::media
