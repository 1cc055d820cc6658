// Signing up and in, by password and by passkey.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { newAccount, newHandle, password } from '../harness/api.mjs';
import { launch, openPage } from '../harness/browser.mjs';
import { addAuthenticator, addPasskey, chooseBirthDate, fillSignUp, session, signOut, signUpByPassword } from '../harness/people.mjs';
import { Server } from '../harness/server.mjs';

const refused401 = /status of 401/;

describe('accounts', () => {
  let server;
  let browser;

  before(async () => {
    server = await Server.start();
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    await server?.close();
  });

  test('sign-up, sign-out and sign-in by password', async () => {
    const { page, watch, close } = await openPage(browser, server);
    const handle = newHandle();
    await signUpByPassword(page, handle);
    assert.equal((await session(page)).handle, handle);
    await page.reload();
    assert.equal((await session(page)).handle, handle, 'the session survives a reload');

    await signOut(page);
    await page.goto('/sign-in');
    await page.getByLabel('Handle').fill(handle);
    await page.getByLabel('Password', { exact: true }).fill(password);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.waitForURL('/');
    assert.equal((await session(page)).handle, handle);
    watch.assertClean();
    await close();
  });

  test('a wrong password is refused in words, and the session cookie is out of reach of scripts', async () => {
    const { handle } = await newAccount(server);
    const { page, watch, close } = await openPage(browser, server, { allow: [refused401] });
    await page.goto('/sign-in');
    await page.getByLabel('Handle').fill(handle);
    await page.getByLabel('Password', { exact: true }).fill('wrong horse battery');
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByRole('alert').getByText('do not match').waitFor();
    assert.equal(await session(page), null);
    assert.ok(!(await page.evaluate(() => document.cookie)).includes('vitrine_session'));
    watch.assertClean();
    await close();
  });

  test('a taken handle and a short password are told at their fields', async () => {
    const { handle } = await newAccount(server);
    const { page, watch, close } = await openPage(browser, server, { allow: [/status of 409/] });
    await fillSignUp(page, handle);
    await page.getByLabel('Password', { exact: true }).fill('short');
    await page.getByRole('button', { name: 'Create account' }).click();
    await page.getByText('At least 10 characters, please.').waitFor();
    await page.getByLabel('Password', { exact: true }).fill(password);
    await page.getByRole('button', { name: 'Create account' }).click();
    await page.waitForFunction(() => document.querySelector('input[name="handle"]').getAttribute('aria-invalid') === 'true');
    watch.assertClean();
    await close();
  });

  test('passkey sign-up and sign-in', async () => {
    const { page, watch, close } = await openPage(browser, server);
    const authenticator = await addAuthenticator(page);
    const handle = newHandle('key');
    await page.goto('/sign-up');
    await page.getByText('Use a passkey').click();
    await page.getByLabel('Handle').fill(handle);
    await chooseBirthDate(page);
    await page.getByRole('button', { name: 'Create account' }).click();
    await page.waitForURL('/');
    const account = await session(page);
    assert.equal(account.handle, handle);
    assert.equal(account.has_password, false);
    const [key] = await authenticator.keys();
    assert.equal(key.rpId, 'localhost');

    await signOut(page);
    await page.goto('/sign-in');
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await page.waitForURL('/');
    assert.equal((await session(page)).handle, handle);
    watch.assertClean();
    await close();
  });

  test('a passkey is added to a password account and opens it', async () => {
    const { page, watch, close } = await openPage(browser, server);
    const handle = newHandle();
    await signUpByPassword(page, handle);
    const authenticator = await addPasskey(page);
    assert.equal((await authenticator.keys()).length, 1);

    await signOut(page);
    await page.goto('/sign-in');
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await page.waitForURL('/');
    assert.equal((await session(page)).handle, handle);
    watch.assertClean();
    await close();
  });

  test('sign out everywhere ends the session of another browser', async () => {
    const { client } = await newAccount(server);
    const here = await openPage(browser, server, { client });
    await here.page.goto('/settings');
    await here.page.getByRole('button', { name: 'Sign out everywhere' }).click();
    await here.page.waitForFunction(async () => (await (await fetch('/api/v1/session')).json()).account === null);
    assert.equal((await client.get('/session')).account, null);
    here.watch.assertClean();
    await here.close();
  });
});
