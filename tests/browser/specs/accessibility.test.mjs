// axe on every page of the gallery, in light and dark, on phone and desktop; and a run with nothing but a keyboard.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';

import { makeContent } from '../gallery/content.mjs';
import { House } from '../gallery/house.mjs';
import { pages } from '../gallery/pages.mjs';
import { eachRow, inDark, show } from '../gallery/show.mjs';
import { newHandle, password } from '../harness/api.mjs';
import { axe } from '../harness/axe.mjs';
import { desktop, openPage, phone } from '../harness/browser.mjs';
import { nextFirstFrame, swipe } from '../harness/feed.mjs';

const together = 3;

/** The names that App.svelte opens pages by. */
function routesOfApp() {
  const source = readFileSync(new URL('../../../web/src/App.svelte', import.meta.url), 'utf8');
  const [, table] = /const pages = \{\n(.*?)\n {2}\};/s.exec(source);
  return ['feed', ...[...table.matchAll(/^ {4}'?([a-z-]+)'?: /gm)].map(([, name]) => name)];
}

describe('accessibility', () => {
  let house;
  let server;
  let browser;
  let content;

  before(async () => {
    house = await House.open();
    ({ server, browser } = house);
    content = await makeContent(house);
  });
  after(() => house?.close());

  test('every route of the app has a page in the gallery', () => {
    assert.deepEqual(routesOfApp().sort(), Object.keys(pages).sort());
    for (const [route, rows] of Object.entries(pages)) assert.ok(rows.length > 0, route);
  });

  /** What axe says of a row, in both themes; the page stays, only its colours change. */
  async function findingsOf(row, size) {
    const found = [];
    const { page, watch, close } = await show(house, content, row, size);
    for (const scheme of ['light', 'dark']) {
      if (scheme === 'dark') await inDark(page);
      found.push(...(await axe(page)).map((text) => `${row.name}, ${scheme}: ${text}`));
    }
    watch.assertClean();
    await close();
    return found;
  }

  for (const [name, size] of [['phone', phone], ['desktop', desktop]]) {
    test(`no serious finding on any page, light and dark, ${name}`, async () => {
      const found = [];
      const failures = await eachRow(Object.values(pages).flat(), together, async (row) => {
        found.push(...(await findingsOf(row, size)));
      });
      assert.deepEqual([...found, ...failures.map(({ message }) => message)], []);
    });
  }

  test('no serious finding once one has stopped for today', async () => {
    const { page, watch, close } = await openPage(browser, server, { size: phone });
    await page.addInitScript((value) => localStorage.setItem('vitrine.pauses', value), JSON.stringify({ break_min: 15, limit_min: 30 }));
    await page.goto('/');
    await nextFirstFrame(page, 0);
    await page.evaluate((ms) => {
      const day = new Date().toLocaleDateString('sv');
      localStorage.setItem('vitrine.watched', JSON.stringify({ today_ms: ms, stretch_ms: ms, day, last_at: Date.now() }));
    }, 30 * 60_000);
    await page.getByRole('dialog').waitFor();
    assert.deepEqual(await axe(page), [], 'the sheet');
    await page.getByRole('button', { name: 'Stop for today' }).click();
    await page.getByRole('link', { name: 'Breaks and daily limit' }).waitFor();
    assert.deepEqual(await axe(page), [], 'after it');
    watch.assertClean();
    await close();
  });

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
