// Pages of a running service, made again by an outsider's command from their receipts and the event stream.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { eventually, newAccount } from '../browser/harness/api.mjs';
import { makeClip } from '../browser/harness/clips.mjs';
import { binary, Server, temporaryFolder } from '../browser/harness/server.mjs';

const clips = 4;
const viewers = 5;
const pagesEach = 8;

describe('replaying pages', () => {
  let folder;
  let server;
  const receipts = [];

  before(async () => {
    folder = temporaryFolder('replay');
    server = await Server.start({ data: join(folder, 'data') });
    const creator = await newAccount(server, 'maker');
    for (let i = 0; i < clips; ++i) {
      const bytes = readFileSync(makeClip({ seconds: 1, width: 180 + 4 * i, height: 320 })); // a copy would be refused
      const video = await upload(creator, bytes, `topic${i % 2}`);
      await eventually('the clip is live', async () => (await creator.client.get(`/videos/${video}`)).hls, 60_000);
    }
  });
  after(async () => {
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function upload({ client }, bytes, tag) {
    const encoded = Buffer.from(tag).toString('base64');
    const headers = { 'tus-resumable': '1.0.0', authorization: `Bearer ${client.token}` };
    const made = await fetch(new URL('/uploads', server.api), {
      method: 'POST', headers: { ...headers, 'upload-length': String(bytes.length), 'upload-metadata': `tags ${encoded}` },
    });
    assert.equal(made.status, 201);
    const location = made.headers.get('location');
    const patch = { ...headers, 'upload-offset': '0', 'content-type': 'application/offset+octet-stream' };
    assert.equal((await fetch(new URL(location, server.api), { method: 'PATCH', headers: patch, body: bytes })).status, 204);
    return location.split('/').pop();
  }

  /** Somebody comes, watches and says so, and keeps the receipts. */
  async function visit({ client }, pages) {
    for (let i = 0; i < pages; ++i) {
      const page = await client.get(`/feed?limit=2&receipt=1&start=1&mode=${i % 4 === 3 ? 'fresh' : 'for_you'}`);
      receipts.push(...page.receipts);
      const events = page.items.map(({ video }) => ({
        id: `replay-${randomBytes(9).toString('hex')}`, video: video.id, page: page.page, surface: 'for_you',
        shown_at: Date.now(), watched_ms: 100 + randomBytes(1)[0] * 4, finished: randomBytes(1)[0] > 100,
      }));
      if (events.length > 0) await client.expect(200, 'POST', '/events', { events });
    }
  }

  function replay(lines) {
    const file = join(folder, 'receipts.jsonl');
    writeFileSync(file, lines.map((line) => `${line}\n`).join(''));
    return new Promise((resolve) => {
      execFile(binary, ['audit', 'replay', file, '--data', server.data, '--json'], (error, stdout, stderr) =>
        resolve({ status: error?.code ?? 0, stderr, ...(stdout && JSON.parse(stdout)) }));
    });
  }

  test('beside the running service every page comes out the same', async () => {
    for (let i = 0; i < viewers; ++i) await visit(await newAccount(server, 'viewer'), pagesEach);
    assert.ok(receipts.length >= viewers * pagesEach);
    const { status, same, stderr } = await replay(receipts);
    assert.equal(status, 0, stderr);
    assert.equal(same, receipts.length);
  });

  test('after kill -9, and after a stop that leaves a snapshot, old and new ones as well', async () => {
    await server.kill();
    await server.restart();
    await visit(await newAccount(server, 'later'), pagesEach);
    await server.stop();
    await server.restart();
    await visit(await newAccount(server, 'latest'), pagesEach);
    const { status, same, stderr } = await replay(receipts);
    assert.equal(status, 0, stderr);
    assert.equal(same, receipts.length);
  });

  test('a changed receipt, and one of another stream, are told apart from the others', async () => {
    const changed = receipts[3].replace('"limit":2', '"limit":3');
    const ahead = receipts[4].replace(/"records":\d+/, '"records":99999999');
    const { status, same, pages } = await replay([receipts[2], changed, ahead, 'nonsense']);
    assert.equal(status, 1);
    assert.equal(same, 1);
    assert.match(pages[1].difference, /changed after it was written/);
    assert.match(pages[2].difference, /changed after it was written/);
    assert.match(pages[3].difference, /not a receipt/);
  });

  test('nothing to replay is a mistake in the call', async () => {
    assert.equal((await replay([])).status, 2);
  });
});
