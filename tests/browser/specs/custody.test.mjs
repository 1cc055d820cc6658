// Personal data behind the glass: staff open one field with two passkeys, refusals are public, and everyone can count along.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, describe, test } from 'node:test';

import { adultBirthDate, eventually, newAccount } from '../harness/api.mjs';
import { axe } from '../harness/axe.mjs';
import { desktop, launch, openPage, phone } from '../harness/browser.mjs';
import { addPasskey } from '../harness/people.mjs';
import { binary, Server } from '../harness/server.mjs';

const refused = /status of 403/;
const secondsShown = 60;
const caseTitle = 'Threat in comments, report 17';

describe('custody', () => {
  let server;
  let browser;
  let subject;
  let outsider;
  let mia;
  let noor;

  /** Signs on as staff: an account with a passkey, put on the roster by the operator. */
  async function hire(stem) {
    const person = await newAccount(server, stem);
    person.here = await openPage(browser, server, { client: person.client, allow: [refused] });
    await addPasskey(person.here.page);
    execFileSync(binary, ['user', 'role', person.handle, 'staff', '--data', server.data]);
    await eventually(`${stem} is on the roster`, async () => (await person.client.get('/session')).account.staff);
    await person.here.page.goto('/staff');
    await person.here.page.getByRole('heading', { name: 'New request' }).waitFor();
    return person;
  }

  async function openCase(page, title) {
    await page.getByLabel('New case').fill(title);
    await page.getByRole('button', { name: 'Open the case' }).click();
    await page.getByRole('button', { name: `Close case: ${title}` }).waitFor();
  }

  async function file(page, { purpose, field }) {
    await page.getByLabel('Handle').fill(subject.handle);
    await page.getByLabel('Purpose').selectOption({ label: purpose });
    await page.getByLabel('One field').selectOption({ label: field });
    await page.getByLabel('Case', { exact: true }).selectOption({ label: caseTitle });
    await page.getByRole('button', { name: 'File the request' }).click();
  }

  const glass = async () => (await fetch(`${server.api}/glass`)).json();
  const counted = async (purpose, dataClass) =>
    (await glass()).accesses.find((one) => one.purpose === purpose && one.class === dataClass) ?? { opened: 0, refused: 0 };

  before(async () => {
    server = await Server.start({ settings: { custody_delay_s: 0 } });
    browser = await launch();
    subject = await newAccount(server, 'sam');
    outsider = await newAccount(server, 'olga');
    mia = await hire('mia');
    noor = await hire('noor');
    await openCase(mia.here.page, caseTitle);
  });
  after(async () => {
    await browser?.close();
    await server?.close();
  });

  test('two passkeys open one field, once, for a minute', async () => {
    const { page } = mia.here;
    const which = `Birth date of @${subject.handle}`;
    await file(page, { purpose: 'A threat to life', field: 'Birth date' });
    const open = page.getByRole('button', { name: `Open the field: ${which}` });
    await page.getByRole('button', { name: `Sign with passkey: ${which}` }).click();
    await page.getByText('You have signed').waitFor();
    assert.ok(await open.isDisabled(), 'one signature is not enough');

    await noor.here.page.getByRole('button', { name: `Sign with passkey: ${which}` }).click();
    await noor.here.page.getByText('You have signed').waitFor();
    assert.equal(await noor.here.page.getByRole('button', { name: /^Open the field/ }).count(), 0, 'only who asked may open');

    await open.click({ trial: true });
    await page.clock.install();
    await open.click();
    const field = page.getByTestId('field');
    await field.waitFor();
    assert.equal((await field.textContent()).trim(), adultBirthDate);
    assert.equal(await field.evaluate((element) => getComputedStyle(element).userSelect), 'none');
    await page.clock.fastForward((secondsShown - 15) * 1000);
    assert.equal(await field.count(), 1, 'it stands for a minute');
    await page.clock.fastForward(15_000);
    await field.waitFor({ state: 'detached' });
    assert.ok(!(await page.content()).includes(adultBirthDate), 'nothing of it is left in the page');
    await page.clock.resume();

    const [request] = (await mia.client.get('/staff/requests')).items;
    assert.equal(request.state, 'opened');
    const again = await mia.client.call('POST', `/staff/requests/${request.id}/open`, {});
    assert.ok(again.status >= 400 && again.status < 500, `a second opening is refused, not ${again.status}`);
    assert.ok(!JSON.stringify(again.body).includes(adultBirthDate));
    await eventually('the Glass page counts it', async () => (await counted('threat-to-life', 'identity')).opened === 1);

    const theirs = await openPage(browser, server, { client: subject.client });
    await theirs.page.goto('/my-data');
    await theirs.page.getByText(/^Staff member s-\w+ opened: Date of birth$/).waitFor();
    await theirs.page.getByRole('heading', { name: 'You are told everything' }).waitFor();
    theirs.watch.assertClean();
    await theirs.close();
    mia.here.watch.assertClean();
    noor.here.watch.assertClean();
  });

  test('a purpose that does not cover the field is refused, with its reason, in public', async () => {
    const { page } = mia.here;
    const before = await counted('abuse-case', 'identity');
    await page.reload();
    await file(page, { purpose: 'A case of abuse', field: 'Birth date' });
    const alert = page.getByRole('alert');
    await alert.getByText(/^Refused: .+/).waitFor();
    await alert.getByText('The refusal is in the public log').waitFor();
    const did = page.getByRole('region', { name: 'What you did' }).getByRole('listitem');
    await did.filter({ hasText: 'Refused' }).getByText('Birth date · A case of abuse').waitFor();
    await did.filter({ hasText: 'Opened' }).getByText('Birth date · A threat to life').waitFor();
    assert.equal((await counted('abuse-case', 'identity')).refused, before.refused + 1);
    mia.here.watch.assertClean();
  });

  test('the Glass page counts along, says that all is one machine, and grows while one looks', async () => {
    const { page, watch, close } = await openPage(browser, server);
    await page.goto('/glass');
    await page.getByRole('heading', { name: /The mechanism is on, independence is not: all parties are this machine/ }).waitFor();
    const row = page.getByRole('row').filter({ hasText: 'A threat to life' });
    assert.equal(await row.getByRole('cell').nth(1).textContent(), '1');
    await page.getByText('The figures as a table').click();
    const today = page.getByRole('table', { name: 'The last 30 days' }).getByRole('row').nth(1);
    assert.equal(await today.getByRole('cell').first().textContent(), '1', 'opened by people today');

    const size = async () => Number((await page.getByTestId('log-size').textContent()).replaceAll(',', ''));
    const seen = await size();
    assert.ok(seen > 0);
    await mia.client.call('POST', '/staff/requests', {
      handle: subject.handle, class: 'identity', purpose: 'abuse-case', case: (await mia.client.get('/staff/cases')).items[0].id,
    });
    await eventually('the new entry arrives on the page', async () => (await size()) > seen);
    await page.getByRole('list', { name: 'Latest entries' }).getByText('Birth date refused · A case of abuse').first().waitFor();

    const download = page.waitForEvent('download');
    await page.getByRole('link', { name: 'policy.txt' }).click();
    assert.equal((await download).suggestedFilename(), 'policy.txt');
    watch.assertClean();
    await close();
  });

  test('a foreign demand is refused at once and stands on the public register', async () => {
    const { page } = mia.here;
    await page.reload();
    await page.getByRole('button', { name: 'Enter a demand' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Authority').fill('District Court of Somewhere');
    await dialog.getByLabel('Country').fill('br');
    await dialog.getByText('Brazil').waitFor();
    await dialog.getByLabel('Legal basis').fill('Order 4711 of 2026');
    await dialog.getByLabel('Data asked for').selectOption({ label: 'Birth date' });
    await dialog.getByRole('button', { name: 'Put it on the register' }).click();
    await page.getByRole('alert').getByText('Refused at once').waitFor();

    const visitor = await openPage(browser, server);
    await visitor.page.goto('/glass');
    const row = visitor.page.getByRole('row').filter({ hasText: 'District Court of Somewhere' });
    await row.getByText('Refused').waitFor();
    await row.getByText('Brazil').waitFor();
    visitor.watch.assertClean();
    await visitor.close();
    mia.here.watch.assertClean();
  });

  test('nobody else gets behind the counter', async () => {
    const { page, watch, close } = await openPage(browser, server, { client: outsider.client });
    await page.goto('/staff');
    await page.getByRole('heading', { name: 'This page is for staff' }).waitFor();
    for (const what of ['cases', 'requests', 'history', 'demands']) await outsider.client.expect(403, 'GET', `/staff/${what}`);
    watch.assertClean();
    await close();
  });

  for (const scheme of ['light', 'dark']) {
    for (const [name, size] of [['phone', phone], ['desktop', desktop]]) {
      test(`no serious finding on the new pages, ${scheme}, ${name}`, async () => {
        const found = [];
        for (const [path, heading, client] of [
          ['/glass', 'Check it yourself'],
          ['/staff', 'New request', mia.client],
          ['/staff', 'This page is for staff', outsider.client],
          ['/settings', 'E-mail', outsider.client],
          ['/recover', 'Forgot your password?'],
          ['/recover?token=none', 'New password'],
          ['/sign-up', 'Create an account'],
        ]) {
          const { page, watch, close } = await openPage(browser, server, { size, scheme, client });
          await page.goto(path);
          await page.getByRole('heading', { name: heading, exact: true }).waitFor();
          await page.waitForTimeout(300);
          found.push(...(await axe(page)).map((text) => `${path}: ${text}`));
          watch.assertClean();
          await close();
        }
        assert.deepEqual(found, []);
      });
    }
  }
});
