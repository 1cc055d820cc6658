// Handing a video on: from the share sheet to the feed of whoever follows.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';

import { eventually, newAccount } from '../harness/api.mjs';
import { axe } from '../harness/axe.mjs';
import { desktop, launch, openPage, phone } from '../harness/browser.mjs';
import { nextFirstFrame } from '../harness/feed.mjs';
import { Server } from '../harness/server.mjs';
import { publish } from '../harness/uploads.mjs';

/** Where to keep pictures of the pages, for whoever wants to look at them. */
const pictures = process.env.VITRINE_PICTURES;

describe('reposts', () => {
  let server;
  let browser;
  let creator;
  let mira;
  let video;

  before(async () => {
    server = await Server.start();
    browser = await launch();
    [creator, mira] = [await newAccount(server, 'creator'), await newAccount(server, 'mira')];
    await creator.client.expect(200, 'PATCH', '/account', { display_name: 'Tide Table' });
    await mira.client.expect(200, 'PATCH', '/account', { display_name: 'Mira' });
    video = await publish(creator.client, { caption: 'Low tide in the old harbour, filmed at six in the morning #harbour', tags: ['harbour'] });
  });
  after(async () => {
    await browser?.close();
    await server?.close();
  });

  async function openShare({ client, ...options }) {
    const opened = await openPage(browser, server, { client, ...options });
    await opened.page.goto(`/v/${video.id}`);
    await nextFirstFrame(opened.page, 0);
    await opened.page.getByRole('button', { name: /^Share/ }).click();
    const sheet = opened.page.getByRole('dialog', { name: 'Share' });
    await sheet.waitFor();
    return { ...opened, sheet };
  }

  async function picture(page, name) {
    if (!pictures) return;
    mkdirSync(pictures, { recursive: true });
    await page.waitForTimeout(500);
    await page.screenshot({ path: `${pictures}/${name}.png` });
  }

  const stateOf = async ({ client }) => {
    const { reposted, reposts } = await client.get(`/videos/${video.id}`);
    return { reposted, reposts };
  };

  test('reposted from the share sheet, which shows it pressed, and taken back', async () => {
    const { page, sheet, watch, close } = await openShare({ size: phone, client: mira.client });
    await sheet.getByRole('button', { name: 'Repost to your followers', pressed: false }).click();
    await page.getByText('Reposted. Those who follow you see it in Following.').waitFor();
    assert.deepEqual(await stateOf(mira), { reposted: true, reposts: 1 });
    await page.getByRole('button', { name: /^Share/ }).click();
    const pressed = sheet.getByRole('button', { name: 'Reposted to your followers', pressed: true });
    await pressed.waitFor();
    assert.deepEqual(await axe(page), []);
    await pressed.press('Enter');
    await page.getByText('Your repost is taken back.').waitFor();
    assert.deepEqual(await stateOf(mira), { reposted: false, reposts: 0 });
    watch.assertClean();
    await close();
  });

  test('nothing to repost of one’s own, nor of what not everybody may watch', async () => {
    const own = await openShare({ client: creator.client });
    assert.equal(await own.sheet.getByRole('button', { name: /repost/i }).count(), 0);
    await own.close();
    await creator.client.expect(200, 'PATCH', `/videos/${video.id}`, { audience: 'link' });
    const linked = await openShare({ client: mira.client });
    assert.equal(await linked.sheet.getByRole('button', { name: /repost/i }).count(), 0);
    await linked.close();
    await creator.client.expect(200, 'PATCH', `/videos/${video.id}`, { audience: 'public' });
  });

  test('a stranger is asked to sign in', async () => {
    const { page, sheet, close } = await openShare({ size: phone });
    await sheet.getByRole('button', { name: 'Repost to your followers' }).click();
    await page.getByRole('dialog').getByText('Reposts stand on your profile and reach those who follow you.').waitFor();
    await close();
  });

  test('whoever follows finds it in Following, with who reposted it, and may follow its creator', async () => {
    await mira.client.expect(200, 'PUT', `/videos/${video.id}/repost`);
    for (const [size, name] of [[phone, 'phone'], [desktop, 'desktop']]) {
      for (const scheme of ['light', 'dark']) {
        // What one has watched does not come again, so somebody else looks each time.
        const reader = await newAccount(server, 'reader');
        await reader.client.expect(200, 'PUT', `/profiles/${mira.handle}/follow`);
        const { page, watch, close } = await openPage(browser, server, { size, scheme, client: reader.client });
        await page.goto('/following');
        await nextFirstFrame(page, 0);
        const by = page.getByRole('link', { name: 'Mira reposted' }).filter({ visible: true });
        await by.waitFor();
        assert.equal(await by.getAttribute('href'), `/@${mira.handle}`);
        await page.getByRole('button', { name: /^Follow/ }).filter({ visible: true }).first().waitFor();
        assert.deepEqual(await axe(page), []);
        await picture(page, `following-${name}-${scheme}`);
        await page.getByRole('button', { name: /^Share/ }).filter({ visible: true }).click();
        await page.getByRole('dialog', { name: 'Share' }).waitFor();
        await picture(page, `share-${name}-${scheme}`);
        watch.assertClean();
        await close();
      }
    }
  });

  test('the creator is told', async () => {
    await eventually('the notification is there', async () => (await creator.client.get('/notifications')).items.some(({ kind }) => kind === 'repost'));
    const { page, watch, close } = await openPage(browser, server, { client: creator.client });
    await page.goto('/notifications');
    await page.getByText(/Mira\u2069 reposted your video/).waitFor();
    await picture(page, 'notifications');
    await page.goto('/settings');
    await page.getByText('Reposts of your videos').first().waitFor();
    watch.assertClean();
    await close();
  });
});
