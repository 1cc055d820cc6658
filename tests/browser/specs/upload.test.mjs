// Uploads in the real page, and by tus-js-client alone: processing, pause, a closed tab, a server that dies in the middle.
import assert from 'node:assert/strict';
import { createReadStream, readFileSync, statSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';

import { Upload } from 'tus-js-client';

import { eventually, newAccount } from '../harness/api.mjs';
import { launch, openPage, phone } from '../harness/browser.mjs';
import { makeClip } from '../harness/clips.mjs';
import { plays } from '../harness/feed.mjs';
import { Server } from '../harness/server.mjs';
import { chooseClip, processingMsMax, publish, startUpload } from '../harness/uploads.mjs';

const offline = /ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE|ERR_INCOMPLETE/;

const liveVideo = (client, id) =>
  eventually(`video ${id} is live`, async () => {
    const video = await client.get(`/videos/${id}`);
    assert.notEqual(video.state, 'failed', JSON.stringify(video.failure));
    return video.state === 'live' && video;
  }, processingMsMax);

const ownVideos = async (client) => (await client.get('/account/videos')).items;

/** Slows the page's uploads down, so that there is a middle to interrupt. */
async function throttle(page, bytesPerSecond) {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('Network.enable');
  const set = (rate) => cdp.send('Network.emulateNetworkConditions', { offline: false, latency: 5, downloadThroughput: -1, uploadThroughput: rate });
  await set(bytesPerSecond);
  return { lift: () => set(-1) };
}

const sentPercent = (page) => page.getByRole('progressbar', { name: 'Upload progress' }).getAttribute('aria-valuenow').then(Number);

const reached = (page, percent) =>
  eventually(`${percent} % are sent`, async () => (await sentPercent(page)) >= percent, 60_000);

describe('upload', () => {
  let server;
  let browser;
  const small = makeClip({ seconds: 3 });
  const large = makeClip({ seconds: 6, megabits: 32 });

  before(async () => {
    server = await Server.start();
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    await server?.close();
  });

  test('a clip goes in on a phone page, is prepared, and another viewer watches it in the feed', async () => {
    const { client, handle } = await newAccount(server);
    const mine = await openPage(browser, server, { size: phone, client });
    await chooseClip(mine.page, small, 'A first #harbour');
    await startUpload(mine.page);
    await mine.page.getByRole('link', { name: 'See it' }).click({ timeout: processingMsMax });
    await mine.page.waitForURL(/\/v\//);
    assert.ok(await plays(mine.page), 'it plays on its own page');
    mine.watch.assertClean();
    await mine.close();

    const [video] = await ownVideos(client);
    assert.equal(video.caption, 'A first #harbour');
    assert.deepEqual(video.tags, ['harbour']);
    assert.ok(Math.abs(video.duration_ms - 3_000) <= 100, `${video.duration_ms} ms`);

    const other = await openPage(browser, server, { size: phone });
    await other.page.goto('/?feed=fresh');
    await other.page.getByText('A first').first().waitFor();
    assert.ok(await plays(other.page), 'it plays in the feed');
    assert.equal((await client.get(`/profiles/${handle}`)).videos, 1);
    other.watch.assertClean();
    await other.close();
  });

  test('the server dies in the middle and comes back: the page goes on by itself', async () => {
    const { client } = await newAccount(server);
    const { page, watch, close } = await openPage(browser, server, { client, allow: [offline] });
    await chooseClip(page, large, 'Through a crash');
    const line = await throttle(page, 4_000_000);
    await startUpload(page);
    await reached(page, 35);
    await server.kill();
    await page.getByText('Connection lost').waitFor();
    await line.lift();
    await server.restart();
    await page.getByText('Uploaded. Now it is being prepared.').waitFor({ timeout: 60_000 });
    const [video] = await ownVideos(client);
    const live = await liveVideo(client, video.id);
    assert.ok(Math.abs(live.duration_ms - 6_000) <= 100, `${live.duration_ms} ms`);
    watch.assertClean();
    await close();
  });

  test('pause holds, go on finishes', async () => {
    const { client } = await newAccount(server);
    const { page, watch, close } = await openPage(browser, server, { client, allow: [/ERR_ABORTED/] });
    await chooseClip(page, large, 'With a pause');
    const line = await throttle(page, 4_000_000);
    await startUpload(page);
    await reached(page, 25);
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByText('Nothing sent so far is lost').waitFor();
    const held = await sentPercent(page);
    await page.waitForTimeout(1_000);
    assert.equal(await sentPercent(page), held, 'nothing is sent while paused');
    await line.lift();
    await page.getByRole('button', { name: 'Go on' }).click();
    await page.getByText('Uploaded. Now it is being prepared.').waitFor({ timeout: 60_000 });
    watch.assertClean();
    await close();
  });

  test('the tab is closed in the middle: choosing the file again goes on where it stopped', async () => {
    const { client } = await newAccount(server);
    const { context, page, watch, close } = await openPage(browser, server, { client });
    await chooseClip(page, large, 'In two sittings');
    await throttle(page, 4_000_000);
    await startUpload(page);
    await reached(page, 40);
    await page.close({ runBeforeUnload: false });

    const later = await context.newPage();
    let created = 0;
    later.on('request', (request) => (created += Number(request.method() === 'POST' && request.url().endsWith('/uploads'))));
    await later.goto('/upload');
    await later.getByText('Unfinished upload').waitFor();
    await later.locator('input[type="file"]').setInputFiles(large);
    await startUpload(later);
    await later.getByText('Found the earlier upload').waitFor();
    await later.getByText('Uploaded. Now it is being prepared.').waitFor({ timeout: 60_000 });
    assert.equal(created, 0, 'no second upload was begun');
    assert.equal((await ownVideos(client)).length, 1);
    watch.assertClean();
    await close();
  });

  test('a file that is no video is refused with a reason', async () => {
    const { client } = await newAccount(server);
    const { page, watch, close } = await openPage(browser, server, { client });
    await page.goto('/upload');
    await page.locator('input[type="file"]').setInputFiles({ name: 'notes.mp4', mimeType: 'video/mp4', buffer: Buffer.alloc(4096, 'vitrine ') });
    await startUpload(page);
    await page.getByText('This video cannot be published').waitFor({ timeout: processingMsMax });
    const [video] = await ownVideos(client);
    assert.equal(video.state, 'failed');
    assert.ok(video.failure.detail.length > 10, 'the reason is in words');
    watch.assertClean();
    await close();
  });

  test('a file that was sent before is refused with a link to its video', async () => {
    const { client } = await newAccount(server);
    const first = await publish(client, { file: small });
    const { page, watch, close } = await openPage(browser, server, { client });
    await chooseClip(page, small, 'Once more');
    await startUpload(page);
    const alert = page.getByRole('alert').filter({ hasText: 'You have uploaded this very file before: see that video.' });
    await alert.getByRole('link', { name: 'that video' }).click({ timeout: processingMsMax });
    await page.waitForURL(`**/v/${first.id}`);
    watch.assertClean();
    await close();
  });

  test('tus-js-client outside a browser, with the server killed and started in the middle', async () => {
    const { client } = await newAccount(server);
    const size = statSync(large).size;
    let killed;
    const url = await new Promise((resolve, reject) => {
      const upload = new Upload(createReadStream(large), {
        endpoint: `http://127.0.0.1:${server.port}/uploads`,
        headers: { Authorization: `Bearer ${client.token}` },
        chunkSize: 1024 * 1024,
        uploadSize: size,
        retryDelays: [100, 200, 400, 800, 1_600, 3_200],
        metadata: { filename: 'large.mp4', filetype: 'video/mp4', caption: 'By the client alone', tags: 'tus' },
        onProgress: (sent) => {
          if (!killed && sent > size / 2) killed = server.kill().then(() => server.restart());
        },
        onError: reject,
        onSuccess: () => resolve(upload.url),
      });
      upload.start();
    });
    await killed;
    const live = await liveVideo(client, url.split('/').pop());
    assert.equal(live.caption, 'By the client alone');
    assert.ok(Math.abs(live.duration_ms - 6_000) <= 100);
  });

  test('renditions are served in ranges, for good, and carry nothing of the source', async () => {
    const { client } = await newAccount(server);
    const upload = await new Promise((resolve, reject) => {
      const one = new Upload(readFileSync(small), {
        endpoint: `http://127.0.0.1:${server.port}/uploads`,
        headers: { Authorization: `Bearer ${client.token}` },
        metadata: { filename: 'small.mp4', filetype: 'video/mp4', caption: '', tags: '' },
        onError: reject,
        onSuccess: () => resolve(one),
      });
      one.start();
    });
    const live = await liveVideo(client, upload.url.split('/').pop());
    const answer = await fetch(server.url + live.sources[0].url, { headers: { range: 'bytes=0-99' } });
    assert.equal(answer.status, 206);
    assert.equal((await answer.arrayBuffer()).byteLength, 100);
    assert.match(answer.headers.get('cache-control'), /immutable/);
    assert.equal(answer.headers.get('content-type'), 'video/mp4');
    assert.equal(answer.headers.get('x-content-type-options'), 'nosniff');
  });
});
