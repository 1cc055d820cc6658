# Shared by the scripts in this folder; sourced, never run.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

steps_total=${steps_total:-1}
step_number=0

# step TEXT: announces the next step, "[2/4] …".
step() {
  step_number=$((step_number + 1))
  printf '[%d/%d] %s\n' "$step_number" "$steps_total" "$*"
}

say() { printf '      %s\n' "$*"; }

die() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# A sanitized or optimised C++ file takes up to 1.5 GiB to compile: as many jobs as cores and memory allow.
compile_jobs() {
  local cores memory_gib
  cores=$(nproc)
  memory_gib=$(awk '/MemAvailable/ { print int($2 / 1572864) }' /proc/meminfo)
  ((memory_gib < 1)) && memory_gib=1
  echo $((cores < memory_gib ? cores : memory_gib))
}
