// The log, checked by code that nobody here wrote: the Go project's golang.org/x/mod/sumdb (outsider/verify.go).
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { newAccount } from '../browser/harness/api.mjs';
import { Server, temporaryFolder } from '../browser/harness/server.mjs';
import { ask, Role } from './roles.mjs';
import { readLog, verifierKey } from './tlog.mjs';

const entriesMin = 700; // three files of them, and a second level of tiles
const source = fileURLToPath(new URL('outsider/verify.go', import.meta.url));

describe('an outsider’s verifier', () => {
  let folder;
  let verifier;
  let log;
  let witness;
  const proofs = [];

  before(async () => {
    folder = temporaryFolder('outsider');
    verifier = join(folder, 'verify');
    // Debian's packages of Go's sources are a GOPATH; nothing is fetched.
    const env = { ...process.env, GO111MODULE: 'off', GOPATH: '/usr/share/gocode', GOCACHE: join(folder, 'cache'), CGO_ENABLED: '0' };
    execFileSync('go', ['build', '-o', verifier, source], { env });
    const start = (policy) => Role.start('log', '--data', join(folder, 'log'), '--origin', 'outsider.example/log',
      '--listen', '127.0.0.1:0', '--interval-ms', '20', '--policy', policy);
    const policy = join(folder, 'policy');
    writeFileSync(policy, 'quorum none\n');
    log = await start(policy);
    await log.end();
    witness = await Role.start('witness', '--data', join(folder, 'w'), '--name', 'w.example', '--listen', '127.0.0.1:0', '--log', log.vkey);
    writeFileSync(policy, `witness w ${witness.vkey} ${witness.address}\nquorum w\n`);
    log = await start(policy);
    const append = async (n) => {
      const entry = JSON.stringify({ kind: 'test', n, text: 'ä'.repeat(n % 50), v: 1 });
      const answer = await ask(`unix:${join(folder, 'log/append.sock')}`, 'POST', '/entries?proof', { body: entry });
      assert.equal(answer.status, 201, String(answer.body));
      proofs.push({ entry, proof: String(answer.body) });
    };
    for (let n = 0; n < entriesMin; n += 50) await Promise.all(Array.from({ length: 50 }, (_, i) => append(n + i)));
  });
  after(async () => {
    await log?.end();
    await witness?.end();
    rmSync(folder, { recursive: true, force: true });
  });

  const verify = (task) =>
    JSON.parse(execFileSync(verifier, { input: JSON.stringify({ log: log.vkey, witness: witness.vkey, proofs: [], ...task }), encoding: 'utf8' }));

  test('accepts the proof of every entry', () => {
    const wrong = verify({ proofs }).proofs.filter(Boolean);
    assert.deepEqual(wrong, []);
    assert.equal(proofs.length, entriesMin);
  });

  test('accepts the whole log: checkpoint, cosignature, tiles and entries', () => {
    const { audit, size } = verify({ audit: log.address });
    assert.equal(audit, '');
    assert.equal(size, entriesMin);
  });

  test('refuses what was tampered with', () => {
    const { entry, proof } = proofs.at(-1);
    const swapped = (text, at) => text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1);
    const lines = proof.split('\n');
    const withLine = (find, change) => lines.map((line) => (find(line) ? change(line) : line)).join('\n');
    const tampered = {
      'the entry': { entry: entry.replace('test', 'tess'), proof },
      'the index': { entry, proof: proof.replace(/^index (\d+)$/m, (_, index) => `index ${index - 1}`) },
      'a hash': { entry, proof: swapped(proof, proof.indexOf(lines[2]) + 5) },
      'the size': { entry, proof: withLine((line) => /^\d+$/.test(line), (line) => String(Number(line) + 1)) },
      'the log’s signature': { entry, proof: withLine((line) => line.startsWith('— outsider'), (line) => swapped(line, line.length - 9)) },
      'the witness’s signature': { entry, proof: withLine((line) => line.startsWith('— w.'), (line) => swapped(line, line.length - 9)) },
      'no witness': { entry, proof: lines.filter((line) => !line.startsWith('— w.')).join('\n') },
    };
    const answers = verify({ proofs: Object.values(tampered) }).proofs;
    Object.keys(tampered).forEach((what, at) => assert.notEqual(answers[at], '', what));
    assert.equal(answers.length, Object.keys(tampered).length);
  });

  test('accepts the receipts that a service gives to a person', async () => {
    const service = await Server.start();
    try {
      const { client } = await newAccount(service);
      await client.expect(200, 'POST', '/my/data/identity', {});
      const { receipts } = await client.get('/my/receipts');
      const { log: { vkey }, witnesses } = await client.get('/glass');
      const keys = [vkey, ...witnesses.map((one) => one.vkey)];
      const { entries } = await readLog(async (path) => Buffer.from(await (await fetch(`${service.url}/log/${path}`)).arrayBuffer()), keys.map(verifierKey));
      const ofService = await Promise.all(receipts.map(async ({ entry }) => {
        const index = entries.findIndex((one) => String(one) === entry);
        const { body } = await ask(`unix:${join(service.data, 'custody/append.sock')}`, 'GET', `/proof/${index}`);
        return { entry, proof: String(body) };
      }));
      assert.ok(ofService.length > 0);
      const [log, witness] = keys;
      assert.deepEqual(verify({ log, witness, proofs: ofService }).proofs, ofService.map(() => ''));
      const other = ofService.map(({ entry, proof }) => ({ entry: entry.replace('"self"', '"payout"'), proof }));
      assert.ok(verify({ log, witness, proofs: other }).proofs.every(Boolean), 'and no other story');
    } finally {
      await service.close();
    }
  });

  test('refuses a log whose entries were changed on its disk', () => {
    const file = join(folder, 'log/tiles/tile/entries/001');
    copyFileSync(file, `${file}.kept`);
    const bytes = readFileSync(file);
    bytes[20] ^= 1;
    writeFileSync(file, bytes);
    assert.match(verify({ audit: log.address }).audit, /not the one in the tree/);
    copyFileSync(`${file}.kept`, file);
    assert.equal(verify({ audit: log.address }).audit, '');
  });
});
