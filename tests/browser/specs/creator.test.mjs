// What a creator does with a video in the real page: who sees it and when, drafts, pins, playlists, other media in its place;
// and that what is not for somebody is nowhere to be had by them.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { Client, eventually, newAccount } from '../harness/api.mjs';
import { axe } from '../harness/axe.mjs';
import { desktop, launch, openPage, phone } from '../harness/browser.mjs';
import { makeClip } from '../harness/clips.mjs';
import { currentSlide, nextFirstFrame, plays, swipe } from '../harness/feed.mjs';
import { Server } from '../harness/server.mjs';
import { chooseClip, processingMsMax, publish, startUpload } from '../harness/uploads.mjs';

const sizes = [['phone', phone], ['desktop', desktop]];
const notFound = /status of 40[134]/;
const red = { colour: 'red' };
const blue = { colour: 'blue' };
const pinnedMax = 3;
const dayMs = 86_400_000;

/** The colour in the middle of what is being played. */
const colourShown = (page) =>
  page.evaluate(() => {
    const video = document.querySelector('article[aria-hidden="false"] video');
    const context = new OffscreenCanvas(1, 1).getContext('2d');
    context.drawImage(video, 0, 0, 1, 1);
    const [r, , b] = context.getImageData(0, 0, 1, 1).data;
    return r > b ? 'red' : b > r ? 'blue' : 'neither';
  });

/** Everything below /media/ that a video's description and its playlists name. */
async function filesOf(client, video) {
  const get = (url) => fetch(client.server.url + url, { headers: { authorization: `Bearer ${client.token}` } });
  const found = new Set([...video.sources.map(({ url }) => url), video.poster, video.preview.url, ...video.captions.map(({ url }) => url)]);
  const follow = async (url) => {
    found.add(url);
    if (!url.endsWith('.m3u8')) return;
    const lines = (await (await get(url)).text()).split('\n');
    const named = lines.flatMap((line) => (line.startsWith('#') ? (/URI="([^"]+)"/.exec(line)?.[1] ?? []) : line.trim() || []));
    for (const name of new Set(named)) await follow(`${url.slice(0, url.lastIndexOf('/'))}/${name}`);
  };
  await follow(video.hls);
  return [...found];
}

describe('creators', () => {
  let server;
  let browser;
  before(async () => {
    server = await Server.start();
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    await server?.close();
  });

  const stranger = () => new Client(server);
  const statusFor = async (client, id) => (await client.call('GET', `/videos/${id}`)).status;
  const menuOf = async (page, caption) => {
    await page.getByRole('button', { name: `More about “${caption}”` }).click();
    return page.getByRole('dialog');
  };
  const complete = (client, id) =>
    eventually(`video ${id} is complete`, async () => {
      const video = await client.get(`/videos/${id}`);
      return video.hls && video;
    }, processingMsMax);

  for (const [name, size] of sizes) {
    test(`a draft for oneself alone, from the upload to everyone, on a ${name}`, async () => {
      const { client } = await newAccount(server, 'mira');
      const { page, watch, close } = await openPage(browser, server, { size, client });
      await chooseClip(page, makeClip({ seconds: 2 }), 'Not for you yet');
      await page.getByText('Only me', { exact: true }).click();
      await page.getByText('Draft', { exact: true }).click();
      await page.getByText('Comments, duets and labels').click();
      await page.getByLabel('Who may comment').selectOption('Followers');
      await page.getByLabel('Who may duet').selectOption('Nobody');
      await page.getByLabel('Made with AI').check();
      assert.deepEqual(await axe(page), []);
      await startUpload(page);
      await page.getByText('Ready to watch').or(page.getByText('Done: ready in every version')).waitFor({ timeout: processingMsMax });
      await page.getByRole('link', { name: 'See it' }).click();
      await page.waitForURL(/\/v\//);
      const id = page.url().split('/').pop();
      await currentSlide(page).getByText('Draft').waitFor();
      await currentSlide(page).getByText('Only you').waitFor();
      assert.ok(await plays(page), 'it plays for its creator');
      const made = await client.get(`/videos/${id}`);
      assert.deepEqual([made.state, made.audience, made.comment_permission, made.duet_permission, made.own_labels],
        ['draft', 'only_me', 'followers', 'nobody', ['ai_made']]);
      assert.equal(await statusFor(stranger(), id), 404);

      await page.getByRole('button', { name: 'More about this video' }).first().click();
      await page.getByRole('dialog').getByRole('link', { name: 'Edit video' }).click();
      await page.waitForURL(`/studio/v/${id}/edit`);
      await page.getByLabel('Caption').fill('For everyone now');
      await page.getByText('Everyone', { exact: true }).first().click();
      await page.getByRole('button', { name: 'Save' }).click();
      await page.getByText('Saved.').first().waitFor();
      const saved = await client.get(`/videos/${id}`);
      assert.deepEqual([saved.state, saved.audience, saved.caption, saved.comment_permission], ['draft', 'public', 'For everyone now', 'followers']);
      await page.getByLabel('Caption').fill('For everyone, at last');
      await page.getByRole('button', { name: 'Publish now' }).click();
      await page.getByText('Published.').waitFor();
      assert.equal(await statusFor(stranger(), id), 200);
      assert.equal((await client.get(`/videos/${id}`)).caption, 'For everyone, at last', 'what was not saved yet is published with it');
      watch.assertClean();
      await close();
    });
  }

  test('a time: past or too far is refused beside the field, the right one is by the clocks where the person is', async () => {
    const { client } = await newAccount(server, 'tove');
    const { context, page, watch, close } = await openPage(browser, server, { size: phone, client });
    const cdp = await context.newCDPSession(page);
    await cdp.send('Emulation.setTimezoneOverride', { timezoneId: 'Asia/Tokyo' });
    let begun = 0;
    page.on('request', (request) => (begun += Number(request.method() === 'POST' && request.url().endsWith('/uploads'))));
    await chooseClip(page, makeClip({ seconds: 2 }), 'First light');
    await page.getByText('At a time', { exact: true }).click();
    const field = page.getByLabel('Goes live on');
    for (const [time, words] of [['2020-01-01T10:00', 'That time has passed'], ['2099-01-01T10:00', 'a year ahead is the most'], ['', 'Choose a day and a time']]) {
      await field.fill(time);
      await startUpload(page);
      await page.getByText(words).waitFor();
      assert.equal(await field.getAttribute('aria-invalid'), 'true');
      assert.ok(await field.evaluate((element) => element === document.activeElement), 'the focus is where something is wrong');
      assert.deepEqual(await axe(page), []);
    }
    assert.equal(begun, 0, 'nothing was sent');
    const day = new Date(Date.now() + 3 * dayMs).toISOString().slice(0, 10);
    await field.fill(`${day}T18:00`);
    await page.getByText('by the clocks in Asia/Tokyo').waitFor();
    await startUpload(page);
    await page.getByRole('link', { name: 'All your videos' }).click();
    await page.waitForURL('/studio/videos');
    await page.getByLabel('Show').selectOption('Scheduled');
    await page.getByText(/Goes out on .* 6:00 PM/).waitFor();
    const [video] = (await client.get('/account/videos?state=scheduled')).items;
    assert.equal(video.publish_at, Date.parse(`${day}T18:00+09:00`));

    // Another time, then none: a draft, and at last now.
    await page.getByRole('link', { name: 'Edit “First light”' }).click();
    await page.getByLabel('Goes live on').fill(`${day}T19:30`);
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText(/It goes out on .* 7:30 PM/).waitFor();
    await page.getByText('Draft', { exact: true }).click();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('This is a draft').waitFor();
    assert.equal((await client.get(`/videos/${video.id}`)).publish_at, null);
    await complete(client, video.id);
    await page.goto('/studio/videos?state=draft');
    await page.getByRole('button', { name: 'Publish “First light”' }).click();
    await page.getByText('Published.').waitFor();
    assert.equal(await statusFor(stranger(), video.id), 200);
    watch.assertClean();
    await close();
  });

  test('an upload that was left in the middle goes on with the choices it was begun with', async () => {
    const { client } = await newAccount(server, 'edda');
    const clip = makeClip({ seconds: 2 });
    const { context, page, watch, close } = await openPage(browser, server, { size: phone, client, allow: [/ERR_FAILED/] });
    await page.route('**/uploads/*', (route) => (route.request().method() === 'PATCH' ? route.abort() : route.continue()));
    await chooseClip(page, clip, 'In two sittings');
    await page.getByText('Only me', { exact: true }).click();
    await startUpload(page);
    await page.getByText('Connection lost').waitFor();
    await page.close({ runBeforeUnload: false });
    const later = await context.newPage();
    await later.goto('/upload');
    await later.getByText('Unfinished upload').waitFor();
    await later.locator('input[type="file"]').setInputFiles(clip);
    await later.getByText('Nobody but you.').waitFor();
    assert.equal(await later.getByLabel('Caption').inputValue(), 'In two sittings');
    await startUpload(later);
    await later.getByText('Found the earlier upload').waitFor();
    await later.getByRole('link', { name: 'See it' }).waitFor({ timeout: processingMsMax });
    const { items } = await client.get('/account/videos');
    assert.deepEqual(items.map(({ audience }) => audience), ['only_me']);
    watch.assertClean();
    await close();
  });

  test('pins: three at most, public ones alone, first on the profile', async () => {
    const { client, handle } = await newAccount(server, 'noor');
    const ids = [];
    for (let at = 0; at <= pinnedMax + 1; ++at) {
      ids.push((await publish(client, { caption: `Clip ${at}`, seconds: 1, clip: { width: 180, height: 320, hertz: 300 + at } })).id);
    }
    await client.expect(200, 'PATCH', `/videos/${ids.at(-1)}`, { audience: 'followers' });
    const { page, watch, close } = await openPage(browser, server, { size: phone, client, allow: [/status of 422/] });
    await page.goto('/studio/videos');
    for (let at = 0; at < pinnedMax; ++at) {
      await (await menuOf(page, `Clip ${at}`)).getByRole('button', { name: 'Pin to your profile' }).click();
      await page.getByRole('dialog').waitFor({ state: 'hidden' });
    }
    assert.equal(await page.getByText('Pinned', { exact: true }).count(), pinnedMax);
    await (await menuOf(page, `Clip ${pinnedMax}`)).getByRole('button', { name: 'Pin to your profile' }).click();
    await page.getByRole('alert').or(page.getByRole('status')).filter({ hasText: '3' }).first().waitFor();
    assert.equal((await client.get(`/videos/${ids[pinnedMax]}`)).pinned, false);
    await page.keyboard.press('Escape');
    const followersOnly = (await menuOf(page, `Clip ${pinnedMax + 1}`)).getByRole('button', { name: 'Pin to your profile' });
    assert.ok(await followersOnly.isDisabled());
    await page.getByText('Only what everyone sees can be pinned.').waitFor();
    assert.deepEqual(await axe(page), []);

    await page.goto(`/@${handle}`);
    const tiles = page.locator('main li > a');
    await eventually('all are there', async () => (await tiles.count()) === ids.length);
    const shown = await tiles.evaluateAll((links) => links.map((link) => ({ id: link.pathname.slice(3), pinned: link.textContent.includes('Pinned') })));
    assert.deepEqual(shown.map(({ pinned }) => pinned), ids.map((_, at) => at < pinnedMax));
    assert.deepEqual(new Set(shown.slice(0, pinnedMax).map(({ id }) => id)), new Set(ids.slice(0, pinnedMax)));
    await page.goto('/studio/videos');
    await (await menuOf(page, 'Clip 1')).getByRole('button', { name: 'Unpin' }).click();
    await page.getByText('Unpinned.').waitFor();
    assert.equal((await client.get(`/videos/${ids[1]}`)).pinned, false);
    watch.assertClean();
    await close();
  });

  for (const [name, size] of sizes) {
    test(`a playlist, made, put in order by keyboard, played in it, renamed and deleted, on a ${name}`, async () => {
      const { client, handle } = await newAccount(server, 'jonas');
      const ids = {};
      for (const [at, caption] of ['Anchor', 'Boat', 'Cable'].entries()) {
        ids[caption] = (await publish(client, { caption, seconds: 1, clip: { width: 180, height: 320, hertz: 400 + at } })).id;
      }
      const { page, watch, close } = await openPage(browser, server, { size, client });
      await page.goto('/studio/playlists');
      await page.getByText('No playlists yet').waitFor();
      await page.getByLabel('New playlist').fill('The harbour');
      await page.getByRole('button', { name: 'Make playlist' }).press('Enter');
      await page.waitForURL(/\/playlist\/[^?]+\?arrange=1/);
      const id = new URL(page.url()).pathname.split('/').pop();
      await page.getByRole('button', { name: 'Add videos' }).click();
      for (const caption of Object.keys(ids)) await page.getByRole('dialog').getByLabel(caption).check();
      assert.deepEqual(await axe(page), []);
      await page.getByRole('button', { name: 'Add 3 videos' }).click();
      const order = async () => (await client.get(`/playlists/${id}`)).items.map(({ caption }) => caption).join(' ');
      const kept = (words) => eventually(words, async () => (await order()) === words);
      await kept('Anchor Boat Cable');

      await page.getByRole('button', { name: 'Move “Cable” up' }).focus();
      await page.keyboard.press('Enter');
      await page.getByText('“Cable” is now number 2 of 3.').waitFor();
      await page.keyboard.press('Enter');
      await kept('Cable Anchor Boat');
      // At the top that button is off: the focus is on the other one of the same line.
      assert.equal(await page.evaluate(() => document.activeElement.getAttribute('aria-label')), 'Move “Cable” down');
      await page.getByRole('button', { name: 'Take “Anchor” out' }).press('Enter');
      await kept('Cable Boat');
      await page.getByRole('button', { name: 'Done' }).press('Enter');
      await page.waitForURL(`/playlist/${id}`);
      const cover = async () => (await stranger().get(`/profiles/${handle}/playlists`)).items[0].cover;
      assert.match(await cover(), /thumbnail/);
      await client.expect(200, 'PATCH', `/videos/${ids.Cable}`, { labels: ['sensitive'] });
      assert.equal(await cover(), null, 'what is veiled is no cover');
      await client.expect(200, 'PATCH', `/videos/${ids.Cable}`, { labels: [] });

      const other = await openPage(browser, server, { size });
      await other.page.goto(`/@${handle}?tab=playlists`);
      await other.page.getByRole('link', { name: /The harbour/ }).click();
      await other.page.waitForURL(`/playlist/${id}`);
      assert.equal(await other.page.getByRole('link', { name: 'Arrange' }).count(), 0);
      await other.page.getByRole('button', { name: 'Play all' }).click();
      assert.equal(await nextFirstFrame(other.page, 0), ids.Cable);
      assert.equal(await swipe(other.page), ids.Boat);
      other.watch.assertClean();
      await other.close();

      await page.getByRole('button', { name: 'Rename' }).click();
      await page.getByRole('dialog').getByLabel('Title').fill('The old harbour');
      await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
      await page.getByRole('heading', { name: 'The old harbour' }).waitFor();
      await page.getByRole('button', { name: 'Delete playlist' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Delete playlist' }).click();
      await page.getByText('Playlist deleted.').waitFor();
      assert.equal((await client.call('GET', `/playlists/${id}`)).status, 404);
      await client.get(`/videos/${ids.Boat}`);
      watch.assertClean();
      await close();
    });
  }

  test('other media in its place: likes, comments and the address stay, the new one plays', async () => {
    const { client } = await newAccount(server, 'ana');
    const fan = await newAccount(server, 'fan');
    const { id } = await publish(client, { caption: 'Take one', clip: red });
    await complete(client, id);
    await fan.client.expect(200, 'PUT', `/videos/${id}/like`);
    await fan.client.expect(201, 'POST', `/videos/${id}/comments`, { text: 'Lovely' });
    const { page, watch, close } = await openPage(browser, server, { size: phone, client });
    await page.goto(`/studio/v/${id}/edit`);
    await page.getByText('Its address, likes and comments stay.').waitFor();
    await page.locator('input[type="file"]').setInputFiles({ name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('no video') });
    await page.getByRole('alert').filter({ hasText: 'notes.txt' }).waitFor();
    await page.locator('input[type="file"]').setInputFiles({ name: 'broken.mp4', mimeType: 'video/mp4', buffer: Buffer.alloc(4096, 'vitrine ') });
    await page.getByRole('button', { name: 'Replace it' }).click();
    await page.getByText('The file cannot be used. The old one stays').waitFor({ timeout: processingMsMax });
    await page.getByRole('button', { name: 'Choose another file' }).click();
    await page.locator('input[type="file"]').setInputFiles(makeClip({ seconds: 2, ...blue }));
    await page.getByLabel('Caption').fill('Take two');
    await page.getByRole('button', { name: 'Replace it' }).click();
    await page.getByText('Replaced: the new one plays now').waitFor({ timeout: processingMsMax });
    assert.equal(await page.getByLabel('Caption').inputValue(), 'Take two', 'what was typed meanwhile is still there');
    await eventually('the new media are there', async () => Math.abs((await client.get(`/videos/${id}`)).duration_ms - 2_000) <= 100);
    assert.deepEqual(await axe(page), []);
    await page.goto(`/v/${id}`);
    await nextFirstFrame(page, 0);
    await eventually('the new one is to be seen', async () => (await colourShown(page)) === 'blue');
    const now = await fan.client.get(`/videos/${id}`);
    assert.deepEqual([now.likes, now.liked, now.comments, now.caption, now.failure], [1, true, 1, 'Take one', null]);
    watch.assertClean();
    await close();
  });

  /** What somebody else finds beside the clip. */
  async function seeComments(id, look) {
    const { client } = await newAccount(server, 'reader');
    const { page, watch, close } = await openPage(browser, server, { size: phone, client });
    await page.goto(`/v/${id}`);
    await nextFirstFrame(page, 0);
    await page.keyboard.press('c');
    await look(page);
    watch.assertClean();
    await close();
  }

  test('the comment rule may be the settings’ again', async () => {
    const { client } = await newAccount(server, 'olga');
    const { id } = await publish(client, { caption: 'Ask me', seconds: 1, clip: { width: 180, height: 320 } });
    const { page, watch, close } = await openPage(browser, server, { size: desktop, client });
    await page.goto(`/studio/v/${id}/edit`);
    await page.getByText('Comments, duets and labels').click();
    await page.getByLabel('Who may comment').selectOption('Nobody');
    await page.getByText('Comments: Nobody').waitFor();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved.').first().waitFor();
    assert.equal((await client.get(`/videos/${id}`)).comment_permission, 'nobody');
    await seeComments(id, async (other) => {
      await other.getByText('The creator takes no comments on this video.').waitFor();
      assert.equal(await other.getByPlaceholder('Write a comment').count(), 0);
      assert.deepEqual(await axe(other), []);
    });
    await page.getByText('Comments, duets and labels').click();
    await page.getByLabel('Who may comment').selectOption({ label: 'As in my settings (Everyone)' });
    const answered = page.waitForResponse((response) => response.request().method() === 'PATCH');
    await page.getByRole('button', { name: 'Save' }).click();
    assert.equal((await answered).request().postDataJSON().comment_permission, null);
    assert.equal((await client.get(`/videos/${id}`)).comment_permission, 'everyone');
    await seeComments(id, (other) => other.getByPlaceholder('Write a comment').waitFor());
    watch.assertClean();
    await close();
  });

  test('what went wrong says why, and every state has words when there is nothing', async () => {
    const { client } = await newAccount(server, 'ines');
    const { page, watch, close } = await openPage(browser, server, { size: phone, client });
    await page.goto('/upload');
    await page.locator('input[type="file"]').setInputFiles({ name: 'notes.mp4', mimeType: 'video/mp4', buffer: Buffer.alloc(4096, 'vitrine ') });
    await page.getByLabel('Caption').fill('Notes');
    await startUpload(page);
    await page.getByText('This video cannot be published').waitFor({ timeout: processingMsMax });
    await page.goto('/studio/videos');
    const [{ failure }] = (await client.get('/account/videos?state=failed')).items;
    await page.getByText(failure.detail).waitFor();
    for (const state of ['Live', 'Drafts', 'Scheduled', 'Being prepared', 'Waiting for a moderator', 'Removed']) {
      await page.getByLabel('Show').selectOption(state);
      await page.getByRole('heading', { name: 'Nothing here' }).waitFor();
    }
    await page.getByLabel('Show').selectOption('Not published');
    await (await menuOf(page, 'Notes')).getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.getByText('Video deleted.').waitFor();
    assert.deepEqual((await client.get('/account/videos')).items, []);
    watch.assertClean();
    await close();
  });

  describe('not for them', () => {
    const word = 'Grauschnaepper';
    let owner;
    let visitors;
    let playlist;

    before(async () => {
      owner = await newAccount(server, 'owner');
      const follower = await newAccount(server, 'follower');
      const blocked = await newAccount(server, 'blocked');
      visitors = { stranger: undefined, other: (await newAccount(server, 'other')).client, blocked: blocked.client };
      for (const { client } of [follower, blocked]) await client.expect(200, 'PUT', `/profiles/${owner.handle}/follow`);
      await owner.client.expect(200, 'PUT', `/profiles/${blocked.handle}/block`);
      owner.follower = follower.client;
      playlist = await owner.client.expect(201, 'POST', '/playlists', { title: 'Kept close' });
    });

    /** A video with captions and a comment from when it was public, in a playlist, complete. */
    async function hide(audience, hertz) {
      const { client } = owner;
      const { id } = await publish(client, { caption: `${word} at dusk #t${word}`, clip: { hertz } });
      const headers = { authorization: `Bearer ${client.token}`, 'content-type': 'text/vtt' };
      const body = 'WEBVTT\n\n00:00.200 --> 00:01.000\nHush\n';
      assert.equal((await fetch(`${server.api}/videos/${id}/captions/en`, { method: 'PUT', headers, body })).status, 200);
      await owner.follower.expect(201, 'POST', `/videos/${id}/comments`, { text: 'First' });
      await complete(client, id);
      await client.expect(200, 'PUT', `/playlists/${playlist.id}/videos`, { videos: [id] });
      return client.expect(200, 'PATCH', `/videos/${id}`, { audience });
    }

    /** What the page of somebody who may watch asks the server for about the video. */
    async function askedFor(client, id) {
      const { page, watch, close } = await openPage(browser, server, { client });
      const seen = new Set();
      page.on('request', (request) => {
        const { pathname, search } = new URL(request.url());
        // Other clips are fetched ahead.
        if (request.method() === 'GET' && pathname.includes(id)) seen.add(pathname + search);
      });
      await page.goto(`/v/${id}`);
      await nextFirstFrame(page, 0);
      assert.ok(await plays(page));
      await page.keyboard.press('c');
      await page.getByText('First', { exact: true }).waitFor();
      watch.assertClean();
      await close();
      return [...seen];
    }

    /** Pages about it show that nothing is there; pages that could list it do not. */
    async function walk(page, { id }) {
      for (const path of [`/v/${id}`, `/embed/${id}`]) {
        const answer = await page.goto(path);
        assert.equal(answer.status(), 404, path);
        await page.getByText('No such video').first().waitFor();
      }
      await page.goto(`/v/${id}/captions`);
      await page.getByText(/No such video|Sign in/).first().waitFor();
      await page.goto(`/playlist/${playlist.id}`);
      await page.getByText('No such playlist').waitFor();
      await page.goto(`/tag/t${word.toLowerCase()}`);
      await page.getByText('No videos with').first().waitFor();
      await page.goto(`/search?q=${word}`);
      await page.getByText('Nothing found').waitFor();
      await page.goto(`/@${owner.handle}`);
      await page.getByText(/No videos yet|Nobody here by that name/).waitFor();
      for (const path of ['/', '/?feed=fresh', '/following']) {
        await page.goto(path);
        await page.locator('main').waitFor();
        assert.equal(await page.locator(`a[href*="${id}"]`).count(), 0, path);
      }
    }

    /** Statuses and sizes of what the browser gets, as a script, a picture and a player ask for it. */
    const fetched = (page, urls) =>
      page.evaluate((all) => Promise.all(all.map(async (url) => {
        const answer = await fetch(url);
        const type = answer.headers.get('content-type') ?? '';
        const picture = new Image();
        const drawn = new Promise((resolve) => {
          picture.onload = () => resolve(true);
          picture.onerror = () => resolve(false);
        });
        picture.src = url;
        const player = document.createElement('video');
        const played = new Promise((resolve) => {
          player.onloadeddata = () => resolve(true);
          player.onerror = () => resolve(false);
        });
        player.src = url;
        return { url, status: answer.status, type, drawn: await drawn, played: await played };
      })), urls);

    for (const [audience, hertz] of [['followers', 510], ['only_me', 520]]) {
      test(`a video for ${audience}: no page, no answer and no byte of it for others`, async () => {
        const video = await hide(audience, hertz);
        const { id } = video;
        const files = await filesOf(owner.client, video);
        const asked = await askedFor(owner.client, id);
        assert.ok(asked.some((url) => url.startsWith('/media/')), 'the owner’s page plays files');
        const api = ['', '/comments', '/captions', '/captions/en', '/duets', '/analytics', '/progress'].map((rest) => `/api/v1/videos/${id}${rest}`);
        const elsewhere = [`/api/v1/oembed?url=/v/${id}`, `/api/v1/playlists/${playlist.id}`];
        const urls = [...new Set([...files, ...asked.filter((url) => url !== `/v/${id}`), ...api, ...elsewhere])];
        assert.equal(await statusFor(owner.follower, id), audience === 'followers' ? 200 : 404);

        for (const [who, client] of Object.entries(visitors)) {
          const { page, watch, close } = await openPage(browser, server, { client, allow: [notFound] });
          const given = [];
          page.on('response', (answer) => {
            const { pathname, search } = new URL(answer.url());
            if (urls.includes(pathname + search) && answer.status() < 400) given.push(pathname);
          });
          await walk(page, video);
          for (const one of await fetched(page, urls)) {
            assert.ok([401, 404].includes(one.status), `${who}: ${one.url}: ${one.status}`);
            assert.ok(one.status === 404 || one.url.startsWith('/api/'), `${who}: ${one.url}: files are not there`);
            assert.match(one.type, /^application\/problem\+json/, `${who}: ${one.url}`);
            assert.ok(!one.drawn && !one.played, `${who}: ${one.url}`);
          }
          assert.deepEqual(given, [], who);
          watch.assertClean();
          await close();
        }

        // The same addresses give it to whoever may have it: they are the right ones.
        const { page, close } = await openPage(browser, server, { client: owner.client });
        await page.goto(`/v/${id}`);
        for (const one of await fetched(page, files)) assert.equal(one.status, 200, one.url);
        await close();
        await owner.client.expect(204, 'DELETE', `/videos/${id}`);
      });
    }
  });

  test('nothing serious found by axe, on any size, light or dark', async () => {
    const { client, handle } = await newAccount(server, 'vera');
    const ids = [];
    for (const [at, change] of [{}, { audience: 'followers' }, { draft: true }, { publish_at: Date.now() + 3 * dayMs }].entries()) {
      const { id } = await publish(client, { caption: `Picture ${at}`, seconds: 1, clip: { width: 180, height: 320, hertz: 600 + at } });
      await client.expect(200, 'PATCH', `/videos/${id}`, change);
      ids.push(id);
    }
    await client.expect(200, 'PUT', `/videos/${ids[0]}/pin`);
    const playlist = await client.expect(201, 'POST', '/playlists', { title: 'Pictures' });
    await client.expect(200, 'PUT', `/playlists/${playlist.id}/videos`, { videos: ids });
    const open = (page) => page.getByText('Comments, duets and labels').click();
    const places = [
      ['/studio/videos', 'Picture 3'], ['/studio/videos?state=held', 'Nothing here'], ['/studio/playlists', 'Pictures'],
      [`/playlist/${playlist.id}`, 'Play all'], [`/playlist/${playlist.id}?arrange=1`, 'Done'],
      [`/@${handle}`, 'All your videos, drafts too'], [`/@${handle}?tab=playlists`, 'Make and order playlists'],
      [`/studio/v/${ids[0]}/edit`, 'Replace the video', open], [`/studio/v/${ids[3]}/edit`, 'Publish now', open],
      [`/v/${ids[2]}`, 'Draft'], ['/studio/v/01hzzzzzzzzzzzzzzzzzzzzzzz/edit', 'No such video of yours'],
    ];
    for (const [, size] of sizes) {
      for (const scheme of ['light', 'dark']) {
        const { page, watch, close } = await openPage(browser, server, { size, scheme, client, allow: [notFound] });
        for (const [path, text, ready] of places) {
          await page.goto(path);
          await page.getByText(text).first().waitFor();
          await ready?.(page);
          assert.deepEqual(await axe(page), [], `${path}, ${scheme}`);
          assert.ok(await page.evaluate(() => document.querySelector('main').scrollWidth <= innerWidth), `${path} fits its screen`);
        }
        watch.assertClean();
        await close();
      }
    }
  });
});
