// What people come for, from beginning to end and as they do it: in the app alone, on a phone and on a desktop.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { newAccount, newHandle } from '../harness/api.mjs';
import { desktop, launch, openPage, phone } from '../harness/browser.mjs';
import { makeClip } from '../harness/clips.mjs';
import { currentLabel, drawFinger, nextFirstFrame, plays, swipe } from '../harness/feed.mjs';
import { session, signUpByPassword } from '../harness/people.mjs';
import { Server } from '../harness/server.mjs';
import { chooseClip, processingMsMax, publish, startUpload } from '../harness/uploads.mjs';

const tag = 'lighthouses';

for (const [name, size] of [['phone', phone], ['desktop', desktop]]) {
  describe(`journeys, ${name}`, () => {
    let server;
    let browser;
    let creator;
    let video;

    before(async () => {
      server = await Server.start();
      browser = await launch();
      creator = await newAccount(server, 'creator');
      video = await publish(creator.client, { caption: `The lamp at dusk #${tag}`, tags: [tag] });
      await publish((await newAccount(server, 'other')).client, { caption: `Fog over the point #${tag}`, tags: [tag] });
    });
    after(async () => {
      await browser?.close();
      await server?.close();
    });

    const open = (options = {}) => openPage(browser, server, { size, ...options });
    const openComments = (page) => page.getByRole('button', { name: /^Comments, / }).click();
    const comment = async (page, text) => {
      const field = page.getByRole('textbox', { name: /^Write a/ });
      await field.fill(text);
      await field.press('Enter');
      await page.locator('.comment').filter({ hasText: text }).waitFor();
    };

    test('a first visit without an account: watching, swiping, reading, and a way in', async () => {
      const { page, watch, close } = await open();
      await page.goto('/');
      await nextFirstFrame(page, 0);
      assert.ok(await plays(page));
      const first = await currentLabel(page);
      const finger = { x: 195, fromY: 640, toY: 160 };
      await swipe(page, size === phone ? () => drawFinger(page, finger) : () => page.keyboard.press('ArrowDown'));
      assert.notEqual(await currentLabel(page), first);
      await openComments(page);
      const panel = page.getByRole('dialog', { name: /comment/i }).or(page.getByRole('complementary', { name: /comment/i }));
      await panel.getByRole('link', { name: /sign in/i }).click();
      await page.waitForURL(/\/sign-in/);
      watch.assertClean();
      await close();
    });

    test('sign-up, and the first clip up to its first comment', async () => {
      const { page, watch, close } = await open();
      const handle = newHandle('first');
      await signUpByPassword(page, handle);
      assert.equal((await session(page)).handle, handle);
      await chooseClip(page, makeClip({ seconds: 3 }), 'My first one');
      await startUpload(page);
      await page.getByRole('link', { name: 'See it' }).click({ timeout: processingMsMax });
      await page.waitForURL(/\/v\//);
      const address = page.url();

      const viewer = await open({ client: (await newAccount(server, 'viewer')).client });
      await viewer.page.goto(address);
      await nextFirstFrame(viewer.page, 0);
      await openComments(viewer.page);
      await comment(viewer.page, 'Welcome! Where was it?');

      await page.getByRole('link', { name: /^Notifications.*unread/ }).filter({ visible: true }).click();
      await page.getByRole('link').filter({ hasText: 'Welcome! Where was it?' }).first().click();
      await page.locator('.comment').filter({ hasText: 'Welcome! Where was it?' }).waitFor();
      for (const one of [viewer, { watch, close }]) {
        one.watch.assertClean();
        await one.close();
      }
    });

    test('follow, the notification of it, and a reply that is told of', async () => {
      const fan = await newAccount(server, 'fan');
      const theirs = await open({ client: fan.client });
      await theirs.page.goto(`/@${creator.handle}`);
      await theirs.page.getByRole('button', { name: 'Follow', exact: true }).click();
      await theirs.page.getByRole('button', { name: 'Following', exact: true }).waitFor();
      await theirs.page.goto(`/v/${video.id}`);
      await nextFirstFrame(theirs.page, 0);
      await openComments(theirs.page);
      await comment(theirs.page, 'Which lamp is it?');

      const mine = await open({ client: creator.client });
      await mine.page.goto('/notifications');
      await mine.page.getByRole('link').filter({ hasText: fan.handle }).filter({ hasText: 'follows you' }).waitFor();
      await mine.page.getByRole('link').filter({ hasText: 'Which lamp is it?' }).first().click();
      const line = mine.page.locator('.comment').filter({ hasText: 'Which lamp is it?' });
      await line.getByRole('button', { name: /reply/i }).click();
      await comment(mine.page, 'A Fresnel lens of the second order.');

      await theirs.page.goto('/notifications');
      await theirs.page.getByRole('link').filter({ hasText: 'A Fresnel lens' }).first().waitFor();
      for (const one of [theirs, mine]) {
        one.watch.assertClean();
        await one.close();
      }
    });

    test('from a search with a slip of the finger to the hashtag’s page, and to a clip of it', async () => {
      const { page, watch, close } = await open();
      await page.goto('/search');
      const field = page.getByRole('combobox', { name: 'Search videos, people and tags' }).filter({ visible: true });
      await field.pressSequentially('lighthuoses', { delay: 20 });
      await page.getByRole('option', { name: new RegExp(`^#${tag}`) }).click();
      await page.waitForURL(`/tag/${tag}`);
      await page.getByRole('heading', { name: `#${tag}` }).waitFor();
      await page.getByText('2 videos').waitFor();
      await page.locator('main a[href^="/v/"]').first().click();
      await page.waitForURL(/\/v\//);
      await nextFirstFrame(page, 0);
      watch.assertClean();
      await close();
    });
  });
}
