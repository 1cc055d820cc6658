#include <atomic>
#include <limits>

#include "store/testing.hpp"

namespace vitrine::store {
namespace {

class DatabaseTest : public testing::BothEngines {};
INSTANTIATE_TEST_SUITE_P(Engines, DatabaseTest, testing::both_engines(), testing::engine_name);

constexpr Migration things[] = {{1,
                                 "CREATE TABLE things (id BIGINT PRIMARY KEY, name TEXT, score DOUBLE PRECISION, "
                                 "raw BYTEA); CREATE UNIQUE INDEX things_name ON things (name)"}};

TEST_P(DatabaseTest, keeps_every_type_as_it_was) {
  ASSERT_TRUE(migrate(*database_, "test", things));
  constexpr std::int64_t largest = std::numeric_limits<std::int64_t>::max();
  const std::string text = "größe 漢字 🎬 'quoted' \"twice\" \\ $1 %s\n";
  const Blob bytes = {0, 1, 0xff, 0, 0x5c, 0x27};
  run("INSERT INTO things (id, name, score, raw) VALUES ($1, $2, $3, $4)", {largest, text, 0.1, bytes});
  run("INSERT INTO things (id, name, score, raw) VALUES ($1, $2, $3, $4)", {std::int64_t{-1}, {}, {}, {}});
  const auto rows = database_->query("SELECT id, name, score, raw FROM things ORDER BY id DESC");
  ASSERT_TRUE(rows) << rows.error().message;
  ASSERT_EQ(rows->size(), 2u);
  EXPECT_EQ((*rows)[0].integer(0), largest);
  EXPECT_EQ((*rows)[0].text(1), text);
  EXPECT_EQ((*rows)[0].real(2), 0.1);
  EXPECT_EQ((*rows)[0].blob(3), bytes);
  for (std::size_t column = 1; column < 4; ++column) EXPECT_TRUE((*rows)[1].is_null(column));
  EXPECT_EQ((*rows)[1].text_or_empty(1), "");
}

TEST_P(DatabaseTest, says_how_many_rows_changed) {
  ASSERT_TRUE(migrate(*database_, "test", things));
  for (std::int64_t id = 0; id < 5; ++id) run("INSERT INTO things (id) VALUES ($1)", {id});
  EXPECT_EQ(database_->execute("DELETE FROM things WHERE id < $1", {std::int64_t{3}}).value_or(-1), 3);
  EXPECT_EQ(database_->execute("DELETE FROM things WHERE id < $1", {std::int64_t{3}}).value_or(-1), 0);
}

TEST_P(DatabaseTest, a_broken_rule_is_a_conflict_and_a_broken_statement_is_ours) {
  ASSERT_TRUE(migrate(*database_, "test", things));
  run("INSERT INTO things (id, name) VALUES (1, 'a')");
  const auto twice = database_->execute("INSERT INTO things (id, name) VALUES (2, 'a')");
  ASSERT_FALSE(twice);
  EXPECT_EQ(twice.error().code, Errc::conflict);
  const auto nonsense = database_->query("SELECT nothing FROM nowhere");
  ASSERT_FALSE(nonsense);
  EXPECT_EQ(nonsense.error().code, Errc::internal);
  EXPECT_TRUE(database_->query("SELECT id FROM things"));
}

TEST_P(DatabaseTest, a_transaction_is_all_or_nothing_and_survives_reopening) {
  ASSERT_TRUE(migrate(*database_, "test", things));
  const auto refused = database_->transaction(Access::write, [](Session& session) -> Result<void> {
    VT_CHECK(session.execute("INSERT INTO things (id) VALUES (1)"));
    return fail(Errc::forbidden, "changed my mind");
  });
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::forbidden);
  ASSERT_TRUE(database_->transaction(Access::write, [](Session& session) -> Result<void> {
    VT_CHECK(session.execute("INSERT INTO things (id) VALUES (2)"));
    VT_CHECK(session.execute("INSERT INTO things (id) VALUES (3)"));
    return {};
  }));
  open();
  const auto rows = database_->query("SELECT id FROM things ORDER BY id");
  ASSERT_TRUE(rows);
  ASSERT_EQ(rows->size(), 2u);
  EXPECT_EQ((*rows)[0].integer(0), 2);
}

TEST_P(DatabaseTest, a_failed_statement_inside_a_transaction_undoes_all_of_it) {
  ASSERT_TRUE(migrate(*database_, "test", things));
  run("INSERT INTO things (id) VALUES (1)");
  EXPECT_FALSE(database_->transaction(Access::write, [](Session& session) -> Result<void> {
    VT_CHECK(session.execute("INSERT INTO things (id) VALUES (7)"));
    VT_CHECK(session.execute("INSERT INTO things (id) VALUES (1)"));
    return {};
  }));
  EXPECT_EQ(database_->query("SELECT id FROM things")->size(), 1u);
}

TEST_P(DatabaseTest, writers_at_the_same_time_lose_nothing) {
  ASSERT_TRUE(migrate(*database_, "test", things));
  run("INSERT INTO things (id, score) VALUES (1, 0)");
  constexpr int threads = 6, rounds = 15;
  std::atomic<int> failures = 0;
  {
    std::vector<std::jthread> all;
    for (int i = 0; i < threads; ++i) {
      all.emplace_back([&] {
        for (int round = 0; round < rounds; ++round) {
          const auto done = database_->transaction(Access::write, [](Session& session) -> Result<void> {
            VT_CHECK(session.execute("UPDATE things SET score = score + 1 WHERE id = 1"));
            return {};
          });
          if (!done) ++failures;
        }
      });
    }
  }
  const auto rows = database_->query("SELECT score FROM things WHERE id = 1");
  ASSERT_TRUE(rows);
  EXPECT_EQ((*rows)[0].real(0) + failures, threads * rounds);
  EXPECT_EQ(failures, 0);
}

TEST_P(DatabaseTest, migrations_run_once_and_a_newer_database_is_refused) {
  constexpr Migration two[] = {things[0], {2, "ALTER TABLE things ADD COLUMN extra TEXT"}};
  ASSERT_TRUE(migrate(*database_, "test", things));
  ASSERT_TRUE(migrate(*database_, "test", two));
  ASSERT_TRUE(migrate(*database_, "test", two));
  run("INSERT INTO things (id, extra) VALUES (1, 'x')");
  const auto older = migrate(*database_, "test", things);
  ASSERT_FALSE(older);
  EXPECT_EQ(older.error().code, Errc::conflict);
}

TEST_P(DatabaseTest, a_failed_migration_leaves_nothing_and_can_be_repeated) {
  constexpr Migration bad[] = {{1, "CREATE TABLE half (id BIGINT); CREATE TABLE half (id BIGINT)"}};
  constexpr Migration good[] = {{1, "CREATE TABLE half (id BIGINT)"}};
  EXPECT_FALSE(migrate(*database_, "test", bad));
  const auto repeated = migrate(*database_, "test", good);
  EXPECT_TRUE(repeated) << repeated.error().message;
}

TEST_P(DatabaseTest, a_trigger_is_one_statement_of_a_migration) {
  if (GetParam() != "sqlite") GTEST_SKIP() << "absent: triggers with statements of their own (SQLite alone has them)";
  constexpr Migration triggered[] = {{1, R"(
CREATE TABLE a (id BIGINT);
CREATE TRIGGER copy AFTER INSERT ON a BEGIN INSERT INTO b VALUES (new.id); INSERT INTO b VALUES (new.id + 1); END;
CREATE TABLE b (id BIGINT);
)"}};
  const auto done = migrate(*database_, "test", triggered);
  ASSERT_TRUE(done) << done.error().message;
  run("INSERT INTO a VALUES (1)");
  EXPECT_EQ((*database_->query("SELECT SUM(id) FROM b"))[0].integer(0), 3);
}

TEST_P(DatabaseTest, two_programs_migrate_at_the_same_time) {
  std::atomic<int> failures = 0;
  {
    std::vector<std::jthread> all;
    for (int i = 0; i < 3; ++i) {
      all.emplace_back([&] {
        const auto own = open_database(where_);
        if (!own || !migrate(**own, "test", things)) ++failures;
      });
    }
  }
  EXPECT_EQ(failures, 0);
}

TEST_P(DatabaseTest, a_lost_connection_is_made_anew) {
  if (GetParam() != "postgresql") GTEST_SKIP() << "absent: a connection to lose (PostgreSQL alone has one)";
  ASSERT_TRUE(migrate(*database_, "test", things));
  const auto other = open_database(where_);
  ASSERT_TRUE(other);
  ASSERT_TRUE(
      (*other)->query("SELECT COUNT(*) FROM (SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE "
                      "datname = current_database() AND pid <> pg_backend_pid()) AS ended"));
  (void)database_->query("SELECT id FROM things");  // may notice the loss
  const auto rows = database_->query("SELECT id FROM things");
  EXPECT_TRUE(rows) << rows.error().message;
}

TEST(OpenDatabase, a_file_that_is_no_database_is_refused) {
  const testing::TemporaryFolder folder;
  std::ofstream(folder / "x.db") << std::string(8192, 'x');
  EXPECT_FALSE(open_database(folder / "x.db"));
}

}  // namespace
}  // namespace vitrine::store
