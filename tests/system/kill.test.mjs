// Kills the server with SIGKILL at random moments while people upload, watch, like and delete and clips are processed;
// afterwards everything that was acknowledged must be there, and nothing half-published.
//
// VITRINE_KILLS (100) says how often, VITRINE_SEED makes the moments repeatable. The last line prints the counts.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { Client, eventually, newAccount } from '../browser/harness/api.mjs';
import { makeClip } from '../browser/harness/clips.mjs';
import { Server, temporaryFolder } from '../browser/harness/server.mjs';

const kills = Number(process.env.VITRINE_KILLS ?? 100);
const seed = Number(process.env.VITRINE_SEED ?? Math.floor(Math.random() * 2 ** 31));
const uploaders = 3;
const pauseMsMax = 1200; // between two kills
const uploadPauseMsMax = 4000; // of each uploader: processing keeps up
const settleMsMax = 10 * 60_000;
const eventsPerCallMax = 100; // as the API has it

/** Small, seeded, good enough to pick moments (mulberry32). */
function randomFrom(start) {
  let state = start >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The same clip with a box of random bytes at its end: another file to the server, the same picture. */
function uniqueFile(clip) {
  const filler = randomBytes(512);
  const head = Buffer.alloc(8);
  head.writeUInt32BE(filler.length + 8);
  head.write('free', 4);
  return Buffer.concat([clip, head, filler]);
}

describe(`kill -9, ${kills} times, seed ${seed}`, () => {
  const random = randomFrom(seed);
  const acknowledged = { accounts: [], uploads: [], events: [], likes: new Map(), deleted: new Set() };
  const counts = { kills: 0, resumed: 0, bytes: 0 };
  let data;
  let server;
  let clip;
  let stopping = false;

  before(async () => {
    console.log(`seed ${seed}`);
    clip = readFileSync(makeClip({ seconds: 1, width: 180, height: 320 }));
    data = temporaryFolder('kill');
    server = await Server.start({ data });
  });
  after(async () => {
    await server?.stop();
    rmSync(data, { recursive: true, force: true });
  });

  /** Runs `call` until the server answers below 500: while it is down or starting, people try again. */
  async function insist(call) {
    for (;;) {
      try {
        const answer = await call();
        if (answer.status < 500) return answer;
      } catch (error) {
        if (error instanceof assert.AssertionError) throw error;
      }
      await sleep(20);
    }
  }

  function tus(account, method, location, headers = {}, body = undefined) {
    return insist(async () => {
      const answer = await fetch(new URL(location, server.api), {
        method,
        headers: { 'tus-resumable': '1.0.0', authorization: `Bearer ${account.client.token}`, ...headers },
        body,
      });
      await answer.arrayBuffer();
      return answer;
    });
  }

  async function createUpload(account) {
    const file = uniqueFile(clip);
    const answer = await tus(account, 'POST', '/uploads', { 'upload-length': String(file.length) });
    assert.equal(answer.status, 201);
    const location = new URL(answer.headers.get('location'), server.api).pathname;
    const upload = { account, file, location, id: location.split('/').pop(), offset: 0, finished: false };
    acknowledged.uploads.push(upload);
    return upload;
  }

  /** One piece, without insisting; what is acknowledged may never be lost. */
  async function sendPiece(upload) {
    const size = 1 + Math.floor(random() * upload.file.length * 0.6);
    const answer = await fetch(new URL(upload.location, server.api), {
      method: 'PATCH',
      headers: {
        'tus-resumable': '1.0.0',
        authorization: `Bearer ${upload.account.client.token}`,
        'upload-offset': String(upload.offset),
        'content-type': 'application/offset+octet-stream',
      },
      body: upload.file.subarray(upload.offset, upload.offset + size),
    });
    await answer.arrayBuffer();
    if (answer.status !== 204) throw new Error(`PATCH: ${answer.status}`);
    upload.offset = Number(answer.headers.get('upload-offset'));
  }

  async function resume(upload) {
    const answer = await tus(upload.account, 'HEAD', upload.location);
    // Once handed over an upload is a video; its address may be gone then.
    if (answer.status === 404 || answer.status === 410) {
      const video = await insist(() => upload.account.client.call('GET', `/videos/${upload.id}`));
      assert.equal(video.status, 200, `upload ${upload.id} is lost at ${upload.offset} of ${upload.file.length}`);
      upload.offset = upload.file.length;
      return;
    }
    assert.equal(answer.status, 200);
    const offset = Number(answer.headers.get('upload-offset'));
    assert.ok(offset >= upload.offset, `${upload.id}: ${offset} is less than the acknowledged ${upload.offset}`);
    upload.offset = offset;
    counts.resumed += 1;
  }

  async function finishUpload(upload) {
    while (upload.offset < upload.file.length) {
      try {
        await sendPiece(upload);
        await sleep(random() * 60);
      } catch (error) {
        if (error instanceof assert.AssertionError) throw error;
        await resume(upload);
      }
    }
    upload.finished = true;
    counts.bytes += upload.file.length;
  }

  async function uploader() {
    const account = await newAccountInsisting();
    while (!stopping) {
      const upload = await createUpload(account);
      await finishUpload(upload);
      if (random() < 0.15) await deleteVideo(upload);
      await sleep(random() * uploadPauseMsMax);
    }
  }

  async function newAccountInsisting() {
    for (;;) {
      try {
        const account = await newAccount(server, 'kim');
        acknowledged.accounts.push(account);
        return account;
      } catch {
        await sleep(20);
      }
    }
  }

  async function deleteVideo(upload) {
    const answer = await insist(() => upload.account.client.call('DELETE', `/videos/${upload.id}`));
    // 404 when the answer to an earlier try was lost with the server.
    assert.ok([204, 404].includes(answer.status), `DELETE: ${answer.status}`);
    acknowledged.deleted.add(upload.id);
  }

  const kept = () => acknowledged.uploads.filter((upload) => upload.finished && !acknowledged.deleted.has(upload.id));

  async function watcher() {
    const account = await newAccountInsisting();
    while (!stopping) {
      const upload = kept()[Math.floor(random() * kept().length)];
      if (upload) {
        await watch(account, upload.id);
        await like(account, upload.id);
      }
      await sleep(random() * 120);
    }
  }

  async function watch(account, video) {
    const events = Array.from({ length: 1 + Math.floor(random() * 5) }, () => ({
      id: `kill-${randomBytes(9).toString('hex')}`, video, surface: 'for_you', shown_at: Date.now(), watched_ms: 900,
    }));
    const answer = await insist(() => account.client.call('POST', '/events', { events }));
    assert.equal(answer.status, 200);
    const refused = new Set(answer.body.rejected.map((one) => one.index));
    acknowledged.events.push(...events.filter((_, i) => !refused.has(i)).map((event) => ({ account, event })));
  }

  async function like(account, video) {
    const on = random() < 0.7;
    const answer = await insist(() => account.client.call(on ? 'PUT' : 'DELETE', `/videos/${video}/like`));
    if (answer.status === 200) acknowledged.likes.set(`${video} ${account.handle}`, { account, video, on });
  }

  async function killer() {
    for (; counts.kills < kills; ++counts.kills) {
      await sleep(20 + random() * pauseMsMax);
      await server.kill();
      await server.restart();
      if (counts.kills % 10 === 9) console.log(`${counts.kills + 1} kills, ${acknowledged.uploads.length} uploads`);
    }
    stopping = true;
  }

  test('people go on through every kill', async () => {
    await Promise.all([killer(), watcher(), watcher(), ...Array.from({ length: uploaders }, uploader)]);
    assert.ok(kept().length > 0 && acknowledged.events.length > 0);
  });

  test('every finished upload becomes a whole video', async () => {
    for (const upload of kept()) {
      const video = await eventually(`video ${upload.id} is live`, async () => {
        const now = await upload.account.client.get(`/videos/${upload.id}`);
        assert.notEqual(now.state, 'failed', JSON.stringify(now.failure));
        return now.state === 'live' && now.hls && now;
      }, settleMsMax);
      await expectWhole(video);
    }
  });

  async function expectWhole(video) {
    const base = server.api.replace('/api/v1', '');
    for (const source of video.sources) {
      const answer = await fetch(base + source.url);
      const bytes = Buffer.from(await answer.arrayBuffer());
      assert.equal(answer.status, 200);
      assert.equal(bytes.length, source.bytes, source.url);
      const path = join(data, 'check.mp4');
      writeFileSync(path, bytes);
      execFileSync('ffprobe', ['-v', 'error', '-show_entries', 'format=duration', path]);
      rmSync(path);
    }
    for (const url of [video.poster, video.hls, video.preview?.url].filter(Boolean)) {
      const answer = await fetch(base + url);
      assert.equal(answer.status, 200, url);
      assert.ok((await answer.arrayBuffer()).byteLength > 0);
    }
  }

  /** Sent once more, each is known; in batches, for one by one they would meet the limit on writes. */
  async function expectEventsKept(account) {
    const mine = acknowledged.events.filter((one) => one.account === account && !acknowledged.deleted.has(one.event.video));
    for (let from = 0; from < mine.length; from += eventsPerCallMax) {
      const events = mine.slice(from, from + eventsPerCallMax).map((one) => one.event);
      const again = await account.client.expect(200, 'POST', '/events', { events });
      assert.deepEqual(again, { accepted: 0, duplicates: events.length, rejected: [] });
    }
  }

  test('every acknowledged account, event, like and deletion is there', async () => {
    for (const { handle, client } of acknowledged.accounts) {
      assert.equal((await client.get('/session')).account?.handle, handle);
    }
    for (const account of acknowledged.accounts) await expectEventsKept(account);
    for (const { account, video, on } of acknowledged.likes.values()) {
      if (acknowledged.deleted.has(video)) continue;
      assert.equal((await account.client.get(`/videos/${video}`)).liked, on);
    }
    for (const id of acknowledged.deleted) {
      assert.equal((await new Client(server).call('GET', `/videos/${id}`)).status, 404, `deleted ${id}`);
    }
  });

  /** One whose creation was never acknowledged, for the server died before it answered: it waits, empty, until it expires. */
  async function expectEmptyUpload(id) {
    const answers = [];
    for (const account of acknowledged.accounts) answers.push(await tus(account, 'HEAD', `/uploads/${id}`));
    const known = answers.filter((answer) => answer.status === 200);
    assert.deepEqual(known.map((answer) => answer.headers.get('upload-offset')), ['0'], id);
  }

  test('nothing is left over', async () => {
    const live = new Set(kept().map((upload) => upload.id));
    const folders = readdirSync(join(data, 'blobs/media'));
    assert.deepEqual(folders.filter((id) => !live.has(id)), [], 'files of videos that are not there');
    const acknowledgedIds = new Set(acknowledged.uploads.map((upload) => upload.id));
    const unfinished = new Set(acknowledged.uploads.filter((upload) => !upload.finished).map((upload) => upload.id));
    const originals = () => readdirSync(join(data, 'quarantine')).map((name) => name.split('.')[0]);
    // The last clip is live a moment before its original and working folder are gone.
    await eventually('originals of finished uploads and working folders are gone', () => {
      const left = originals().filter((id) => acknowledgedIds.has(id) && !unfinished.has(id));
      assert.deepEqual([...left, ...readdirSync(join(data, 'work'))], []);
      return true;
    });
    for (const id of originals()) if (!acknowledgedIds.has(id)) await expectEmptyUpload(id);
    const strays = execFileSync('ps', ['-eo', 'args']).toString().split('\n').filter((line) => line.includes(`${data}/work`));
    assert.deepEqual(strays, [], 'processes of killed servers');
    console.log(
      `${counts.kills} kills: ${acknowledged.accounts.length} accounts, ${kept().length} videos (${counts.bytes} bytes in, ` +
        `${counts.resumed} resumptions), ${acknowledged.events.length} events, ${acknowledged.likes.size} likes and ` +
        `${acknowledged.deleted.size} deletions acknowledged`,
    );
  });
});
