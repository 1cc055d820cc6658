// Leaving a page whose changes are not saved: by a link, by the browser's buttons, by closing the tab.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { newAccount } from '../harness/api.mjs';
import { axe } from '../harness/axe.mjs';
import { desktop, launch, openPage, phone } from '../harness/browser.mjs';
import { makeClip } from '../harness/clips.mjs';
import { Server } from '../harness/server.mjs';
import { publish } from '../harness/uploads.mjs';

const caption = 'Gulls over the quay';

describe('leaving', () => {
  let server;
  let browser;
  let creator;
  let video;

  before(async () => {
    server = await Server.start();
    browser = await launch();
    creator = await newAccount(server, 'leonie');
    video = await publish(creator.client, { caption });
  });
  after(async () => {
    await browser?.close();
    await server?.close();
  });

  const editPath = () => `/studio/v/${video.id}/edit`;
  const question = (page) => page.getByRole('alertdialog', { name: 'Leave without saving?' });
  const stay = (page) => question(page).getByRole('button', { name: 'Stay here' });
  const leave = (page) => question(page).getByRole('button', { name: 'Leave', exact: true });
  const back = (page) => page.evaluate(() => history.back());
  const isAt = (page, path) => page.waitForURL((url) => url.pathname === path);

  /** The list of one's own videos, and from there the form, with another caption in it. */
  async function beginEditing(page, text = 'Terns over the quay') {
    await page.goto('/studio/videos');
    await page.getByRole('link', { name: `Edit “${caption}”` }).click();
    await page.getByLabel('Caption').fill(text);
  }

  for (const [name, size] of [['phone', phone], ['desktop', desktop]]) {
    test(`a form that was changed is not left without a word, on a ${name}`, async () => {
      const { page, watch, close } = await openPage(browser, server, { size, client: creator.client });
      await beginEditing(page);
      await page.getByRole('link', { name: 'All your videos' }).click();
      await question(page).getByText('What you changed on this page is not saved.').waitFor();
      assert.ok(await stay(page).evaluate((button) => button === document.activeElement), 'the focus is on what loses nothing');
      assert.deepEqual(await axe(page), []);
      await page.keyboard.press('Escape');
      await question(page).waitFor({ state: 'detached' });
      assert.ok(await page.getByRole('link', { name: 'All your videos' }).evaluate((link) => link === document.activeElement), 'the focus is where it was');
      assert.equal(new URL(page.url()).pathname, editPath());

      await back(page);
      await stay(page).click();
      await isAt(page, editPath());
      assert.equal(await page.getByLabel('Caption').inputValue(), 'Terns over the quay');
      await back(page);
      await leave(page).click();
      await isAt(page, '/studio/videos');
      await page.evaluate(() => history.forward());
      await isAt(page, editPath());
      await page.getByLabel('Caption').waitFor();
      assert.equal(await page.getByLabel('Caption').inputValue(), caption, 'left without saving');
      watch.assertClean();
      await close();
    });
  }

  test('nothing is asked where nothing was changed, taken back, or saved', async () => {
    const { page, watch, close } = await openPage(browser, server, { client: creator.client });
    await beginEditing(page);
    await page.getByLabel('Caption').fill(caption);
    await back(page);
    await isAt(page, '/studio/videos');
    await beginEditing(page, `${caption} `);
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved.', { exact: true }).waitFor();
    await page.getByRole('link', { name: 'All your videos' }).click();
    await isAt(page, '/studio/videos');
    assert.equal(await question(page).count(), 0);
    watch.assertClean();
    await close();
  });

  test('the browser asks before the tab is closed', async () => {
    const { page, close } = await openPage(browser, server, { client: creator.client });
    await beginEditing(page);
    const asked = page.waitForEvent('dialog');
    await page.close({ runBeforeUnload: true });
    const dialog = await asked;
    assert.equal(dialog.type(), 'beforeunload');
    await dialog.dismiss();
    assert.equal(await page.getByLabel('Caption').inputValue(), 'Terns over the quay');
    await close();
  });

  test('captions wait in the browser, and the question says so', async () => {
    const { page, watch, close } = await openPage(browser, server, { client: creator.client });
    await page.goto(`/v/${video.id}/captions?language=en`);
    await page.getByRole('button', { name: 'Write the first cue' }).click();
    await page.getByLabel('Text').fill('Hear them');
    await page.getByRole('navigation').getByRole('link', { name: 'Saved' }).click();
    await question(page).getByText('It waits in this browser').waitFor();
    await leave(page).click();
    await isAt(page, '/saved');
    await page.goto(`/v/${video.id}/captions?language=en`);
    await page.getByLabel('Text').waitFor();
    assert.equal(await page.getByLabel('Text').inputValue(), 'Hear them');
    watch.assertClean();
    await close();
  });

  test('a chosen file that was not sent is asked about as well', async () => {
    const { page, watch, close } = await openPage(browser, server, { client: creator.client });
    await page.goto('/upload');
    await page.locator('input[type="file"]').setInputFiles(makeClip({ seconds: 2 }));
    await page.getByLabel('Caption').waitFor();
    await page.getByRole('navigation').getByRole('link', { name: 'Saved' }).click();
    await question(page).getByText('Your video has not been sent.').waitFor();
    await leave(page).click();
    await isAt(page, '/saved');
    watch.assertClean();
    await close();
  });
});
