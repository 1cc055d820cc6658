// What processes and the rest of the machine use, out of /proc: for benches.
#pragma once
#include <chrono>
#include <cstdint>
#include <sys/types.h>
#include <vector>

namespace vitrine::app {

/// User and system seconds a process has used; its children's are not among them.
[[nodiscard]] double cpu_seconds(pid_t pid);
/// Those that any of its threads started and that still run.
[[nodiscard]] std::vector<pid_t> children_of(pid_t pid);
/// Of the process and all below it.
[[nodiscard]] double cpu_seconds_of_family(pid_t pid);
/// In memory; what several processes share (the program itself, libraries) is divided among them.
[[nodiscard]] std::int64_t resident_kib(pid_t pid);
[[nodiscard]] std::int64_t resident_kib_of_family(pid_t pid);

/// What the rest of the machine was busy with meanwhile: figures taken beside other work tell of that work too.
class Others {
 public:
  Others();
  /// In cores, on average since this was made. Processes of ours count once they have ended; `still_ours_s` is what
  /// those have used in this time that have not.
  [[nodiscard]] double cores(double still_ours_s = 0) const;

 private:
  std::chrono::steady_clock::time_point start_;
  double busy_at_first_, own_at_first_;
};

}  // namespace vitrine::app
