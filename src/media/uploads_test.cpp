#include "media/uploads.hpp"

#include <filesystem>
#include <fstream>
#include <random>

#include "base/id.hpp"

namespace vitrine::media {
namespace {

namespace fs = std::filesystem;

const std::string ada = "01aaaaaaaaaaaaaaaaaaaaaaaa", bob = "01bbbbbbbbbbbbbbbbbbbbbbbb";

std::string random_bytes(std::size_t size, unsigned seed) {
  std::mt19937 engine(seed);
  std::string bytes(size, '\0');
  for (auto& byte : bytes) byte = static_cast<char>(engine());
  return bytes;
}

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

class UploadsTest : public testing::Test {
 protected:
  UploadsTest() : root_(fs::temp_directory_path() / ("vitrine-uploads-" + new_id(SystemClock().now()))) {
    fs::create_directories(root_);
    database_ = store::open_sqlite((root_ / "test.db").string()).value();
    open();
  }
  ~UploadsTest() override { fs::remove_all(root_); }

  /// As after a crash, when something was open before.
  void open() {
    uploads_ = Uploads::open(*database_, clock_, (root_ / "quarantine").string(), [this](const FinishedUpload& one) {
                 if (refusal_) return Result<void>(std::unexpected(*refusal_));
                 handed_over_.push_back(one);
                 return Result<void>();
               }).value();
  }

  std::string path(const Upload& upload) const { return (root_ / "quarantine" / upload.id).string(); }

  std::unique_ptr<Piece> piece(const Upload& upload, std::int64_t offset, std::string_view bytes,
                               std::optional<PieceChecksum> checksum = std::nullopt) {
    auto begun = uploads_->append(ada, upload.id, offset, std::ssize(bytes), std::move(checksum)).value();
    EXPECT_TRUE(begun->write(bytes));
    return begun;
  }
  Result<Upload> send(const Upload& upload, std::int64_t offset, std::string_view bytes,
                      std::optional<PieceChecksum> checksum = std::nullopt) {
    return piece(upload, offset, bytes, std::move(checksum))->finish();
  }
  std::int64_t offset(const Upload& upload) { return uploads_->find(ada, upload.id).value().offset; }

  fs::path root_;
  ManualClock clock_{1'790'000'000'000};
  std::unique_ptr<store::Database> database_;
  std::optional<Error> refusal_;
  std::vector<FinishedUpload> handed_over_;
  std::unique_ptr<Uploads> uploads_;
};

TEST_F(UploadsTest, PiecesMakeTheWholeFile) {
  const auto bytes = random_bytes(3'000'000, 1);
  const auto upload =
      uploads_->create(ada, std::ssize(bytes), {"a.mp4", "video/mp4", "Héllo", {"cats", "sea"}}).value();
  EXPECT_TRUE(is_id(upload.id));
  EXPECT_EQ(send(upload, 0, std::string_view(bytes).substr(0, 1'000'000)).value().offset, 1'000'000);
  EXPECT_TRUE(handed_over_.empty());
  const auto done = send(upload, 1'000'000, std::string_view(bytes).substr(1'000'000)).value();
  EXPECT_TRUE(done.finished);
  ASSERT_EQ(handed_over_.size(), 1U);
  EXPECT_EQ(handed_over_[0].id, upload.id);
  EXPECT_EQ(handed_over_[0].account_id, ada);
  EXPECT_EQ(handed_over_[0].bytes, std::ssize(bytes));
  EXPECT_EQ(handed_over_[0].sha256, crypto::hex(crypto::sha256(bytes)));
  EXPECT_EQ(handed_over_[0].metadata.caption, "Héllo");
  EXPECT_EQ(handed_over_[0].metadata.tags, (std::vector<std::string>{"cats", "sea"}));
  EXPECT_EQ(read_file(handed_over_[0].path), bytes);
}

TEST_F(UploadsTest, OnlyTheRightOffsetGoesOn) {
  const auto upload = uploads_->create(ada, 10, {}).value();
  ASSERT_TRUE(send(upload, 0, "abc"));
  for (const std::int64_t wrong : {0, 2, 4, 10, 11})
    EXPECT_EQ(uploads_->append(ada, upload.id, wrong, 1, {}).error().code, Errc::conflict) << wrong;
  EXPECT_EQ(uploads_->append(ada, upload.id, 3, 8, {}).error().code, Errc::too_large);
  EXPECT_TRUE(send(upload, 3, "defghij").value().finished);
  EXPECT_EQ(uploads_->append(ada, upload.id, 10, 0, {}).error().code, Errc::conflict);
}

TEST_F(UploadsTest, MoreBytesThanAnnouncedAreRefused) {
  const auto upload = uploads_->create(ada, 4, {}).value();
  auto begun = uploads_->append(ada, upload.id, 0, std::nullopt, {}).value();
  EXPECT_TRUE(begun->write(std::string_view("abc")));
  EXPECT_EQ(begun->write(std::string_view("de")).error().code, Errc::too_large);
  begun->abort();
  EXPECT_EQ(offset(upload), 3);
}

TEST_F(UploadsTest, ABrokenConnectionKeepsWhatCame) {
  const auto upload = uploads_->create(ada, 10, {}).value();
  piece(upload, 0, "abcd")->abort();
  EXPECT_EQ(offset(upload), 4);
  EXPECT_TRUE(send(upload, 4, "efghij").value().finished);
  EXPECT_EQ(read_file(handed_over_.at(0).path), "abcdefghij");
}

TEST_F(UploadsTest, ASilentConnectionIsTakenOver) {
  const auto upload = uploads_->create(ada, 10, {}).value();
  auto stale = piece(upload, 0, "abcd");
  EXPECT_EQ(offset(upload), 4) << "a look acknowledges what came";
  auto next = piece(upload, 4, "efg");
  EXPECT_EQ(stale->write(std::string_view("XYZ")).error().code, Errc::conflict);
  EXPECT_EQ(stale->finish().error().code, Errc::conflict);
  EXPECT_EQ(next->finish().value().offset, 7);
  EXPECT_TRUE(send(upload, 7, "hij").value().finished);
  EXPECT_EQ(read_file(handed_over_.at(0).path), "abcdefghij");
}

TEST_F(UploadsTest, ManyConnectionsNeverMixBytes) {
  const auto bytes = random_bytes(400'000, 2);
  const auto upload = uploads_->create(ada, std::ssize(bytes), {}).value();
  const auto client = [&](unsigned seed) {
    std::mt19937 engine(seed);
    for (;;) {
      const auto at = uploads_->find(ada, upload.id).value();
      if (at.finished) return;
      auto begun = uploads_->append(ada, upload.id, at.offset, std::nullopt, {});
      if (!begun) continue;
      auto rest = std::string_view(bytes).substr(static_cast<std::size_t>(at.offset));
      for (int i = 0; i < 3 && !rest.empty(); ++i) {
        const auto part = rest.substr(0, engine() % 9000 + 1);
        if (!(*begun)->write(part)) break;
        rest.remove_prefix(part.size());
      }
      if (engine() % 2 == 0)
        (*begun)->abort();
      else
        std::ignore = (*begun)->finish();
    }
  };
  {
    std::vector<std::jthread> clients;
    for (unsigned seed = 1; seed <= 4; ++seed) clients.emplace_back(client, seed);
  }
  // An upload that a piece completed which was taken over then is handed over a little later.
  ASSERT_TRUE(uploads_->hand_over_finished());
  ASSERT_FALSE(handed_over_.empty());
  EXPECT_EQ(read_file(handed_over_[0].path), bytes);
}

TEST_F(UploadsTest, APieceCountsOnlyIfItMatchesItsChecksum) {
  using Algorithm = PieceChecksum::Algorithm;
  const auto upload = uploads_->create(ada, 6, {}).value();
  const auto sha1 = crypto::from_base64("qZk+NkcGgWq6PiVxeFDCbJzQ2J0=").value();  // "abc" (FIPS 180)
  EXPECT_EQ(send(upload, 0, "abX", PieceChecksum{Algorithm::sha1, sha1}).error().code, Errc::unprocessable);
  EXPECT_EQ(offset(upload), 0);
  EXPECT_EQ(fs::file_size(path(upload)), 0U);
  EXPECT_EQ(send(upload, 0, "abc", PieceChecksum{Algorithm::sha1, sha1}).value().offset, 3);
  const auto hash = crypto::sha256("def");
  const PieceChecksum sha256{Algorithm::sha256, std::string(hash.begin(), hash.end())};
  piece(upload, 3, "de", sha256)->abort();
  EXPECT_EQ(offset(upload), 3) << "half of a piece with a checksum is nothing";
  EXPECT_TRUE(send(upload, 3, "def", sha256).value().finished);
}

TEST_F(UploadsTest, LongPiecesAreAcknowledgedOnTheWay) {
  const auto upload = uploads_->create(ada, 3 * sync_every_bytes, {}).value();
  auto begun = uploads_->append(ada, upload.id, 0, std::nullopt, {}).value();
  const std::string megabyte(1 << 20, 'x');
  for (int i = 0; i < 9; ++i) ASSERT_TRUE(begun->write(megabyte));
  const auto rows = database_->query("SELECT received FROM uploads").value();
  EXPECT_EQ(rows[0].integer(0), sync_every_bytes);
}

TEST_F(UploadsTest, AfterACrashOnlyAcknowledgedBytesCount) {
  const auto upload = uploads_->create(ada, 10, {}).value();
  ASSERT_TRUE(send(upload, 0, "abcd"));
  std::ofstream(path(upload), std::ios::app | std::ios::binary) << "GARB";  // written, but the crash came first
  open();
  EXPECT_EQ(offset(upload), 4);
  EXPECT_EQ(read_file(path(upload)), "abcd");
}

TEST_F(UploadsTest, AHandOverThatFailedIsDoneAgain) {
  refusal_ = Error{Errc::unavailable, "away"};
  const auto upload = uploads_->create(ada, 3, {}).value();
  EXPECT_TRUE(send(upload, 0, "abc").value().finished) << "the bytes are safe, so the client is done";
  refusal_.reset();
  open();
  ASSERT_EQ(handed_over_.size(), 1U);
  EXPECT_EQ(handed_over_[0].id, upload.id);
  open();
  EXPECT_EQ(handed_over_.size(), 1U) << "once is enough";
}

TEST_F(UploadsTest, OthersSeeNothing) {
  const auto upload = uploads_->create(ada, 10, {}).value();
  EXPECT_EQ(uploads_->find(bob, upload.id).error().code, Errc::not_found);
  EXPECT_EQ(uploads_->append(bob, upload.id, 0, 1, {}).error().code, Errc::not_found);
  EXPECT_EQ(uploads_->terminate(bob, upload.id).error().code, Errc::not_found);
  for (const auto* id : {"", "../../etc/passwd", "01aaaaaaaaaaaaaaaaaaaaaaaa", "\xff"})
    EXPECT_EQ(uploads_->find(ada, id).error().code, Errc::not_found);
}

TEST_F(UploadsTest, TerminationRemovesEverything) {
  const auto upload = uploads_->create(ada, 10, {}).value();
  auto begun = piece(upload, 0, "abc");
  ASSERT_TRUE(uploads_->terminate(ada, upload.id));
  EXPECT_FALSE(fs::exists(path(upload)));
  EXPECT_EQ(uploads_->find(ada, upload.id).error().code, Errc::not_found);
  EXPECT_FALSE(begun->finish());
  const auto complete = uploads_->create(ada, 1, {}).value();
  ASSERT_TRUE(send(complete, 0, "x"));
  EXPECT_EQ(uploads_->terminate(ada, complete.id).error().code, Errc::conflict);
}

TEST_F(UploadsTest, ExpiryCountsFromTheLastByte) {
  const auto upload = uploads_->create(ada, 10, {}).value();
  clock_.advance(upload_lifetime_ms - 1);
  ASSERT_TRUE(send(upload, 0, "abc"));
  clock_.advance(upload_lifetime_ms - 1);
  EXPECT_EQ(uploads_->sweep().value(), 0);
  EXPECT_EQ(offset(upload), 3);
  clock_.advance(1);
  EXPECT_EQ(uploads_->find(ada, upload.id).error().code, Errc::gone);
  EXPECT_EQ(uploads_->sweep().value(), 1);
  EXPECT_EQ(uploads_->find(ada, upload.id).error().code, Errc::not_found);
  EXPECT_FALSE(fs::exists(path(upload)));
}

TEST_F(UploadsTest, LimitsHoldAtTheLimitAndOnePast) {
  EXPECT_EQ(uploads_->create(ada, 0, {}).error().code, Errc::invalid_argument);
  EXPECT_EQ(uploads_->create(ada, upload_bytes_max + 1, {}).error().code, Errc::too_large);
  for (int i = 0; i < unfinished_uploads_max; ++i) ASSERT_TRUE(uploads_->create(ada, 1, {}));
  EXPECT_EQ(uploads_->create(ada, 1, {}).error().code, Errc::too_many_requests);
  EXPECT_TRUE(uploads_->create(bob, 1, {})) << "another account's quota is its own";
  clock_.advance(upload_lifetime_ms);
  EXPECT_EQ(uploads_->create(ada, 1, {}).error().code, Errc::too_many_requests) << "not swept yet";
  ASSERT_TRUE(uploads_->sweep());
  EXPECT_TRUE(uploads_->create(ada, 1, {}));
}

TEST_F(UploadsTest, DayQuotaCountsBytes) {
  const auto insert = [&](std::int64_t length) {
    return database_->execute(
        "INSERT INTO uploads (id, account_id, length, received, metadata, created_at, expires_at, handed_over) "
        "VALUES ($1, $2, $3, $3, '{}', $4, $5, 1)",
        {new_id(clock_.now()), ada, length, clock_.now(), clock_.now() + upload_lifetime_ms});
  };
  ASSERT_TRUE(insert(day_bytes_max - 100));
  EXPECT_EQ(uploads_->create(ada, 101, {}).error().code, Errc::too_many_requests);
  EXPECT_TRUE(uploads_->create(ada, 100, {}));
}

TEST_F(UploadsTest, AnErasedAccountLeavesNoUpload) {
  const auto mine = uploads_->create(ada, 10, {}).value();
  const auto other = uploads_->create(bob, 10, {}).value();
  ASSERT_TRUE(send(mine, 0, "abc"));
  ASSERT_TRUE(uploads_->erase_account(ada));
  EXPECT_FALSE(fs::exists(path(mine)));
  EXPECT_EQ(uploads_->find(ada, mine.id).error().code, Errc::not_found);
  EXPECT_TRUE(uploads_->find(bob, other.id));
}

}  // namespace
}  // namespace vitrine::media
