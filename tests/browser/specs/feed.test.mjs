// The feed: moving through it by every means, playing, liking, sharing, and that it answers to how one watches.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';

import { Client, eventually, newAccount } from '../harness/api.mjs';
import { desktop, launch, openPage, phone } from '../harness/browser.mjs';
import { currentLabel, currentSlide, drawFinger, marks, nextFirstFrame, plays, swipe } from '../harness/feed.mjs';
import { Server } from '../harness/server.mjs';

describe('feed', () => {
  let server;
  let browser;

  before(async () => {
    server = await Server.startWithDemo();
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    await server?.close();
  });

  async function openFeed(options) {
    const opened = await openPage(browser, server, options);
    await opened.page.goto('/');
    await nextFirstFrame(opened.page, 0);
    return opened;
  }

  test('the first page comes with the document, plays by itself, and no API call precedes the first frame', async () => {
    const { page, watch, close } = await openPage(browser, server, { size: phone });
    const calls = [];
    page.on('request', (request) => calls.push(new URL(request.url()).pathname));
    await page.goto('/');
    await nextFirstFrame(page, 0);
    const before = calls.slice(0, calls.findIndex((path) => path.startsWith('/media/')));
    assert.deepEqual(before.filter((path) => path.startsWith('/api/')), []);
    assert.ok(await plays(page));
    watch.assertClean();
    await close();
  });

  test('swipe by keyboard, there and back', async () => {
    const { page, watch, close } = await openFeed({ size: desktop });
    const first = await currentLabel(page);
    const second = await swipe(page);
    assert.notEqual(await currentLabel(page), first);
    assert.ok(await plays(page));
    await swipe(page);
    assert.equal(await swipe(page, () => page.keyboard.press('ArrowUp')), second);
    watch.assertClean();
    await close();
  });

  test('swipe by wheel: one turn, one clip', async () => {
    const { page, watch, close } = await openFeed({ size: desktop });
    await page.mouse.move(640, 400);
    await swipe(page, () => page.mouse.wheel(0, 120));
    assert.ok(await plays(page));
    assert.equal((await marks(page, 'swipe')).length, 1);
    watch.assertClean();
    await close();
  });

  test('swipe by finger; a short or sideways draw stays', async () => {
    const { page, watch, close } = await openFeed({ size: phone });
    const first = await currentLabel(page);
    await drawFinger(page, { x: 150, fromY: 420, toY: 390, msPerStep: 40 });
    assert.equal(await currentLabel(page), first, 'a short draw springs back');
    await swipe(page, () => drawFinger(page, { x: 150, fromY: 600, toY: 200 }));
    assert.notEqual(await currentLabel(page), first);
    assert.ok(await plays(page));
    watch.assertClean();
    await close();
  });

  test('a focus that comes while the feed still moves does not shift it', async () => {
    const { page, watch, close } = await openFeed({ size: phone });
    await page.keyboard.press('ArrowDown');
    await page.getByRole('button', { name: 'More about this video' }).evaluate((button) => button.focus());
    await page.waitForTimeout(500);
    const top = await currentSlide(page).evaluate((slide) => slide.getBoundingClientRect().top);
    assert.equal(Math.round(top), 0);
    watch.assertClean();
    await close();
  });

  test('the next clip waits on its first frame, paused', async () => {
    const { page, watch, close } = await openFeed({ size: phone });
    for (let n = 0; n < 3; ++n) {
      const next = page.locator('article.slide').and(page.locator('[aria-hidden="true"]')).locator('video');
      await eventually('a neighbour is ready', async () =>
        (await next.evaluateAll((videos) => videos.map((video) => video.readyState >= 2 && video.paused && video.currentTime === 0))).some(Boolean), 5_000);
      await swipe(page);
    }
    watch.assertClean();
    await close();
  });

  test('a clip has its bar wherever one comes from', async () => {
    const { page, watch, close } = await openFeed({ size: phone });
    const bar = currentSlide(page).getByRole('slider');
    assert.equal(await bar.count(), 1);
    await page.keyboard.press('p');
    await page.locator('a[href^="/v/"]').first().click();
    await nextFirstFrame(page, 1);
    assert.equal(await bar.count(), 1, 'opened from a grid');
    await page.goBack();
    await page.goBack();
    await nextFirstFrame(page, 2);
    assert.equal(await bar.count(), 1, 'back in the feed');
    watch.assertClean();
    await close();
  });

  test('a double tap likes, and the like is there after a reload', async () => {
    const { client } = await newAccount(server);
    const { page, watch, close } = await openFeed({ size: phone, client });
    const id = (await marks(page, 'first-frame')).at(-1);
    await page.touchscreen.tap(180, 380);
    await page.waitForTimeout(90);
    await page.touchscreen.tap(182, 382);
    await eventually('the like is kept', async () => (await client.get(`/videos/${id}`)).liked);
    await page.goto(`/v/${id}`);
    assert.equal(await page.getByRole('button', { name: /^Unlike/ }).first().getAttribute('aria-pressed'), 'true');
    watch.assertClean();
    await close();
  });

  test('a single tap pauses and plays; the choice of sound is remembered', async () => {
    const { page, watch, close } = await openFeed({ size: phone });
    await page.touchscreen.tap(180, 380);
    await currentSlide(page).getByText('Paused').waitFor();
    await page.touchscreen.tap(180, 380);
    assert.ok(await plays(page));
    await page.keyboard.press('m');
    const muted = () => currentSlide(page).locator('video').evaluate((video) => video.muted);
    const chosen = await muted();
    await swipe(page);
    assert.equal(await muted(), chosen, 'the next clip has the same');
    watch.assertClean();
    await close();
  });

  test('a clip watched to its end is told to the server, which says that it is kept', async () => {
    const { page, watch, close } = await openFeed({ size: phone });
    const id = (await marks(page, 'first-frame')).at(-1);
    const video = await new Client(server).get(`/videos/${id}`);
    await page.waitForTimeout(video.duration_ms + 700);
    const told = page.waitForResponse((response) => response.url().endsWith('/api/v1/events'));
    await swipe(page);
    const response = await told;
    const event = response.request().postDataJSON().events.find((one) => one.video === id);
    assert.equal(event.finished, true);
    assert.ok(event.watched_ms >= video.duration_ms * 0.9, `${event.watched_ms} of ${video.duration_ms} ms`);
    assert.equal(response.status(), 200);
    // Sent once more it is known: the first time was kept.
    const again = await page.evaluate(async (one) => {
      const headers = { 'content-type': 'application/json' };
      return (await fetch('/api/v1/events', { method: 'POST', headers, body: JSON.stringify({ events: [one] }) })).json();
    }, event);
    assert.equal(again.duplicates, 1);
    watch.assertClean();
    await close();
  });

  /** Every clip there is: what somebody without a history gets, newest first, page after page. */
  async function wholeCatalogue() {
    const { client } = await newAccount(server);
    const all = [];
    for (let end = false; !end;) {
      const page = await client.get('/feed?mode=fresh&limit=20');
      all.push(...page.items);
      end = page.end || page.items.length === 0;
    }
    return all;
  }

  test('what one watches to the end, the next pages have more of', async () => {
    const { client } = await newAccount(server);
    const seen = [];
    const catalogue = await wholeCatalogue();
    const shareOf = (tag, items) => items.filter((item) => item.video.tags.includes(tag)).length / items.length;
    const nextPage = async () => {
      const page = await client.get('/feed?mode=for_you&limit=10');
      seen.push(...page.items);
      return page;
    };
    const tell = (page, liked) =>
      client.expect(200, 'POST', '/events', {
        events: page.items.map((item, position) => ({
          id: randomUUID(), video: item.video.id, page: page.page, position, surface: 'for_you', shown_at: Date.now(),
          watched_ms: liked(item) ? item.video.duration_ms : 400, finished: liked(item),
        })),
      });

    const first = await nextPage();
    const tags = first.items.flatMap((item) => item.video.tags);
    const counts = new Map(tags.map((tag) => [tag, tags.filter((other) => other === tag).length]));
    // A tag of some but not most of the first page leaves room to grow.
    const [tag] = [...counts].sort((a, b) => Math.abs(a[1] - 2) - Math.abs(b[1] - 2))[0];
    await tell(first, (item) => item.video.tags.includes(tag));
    const second = await nextPage();
    await tell(second, (item) => item.video.tags.includes(tag));
    const third = await nextPage();
    const afterwards = shareOf(tag, [...second.items, ...third.items]);
    const shown = new Set(first.items.map((item) => item.video.id));
    const without = shareOf(tag, catalogue.filter((item) => !shown.has(item.video.id)));
    assert.ok(afterwards > 1.3 * without, `share of #${tag}: ${afterwards} on the next pages, ${without} among all clips left`);
    assert.equal(new Set(seen.map((item) => item.video.id)).size, seen.length, 'no clip comes twice');
    assert.ok(seen.every((item) => item.reason.text.length > 0), 'each clip says why it is there');
  });

  test('following a creator fills the Following feed', async () => {
    const { client } = await newAccount(server);
    const { page, watch, close } = await openFeed({ size: desktop, client });
    const id = (await marks(page, 'first-frame')).at(-1);
    const creator = (await client.get(`/videos/${id}`)).creator.handle;
    await page.getByRole('button', { name: /^Follow / }).first().click();
    await eventually('the follow is kept', async () => (await client.get(`/profiles/${creator}`)).followed);
    await page.goto('/following');
    const shown = await nextFirstFrame(page, 0);
    assert.equal((await client.get(`/videos/${shown}`)).creator.handle, creator);
    watch.assertClean();
    await close();
  });
});

describe('an empty service', () => {
  test('the feed says so and offers the upload', async () => {
    const server = await Server.start();
    const browser = await launch();
    try {
      const { page, watch } = await openPage(browser, server, { size: phone });
      await page.goto('/');
      await page.getByText('Nobody has shown a video here yet').waitFor();
      await page.getByRole('link', { name: 'Upload a video' }).click();
      await page.waitForURL('/upload');
      watch.assertClean();
    } finally {
      await browser.close();
      await server.close();
    }
  });
});
