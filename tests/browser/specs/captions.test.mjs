// Captions from a file to a viewer's eyes: uploaded, edited, seen at their time, found by searching, written by a program.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { Client, eventually, newAccount } from '../harness/api.mjs';
import { axe } from '../harness/axe.mjs';
import { desktop, launch, openPage, phone } from '../harness/browser.mjs';
import { currentSlide, nextFirstFrame } from '../harness/feed.mjs';
import { Server } from '../harness/server.mjs';
import { publish } from '../harness/uploads.mjs';

const srt = `1
00:00:00,200 --> 00:00:01,400
<font color="red">Welcome to the</font>
<b>lantern room</b>

2
00:00:01,500 --> 00:00:02,900
<img src=x onerror=alert(1)> & mind < the step
`;

/** Speech recognition for want of speech: it measures the sound and says how long it is. */
const engineScript = `
  my ($audio, $output, $language) = @ARGV;
  die 'no Danish' if $language eq 'da';
  my $seconds = ((-s $audio) - 44) / 32000;
  open my $out, '>', "$output.vtt" or die;
  printf $out "WEBVTT\\n\\n00:00.000 --> 00:%06.3f\\n[whistling for %.0f seconds]\\n", $seconds, $seconds;
`;

function fileOf(name, text) {
  const path = join(tmpdir(), `vitrine-${process.pid}-${name}`);
  writeFileSync(path, text);
  return path;
}

describe('captions', () => {
  let server;
  let browser;
  let creator;
  let video;

  before(async () => {
    const engine = fileOf('engine.pl', engineScript);
    server = await Server.start({ settings: { transcriber: ['/usr/bin/perl', engine, '{audio}', '{output}', '{language}'] } });
    browser = await launch();
    creator = await newAccount(server, 'keeper');
    await creator.client.expect(200, 'PATCH', '/account', { display_name: 'The keeper' });
    video = await publish(creator.client, { caption: 'Up all 214 stairs at dusk with the keeper of the light, and a view over the bay #coast', seconds: 3 });
  });
  after(async () => {
    await browser?.close();
    await server?.close();
  });

  const editorOf = (id, language) => `/v/${id}/captions?language=${language}`;
  const rows = (page) => page.getByRole('list', { name: 'Cues' }).getByRole('listitem');
  const textOf = (page, n) => rows(page).nth(n).getByLabel('Text');
  const saved = (page) => page.getByText('Captions saved.').waitFor();
  const said = (page) => currentSlide(page).locator('[data-said]');

  async function put(language, text, type = 'text/vtt') {
    const response = await fetch(`${server.api}/videos/${video.id}/captions/${language}`, {
      method: 'PUT', headers: { authorization: `Bearer ${creator.client.token}`, 'content-type': type }, body: text,
    });
    return { status: response.status, body: await response.json() };
  }
  const file = async (language) => (await fetch(`${server.api}/videos/${video.id}/captions/${language}`)).text();

  /** Goes to a time of the clip that plays. */
  const seek = (page, seconds) =>
    currentSlide(page).locator('video').evaluate((element, at) => {
      element.pause();
      element.currentTime = at;
    }, seconds);

  test('an SRT file becomes cues without markup, is edited beside the clip, and saved', async () => {
    const { page, watch, close } = await openPage(browser, server, { size: desktop, client: creator.client });
    await page.goto(editorOf(video.id, 'en'));
    await page.getByRole('heading', { name: 'No captions in English yet' }).waitFor();
    await page.locator('input[type="file"]').setInputFiles(fileOf('stairs.srt', srt));
    await page.getByText('Uploaded: 2 cues.').waitFor();
    assert.equal(await rows(page).count(), 2);
    assert.equal(await textOf(page, 0).inputValue(), 'Welcome to the\nlantern room');
    assert.equal(await textOf(page, 1).inputValue(), '& mind < the step');
    assert.equal(await rows(page).nth(1).getByLabel('Begins').inputValue(), '0:01.500');

    await textOf(page, 1).fill('Mind <b>the</b> step');
    await page.getByText('Not saved yet.').waitFor();
    await page.keyboard.press('Control+s');
    await saved(page);
    assert.equal(
      await file('en'),
      'WEBVTT\n\n00:00:00.200 --> 00:00:01.400\nWelcome to the\nlantern room\n\n00:00:01.500 --> 00:00:02.900\nMind &lt;b&gt;the&lt;/b&gt; step\n',
    );
    watch.assertClean();
    await close();
  });

  test('cues are split, joined, deleted and brought back, by keyboard', async () => {
    const { page, watch, close } = await openPage(browser, server, { size: desktop, client: creator.client });
    await page.goto(editorOf(video.id, 'en'));
    await textOf(page, 0).focus();
    await textOf(page, 0).evaluate((area) => area.setSelectionRange(8, 8));
    await page.keyboard.press('Alt+x');
    assert.equal(await rows(page).count(), 3);
    assert.deepEqual([await textOf(page, 0).inputValue(), await textOf(page, 1).inputValue()], ['Welcome', 'to the\nlantern room']);
    assert.ok(await textOf(page, 1).evaluate((area) => area === document.activeElement), 'the new cue has the focus');
    await textOf(page, 0).focus();
    await page.keyboard.press('Alt+j');
    assert.equal(await rows(page).count(), 2);
    await page.keyboard.press('Alt+Delete');
    assert.equal(await rows(page).count(), 1);
    await page.getByRole('button', { name: 'Undo' }).click();
    assert.equal(await rows(page).count(), 2);
    assert.equal(await textOf(page, 0).inputValue(), 'Welcome\nto the\nlantern room');
    await page.keyboard.press('Alt+p');
    await textOf(page, 0).focus();
    await page.keyboard.press('Alt+p');
    await eventually('the clip plays the cue to its end', () =>
      page.locator('video').evaluate((element) => element.paused && element.currentTime > 1.3 && element.currentTime < 2));
    watch.assertClean();
    await close();
  });

  test('what is not saved is still there after a reload, and can be discarded', async () => {
    const { page, watch, close } = await openPage(browser, server, { size: phone, client: creator.client });
    await page.goto(editorOf(video.id, 'en'));
    await textOf(page, 0).fill('Half a thought');
    await page.reload();
    await page.getByText('These are changes that you have not saved yet.').waitFor();
    assert.equal(await textOf(page, 0).inputValue(), 'Half a thought');
    await page.getByRole('button', { name: 'Discard them' }).click();
    await eventually('the saved text is back', async () => (await textOf(page, 0).inputValue()) === 'Welcome to the\nlantern room');
    watch.assertClean();
    await close();
  });

  test('what is wrong stands at its cue, whether the page or the server says so', async () => {
    const { page, watch, close } = await openPage(browser, server, { size: desktop, client: creator.client, allow: [/status of 400/] });
    await page.goto(editorOf(video.id, 'en'));
    const begins = rows(page).nth(1).getByLabel('Begins');
    await begins.fill('0:00.500');
    await begins.press('Tab');
    await rows(page).nth(1).getByText('It begins before the cue above it has ended.').waitFor();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('alert').getByText('Mend 1 cue first').waitFor();
    await begins.fill('one and a half');
    await begins.press('Tab');
    await rows(page).nth(1).getByText('Write the beginning like 0:01.500.').waitFor();
    await begins.fill('1.5');
    await begins.press('Tab');
    assert.equal(await begins.inputValue(), '0:01.500');

    await textOf(page, 1).fill('Reads \u202ebackwards');
    await page.getByRole('button', { name: 'Save' }).click();
    await rows(page).nth(1).getByText(/must not hold control characters/).waitFor();
    await textOf(page, 1).fill('Mind the step');
    await page.getByRole('button', { name: 'Save' }).click();
    await saved(page);

    await page.locator('input[type="file"]').setInputFiles(fileOf('late.vtt', 'WEBVTT\n\n00:01.000 --> 01:00.000\nToo late'));
    await page.getByRole('button', { name: 'Replace' }).click();
    await page.getByRole('alert').getByText(/^Line 3: this cue ends at 00:01:00\.000, after the video's end/).waitFor();
    watch.assertClean();
    await close();
  });

  test('markup that reaches a viewer is text', async () => {
    const { status } = await put('en', 'WEBVTT\n\n00:00.000 --> 00:02.900\n&lt;img src=x onerror=window.hurt=1&gt; <script>window.hurt=1</script>');
    assert.equal(status, 200);
    const { page, watch, close } = await openPage(browser, server, { size: phone });
    await page.goto(`/v/${video.id}`);
    await nextFirstFrame(page, 0);
    await said(page).getByText('<img src=x onerror=window.hurt=1> window.hurt=1').waitFor();
    assert.equal(await page.evaluate(() => window.hurt), undefined);
    watch.assertClean();
    await close();
    await put('en', srt, 'application/x-subrip');
  });

  test('a viewer sees a cue at its time, above the words about the clip; the choice is remembered', async () => {
    const { page, watch, close } = await openPage(browser, server, { size: phone });
    await page.goto(`/v/${video.id}`);
    await nextFirstFrame(page, 0);
    const captions = page.getByRole('button', { name: 'Captions' });
    assert.equal(await captions.getAttribute('aria-pressed'), 'true', 'the clip is muted, so they are on');
    await seek(page, 0.5);
    await said(page).getByText('Welcome to the').waitFor();
    const [cue, words] = await Promise.all([said(page).boundingBox(), currentSlide(page).locator('.caption').boundingBox()]);
    assert.ok(cue.y + cue.height <= words.y, 'it does not cover them');
    await seek(page, 1.45);
    await said(page).waitFor({ state: 'detached' });
    await seek(page, 2);
    await said(page).getByText('& mind < the step').waitFor();

    await page.keyboard.press('t');
    await said(page).waitFor({ state: 'detached' });
    await page.reload();
    await nextFirstFrame(page, 0);
    assert.equal(await captions.getAttribute('aria-pressed'), 'false');
    await captions.click();
    await seek(page, 2);
    await said(page).getByText('& mind < the step').waitFor();
    watch.assertClean();
    await close();
  });

  test('the language is the browser’s, or a chosen one; the size is chosen, too', async () => {
    assert.equal((await put('fr', 'WEBVTT\n\n00:00.000 --> 00:02.900\nBienvenue')).status, 200);
    const { page, watch, close } = await openPage(browser, server, { size: desktop });
    await page.goto(`/v/${video.id}`);
    await nextFirstFrame(page, 0);
    await seek(page, 0.5);
    await said(page).getByText('Welcome to the').waitFor();
    await page.getByRole('button', { name: 'More about this video' }).click();
    await page.getByRole('button', { name: 'Captions', exact: true }).last().click();
    const sheet = page.getByRole('dialog', { name: 'Captions' });
    await sheet.getByLabel('Language').selectOption({ label: 'français' });
    await sheet.getByText('Large').click();
    await sheet.getByText('Always').click();
    assert.deepEqual(await axe(page), []);
    await sheet.getByRole('button', { name: 'Close' }).click();
    await said(page).getByText('Bienvenue').waitFor();
    assert.equal(await said(page).evaluate((element) => getComputedStyle(element).fontSize), '22.5px');
    await page.keyboard.press('m');
    await said(page).getByText('Bienvenue').waitFor();
    watch.assertClean();
    await close();
  });

  test('the player on other sites shows them on request', async () => {
    const { page, watch, close } = await openPage(browser, server, { size: desktop });
    await page.goto(`/embed/${video.id}`);
    await page.getByRole('button', { name: 'Play' }).click();
    const captions = page.getByRole('button', { name: 'Captions' });
    await captions.waitFor();
    assert.equal(await captions.getAttribute('aria-pressed'), 'false', 'the sound is on');
    await page.keyboard.press('c');
    await seek(page, 0.5);
    await page.locator('[data-said]').getByText('Welcome to the').waitFor();
    watch.assertClean();
    await close();
  });

  test('searching finds the clip by a word that is said in it', async () => {
    const { page, watch, close } = await openPage(browser, server, { size: phone });
    await page.goto('/search?q=lantern');
    await page.locator(`a[href="/v/${video.id}"]`).waitFor();
    watch.assertClean();
    await close();
  });

  test('a program writes them; they are marked as its own until somebody saves them', async () => {
    const { page, watch, close } = await openPage(browser, server, { size: desktop, client: creator.client });
    await page.goto(editorOf(video.id, 'de'));
    await page.getByRole('button', { name: 'Write automatically' }).click();
    await page.getByText('Written. Read them through before others do.').waitFor({ timeout: 60_000 });
    assert.equal(await textOf(page, 0).inputValue(), '[whistling for 3 seconds]');
    await page.getByText('Written by a program.').waitFor();
    const track = async () => (await creator.client.get(`/videos/${video.id}`)).captions.find(({ language }) => language === 'de');
    assert.equal((await track()).automatic, true);
    await page.getByRole('button', { name: 'Save' }).click();
    await saved(page);
    assert.equal((await track()).automatic, false);

    await page.goto(editorOf(video.id, 'da'));
    await page.getByRole('button', { name: 'Write automatically' }).click();
    await page.getByText(/They could not be written automatically\. The speech recognition failed/).waitFor({ timeout: 60_000 });
    watch.assertClean();
    await close();
  });

  test('captions are deleted for everybody', async () => {
    assert.equal((await put('de', 'WEBVTT\n\n00:00.000 --> 00:02.900\nWillkommen')).status, 200);
    const { page, watch, close } = await openPage(browser, server, { size: phone, client: creator.client });
    await page.goto(editorOf(video.id, 'de'));
    await page.getByRole('button', { name: 'Delete captions' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete', exact: true }).click();
    await page.getByText('Captions deleted.').waitFor();
    const { captions } = await new Client(server).get(`/videos/${video.id}`);
    assert.ok(captions.every(({ language }) => language !== 'de'));
    watch.assertClean();
    await close();
  });

  test('somebody else’s captions are not theirs to write', async () => {
    const { client } = await newAccount(server);
    const { page, watch, close } = await openPage(browser, server, { size: phone, client });
    await page.goto(editorOf(video.id, 'en'));
    await page.getByRole('heading', { name: 'Only its creator writes captions' }).waitFor();
    watch.assertClean();
    await close();
  });

  for (const scheme of ['light', 'dark']) {
    for (const [name, size] of [['phone', phone], ['desktop', desktop]]) {
      test(`no serious finding of axe, ${scheme}, ${name}`, async () => {
        const { page, watch, close } = await openPage(browser, server, { size, scheme, client: creator.client });
        const found = [];
        const look = async (what) => found.push(...(await axe(page)).map((text) => `${what}: ${text}`));
        await page.goto(editorOf(video.id, 'sv'));
        await page.getByRole('heading', { name: 'Captions', exact: true }).waitFor();
        await look('no cues');
        if (process.env.VITRINE_SHOTS) await page.screenshot({ path: `${process.env.VITRINE_SHOTS}/empty-${name}-${scheme}.png` });
        await page.goto(editorOf(video.id, 'en'));
        await textOf(page, 0).waitFor();
        await look('cues');
        assert.ok(await page.locator('main').evaluate((main) => main.scrollWidth <= main.clientWidth), 'nothing sticks out');
        if (process.env.VITRINE_SHOTS) await page.screenshot({ path: `${process.env.VITRINE_SHOTS}/editor-${name}-${scheme}.png` });
        await page.goto(`/v/${video.id}`);
        await nextFirstFrame(page, 0);
        await seek(page, 0.5);
        await said(page).waitFor();
        await look('the clip');
        if (process.env.VITRINE_SHOTS) await page.screenshot({ path: `${process.env.VITRINE_SHOTS}/clip-${name}-${scheme}.png` });
        assert.deepEqual(found, []);
        watch.assertClean();
        await close();
      });
    }
  }
});
