// A real PostgreSQL of a test's own, reached through a socket in its own folder. It dies with the test.
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { temporaryFolder } from '../browser/harness/server.mjs';

const programs = ['17', '16', '15'].map((version) => `/usr/lib/postgresql/${version}/bin`).find((folder) => existsSync(join(folder, 'postgres')));
const startMsMax = 20_000;
const nobody = '65534';

/** Why there is none, or false: for a test's `skip`. */
export const noPostgresql = programs ? false : 'absent: PostgreSQL; install the package postgresql-15';

/** It refuses to run as root. */
function asUser(program, args) {
  const root = process.getuid() === 0 ? ['--reuid', nobody, '--regid', nobody, '--clear-groups'] : [];
  return ['setpriv', ['--pdeathsig', 'SIGQUIT', ...root, join(programs, program), ...args]];
}

export class Postgresql {
  #folder;
  #child;

  /** One with an empty database. */
  static async start() {
    const server = new Postgresql();
    const folder = (server.#folder = temporaryFolder('postgresql'));
    chmodSync(folder, 0o777);
    const data = join(folder, 'data');
    execFileSync(...asUser('initdb', ['-D', data, '-U', 'vitrine', '--auth=trust', '--no-sync', '-E', 'UTF8']), { stdio: 'ignore' });
    const options = ['-D', data, '-k', folder, '-c', 'listen_addresses=', '-c', 'fsync=off'];
    server.#child = spawn(...asUser('postgres', options), { stdio: 'ignore' });
    const isReady = () => spawnSync(...asUser('pg_isready', ['-q', '-h', folder])).status === 0;
    for (const until = Date.now() + startMsMax; !isReady(); await pause(100)) assert.ok(Date.now() < until, 'PostgreSQL does not start');
    execFileSync(...asUser('createdb', ['-h', folder, '-U', 'vitrine', 'vitrine']));
    return server;
  }

  /** For the setting `database`. */
  get url() {
    return `postgresql:///vitrine?host=${this.#folder}&user=vitrine`;
  }

  async end() {
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.kill('SIGQUIT');
    await ended;
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
