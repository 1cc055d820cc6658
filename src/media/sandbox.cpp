#include "media/sandbox.hpp"

#include <csignal>
#include <ctime>
#include <fcntl.h>
#include <mutex>
#include <poll.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

namespace vitrine::media {
namespace {

constexpr const char* bwrap_path = "/usr/bin/bwrap";
constexpr int filter_fd_in_child = 3;
constexpr std::int64_t open_files_max = 256;
constexpr int poll_step_ms = 50;
constexpr std::int64_t pipe_drain_ms_max = 30'000;
constexpr std::string_view scratch_bytes = "67108864";  // of the private /tmp

// What FFmpeg and the loader need; everything else is answered with ENOSYS, as an older kernel would.
constexpr int allowed_calls[] = {
    // files
    SCMP_SYS(read), SCMP_SYS(write), SCMP_SYS(readv), SCMP_SYS(writev), SCMP_SYS(pread64), SCMP_SYS(pwrite64),
    SCMP_SYS(preadv), SCMP_SYS(pwritev), SCMP_SYS(open), SCMP_SYS(openat), SCMP_SYS(close), SCMP_SYS(close_range),
    SCMP_SYS(stat), SCMP_SYS(fstat), SCMP_SYS(lstat), SCMP_SYS(newfstatat), SCMP_SYS(statx), SCMP_SYS(statfs),
    SCMP_SYS(fstatfs), SCMP_SYS(lseek), SCMP_SYS(access), SCMP_SYS(faccessat), SCMP_SYS(faccessat2), SCMP_SYS(readlink),
    SCMP_SYS(readlinkat), SCMP_SYS(getdents64), SCMP_SYS(getcwd), SCMP_SYS(mkdir), SCMP_SYS(rename), SCMP_SYS(renameat),
    SCMP_SYS(renameat2), SCMP_SYS(unlink), SCMP_SYS(unlinkat), SCMP_SYS(ftruncate), SCMP_SYS(fallocate),
    SCMP_SYS(fsync), SCMP_SYS(fdatasync), SCMP_SYS(fadvise64), SCMP_SYS(fcntl), SCMP_SYS(dup), SCMP_SYS(dup2),
    SCMP_SYS(dup3), SCMP_SYS(pipe), SCMP_SYS(pipe2), SCMP_SYS(poll), SCMP_SYS(ppoll), SCMP_SYS(select),
    SCMP_SYS(pselect6), SCMP_SYS(eventfd2), SCMP_SYS(umask),
    // memory
    SCMP_SYS(mmap), SCMP_SYS(munmap), SCMP_SYS(mprotect), SCMP_SYS(mremap), SCMP_SYS(madvise), SCMP_SYS(brk),
    SCMP_SYS(mincore), SCMP_SYS(membarrier),
    // threads and signals, all inside the own PID namespace
    SCMP_SYS(futex), SCMP_SYS(set_robust_list), SCMP_SYS(get_robust_list), SCMP_SYS(rseq), SCMP_SYS(set_tid_address),
    SCMP_SYS(arch_prctl), SCMP_SYS(exit), SCMP_SYS(exit_group), SCMP_SYS(wait4), SCMP_SYS(waitid), SCMP_SYS(gettid),
    SCMP_SYS(getpid), SCMP_SYS(getppid), SCMP_SYS(getuid), SCMP_SYS(geteuid), SCMP_SYS(getgid), SCMP_SYS(getegid),
    SCMP_SYS(getpgrp), SCMP_SYS(tgkill), SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigreturn),
    SCMP_SYS(rt_sigtimedwait), SCMP_SYS(rt_sigsuspend), SCMP_SYS(sigaltstack), SCMP_SYS(restart_syscall),
    SCMP_SYS(sched_yield), SCMP_SYS(sched_getaffinity), SCMP_SYS(sched_setaffinity), SCMP_SYS(sched_getparam),
    SCMP_SYS(sched_getscheduler), SCMP_SYS(getcpu), SCMP_SYS(execve),
    // time and facts about the machine
    SCMP_SYS(nanosleep), SCMP_SYS(clock_nanosleep), SCMP_SYS(clock_gettime), SCMP_SYS(clock_getres),
    SCMP_SYS(gettimeofday), SCMP_SYS(time), SCMP_SYS(times), SCMP_SYS(getrusage), SCMP_SYS(getrlimit),
    SCMP_SYS(prlimit64), SCMP_SYS(sysinfo), SCMP_SYS(uname), SCMP_SYS(getrandom)};

constexpr std::uint64_t namespace_flags =
    CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET;
constexpr std::uint64_t thread_flag = CLONE_THREAD;

class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  ~Descriptor() { reset(); }
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    reset();
    fd_ = std::exchange(other.fd_, -1);
    return *this;
  }
  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] bool is_open() const { return fd_ >= 0; }
  void reset() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }

 private:
  int fd_;
};

/// Adds the rules; 0 or a negative errno, as libseccomp has it.
int add_rules(scmp_filter_ctx context) {
  for (const int call : allowed_calls) {
    if (const int rc = seccomp_rule_add(context, SCMP_ACT_ALLOW, call, 0); rc != 0) return rc;
  }
  // Threads of the one process, nothing else: the kernel does not count root's processes, so a fork bomb would meet no
  // limit when the server runs as root. clone3 hides its flags in memory: ENOSYS makes glibc use clone.
  if (const int rc = seccomp_rule_add(context, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
                                      SCMP_A0(SCMP_CMP_MASKED_EQ, namespace_flags | thread_flag, thread_flag));
      rc != 0) {
    return rc;
  }
  for (const std::uint64_t request : {TCGETS, TIOCGWINSZ, FIONREAD}) {
    const int rc = seccomp_rule_add(context, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1, SCMP_A1(SCMP_CMP_EQ, request));
    if (rc != 0) return rc;
  }
  return seccomp_rule_add(context, SCMP_ACT_ALLOW, SCMP_SYS(prctl), 1, SCMP_A0(SCMP_CMP_EQ, PR_SET_NAME));
}

Result<std::string> compile_filter() {
  const std::unique_ptr<void, void (*)(void*)> context(seccomp_init(SCMP_ACT_ERRNO(ENOSYS)), seccomp_release);
  if (!context) return fail(Errc::unavailable, "the system-call filter could not be made");
  if (const int rc = add_rules(context.get()); rc != 0) {
    return fail(Errc::unavailable, "the system-call filter could not be made ({})", rc);
  }
  const Descriptor memory(::memfd_create("filter", MFD_CLOEXEC));
  if (!memory.is_open()) return std::unexpected(system_error("memfd_create", errno));
  if (const int rc = seccomp_export_bpf(context.get(), memory.get()); rc != 0) {
    return fail(Errc::unavailable, "the system-call filter could not be written ({})", rc);
  }
  std::string program(static_cast<std::size_t>(::lseek(memory.get(), 0, SEEK_END)), '\0');
  if (::pread(memory.get(), program.data(), program.size(), 0) != static_cast<ssize_t>(program.size())) {
    return fail(Errc::unavailable, "the system-call filter could not be read back");
  }
  return program;
}

Result<Descriptor> filter_descriptor() {
  static const Result<std::string> program = compile_filter();
  if (!program) return std::unexpected(program.error());
  Descriptor memory(::memfd_create("filter", MFD_CLOEXEC));
  if (!memory.is_open()) return std::unexpected(system_error("memfd_create", errno));
  if (::pwrite(memory.get(), program->data(), program->size(), 0) != static_cast<ssize_t>(program->size())) {
    return std::unexpected(system_error("write to memfd", errno));
  }
  return memory;
}

/// The host's own root may hold /bin, /lib as links into /usr (merged) or as folders.
void add_system_folders(std::vector<std::string>& argv) {
  argv.insert(argv.end(), {"--ro-bind", "/usr", "/usr"});
  for (const std::string folder : {"/bin", "/lib", "/lib32", "/lib64"}) {
    struct stat status {};
    if (::lstat(folder.c_str(), &status) != 0) continue;
    if (S_ISLNK(status.st_mode)) {
      argv.insert(argv.end(), {"--symlink", "usr" + folder, folder});
    } else {
      argv.insert(argv.end(), {"--ro-bind", folder, folder});
    }
  }
  // FFmpeg's linear algebra libraries are alternatives: without these links the loader finds nothing.
  for (const std::string file : {"/etc/alternatives", "/etc/ld.so.cache"}) {
    argv.insert(argv.end(), {"--ro-bind-try", file, file});
  }
}

std::vector<std::string> bwrap_arguments(const SandboxJob& job) {
  std::vector<std::string> argv = {bwrap_path,
                                   "--unshare-all",
                                   "--unshare-user",
                                   "--die-with-parent",
                                   "--new-session",
                                   "--as-pid-1",
                                   "--cap-drop",
                                   "ALL",
                                   "--clearenv",
                                   "--uid",
                                   "65534",
                                   "--gid",
                                   "65534",
                                   "--hostname",
                                   "job"};
  add_system_folders(argv);
  argv.insert(argv.end(), {"--dev", "/dev", "--size", std::string(scratch_bytes), "--tmpfs", "/tmp", "--dir", "/job"});
  if (!job.input.empty()) argv.insert(argv.end(), {"--ro-bind", job.input, "/job/in"});
  if (!job.output.empty()) argv.insert(argv.end(), {"--bind", job.output, "/job/out"});
  for (const auto& file : job.readable) argv.insert(argv.end(), {"--ro-bind", file, file});
  argv.insert(argv.end(), {"--remount-ro", "/", "--chdir", "/tmp"});
  argv.insert(argv.end(), {"--setenv", "PATH", "/usr/bin", "--setenv", "LC_ALL", "C", "--setenv", "HOME", "/tmp"});
  // Every thread's own arena would reserve 64 MiB of the address space.
  argv.insert(argv.end(), {"--setenv", "MALLOC_ARENA_MAX", "4"});
  argv.insert(argv.end(), {"--seccomp", std::to_string(filter_fd_in_child), "--"});
  // The number of threads is counted per user namespace, so it has to be set inside the new one.
  argv.insert(argv.end(), {"/usr/bin/prlimit", fmt::format("--nproc={}", job.limits.threads), "--"});
  argv.insert(argv.end(), job.argv.begin(), job.argv.end());
  return argv;
}

struct Pipes {
  Descriptor out_read, out_write, err_read, err_write;
};

Result<Pipes> make_pipes() {
  int out[2];
  int err[2];
  if (::pipe2(out, O_CLOEXEC) != 0) return std::unexpected(system_error("pipe2", errno));
  Pipes pipes{Descriptor(out[0]), Descriptor(out[1]), Descriptor(), Descriptor()};
  if (::pipe2(err, O_CLOEXEC) != 0) return std::unexpected(system_error("pipe2", errno));
  pipes.err_read = Descriptor(err[0]);
  pipes.err_write = Descriptor(err[1]);
  return pipes;
}

void set_limit(__rlimit_resource resource, std::int64_t soft, std::int64_t hard) {
  const rlimit limit{static_cast<rlim_t>(soft), static_cast<rlim_t>(hard)};
  if (::setrlimit(resource, &limit) != 0) ::_exit(125);
}

/// Between fork and exec: only calls that are safe there.
[[noreturn]] void become_child(char* const* argv, const SandboxLimits& limits, int out, int err, int filter) {
  const int null = ::open("/dev/null", O_RDONLY);
  // Lift all four above the numbers they shall get, so that no dup2 closes one that is still needed.
  const int high_null = ::fcntl(null, F_DUPFD, 64);
  const int high_out = ::fcntl(out, F_DUPFD, 64);
  const int high_err = ::fcntl(err, F_DUPFD, 64);
  const int high_filter = ::fcntl(filter, F_DUPFD, 64);
  if (::dup2(high_null, 0) < 0 || ::dup2(high_out, 1) < 0 || ::dup2(high_err, 2) < 0 ||
      ::dup2(high_filter, filter_fd_in_child) < 0) {
    ::_exit(125);
  }
  ::close_range(filter_fd_in_child + 1, ~0U, 0);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::signal(SIGPIPE, SIG_DFL);
  ::setpgid(0, 0);
  set_limit(RLIMIT_CORE, 0, 0);
  set_limit(RLIMIT_NOFILE, open_files_max, open_files_max);
  set_limit(RLIMIT_CPU, limits.cpu_s, limits.cpu_s + 1);
  set_limit(RLIMIT_FSIZE, limits.file_bytes, limits.file_bytes);
  set_limit(RLIMIT_AS, limits.address_space_bytes, limits.address_space_bytes);
  char* const no_environment[] = {nullptr};
  ::execve(bwrap_path, argv, no_environment);
  ::_exit(127);
}

std::int64_t monotonic_ms() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000 + now.tv_nsec / 1'000'000;
}

/// Keeps the first and the last half of what arrives.
class BoundedText {
 public:
  explicit BoundedText(std::size_t bytes_max) : half_(bytes_max / 2) {}
  void add(std::string_view text) {
    const std::size_t to_head = std::min(text.size(), half_ - std::min(half_, head_.size()));
    head_.append(text.substr(0, to_head));
    tail_.append(text.substr(to_head));
    if (tail_.size() > 2 * half_) tail_.erase(0, tail_.size() - half_);
  }
  [[nodiscard]] std::string take() {
    if (tail_.size() > half_) tail_.erase(0, tail_.size() - half_);
    return std::move(head_) + tail_;
  }

 private:
  std::size_t half_;
  std::string head_;
  std::string tail_;
};

/// Reads both pipes until the last process inside has gone or a limit is met.
class Watch {
 public:
  Watch(const SandboxJob& job, pid_t child, Pipes& pipes)
      : job_(job),
        child_(child),
        pipes_(pipes),
        errors_(job.limits.error_bytes),
        deadline_ms_(monotonic_ms() + job.limits.wall_ms) {}

  void run(SandboxOutcome& outcome) {
    while (pipes_.out_read.is_open() || pipes_.err_read.is_open()) {
      read_ready();
      if (killed_) {
        if (monotonic_ms() > deadline_ms_ + pipe_drain_ms_max) break;
        continue;
      }
      if (job_.stop.stop_requested()) kill_all(outcome, SandboxOutcome::Ending::stopped);
      if (monotonic_ms() > deadline_ms_) kill_all(outcome, SandboxOutcome::Ending::wall_limit);
    }
    if (job_.on_line && !line_.empty()) job_.on_line(line_);
    outcome.output = std::move(output_);
    outcome.output_cut = cut_;
    outcome.errors = errors_.take();
  }

 private:
  void kill_all(SandboxOutcome& outcome, SandboxOutcome::Ending why) {
    if (killed_) return;
    killed_ = true;
    outcome.ending = why;
    deadline_ms_ = monotonic_ms();
    ::kill(child_, SIGKILL);  // its namespace's first process is tied to it and takes all others along
  }

  void read_ready() {
    pollfd watched[2] = {{pipes_.out_read.get(), POLLIN, 0}, {pipes_.err_read.get(), POLLIN, 0}};
    if (::poll(watched, 2, poll_step_ms) <= 0) return;
    if (watched[0].revents != 0) drain(pipes_.out_read, true);
    if (watched[1].revents != 0) drain(pipes_.err_read, false);
  }

  void drain(Descriptor& from, bool is_output) {
    char buffer[16384];
    const ssize_t n = ::read(from.get(), buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) return;
    if (n <= 0) return from.reset();
    const std::string_view text(buffer, static_cast<std::size_t>(n));
    if (is_output) {
      take_output(text);
    } else {
      errors_.add(text);
    }
  }

  void take_output(std::string_view text) {
    if (!job_.on_line) {
      const std::size_t room = job_.limits.output_bytes - output_.size();
      if (text.size() > room) cut_ = true;
      output_.append(text.substr(0, room));
      return;
    }
    line_.append(text);
    std::size_t begin = 0;
    for (std::size_t end = line_.find('\n'); end != std::string::npos; end = line_.find('\n', begin)) {
      job_.on_line(std::string_view(line_).substr(begin, end - begin));
      begin = end + 1;
    }
    line_.erase(0, begin);
    if (line_.size() > job_.limits.output_bytes) line_.clear();
  }

  const SandboxJob& job_;
  pid_t child_;
  Pipes& pipes_;
  BoundedText errors_;
  std::int64_t deadline_ms_;
  bool killed_ = false;
  bool cut_ = false;
  std::string line_;
  std::string output_;
};

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

void take_status(SandboxOutcome& outcome, const SandboxLimits& limits, int status, const rusage& usage) {
  outcome.cpu_s = seconds(usage.ru_utime) + seconds(usage.ru_stime);
  if (outcome.ending != SandboxOutcome::Ending::exited) return;
  int signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
  if (code > 128 && code < 128 + 65) signal = code - 128;  // as bubblewrap passes on a signal
  if (signal == 0) {
    outcome.status = code;
    return;
  }
  outcome.ending = SandboxOutcome::Ending::signalled;
  outcome.status = signal;
  const bool cpu_spent = outcome.cpu_s >= static_cast<double>(limits.cpu_s) * 0.95;
  if (signal == SIGXCPU || (signal == SIGKILL && cpu_spent)) outcome.ending = SandboxOutcome::Ending::cpu_limit;
}

}  // namespace

std::string SandboxOutcome::summary() const {
  switch (ending) {
    case Ending::exited: return output_cut ? "too much output" : fmt::format("exit {}", status);
    case Ending::signalled: return fmt::format("killed by signal {}", status);
    case Ending::wall_limit: return fmt::format("stopped after {:.0f} s", wall_s);
    case Ending::cpu_limit: return fmt::format("stopped after {:.0f} s of CPU time", cpu_s);
    case Ending::stopped: return "stopped on request";
  }
  return "ended";
}

Result<SandboxOutcome> run_sandboxed(const SandboxJob& job) {
  VT_ASSERT(!job.argv.empty() && job.argv.front().starts_with('/'));
  if (::access(bwrap_path, X_OK) != 0) {
    return fail(Errc::unavailable, "bubblewrap is missing: install the package bubblewrap");
  }
  VT_TRY(const Descriptor filter, filter_descriptor());
  VT_TRY(Pipes pipes, make_pipes());
  const std::vector<std::string> arguments = bwrap_arguments(job);
  std::vector<char*> argv;
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);

  const std::int64_t began_ms = monotonic_ms();
  const pid_t child = ::fork();
  if (child < 0) return fail(Errc::unavailable, "no process could be started: {}", std::strerror(errno));
  if (child == 0) become_child(argv.data(), job.limits, pipes.out_write.get(), pipes.err_write.get(), filter.get());
  pipes.out_write.reset();
  pipes.err_write.reset();

  SandboxOutcome outcome;
  Watch(job, child, pipes).run(outcome);
  int status = 0;
  rusage usage{};
  while (::wait4(child, &status, 0, &usage) < 0 && errno == EINTR) {
  }
  outcome.wall_s = static_cast<double>(monotonic_ms() - began_ms) / 1000.0;
  take_status(outcome, job.limits, status, usage);
  if (outcome.ending == SandboxOutcome::Ending::exited && outcome.status != 0 &&
      outcome.errors.starts_with("bwrap: ")) {
    return fail(Errc::unavailable, "the sandbox could not be set up: {}",
                outcome.errors.substr(7, outcome.errors.find('\n') - 7));
  }
  return outcome;
}

Result<void> sandbox_available() {
  VT_TRY(const SandboxOutcome outcome, run_sandboxed({.argv = {"/usr/bin/true"}, .limits = {.wall_ms = 5'000}}));
  if (outcome.succeeded()) return {};
  return fail(Errc::unavailable,
              "the sandbox does not work here ({}): bubblewrap needs user namespaces; allow them with "
              "sysctl kernel.unprivileged_userns_clone=1, or run the container with them enabled",
              outcome.summary());
}

}  // namespace vitrine::media
