#include "base/cores.hpp"

#include <algorithm>
#include <sched.h>
#include <thread>

namespace vitrine {

int usable_cores() {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  if (::sched_getaffinity(0, sizeof allowed, &allowed) == 0) return std::max(1, CPU_COUNT(&allowed));
  return static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
}

}  // namespace vitrine
