#include "media/uploads.hpp"

#include <fcntl.h>
#include <filesystem>
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
  json::array labels(metadata.labels.begin(), metadata.labels.end());
  return json::serialize(json::value{{"filename", metadata.filename},
                                     {"filetype", metadata.filetype},
                                     {"caption", metadata.caption},
                                     {"tags", std::move(tags)},
                                     {"edits", edits_text(metadata.edits)},
                                     {"audience", metadata.audience},
                                     {"comment_permission", metadata.comment_permission},
                                     {"duet_permission", metadata.duet_permission},
                                     {"labels", std::move(labels)},
                                     {"draft", metadata.draft},
                                     {"publish_at", metadata.publish_at.value_or(0)},
                                     {"replaces", metadata.replaces}});
}

/// What a creator chooses; uploads that are older than the choice do not have it.
void read_choices(const json::object& object, UploadMetadata& metadata) {
  if (!object.contains("audience")) return;
  const auto text = [&object](std::string_view key) { return std::string(object.at(key).as_string()); };
  metadata.audience = text("audience");
  metadata.comment_permission = text("comment_permission");
  metadata.duet_permission = text("duet_permission");
  metadata.replaces = text("replaces");
  metadata.draft = object.at("draft").as_bool();
  for (const auto& label : object.at("labels").as_array()) metadata.labels.emplace_back(label.as_string());
  if (const auto time = object.at("publish_at").as_int64(); time > 0) metadata.publish_at = time;
}

UploadMetadata metadata_of(const std::string& text) {
  const json::value value = json::parse(text);
  const auto& object = value.as_object();
  UploadMetadata metadata{.filename = std::string(object.at("filename").as_string()),
                          .filetype = std::string(object.at("filetype").as_string()),
                          .caption = std::string(object.at("caption").as_string())};
  for (const auto& tag : object.at("tags").as_array()) metadata.tags.emplace_back(tag.as_string());
  read_choices(object, metadata);
  const auto* edited = object.if_contains("edits");  // not in rows that are older than edits
  if (!edited) return metadata;
  auto edits = edits_of(edited->as_string());
  VT_ASSERT(edits);
  metadata.edits = std::move(*edits);
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

std::unexpected<Error> not_here() { return fail(Errc::not_found, "there is no such upload: start it anew"); }

/// One connection's turn at an upload.
struct Turn {
  std::mutex mutex;
  std::unique_ptr<PieceFile> file;  ///< null when the turn is over
};
struct HeldTurn {
  std::shared_ptr<Turn> turn;
  std::unique_lock<std::mutex> lock;
};

Result<void> sync_directory(const std::string& directory) {
  const Descriptor opened(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (opened.get() < 0 || ::fsync(opened.get()) != 0) return std::unexpected(system_error("starting an upload", errno));
  return {};
}

}  // namespace

struct Uploads::Impl {
  Impl(store::Database& d, const Clock& c, std::string dir, HandOver h)
      : database(d), clock(c), directory(std::move(dir)), hand_over(std::move(h)) {}

  store::Database& database;
  const Clock& clock;
  std::string directory;
  HandOver hand_over;

  /// Whose turn it is to write an upload. The newest connection wins: the one before is most likely dead.
  std::mutex mutex;
  std::unordered_map<std::string, std::shared_ptr<Turn>> turns;

  [[nodiscard]] std::string path_of(std::string_view id) const { return fmt::format("{}/{}", directory, id); }

  Result<Upload> row(std::string_view id) const {
    if (!is_id(id)) return not_here();
    VT_TRY(const auto rows,
           database.query(fmt::format("SELECT {} FROM uploads WHERE id = $1", columns), {std::string(id)}));
    if (rows.empty()) return not_here();
    return upload_of(rows[0]);
  }

  /// A new turn, locked. Ends the one before, keeping what it brought.
  HeldTurn take_turn(const std::string& id) {
    auto fresh = std::make_shared<Turn>();
    std::unique_lock held(fresh->mutex);
    for (;;) {
      std::shared_ptr<Turn> former;
      {
        std::lock_guard lock(mutex);
        auto& slot = turns[id];
        if (!slot) {
          slot = fresh;
          return {std::move(fresh), std::move(held)};
        }
        former = slot;
      }
      {
        std::lock_guard lock(former->mutex);
        if (former->file) former->file->keep_partial();
        former->file.reset();
      }
      end_turn(id, former);
    }
  }

  void end_turn(const std::string& id, const std::shared_ptr<Turn>& turn) {
    std::lock_guard lock(mutex);
    const auto found = turns.find(id);
    if (found != turns.end() && found->second == turn) turns.erase(found);
  }

  std::shared_ptr<Turn> current_turn(std::string_view id) {
    std::lock_guard lock(mutex);
    const auto found = turns.find(std::string(id));
    return found == turns.end() ? nullptr : found->second;
  }

  /// The row of an upload that the account may see.
  Result<Upload> visible(std::string_view account_id, std::string_view id) const {
    VT_TRY(auto upload, row(id));
    if (upload.account_id != account_id) return not_here();
    if (!upload.finished && upload.expires_at <= clock.now())
      return fail(Errc::gone, "this upload was left unfinished for too long: start it anew");
    return upload;
  }

  /// Runs `work` while nobody writes the upload.
  Result<void> in_turn(const std::string& id, const std::function<Result<void>()>& work) {
    const auto [turn, lock] = take_turn(id);
    auto result = work();
    end_turn(id, turn);
    return result;
  }

  using OpenedPiece = std::pair<Upload, std::unique_ptr<PieceFile>>;
  Result<OpenedPiece> open_piece(std::string_view account_id, const std::string& id, std::int64_t offset,
                                 std::optional<std::int64_t> length, std::optional<PieceChecksum> checksum) {
    VT_TRY(auto upload, visible(account_id, id));
    if (upload.offset != offset)
      return fail(Errc::conflict, "the upload stands at byte {}, not {}", upload.offset, offset);
    if (upload.finished) return fail(Errc::conflict, "this upload is already complete");
    if (length && *length > upload.length - offset)
      return fail(Errc::too_large, "{} bytes are left of this upload, not {}", upload.length - offset, *length);
    const int descriptor = ::open(path_of(id).c_str(), O_WRONLY | O_CLOEXEC | (offset == 0 ? O_CREAT : 0), 0600);
    if (descriptor < 0) return std::unexpected(system_error("opening an upload", errno));
    auto file = std::make_unique<PieceFile>(descriptor, offset, upload.length, std::move(checksum),
                                            [this, id](std::int64_t at) { return remember_offset(id, at); });
    return OpenedPiece(std::move(upload), std::move(file));
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
                          "FROM uploads WHERE account_id = $1 AND (created_at > $2 OR received < length)",
                          {std::string(account_id), since}));
    if (rows[0].integer(2) >= unfinished_uploads_max)
      return fail(Errc::too_many_requests, "{} uploads are unfinished: finish or cancel one first",
                  unfinished_uploads_max);
    if (rows[0].integer(0) >= day_uploads_max || rows[0].integer(1) + length > day_bytes_max)
      return fail(Errc::too_many_requests, "at most {} uploads and {} GiB in 24 hours: go on tomorrow", day_uploads_max,
                  day_bytes_max >> 30);
    return {};
  }

  /// The upload is acknowledged even if this fails: it is tried again until it works.
  void give_or_log(const Upload& upload) {
    if (auto done = give(upload); !done)
      log::warning("upload.hand_over", {{"upload", upload.id}, {"error", done.error().message}});
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
  Result<void> cut_back(const Upload& upload) {
    const std::string path = path_of(upload.id);
    struct stat status {};
    const bool there = ::stat(path.c_str(), &status) == 0;
    if (!there && errno != ENOENT) return std::unexpected(system_error("looking at an upload", errno));
    if (!there && upload.finished) return {};  // taken over; give() marks it
    const std::int64_t size = there ? status.st_size : 0;
    if (size > upload.offset && ::truncate(path.c_str(), upload.offset) != 0)
      return std::unexpected(system_error("cutting an upload back", errno));
    if (size >= upload.offset) return {};
    // Only a damaged disk does this. The client can send again from here.
    log::error("upload.bytes_missing", {{"upload", upload.id}, {"kept", size}, {"acknowledged", upload.offset}});
    return remember_offset(upload.id, size);
  }

  Result<void> remove(const std::string& id) {
    if (::unlink(path_of(id).c_str()) != 0 && errno != ENOENT)
      return std::unexpected(system_error("removing an upload", errno));
    VT_CHECK(database.execute("DELETE FROM uploads WHERE id = $1", {id}));
    return {};
  }

  Result<void> recover() {
    VT_TRY(const auto rows, database.query(fmt::format("SELECT {} FROM uploads WHERE handed_over = 0", columns)));
    for (const auto& one : rows) VT_CHECK(cut_back(upload_of(one)));
    return {};
  }
};

namespace {

class TurnPiece final : public Piece {
 public:
  using Complete = std::function<void(const Upload&)>;
  TurnPiece(std::shared_ptr<Turn> turn, Upload upload, Complete complete, std::function<void()> end)
      : turn_(std::move(turn)), upload_(std::move(upload)), complete_(std::move(complete)), end_(std::move(end)) {}
  ~TurnPiece() override {
    if (turn_) abort();
  }

  Result<void> write(std::span<const char> bytes) override {
    std::lock_guard lock(turn_->mutex);
    if (!turn_->file) return taken_over();
    return turn_->file->write(bytes);
  }

  Result<Upload> finish() override {
    auto result = conclude();
    leave();
    return result;
  }

  void abort() override {
    {
      std::lock_guard lock(turn_->mutex);
      if (const auto file = std::move(turn_->file)) {
        file->keep_partial();
        upload_.offset = file->kept();
        upload_.finished = upload_.offset == upload_.length;
        if (upload_.finished) complete_(upload_);
      }
    }
    leave();
  }

 private:
  static std::unexpected<Error> taken_over() {
    return fail(Errc::conflict, "another connection has taken this upload over");
  }

  Result<Upload> conclude() {
    std::lock_guard lock(turn_->mutex);
    if (!turn_->file) return taken_over();
    const auto file = std::move(turn_->file);
    VT_CHECK(file->keep());
    upload_.offset = file->kept();
    upload_.finished = upload_.offset == upload_.length;
    if (upload_.finished) complete_(upload_);
    return upload_;
  }

  void leave() {
    end_();
    turn_.reset();
  }

  std::shared_ptr<Turn> turn_;
  Upload upload_;
  Complete complete_;
  std::function<void()> end_;
};

/// Room for `length` more bytes, and for what the rest of the service writes.
Result<void> check_space(const std::string& directory, std::int64_t length) {
  std::error_code error;
  const auto space = fs::space(directory, error);
  if (error) return std::unexpected(system_error("looking for free space", error.value()));
  if (std::cmp_less(space.available, length + spare_bytes_min))
    return fail(Errc::storage_full, "the server has no room for this file now: try again later");
  return {};
}

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
  VT_CHECK(check_space(impl_->directory, length));
  const TimeMs now = impl_->clock.now();
  Upload upload{.id = new_id(now),
                .account_id = std::string(account_id),
                .length = length,
                .expires_at = now + upload_lifetime_ms,
                .metadata = metadata};
  VT_CHECK(
      impl_->database.execute("INSERT INTO uploads (id, account_id, length, received, metadata, created_at, "
                              "expires_at) VALUES ($1, $2, $3, 0, $4, $5, $6)",
                              {upload.id, upload.account_id, length, metadata_text(metadata), now, upload.expires_at}));
  const Descriptor file(::open(impl_->path_of(upload.id).c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (file.get() < 0) return std::unexpected(system_error("starting an upload", errno));
  VT_CHECK(sync_directory(impl_->directory));
  return upload;
}

Result<Upload> Uploads::find(std::string_view account_id, std::string_view id) const {
  VT_TRY(auto upload, impl_->visible(account_id, id));
  const auto turn = impl_->current_turn(id);
  if (!turn) return upload;
  {
    std::lock_guard lock(turn->mutex);
    if (turn->file) VT_CHECK(turn->file->keep_so_far());
  }
  return impl_->visible(account_id, id);
}

Result<std::unique_ptr<Piece>> Uploads::append(std::string_view account_id, std::string_view id, std::int64_t offset,
                                               std::optional<std::int64_t> length,
                                               std::optional<PieceChecksum> checksum) {
  VT_CHECK(impl_->visible(account_id, id));
  const std::string key(id);
  const auto [turn, lock] = impl_->take_turn(key);
  auto file = impl_->open_piece(account_id, key, offset, length, std::move(checksum));
  if (!file) {
    impl_->end_turn(key, turn);
    return std::unexpected(file.error());
  }
  turn->file = std::move(file->second);
  return std::make_unique<TurnPiece>(
      turn, std::move(file->first), [this](const Upload& done) { impl_->give_or_log(done); },
      [this, key, turn] { impl_->end_turn(key, turn); });
}

Result<void> Uploads::terminate(std::string_view account_id, std::string_view id) {
  VT_CHECK(impl_->visible(account_id, id));
  return impl_->in_turn(std::string(id), [&]() -> Result<void> {
    VT_TRY(const auto upload, impl_->visible(account_id, id));
    if (upload.finished) return fail(Errc::conflict, "this upload is complete: delete the video instead");
    return impl_->remove(upload.id);
  });
}

Result<std::int64_t> Uploads::sweep() {
  const TimeMs now = impl_->clock.now();
  constexpr std::string_view condition = "expires_at <= $1 AND received < length";
  VT_TRY(const auto expired, impl_->database.query(fmt::format("SELECT id FROM uploads WHERE {}", condition), {now}));
  std::int64_t removed = 0;
  for (const auto& row : expired) {
    const std::string& id = row.text(0);
    VT_CHECK(impl_->in_turn(id, [&]() -> Result<void> {
      const auto upload = impl_->row(id);
      if (!upload || upload->finished || upload->expires_at > now) return {};  // removed, or a piece came in just now
      ++removed;
      return impl_->remove(id);
    }));
  }
  // The file of a finished one belongs to whoever took it over.
  VT_TRY(const auto forgotten,
         impl_->database.execute("DELETE FROM uploads WHERE expires_at <= $1 AND handed_over = 1", {now}));
  return removed + forgotten;
}

Result<void> Uploads::erase_account(std::string_view account_id) {
  VT_TRY(const auto rows,
         impl_->database.query("SELECT id FROM uploads WHERE account_id = $1", {std::string(account_id)}));
  for (const auto& row : rows) {
    const std::string& id = row.text(0);
    VT_CHECK(impl_->in_turn(id, [&] { return impl_->remove(id); }));
  }
  return {};
}

Result<void> Uploads::hand_over_finished() {
  VT_TRY(const auto rows, impl_->database.query(fmt::format(
                              "SELECT {} FROM uploads WHERE received = length AND handed_over = 0", columns)));
  for (const auto& row : rows) impl_->give_or_log(upload_of(row));
  return {};
}

}  // namespace vitrine::media
