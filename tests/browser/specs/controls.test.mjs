// What viewers decide about their feed: why a video is there, less of it, topics, personalisation, forgetting, breaks.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';

import { Client, eventually, newAccount } from '../harness/api.mjs';
import { desktop, launch, openPage, phone } from '../harness/browser.mjs';
import { currentSlide, marks, nextFirstFrame, plays, swipe } from '../harness/feed.mjs';
import { freePort, Server } from '../harness/server.mjs';

describe('controls', () => {
  let server;
  let adminPort;
  let browser;
  let visitor;

  before(async () => {
    adminPort = await freePort();
    server = await Server.startWithDemo({ args: ['--admin-listen', `127.0.0.1:${adminPort}`] });
    browser = await launch();
    visitor = new Client(server);
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

  const sheet = (page, name) => page.getByRole('dialog', { name });
  const videoNow = async (page) => visitor.get(`/videos/${(await marks(page, 'first-frame')).at(-1)}`);
  const openMenu = (page) => page.getByRole('button', { name: 'More about this video' }).click();

  /** The next clips by swiping; at most as many as there are. */
  async function swipeThrough(page, count) {
    const videos = [];
    for (let n = 0; n < count; ++n) videos.push(await visitor.get(`/videos/${await swipe(page)}`));
    return videos;
  }

  /** Tabs until the focus is on something of this name. */
  async function tabTo(page, name, key = 'Tab') {
    for (let stops = 0; stops < 80; ++stops) {
      await page.keyboard.press(key);
      const focused = await page.evaluate(() => {
        const at = document.activeElement;
        return (at.getAttribute('aria-label') ?? at.labels?.[0]?.textContent ?? at.textContent).replace(/\s+/g, ' ').trim();
      });
      if (name.test(focused)) return;
    }
    assert.fail(`the focus never came to ${name}`);
  }
  const focusIsOn = (locator) => locator.evaluate((element) => element === document.activeElement);

  test('why this video, by keyboard: in plain words, and the focus comes back', async () => {
    const { page, watch, close } = await openFeed({ size: desktop });
    const { items } = JSON.parse(await page.locator('#boot').textContent()).feed;
    const opener = currentSlide(page).getByRole('button', { name: /Why this video/ });
    await tabTo(page, /Why this video$/);
    assert.ok(await focusIsOn(opener));
    await page.keyboard.press('Enter');
    const why = sheet(page, 'Why this video');
    await why.getByText(items[0].reason.text).waitFor();
    const { creator, tags } = items[0].video;
    await tabTo(page, new RegExp(`^Less from @${creator.handle}$`));
    for (const tag of tags) assert.ok(await why.getByRole('button', { name: `Less of #${tag}` }).isVisible());
    await tabTo(page, /^Your feed…$/);
    await page.keyboard.press('Escape');
    await why.waitFor({ state: 'detached' });
    assert.ok(await focusIsOn(opener));
    watch.assertClean();
    await close();
  });

  test('less like this: said to the server, and the feed goes on', async () => {
    const { page, watch, close } = await openFeed({ size: phone });
    const { id } = await videoNow(page);
    const told = page.waitForRequest((request) =>
      request.url().endsWith('/api/v1/events') && request.postDataJSON().events.some((event) => event.video === id && event.not_interested));
    const shown = (await marks(page, 'first-frame')).length;
    await openMenu(page);
    await page.getByRole('button', { name: 'Less like this' }).click();
    await told;
    await nextFirstFrame(page, shown);
    await page.getByRole('status').getByText('fewer like this one').waitFor();
    assert.ok(await focusIsOn(page.getByRole('button', { name: 'More about this video' })), 'the focus goes to the next clip');
    watch.assertClean();
    await close();
  });

  test('less from a creator: the one on the screen stays, none of theirs follows, and undoing brings them back', async () => {
    const { page, watch, close } = await openFeed({ size: phone });
    await swipe(page);
    const { id, creator } = await videoNow(page);
    await openMenu(page);
    await page.getByRole('button', { name: `Less from @${creator.handle}` }).click();
    const note = page.getByRole('status').filter({ hasText: `For You leaves out @${creator.handle}` });
    await note.waitFor();
    assert.equal((await videoNow(page)).id, id, 'the clip on the screen stays');
    const chosen = () => page.evaluate(async () => (await fetch('/api/v1/feed/preferences')).json());
    assert.deepEqual((await chosen()).muted_creators.map(({ handle }) => handle), [creator.handle]);
    const following = await swipeThrough(page, 14);
    assert.deepEqual(following.filter((video) => video.creator.handle === creator.handle), []);

    await openMenu(page);
    const other = (await videoNow(page)).creator.handle;
    await page.getByRole('button', { name: `Less from @${other}` }).click();
    await page.getByRole('status').getByText(`leaves out @${other}`).waitFor();
    await page.getByRole('button', { name: 'Undo' }).last().click();
    await eventually('it is undone', async () => (await chosen()).muted_creators.length === 1);
    await openMenu(page);
    await page.getByRole('button', { name: `Less from @${other}` }).waitFor();
    watch.assertClean();
    await close();
  });

  test('less of a topic: none of it follows, and Your feed lists it and lets it in again', async () => {
    const { client } = await newAccount(server);
    const { page, watch, close } = await openFeed({ size: desktop, client });
    const [tag] = (await videoNow(page)).tags;
    await currentSlide(page).getByRole('button', { name: /Why this video/ }).click();
    await page.getByRole('button', { name: `Less of #${tag}` }).click();
    await page.getByRole('status').getByText(`For You leaves out #${tag}`).waitFor();
    const following = await swipeThrough(page, 14);
    assert.deepEqual(following.filter((video) => video.tags.includes(tag)), []);

    await openMenu(page);
    await page.getByRole('link', { name: 'Choose topics' }).click();
    await page.getByRole('heading', { name: 'Your feed', level: 1 }).waitFor();
    const back = page.getByRole('button', { name: `Show again: #${tag}` });
    await back.focus();
    await page.keyboard.press('Enter');
    await back.waitFor({ state: 'detached' });
    await eventually('the server knows', async () => (await client.get('/feed/preferences')).muted_tags.length === 0);
    watch.assertClean();
    await close();
  });

  test('a chosen topic comes, with the reason, and can be found by typing', async () => {
    const { client } = await newAccount(server);
    const { page, watch, close } = await openFeed({ size: desktop, client });
    const seen = (await videoNow(page)).id;
    const [rare] = (await visitor.get('/topics?limit=100')).items.filter(({ videos }) => videos === 5);
    assert.ok(rare, 'the demo has a topic of five videos');
    const { tag } = rare;
    await openMenu(page);
    await page.getByRole('link', { name: 'Choose topics' }).click();
    await tabTo(page, /^Find a topic$/);
    await page.keyboard.type(tag.slice(0, 3));
    const chip = page.getByRole('group', { name: 'Topics' }).getByRole('button', { name: `#${tag}`, exact: true });
    await chip.waitFor();
    await tabTo(page, new RegExp(`^#${tag}$`));
    await page.keyboard.press('Space');
    await page.getByText('1 topic chosen').waitFor();
    assert.equal(await chip.getAttribute('aria-pressed'), 'true');
    await eventually('the server knows', async () => (await client.get('/feed/preferences')).topics[0] === tag);

    await page.getByRole('link', { name: 'For You', exact: true }).click();
    const kept = await nextFirstFrame(page, (await marks(page, 'first-frame')).length);
    assert.equal(kept, seen, 'the feed is where it was left');
    const why = currentSlide(page).getByRole('button', { name: /^Your topic/ });
    const of = [];
    for (let swipes = 0; of.length < 2; ++swipes) {
      assert.ok(swipes < 16, `two clips of #${tag} within 16`);
      const [video] = await swipeThrough(page, 1);
      if (video.tags.includes(tag) && (await why.count()) > 0) of.push(video);
    }
    await why.click();
    await sheet(page, 'Why this video').getByText(`You chose #${tag}`).waitFor();
    watch.assertClean();
    await close();
  });

  const profileReads = async () => {
    const text = await (await fetch(`http://127.0.0.1:${adminPort}/metrics`)).text();
    return Number(/^vitrine_feed_profile_reads_total (\S+)$/m.exec(text)?.[1] ?? 0);
  };

  const finished = (page) =>
    page.items.map((item, position) => ({
      id: randomUUID(), video: item.video.id, page: page.page, position, surface: 'for_you', shown_at: Date.now(),
      watched_ms: item.video.duration_ms, finished: true,
    }));
  const learned = (page) =>
    page.items.map(({ reason }) => reason.text).filter((text) => /^Because you watch #|what you just watched/.test(text));

  test('forgetting: asks once more, then the feed knows nothing of one’s taste', async () => {
    const { client } = await newAccount(server);
    const first = await client.get('/feed?limit=10');
    await client.expect(200, 'POST', '/events', { events: finished(first) });
    assert.ok(learned(await client.get('/feed?limit=10')).length > 0, 'it has learned');

    const { page, watch, close } = await openPage(browser, server, { size: phone, client });
    await page.goto('/your-feed');
    const opener = page.getByRole('button', { name: 'Forget what was learned' });
    const question = sheet(page, 'Forget what was learned?');
    await opener.click();
    await question.waitFor();
    await page.keyboard.press('Escape');
    await question.waitFor({ state: 'detached' });
    assert.ok(await focusIsOn(opener));
    await page.keyboard.press('Enter');
    await question.getByRole('button', { name: 'Forget what was learned' }).click();
    await page.getByRole('status').getByText('Forgotten').waitFor();
    const afterwards = await client.get('/feed?limit=10&start=1');
    assert.deepEqual(learned(afterwards), []);
    const seen = new Set(first.items.map(({ video }) => video.id));
    assert.deepEqual(afterwards.items.filter(({ video }) => seen.has(video.id)), [], 'what was seen stays seen');
    watch.assertClean();
    await close();
  });

  test('personalisation off: no profile is read while swiping; on again it is', async () => {
    const { page, watch, close } = await openFeed({ size: desktop });
    const flushed = () => page.waitForResponse((response) => response.url().endsWith('/api/v1/events'));
    const before = await profileReads();
    await swipeThrough(page, 4);
    await eventually('a personalised feed reads the profile', async () => (await profileReads()) > before);

    await page.goto('/your-feed');
    const toggle = page.getByRole('switch', { name: 'Personalised feed' });
    assert.equal(await toggle.getAttribute('aria-checked'), 'true');
    await toggle.focus();
    await page.keyboard.press('Space');
    await page.getByRole('status').getByText('your profile is no longer read').waitFor();
    assert.equal(await toggle.getAttribute('aria-checked'), 'false');
    await page.getByText('neither read nor added to').waitFor();

    const off = await profileReads();
    await page.goto('/');
    await nextFirstFrame(page, 0);
    const [, videos] = await Promise.all([flushed(), swipeThrough(page, 9)]);
    assert.equal(new Set(videos.map(({ id }) => id)).size, videos.length, 'no clip comes twice');
    await page.waitForTimeout(500);
    assert.equal(await profileReads(), off);

    await page.goto('/your-feed');
    await toggle.click();
    await page.getByRole('status').getByText('personalised again').waitFor();
    await page.goto('/');
    await nextFirstFrame(page, 0);
    await eventually('it is read again', async () => (await profileReads()) > off);
    watch.assertClean();
    await close();
  });

  test('following, by time and by keyboard; without anyone to follow it says so', async () => {
    const { client } = await newAccount(server);
    const { page, watch, close } = await openPage(browser, server, { size: desktop, client });
    await page.goto('/following');
    await page.getByRole('heading', { name: 'Follow people, see what they make' }).waitFor();
    await tabTo(page, /^Find some in For You$/);

    for (const creator of ['sol.spiro', 'lennart.low.sun']) await client.expect(200, 'PUT', `/profiles/${creator}/follow`);
    await page.goto('/');
    await nextFirstFrame(page, 0);
    await tabTo(page, /^Following$/, 'Shift+Tab');
    const shown = (await marks(page, 'first-frame')).length;
    await page.keyboard.press('Enter');
    await page.waitForURL('/following');
    const first = await visitor.get(`/videos/${await nextFirstFrame(page, shown)}`);
    const all = [first, ...(await swipeThrough(page, 5))];
    assert.deepEqual(all.map(({ created_at }) => created_at), all.map(({ created_at }) => created_at).sort((a, b) => b - a));
    assert.deepEqual([...new Set(all.map(({ creator }) => creator.handle))].sort(), ['lennart.low.sun', 'sol.spiro']);
    watch.assertClean();
    await close();
  });

  /** As if so much had been watched today, up to now. */
  const pretendWatched = (page, minutes, seconds) =>
    page.evaluate((ms) => {
      const now = new Date();
      const day = [now.getFullYear(), now.getMonth() + 1, now.getDate()].map((n) => String(n).padStart(2, '0')).join('-');
      const watched = { day, today_ms: ms, stretch_ms: ms, last_at: Date.now(), granted_ms: 0, stopped: false };
      localStorage.setItem('vitrine.watched', JSON.stringify(watched));
    }, (minutes * 60 + seconds) * 1000);
  const watchedMs = (page) => page.evaluate(() => JSON.parse(localStorage.getItem('vitrine.watched') ?? '{}').today_ms ?? 0);
  const isPaused = (page) => currentSlide(page).locator('video').evaluate((video) => video.paused);

  /** Both are off at first; the keyboard switches one on. */
  async function switchOn(page, group, presses) {
    await page.goto('/your-feed');
    const choices = page.getByRole('group', { name: group });
    assert.ok(await choices.getByRole('radio', { name: 'Off' }).isChecked());
    await choices.getByRole('radio', { name: 'Off' }).focus();
    for (let n = 0; n < presses; ++n) await page.keyboard.press('ArrowRight');
  }

  test('a break: counted while a clip plays, the clip waits, and both answers work', async () => {
    const { page, watch, close } = await openPage(browser, server, { size: phone });
    await switchOn(page, 'Remind me to take a break', 2);
    assert.ok(await page.getByRole('group', { name: 'Remind me' }).getByRole('radio', { name: '30 min' }).isChecked());
    await page.goto('/');
    await nextFirstFrame(page, 0);
    await eventually('time is counted', async () => (await watchedMs(page)) >= 2000);
    await page.keyboard.press('Space');
    await currentSlide(page).getByText('Paused').waitFor();
    await page.waitForTimeout(1200);
    const paused = await watchedMs(page);
    await page.waitForTimeout(2500);
    assert.equal(await watchedMs(page), paused, 'a paused clip is not watched');
    await page.keyboard.press('Space');

    const time = sheet(page, 'You have watched for 30 minutes. Take a break?');
    await pretendWatched(page, 29, 59);
    await time.waitFor();
    assert.ok(await isPaused(page));
    const before = (await marks(page, 'first-frame')).length;
    await page.keyboard.press('ArrowDown');
    assert.equal((await marks(page, 'first-frame')).length, before, 'nothing goes on behind the sheet');
    await tabTo(page, /^Continue$/);
    await page.keyboard.press('Enter');
    await time.waitFor({ state: 'detached' });
    assert.ok(await plays(page));

    await pretendWatched(page, 29, 59);
    await time.waitFor();
    await page.getByRole('button', { name: 'Close for now' }).click();
    await page.getByRole('heading', { name: 'Enjoy your break' }).waitFor();
    assert.ok(await isPaused(page));
    await page.keyboard.press('ArrowDown');
    assert.equal((await marks(page, 'first-frame')).length, before);
    await page.getByRole('button', { name: 'Continue' }).click();
    assert.ok(await plays(page));
    watch.assertClean();
    await close();
  });

  test('the daily limit: 15 minutes more, or enough for today, also after a reload', async () => {
    const { page, watch, close } = await openPage(browser, server, { size: desktop });
    await switchOn(page, 'Daily limit', 1);
    await page.goto('/');
    await nextFirstFrame(page, 0);
    const limit = sheet(page, /You have watched for \d+ minutes today/);
    await pretendWatched(page, 29, 59);
    await limit.waitFor();
    assert.ok(await isPaused(page));
    await limit.getByRole('button', { name: '15 minutes more' }).click();
    await limit.waitFor({ state: 'detached' });
    assert.ok(await plays(page));
    await page.waitForTimeout(1500);
    assert.equal(await limit.count(), 0, 'not again at once');

    await pretendWatched(page, 44, 59);
    await limit.waitFor();
    await limit.getByRole('button', { name: 'Stop for today' }).click();
    const done = page.getByRole('heading', { name: 'That is it for today' });
    await done.waitFor();
    await page.reload();
    await done.waitFor();
    await page.waitForTimeout(500);
    assert.ok(await isPaused(page));
    await page.getByRole('link', { name: 'Breaks and daily limit' }).click();
    await page.getByRole('group', { name: 'Daily limit' }).getByText('Off').click();
    await page.getByRole('link', { name: 'For You', exact: true }).click();
    assert.ok(await plays(page));
    watch.assertClean();
    await close();
  });
});
