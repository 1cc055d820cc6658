// Cuts, covers, duets, stitches and sounds in the real page, from the menu of a clip to the credit on the new one.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { Client, eventually, newAccount, newHandle, password } from '../harness/api.mjs';
import { axe } from '../harness/axe.mjs';
import { desktop, launch, openPage, phone } from '../harness/browser.mjs';
import { makeClip } from '../harness/clips.mjs';
import { nextFirstFrame } from '../harness/feed.mjs';
import { Server } from '../harness/server.mjs';
import { publish } from '../harness/uploads.mjs';

const processingMsMax = 120_000;
const sizes = [['phone', phone], ['desktop', desktop]];
const youngBirthDate = '2011-01-01';
const fakeCamera = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'];
const notFound = /status of 404/;

const red = { colour: 'red', hertz: 440 };
const blue = { colour: 'blue', hertz: 880 };

/** A clip that Chromium has no decoder for. */
function makeForeignClip() {
  const path = join(tmpdir(), 'vitrine-clips', 'foreign.mpg');
  execFileSync('ffmpeg', ['-v', 'error', '-y', '-f', 'lavfi', '-i', 'testsrc2=size=320x576:rate=25', '-t', '4', '-c:v', 'mpeg2video', path]);
  return path;
}

/** Colours of the left and the right half of what the page's first video shows. */
const halves = (page) =>
  page.evaluate(() => {
    const video = document.querySelector('article[aria-hidden="false"] video');
    const canvas = new OffscreenCanvas(2, 1);
    const context = canvas.getContext('2d');
    context.drawImage(video, 0, 0, 2, 1);
    const { data } = context.getImageData(0, 0, 2, 1);
    const nameOf = (r, b) => (r > 150 && b < 100 ? 'red' : b > 150 && r < 100 ? 'blue' : `${r}/${b}`);
    return [nameOf(data[0], data[2]), nameOf(data[4], data[6])];
  });

const choose = (page, clip) => page.locator('input[type="file"]').setInputFiles(clip);

async function sendAndSee(page) {
  await page.getByRole('button', { name: 'Upload', exact: true }).click();
  await page.getByRole('link', { name: 'See it' }).click({ timeout: processingMsMax });
  await page.waitForURL(/\/v\//);
  return page.url().split('/').pop();
}

async function openMenu(page) {
  await nextFirstFrame(page, 0);
  await page.getByRole('button', { name: 'More about this video' }).first().click();
  return page.getByRole('dialog');
}

/** By keys, as somebody without a pointer does. */
async function press(slider, key, times) {
  await slider.focus();
  for (let i = 0; i < times; ++i) await slider.press(key);
}

describe('duets', () => {
  let server;
  let browser;
  let ana;
  let original;

  before(async () => {
    server = await Server.start();
    browser = await launch(fakeCamera);
    ana = await newAccount(server, 'ana');
    original = await publish(ana.client, { caption: 'Low sun over the quay', clip: red });
  });
  after(async () => {
    await browser?.close();
    await server?.close();
  });

  const newcomer = (stem) => newAccount(server, stem);
  const video = (client, id) => client.get(`/videos/${id}`);

  for (const [name, size] of sizes) {
    test(`a duet, from the menu to the credit, on a ${name}`, async () => {
      const bob = await newcomer('bob');
      const { page, watch, close } = await openPage(browser, server, { size, client: bob.client });
      await page.goto(`/v/${original.id}`);
      await (await openMenu(page)).getByRole('link', { name: 'Duet', exact: true }).click();
      await page.getByRole('heading', { name: `Duet with @${ana.handle}` }).waitFor();
      await choose(page, makeClip({ seconds: 2, ...blue }));
      const start = page.getByRole('slider', { name: 'Begins at', exact: true });
      await press(start, 'ArrowRight', 5);
      assert.equal(await start.getAttribute('aria-valuetext'), '0.5 seconds');
      assert.ok(await page.getByText('1.5 s long').isVisible());
      assert.deepEqual(await axe(page), []);
      await page.getByLabel('Caption').fill('Together');
      const id = await sendAndSee(page);

      const made = await video(bob.client, id);
      assert.deepEqual([made.width, made.height], [1080, 960]);
      assert.ok(Math.abs(made.duration_ms - 1_500) <= 100, `${made.duration_ms} ms`);
      await eventually('both halves are to be seen', async () => {
        assert.deepEqual(await halves(page), ['blue', 'red']);
        return true;
      });
      const credit = page.getByRole('link', { name: `Duet with @${ana.handle}` }).first();
      await credit.click();
      await page.waitForURL(`/v/${original.id}`);
      watch.assertClean();
      await close();

      const told = (await ana.client.get('/notifications')).items;
      assert.ok(told.some((one) => one.kind === 'duet' && one.video === id));
    });
  }

  test('what was made with a video is found from it', async () => {
    const made = (await ana.client.get(`/videos/${original.id}/duets`)).items;
    for (const [, size] of sizes) {
      const { page, watch, close } = await openPage(browser, server, { size, client: ana.client });
      await page.goto(`/v/${original.id}`);
      await (await openMenu(page)).getByRole('link', { name: 'Duets and stitches of this video' }).click();
      await page.getByRole('heading', { name: 'Duets and stitches' }).waitFor();
      await page.locator(`a[href="/v/${made[0].id}"]`).waitFor();
      assert.deepEqual(await axe(page), []);
      watch.assertClean();
      await close();
    }
  });

  test('a stitch: a piece of the other, then the reply, with its own cover', async () => {
    const cleo = await newcomer('cleo');
    const { page, watch, close } = await openPage(browser, server, { size: phone, client: cleo.client });
    await page.goto(`/upload?stitch=${original.id}`);
    await choose(page, makeClip({ seconds: 2, ...blue }));
    const end = page.getByRole('slider', { name: 'Piece ends at' });
    await press(end, 'ArrowLeft', 20);
    assert.equal(await end.getAttribute('aria-valuetext'), '1.0 seconds');
    await press(page.getByRole('slider', { name: 'Cover at' }), 'ArrowRight', 3);
    assert.deepEqual(await axe(page), []);
    const id = await sendAndSee(page);
    const made = await video(cleo.client, id);
    assert.equal(made.credit.kind, 'stitch');
    assert.ok(Math.abs(made.duration_ms - 3_000) <= 150, `${made.duration_ms} ms`);
    await page.getByRole('link', { name: `Stitch of @${ana.handle}` }).first().waitFor();
    watch.assertClean();
    await close();
  });

  test('a sound, from its page and back to it', async () => {
    const dora = await newcomer('dora');
    const { page, watch, close } = await openPage(browser, server, { size: desktop, client: dora.client });
    await page.goto(`/v/${original.id}`);
    await nextFirstFrame(page, 0);
    await page.getByRole('link', { name: 'Original sound' }).first().click();
    await page.waitForURL(`/sound/${original.id}`);
    await page.getByRole('link', { name: 'Use this sound' }).click();
    await choose(page, makeClip({ seconds: 2, ...blue }));
    await page.getByRole('switch', { name: 'Keep my own sound, low' }).click();
    const id = await sendAndSee(page);
    const made = await video(dora.client, id);
    assert.equal(made.sound.id, original.id);
    await page.getByRole('link', { name: `Sound of @${ana.handle}` }).first().click();
    await page.waitForURL(`/sound/${original.id}`);
    await page.getByText('2 videos').waitFor();
    await page.locator(`a[href="/v/${id}"]`).first().waitFor();
    watch.assertClean();
    await close();
  });

  for (const scheme of ['light', 'dark']) {
    for (const [name, size] of sizes) {
      test(`no serious finding on the pages, ${scheme}, ${name}`, async () => {
        const viewer = await newcomer('eve');
        const { page, watch, close } = await openPage(browser, server, { size, scheme, client: viewer.client });
        for (const path of ['/upload?duet=', '/upload?stitch=', '/upload?sound=', '/sound/', '/duets/']) {
          await page.goto(path + original.id);
          await page.locator('h1').filter({ hasNotText: 'Loading' }).first().waitFor();
          await page.waitForTimeout(300);
          assert.deepEqual(await axe(page), [], path);
          if (!path.startsWith('/upload')) continue;
          await choose(page, makeClip({ seconds: 2, ...blue }));
          await page.getByRole('slider', { name: 'Begins at', exact: true }).waitFor();
          assert.deepEqual(await axe(page), [], `${path} with a clip`);
        }
        watch.assertClean();
        await close();
      });
    }
  }

  test('the preview plays what is kept, the other video beside it', async () => {
    const fay = await newcomer('fay');
    const { page, watch, close } = await openPage(browser, server, { client: fay.client });
    await page.goto(`/upload?duet=${original.id}`);
    await choose(page, makeClip({ seconds: 3, ...blue }));
    await press(page.getByRole('slider', { name: 'Begins at', exact: true }), 'ArrowRight', 10);
    await press(page.getByRole('slider', { name: 'Ends at', exact: true }), 'ArrowLeft', 10);
    await page.getByRole('button', { name: 'Play the cut' }).click();
    const times = () => page.evaluate(() => [...document.querySelectorAll('#main video')].map((one) => one.currentTime));
    const [own, other] = await page.waitForFunction(() => {
      const [a, b] = [...document.querySelectorAll('#main video')];
      return a.currentTime > 1.3 && b.currentTime > 0.2 ? [a.currentTime, b.currentTime] : null;
    }).then((handle) => handle.jsonValue());
    assert.ok(own - other > 0.7 && own - other < 1.3, `${own} beside ${other}`);
    await page.getByRole('button', { name: 'Play the cut' }).waitFor();
    assert.ok(Math.abs((await times())[0] - 1) < 0.05, 'at its end it stands at its beginning again');
    watch.assertClean();
    await close();
  });

  test('a duet recorded with the camera', async () => {
    const gil = await newcomer('gil');
    const { context, page, watch, close } = await openPage(browser, server, { size: phone, client: gil.client });
    await context.grantPermissions(['camera', 'microphone'], { origin: server.url });
    await page.goto(`/upload?duet=${original.id}`);
    await page.getByRole('button', { name: 'Use the camera' }).click();
    await page.getByText('The camera is on').waitFor();
    assert.deepEqual(await axe(page), []);
    await page.getByRole('button', { name: 'Record', exact: true }).click();
    await page.waitForTimeout(1_500);
    await page.getByRole('button', { name: 'Stop recording' }).click();
    await page.getByRole('slider', { name: 'Begins at', exact: true }).waitFor();
    const id = await sendAndSee(page);
    const made = await video(gil.client, id);
    assert.deepEqual([made.width, made.height], [1080, 960]);
    assert.ok(made.duration_ms > 800 && made.duration_ms < 3_100, `${made.duration_ms} ms`);
    watch.assertClean();
    await close();
  });

  test('a clip that the browser cannot show is cut by numbers', async () => {
    const hal = await newcomer('hal');
    const { page, watch, close } = await openPage(browser, server, { client: hal.client });
    await page.goto('/upload');
    await choose(page, makeForeignClip());
    await page.getByLabel('Begins at, in seconds').fill('1.5');
    await page.getByLabel('Ends at, in seconds').fill('1.6');
    await page.getByText('The end must be at least half a second').waitFor();
    await page.getByLabel('Ends at, in seconds').fill('3');
    const id = await sendAndSee(page);
    const made = await video(hal.client, id);
    assert.ok(Math.abs(made.duration_ms - 1_500) <= 100, `${made.duration_ms} ms`);
    watch.assertClean();
    await close();
  });

  test('what is not free is not offered, and refused', async () => {
    const handle = newHandle('kim');
    const young = await new Client(server).expect(201, 'POST', '/accounts', { handle, password, birth_date: youngBirthDate });
    const theirs = await publish(new Client(server, young.token), { clip: { ...red, hertz: 500 }, edits: { audience: 'public' } });
    const ida = await newcomer('ida');
    const { page, watch, close } = await openPage(browser, server, { client: ida.client, allow: [notFound] });
    await page.goto(`/v/${theirs.id}`);
    const menu = await openMenu(page);
    await menu.getByRole('button', { name: 'Copy link' }).waitFor();
    assert.equal(await menu.getByRole('link', { name: 'Duet', exact: true }).count(), 0);
    await page.goto(`/upload?duet=${theirs.id}`);
    await page.getByText('This video cannot be used').waitFor();
    await page.goto('/upload?duet=01hzzzzzzzzzzzzzzzzzzzzzzz');
    await page.getByText('No such video').waitFor();
    await assert.rejects(publish(ida.client, { clip: blue, edits: { duet_of: theirs.id } }), /403/);
    watch.assertClean();
    await close();
  });

  test('the original goes: the credit keeps the name, and nothing leads nowhere', async () => {
    const jo = await newcomer('jo');
    const source = await publish(ana.client, { seconds: 2, clip: { ...red, hertz: 550 } });
    const made = await publish(jo.client, { seconds: 2, clip: blue, edits: { duet_of: source.id } });
    await ana.client.expect(204, 'DELETE', `/videos/${source.id}`);
    const { page, watch, close } = await openPage(browser, server);
    await page.goto(`/v/${made.id}`);
    await nextFirstFrame(page, 0);
    await page.getByText(`Duet with @${ana.handle}`).first().waitFor();
    assert.equal(await page.getByRole('link', { name: `Duet with @${ana.handle}` }).count(), 0);
    watch.assertClean();
    await close();
  });
});
