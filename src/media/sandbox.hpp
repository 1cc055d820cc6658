// Runs one program on hostile input so that the worst it can do is waste its own limits.
//
// Operation: bubblewrap starts the program in new user, PID, network, IPC, UTS and mount namespaces. It sees /usr
// read-only, an empty /tmp, the input as /job/in (read-only), the output folder as /job/out, files that are named one
// by one, a few devices, and nothing else: no /etc but the two files the loader needs, no /proc, no network, no
// environment. A seccomp filter allows only the system calls that FFmpeg makes, and no second process. No shell is
// involved at any point. Limits: CPU, wall clock, address space, size of each file, threads; the output on both pipes
// is bounded too. When a limit is met the whole PID namespace dies, and run_sandboxed() returns only after it has.
// Concurrency: run_sandboxed() may be called from any number of threads; each call blocks until its program has ended.
// Limitations: needs unprivileged user namespaces (or root); sandbox_available() says so when they are missing.
#pragma once
#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace vitrine::media {

struct SandboxLimits {
  std::int64_t wall_ms = 60'000;
  std::int64_t cpu_s = 120;
  std::int64_t address_space_bytes = std::int64_t{4} << 30;  ///< x264 alone wants 1 GiB at 1080p
  std::int64_t file_bytes = std::int64_t{1} << 30;           ///< of each file written
  std::int64_t threads = 256;                                ///< not counted by the kernel when the server is root
  std::size_t output_bytes = 4 << 20;                        ///< of stdout; what comes after is dropped
  std::size_t error_bytes = 64 << 10;                        ///< of stderr; the first and the last half are kept
};

struct SandboxJob {
  std::vector<std::string> argv = {};      ///< argv[0] is an absolute path, below /usr or readable
  std::string input = {};                  ///< host path seen as /job/in, read-only; empty for none
  std::string output = {};                 ///< host folder seen as /job/out, writable; empty for none
  std::vector<std::string> readable = {};  ///< host files seen where they are, read-only; absolute paths
  SandboxLimits limits = {};
  /// Each whole line of stdout as it comes, on the calling thread. Without it stdout is collected.
  std::function<void(std::string_view)> on_line = {};
  std::stop_token stop = {};  ///< ends the program early
};

struct SandboxOutcome {
  enum class Ending { exited, signalled, wall_limit, cpu_limit, stopped };
  Ending ending = Ending::exited;
  int status = 0;  ///< exit status, or the signal's number
  bool output_cut = false;
  std::string output;
  std::string errors;
  double cpu_s = 0;  ///< of the program and all it started
  double wall_s = 0;

  [[nodiscard]] bool succeeded() const { return ending == Ending::exited && status == 0 && !output_cut; }
  /// "exit 1", "killed by signal 9", "stopped after 60 s": for logs.
  [[nodiscard]] std::string summary() const;
};

/// Errors: unavailable (the sandbox itself could not be set up; nothing was run), internal.
[[nodiscard]] Result<SandboxOutcome> run_sandboxed(const SandboxJob& job);

/// Runs /usr/bin/true in the sandbox. Errors: unavailable, with what to install or to allow.
[[nodiscard]] Result<void> sandbox_available();

}  // namespace vitrine::media
