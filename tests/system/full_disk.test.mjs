// The disk fills up: clear errors, a service that stays up, nothing acknowledged lost, and all well once there is room.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { Client, eventually, newAccount } from '../browser/harness/api.mjs';
import { makeClip } from '../browser/harness/clips.mjs';
import { Server, temporaryFolder } from '../browser/harness/server.mjs';
import { ask, Role } from './roles.mjs';
import { readLog, verifierKey, verifyProof } from './tlog.mjs';

const diskBytes = 48 << 20;
const logDiskBytes = 4 << 20;
const isRoot = process.getuid() === 0;

/** Writes until nothing more fits; removing the file makes room again. */
function fill(folder, name = 'filler') {
  const path = join(folder, name);
  const file = openSync(path, 'w');
  for (let size = 1 << 20; size >= 1; size >>= 1) {
    try {
      for (;;) writeSync(file, Buffer.alloc(size));
    } catch (error) {
      assert.equal(error.code, 'ENOSPC');
    }
  }
  closeSync(file);
  return path;
}

describe('a full disk', { skip: isRoot ? false : 'mounting a small disk needs root' }, () => {
  let disk;
  let server;
  let account;
  let video;
  let filler;

  before(async () => {
    disk = temporaryFolder('disk');
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${diskBytes}`, 'tmpfs', disk]);
    server = await Server.start({ data: join(disk, 'data') });
    account = await newAccount(server, 'full');
    video = await upload(readFileSync(makeClip({ seconds: 1, width: 180, height: 320 })));
    await eventually('the clip is live', async () => (await account.client.get(`/videos/${video}`)).hls, 60_000);
  });
  after(async () => {
    await server?.stop();
    if (!disk) return;
    execFileSync('umount', ['-l', disk]);
    rmSync(disk, { recursive: true, force: true });
  });

  function tus(method, path, headers, body) {
    const common = { 'tus-resumable': '1.0.0', authorization: `Bearer ${account.client.token}` };
    return fetch(new URL(path, server.api), { method, headers: { ...common, ...headers }, body });
  }
  const create = (length) => tus('POST', '/uploads', { 'upload-length': String(length) });
  const send = (location, bytes) =>
    tus('PATCH', location, { 'upload-offset': '0', 'content-type': 'application/offset+octet-stream' }, bytes);

  async function upload(bytes) {
    const made = await create(bytes.length);
    assert.equal(made.status, 201);
    assert.equal((await send(made.headers.get('location'), bytes)).status, 204);
    return made.headers.get('location').split('/').pop();
  }
  const watchEvent = () => ({
    id: `full-${randomBytes(9).toString('hex')}`, video, surface: 'for_you', shown_at: Date.now(), watched_ms: 900,
  });
  const tell = (events) => account.client.call('POST', '/events', { events });

  async function assertFull(response) {
    assert.equal(response.status, 507, JSON.stringify(response.body));
    assert.equal(response.body.type, '/problems/storage-full');
    assert.ok(response.body.detail.length > 10);
  }

  const kept = [];

  /** The last page of the stream's file has room for some more; what is acknowledged counts. */
  async function tellUntilRefused() {
    for (let batch = 0; batch < 100; ++batch) {
      const events = Array.from({ length: 20 }, watchEvent);
      const answer = await tell(events);
      if (answer.status !== 200) return answer;
      kept.push(...events);
    }
    throw new Error('the disk never filled up');
  }

  test('uploads and events are refused with what to do', async () => {
    kept.push(watchEvent());
    assert.equal((await tell(kept)).body.accepted, 1);
    const made = await create(8 << 20);
    assert.equal(made.status, 201);
    filler = fill(disk);
    const answer = await send(made.headers.get('location'), randomBytes(8 << 20));
    await assertFull({ status: answer.status, body: await answer.json() });
    await assertFull(await tellUntilRefused());
  });

  test('the service stays up and shows what it has', async () => {
    assert.equal((await fetch(new URL('/healthz', server.api))).status, 200);
    const shown = await new Client(server).get(`/videos/${video}`);
    assert.equal((await fetch(new URL(shown.sources[0].url, server.api))).status, 200);
  });

  test('with room again all goes on, without a restart, and nothing acknowledged is lost', async () => {
    rmSync(filler);
    await eventually('events are taken again', async () => (await tell([watchEvent()])).status === 200);
    for (const event of kept) assert.deepEqual((await tell([event])).body, { accepted: 0, duplicates: 1, rejected: [] });
    const next = await upload(Buffer.concat([readFileSync(makeClip({ seconds: 1, width: 180, height: 320 })), Buffer.from([0, 0, 0, 8]), Buffer.from('free')]));
    await eventually('the next clip is live', async () => (await account.client.get(`/videos/${next}`)).state === 'live', 60_000);
  });
});

describe('the log on a full disk', { skip: isRoot ? false : 'mounting a small disk needs root' }, () => {
  const acknowledged = [];
  let folder;
  let disk;
  let policy;
  let witness;
  let log;

  const start = () => Role.start('log', '--data', join(disk, 'log'), '--origin', 'full.example/log', '--policy', policy,
    '--listen', '127.0.0.1:0', '--append-socket', join(folder, 'append.sock'), '--interval-ms', '20');
  before(async () => {
    folder = temporaryFolder('full-log');
    disk = join(folder, 'disk');
    mkdirSync(disk);
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${logDiskBytes}`, 'tmpfs', disk]);
    policy = join(folder, 'none.policy');
    writeFileSync(policy, 'quorum none\n');
    log = await start();
    await log.end();
    // The witness has a disk of its own.
    witness = await Role.start('witness', '--data', join(folder, 'w'), '--name', 'w.example', '--listen', '127.0.0.1:0', '--log', log.vkey);
    policy = join(folder, 'witness.policy');
    writeFileSync(policy, `witness w ${witness.vkey} ${witness.address}\nquorum w\n`);
    log = await start();
  });
  after(async () => {
    await log?.end();
    await witness?.end();
    if (disk) execFileSync('umount', ['-l', disk]);
    rmSync(folder, { recursive: true, force: true });
  });

  const keys = () => [log, witness].map((role) => verifierKey(role.vkey));
  const entry = () => JSON.stringify({ kind: 'test', n: acknowledged.length, text: 'x'.repeat(8_000) });
  async function append(path) {
    const body = entry();
    const answer = await ask(`unix:${join(folder, 'append.sock')}`, 'POST', path, { body });
    // Its index is known at once; with a proof, from that.
    if (answer.status === 201 && path === '/entries') acknowledged.push([JSON.parse(answer.body).index, body]);
    if (answer.status === 201 && path !== '/entries') acknowledged.push([verifyProof(String(answer.body), body, keys()).index, body]);
    return answer;
  }
  async function readAll() {
    const { entries } = await readLog(async (path) => {
      const answer = await ask(log.address, 'GET', `/${path}`);
      assert.equal(answer.status, 200, path);
      return answer.body;
    }, keys());
    return entries.map(String);
  }

  test('refuses entries with what to do, and goes on showing what is signed', async () => {
    assert.equal((await append('/entries?proof')).status, 201);
    fill(disk);
    let answer;
    for (let tries = 0; tries < 1000 && answer?.status !== 507; ++tries) answer = await append('/entries');
    assert.equal(answer.status, 507, String(answer.body));
    assert.match(answer.headers['content-type'], /problem\+json/);
    assert.equal((await readAll())[0], acknowledged[0][1]);
  });

  test('does not start on it after kill -9, and says why', async () => {
    await log.end('SIGKILL');
    fill(disk, 'more');
    await assert.rejects(start(), /space/);
  });

  test('with room again has every entry that was acknowledged, once, and takes more', async () => {
    for (const name of ['filler', 'more']) rmSync(join(disk, name));
    log = await start();
    assert.equal((await append('/entries?proof')).status, 201);
    const entries = await readAll();
    for (const [index, body] of acknowledged) assert.equal(entries[index], body, `entry ${index}`);
    assert.equal(new Set(acknowledged.map(([index]) => index)).size, acknowledged.length);
  });

  test('goes on without a restart, too', async () => {
    fill(disk);
    let answer;
    for (let tries = 0; tries < 1000 && answer?.status !== 507; ++tries) answer = await append('/entries');
    assert.equal(answer.status, 507, String(answer.body));
    rmSync(join(disk, 'filler'));
    await eventually('entries are proven again', async () => (await append('/entries?proof')).status === 201);
    const entries = await readAll();
    for (const [index, body] of acknowledged) assert.equal(entries[index], body, `entry ${index}`);
  });
});
