// A small client of the JSON API, for what a spec needs but does not test.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';

import { personal } from './server.mjs';

export const password = 'correct horse battery';
export const adultBirthDate = personal.birthDate;

export const newHandle = (stem = 'ada') => `${stem}_${randomBytes(4).toString('hex')}`;

/** An address that nobody has given yet. */
export const newEmail = (stem = 'ada') => `${newHandle(stem)}${personal.emailEnd}`;

export class Client {
  constructor(server, token) {
    this.server = server;
    this.token = token;
  }

  async call(method, path, body) {
    const headers = { ...(this.token && { authorization: `Bearer ${this.token}` }), ...(body && { 'content-type': 'application/json' }) };
    const response = await fetch(this.server.api + path, { method, headers, body: body && JSON.stringify(body) });
    const text = await response.text();
    return { status: response.status, body: text ? JSON.parse(text) : null };
  }

  async expect(status, method, path, body) {
    const answer = await this.call(method, path, body);
    assert.equal(answer.status, status, `${method} ${path}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  get(path) {
    return this.expect(200, 'GET', path);
  }
}

/** A new account with the common password, and its client. */
export async function newAccount(server, stem) {
  const handle = newHandle(stem);
  const made = await new Client(server).expect(201, 'POST', '/accounts', { handle, password, birth_date: adultBirthDate });
  return { handle, account: made.account, client: new Client(server, made.token) };
}

/** Repeats `probe` until it gives something; the last error or emptiness is the failure. */
export async function eventually(what, probe, msMax = 30_000) {
  const end = Date.now() + msMax;
  let last;
  while (Date.now() < end) {
    try {
      const got = await probe();
      if (got) return got;
      last = undefined;
    } catch (error) {
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`${what}: not within ${msMax} ms${last ? ` (${last.message})` : ''}`);
}
