// Guardians and young people: pairing, what is set and seen, limits that the server keeps, and the end of it.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';

import { Client, eventually, newAccount, newHandle, password } from '../harness/api.mjs';
import { axe } from '../harness/axe.mjs';
import { desktop, launch, openPage, phone } from '../harness/browser.mjs';
import { minorBirthDate, pair, setControls, watchFor, zoneAt } from '../harness/families.mjs';
import { nextFirstFrame } from '../harness/feed.mjs';
import { Server } from '../harness/server.mjs';
import { publish } from '../harness/uploads.mjs';

/** Where to keep pictures of the pages, for whoever wants to look at them. */
const pictures = process.env.VITRINE_PICTURES;

const atNoon = { timezoneId: zoneAt(12) };
const atNight = { timezoneId: zoneAt(23) };

describe('families', () => {
  let server;
  let browser;
  let clip;

  before(async () => {
    server = await Server.start();
    browser = await launch();
    const creator = await newAccount(server, 'creator');
    clip = await publish(creator.client, { caption: 'Low tide', tags: ['harbour'] });
    await publish(creator.client, { caption: 'Not everybody’s thing', tags: ['diet'], seconds: 2 });
  });
  after(async () => {
    await browser?.close();
    await server?.close();
  });

  async function newMinor(zone = atNoon.timezoneId, display_name = 'Tim') {
    const handle = newHandle('tim');
    const made = await new Client(server).expect(201, 'POST', '/accounts', { handle, password, display_name, birth_date: minorBirthDate });
    const client = new Client(server, made.token);
    await client.expect(200, 'PUT', '/account/limits/time-zone', { time_zone: zone });
    return { handle, account: made.account, client };
  }

  async function newGuardian() {
    const guardian = await newAccount(server, 'mum');
    await guardian.client.expect(200, 'PATCH', '/account', { display_name: 'Miriam' });
    return guardian;
  }

  const watch = (client, minutes) => watchFor(minutes, clip, client);

  async function picture(page, name) {
    if (!pictures) return;
    mkdirSync(pictures, { recursive: true });
    await page.screenshot({ path: `${pictures}/${name}.png`, fullPage: true });
  }

  /** The page in both themes, without serious findings. */
  async function inBothThemes(page, name) {
    for (const colorScheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme });
      await page.waitForTimeout(300);
      await picture(page, `${name}-${colorScheme}`);
      assert.deepEqual(await axe(page), [], `${name}, ${colorScheme}`);
    }
    await page.emulateMedia({ colorScheme: 'light' });
  }

  test('a guardian’s desktop and a young person’s phone: a code, two confirmations, a change that both see, the end', async () => {
    const [guardian, ward] = [await newGuardian(), await newMinor()];
    const large = await openPage(browser, server, { size: desktop, client: guardian.client });
    const small = await openPage(browser, server, { size: { ...phone, ...atNoon }, client: ward.client, allow: [/status of 422/] });
    await large.page.goto('/settings');
    await large.page.getByRole('region', { name: 'More' }).getByRole('link', { name: /^Family/ }).click();
    await small.page.goto('/family');
    await small.page.getByRole('heading', { name: 'What guardians never see' }).waitFor();
    await inBothThemes(small.page, 'family-none-phone');
    await large.page.getByRole('button', { name: 'Make a code' }).click();
    const code = await large.page.locator('.code').innerText();
    assert.match(code, /^[2-9A-HJ-KM-NP-Z]{4}-[2-9A-HJ-KM-NP-Z]{4}$/);
    await inBothThemes(large.page, 'family-code-desktop');

    await small.page.getByLabel('Code', { exact: true }).fill('aaaa-aaaa');
    await small.page.getByRole('button', { name: 'Go on' }).click();
    await small.page.getByText(/There is no such code/).waitFor();
    await small.page.getByLabel('Code', { exact: true }).fill(code.toLowerCase());
    await small.page.getByRole('button', { name: 'Go on' }).click();
    const asked = small.page.getByRole('region', { name: 'Miriam wants to be your guardian' });
    await asked.getByText('set your daily limit and quiet hours').waitFor();
    await inBothThemes(small.page, 'family-waiting-phone');
    await asked.getByRole('button', { name: 'Confirm' }).click();
    await asked.getByText(/You have confirmed/).waitFor();
    const asks = large.page.getByRole('region', { name: 'Tim wants you as a guardian' });
    await asks.getByRole('button', { name: 'Confirm' }).click();

    await large.page.getByRole('heading', { name: 'What you set' }).waitFor();
    await large.page.getByText('You never see what Tim watches').waitFor();
    await large.page.getByRole('group', { name: 'Daily limit' }).getByText('45 min').click();
    await large.page.getByRole('switch', { name: 'Search', exact: true }).click();
    await large.page.getByLabel('Topics left out').fill('#Diet');
    await large.page.getByRole('button', { name: 'Save' }).click();
    await large.page.getByText('Daily limit: 60 minutes → 45 minutes').waitFor();
    await inBothThemes(large.page, 'family-guardian-desktop');

    const mine = small.page.getByRole('region', { name: 'What is set for you' });
    await small.page.reload();
    await mine.getByText('45 minutes').waitFor();
    const changes = small.page.getByRole('region', { name: 'What changed' });
    await changes.getByText('Search: On → Off').waitFor();
    assert.match(await changes.getByRole('listitem').first().innerText(), /Miriam, (just now|\d)/);
    await small.page.getByRole('region', { name: 'Your guardians' }).getByText('Miriam').waitFor();
    await inBothThemes(small.page, 'family-ward-phone');
    await small.page.goto('/notifications');
    await small.page.getByRole('link', { name: /Miriam.? changed what is set for you/ }).click();
    await small.page.waitForURL('/family');

    await small.page.getByRole('button', { name: 'End pairing' }).click();
    const dialog = small.page.getByRole('dialog', { name: 'End the pairing with Miriam?' });
    await inBothThemes(small.page, 'family-end-phone');
    await dialog.getByRole('button', { name: 'End pairing' }).click();
    await small.page.getByText('The pairing has ended.').waitFor();
    await small.page.getByRole('heading', { name: 'How it works' }).waitFor();
    await eventually('the guardian is told', async () => {
      const { items } = await guardian.client.get('/notifications');
      return items.some(({ kind, actors }) => kind === 'family_end' && actors[0].handle === ward.handle);
    });
    await guardian.client.expect(403, 'GET', `/family/wards/${ward.account.id}`);
    assert.equal((await ward.client.get('/account/limits')).daily_minutes, 60);
    for (const { watch: seen, close } of [large, small]) {
      seen.assertClean();
      await close();
    }
  });

  test('the other way round: a young person’s desktop makes the code, a guardian’s phone sets what holds', async () => {
    const [guardian, ward] = [await newGuardian(), await newMinor()];
    await pair(guardian, ward);
    await watch(ward.client, 37);
    await setControls(guardian, ward, { comments: 'followers', findable: false });
    const small = await openPage(browser, server, { size: phone, client: guardian.client });
    await small.page.goto('/family');
    await small.page.getByRole('heading', { name: 'Minutes watched' }).waitFor();
    await small.page.getByRole('switch', { name: 'Keep sensitive clips out' }).waitFor();
    await inBothThemes(small.page, 'family-guardian-phone');
    const table = small.page.getByRole('table', { name: 'Minutes watched, by day' });
    assert.match(await table.innerText(), /Today\s+37 minutes/);
    const large = await openPage(browser, server, { size: { ...desktop, ...atNoon }, client: ward.client });
    await large.page.goto('/family');
    await large.page.getByText('Only when both follow each other').first().waitFor();
    await inBothThemes(large.page, 'family-ward-desktop');
    await large.page.goto('/your-feed');
    await large.page.getByText('Watched today: 37 of 60 minutes').waitFor();
    await large.page.getByRole('group', { name: 'Daily limit' }).getByText('45 min').click();
    await large.page.getByText('Watched today: 37 of 45 minutes').waitFor();
    await inBothThemes(large.page, 'limits-ward-desktop');
    for (const { watch: seen, close } of [large, small]) {
      seen.assertClean();
      await close();
    }
  });

  test('what is set takes effect: topics, search, being found', async () => {
    const [guardian, ward] = [await newGuardian(), await newMinor()];
    await pair(guardian, ward);
    const tagsInFeed = async () => (await ward.client.get('/feed?start=1&limit=20')).items.flatMap(({ video }) => video.tags);
    assert.ok((await tagsInFeed()).includes('diet'));
    const found = async () => (await guardian.client.get(`/search?kind=accounts&q=${ward.handle}`)).accounts.length;
    assert.equal(await found(), 1);
    await ward.client.get('/search?q=tide');
    await setControls(guardian, ward, { left_out: ['diet'], search: false, findable: false });
    const tags = await tagsInFeed();
    assert.ok(tags.includes('harbour') && !tags.includes('diet'), tags.join());
    await ward.client.expect(403, 'GET', '/search?q=tide');
    await ward.client.expect(403, 'GET', '/search/suggestions?q=ti');
    assert.equal(await found(), 0);
    const { page, close } = await openPage(browser, server, { size: { ...phone, ...atNoon }, client: ward.client, allow: [/403/] });
    await page.goto('/search?q=tide');
    await page.getByRole('heading', { name: 'Search is switched off' }).waitFor();
    await inBothThemes(page, 'search-off-phone');
    await close();
  });

  test('the daily limit: a calm page in the feed’s place, fifteen minutes more once, then enough', async () => {
    const ward = await newMinor();
    await watch(ward.client, 59);
    const { page, watch: seen, close } = await openPage(browser, server, { size: { ...phone, ...atNoon }, client: ward.client });
    await page.goto('/');
    await nextFirstFrame(page, 0);
    await watch(ward.client, 1);
    await page.reload();
    const resting = page.getByRole('status').filter({ hasText: 'That is it for today' });
    await resting.getByText('Your 60 minutes are used.').waitFor();
    await inBothThemes(page, 'resting-limit-phone');
    assert.deepEqual((await ward.client.get('/feed')).items, []);
    await publish((await newAccount(server, 'later')).client, { caption: 'Something that was not shown yet' });
    await resting.getByRole('button', { name: '15 minutes more' }).click();
    await resting.waitFor({ state: 'detached' });
    await nextFirstFrame(page, 0);
    await watch(ward.client, 15);
    await page.reload();
    await resting.getByText('Your 75 minutes are used.').waitFor();
    assert.equal(await resting.getByRole('button').count(), 0, 'once a day');
    await page.goto('/following');
    await resting.waitFor();
    seen.assertClean();
    await close();
  });

  test('at night the feed rests, and nothing calls', async () => {
    const ward = await newMinor(atNight.timezoneId);
    const fan = await newAccount(server, 'fan');
    await fan.client.expect(200, 'PUT', `/profiles/${ward.handle}/follow`);
    await eventually('it is told', async () => (await ward.client.get('/notifications')).unread === 1);
    for (const [size, name] of [[desktop, 'desktop'], [phone, 'phone']]) {
      const { page, watch: seen, close } = await openPage(browser, server, { size: { ...size, ...atNight }, client: ward.client });
      await page.goto('/');
      await page.getByRole('heading', { name: 'Good night' }).waitFor();
      await page.getByText('The feed rests until 06:00.').waitFor();
      await inBothThemes(page, `resting-night-${name}`);
      assert.equal(await page.getByRole('link', { name: /unread/ }).count(), 0, 'no badge');
      seen.assertClean();
      await close();
    }
  });

  test('adults set limits for themselves, or none', async () => {
    const { client } = await newAccount(server, 'ada');
    const { page, watch: seen, close } = await openPage(browser, server, { size: { ...phone, ...atNoon }, client });
    await page.goto('/your-feed');
    await page.getByRole('group', { name: 'Daily limit' }).getByText('30 min').click();
    await page.getByText('Watched today: 0 of 30 minutes').waitFor();
    await page.getByRole('switch', { name: 'Quiet at night' }).click();
    await page.getByLabel('From', { exact: true }).fill('21:30');
    await page.getByLabel('From', { exact: true }).blur();
    await eventually('it is kept', async () => {
      const { daily_minutes, quiet, time_zone } = await client.get('/account/limits');
      return daily_minutes === 30 && quiet?.from === '21:30' && time_zone === atNoon.timezoneId;
    });
    await inBothThemes(page, 'limits-adult-phone');
    await watch(client, 30);
    await page.goto('/');
    await page.getByRole('heading', { name: 'That is it for today' }).waitFor();
    seen.assertClean();
    await close();
  });

  test('signed out there is nothing to pair, and the page says so', async () => {
    const { page, watch: seen, close } = await openPage(browser, server, { size: phone });
    await page.goto('/family');
    await page.getByRole('heading', { name: 'Sign in to see your family' }).waitFor();
    seen.assertClean();
    await close();
  });
});
