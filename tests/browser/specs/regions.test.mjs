// A region is chosen in the settings, and trends of it are shown where enough people like the same.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';

import { daysAhead, noMovedClock } from '../../system/moved_clock.mjs';
import { eventually, newAccount } from '../harness/api.mjs';
import { axe } from '../harness/axe.mjs';
import { desktop, launch, openPage, phone } from '../harness/browser.mjs';
import { Server } from '../harness/server.mjs';
import { publish } from '../harness/uploads.mjs';

const people = 20;
/** Where to keep pictures of the pages, for whoever wants to look at them. */
const pictures = process.env.VITRINE_PICTURES;

describe('regions', { skip: noMovedClock }, () => {
  let server;
  let browser;
  let viewer;
  let liked;

  before(async () => {
    server = await Server.start();
    browser = await launch();
    const [ada, ben] = [await newAccount(server, 'ada'), await newAccount(server, 'ben')];
    viewer = await newAccount(server, 'viewer');
    const captions = ['Sourdough, day three #bread', 'Night train to the coast #trains', 'A loaf that sings #bread'];
    liked = [];
    for (const [i, caption] of captions.entries())
      liked.push(await publish((i === 2 ? ben : ada).client, { caption, tags: [caption.split('#')[1]], seconds: i + 2 }));
    const crowd = await Promise.all(Array.from({ length: people }, () => newAccount(server, 'german')));
    for (const { client } of crowd) await client.expect(200, 'PATCH', '/account', { region: 'DE' });
    await restart(daysAhead(2));
    for (const [i, { client }] of crowd.entries())
      for (const { id } of i === 0 ? [liked[0], liked[2]] : liked) await client.expect(200, 'PUT', `/videos/${id}/like`);
    await restart(daysAhead(2)); // which computes trends anew
  });
  after(async () => {
    await browser?.close();
    await server?.close();
  });

  async function restart(environment) {
    await server.stop();
    server.environment = environment;
    await server.restart();
  }

  async function picture(page, name) {
    if (!pictures) return;
    mkdirSync(pictures, { recursive: true });
    await page.screenshot({ path: `${pictures}/${name}.png`, fullPage: true });
  }

  const place = (page) => page.getByLabel('Where', { exact: true });
  const open = (options = {}) => openPage(browser, server, { client: viewer.client, ...options });

  test('nothing is chosen for anybody; what is chosen is kept, and taken back', async () => {
    const { page, watch, close } = await open({ size: phone });
    await page.goto('/search');
    await page.getByRole('link', { name: 'Choose your region' }).click();
    await page.waitForURL('**/settings#region');
    const select = page.getByLabel('Country', { exact: true });
    await eventually('the page has gone down to it', () => select.evaluate((field) => field.getBoundingClientRect().top < innerHeight));
    assert.equal(await select.inputValue(), '');
    await select.selectOption({ label: 'Germany' });
    await page.getByText('Saved.').waitFor();
    assert.equal((await viewer.client.get('/session')).account.region, 'DE');
    await page.reload();
    await page.waitForFunction((id) => document.getElementById(id)?.value === 'DE', await select.getAttribute('id'));
    await select.selectOption('');
    await page.getByText('Saved.').waitFor();
    assert.equal((await viewer.client.get('/session')).account.region, null);
    watch.assertClean();
    await close();
  });

  test('what 20 people of a region like trends there, with the rule, and nobody learns how many they are', async () => {
    const { page, watch, close } = await open();
    await page.goto('/search');
    await place(page).selectOption({ label: 'Germany' });
    await page.getByRole('heading', { name: 'Trending in Germany' }).waitFor();
    await page.locator(`a[href="/v/${liked[0].id}"]`).waitFor();
    await page.locator(`a[href="/v/${liked[2].id}"]`).waitFor();
    assert.equal(await page.locator(`a[href="/v/${liked[1].id}"]`).count(), 0, '19 like the train');
    await page.getByRole('link', { name: /#bread/ }).first().waitFor();
    await page.getByText('What does trending mean here?').click();
    await page.getByText(/at least 20 different people of this region have liked/).waitFor();
    const trending = await viewer.client.get('/trending?region=DE');
    assert.deepEqual(trending.tags, [{ tag: 'bread', videos: 2, score: null }]);
    assert.deepEqual([trending.region, trending.regions], ['DE', ['DE']]);
    await page.reload();
    await page.getByRole('heading', { name: 'Trending in Germany' }).waitFor();
    await place(page).selectOption({ label: 'Everywhere' });
    await page.getByRole('heading', { name: 'Trending in Germany' }).waitFor({ state: 'detached' });
    watch.assertClean();
    await close();
  });

  test('where too few people like the same, everybody’s trends are shown, and that is said', async () => {
    await viewer.client.expect(200, 'PATCH', '/account', { region: 'NL' });
    const { page, watch, close } = await open({ size: phone });
    await page.goto('/search');
    await page.getByText(/^Netherlands: too few people/).waitFor();
    assert.equal(await place(page).inputValue(), 'region=NL', 'one’s own region stands first');
    watch.assertClean();
    await close();
  });

  for (const [size, name] of [[phone, 'phone'], [desktop, 'desktop']]) {
    for (const scheme of ['light', 'dark']) {
      test(`no serious finding of axe, ${scheme}, ${name}`, async () => {
        const { page, watch, close } = await open({ size, scheme });
        await page.goto('/search');
        await page.getByText(/: too few people/).waitFor();
        assert.deepEqual(await axe(page), []);
        await picture(page, `few-${name}-${scheme}`);
        await place(page).selectOption({ label: 'Germany' });
        await page.getByRole('heading', { name: 'Trending in Germany' }).waitFor();
        await page.waitForTimeout(500);
        assert.deepEqual(await axe(page), []);
        await picture(page, `region-${name}-${scheme}`);
        await page.goto('/settings#region');
        await page.getByLabel('Country', { exact: true }).waitFor();
        await page.getByRole('region', { name: 'Your region' }).scrollIntoViewIfNeeded();
        if (pictures) await page.screenshot({ path: `${pictures}/settings-${name}-${scheme}.png` });
        assert.deepEqual(await axe(page), []);
        watch.assertClean();
        await close();
      });
    }
  }
});
