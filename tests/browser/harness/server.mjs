// The real server, started and stopped as an operator would.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync, cpSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../', import.meta.url));
export const binary = process.env.VITRINE_BINARY ?? join(root, 'build/release/vitrine');
export const demoData = join(root, 'build/demo-data');

/** What specs tell servers of people: a birth date, what all their e-mail addresses end with, the address one comes from. */
export const personal = { birthDate: '1990-05-17', emailEnd: '@people.example', address: '203.0.113.77' };

const startMsMax = 30_000;
const stopMsMax = 20_000;

/** What is still there when the process ends, by an exception or a signal, goes with it. */
const running = new Set();
process.on('exit', () => running.forEach((server) => server.abandon()));
for (const [signal, status] of [['SIGINT', 130], ['SIGTERM', 143]]) process.once(signal, () => process.exit(status));

export function temporaryFolder(purpose) {
  return mkdtempSync(join(tmpdir(), `vitrine-${purpose}-`));
}

/** A port for what the server does not choose by itself (--admin-listen). */
export async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => probe.once('listening', resolve));
  const { port } = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

/** Resolves with the first line of the child's output that matches, or rejects when the child ends or time is up. */
function lineOf(child, pattern, msMax) {
  return new Promise((resolve, reject) => {
    const lines = createInterface({ input: child.stdout });
    const timer = setTimeout(() => reject(new Error(`the server did not say ${pattern} within ${msMax} ms`)), msMax);
    lines.on('line', (line) => {
      const match = pattern.exec(line);
      if (!match) return;
      clearTimeout(timer);
      resolve(match);
    });
    child.once('exit', (code, signal) => {
      clearTimeout(timer);
      reject(new Error(`the server ended before it was ready (${signal ?? `exit status ${code}`})`));
    });
  });
}

export class Server {
  /** What the process finds in its environment besides ours; for the next start. */
  environment = {};
  #child;
  #ownsData;
  #config;

  /**
   * Starts `vitrine serve`.
   * @param {{data?: string, demo?: boolean, port?: number, settings?: object, args?: string[]}} options Without `data` the
   *   server gets an empty directory of its own, deleted by `close`; `settings` become its configuration file.
   */
  static async start({ data, demo = false, port = 0, settings, args = [] } = {}) {
    if (!existsSync(binary)) throw new Error(`${binary} is missing: run script/build`);
    const server = new Server();
    server.#ownsData = data === undefined;
    server.data = data ?? temporaryFolder('data');
    server.args = [...(demo ? ['--demo'] : []), ...(settings ? ['--config', server.#configure(settings)] : []), ...args];
    await server.#run(port);
    return server;
  }

  /** A server on a copy of the demo's data (see demo-data.mjs). */
  static async startWithDemo(options = {}) {
    if (!existsSync(demoData)) throw new Error(`${demoData} is missing: run node demo-data.mjs`);
    const data = temporaryFolder('demo');
    cpSync(demoData, data, { recursive: true });
    const server = await Server.start({ ...options, data });
    server.#ownsData = true;
    return server;
  }

  /** Texts, numbers, truths and lists of texts are written alike in TOML and JSON. */
  #configure(settings) {
    this.#config = `${this.data}.toml`;
    writeFileSync(this.#config, Object.entries(settings).map(([key, value]) => `${key} = ${JSON.stringify(value)}\n`).join(''));
    return this.#config;
  }

  async #run(port) {
    this.logPath = join(this.data, '..', `${this.data.split('/').pop()}.log`);
    const log = openSync(this.logPath, 'a');
    this.#child = spawn(binary, ['serve', '--listen', `127.0.0.1:${port}`, '--data', this.data, ...this.args], {
      stdio: ['ignore', 'pipe', log],
      env: { ...process.env, ...this.environment },
    });
    running.add(this);
    const [, address] = await lineOf(this.#child, /^listening on (http:\/\/\S+)$/, startMsMax);
    this.#child.stdout.resume();
    this.port = Number(new URL(address).port);
    /** Passkeys work under a host name only, so pages are opened at localhost. */
    this.url = `http://localhost:${this.port}`;
    this.api = `http://127.0.0.1:${this.port}/api/v1`;
  }

  #ended() {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return Promise.resolve();
    return new Promise((resolve) => this.#child.once('exit', resolve));
  }

  /** As a crash or a power cut would: no chance to tidy up. */
  async kill() {
    this.#child.kill('SIGKILL');
    await this.#ended();
  }

  async stop() {
    this.#child.kill('SIGTERM');
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), stopMsMax);
    await this.#ended();
    clearTimeout(timer);
  }

  /** Runs again on the same port and data. */
  async restart() {
    await this.#run(this.port);
  }

  async close() {
    await this.stop();
    running.delete(this);
    try {
      this.#assertNothingPersonal();
    } finally {
      this.#tidy();
    }
  }

  /** What people told this server, as the specs have it, stands in no file that it wrote: databases, logs, media, all. */
  #assertNothingPersonal() {
    const planted = Object.values(personal).flatMap((marker) => ['--marker', marker]);
    const search = spawnSync(binary, ['audit', 'markers', this.data, ...planted], { encoding: 'utf8' });
    assert.equal(search.status, 0, `personal data in ${this.data}: ${search.stdout}${search.stderr}`);
    const log = readFileSync(this.logPath, 'utf8');
    for (const marker of Object.values(personal)) assert.ok(!log.includes(marker), `${marker} in the server's own log`);
  }

  /** The end without a goodbye. */
  abandon() {
    this.#child.kill('SIGKILL');
    this.#tidy();
  }

  #tidy() {
    if (this.#config) rmSync(this.#config, { force: true });
    if (!this.#ownsData) return;
    rmSync(this.data, { recursive: true, force: true });
    if (!process.env.VITRINE_KEEP_LOGS) rmSync(this.logPath, { force: true });
  }
}
