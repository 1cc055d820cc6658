// axe on every page, in light and dark, on phone and desktop; and a run with nothing but a keyboard.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { newAccount, newHandle, password } from '../harness/api.mjs';
import { axe } from '../harness/axe.mjs';
import { desktop, launch, openPage, phone } from '../harness/browser.mjs';
import { nextFirstFrame, swipe } from '../harness/feed.mjs';
import { Server } from '../harness/server.mjs';

describe('accessibility', () => {
  let server;
  let browser;
  let client;
  let places;

  before(async () => {
    server = await Server.startWithDemo();
    browser = await launch();
    ({ client } = await newAccount(server));
    const [{ video }] = (await client.get('/feed?mode=fresh&limit=1')).items;
    const visitor = ['/', '/following', '/?feed=fresh', '/upload', '/sign-in', '/sign-up', '/settings', '/your-feed', '/my-data', '/glass',
      '/staff', '/recover', '/recover?token=none', '/unsubscribe?token=none', '/search', '/saved', '/notifications', '/reports', '/decisions',
      '/moderation', '/moderation/verification', '/family', '/studio', '/nothing-here'];
    places = [
      ...visitor.map((path) => ({ path })),
      { path: `/@${video.creator.handle}` },
      { path: `/v/${video.id}` },
      ...['/', '/following', '/upload', '/settings', '/your-feed', '/my-data', '/family'].map((path) => ({ path, client })),
    ];
  });
  after(async () => {
    await browser?.close();
    await server?.close();
  });

  for (const scheme of ['light', 'dark']) {
    for (const [name, size] of [['phone', phone], ['desktop', desktop]]) {
      test(`no serious finding on any page, ${scheme}, ${name}`, async () => {
        const found = [];
        for (const place of places) {
          const { page, watch, close } = await openPage(browser, server, { size, scheme, client: place.client, allow: [/status of 404/] });
          await page.goto(place.path, { waitUntil: 'load' });
          await page.locator('#main :is(h1, h2, article)').first().waitFor({ state: 'attached' });
          await page.waitForTimeout(300);
          found.push(...(await axe(page)).map((text) => `${place.path}${place.client ? ' (signed in)' : ''}: ${text}`));
          watch.assertClean();
          await close();
        }
        assert.deepEqual(found, []);
      });
    }
  }

  test('no serious finding in the sheets over the feed', async () => {
    const { page, watch, close } = await openPage(browser, server, { size: desktop });
    await page.goto('/');
    await nextFirstFrame(page, 0);
    await page.keyboard.press('?');
    await page.getByRole('dialog').waitFor();
    await page.waitForTimeout(300);
    assert.deepEqual(await axe(page), [], 'help');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'More about this video' }).first().click();
    await page.getByRole('dialog').waitFor();
    await page.waitForTimeout(300);
    assert.deepEqual(await axe(page), [], 'menu');
    await page.getByRole('dialog').getByRole('button', { name: 'Why this video' }).click();
    await page.getByRole('dialog', { name: 'Why this video' }).waitFor();
    assert.deepEqual(await axe(page), [], 'why this video');
    watch.assertClean();
    await close();
  });

  for (const scheme of ['light', 'dark']) {
    test(`no serious finding in the sheets of breaks and the daily limit, ${scheme}`, async () => {
      const { page, watch, close } = await openPage(browser, server, { size: phone, scheme });
      const minutes = { break_min: 15, limit_min: 30 };
      const pretendWatched = (ms) => page.evaluate((watched) => {
        const day = new Date().toLocaleDateString('sv');
        localStorage.setItem('vitrine.watched', JSON.stringify({ ...watched, day, last_at: Date.now() }));
      }, { today_ms: ms, stretch_ms: ms });
      await page.addInitScript((value) => localStorage.setItem('vitrine.pauses', value), JSON.stringify(minutes));
      await page.goto('/');
      await nextFirstFrame(page, 0);
      for (const [ms, answer] of [[15 * 60_000, 'Close for now'], [30 * 60_000, 'Stop for today']]) {
        await pretendWatched(ms);
        await page.getByRole('dialog').waitFor();
        await page.waitForTimeout(600);
        assert.deepEqual(await axe(page), [], `the sheet before “${answer}”`);
        await page.getByRole('button', { name: answer }).click();
        await page.getByRole('link', { name: 'Breaks and daily limit' }).waitFor();
        assert.deepEqual(await axe(page), [], `after “${answer}”`);
        await page.getByRole('button', { name: /Continue|more/ }).click();
      }
      watch.assertClean();
      await close();
    });
  }

  /** Tabs forward until the focus is on what `matches` accepts, seeing that each stop shows where the focus is. */
  async function tabTo(page, matches) {
    for (let stops = 0; stops < 60; ++stops) {
      await page.keyboard.press('Tab');
      const at = await page.evaluate(() => {
        const element = document.activeElement;
        const style = getComputedStyle(element);
        const around = element.closest('label') ?? element;
        return {
          name: element.getAttribute('aria-label') ?? element.labels?.[0]?.textContent ?? element.textContent,
          input: element.getAttribute('name') ?? '',
          visible: style.outlineStyle !== 'none' || style.boxShadow !== 'none' || getComputedStyle(around).outlineStyle !== 'none' ||
            // Where the focus rests when nothing has it: a page's beginning, after a dialog has gone.
            element.matches('body, main'),
        };
      });
      assert.ok(at.visible, `the focus can be seen on ${at.name}`);
      if (matches(at)) return;
    }
    assert.fail('the focus never came there');
  }

  test('signing up, swiping, liking and the help with a keyboard alone', async () => {
    const { page, watch, close } = await openPage(browser, server, { size: desktop });
    const handle = newHandle('keys');
    await page.goto('/sign-up');
    await page.getByLabel('Handle').waitFor();
    await tabTo(page, ({ input }) => input === 'handle');
    await page.keyboard.type(handle);
    for (const [input, typed] of [['bday-day', '17'], ['bday-month', 'May'], ['bday-year', '1990']]) {
      await tabTo(page, (at) => at.input === input);
      await page.keyboard.type(typed);
    }
    await tabTo(page, ({ input }) => input === 'way');
    await page.keyboard.press('ArrowRight');
    await tabTo(page, ({ input }) => input === 'password');
    await page.keyboard.type(password);
    await page.keyboard.press('Enter');
    await page.waitForURL('/');
    await nextFirstFrame(page, 0);
    await swipe(page);
    await page.keyboard.press('l');
    await page.getByRole('button', { name: /^Unlike/ }).first().waitFor();
    await page.keyboard.press('?');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    await tabTo(page, ({ name }) => /Upload/.test(name ?? ''));
    watch.assertClean();
    await close();
  });
});
