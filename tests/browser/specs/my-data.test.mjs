// What is kept about somebody, who opened it, and what their browser makes of a service that tells less than the log.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { Client, newEmail, newHandle, password } from '../harness/api.mjs';
import { launch, openPage, phone } from '../harness/browser.mjs';
import { MailServer } from '../harness/mail.mjs';
import { Server } from '../harness/server.mjs';

const birthDate = '1994-03-17';
const alarmIn = (page) => page.getByRole('alert').filter({ hasText: 'Alarm' });
const holds = (page) => page.getByRole('heading', { name: 'You are told everything' });

/** Past the second look that a difference gets (src/glass/verifier.ts), with room for a slow machine. */
const alarmMsMax = 20_000;

describe('my data', () => {
  let mail;
  let server;
  let browser;

  before(async () => {
    mail = await MailServer.start();
    server = await Server.start({ settings: { smtp: mail.address, mail_from: 'vitrine@localhost' } });
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    await server?.close();
    await mail?.close();
  });

  async function newPerson(stem) {
    const handle = newHandle(stem);
    const made = await new Client(server).expect(201, 'POST', '/accounts', { handle, password, birth_date: birthDate });
    return { handle, client: new Client(server, made.token) };
  }

  /** What its owner opened; messages and the like leave receipts of their own, at any time. */
  const ownReceiptsOf = async (client) =>
    (await client.get('/my/receipts')).receipts.filter(({ entry }) => JSON.parse(entry).purpose === 'self');

  async function openMyData(client, options = {}) {
    const opened = await openPage(browser, server, { client, ...options });
    await opened.page.goto('/my-data');
    return opened;
  }

  /** Opens the birth date for its owner, and waits until the check has gone over its receipt. */
  async function showBirthDate(page) {
    await page.getByRole('button', { name: 'Show me: Date of birth' }).click();
    await page.getByRole('dialog').getByText('leaves a receipt').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Open it' }).click();
    await page.getByText(birthDate).waitFor();
  }

  test('visitors are asked to sign in', async () => {
    const { page, watch, close } = await openPage(browser, server);
    await page.goto('/my-data');
    await page.getByRole('heading', { name: 'Sign in to see your data' }).waitFor();
    await page.locator('main').getByRole('link', { name: 'Sign in' }).click();
    await page.waitForURL('/sign-in?next=%2Fmy-data');
    watch.assertClean();
    await close();
  });

  test('shows what is sealed; looking at it leaves a receipt that the browser finds in the log', async () => {
    const { client } = await newPerson('ada');
    await client.expect(202, 'PUT', '/account/email', { email: newEmail() });
    const { page, watch, close } = await openMyData(client, { size: phone });
    await holds(page).waitFor();
    for (const name of ['Date of birth', 'E-mail address']) await page.getByRole('heading', { name }).waitFor();
    assert.equal(await page.getByText(birthDate).count(), 0, 'nothing is open before it is asked for');
    await page.getByText('The mechanism is on, independence is not: all parties are this machine.').first().waitFor();

    assert.deepEqual(await ownReceiptsOf(client), []);
    await showBirthDate(page);
    const receipt = page.getByRole('listitem').filter({ hasText: 'You opened: Date of birth' });
    await receipt.getByText('In the public log').waitFor();
    await holds(page).waitFor();
    const own = (await ownReceiptsOf(client)).map(({ entry }) => JSON.parse(entry));
    assert.deepEqual(own.map((entry) => [entry.kind, entry.class, entry.role]), [['batch', 'identity', 'service']]);
    assert.equal(await alarmIn(page).count(), 0);
    watch.assertClean();
    await close();
  });

  test('goes on from the last visit, and alarms at a log that has become shorter', async () => {
    const { client } = await newPerson('bela');
    const { page, watch, close } = await openMyData(client);
    await holds(page).waitFor();
    const earlier = await (await fetch(`${server.url}/log/checkpoint`)).text();
    await showBirthDate(page);
    await page.getByRole('listitem').filter({ hasText: 'You opened' }).getByText('In the public log').waitFor();

    await page.reload();
    await page.getByText('It goes on from what this browser saw last').waitFor();
    await holds(page).waitFor();

    await page.route('**/log/checkpoint', (route) => route.fulfill({ body: earlier, contentType: 'text/plain' }));
    await page.reload();
    await alarmIn(page).getByRole('heading', { name: 'The log has become shorter' }).waitFor();
    assert.equal(await holds(page).count(), 0);
    watch.assertClean();
    await close();
  });

  test('alarms when the list leaves out what the log holds', async () => {
    const { client } = await newPerson('carl');
    await client.expect(200, 'POST', '/my/data/identity');
    const { page, watch, close } = await openPage(browser, server, { client });
    await page.route('**/api/v1/my/receipts', async (route) => {
      const response = await route.fetch();
      const { receipts } = await response.json();
      const others = receipts.filter(({ entry }) => JSON.parse(entry).purpose !== 'self');
      await route.fulfill({ response, json: { receipts: others } });
    });
    await page.goto('/my-data');
    const alarm = alarmIn(page);
    const heading = alarm.getByRole('heading', { name: 'An opening of your data was kept from you' });
    await heading.waitFor({ timeout: alarmMsMax });
    await alarm.getByText('You opened: Date of birth').waitFor();
    await page.getByText('In the public log, but kept from your list').waitFor();
    const download = page.waitForEvent('download');
    await alarm.getByRole('button', { name: 'Save the evidence' }).click();
    assert.match((await download).suggestedFilename(), /^evidence-.*\.json$/);
    assert.equal(await holds(page).count(), 0);
    watch.assertClean();
    await close();
  });

  /** A log's file with each entry passed through `change`; what becomes null is left out. */
  function changedBundle(bytes, change) {
    const out = [];
    for (let at = 0; at < bytes.length; ) {
      const end = at + 2 + bytes.readUInt16BE(at);
      const entry = change(bytes.subarray(at + 2, end).toString());
      if (entry !== null) out.push(Buffer.from([entry.length >> 8, entry.length & 255]), Buffer.from(entry));
      at = end;
    }
    return Buffer.concat(out);
  }

  for (const [what, change, heading] of [
    ['taken out of', () => null, 'A part of the log cannot be read'],
    ['altered in', (entry) => entry.replace('"self"', '"payout"'), 'The entries are not those that the log has signed'],
  ]) {
    test(`alarms when an entry is ${what} the log on its way to the browser`, async () => {
      const { client } = await newPerson('dora');
      await client.expect(200, 'POST', '/my/data/identity');
      const [{ entry: hidden }] = await ownReceiptsOf(client);
      const { page, watch, close } = await openPage(browser, server, { client });
      await page.route('**/log/tile/entries/**', async (route) => {
        const response = await route.fetch();
        const body = changedBundle(await response.body(), (entry) => (entry === hidden ? change(entry) : entry));
        await route.fulfill({ status: response.status(), body, contentType: 'application/octet-stream' });
      });
      await page.goto('/my-data');
      await alarmIn(page).getByRole('heading', { name: heading }).waitFor({ timeout: alarmMsMax });
      assert.equal(await holds(page).count(), 0);
      watch.assertClean();
      await close();
    });
  }

  test('seals anew for a person in danger, and gives everything out as a file', async () => {
    const { client } = await newPerson('edda');
    const { page, watch, close } = await openMyData(client);
    await holds(page).waitFor();
    await page.getByRole('switch', { name: 'Guard my data more strictly' }).click();
    await page.getByText('Sealed anew: from now on an overseer must sign too.').waitFor();
    assert.equal((await client.get('/my/data')).exposed, true);
    const download = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Download my data' }).click();
    assert.match((await download).suggestedFilename(), /\.zip$/);
    watch.assertClean();
    await close();
  });
});
