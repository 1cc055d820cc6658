#include "media/uploads.hpp"

#include <condition_variable>
#include <fcntl.h>
#include <filesystem>
#include <set>
#include <sys/stat.h>
#include <unistd.h>

#include "base/crypto.hpp"
#include "base/id.hpp"
#include "base/json.hpp"
#include "base/log.hpp"

namespace vitrine::media {
namespace {

namespace fs = std::filesystem;

constexpr TimeMs day_ms = 24LL * 3600 * 1000;
constexpr std::size_t filename_bytes_max = 255;
constexpr std::chrono::seconds takeover_wait_max{10};

constexpr std::array<store::Migration, 1> migrations{{
    {1, R"(
CREATE TABLE uploads (
  id TEXT PRIMARY KEY, account_id TEXT NOT NULL, length BIGINT NOT NULL, received BIGINT NOT NULL,
  metadata TEXT NOT NULL, created_at BIGINT NOT NULL, expires_at BIGINT NOT NULL, handed_over BIGINT NOT NULL DEFAULT 0);
CREATE INDEX uploads_of_account ON uploads(account_id, created_at);
CREATE INDEX uploads_by_expiry ON uploads(expires_at);
)"},
}};

constexpr std::string_view columns = "id, account_id, length, received, metadata, expires_at, handed_over";

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

std::string metadata_text(const UploadMetadata& metadata) {
  json::array tags(metadata.tags.begin(), metadata.tags.end());
  return json::serialize(json::value{{"filename", metadata.filename},
                                     {"filetype", metadata.filetype},
                                     {"caption", metadata.caption},
                                     {"tags", std::move(tags)}});
}

UploadMetadata metadata_of(const std::string& text) {
  const json::value value = json::parse(text);
  const auto& object = value.as_object();
  UploadMetadata metadata{.filename = std::string(object.at("filename").as_string()),
                          .filetype = std::string(object.at("filetype").as_string()),
                          .caption = std::string(object.at("caption").as_string())};
  for (const auto& tag : object.at("tags").as_array()) metadata.tags.emplace_back(tag.as_string());
  return metadata;
}

Upload upload_of(const store::Row& row) {
  Upload upload{.id = row.text(0),
                .account_id = row.text(1),
                .length = row.integer(2),
                .offset = row.integer(3),
                .expires_at = row.integer(5),
                .metadata = metadata_of(row.text(4))};
  upload.finished = upload.offset == upload.length;
  return upload;
}

Result<std::string> hash_file(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return std::unexpected(system_error("reading an upload", errno));
  crypto::Digest digest(crypto::Digest::Kind::sha256);
  std::vector<unsigned char> buffer(1 << 20);
  for (;;) {
    const ssize_t got = ::read(file.get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return std::unexpected(system_error("reading an upload", errno));
    if (got == 0) return crypto::hex(crypto::bytes_of(digest.finish()));
    digest.update({buffer.data(), static_cast<std::size_t>(got)});
  }
}

std::unexpected<Error> not_here() { return fail(Errc::not_found, "there is no such upload; start it anew"); }

}  // namespace

struct Uploads::Impl {
  Impl(store::Database& d, const Clock& c, std::string dir, HandOver h)
      : database(d), clock(c), directory(std::move(dir)), hand_over(std::move(h)) {}

  store::Database& database;
  const Clock& clock;
  std::string directory;
  HandOver hand_over;

  /// Who writes which upload. A newcomer asks the holder to leave: its connection is most likely dead.
  std::mutex mutex;
  std::condition_variable released;
  std::unordered_map<std::string, std::shared_ptr<std::atomic<bool>>> holders;

  [[nodiscard]] std::string path_of(std::string_view id) const { return fmt::format("{}/{}", directory, id); }

  Result<Upload> row(std::string_view id) const {
    if (!is_id(id)) return not_here();
    VT_TRY(const auto rows,
           database.query(fmt::format("SELECT {} FROM uploads WHERE id = $1", columns), {std::string(id)}));
    if (rows.empty()) return not_here();
    return upload_of(rows[0]);
  }

  Result<std::shared_ptr<std::atomic<bool>>> hold(const std::string& id) {
    std::unique_lock lock(mutex);
    if (const auto found = holders.find(id); found != holders.end()) found->second->store(true);
    if (!released.wait_for(lock, takeover_wait_max, [&] { return !holders.contains(id); }))
      return fail(Errc::conflict, "another connection is still sending this upload; try again in a moment");
    auto asked_to_leave = std::make_shared<std::atomic<bool>>(false);
    holders.emplace(id, asked_to_leave);
    return asked_to_leave;
  }

  void release(const std::string& id) {
    {
      std::lock_guard lock(mutex);
      holders.erase(id);
    }
    released.notify_all();
  }

  Result<void> remember_offset(const std::string& id, std::int64_t offset) {
    VT_CHECK(database.execute("UPDATE uploads SET received = $2, expires_at = $3 WHERE id = $1",
                              {id, offset, clock.now() + upload_lifetime_ms}));
    return {};
  }

  Result<void> check_quota(std::string_view account_id, std::int64_t length) const {
    const TimeMs since = clock.now() - day_ms;
    VT_TRY(const auto rows,
           database.query("SELECT COUNT(*), CAST(COALESCE(SUM(length), 0) AS BIGINT), "
                          "CAST(COALESCE(SUM(CASE WHEN received < length THEN 1 ELSE 0 END), 0) AS BIGINT) "
                          "FROM uploads WHERE account_id = $1 AND created_at > $2",
                          {std::string(account_id), since}));
    if (rows[0].integer(2) >= unfinished_uploads_max)
      return fail(Errc::too_many_requests, "{} uploads are unfinished: finish or cancel one first",
                  unfinished_uploads_max);
    if (rows[0].integer(0) >= day_uploads_max || rows[0].integer(1) + length > day_bytes_max)
      return fail(Errc::too_many_requests, "at most {} uploads and {} GiB in 24 hours: go on tomorrow", day_uploads_max,
                  day_bytes_max >> 30);
    return {};
  }

  Result<void> give(const Upload& upload) {
    const std::string path = path_of(upload.id);
    if (fs::exists(path)) VT_CHECK(offer(upload, path));
    // Without a file it was taken over before a crash, and has been dealt with since.
    VT_CHECK(database.execute("UPDATE uploads SET handed_over = 1 WHERE id = $1", {upload.id}));
    return {};
  }

  Result<void> offer(const Upload& upload, const std::string& path) const {
    VT_TRY(const auto sha256, hash_file(path));
    return hand_over({.id = upload.id,
                      .account_id = upload.account_id,
                      .path = path,
                      .metadata = upload.metadata,
                      .bytes = upload.length,
                      .sha256 = sha256});
  }

  /// After a crash the file may hold more than was acknowledged, and of what is past that nothing is sure.
  Result<void> cut_back(const Upload& upload) const {
    const std::string path = path_of(upload.id);
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) {
      log::warning("upload.file_missing", {{"upload", upload.id}});
      return {};
    }
    if (status.st_size > upload.offset && ::truncate(path.c_str(), upload.offset) != 0)
      return std::unexpected(system_error("cutting an upload back", errno));
    return {};
  }

  Result<void> remove(const std::string& id) {
    VT_CHECK(database.execute("DELETE FROM uploads WHERE id = $1", {id}));
    if (::unlink(path_of(id).c_str()) != 0 && errno != ENOENT)
      return std::unexpected(system_error("removing an upload", errno));
    return {};
  }

  Result<void> recover() {
    VT_TRY(const auto rows, database.query(fmt::format("SELECT {} FROM uploads WHERE handed_over = 0", columns)));
    std::set<std::string> known;
    for (const auto& one : rows) {
      const auto upload = upload_of(one);
      known.insert(upload.id);
      VT_CHECK(cut_back(upload));
    }
    return {};
  }
};

namespace {

class FilePiece final : public Piece {
 public:
  struct Parts {
    Upload upload;
    int fd;
    std::optional<PieceChecksum> checksum;
    std::shared_ptr<std::atomic<bool>> asked_to_leave;
    std::function<Result<void>(std::int64_t)> remember;
    std::function<Result<void>(const Upload&)> complete;
    std::function<void()> release;
  };
  explicit FilePiece(Parts parts)
      : parts_(std::move(parts)), file_(parts_.fd), start_(parts_.upload.offset), at_(start_), synced_(start_) {
    using Kind = crypto::Digest::Kind;
    if (parts_.checksum)
      digest_.emplace(parts_.checksum->algorithm == PieceChecksum::Algorithm::sha1 ? Kind::sha1 : Kind::sha256);
  }
  ~FilePiece() override {
    if (!ended_) abort();
  }

  Result<void> write(std::span<const char> bytes) override {
    if (parts_.asked_to_leave->load()) return fail(Errc::conflict, "another connection has taken this upload over");
    if (at_ + static_cast<std::int64_t>(bytes.size()) > parts_.upload.length)
      return fail(Errc::too_large, "more bytes than the upload's length of {}", parts_.upload.length);
    if (digest_) digest_->update({reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()});
    while (!bytes.empty()) {
      const ssize_t wrote = ::pwrite(file_.get(), bytes.data(), bytes.size(), at_);
      if (wrote < 0 && errno == EINTR) continue;
      if (wrote < 0) return std::unexpected(system_error("storing an upload", errno));
      at_ += wrote;
      bytes = bytes.subspan(static_cast<std::size_t>(wrote));
    }
    return !digest_ && at_ - synced_ >= sync_every_bytes ? sync() : Result<void>{};
  }

  Result<Upload> finish() override {
    ended_ = true;
    auto result = conclude();
    parts_.release();
    return result;
  }

  void abort() override {
    ended_ = true;
    // A piece with a checksum counts whole or not at all.
    if (!digest_) {
      if (auto kept = sync(); !kept) log::warning("upload.abort", {{"error", kept.error().message}});
    }
    drop_unsynced();
    parts_.release();
  }

 private:
  Result<void> sync() {
    if (at_ == synced_) return {};
    if (::fdatasync(file_.get()) != 0) return std::unexpected(system_error("storing an upload", errno));
    VT_CHECK(parts_.remember(at_));
    synced_ = at_;
    return {};
  }

  void drop_unsynced() {
    if (at_ > synced_ && ::ftruncate(file_.get(), synced_) != 0) log::warning("upload.truncate", {{"errno", errno}});
    at_ = synced_;
  }

  Result<Upload> conclude() {
    if (digest_ && !crypto::equal_constant_time(digest_->finish(), parts_.checksum->digest)) {
      drop_unsynced();
      return fail(Errc::unprocessable, "the piece does not match its checksum; send it again");
    }
    if (auto kept = sync(); !kept) {
      drop_unsynced();
      return std::unexpected(kept.error());
    }
    parts_.upload.offset = at_;
    parts_.upload.finished = at_ == parts_.upload.length;
    if (parts_.upload.finished) {
      // Acknowledged all the same if this fails: it is tried again until it works.
      if (auto done = parts_.complete(parts_.upload); !done)
        log::warning("upload.hand_over", {{"upload", parts_.upload.id}, {"error", done.error().message}});
    }
    return parts_.upload;
  }

  Parts parts_;
  Descriptor file_;
  std::int64_t start_, at_, synced_;
  std::optional<crypto::Digest> digest_;
  bool ended_ = false;
};

}  // namespace

Uploads::Uploads(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Uploads::~Uploads() = default;

Result<std::unique_ptr<Uploads>> Uploads::open(store::Database& database, const Clock& clock, std::string directory,
                                               HandOver hand_over) {
  VT_CHECK(store::migrate(database, "uploads", migrations));
  std::error_code error;
  fs::create_directories(directory, error);
  if (error) return fail(Errc::internal, "cannot make {}: {}", directory, error.message());
  auto impl = std::make_unique<Impl>(database, clock, std::move(directory), std::move(hand_over));
  VT_CHECK(impl->recover());
  auto uploads = std::unique_ptr<Uploads>(new Uploads(std::move(impl)));
  VT_CHECK(uploads->hand_over_finished());
  return uploads;
}

Result<Upload> Uploads::create(std::string_view account_id, std::int64_t length, const UploadMetadata& metadata) {
  if (length < 1) return fail(Errc::invalid_argument, "the file is empty");
  if (length > upload_bytes_max) return fail(Errc::too_large, "a video has at most {} GiB", upload_bytes_max >> 30);
  if (metadata.filename.size() > filename_bytes_max || metadata.filetype.size() > filename_bytes_max)
    return fail(Errc::invalid_argument, "a file name has at most {} bytes", filename_bytes_max);
  VT_CHECK(impl_->check_quota(account_id, length));
  const TimeMs now = impl_->clock.now();
  Upload upload{.id = new_id(now),
                .account_id = std::string(account_id),
                .length = length,
                .expires_at = now + upload_lifetime_ms,
                .metadata = metadata};
  const Descriptor file(::open(impl_->path_of(upload.id).c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (file.get() < 0) return std::unexpected(system_error("starting an upload", errno));
  VT_CHECK(
      impl_->database.execute("INSERT INTO uploads (id, account_id, length, received, metadata, created_at, "
                              "expires_at) VALUES ($1, $2, $3, 0, $4, $5, $6)",
                              {upload.id, upload.account_id, length, metadata_text(metadata), now, upload.expires_at}));
  return upload;
}

Result<Upload> Uploads::find(std::string_view account_id, std::string_view id) const {
  VT_TRY(auto upload, impl_->row(id));
  if (upload.account_id != account_id) return not_here();
  if (!upload.finished && upload.expires_at <= impl_->clock.now())
    return fail(Errc::gone, "this upload was left unfinished for too long; start it anew");
  return upload;
}

Result<std::unique_ptr<Piece>> Uploads::append(std::string_view account_id, std::string_view id, std::int64_t offset,
                                               std::optional<std::int64_t> length,
                                               std::optional<PieceChecksum> checksum) {
  VT_CHECK(find(account_id, id));
  const std::string key(id);
  VT_TRY(auto asked_to_leave, impl_->hold(key));
  const auto give_up = [this, key](Error error) -> Result<std::unique_ptr<Piece>> {
    impl_->release(key);
    return std::unexpected(std::move(error));
  };
  auto upload = find(account_id, id);  // again: the former holder may have moved it on
  if (!upload) return give_up(upload.error());
  if (upload->offset != offset)
    return give_up({Errc::conflict, fmt::format("the upload stands at byte {}, not {}", upload->offset, offset)});
  if (length && *length > upload->length - offset)
    return give_up(
        {Errc::too_large, fmt::format("{} bytes are left of this upload, not {}", upload->length - offset, *length)});
  const int fd = ::open(impl_->path_of(id).c_str(), O_WRONLY | O_CLOEXEC);
  if (fd < 0)
    return give_up(upload->finished ? Error{Errc::conflict, "this upload is already complete"} : not_here().error());
  return std::make_unique<FilePiece>(
      FilePiece::Parts{.upload = std::move(*upload),
                       .fd = fd,
                       .checksum = std::move(checksum),
                       .asked_to_leave = std::move(asked_to_leave),
                       .remember = [this, key](std::int64_t at) { return impl_->remember_offset(key, at); },
                       .complete = [this](const Upload& done) { return impl_->give(done); },
                       .release = [this, key] { impl_->release(key); }});
}

Result<void> Uploads::terminate(std::string_view account_id, std::string_view id) {
  VT_TRY(const auto upload, find(account_id, id));
  if (upload.finished) return fail(Errc::conflict, "this upload is complete; delete the video instead");
  VT_CHECK(impl_->hold(upload.id));
  auto removed = impl_->remove(upload.id);
  impl_->release(upload.id);
  return removed;
}

Result<std::int64_t> Uploads::sweep() {
  const TimeMs now = impl_->clock.now();
  VT_TRY(const auto expired,
         impl_->database.query("SELECT id FROM uploads WHERE expires_at <= $1 AND received < length", {now}));
  for (const auto& row : expired) VT_CHECK(impl_->remove(row.text(0)));
  // The file of a finished one belongs to whoever took it over.
  VT_TRY(const auto forgotten,
         impl_->database.execute("DELETE FROM uploads WHERE expires_at <= $1 AND handed_over = 1", {now}));
  return static_cast<std::int64_t>(expired.size()) + forgotten;
}

Result<void> Uploads::erase_account(std::string_view account_id) {
  VT_TRY(const auto rows,
         impl_->database.query("SELECT id FROM uploads WHERE account_id = $1", {std::string(account_id)}));
  for (const auto& row : rows) {
    VT_CHECK(impl_->hold(row.text(0)));
    auto removed = impl_->remove(row.text(0));
    impl_->release(row.text(0));
    VT_CHECK(removed);
  }
  return {};
}

Result<void> Uploads::hand_over_finished() {
  VT_TRY(const auto rows, impl_->database.query(fmt::format(
                              "SELECT {} FROM uploads WHERE received = length AND handed_over = 0", columns)));
  for (const auto& row : rows) {
    const auto upload = upload_of(row);
    if (auto done = impl_->give(upload); !done)
      log::warning("upload.hand_over", {{"upload", upload.id}, {"error", done.error().message}});
  }
  return {};
}

}  // namespace vitrine::media
