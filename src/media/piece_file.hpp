// The file of one upload while a piece of it is being sent. Bytes count once keep() has synced them and told so.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>

#include "base/crypto.hpp"
#include "base/result.hpp"

namespace vitrine::media {

/// A checksum that the client sent with a piece.
struct PieceChecksum {
  enum class Algorithm { sha1, sha256 };
  Algorithm algorithm = Algorithm::sha256;
  std::string digest;  ///< raw bytes
};

/// Not thread-safe.
class PieceFile {
 public:
  /// Told the offset up to which bytes are on disk; they are acknowledged once it returns.
  using Remember = std::function<Result<void>(std::int64_t offset)>;

  /// Takes over `descriptor`. Bytes go to [start, end).
  PieceFile(int descriptor, std::int64_t start, std::int64_t end, std::optional<PieceChecksum> checksum,
            Remember remember);
  ~PieceFile();
  PieceFile(const PieceFile&) = delete;
  PieceFile& operator=(const PieceFile&) = delete;

  /// Errors: too_large past the end, storage_full.
  [[nodiscard]] Result<void> write(std::span<const char> bytes);
  /// Acknowledges all that came. A piece with a checksum must match it by now (unprocessable); else it is dropped.
  [[nodiscard]] Result<void> keep();
  /// Acknowledges what came so far of a piece that goes on; one with a checksum has to be whole first.
  [[nodiscard]] Result<void> keep_so_far() { return digest_ ? Result<void>{} : sync(); }
  /// Goes back to what was acknowledged.
  void drop();
  /// Acknowledges what may be: all that came, or nothing of a piece that promised a checksum.
  void keep_partial();

  [[nodiscard]] std::int64_t kept() const { return kept_; }  ///< acknowledged up to here

 private:
  [[nodiscard]] Result<void> sync();

  int descriptor_;
  std::int64_t end_;
  std::int64_t written_, kept_;
  std::optional<PieceChecksum> checksum_;
  std::optional<crypto::Digest> digest_;
  Remember remember_;
};

}  // namespace vitrine::media
