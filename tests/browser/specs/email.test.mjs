// E-mail addresses, by a real mail server: confirmed by code, used to get back in, sealed all the while; and who is too
// young for an account.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { Client, newAccount, newHandle, password } from '../harness/api.mjs';
import { launch, openPage } from '../harness/browser.mjs';
import { codeIn, MailServer } from '../harness/mail.mjs';
import { fillSignUp, session, signUpByPassword } from '../harness/people.mjs';
import { freePort, personal, Server } from '../harness/server.mjs';

const newPassword = 'another battery staple';
const addressOf = (handle) => `${handle}${personal.emailEnd}`;

/** The birth date of somebody who is of that age for two days more. */
function birthDateOf(age) {
  const date = new Date();
  date.setFullYear(date.getFullYear() - age - 1);
  date.setDate(date.getDate() + 2);
  return [date.getFullYear(), date.getMonth() + 1, date.getDate()].map((part) => String(part).padStart(2, '0')).join('-');
}

describe('e-mail', () => {
  let mail;
  let server;
  let browser;

  before(async () => {
    mail = await MailServer.start();
    const port = await freePort();
    const settings = { smtp: mail.address, mail_from: 'vitrine@localhost', public_url: `http://localhost:${port}` };
    server = await Server.start({ port, settings });
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    await server?.close();
    await mail?.close();
  });

  /** An account whose address has been confirmed. */
  async function reachable(stem) {
    const person = await newAccount(server, stem);
    const email = addressOf(person.handle);
    await person.client.expect(202, 'PUT', '/account/email', { email });
    await person.client.expect(200, 'POST', '/account/email/verification', { code: codeIn(await mail.next(email)) });
    return { ...person, email };
  }

  test('an address is confirmed by the code in its mail, and removed again', async () => {
    const { page, watch, close } = await openPage(browser, server, { allow: [/status of 422/] });
    const handle = newHandle();
    const email = addressOf(handle);
    await signUpByPassword(page, handle);
    await page.goto('/settings');
    const section = page.getByRole('region', { name: 'E-mail' });
    await section.getByLabel('E-mail address').fill(email);
    await section.getByRole('button', { name: 'Add address' }).click();
    const sent = await mail.next(email);
    const code = codeIn(sent);
    assert.ok(code, sent.text);
    assert.match(sent.headers.from, /vitrine@localhost/);

    const wrong = String((Number(code) + 1) % 100_000_000).padStart(8, '0');
    await section.getByLabel('Code from the mail').fill(wrong);
    await section.getByRole('button', { name: 'Confirm' }).click();
    await section.getByText('That is not the code').waitFor();
    assert.equal((await session(page)).email, 'unverified');

    await section.getByLabel('Code from the mail').fill(code);
    await section.getByRole('button', { name: 'Confirm' }).click();
    await section.getByText('Confirmed', { exact: true }).waitFor();
    assert.equal((await session(page)).email, 'verified');
    await page.reload();
    await section.getByText('Confirmed', { exact: true }).waitFor();
    assert.ok(!(await page.content()).includes(email), 'the address is nowhere on the page');

    await section.getByRole('button', { name: 'Remove address' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove address' }).click();
    await section.getByRole('button', { name: 'Add address' }).waitFor();
    assert.equal((await session(page)).email, 'none');
    watch.assertClean();
    await close();
  });

  test('changing the address asks for the new one’s code', async () => {
    const { handle, client } = await reachable('change');
    const { page, watch, close } = await openPage(browser, server, { client });
    await page.goto('/settings');
    const section = page.getByRole('region', { name: 'E-mail' });
    await section.getByRole('button', { name: 'Change address' }).click();
    await section.getByLabel('E-mail address').fill(`new.${addressOf(handle)}`);
    await section.getByRole('button', { name: 'Save and send a code' }).click();
    await section.getByText('Not confirmed yet').waitFor();
    await section.getByLabel('Code from the mail').fill(codeIn(await mail.next(`new.${addressOf(handle)}`)));
    await section.getByRole('button', { name: 'Confirm' }).click();
    await section.getByText('Confirmed', { exact: true }).waitFor();
    watch.assertClean();
    await close();
  });

  test('a forgotten password is replaced by the link in a mail, which works once', async () => {
    const { handle, email } = await reachable('lost');
    const { page, watch, close } = await openPage(browser, server, { allow: [/status of 4\d\d/] });
    await page.goto('/sign-in');
    await page.getByLabel('Handle').fill(handle);
    await page.getByRole('link', { name: 'Forgot your password?' }).click();
    assert.equal(await page.getByLabel('Handle').inputValue(), handle);
    await page.getByRole('button', { name: 'Send the link' }).click();
    await page.getByRole('heading', { name: 'Look into your mail' }).waitFor();

    const { text } = await mail.next(email);
    const link = /http:\/\/localhost:\d+\/recover\?token=[\w.~%-]+/.exec(text)?.[0];
    assert.ok(link, text);
    await page.goto(link);
    await page.getByLabel('New password', { exact: true }).fill(newPassword);
    await page.getByRole('button', { name: 'Set new password' }).click();
    await page.waitForURL('/');
    assert.equal((await session(page)).handle, handle);

    const visitor = new Client(server);
    await visitor.expect(401, 'POST', '/session', { handle, password });
    await visitor.expect(200, 'POST', '/session', { handle, password: newPassword });

    await page.goto(link);
    await page.getByLabel('New password', { exact: true }).fill('yet another staple');
    await page.getByRole('button', { name: 'Set new password' }).click();
    await page.getByRole('alert').getByText('This link has been used').waitFor();
    await visitor.expect(200, 'POST', '/session', { handle, password: newPassword });
    watch.assertClean();
    await close();
  });

  test('whoever asks for a link hears the same, and only a confirmed address gets mail', async () => {
    const { handle, client } = await newAccount(server, 'half');
    await client.expect(202, 'PUT', '/account/email', { email: addressOf(handle) });
    await mail.next(addressOf(handle));
    const known = await reachable('known');
    const visitor = new Client(server);
    for (const name of [newHandle('nobody'), handle, known.handle]) {
      assert.deepEqual(await visitor.expect(202, 'POST', '/recovery', { handle: name }), {}, name);
    }
    // Mails leave in order: when the last one is here, the others would be.
    await mail.next(known.email);
    assert.deepEqual(mail.mails.filter(({ to }) => to === addressOf(handle)), []);
  });

  test('who is under 13 is turned away kindly, and nothing is sent or stored', async () => {
    const { page, watch, close } = await openPage(browser, server);
    const handle = newHandle('kid');
    const sent = [];
    page.on('request', (request) => request.method() === 'POST' && sent.push(request.url()));
    await fillSignUp(page, handle, birthDateOf(12));
    await page.getByRole('button', { name: 'Create account' }).click();
    await page.getByRole('heading', { name: 'Not yet' }).waitFor();
    await page.getByText('Nothing of what you typed was stored').waitFor();
    assert.deepEqual(sent.filter((url) => /\/accounts$|\/passkeys/.test(url)), []);
    watch.assertClean();
    await close();
  });

  test('the server turns them away as well, and the handle stays free', async () => {
    const visitor = new Client(server);
    const handle = newHandle('kid');
    await visitor.expect(403, 'POST', '/accounts', { handle, password, birth_date: birthDateOf(12) });
    await visitor.expect(403, 'POST', '/passkeys/registration', { handle, birth_date: birthDateOf(12) });
    const { account } = await visitor.expect(201, 'POST', '/accounts', { handle, password, birth_date: birthDateOf(13) });
    assert.equal(account.age_band, 'minor');
  });

  test('without a mail server the settings say so', async () => {
    const silent = await Server.start();
    try {
      const { client } = await newAccount(silent);
      const { page, watch, close } = await openPage(browser, silent, { client, allow: [/status of 503/] });
      await page.goto('/settings');
      const section = page.getByRole('region', { name: 'E-mail' });
      await section.getByLabel('E-mail address').fill('somebody@people.example');
      await section.getByRole('button', { name: 'Add address' }).click();
      await section.getByRole('alert').getByText(/mail/i).waitFor();
      assert.equal((await session(page)).email, 'none');
      watch.assertClean();
      await close();
    } finally {
      await silent.close();
    }
  });
});
