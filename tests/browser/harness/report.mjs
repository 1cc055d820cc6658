// How the benches of the browser show their figures: as `vitrine bench` does (src/app/bench_report.hpp).
import { execFileSync } from 'node:child_process';
import { cpus } from 'node:os';

export const quantile = (values, q) => [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(q * values.length))];

const rounded = (value) => Math.round(value * 10) / 10;

function commit() {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { stdio: ['ignore', 'pipe', 'ignore'] }).toString().trim();
  } catch {
    return 'unknown';
  }
}

/**
 * Prints a table, or with --json one object.
 * @param {{name: string, value: number, unit: string, target?: number}[]} figures A target is a limit to stay at or below,
 *   with `atLeast` one to reach.
 */
export function printBench(bench, figures, { json = process.argv.includes('--json') } = {}) {
  const machine = `${cpus()[0].model}, ${cpus().length} cores`;
  if (json) {
    const results = figures.map(({ name, value, unit, target, atLeast }) => ({
      name, value: rounded(value), unit,
      ...(target === undefined ? {} : { reference: atLeast ? 'at least' : 'at most', reference_value: target, ratio: target ? value / target : null }),
    }));
    console.log(JSON.stringify({ bench, commit: commit(), machine, results }));
    return;
  }
  console.log(`bench ${bench} on ${machine} (commit ${commit()})`);
  for (const { name, value, unit, target, atLeast } of figures) {
    const limit = target === undefined ? '' : `   ${atLeast ? 'at least' : 'at most'} ${target}`;
    console.log(`${name.padEnd(24)}${String(rounded(value)).padStart(10)} ${unit.padEnd(6)}${limit}`);
  }
}

/** One line that moves, on a terminal only. */
export function progress(text) {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}
