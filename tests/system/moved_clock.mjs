// The machine's clock as a server sees it, moved ahead: libfaketime answers when the process, or one that it starts, asks
// the system for the time. Nothing in the server knows of it, and what measures durations goes on as it does.
import { existsSync, readdirSync } from 'node:fs';

const library = readdirSync('/usr/lib')
  .filter((folder) => folder.endsWith('-linux-gnu'))
  .map((folder) => `/usr/lib/${folder}/faketime/libfaketimeMT.so.1`)
  .find((path) => existsSync(path));

/** Why it cannot be moved, or false: for a test's `skip`. */
export const noMovedClock = library ? false : 'absent: libfaketime; install the package libfaketime';

/** The environment of a process whose clock is so many days ahead. */
export const daysAhead = (days) => ({ LD_PRELOAD: library, FAKETIME: `+${days}d`, FAKETIME_DONT_FAKE_MONOTONIC: '1' });
