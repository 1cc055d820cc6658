// The log and its witnesses as processes, against a second implementation of the formats and many kill -9.
//
// VITRINE_LOG_ENTRIES (105000) and VITRINE_LOG_KILLS (20) say how much; the last line prints the counts.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, createServer } from 'node:http';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { binary, temporaryFolder } from '../browser/harness/server.mjs';
import { ask, Role } from './roles.mjs';
import { consistencyProof, leafHash, readLog, rootOf, signerKey, signersOf, verifierKey, verifyProof } from './tlog.mjs';

const entriesWanted = Number(process.env.VITRINE_LOG_ENTRIES ?? 105_000);
const kills = Number(process.env.VITRINE_LOG_KILLS ?? 20);
const writers = 64;
const seed = (label) => createHash('sha256').update(label).digest();

describe('a log under load', () => {
  let folder;
  let witnesses;
  let log;
  let policy;
  const start = () => Role.start('log', '--data', join(folder, 'log'), '--origin', 'test.example/log', '--policy', policy,
    '--listen', '127.0.0.1:0', '--interval-ms', '50');

  before(async () => {
    folder = temporaryFolder('log');
    // The log's key is made at its first start; the witnesses must know it: one start for the key.
    policy = join(folder, 'none.policy');
    writeFileSync(policy, 'quorum none\n');
    log = await start();
    await log.end();
    witnesses = await Promise.all([1, 2, 3].map((number) => Role.start('witness', '--data', join(folder, `witness${number}`),
      '--name', `witness${number}.example`, '--listen', `unix:${join(folder, `w${number}.sock`)}`, '--log', log.vkey)));
    policy = join(folder, 'witnesses.policy');
    writeFileSync(policy, witnesses.map((one, at) => `witness w${at} ${one.vkey} ${one.address}\n`).join('')
      + 'group two 2 w0 w1 w2\nquorum two\n');
    log = await start();
  });
  after(async () => {
    await Promise.all([log, ...witnesses].map((role) => role.end()));
    rmSync(folder, { recursive: true, force: true });
  });
  const socket = () => `unix:${join(folder, 'log/append.sock')}`;
  const keys = () => [log, ...witnesses].map((role) => verifierKey(role.vkey));

  test('an entry comes back with a proof that a second implementation accepts', async () => {
    const entry = '{"kind":"test","n":0}';
    const answer = await ask(socket(), 'POST', '/entries?proof', { body: entry });
    assert.equal(answer.status, 201, String(answer.body));
    const { signers } = verifyProof(String(answer.body), entry, keys());
    assert.ok(signers.length >= 3, 'the log and two witnesses');
    assert.throws(() => verifyProof(String(answer.body), '{"kind":"test","n":1}', keys()));
  });

  test('entries that are not one line of canonical JSON, or too long, are refused', async () => {
    for (const body of ['', 'text', '{"b":1,"a":2}', '{ "a":1}', '{"a":1.5}', '{"a":1,"a":1}', '{"a":"\\u0041"}', '{"a":1}\n']) {
      const answer = await ask(socket(), 'POST', '/entries', { body });
      assert.equal(answer.status, 400, `${body}: ${answer.body}`);
      assert.match(answer.headers['content-type'], /problem\+json/);
    }
    assert.equal((await ask(socket(), 'POST', '/entries', { body: `"${'x'.repeat(65_534)}"` })).status, 413);
    assert.equal((await ask(socket(), 'POST', '/entries', { body: `"${'x'.repeat(65_533)}"` })).status, 201);
  });

  test(`${entriesWanted} entries, ${kills} times kill -9: what was acknowledged is there, once, and everything verifies`, async () => {
    const acknowledged = [];
    let next = 1;
    let killed = 0;
    let ended = false;
    let cut = 0;
    const write = async (agent) => {
      while (next <= entriesWanted) {
        const number = next++;
        const body = `{"kind":"load","n":${number}}`;
        try {
          const answer = await ask(socket(), 'POST', '/entries', { body, agent });
          assert.equal(answer.status, 201, String(answer.body));
          acknowledged.push([JSON.parse(answer.body).index, body]);
        } catch (error) {
          if (error instanceof assert.AssertionError) throw error;
          ++cut; // the log was killed: whether this entry is in it is open
          await sleep(20);
        }
      }
    };
    const disturb = async () => {
      for (; killed < kills && !ended; ++killed) {
        // Spread over the run: a kill for each share of the entries.
        while (!ended && next < ((killed + 1) * entriesWanted) / (kills + 1)) await sleep(2);
        await log.end('SIGKILL');
        log = await start();
      }
    };
    const disturbing = disturb();
    const agent = new Agent({ keepAlive: true, maxSockets: writers });
    await Promise.all(Array.from({ length: writers }, () => write(agent)));
    ended = true;
    await disturbing;
    agent.destroy();
    assert.equal(killed, kills);
    const last = await ask(socket(), 'POST', '/entries?proof', { body: '{"kind":"end"}' });
    assert.equal(last.status, 201, String(last.body));

    const read = async (path) => {
      const answer = await ask(log.address, 'GET', `/${path}`);
      assert.equal(answer.status, 200, path);
      return answer.body;
    };
    const { entries, signers } = await readLog(read, keys());
    assert.ok(signers.length >= 3);
    for (const [index, body] of acknowledged) assert.equal(String(entries[index]), body, `entry ${index}`);
    assert.equal(new Set(acknowledged.map(([index]) => index)).size, acknowledged.length, 'an index was given twice');
    assert.ok(acknowledged.length + cut === entriesWanted && acknowledged.length > entriesWanted * 0.9);

    const audit = (where) => JSON.parse(execFileSync(binary, ['audit', 'log', where, '--vkey', log.vkey, '--policy', policy,
      '--state', join(folder, 'seen'), '--json'], { encoding: 'utf8' }));
    assert.equal(audit(log.address).size, entries.length);
    console.log(`${entries.length} entries, ${acknowledged.length} acknowledged, ${cut} cut off, ${killed} kills, ${audit(log.address).tiles} tiles`);
  });

  test('any static file server can hand the tiles out', async () => {
    const tiles = join(folder, 'log/tiles');
    const server = createServer((request, response) => {
      try {
        response.end(readFileSync(join(tiles, request.url)));
      } catch {
        response.writeHead(404).end();
      }
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const url = `http://127.0.0.1:${server.address().port}`;
    const audit = spawnSync(binary, ['audit', 'log', tiles, '--vkey', log.vkey], { encoding: 'utf8' });
    assert.equal(audit.status, 0, audit.stderr);
    const { checkpoint } = await readLog(async (path) => (await ask(url, 'GET', `/${path}`)).body, keys());
    assert.ok(checkpoint.size > 0);
    server.close();
  });

  test('a second writer, and a log set back to an older state, are refused', async () => {
    const second = spawnSync(binary, ['log', '--data', join(folder, 'log')], { encoding: 'utf8', timeout: 10_000 });
    assert.equal(second.status, 1);
    assert.match(second.stderr, /another process/);
    await log.end();
    execFileSync('cp', ['-a', join(folder, 'log/tiles'), join(folder, 'older')]);
    log = await start();
    assert.equal((await ask(socket(), 'POST', '/entries?proof', { body: '{"kind":"later"}' })).status, 201);
    await log.end();
    rmSync(join(folder, 'log/tiles'), { recursive: true });
    execFileSync('mv', [join(folder, 'older'), join(folder, 'log/tiles')]);
    // The second place knows more; the journal still has the entry: what is signed and what is there agree again only
    // if the tiles do.
    const older = spawnSync(binary, ['log', '--data', join(folder, 'log')], { encoding: 'utf8', timeout: 10_000 });
    assert.equal(older.status, 1, older.stdout);
    assert.match(older.stderr, /older or another tree/);
    log = { end: async () => {} };
  });
});

describe('a witness, asked by a second implementation', () => {
  const logKey = signerKey('other.example/log', 1, seed('other log'));
  const leaves = Array.from({ length: 40 }, (_, i) => leafHash(Buffer.from(`entry ${i}`)));
  const note = (size, of = leaves, key = logKey, origin = 'other.example/log') => {
    const text = `${origin}\n${size}\n${rootOf(of.slice(0, size)).toString('base64')}\n`;
    return `${text}\n${key.line(text)}`;
  };
  let folder;
  let witness;
  const submit = (old, size, { of = leaves, key, origin, proof } = {}) => {
    const hashes = proof ?? consistencyProof(old, of.slice(0, size));
    const body = `old ${old}\n${hashes.map((hash) => `${hash.toString('base64')}\n`).join('')}\n${note(size, of, key, origin)}`;
    return ask(witness.address, 'POST', '/add-checkpoint', { body });
  };
  const start = () => Role.start('witness', '--data', join(folder, 'w'), '--name', 'w.example', '--listen', '127.0.0.1:0', '--log', logKey.vkey);

  before(async () => {
    folder = temporaryFolder('witness');
    witness = await start();
  });
  after(async () => {
    await witness.end();
    rmSync(folder, { recursive: true, force: true });
  });

  test('answers as the table says', async () => {
    const expectCosigned = (answer, size) => {
      assert.equal(answer.status, 200, String(answer.body));
      const [, ...signers] = signersOf(note(size) + answer.body, [verifierKey(logKey.vkey), verifierKey(witness.vkey)]);
      assert.equal(signers.length, 1);
      assert.ok(Math.abs(signers[0].time - Date.now() / 1000) < 60);
    };
    expectCosigned(await submit(0, 7), 7);
    expectCosigned(await submit(7, 20), 20);
    const stale = await submit(7, 25);
    assert.deepEqual([stale.status, stale.headers['content-type'], String(stale.body)], [409, 'text/x.tlog.size', '20\n']);
    assert.equal((await submit(20, 25, { key: signerKey('other.example/log', 1, seed('impostor')) })).status, 403);
    assert.equal((await submit(20, 25, { key: signerKey('unknown.example', 1, seed('unknown')), origin: 'unknown.example' })).status, 404);
    const bad = consistencyProof(20, leaves.slice(0, 25));
    bad[0] = Buffer.alloc(32);
    assert.equal((await submit(20, 25, { proof: bad })).status, 422);
    const forked = leaves.with?.(3, leaves[0]) ?? leaves.map((leaf, i) => (i === 3 ? leaves[0] : leaf));
    assert.equal((await submit(20, 25, { of: forked })).status, 422);
    expectCosigned(await submit(20, 20), 20);
    assert.equal((await submit(20, 20, { of: forked })).status, 422);
    assert.equal((await submit(21, 20, { proof: [] })).status, 400);
    assert.equal((await submit(7, 10)).status, 409);
    assert.equal((await ask(witness.address, 'POST', '/add-checkpoint', { body: 'nonsense' })).status, 400);
  });

  test('remembers over kill -9, shows its last checkpoint to monitors, and stops when it has lost it', async () => {
    await witness.end('SIGKILL');
    witness = await start();
    assert.equal(String((await submit(7, 25)).body), '20\n');
    const hash = createHash('sha256').update('other.example/log').digest('hex');
    const seen = await ask(witness.address, 'GET', `/${hash}/checkpoint`);
    assert.equal(signersOf(String(seen.body), [verifierKey(logKey.vkey), verifierKey(witness.vkey)]).length, 2);
    await witness.end();
    rmSync(join(folder, `w/logs/${hash}.checkpoint`));
    await assert.rejects(start(), /lost/);
  });
});
