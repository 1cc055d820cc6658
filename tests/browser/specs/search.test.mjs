// Finding things: suggestions, results, hashtag pages, what is trending.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { Client, eventually, newAccount } from '../harness/api.mjs';
import { axe } from '../harness/axe.mjs';
import { desktop, launch, openPage, phone } from '../harness/browser.mjs';
import { nextFirstFrame } from '../harness/feed.mjs';
import { Server } from '../harness/server.mjs';
import { publish } from '../harness/uploads.mjs';

describe('search', () => {
  let server;
  let browser;
  let creator;
  let video;

  before(async () => {
    server = await Server.start();
    browser = await launch();
    creator = await newAccount(server, 'harbourmaster');
    await creator.client.expect(200, 'PATCH', '/account', { display_name: 'The Harbourmaster' });
    video = await publish(creator.client, { caption: `Lighthouse at dusk #lighthouses by @${creator.handle}`, tags: ['lighthouses'] });
    await publish(creator.client, { caption: 'Another one #lighthouses', tags: ['lighthouses'], seconds: 4 });
    const visitor = new Client(server);
    await eventually('the search knows them', async () => (await visitor.get('/search?q=lighthouse')).videos.length > 0);
  });
  after(async () => {
    await browser?.close();
    await server?.close();
  });

  const box = (page) => page.getByRole('combobox', { name: 'Search videos, people and tags' }).filter({ visible: true });

  test('suggestions by keyboard: arrows choose, Escape closes, Enter goes there', async () => {
    const { page, watch, close } = await openPage(browser, server, { size: desktop });
    await page.goto('/search');
    const field = box(page);
    await eventually('suggestions come', async () => {
      await field.fill('');
      await field.pressSequentially('lightho');
      await page.waitForTimeout(400);
      return (await page.getByRole('option').count()) > 0;
    });
    assert.equal(await field.getAttribute('aria-expanded'), 'true');
    await field.press('ArrowDown');
    const first = page.getByRole('option').first();
    assert.equal(await field.getAttribute('aria-activedescendant'), await first.getAttribute('id'));
    assert.equal(await first.getAttribute('aria-selected'), 'true');
    assert.deepEqual(await axe(page), []);
    await field.press('Escape');
    assert.equal(await field.getAttribute('aria-expanded'), 'false');
    assert.equal(await field.inputValue(), 'lightho');
    await field.press('ArrowDown');
    await page.getByRole('option', { name: '#lighthouses Tag' }).click();
    await page.waitForURL('/tag/lighthouses');
    watch.assertClean();
    await close();
  });

  test('results: videos, people, tags; a typed search goes into the address and comes back with it', async () => {
    const { page, watch, close } = await openPage(browser, server, { size: phone });
    await page.goto('/');
    await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Search' }).click();
    await box(page).fill('lighthouse');
    await box(page).press('Enter');
    await page.waitForURL('/search?q=lighthouse');
    await page.locator(`a[href="/v/${video.id}"]`).waitFor();
    await page.getByRole('link', { name: /#lighthouses/ }).first().waitFor();
    await page.getByRole('button', { name: 'Tags' }).click();
    await page.getByRole('link', { name: /#lighthouses/ }).first().click();
    await page.waitForURL('/tag/lighthouses');
    await page.goBack();
    await page.waitForURL('/search?q=lighthouse&kind=tags');
    await page.getByRole('button', { name: 'Tags', pressed: true }).waitFor();

    await box(page).fill('harbourmaster');
    await box(page).press('Enter');
    await page.getByRole('link', { name: /The Harbourmaster/ }).first().click();
    await page.waitForURL(`/@${creator.handle}`);
    watch.assertClean();
    await close();
  });

  test('nothing found is said, and what was typed shows as text', async () => {
    const { page, watch, close } = await openPage(browser, server, { size: phone });
    const query = '<img src=x onerror=window.hurt=1> qqqqzzzz';
    await page.goto(`/search?q=${encodeURIComponent(query)}`);
    await page.getByText(`Nothing found for “${query}”`).waitFor();
    assert.equal(await page.evaluate(() => window.hurt), undefined);
    watch.assertClean();
    await close();
  });

  test('hashtags and mentions in a caption lead to their pages', async () => {
    const { page, watch, close } = await openPage(browser, server, { size: desktop });
    await page.goto(`/v/${video.id}`);
    await nextFirstFrame(page, 0);
    await page.getByRole('link', { name: `@${creator.handle}`, exact: true }).click();
    await page.waitForURL(`/@${creator.handle}`);
    await page.goBack();
    await page.getByRole('link', { name: '#lighthouses' }).first().click();
    await page.waitForURL('/tag/lighthouses');
    await page.getByRole('heading', { name: '#lighthouses' }).waitFor();
    await page.getByText('2 videos').waitFor();
    await page.getByText('Newest').click();
    await page.locator('main a[href^="/v/"]').first().click();
    await page.waitForURL(/\/v\//);
    watch.assertClean();
    await close();
  });

  test('a tag that nobody uses says so', async () => {
    const { page, watch, close } = await openPage(browser, server, { size: phone, allow: [/status of 404/] });
    await page.goto('/tag/nobody_uses_this');
    await page.getByRole('heading', { name: 'No videos with #nobody_uses_this' }).waitFor();
    watch.assertClean();
    await close();
  });

  for (const scheme of ['light', 'dark']) {
    for (const [name, size] of [['phone', phone], ['desktop', desktop]]) {
      test(`no serious finding of axe, ${scheme}, ${name}`, async () => {
        const found = [];
        const { page, watch, close } = await openPage(browser, server, { size, scheme });
        for (const path of ['/search', '/search?q=lighthouse', '/search?q=qqqqzzzz', '/tag/lighthouses']) {
          await page.goto(path);
          await page.locator('#main :is(h1, h2)').first().waitFor({ state: 'attached' });
          await page.waitForTimeout(400);
          found.push(...(await axe(page)).map((text) => `${path}: ${text}`));
        }
        assert.deepEqual(found, []);
        watch.assertClean();
        await close();
      });
    }
  }
});
