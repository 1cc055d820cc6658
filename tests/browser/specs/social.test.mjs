// What people say and do to each other: comments, notifications, blocks, collections, players on other sites.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, describe, test } from 'node:test';

import { Client, eventually, newAccount } from '../harness/api.mjs';
import { axe } from '../harness/axe.mjs';
import { desktop, launch, openPage, phone } from '../harness/browser.mjs';
import { nextFirstFrame, plays } from '../harness/feed.mjs';
import { Server } from '../harness/server.mjs';
import { publish } from '../harness/uploads.mjs';

const commentRules = (changes = {}) => ({ who: 'everyone', hold: 'nothing', words: [], ...changes });

describe('social', () => {
  let server;
  let browser;
  let creator;
  let viewer;
  let video;

  before(async () => {
    server = await Server.start();
    browser = await launch();
    creator = await newAccount(server, 'creator');
    viewer = await newAccount(server, 'viewer');
    video = await publish(creator.client, { caption: `Low tide #harbour with @${viewer.handle}`, tags: ['harbour'] });
  });
  after(async () => {
    await browser?.close();
    await server?.close();
  });

  async function openVideo(options) {
    const opened = await openPage(browser, server, options);
    await opened.page.goto(`/v/${video.id}`);
    await nextFirstFrame(opened.page, 0);
    return opened;
  }

  const say = (by, text, parent) => by.client.expect(201, 'POST', `/videos/${video.id}/comments`, { text, ...(parent && { parent }) });
  const commentsOn = async (client) => (await client.get(`/videos/${video.id}/comments?sort=new`)).items;
  const line = (page, text) => page.locator('.comment').filter({ hasText: text });
  const write = async (page, text) => {
    await page.getByRole('textbox', { name: /^Write a/ }).fill(text);
    await page.getByRole('textbox', { name: /^Write a/ }).press('Enter');
  };
  const hasFocus = (locator) => locator.evaluate((element) => element.contains(document.activeElement));

  test('on a phone: a sheet over the video that goes on playing, a comment, an answer, a like', async () => {
    const first = await say(creator, 'Filmed at six in the morning.');
    const { page, watch, close } = await openVideo({ size: phone, client: viewer.client });
    const opener = page.getByRole('button', { name: /^Comments, / });
    await opener.click();
    const sheet = page.getByRole('dialog', { name: /comment/i });
    await line(sheet, first.text).waitFor();
    assert.ok(await plays(page), 'the video goes on');
    const box = await page.getByRole('region', { name: 'Videos' }).boundingBox();
    assert.ok(box.y + box.height < (await sheet.boundingBox()).y + 1, 'small above the sheet');
    assert.ok(await hasFocus(sheet), 'the focus is in the sheet');

    await write(sheet, 'It looks cold.');
    await line(sheet, 'It looks cold.').waitFor();
    await line(sheet, first.text).getByRole('button', { name: /^Reply to/ }).click();
    await sheet.getByText(/^Replying to/).waitFor();
    await write(sheet, 'Worth it, though.');
    await line(sheet, 'Worth it, though.').waitFor();
    await line(sheet, first.text).getByRole('button', { name: /^Like the comment/ }).click();
    await line(sheet, first.text).getByRole('button', { name: /^Unlike the comment .* 1 like$/ }).waitFor();
    const [mine] = await commentsOn(viewer.client);
    assert.equal(mine.text, 'It looks cold.');
    const { items } = await viewer.client.get(`/comments/${first.id}/replies`);
    assert.deepEqual(items.map(({ text }) => text), ['Worth it, though.']);
    assert.deepEqual(await axe(page), []);

    await page.keyboard.press('Escape');
    await sheet.waitFor({ state: 'detached' });
    assert.ok(await hasFocus(opener), 'the focus goes back to the button');
    assert.match(await opener.getAttribute('aria-label'), /3 comments/);
    watch.assertClean();
    await close();
  });

  test('a finger drags the sheet away', async () => {
    const { page, watch, close } = await openVideo({ size: phone });
    await page.getByRole('button', { name: /^Comments, / }).click();
    const sheet = page.getByRole('dialog', { name: /comment/i });
    await page.waitForTimeout(400);
    const { x, y, width } = await sheet.boundingBox();
    const cdp = await page.context().newCDPSession(page);
    const touch = (type, at) => cdp.send('Input.dispatchTouchEvent', { type, touchPoints: type === 'touchEnd' ? [] : [{ x: x + width / 3, y: at }] });
    await touch('touchStart', y + 20);
    for (const down of [40, 90, 160, 220]) await touch('touchMove', y + 20 + down);
    await touch('touchEnd', y + 240);
    await sheet.waitFor({ state: 'detached' });
    watch.assertClean();
    await close();
  });

  test('on a desktop by keyboard: C opens a panel, a comment is edited, its history told, and deleted', async () => {
    const { page, watch, close } = await openVideo({ size: desktop, client: viewer.client });
    await page.keyboard.press('c');
    const panel = page.getByRole('complementary', { name: /comment/i });
    await panel.waitFor();
    assert.ok(await plays(page), 'the video goes on');
    await write(panel, 'A typpo.');
    await line(panel, 'A typpo.').getByRole('button', { name: /^More about the comment/ }).click();
    await page.getByRole('button', { name: 'Edit' }).press('Enter');
    await page.getByLabel('Text of your comment').fill('No typo.');
    await page.getByRole('button', { name: 'Save', exact: true }).last().press('Enter');
    await line(panel, 'No typo.').getByRole('button', { name: 'edited' }).press('Enter');
    await panel.getByRole('region', { name: 'Earlier versions' }).getByText('A typpo.').waitFor();
    await line(panel, 'No typo.').getByRole('button', { name: /^More about the comment/ }).press('Enter');
    await page.getByRole('button', { name: 'Delete', exact: true }).press('Enter');
    await page.getByRole('dialog', { name: 'Delete this comment?' }).getByRole('button', { name: 'Delete' }).press('Enter');
    await panel.getByText('Comment deleted.').waitFor();
    assert.equal(await line(panel, 'No typo.').count(), 0);
    await panel.getByRole('button', { name: 'Close' }).focus();
    await page.keyboard.press('Escape');
    await panel.waitFor({ state: 'detached' });
    watch.assertClean();
    await close();
  });

  test('the creator pins one, which then stands first for everyone', async () => {
    const pinned = await say(viewer, 'Which harbour is it?');
    await say(viewer, 'A later one.');
    const { page, watch, close } = await openVideo({ size: desktop, client: creator.client });
    await page.keyboard.press('c');
    const panel = page.getByRole('complementary');
    await line(panel, pinned.text).getByRole('button', { name: /^More about the comment/ }).click();
    await page.getByRole('button', { name: 'Pin to the top' }).click();
    await panel.getByRole('article').first().getByText('Pinned by the creator').waitFor();
    assert.equal((await commentsOn(new Client(server)))[0].id, pinned.id);
    watch.assertClean();
    await close();
  });

  test('what the creator’s rules hold waits, is said to, and is approved in the settings', async () => {
    const settings = await openPage(browser, server, { client: creator.client });
    await settings.page.goto('/settings');
    await settings.page.getByRole('radio', { name: 'Comments with a link' }).check();
    await settings.page.getByLabel('Words that wait for your approval').fill('gull\nbuy now');
    await settings.page.getByRole('region', { name: 'Comments on your videos' }).getByRole('button', { name: 'Save' }).click();
    await settings.page.getByText('Saved. It holds for comments from now on.').waitFor();
    assert.deepEqual(await creator.client.get('/account/comment-rules'), commentRules({ hold: 'links', words: ['gull', 'buy now'] }));

    const { page, watch, close } = await openVideo({ size: phone, client: viewer.client });
    await page.getByRole('button', { name: /^Comments, / }).click();
    await write(page, 'A map: https://example.org/tides');
    await page.getByText('The creator approves comments like this one').waitFor();
    await line(page, 'A map: https://example.org/tides').getByText('Only you and the creator see this').waitFor();
    assert.ok(!(await commentsOn(new Client(server))).some(({ text }) => text.startsWith('A map')));

    await settings.page.reload();
    await settings.page.getByRole('button', { name: /^Approve the comment by/ }).click();
    await settings.page.getByText('Approved: everyone sees it now.').waitFor();
    assert.ok((await commentsOn(new Client(server))).some(({ text }) => text.startsWith('A map')));
    await creator.client.expect(200, 'PUT', '/account/comment-rules', commentRules());
    for (const opened of [settings, { watch, close }]) {
      opened.watch.assertClean();
      await opened.close();
    }
  });

  test('a refusal is said, and what was typed is not lost', async () => {
    const { page, watch, close } = await openVideo({ size: desktop, client: viewer.client, allow: [/status of 403/] });
    await page.keyboard.press('c');
    const input = page.getByRole('textbox', { name: 'Write a comment' });
    await input.waitFor();
    await creator.client.expect(200, 'PUT', '/account/comment-rules', commentRules({ who: 'nobody' })); // meanwhile
    await write(page, 'May I?');
    await page.getByRole('alert').getByText(/^Not sent: /).waitFor();
    assert.equal(await input.inputValue(), 'May I?');
    await input.fill('x'.repeat(501));
    await page.getByText('1 character too many').waitFor();
    assert.ok(await page.getByRole('button', { name: 'Send' }).isDisabled());
    await creator.client.expect(200, 'PUT', '/account/comment-rules', commentRules());
    watch.assertClean();
    await close();
  });

  test('markup, writing from right to left and endless words show as text, and nothing moves out of its place', async () => {
    const hostile = [
      '<script>window.hurt = 1</script>',
      '<img src=x onerror="window.hurt = 1">',
      '"><svg onload=window.hurt=1>',
      'نص من اليمين إلى اليسار 123 (abc)',
      'w'.repeat(500),
    ];
    for (const text of hostile) await say(creator, text);
    for (const size of [phone, desktop]) {
      const { page, watch, close } = await openVideo({ size });
      await page.keyboard.press('c');
      const panel = page.locator('.sheet, .panel');
      await panel.getByRole('button', { name: 'Newest' }).click();
      for (const text of hostile) await panel.getByText(text.slice(0, 30)).first().waitFor();
      assert.equal(await page.evaluate(() => window.hurt), undefined);
      const wide = await page.evaluate(() =>
        [document.documentElement, ...document.querySelectorAll('.list, .comment')].filter((one) => one.scrollWidth > one.clientWidth + 1).length);
      assert.equal(wide, 0, 'nothing is wider than its place');
      watch.assertClean();
      await close();
    }
  });

  test('notifications arrive while one looks, say who did what, and are read by opening them', async () => {
    const fan = await newAccount(server, 'fan');
    const { page, watch, close } = await openPage(browser, server, { size: phone, client: creator.client });
    await page.goto('/notifications');
    await page.getByRole('heading', { name: 'Notifications' }).waitFor();
    await page.goto('/settings');
    await page.getByRole('heading', { name: 'Settings' }).waitFor();
    await fan.client.expect(200, 'PUT', `/profiles/${creator.handle}/follow`);
    await fan.client.expect(200, 'PUT', `/videos/${video.id}/like`);
    const bell = page.getByRole('link', { name: /^Notifications.*unread/ });
    await bell.getByText(/2 unread/).waitFor();
    await bell.click();
    await page.getByRole('link', { name: /^New: / }).filter({ hasText: fan.handle }).filter({ hasText: 'follows you' }).waitFor();
    await page.getByRole('link').filter({ hasText: 'liked your video' }).first().click();
    await page.waitForURL(`/v/${video.id}`);
    await eventually('all are read', async () => (await creator.client.get('/notifications')).unread === 0);
    watch.assertClean();
    await close();
  });

  test('what one is told of is chosen in the settings', async () => {
    const { page, watch, close } = await openPage(browser, server, { client: viewer.client });
    await page.goto('/settings');
    await page.getByRole('switch', { name: 'Likes of your comments' }).click();
    await eventually('it is kept', async () => !(await viewer.client.get('/account/notification-settings')).comment_like);
    watch.assertClean();
    await close();
  });

  test('block and mute: in plain words, and undone in the settings', async () => {
    const other = await newAccount(server, 'other');
    const text = 'Seen until muted.';
    await say(other, text);
    const { page, watch, close } = await openPage(browser, server, { size: phone, client: viewer.client, allow: [/status of 404/] });
    await page.goto(`/@${other.handle}`);
    await page.getByRole('button', { name: `More about @${other.handle}` }).click();
    await page.getByRole('button', { name: `Mute @${other.handle}` }).click();
    await page.getByText(`@${other.handle} is muted.`).waitFor();
    assert.ok(!(await commentsOn(viewer.client)).some((comment) => comment.text === text));

    await page.getByRole('button', { name: `More about @${other.handle}` }).click();
    await page.getByRole('button', { name: `Block @${other.handle}` }).click();
    await page.getByRole('dialog', { name: `Block @${other.handle}?` }).getByRole('button', { name: `Block @${other.handle}` }).click();
    await page.getByRole('heading', { name: `You blocked @${other.handle}` }).waitFor();
    await other.client.expect(404, 'GET', `/profiles/${viewer.handle}`);

    await page.goto('/settings');
    for (const what of ['Unblock', 'Unmute']) {
      await page.getByRole('button', { name: `${what} @${other.handle}` }).click();
      await page.getByRole('button', { name: `${what} @${other.handle}` }).waitFor({ state: 'detached' });
    }
    await other.client.expect(200, 'GET', `/profiles/${viewer.handle}`);
    watch.assertClean();
    await close();
  });

  test('saving, a collection of one’s own, and the page of what is saved', async () => {
    const { page, watch, close } = await openVideo({ size: phone, client: viewer.client });
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByRole('button', { name: 'Save to…' }).click();
    const sheet = page.getByRole('dialog', { name: 'Save to' });
    await sheet.getByRole('button', { name: /^Saved/, pressed: true }).waitFor();
    await sheet.getByLabel('New collection').fill('Tides');
    await sheet.getByRole('button', { name: 'Make and save' }).click();
    await page.getByText('Saved to “Tides”.').waitFor();

    await page.goto('/saved');
    await page.getByRole('link', { name: /Tides\s*1 video/ }).click();
    await page.getByRole('heading', { name: 'Tides' }).waitFor();
    await page.locator(`a[href="/v/${video.id}"]`).waitFor();
    assert.deepEqual(await axe(page), []);
    await page.getByRole('button', { name: 'Rename' }).click();
    await page.getByRole('textbox', { name: 'Name' }).fill('Ebb');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByRole('heading', { name: 'Ebb' }).waitFor();
    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('button', { name: 'Delete collection' }).click();
    await page.getByText('Collection deleted.').waitFor();
    assert.deepEqual((await viewer.client.get('/collections')).items.map(({ name }) => name), ['Saved']);
    watch.assertClean();
    await close();
  });

  test('the player stands in another site’s frame, without a cookie, and plays', async () => {
    const sharing = await openVideo({ size: desktop });
    await sharing.page.keyboard.press('s');
    const code = sharing.page.getByLabel('For a page of your own');
    await eventually('the code is there', async () => (await code.inputValue()).includes(`/embed/${video.id}`));
    const frame = await code.inputValue();
    sharing.watch.assertClean();
    await sharing.close();

    const host = createServer((_, response) => response.setHeader('content-type', 'text/html').end(`<!doctype html><title>A blog</title>${frame}`));
    await new Promise((resolve) => host.listen(0, '127.0.0.1', resolve));
    const { context, page, watch, close } = await openPage(browser, server, { allow: [/^request to another origin: http:\/\/127\.0\.0\.1:/, /favicon/] });
    await page.goto(`http://127.0.0.1:${host.address().port}/`);
    const player = page.frameLocator('iframe');
    await player.getByRole('button', { name: 'Play' }).click();
    await eventually('it plays', () => player.locator('video').evaluate((element) => !element.paused && element.currentTime > 0));
    assert.equal(await player.getByRole('navigation').count(), 0, 'no navigation');
    assert.deepEqual(await context.cookies(server.url), []);
    watch.assertClean();
    await close();
    host.close();
  });

  for (const scheme of ['light', 'dark']) {
    for (const [name, size] of [['phone', phone], ['desktop', desktop]]) {
      test(`no serious finding of axe on these pages and sheets, ${scheme}, ${name}`, async () => {
        const found = [];
        const look = async (page, what) => {
          await page.waitForTimeout(400);
          found.push(...(await axe(page)).map((text) => `${what}: ${text}`));
        };
        const { page, watch, close } = await openVideo({ size, scheme, client: viewer.client });
        await page.keyboard.press('c');
        await page.getByRole('article').filter({ hasText: 'Filmed at six' }).waitFor();
        await look(page, 'comments');
        await page.keyboard.press('Escape');
        await page.locator('.sheet, .panel').waitFor({ state: 'detached' });
        await page.keyboard.press('s');
        await page.getByRole('button', { name: 'Copy code' }).waitFor();
        await look(page, 'share');
        for (const path of ['/notifications', '/saved', '/settings', `/@${creator.handle}`, `/embed/${video.id}`]) {
          await page.goto(path);
          await page.locator('#main :is(h1, h2)').first().waitFor({ state: 'attached' });
          await look(page, path);
        }
        assert.deepEqual(found, []);
        watch.assertClean();
        await close();
      });
    }
  }
});
