// The other roles (log, witness, …) as processes of a test.
import { spawn } from 'node:child_process';
import { request as httpRequest } from 'node:http';
import { createInterface } from 'node:readline';

import { binary } from '../browser/harness/server.mjs';

const readyMsMax = 30_000;
const running = new Set();
process.on('exit', () => running.forEach((role) => role.child.kill('SIGKILL')));

export class Role {
  /** Starts `vitrine <words>`; resolves once it says where it listens. What it said before ("vkey …") is in `said`. */
  static async start(...words) {
    const role = new Role();
    role.said = {};
    role.child = spawn(binary, words, { stdio: ['ignore', 'pipe', 'pipe'] });
    role.errors = '';
    role.child.stderr.on('data', (text) => (role.errors += text));
    running.add(role);
    await new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${words[0]} was not ready in time`)), readyMsMax);
      createInterface({ input: role.child.stdout }).on('line', (line) => {
        const [word, ...rest] = line.split(' ');
        role.said[word] = rest.join(' ');
        if (word !== 'listening') return;
        role.address = rest.at(-1);
        clearTimeout(timer);
        resolve();
      });
      role.child.once('exit', (code) => {
        clearTimeout(timer);
        reject(new Error(`${words[0]} ended with ${code}: ${role.errors}`));
      });
    });
    return role;
  }
  get vkey() {
    return this.said.vkey;
  }
  /** Ends it and waits. */
  async end(signal = 'SIGTERM') {
    running.delete(this);
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill(signal);
    await ended;
  }
}

/** One HTTP request, to "http://…" or "unix:/path"; the connection is kept by `agent`. */
export function ask(address, method, path, { body, agent, headers } = {}) {
  const where = address.startsWith('unix:') ? { socketPath: address.slice(5) } : { host: '127.0.0.1', port: new URL(address).port };
  return new Promise((resolve, reject) => {
    const call = httpRequest({ ...where, method, path, agent, headers }, (answer) => {
      const pieces = [];
      answer.on('data', (piece) => pieces.push(piece));
      answer.on('error', reject);
      answer.on('end', () => resolve({ status: answer.statusCode, headers: answer.headers, body: Buffer.concat(pieces) }));
    });
    call.on('error', reject);
    call.end(body);
  });
}
