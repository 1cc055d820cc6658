// Uploads that survive bad networks: what tus 1.0 needs, without HTTP (api/uploads.cpp speaks that).
//
// An upload is a file in the quarantine directory and a row. Only bytes that were synced count as received: the row's
// offset moves after fdatasync, every few MiB and at the end of each piece, so that it survives a crash or a power cut.
// A finished upload is handed over (to become a video) exactly as often as it takes: the hand-over is idempotent, and
// one that a crash cut off is done again at start.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "media/edits.hpp"
#include "media/piece_file.hpp"
#include "store/database.hpp"

namespace vitrine::media {

inline constexpr std::int64_t upload_bytes_max = 2LL << 30;  ///< 2 GiB
inline constexpr std::int64_t sync_every_bytes = 8 << 20;
inline constexpr TimeMs upload_lifetime_ms = 24LL * 3600 * 1000;  ///< after the last piece
inline constexpr std::int64_t unfinished_uploads_max = 20;        ///< an account
inline constexpr std::int64_t day_bytes_max = 10LL << 30;         ///< an account, in 24 hours
inline constexpr std::int64_t day_uploads_max = 500;              ///< an account, in 24 hours
inline constexpr std::int64_t spare_bytes_min = 32 << 20;         ///< an upload that would leave less is not begun

/// What the creator says about the video, taken from tus' Upload-Metadata.
struct UploadMetadata {
  std::string filename, filetype, caption;
  std::vector<std::string> tags;
  Edits edits = {};
  std::string audience, comment_permission, duet_permission;  ///< names; empty: not said
  std::vector<std::string> labels;
  bool draft = false;
  std::optional<TimeMs> publish_at;
  std::string replaces;  ///< the video whose media this is to take the place of; empty: a new video
};

struct Upload {
  std::string id;  ///< becomes the video's
  std::string account_id;
  std::int64_t length = 0, offset = 0;  ///< bytes
  TimeMs expires_at = 0;
  bool finished = false;
  UploadMetadata metadata;
};

struct FinishedUpload {
  std::string id, account_id, path;
  UploadMetadata metadata;
  std::int64_t bytes = 0;
  std::string sha256;  ///< lower-case hex, of the whole file
};
/// Makes a video of it. Must be idempotent, and takes over the file at `path`.
using HandOver = std::function<Result<void>(const FinishedUpload&)>;

/// One piece on its way in. Not thread-safe; exactly one of finish and abort ends it.
class Piece {
 public:
  virtual ~Piece() = default;
  /// Errors: conflict (another connection has taken over), too_large, storage_full.
  [[nodiscard]] virtual Result<void> write(std::span<const char> bytes) = 0;
  /// The upload as it stands now. Errors: as write; unprocessable when the checksum does not match (the piece is
  /// dropped).
  [[nodiscard]] virtual Result<Upload> finish() = 0;
  /// The connection broke: what came is kept, unless a checksum was promised.
  virtual void abort() = 0;
};

/// Thread-safe. Calls block on disk and database.
class Uploads {
 public:
  /// `directory` is the quarantine. Cuts files back to what was acknowledged; hands over what waits.
  [[nodiscard]] static Result<std::unique_ptr<Uploads>> open(store::Database& database, const Clock& clock,
                                                             std::string directory, HandOver hand_over);
  ~Uploads();

  /// Errors: too_large, too_many_requests (quota), storage_full.
  [[nodiscard]] Result<Upload> create(std::string_view account_id, std::int64_t length, const UploadMetadata& metadata);
  /// What a piece under way has brought so far is acknowledged first, so that the offset is the true one.
  /// Errors: not_found (also for somebody else's), gone (expired).
  [[nodiscard]] Result<Upload> find(std::string_view account_id, std::string_view id) const;
  /// Starts a piece at `offset`. A piece that another connection still holds is ended first. Errors: conflict (offset
  /// is not where the upload stands), too_large (`length` goes past the end).
  [[nodiscard]] Result<std::unique_ptr<Piece>> append(std::string_view account_id, std::string_view id,
                                                      std::int64_t offset, std::optional<std::int64_t> length,
                                                      std::optional<PieceChecksum> checksum);
  [[nodiscard]] Result<void> terminate(std::string_view account_id, std::string_view id);
  /// Removes what has expired; called now and then. Gives how many.
  [[nodiscard]] Result<std::int64_t> sweep();
  /// Removes all unfinished uploads of an account.
  [[nodiscard]] Result<void> erase_account(std::string_view account_id);
  /// Tries again to hand over what could not be; called now and then.
  [[nodiscard]] Result<void> hand_over_finished();

 private:
  struct Impl;
  explicit Uploads(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace vitrine::media
