// What is read off the log: counts, roster, demands, limits; and following a real log that grows, goes away, goes back
// and forks.
#include "custody/public_register.hpp"

#include <filesystem>

#include "custody/startup_entries.hpp"
#include "log/log.hpp"
#include "log/memory_journal.hpp"
#include "store/testing.hpp"

namespace vitrine::custody {
namespace {

namespace fs = std::filesystem;
using store::testing::TemporaryFolder;

constexpr std::int64_t day_s = 86'400;
constexpr std::int64_t now_s = 1'790'000'000 / day_s * day_s + day_s / 2;
constexpr std::int64_t patience_ms = 20'000;
crypto::Hash seed(std::string_view of) { return crypto::sha256(of); }
std::string id(int number) { return fmt::format("{:026}", number); }

std::string opened(std::string_view reader, std::int64_t at_s, std::string_view purpose = "abuse-case",
                   std::string_view nonce = "bm9uY2U=") {
  return fmt::format(R"({{"bucket_s":{},"class":"contact","data_zone":"home","kind":"access","nonce":"{}",)"
                     R"("purpose":"{}","reader":"{}","v":1}})",
                     at_s, nonce, purpose, reader);
}
std::string batch(std::int64_t count, std::int64_t at_s) {
  return fmt::format(
      R"({{"bucket_s":{},"class":"contact","count":{},"data_zone":"home","kind":"batch","nonce":"bm9uY2U=",)"
      R"("purpose":"self","reader":"vault","v":1}})",
      at_s, count);
}
std::string refused(std::string_view reader, std::int64_t at_s) {
  return fmt::format(R"({{"bucket_s":{},"class":"contact","kind":"refusal","purpose":"abuse-case","reader":"{}",)"
                     R"("reason":"no case","v":1}})",
                     at_s, reader);
}

class RegisterTest : public ::testing::Test {
 protected:
  static Rules some_rules() {
    Rules rules;
    rules.delay_s = 3'600;
    rules.members = {{.id = "otto", .role = Role::overseer, .zone = "home", .cose_key = "key", .key = {}}};
    return rules;
  }
  void read(const std::string& entry) { shown_.read(entry, now_s); }
  void read_demand(int number, bool sealed = false) {
    if (sealed)
      read(entry::SealedDemand{now_s, id(number), entry::commitment_to(seed("salt"), content_.text()), now_s + 10}
               .text());
    else
      read(entry::Demand{now_s, id(number), content_}.text());
  }

  const entry::DemandContent content_{"A court", "A law", "contact", "NL", "home"};
  Register shown_{some_rules()};
};

TEST_F(RegisterTest, counts_openings_and_refusals_over_twelve_months) {
  read(opened("mia", now_s));
  read(opened("mia", now_s - 364 * day_s));
  read(opened("mia", now_s - 366 * day_s));
  read(batch(40, now_s - day_s));
  read(refused("mia", now_s));
  const auto accesses = shown_.accesses(now_s);
  ASSERT_EQ(accesses.size(), 2u);
  EXPECT_EQ(accesses[0].purpose, "abuse-case");
  EXPECT_EQ(accesses[0].opened, 2);
  EXPECT_EQ(accesses[0].refused, 1);
  EXPECT_EQ(accesses[1].purpose, "self");
  EXPECT_EQ(accesses[1].opened, 40);
  EXPECT_EQ(shown_.accesses(now_s + 2 * day_s)[0].opened, 1) << "a year rolls on by itself";
}

TEST_F(RegisterTest, shows_thirty_days_oldest_first) {
  read(opened("mia", now_s));
  read(opened("noor", now_s));
  read(batch(40, now_s - 29 * day_s));
  read(batch(40, now_s - 30 * day_s));
  read(refused("mia", now_s - day_s));
  const auto days = shown_.days(now_s);
  ASSERT_EQ(days.size(), limits::days_kept);
  EXPECT_EQ(days.front().start_s, now_s / day_s * day_s - 29 * day_s);
  EXPECT_EQ(days.front().batches, 1);
  EXPECT_EQ(days.back().openings, 2);
  EXPECT_EQ(days[28].refusals, 1);
  EXPECT_EQ(days[15].openings + days[15].batches + days[15].refusals, 0);
}

TEST_F(RegisterTest, counts_what_claims_to_lie_ahead_as_of_now) {
  read(opened("mia", now_s + 1'000 * day_s));
  EXPECT_EQ(shown_.days(now_s).back().openings, 1);
  EXPECT_EQ(shown_.accesses(now_s).front().opened, 1);
}

TEST_F(RegisterTest, counts_purposes_past_its_limit_together) {
  for (std::size_t i = 0; i < limits::accesses_max + 50; ++i) read(opened("mia", now_s, fmt::format("p{:04}", i)));
  const auto accesses = shown_.accesses(now_s);
  EXPECT_EQ(accesses.size(), limits::accesses_max);
  std::int64_t all = 0;
  for (const auto& one : accesses) all += one.opened;
  EXPECT_EQ(all, static_cast<std::int64_t>(limits::accesses_max + 50));
}

TEST_F(RegisterTest, knows_the_roster_as_it_stands) {
  const Member zoe{.id = "zoe", .role = Role::staff, .zone = "home", .cose_key = "zoe's", .key = {}};
  EXPECT_TRUE(shown_.member("otto", now_s));
  read(roster_entry(zoe, now_s));
  EXPECT_FALSE(shown_.member("zoe", now_s)) << "not before the delay";
  EXPECT_TRUE(shown_.member("zoe", now_s + 3'600));
  EXPECT_EQ(shown_.roster().size(), 2u);
  auto another = zoe;
  another.cose_key = "another's";
  read(roster_entry(another, now_s));
  EXPECT_EQ(shown_.member("zoe", now_s + 3'600)->cose_key, "zoe's") << "a name is not taken over";
  read(roster_removal("zoe", now_s));
  EXPECT_FALSE(shown_.member("zoe", now_s + 3'600));
}

TEST_F(RegisterTest, shows_demands_and_what_became_of_them) {
  read_demand(1);
  read(entry::Disclosed{now_s, id(1), Outcome::partly, "one of two"}.text());
  read(entry::Disclosed{now_s, id(9), Outcome::refused, "nobody's"}.text());
  read_demand(1);  // said twice
  ASSERT_EQ(shown_.demands().size(), 1u);
  const auto& demand = shown_.demands().front();
  EXPECT_EQ(demand.content->country, "NL");
  EXPECT_EQ(demand.outcome, Outcome::partly);
  EXPECT_EQ(demand.reason, "one of two");
  EXPECT_FALSE(demand.overdue(now_s + 1'000 * day_s));
}

TEST_F(RegisterTest, shows_a_sealed_demand_once_what_is_opened_is_what_was_sealed) {
  read_demand(1, true);
  const auto& demand = shown_.demands().front();
  EXPECT_TRUE(demand.sealed());
  EXPECT_FALSE(demand.overdue(now_s + 10));
  EXPECT_TRUE(demand.overdue(now_s + 11));
  auto other = content_;
  other.authority = "A harmless one";
  read(entry::Unsealed{now_s, id(1), other.text(), seed("salt")}.text());
  EXPECT_TRUE(demand.sealed());
  ASSERT_EQ(shown_.alarms().size(), 1u);
  EXPECT_EQ(shown_.alarms().front().about, id(1));
  read(entry::Unsealed{now_s, id(1), content_.text(), seed("salt")}.text());
  EXPECT_FALSE(demand.sealed());
  EXPECT_FALSE(demand.overdue(now_s + 11));
  EXPECT_EQ(demand.content->authority, "A court");
}

TEST_F(RegisterTest, hides_no_sealed_demand_behind_many_others) {
  read_demand(0, true);
  for (int i = 1; i <= static_cast<int>(limits::demands_max); ++i) read_demand(i);
  ASSERT_EQ(shown_.demands().size(), limits::demands_max);
  EXPECT_EQ(shown_.demands().back().id, id(0));
  EXPECT_EQ(shown_.demands()[limits::demands_max - 2].id, id(2));
}

TEST_F(RegisterTest, keeps_the_newest_of_everything_else) {
  for (std::size_t i = 0; i <= limits::alarms_max; ++i) read(entry::Alarm{now_s, "x", fmt::format("{}", i)}.text());
  read(entry::Alarm{now_s, "x", "7"}.text());
  EXPECT_EQ(shown_.alarms().size(), limits::alarms_max);
  EXPECT_EQ(shown_.alarms().front().message, fmt::format("{}", limits::alarms_max)) << "said twice, shown once";
  for (std::size_t i = 0; i <= limits::models_max; ++i) {
    read(entry::Model{now_s, seed(fmt::format("{}", i))}.text());
    read(entry::Build{now_s, seed(fmt::format("{}", i)), "1"}.text());
  }
  EXPECT_EQ(shown_.models().size(), limits::models_max);
  EXPECT_EQ(shown_.builds().size(), limits::builds_max);
  EXPECT_EQ(shown_.models().front().sha256, seed(fmt::format("{}", limits::models_max)));
  for (std::size_t i = 0; i <= limits::interventions_max; ++i)
    read(entry::Intervention{now_s, "cap", "mia", "clip", fmt::format("{}", i), 0}.text());
  EXPECT_EQ(shown_.interventions().size(), limits::interventions_max);
  read(erasure_entry(std::vector<std::string>{"a", "b"}, now_s));
  EXPECT_EQ(shown_.erasures(), 1);
  read(entry::Retention{now_s, 0}.text());
  read(entry::Retention{now_s, 3}.text());
  EXPECT_EQ(shown_.retention()->older, 3);
}

TEST_F(RegisterTest, keeps_what_each_reader_tried_within_its_limits) {
  for (std::size_t i = 0; i <= limits::attempts_per_reader_max; ++i)
    read(opened("mia", now_s, "abuse-case", fmt::format("{}", i)));
  read(refused("mia", now_s));
  read(batch(5, now_s));
  const auto attempts = shown_.attempts_of("mia");
  ASSERT_EQ(attempts.size(), limits::attempts_per_reader_max);
  EXPECT_TRUE(attempts[0].refused);
  EXPECT_EQ(attempts[0].reason, "no case");
  EXPECT_FALSE(attempts[1].refused);
  EXPECT_EQ(attempts[1].nonce, fmt::format("{}", limits::attempts_per_reader_max));
  EXPECT_TRUE(shown_.attempts_of("vault").empty()) << "of people only";
  read(refused("long-ago", now_s - day_s));
  for (std::size_t i = 0; i < limits::readers_max; ++i) read(refused(fmt::format("r{}", i), now_s));
  EXPECT_TRUE(shown_.attempts_of("long-ago").empty());
  EXPECT_EQ(shown_.attempts_of("r0").size(), 1u);
}

TEST_F(RegisterTest, is_told_what_runs_when_that_has_changed) {
  Running running{.binary = seed("binary"), .version = "1", .model = seed("model")};
  const auto kinds = [&] {
    std::vector<std::string> out;
    for (const auto& entry : startup_entries(shown_, running, now_s)) {
      out.emplace_back(parse_json(entry)->as_object().at("kind").as_string());
      read(entry);
    }
    return out;
  };
  using Kinds = std::vector<std::string>;
  EXPECT_EQ(kinds(), (Kinds{"build", "model"})) << "the first settings are no intervention";
  EXPECT_EQ(kinds(), Kinds{});
  running.model = seed("other model");
  EXPECT_EQ(kinds(), (Kinds{"intervention", "model"}));
  EXPECT_EQ(shown_.interventions().front().text(),
            entry::Intervention({now_s, "weights", "operator", "for-you", "settings changed", 0}).text());
  running.binary = seed("other binary");
  EXPECT_EQ(kinds(), Kinds{"build"});
  running.version = "2";
  EXPECT_EQ(kinds(), Kinds{"build"});
  running.model = seed("model");
  EXPECT_EQ(kinds(), (Kinds{"intervention", "model"})) << "going back is a change too";
}

TEST(OwnBinary, is_hashed_as_it_is_on_disk) {
  EXPECT_EQ(*hash_of_own_binary(), crypto::sha256(*read_file("/proc/self/exe", 1 << 30)));
}

// ---------------------------------------------------------------------------------------------------------------
// Following

class FollowingTest : public ::testing::Test {
 protected:
  void SetUp() override {
    open_log("log", journal_);
    rules_.log = signer_.verifier();
    rules_.witnesses = policy_;
  }
  /// A log of the same key; two of them tell two stories.
  void open_log(const std::string& name, tlog::Journal& journal) {
    log_.reset();
    witness_.reset();
    witness_ = *tlog::Witness::open(folder_ / ("witness of " + name), cosigner_, {signer_.verifier()}, clock_);
    tlog::LogOptions options{.directory = folder_ / name,
                             .second_place = folder_ / (name + ".signed"),
                             .policy = policy_,
                             .posts = {[this](const std::string& body) -> Result<tlog::WitnessAnswer> {
                               if (witness_is_down_) return fail(Errc::unavailable, "it is down");
                               return witness_->add_checkpoint(body);
                             }},
                             .interval_ms = 20,
                             .retry_ms = 20};
    auto log = tlog::Log::open(std::move(options), signer_, journal, clock_);
    ASSERT_TRUE(log) << log.error().message;
    log_ = std::move(*log);
    shown_log_ = name;
  }
  void append(const std::string& entry) {
    const auto index = log_->append(entry);
    ASSERT_TRUE(index) << index.error().message;
    ASSERT_TRUE(log_->prove(*index, patience_ms));
  }
  void open_register() {
    register_.reset();
    auto opened = PublicRegister::open({.rules = rules_,
                                        .fetch = [this](const std::string& path) -> Result<std::string> {
                                          if (away_) return fail(Errc::unavailable, "the log is away");
                                          return read_file(folder_ / std::string(shown_log_) + "/" + path);
                                        },
                                        .seen_file = folder_ / "seen"},
                                       clock_);
    ASSERT_TRUE(opened) << opened.error().message;
    register_ = std::move(*opened);
  }
  std::string alarm(int number) {
    return entry::Alarm{bucket_of(clock_.now()), "test", fmt::format("{}", number)}.text();
  }

  TemporaryFolder folder_;
  SystemClock clock_;
  tlog::MemoryJournal journal_, other_journal_;
  const tlog::Signer signer_{"test/log", tlog::Algorithm::ed25519, seed("log")};
  const tlog::Signer cosigner_{"test/witness", tlog::Algorithm::cosignature, seed("witness")};
  const tlog::Policy policy_ = tlog::Policy::quorum_of(1, {{"w", cosigner_.verifier(), ""}});
  Rules rules_;
  std::unique_ptr<tlog::Witness> witness_;
  std::unique_ptr<tlog::Log> log_;
  std::atomic<bool> witness_is_down_ = false, away_ = false;
  std::string shown_log_;
  std::unique_ptr<PublicRegister> register_;  ///< last: its thread uses what stands above
};

TEST_F(FollowingTest, shows_what_is_witnessed_and_nothing_else) {
  append(alarm(1));
  open_register();
  ASSERT_TRUE(register_->catch_up());
  EXPECT_EQ(register_->view().size, 1u);
  EXPECT_EQ(register_->view().entries->alarms().size(), 1u);
  EXPECT_EQ(register_->view().cosigned.at(0).size, 1u);
  EXPECT_GT(register_->view().cosigned.at(0).at_s, clock_.now() / 1000 - 600);
  witness_is_down_ = true;
  ASSERT_TRUE(log_->append(alarm(2)));
  EXPECT_FALSE(log_->prove(1, 100));
  ASSERT_TRUE(register_->catch_up());
  EXPECT_EQ(register_->view().entries->alarms().size(), 1u) << "durable and signed, and not yet witnessed";
  witness_is_down_ = false;
  ASSERT_TRUE(log_->prove(1, patience_ms));
  ASSERT_TRUE(register_->catch_up());
  EXPECT_EQ(register_->view().entries->alarms().size(), 2u);
}

TEST_F(FollowingTest, goes_by_itself) {
  open_register();
  append(alarm(1));
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(patience_ms);
  while (register_->view().size < 1 && std::chrono::steady_clock::now() < deadline)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  EXPECT_EQ(register_->view().size, 1u);
}

TEST_F(FollowingTest, shows_what_it_had_while_the_log_is_away) {
  append(alarm(1));
  open_register();
  ASSERT_TRUE(register_->catch_up());
  away_ = true;
  EXPECT_EQ(register_->catch_up().error().code, Errc::unavailable);
  EXPECT_EQ(register_->view().trouble, "the log is away");
  EXPECT_EQ(register_->view().entries->alarms().size(), 1u);
  EXPECT_TRUE(register_->view().alarms.empty());
  away_ = false;
  ASSERT_TRUE(register_->catch_up());
  EXPECT_EQ(register_->view().trouble, "");
}

TEST_F(FollowingTest, believes_no_checkpoint_of_other_keys) {
  append(alarm(1));
  rules_.witnesses =
      tlog::Policy::quorum_of(1, {{"w", tlog::Signer("x", tlog::Algorithm::cosignature, seed("x")).verifier(), ""}});
  open_register();
  EXPECT_EQ(register_->catch_up().error().code, Errc::forbidden);
  EXPECT_EQ(register_->view().size, 0u);
}

TEST_F(FollowingTest, raises_an_alarm_at_a_rollback_even_over_a_restart) {
  append(alarm(1));
  fs::copy(folder_ / "log", folder_ / "older", fs::copy_options::recursive);
  append(alarm(2));
  open_register();
  ASSERT_TRUE(register_->catch_up());
  const auto goes_back = [&] {
    const auto read = register_->catch_up();
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, Errc::conflict);
    const auto view = register_->view();
    ASSERT_EQ(view.alarms.size(), 1u) << "told once";
    EXPECT_TRUE(view.alarms.front().message.find("rollback") != std::string::npos) << view.alarms.front().message;
  };
  register_.reset();
  shown_log_ = "older";
  open_register();
  goes_back();
  goes_back();
  EXPECT_EQ(register_->view().size, 0u);
  register_.reset();
  shown_log_ = "log";
  open_register();
  ASSERT_TRUE(register_->catch_up());
  EXPECT_EQ(register_->view().size, 2u);
}

/// Two stories under the same keys: the witness was deceived with the log, or is in it.
TEST_F(FollowingTest, raises_an_alarm_at_a_split_view_and_shows_no_entry_of_the_other_story) {
  append(alarm(1));
  append(alarm(2));
  open_log("other", other_journal_);
  append(alarm(1));
  append(alarm(20));
  append(alarm(30));
  shown_log_ = "log";
  open_register();
  ASSERT_TRUE(register_->catch_up());
  register_.reset();
  shown_log_ = "other";
  open_register();
  for (int i = 0; i < 2; ++i) {
    const auto read = register_->catch_up();
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, Errc::conflict) << read.error().message;
    EXPECT_TRUE(read.error().message.find("split view") != std::string::npos) << read.error().message;
  }
  EXPECT_EQ(register_->view().entries->alarms().size(), 0u);
  EXPECT_EQ(register_->view().alarms.size(), 1u);
}

TEST_F(FollowingTest, announces_what_runs_once) {
  open_register();
  LogPort port;
  port.append = [this](const std::string& entry) -> Result<std::uint64_t> {
    append(entry);
    return 0;
  };
  const Running running{.binary = seed("binary"), .version = "1", .model = seed("model")};
  ASSERT_TRUE(announce(*register_, running, port, clock_));
  ASSERT_TRUE(announce(*register_, running, port, clock_));
  EXPECT_EQ(log_->size(), 2u);
  away_ = true;
  EXPECT_FALSE(announce(*register_, running, port, clock_)) << "who cannot see the log cannot know";
}

}  // namespace
}  // namespace vitrine::custody
