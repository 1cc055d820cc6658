// The writer, witnesses and the outside verifier together, on a real directory.
#include "log/log.hpp"

#include <filesystem>
#include <future>
#include <thread>
#include <unistd.h>

#include "log/audit.hpp"
#include "log/memory_journal.hpp"

namespace vitrine::tlog {
namespace {

namespace fs = std::filesystem;

class Folder {
 public:
  Folder() {
    std::string path = (fs::temp_directory_path() / "vitrine-log-XXXXXX").string();
    path_ = ::mkdtemp(path.data());
  }
  ~Folder() { fs::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

crypto::Hash seed(std::string_view of) { return crypto::sha256(of); }
const Signer log_signer("test.example/log", Algorithm::ed25519, seed("log"));
constexpr std::int64_t patience_ms = 20'000;
constexpr std::int64_t short_patience_ms = 300;

/// A log with its witnesses, in one folder.
class Rig {
 public:
  explicit Rig(std::size_t witness_count = 0, std::size_t quorum = 0) : quorum_(quorum) {
    for (std::size_t i = 0; i < witness_count; ++i) open_witness(i);
  }
  Signer witness_signer(std::size_t i) const {
    const auto name = fmt::format("witness{}.example", i);
    return {name, Algorithm::cosignature, seed(name)};
  }
  void open_witness(std::size_t i) {
    auto opened =
        Witness::open(folder / fmt::format("witness{}", i), witness_signer(i), {log_signer.verifier()}, clock);
    ASSERT_TRUE(opened) << opened.error().message;
    if (i < witnesses.size())
      witnesses[i] = std::move(*opened);
    else
      witnesses.push_back(std::move(*opened));
  }
  Policy policy() const {
    std::vector<Policy::Witness> list;
    for (std::size_t i = 0; i < witnesses.size(); ++i) list.push_back({"", witness_signer(i).verifier(), ""});
    return Policy::quorum_of(quorum_, list);
  }
  Result<void> open() {
    log.reset();
    LogOptions options{.directory = folder / "log",
                       .second_place = folder / "signed",
                       .policy = policy(),
                       .posts = {},
                       .interval_ms = 20,
                       .retry_ms = 20};
    for (std::size_t i = 0; i < witnesses.size(); ++i)
      options.posts.push_back([this, i](const std::string& body) -> Result<WitnessAnswer> {
        if (down.contains(i)) return fail(Errc::unavailable, "it is down");
        return witnesses[i]->add_checkpoint(body);
      });
    VT_TRY(log, Log::open(std::move(options), log_signer, journal, clock));
    return {};
  }
  std::uint64_t add(const std::string& entry) {
    const auto index = log->append(entry);
    EXPECT_TRUE(index) << index.error().message;
    return index.value_or(0);
  }
  Result<Audited> audited(const std::string& seen = "") {
    const auto root = folder / "log";
    return audit([&](const std::string& path) { return read_file(root + "/" + path); },
                 {.log = log_signer.verifier(), .policy = policy(), .seen = seen});
  }

  Folder folder;
  SystemClock clock;
  MemoryJournal journal;
  std::vector<std::unique_ptr<Witness>> witnesses;
  std::set<std::size_t> down;
  std::unique_ptr<Log> log;

 private:
  std::size_t quorum_;
};

TEST(Log, entries_are_proven_under_cosigned_checkpoints) {
  Rig rig(3, 2);
  ASSERT_TRUE(rig.open());
  for (int i = 0; i < 700; ++i) EXPECT_EQ(rig.add(fmt::format("entry {}", i)), static_cast<std::uint64_t>(i));
  for (const int i : {0, 255, 256, 699}) {
    const auto proof = rig.log->prove(static_cast<std::uint64_t>(i), patience_ms);
    ASSERT_TRUE(proof) << proof.error().message;
    EXPECT_TRUE(verify(*proof, fmt::format("entry {}", i), log_signer.verifier(), rig.policy()));
    EXPECT_FALSE(verify(*proof, "another", log_signer.verifier(), rig.policy()));
  }
  const auto result = rig.audited();
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->checkpoint.size, 700u);
  EXPECT_GE(result->cosignatures, 2u);
  EXPECT_EQ(rig.log->prove(700, 10).error().code, Errc::invalid_argument);
}

TEST(Log, entries_have_limits) {
  Rig rig;
  ASSERT_TRUE(rig.open());
  EXPECT_EQ(rig.log->append("").error().code, Errc::invalid_argument);
  EXPECT_EQ(rig.log->append(std::string(entry_bytes_max + 1, 'x')).error().code, Errc::too_large);
  rig.add(std::string(entry_bytes_max, 'x'));
  ASSERT_TRUE(rig.log->prove(0, patience_ms));
  EXPECT_TRUE(rig.audited());
}

TEST(Log, many_writers_at_once_lose_nothing_and_reopening_goes_on) {
  Rig rig(1, 1);
  constexpr int writers = 32, each = 200;
  for (int round = 0; round < 2; ++round) {
    ASSERT_TRUE(rig.open());
    std::vector<std::jthread> threads;
    for (int w = 0; w < writers; ++w)
      threads.emplace_back([&] {
        for (int i = 0; i < each; ++i) rig.add("x");
      });
    threads.clear();
    const auto size = static_cast<std::uint64_t>(writers * each * (round + 1));
    EXPECT_EQ(rig.log->size(), size);
    ASSERT_TRUE(rig.log->prove(size - 1, patience_ms));
  }
  const auto result = rig.audited();
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->checkpoint.size, static_cast<std::uint64_t>(2 * writers * each));
}

TEST(Log, a_full_disk_is_told_and_nothing_that_was_not_durable_is_signed) {
  Rig rig(1, 1);
  ASSERT_TRUE(rig.open());
  rig.add("kept");
  rig.journal.failing = true;
  EXPECT_EQ(rig.log->append("lost").error().code, Errc::storage_full);
  rig.journal.failing = false;
  EXPECT_EQ(rig.add("next"), 1u);
  ASSERT_TRUE(rig.log->prove(1, patience_ms));
  EXPECT_EQ(rig.audited()->checkpoint.size, 2u);
}

TEST(Log, too_few_witnesses_stop_proofs_but_not_appending) {
  Rig rig(3, 2);
  rig.down = {0, 1};
  ASSERT_TRUE(rig.open());
  rig.add("waits");
  const auto proof = rig.log->prove(0, short_patience_ms);
  ASSERT_FALSE(proof);
  EXPECT_EQ(proof.error().code, Errc::unavailable);
  EXPECT_TRUE(proof.error().message.find("witness0.example: it is down") != std::string::npos) << proof.error().message;
  rig.down = {0};
  EXPECT_TRUE(rig.log->prove(0, patience_ms));
}

TEST(Log, one_writer_at_a_time) {
  Rig rig;
  ASSERT_TRUE(rig.open());
  const auto second = Log::open({.directory = rig.folder / "log", .second_place = rig.folder / "signed"}, log_signer,
                                rig.journal, rig.clock);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Errc::conflict);
}

TEST(Log, refuses_an_older_or_another_tree) {
  Rig rig;
  ASSERT_TRUE(rig.open());
  for (int i = 0; i < 300; ++i) rig.add(fmt::format("{}", i));
  ASSERT_TRUE(rig.log->prove(299, patience_ms));
  rig.log.reset();
  const auto copy = rig.folder / "copy";
  fs::copy(rig.folder / "log", copy, fs::copy_options::recursive);
  ASSERT_TRUE(rig.open());
  rig.add("later");
  ASSERT_TRUE(rig.log->prove(300, patience_ms));
  rig.log.reset();
  // The directory alone is set back: what was signed later is kept in the second place.
  fs::remove_all(rig.folder / "log");
  fs::rename(copy, rig.folder / "log");
  rig.journal.set_back_to(300);
  const auto older = rig.open();
  ASSERT_FALSE(older);
  EXPECT_TRUE(older.error().message.find("older") != std::string::npos) << older.error().message;
  fs::remove_all(rig.folder / "log");
  EXPECT_FALSE(rig.open()) << "nor an empty one";
}

TEST(Log, a_tampered_tile_is_noticed_at_start) {
  Rig rig;
  ASSERT_TRUE(rig.open());
  for (int i = 0; i < 10; ++i) rig.add("x");
  ASSERT_TRUE(rig.log->prove(9, patience_ms));
  rig.log.reset();
  const auto path = rig.folder / "log/tile/0/000.p/10";
  auto bytes = *read_file(path);
  bytes[5] ^= 1;
  ASSERT_TRUE(write_file_durably(path, bytes));
  EXPECT_FALSE(rig.open());
}

TEST(Log, set_back_whole_meets_witnesses_that_know_better) {
  Rig rig(2, 1);
  ASSERT_TRUE(rig.open());
  rig.add("first");
  ASSERT_TRUE(rig.log->prove(0, patience_ms));
  rig.log.reset();
  fs::copy(rig.folder / "log", rig.folder / "log.old", fs::copy_options::recursive);
  fs::copy(rig.folder / "signed", rig.folder / "signed.old");
  ASSERT_TRUE(rig.open());
  rig.add("second");
  ASSERT_TRUE(rig.log->prove(1, patience_ms));
  rig.log.reset();
  fs::remove_all(rig.folder / "log");
  fs::rename(rig.folder / "log.old", rig.folder / "log");
  fs::rename(rig.folder / "signed.old", rig.folder / "signed");
  rig.journal.set_back_to(1);
  ASSERT_TRUE(rig.open());
  rig.add("another second");
  const auto proof = rig.log->prove(1, short_patience_ms);
  ASSERT_FALSE(proof) << "both witnesses have seen two entries";
  EXPECT_TRUE(proof.error().message.find("set back") != std::string::npos) << proof.error().message;
  EXPECT_EQ(parse_checkpoint(parse_note(*read_file(rig.folder / "log/signed"))->text)->size, 1u)
      << "nothing was signed";
}

TEST(Log, a_witness_that_lies_about_a_larger_log_is_passed_over) {
  Rig rig(2, 2);
  ASSERT_TRUE(rig.open());
  rig.add("first");
  ASSERT_TRUE(rig.log->prove(0, patience_ms));
  rig.log.reset();
  // Two of three are enough; the third claims the moon.
  LogOptions options{
      .directory = rig.folder / "log",
      .second_place = rig.folder / "signed",
      .policy = Policy::quorum_of(2, {{"", rig.witness_signer(0).verifier(), ""},
                                      {"", rig.witness_signer(1).verifier(), ""},
                                      {"", rig.witness_signer(7).verifier(), ""}}),
      .posts = {
          [&](const std::string& body) -> Result<WitnessAnswer> { return rig.witnesses[0]->add_checkpoint(body); },
          [&](const std::string& body) -> Result<WitnessAnswer> { return rig.witnesses[1]->add_checkpoint(body); },
          [](const std::string&) -> Result<WitnessAnswer> {
            return WitnessAnswer{409, std::string(size_content_type), "1000000\n"};
          }},
      .interval_ms = 20,
      .retry_ms = 20};
  auto log = Log::open(std::move(options), log_signer, rig.journal, rig.clock);
  ASSERT_TRUE(log);
  ASSERT_TRUE((*log)->append("second"));
  EXPECT_TRUE((*log)->prove(1, patience_ms));
  EXPECT_FALSE((*log)->witnesses()[2].trouble.empty());
}

/// A log with one honest witness of the quorum of two, another honest one, and one that the test plays.
class WithOneOdd : public ::testing::Test {
 protected:
  void open(WitnessPost odd) {
    LogOptions options{.directory = rig_.folder / "log",
                       .second_place = rig_.folder / "signed",
                       .policy = policy(),
                       .posts = {[this](const std::string& body) -> Result<WitnessAnswer> {
                                   return rig_.witnesses[0]->add_checkpoint(body);
                                 },
                                 [this](const std::string& body) -> Result<WitnessAnswer> {
                                   return rig_.witnesses[1]->add_checkpoint(body);
                                 },
                                 std::move(odd)},
                       .interval_ms = 20,
                       .retry_ms = 20};
    auto opened = Log::open(std::move(options), log_signer, rig_.journal, rig_.clock);
    ASSERT_TRUE(opened) << opened.error().message;
    log_ = std::move(*opened);
  }
  Policy policy() const {
    return Policy::quorum_of(2, {{"", rig_.witness_signer(0).verifier(), ""},
                                 {"", rig_.witness_signer(1).verifier(), ""},
                                 {"odd", odd_.verifier(), ""}});
  }
  void expect_proven(const std::string& entry) {
    const auto index = log_->append(entry);
    ASSERT_TRUE(index) << index.error().message;
    const auto proof = log_->prove(*index, patience_ms);
    ASSERT_TRUE(proof) << proof.error().message;
    EXPECT_TRUE(verify(*proof, entry, log_signer.verifier(), policy()));
  }
  /// What an honest witness would sign.
  static std::string text_of(const std::string& body) {
    return parse_note(parse_add_checkpoint(body)->checkpoint)->text;
  }

  Rig rig_{2, 2};
  const Signer odd_ = rig_.witness_signer(7);
  std::unique_ptr<Log> log_;
};

TEST_F(WithOneOdd, who_is_slow_holds_up_nobody) {
  std::promise<void> release;
  open([this, waits = release.get_future().share()](const std::string& body) -> Result<WitnessAnswer> {
    waits.wait();
    return WitnessAnswer{200, "text/plain", odd_.sign(text_of(body), rig_.clock.now()).line()};
  });
  for (int i = 0; i < 5; ++i) expect_proven(fmt::format("entry {}", i));
  release.set_value();
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(patience_ms);
  while (log_->witnesses()[2].size < 5 && std::chrono::steady_clock::now() < deadline)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  EXPECT_EQ(log_->witnesses()[2].size, 5u) << "it comes after in its own time";
  EXPECT_EQ(log_->witnesses()[2].trouble, "");
}

TEST_F(WithOneOdd, who_lies_is_told_of_and_passed_over) {
  const Signer other("witness7.example", Algorithm::cosignature, seed("another key"));
  const auto says = [](int status, std::string body) { return WitnessAnswer{status, "text/plain", std::move(body)}; };
  const std::vector<std::function<Result<WitnessAnswer>(const std::string& body)>> lies = {
      [&](const auto&) { return says(200, ""); },
      [&](const auto&) { return says(200, "nonsense\n"); },
      [&](const auto&) { return says(200, std::string(add_checkpoint_bytes_max, 'x')); },
      [&](const auto& body) { return says(200, other.sign(text_of(body), 0).line()); },
      [&](const auto&) { return says(200, odd_.sign("another text\n", 0).line()); },
      [&](const auto&) { return says(409, "0\n"); },
      [&](const auto&) { return says(409, "-1\n"); },
      [&](const auto&) { return says(409, ""); },
      [&](const auto&) { return says(409, "1000000\n"); },
      [&](const auto&) { return says(409, "99999999999999999999\n"); },
      [&](const auto&) { return says(500, std::string(100'000, 'x')); },
      [&](const auto&) { return says(0, ""); },
      [&](const auto&) { return Result<WitnessAnswer>(fail(Errc::unavailable, "it is down")); },
  };
  for (std::size_t i = 0; i < lies.size(); ++i) {
    log_.reset();
    std::atomic<int> asked = 0;
    open([&, i](const std::string& body) -> Result<WitnessAnswer> {
      ++asked;
      return lies[i](body);
    });
    expect_proven(fmt::format("entry {}", i));
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(patience_ms);
    while (asked < 4 && std::chrono::steady_clock::now() < deadline)
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    EXPECT_NE(log_->witnesses()[2].trouble, "") << i;
    EXPECT_LT(log_->witnesses()[2].trouble.size(), 400u) << i;
    EXPECT_EQ(log_->witnesses()[2].size, 0u) << i;
    log_.reset();
  }
}

/// Freshness is for whoever relies on a cosignature to judge: the log hands on what the witness said.
TEST_F(WithOneOdd, whose_clock_is_wrong_is_handed_on_with_the_time_it_says) {
  constexpr TimeMs long_ago = 1'000'000;
  open([this](const std::string& body) -> Result<WitnessAnswer> {
    return WitnessAnswer{200, "text/plain", odd_.sign(text_of(body), long_ago).line()};
  });
  expect_proven("entry");
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(patience_ms);
  std::map<std::size_t, std::int64_t> times;
  while (times.size() < 3 && std::chrono::steady_clock::now() < deadline)
    times = policy().open(log_->checkpoint(), log_signer.verifier())->cosigned_s;
  ASSERT_EQ(times.size(), 3u);
  EXPECT_EQ(times[2], long_ago / 1000);
  EXPECT_GT(times[0], rig_.clock.now() / 1000 - 600);
}

TEST(Log, tiles_that_cannot_be_written_stop_signing_and_lose_nothing) {
  Rig rig(1, 1);
  ASSERT_TRUE(rig.open());
  rig.add("first");
  ASSERT_TRUE(rig.log->prove(0, patience_ms));
  const auto before = rig.log->checkpoint();
  // Where a directory of tiles has to be, something else is: as good as a full disk, for root too.
  fs::rename(rig.folder / "log/tile", rig.folder / "aside");
  ASSERT_TRUE(write_file_durably(rig.folder / "log/tile", ""));
  EXPECT_EQ(rig.add("second"), 1u) << "durable in the journal";
  EXPECT_EQ(rig.log->prove(1, short_patience_ms).error().code, Errc::unavailable);
  EXPECT_EQ(*read_file(rig.folder / "log/checkpoint"), before);
  EXPECT_EQ(parse_checkpoint(parse_note(*read_file(rig.folder / "log/signed"))->text)->size, 1u);
  fs::remove(rig.folder / "log/tile");
  fs::rename(rig.folder / "aside", rig.folder / "log/tile");
  EXPECT_TRUE(rig.log->prove(1, patience_ms)) << "without a restart";
  EXPECT_EQ(rig.audited()->checkpoint.size, 2u);
}

TEST(Audit, names_what_is_wrong) {
  Rig rig;
  ASSERT_TRUE(rig.open());
  for (int i = 0; i < 600; ++i) rig.add(fmt::format("entry {}", i));
  ASSERT_TRUE(rig.log->prove(599, patience_ms));
  const auto before = rig.audited();
  ASSERT_TRUE(before) << before.error().message;
  rig.add("more");
  ASSERT_TRUE(rig.log->prove(600, patience_ms));
  ASSERT_TRUE(rig.audited(before->note));
  rig.log.reset();
  for (const char* tile : {"tile/entries/001", "tile/0/000", "tile/1/000.p/2", "tile/entries/002.p/89"}) {
    const auto path = rig.folder / (std::string("log/") + tile);
    const auto good = *read_file(path);
    auto bad = good;
    bad[bad.size() / 2] ^= 1;
    ASSERT_TRUE(write_file_durably(path, bad));
    const auto tampered = rig.audited();
    ASSERT_FALSE(tampered) << tile;
    EXPECT_EQ(tampered.error().code, Errc::unprocessable);
    fs::remove(path);
    EXPECT_FALSE(rig.audited()) << tile;
    ASSERT_TRUE(write_file_durably(path, good));
  }
  ASSERT_TRUE(rig.audited());
}

TEST(Audit, notices_a_rollback_and_a_split_view) {
  Rig rig, other;
  ASSERT_TRUE(rig.open());
  ASSERT_TRUE(other.open());
  for (int i = 0; i < 3; ++i) {
    rig.add("same");
    other.add(i == 1 ? "not the same" : "same");
  }
  ASSERT_TRUE(rig.log->prove(2, patience_ms));
  ASSERT_TRUE(other.log->prove(2, patience_ms));
  const auto seen = rig.audited()->note;
  EXPECT_EQ(other.audited(seen).error().code, Errc::conflict);
  other.add("and more");
  ASSERT_TRUE(other.log->prove(3, patience_ms));
  const auto split = other.audited(seen);
  EXPECT_EQ(split.error().code, Errc::conflict);
  EXPECT_TRUE(split.error().message.find("split view") != std::string::npos);
  const auto rollback = rig.audited(other.audited()->note);
  EXPECT_EQ(rollback.error().code, Errc::conflict);
}

// ---------------------------------------------------------------------------------------------------------------
// The table that every witness must reproduce

class WitnessTable : public ::testing::Test {
 protected:
  void SetUp() override {
    for (int i = 0; i < 20; ++i) {
      leaves_.push_back(leaf_hash(fmt::format("{}", i)));
      forked_.push_back(leaf_hash(fmt::format("{}", i == 3 ? 33 : i)));
    }
    reopen();
  }
  void reopen() {
    witness_.reset();
    auto opened = Witness::open(folder_ / "w", signer_, {log_signer.verifier()}, clock_);
    ASSERT_TRUE(opened) << opened.error().message;
    witness_ = std::move(*opened);
  }
  static NodeReader reader(const std::vector<Hash>& leaves) {
    return [&leaves](const Node& node) -> Result<Hash> {
      return root_of(std::span(leaves).subspan(node.index << node.level, std::size_t{1} << node.level));
    };
  }
  std::string note(std::uint64_t size, const std::vector<Hash>& leaves, const Signer& signer = log_signer) const {
    const auto text = Checkpoint{signer.verifier().name, size, *root_at(size, reader(leaves))}.text();
    return Note{text, {signer.sign(text, 0)}}.bytes();
  }
  WitnessAnswer submit(std::uint64_t old_size, std::uint64_t size, const std::vector<Hash>* leaves = nullptr) {
    if (!leaves) leaves = &leaves_;
    const auto proof = old_size <= size ? *prove_consistency(old_size, size, reader(*leaves)) : Proof();
    return witness_->add_checkpoint(AddCheckpoint{old_size, proof, note(size, *leaves)}.text());
  }
  void expect_cosigned(const WitnessAnswer& answer, std::uint64_t size) {
    ASSERT_EQ(answer.status, 200) << answer.body;
    const auto line = parse_signature_line(answer.body);
    ASSERT_TRUE(line);
    const auto text = Checkpoint{log_signer.verifier().name, size, *root_at(size, reader(leaves_))}.text();
    EXPECT_TRUE(verify(*line, text, signer_.verifier()));
  }

  Folder folder_;
  ManualClock clock_{1'700'000'000'000};
  Signer signer_{"witness.example", Algorithm::cosignature, seed("witness")};
  std::unique_ptr<Witness> witness_;
  std::vector<Hash> leaves_, forked_;
};

TEST_F(WitnessTable, is_reproduced) {
  expect_cosigned(submit(0, 5), 5);
  expect_cosigned(submit(5, 12), 12);
  const auto stale = submit(5, 15);
  EXPECT_EQ(stale.status, 409);
  EXPECT_EQ(stale.content_type, "text/x.tlog.size");
  EXPECT_EQ(stale.body, "12\n");
  const Signer impostor(log_signer.verifier().name, Algorithm::ed25519, seed("impostor"));
  EXPECT_EQ(witness_->add_checkpoint(AddCheckpoint{12, {}, note(12, leaves_, impostor)}.text()).status, 403);
  const Signer unknown("unknown.example/log", Algorithm::ed25519, seed("unknown"));
  EXPECT_EQ(witness_->add_checkpoint(AddCheckpoint{0, {}, note(5, leaves_, unknown)}.text()).status, 404);
  auto proof = *prove_consistency(12, 15, reader(leaves_));
  proof[0][0] ^= 1;
  EXPECT_EQ(witness_->add_checkpoint(AddCheckpoint{12, proof, note(15, leaves_)}.text()).status, 422);
  EXPECT_EQ(submit(12, 15, &forked_).status, 422) << "wrong root";
  expect_cosigned(submit(12, 12), 12);
  EXPECT_EQ(submit(12, 12, &forked_).status, 422) << "other root at the same size";
  EXPECT_EQ(submit(13, 12).status, 400);
  EXPECT_EQ(submit(5, 8).status, 409) << "rollback";
  for (const char* body : {"", "old\n", "old 1\n", "old -1\n\nx", "old 01\n\nx", "old 1\nAAAA\n\nx"})
    EXPECT_EQ(witness_->add_checkpoint(body).status, 400) << body;
  EXPECT_EQ(witness_->checkpoint("00").status, 404);
  const auto last = witness_->checkpoint(origin_hash(log_signer.verifier().name));
  ASSERT_EQ(last.status, 200);
  EXPECT_EQ(open_checkpoint(last.body, log_signer.verifier())->checkpoint.size, 12u);
}

TEST_F(WitnessTable, a_forged_signature_of_the_known_key_is_refused) {
  auto forged = note(5, leaves_);
  const auto end = forged.size() - 10;
  forged[end] = forged[end] == 'A' ? 'B' : 'A';
  EXPECT_EQ(witness_->add_checkpoint(AddCheckpoint{0, {}, forged}.text()).status, 403);
}

TEST_F(WitnessTable, signatures_of_strangers_do_no_harm_and_are_not_kept) {
  auto note_with_more = *parse_note(note(5, leaves_));
  for (int i = 0; i < 20; ++i)
    note_with_more.signatures.push_back(
        Signer(fmt::format("stranger{}", i), Algorithm::ed25519, seed("s")).sign(note_with_more.text, 0));
  note_with_more.signatures.push_back({"pq.example", 0x06060606, std::string(2'428, '\x06')});
  expect_cosigned(witness_->add_checkpoint(AddCheckpoint{0, {}, note_with_more.bytes()}.text()), 5);
  const auto kept = witness_->checkpoint(origin_hash(log_signer.verifier().name));
  EXPECT_EQ(parse_note(kept.body)->signatures.size(), 2u);
  EXPECT_EQ(submit(5, 12).status, 200);
}

TEST_F(WitnessTable, an_empty_tree_has_one_root) {
  const auto text = Checkpoint{log_signer.verifier().name, 0, leaves_[0]}.text();
  const auto bytes = Note{text, {log_signer.sign(text, 0)}}.bytes();
  EXPECT_EQ(witness_->add_checkpoint(AddCheckpoint{0, {}, bytes}.text()).status, 422);
  expect_cosigned(submit(0, 0), 0);
  expect_cosigned(submit(0, 3), 3);
}

TEST_F(WitnessTable, is_remembered_over_a_restart_and_a_lost_memory_stops_it) {
  expect_cosigned(submit(0, 5), 5);
  reopen();
  EXPECT_EQ(submit(0, 12).body, "5\n");
  expect_cosigned(submit(5, 12), 12);
  witness_.reset();
  fs::remove(folder_ / "w/" + origin_hash(log_signer.verifier().name) + ".checkpoint");
  const auto forgot = Witness::open(folder_ / "w", signer_, {log_signer.verifier()}, clock_);
  ASSERT_FALSE(forgot);
  EXPECT_TRUE(forgot.error().message.find("lost") != std::string::npos);
}

TEST_F(WitnessTable, a_clock_that_went_back_cosigns_nothing) {
  expect_cosigned(submit(0, 5), 5);
  clock_.advance(-1'000'000);
  EXPECT_EQ(submit(5, 6).status, 503);
  clock_.advance(1'000'000);
  expect_cosigned(submit(5, 6), 6);
}

TEST_F(WitnessTable, one_process_a_witness) {
  const auto second = Witness::open(folder_ / "w", signer_, {}, clock_);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Errc::conflict);
}

}  // namespace
}  // namespace vitrine::tlog
