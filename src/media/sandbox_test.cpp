#include "media/sandbox.hpp"

#include <csignal>
#include <filesystem>
#include <fstream>
#include <unistd.h>

#include "base/id.hpp"

namespace vitrine::media {
namespace {

using Ending = SandboxOutcome::Ending;

class SandboxTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("sandbox-" + new_id(0));
    std::filesystem::create_directories(folder_ / "out");
    std::ofstream(folder_ / "input") << "the input";
    std::ofstream(folder_ / "secret") << "s3cret";
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  SandboxJob job(std::vector<std::string> argv) const {
    return {
        .argv = std::move(argv), .input = folder_ / "input", .output = folder_ / "out", .limits = {.wall_ms = 20'000}};
  }
  static SandboxOutcome run(const SandboxJob& job) {
    auto outcome = run_sandboxed(job);
    EXPECT_TRUE(outcome) << outcome.error().message;
    return outcome.value_or(SandboxOutcome{});
  }
  SandboxOutcome perl(std::string program) const { return run(job({"/usr/bin/perl", "-e", std::move(program)})); }

  std::filesystem::path folder_;
};

TEST_F(SandboxTest, works_here) {
  const auto available = sandbox_available();
  EXPECT_TRUE(available) << available.error().message;
}

TEST_F(SandboxTest, sees_its_input_and_writes_its_output) {
  const auto outcome = perl("open F,'/job/in'; $x=<F>; print $x; open O,'>/job/out/x'; print O $x; warn 'note'");
  EXPECT_TRUE(outcome.succeeded()) << outcome.summary() << outcome.errors;
  EXPECT_EQ(outcome.output, "the input");
  EXPECT_TRUE(outcome.errors.starts_with("note"));
  EXPECT_TRUE(std::filesystem::exists(folder_ / "out" / "x"));
}

TEST_F(SandboxTest, reads_no_file_outside_the_job) {
  for (const std::string& path :
       {std::string("/etc/passwd"), std::string("/proc/self/environ"), std::string("/proc/1/cmdline"),
        std::string("/root"), std::string("/home"), (folder_ / "secret").string()}) {
    const auto outcome = perl("print -e '" + path + "' ? 'there' : 'absent'");
    EXPECT_EQ(outcome.output, "absent") << path;
  }
  EXPECT_EQ(perl("print open(F,'>/job/in') ? 'open' : 'refused'").output, "refused");
  EXPECT_EQ(perl("print open(F,'>/usr/x') ? 'open' : 'refused'").output, "refused");
  EXPECT_EQ(perl("print open(F,'>/job/x') ? 'open' : 'refused'").output, "refused");
}

TEST_F(SandboxTest, has_no_network_and_no_environment) {
  ::setenv("VITRINE_TEST_SECRET", "x", 1);
  EXPECT_EQ(perl("use Socket; print socket(S,PF_INET,SOCK_STREAM,0) ? 'socket' : 'none'").output, "none");
  EXPECT_EQ(perl("use Socket; print socket(S,PF_UNIX,SOCK_STREAM,0) ? 'socket' : 'none'").output, "none");
  EXPECT_EQ(perl("print exists $ENV{VITRINE_TEST_SECRET} ? 'leaked' : 'clean'").output, "clean");
}

TEST_F(SandboxTest, makes_no_namespace_and_no_foreign_system_call) {
  EXPECT_EQ(perl("print syscall(272, 0x10000000)").output, "-1");   // unshare(CLONE_NEWUSER)
  EXPECT_EQ(perl("print syscall(101, 16, 1, 0, 0)").output, "-1");  // ptrace(PTRACE_ATTACH)
  EXPECT_EQ(perl("print syscall(425, 8, 0)").output, "-1");         // io_uring_setup
}

TEST_F(SandboxTest, a_hang_is_killed_with_all_it_started) {
  auto hanging = job({"/usr/bin/perl", "-e", "$SIG{TERM}='IGNORE'; fork; fork; open F,'>/job/out/pid'; sleep 1000"});
  hanging.limits.wall_ms = 500;
  const auto outcome = run(hanging);
  EXPECT_EQ(outcome.ending, Ending::wall_limit);
  EXPECT_LT(outcome.wall_s, 3);
}

TEST_F(SandboxTest, a_spinning_program_runs_out_of_cpu_time) {
  auto spinning = job({"/usr/bin/perl", "-e", "1 while 1"});
  spinning.limits.cpu_s = 1;
  const auto outcome = run(spinning);
  EXPECT_EQ(outcome.ending, Ending::cpu_limit) << outcome.summary();
}

TEST_F(SandboxTest, a_memory_hog_dies) {
  auto hog = job({"/usr/bin/perl", "-e", "my @x; push @x, 'x' x 50_000_000 while 1"});
  hog.limits.address_space_bytes = 256 << 20;
  EXPECT_FALSE(run(hog).succeeded());
}

TEST_F(SandboxTest, a_file_stops_at_its_limit) {
  auto writer =
      job({"/usr/bin/perl", "-e", "open F,'>/job/out/big'; $b='x' x 65536; while(1){ syswrite(F,$b) or exit 3 }"});
  writer.limits.file_bytes = 1 << 20;
  EXPECT_FALSE(run(writer).succeeded());
  EXPECT_LE(std::filesystem::file_size(folder_ / "out" / "big"), 1u << 20);
}

TEST_F(SandboxTest, output_is_bounded_and_a_fork_bomb_ends) {
  auto chatty = job({"/usr/bin/perl", "-e", "print 'x' x 100000; warn 'y' x 100000"});
  chatty.limits.output_bytes = 1000;
  chatty.limits.error_bytes = 1000;
  const auto outcome = run(chatty);
  EXPECT_TRUE(outcome.output_cut);
  EXPECT_EQ(outcome.output.size(), 1000u);
  EXPECT_LE(outcome.errors.size(), 1000u);

  auto bomb = job({"/usr/bin/perl", "-e", "while(1){fork}"});
  bomb.limits.wall_ms = 300;
  EXPECT_NE(run(bomb).ending, Ending::exited);
  EXPECT_EQ(perl("print defined(fork) ? 'forked' : 'refused'").output, "refused");
}

TEST_F(SandboxTest, lines_arrive_while_it_runs_and_stopping_works) {
  std::stop_source stop;
  std::vector<std::string> lines;
  auto talking = job({"/usr/bin/perl", "-e", "$|=1; print \"a\\nb\\n\"; sleep 1000"});
  talking.stop = stop.get_token();
  talking.on_line = [&](std::string_view line) {
    lines.emplace_back(line);
    if (line == "b") stop.request_stop();
  };
  EXPECT_EQ(run(talking).ending, Ending::stopped);
  EXPECT_EQ(lines, (std::vector<std::string>{"a", "b"}));
}

TEST_F(SandboxTest, counts_the_cpu_time_spent_inside) {
  const auto outcome = perl("my $end = (times)[0] + 0.3; 1 while (times)[0] < $end");
  EXPECT_GE(outcome.cpu_s, 0.29);
}

TEST_F(SandboxTest, a_missing_input_is_an_error_not_a_run) {
  auto missing = job({"/usr/bin/true"});
  missing.input = folder_ / "absent";
  const auto outcome = run_sandboxed(missing);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, Errc::unavailable);
}

}  // namespace
}  // namespace vitrine::media
