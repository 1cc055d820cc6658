#include "app/process_figures.hpp"

#include <filesystem>
#include <fstream>
#include <sstream>
#include <sys/times.h>
#include <unistd.h>

#include "base/result.hpp"

namespace vitrine::app {
namespace {

double ticks_per_s() { return static_cast<double>(::sysconf(_SC_CLK_TCK)); }

double busy_s() {
  std::ifstream file("/proc/stat");
  std::string cpu;
  std::int64_t user = 0, nice = 0, system = 0, idle = 0, waiting = 0, interrupts = 0, soft = 0;
  file >> cpu >> user >> nice >> system >> idle >> waiting >> interrupts >> soft;
  return static_cast<double>(user + nice + system + interrupts + soft) / ticks_per_s();
}

double own_s() {
  tms used{};
  ::times(&used);
  return static_cast<double>(used.tms_utime + used.tms_stime + used.tms_cutime + used.tms_cstime) / ticks_per_s();
}

}  // namespace

double cpu_seconds(pid_t pid) {
  std::ifstream file(fmt::format("/proc/{}/stat", pid));
  std::string line;
  std::getline(file, line);
  if (line.empty()) return 0;
  line.erase(0, line.rfind(')') + 2);
  std::istringstream fields(line);
  std::string skipped;
  for (int i = 0; i < 11; ++i) fields >> skipped;  // state … cmajflt
  double user = 0, system = 0;
  fields >> user >> system;
  return (user + system) / ticks_per_s();
}

std::vector<pid_t> children_of(pid_t pid) {
  std::vector<pid_t> children;
  std::error_code gone;
  for (const auto& thread : std::filesystem::directory_iterator(fmt::format("/proc/{}/task", pid), gone)) {
    std::ifstream file(thread.path() / "children");
    for (pid_t child = 0; file >> child;) children.push_back(child);
  }
  return children;
}

double cpu_seconds_of_family(pid_t pid) {
  double sum = cpu_seconds(pid);
  for (const pid_t child : children_of(pid)) sum += cpu_seconds_of_family(child);
  return sum;
}

std::int64_t resident_kib(pid_t pid) {
  std::ifstream sums(fmt::format("/proc/{}/smaps_rollup", pid));
  constexpr std::string_view wanted = "Pss:";
  for (std::string line; std::getline(sums, line);)
    if (line.starts_with(wanted)) return std::strtoll(line.c_str() + wanted.size(), nullptr, 10);
  return 0;
}

std::int64_t resident_kib_of_family(pid_t pid) {
  std::int64_t sum = resident_kib(pid);
  for (const pid_t child : children_of(pid)) sum += resident_kib_of_family(child);
  return sum;
}

Others::Others() : start_(std::chrono::steady_clock::now()), busy_at_first_(busy_s()), own_at_first_(own_s()) {}

double Others::cores(double still_ours_s) const {
  const double passed_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  const double theirs = (busy_s() - busy_at_first_) - (own_s() - own_at_first_) - still_ours_s;
  return std::max(0.0, theirs / passed_s);
}

}  // namespace vitrine::app
