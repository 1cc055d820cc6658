// Who is who: asked in the settings, decided at the desk, seen beside a name; a domain proven by what stands on it.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { eventually, newAccount } from '../harness/api.mjs';
import { axe } from '../harness/axe.mjs';
import { desktop, launch, openPage, phone } from '../harness/browser.mjs';
import { nextFirstFrame } from '../harness/feed.mjs';
import { binary, Server } from '../harness/server.mjs';
import { publish } from '../harness/uploads.mjs';

const domain = 'garden.example';
const tooManyBytes = 70 << 10;

/** The domain's own server, with a certificate of its own; `pages` is what stands there. */
class Site {
  static async start() {
    const site = new Site();
    site.folder = mkdtempSync(join(tmpdir(), 'vitrine-site-'));
    const [key, cert] = ['key.pem', 'cert.pem'].map((name) => join(site.folder, name));
    execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2',
      '-subj', `/CN=${domain}`, '-addext', `subjectAltName=DNS:${domain}`, '-keyout', key, '-out', cert], { stdio: 'ignore' });
    Object.assign(site, { authorities: cert, pages: {}, asked: [] });
    site.server = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (request, response) => {
      site.asked.push(request.url);
      const page = site.pages[request.url];
      if (page?.to) response.writeHead(302, { location: page.to }).end();
      else response.writeHead(page === undefined ? 404 : 200, { 'content-type': 'text/html' }).end(page ?? '');
    });
    await new Promise((resolve) => site.server.listen(0, '127.0.0.1', resolve));
    site.gateway = `127.0.0.1:${site.server.address().port}`;
    return site;
  }

  close() {
    this.server.close();
    rmSync(this.folder, { recursive: true });
  }
}

describe('verification', () => {
  let site;
  let server;
  let browser;
  let ada;
  let moderator;
  let video;

  before(async () => {
    site = await Site.start();
    server = await Server.start({ settings: { outside_gateway: site.gateway, outside_authorities: site.authorities } });
    browser = await launch();
    ada = await newAccount(server, 'garden');
    await ada.client.expect(200, 'PATCH', '/account', { display_name: 'The Walled Garden', bio: 'Vegetables, and how.' });
    moderator = await newAccount(server, 'verifier');
    execFileSync(binary, ['user', 'role', moderator.handle, 'moderator', '--data', server.data]);
    video = await publish(ada.client, { caption: 'Beans in May' });
    await ada.client.expect(201, 'POST', `/videos/${video.id}/comments`, { text: 'Sown under glass.' });
  });
  after(async () => {
    await browser?.close();
    await server?.close();
    site?.close();
  });

  const ask = (client, name = 'The Walled Garden') =>
    client.expect(201, 'POST', '/account/verification', { kind: 'organisation', name, links: [`https://${domain}/about`], text: '' });
  const decide = async (who, outcome = 'granted') => {
    const { items } = await moderator.client.get('/moderation/verifications');
    const asked = items.find(({ person }) => person.handle === who.handle);
    const { display_name } = asked.person;
    await moderator.client.expect(204, 'POST', `/moderation/verifications/${asked.id}/decision`, { outcome, display_name, reason: 'Seen.' });
  };
  const badge = (page) => page.getByRole('img', { name: /^Verified organisation since / }).first();
  const shoot = async (page, name) => {
    if (!process.env.VITRINE_SHOTS) return;
    const { width } = page.viewportSize();
    const height = await page.evaluate(() => document.querySelector('main').scrollHeight);
    await page.setViewportSize({ width, height: Math.max(height, 600) });
    await page.waitForTimeout(300);
    await page.screenshot({ path: `${process.env.VITRINE_SHOTS}/${name}-${width}.png` });
  };

  test('asked in the settings', async () => {
    const { page, watch, close } = await openPage(browser, server, { size: phone, client: ada.client, allow: [/status of 400/] });
    await page.goto('/settings');
    await page.getByRole('button', { name: 'Ask to be verified' }).click();
    await page.getByText('An organisation').click();
    await page.getByLabel('Name the public knows you by').fill('The Walled Garden');
    await page.getByLabel('Where that can be seen').fill('http://garden.example');
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await page.getByRole('alert').filter({ hasText: 'https://' }).waitFor();
    await page.getByLabel('Where that can be seen').fill(`https://${domain}/about\nhttps://example.org/gardens`);
    await page.getByLabel('Anything else that helps').fill('<img src=x onerror=alert(1)> We have been there since 1911.');
    assert.deepEqual(await axe(page), []);
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await page.getByText(/^You asked on /).waitFor();
    watch.assertClean();
    await close();
  });

  test('decided at the desk, for moderators alone', async () => {
    const outsider = await openPage(browser, server, { client: ada.client, allow: [/status of 403/] });
    await outsider.page.goto('/moderation/verification');
    await outsider.page.getByText('For moderators and overseers').waitFor();
    outsider.watch.assertClean();
    await outsider.close();

    for (const size of [phone, desktop]) {
      for (const scheme of ['light', 'dark']) {
        const { page, watch, close } = await openPage(browser, server, { size, scheme, client: moderator.client });
        await page.goto('/moderation/verification');
        await page.getByRole('article', { name: 'The Walled Garden' }).waitFor();
        assert.deepEqual(await axe(page), [], scheme);
        await shoot(page, `desk-${scheme}`);
        watch.assertClean();
        await close();
      }
    }

    const { page, watch, close } = await openPage(browser, server, { size: desktop, client: moderator.client });
    await page.goto('/moderation/verification');
    const asked = page.getByRole('article', { name: 'The Walled Garden' });
    await asked.getByText('<img src=x onerror=alert(1)> We have been there since 1911.').waitFor();
    await asked.getByRole('button', { name: 'Verify' }).click();
    await asked.getByText('A reason is needed.').waitFor();
    await asked.getByLabel('Reason, told to them').fill('The imprint of garden.example names this account.');
    await asked.getByRole('button', { name: 'Verify' }).click();
    await page.getByText('The Walled Garden is verified.').waitFor();
    await page.getByText('Nobody waits.').waitFor();
    await page.getByRole('button', { name: 'Take the badge of The Walled Garden' }).waitFor();
    watch.assertClean();
    await close();
  });

  test('they are told, with the reason', async () => {
    const { page, watch, close } = await openPage(browser, server, { size: phone, client: ada.client });
    await page.goto('/notifications');
    await page.getByText('Something has changed about your verification').click();
    await page.waitForURL(/\/settings/);
    await page.getByText('The imprint of garden.example names this account.').waitFor();
    await page.getByRole('switch', { name: 'Guard my data more strictly' }).waitFor();
    assert.deepEqual(await axe(page), []);
    watch.assertClean();
    await close();
  });

  test('the badge on profile, clip, comment and in the search', async () => {
    await eventually('the search knows them', async () => (await moderator.client.get('/search?q=walled')).accounts.length > 0);
    const { page, watch, close } = await openPage(browser, server, { size: desktop });
    await page.goto(`/@${ada.handle}`);
    await badge(page).waitFor();
    await shoot(page, 'badge-profile');
    await page.goto('/search?q=walled');
    await badge(page).waitFor();
    await page.goto(`/v/${video.id}`);
    await nextFirstFrame(page, 0);
    await badge(page).waitFor();
    await page.getByRole('button', { name: /comment/i }).first().click();
    await page.getByText('Sown under glass.').waitFor();
    await page.getByRole('article').filter({ hasText: 'Sown under glass.' }).getByRole('img', { name: /^Verified organisation/ }).waitFor();
    assert.deepEqual(await axe(page), []);
    watch.assertClean();
    await close();
  });

  test('under another name it rests, until that was looked at', async () => {
    await ada.client.expect(200, 'PATCH', '/account', { display_name: 'The Government' });
    assert.equal((await ada.client.get(`/profiles/${ada.handle}`)).verified, null);
    const { page, watch, close } = await openPage(browser, server, { size: desktop, client: moderator.client });
    await page.goto('/moderation/verification');
    await page.getByText('was verified as “The Walled Garden”, now goes by “The Government”').waitFor();
    watch.assertClean();
    await close();
    await ada.client.expect(200, 'PATCH', '/account', { display_name: 'The Walled Garden' });
    assert.equal((await ada.client.get(`/profiles/${ada.handle}`)).verified.kind, 'organisation');
    assert.deepEqual((await moderator.client.get('/moderation/verifications')).items, []);
  });

  test('somebody who looks like them is brought to moderators', async () => {
    const twin = await newAccount(server, 'somebody');
    await twin.client.expect(200, 'PATCH', '/account', { display_name: 'The Wаlled Gаrden' }); // Cyrillic а
    await eventually('they are in the queue', async () => {
      const { items } = await moderator.client.get('/moderation/queue');
      return items.find(({ concerned }) => concerned?.handle === twin.handle)?.newest[0].text.includes(`@${ada.handle}`);
    });
  });

  test('a report of impersonation names who is impersonated, and comes first', async () => {
    const twin = await newAccount(server, 'pretender');
    const [reporter, bystander] = [await newAccount(server, 'reporter'), await newAccount(server, 'bystander')];
    const report = { kind: 'account', reason: 'impersonation', text: 'Not them.' };
    await reporter.client.expect(400, 'POST', '/reports', { ...report, id: twin.account.id, reason: 'spam', impersonates: ada.handle });
    const reporting = await openPage(browser, server, { size: phone, client: reporter.client });
    await reporting.page.goto(`/@${twin.handle}`);
    await reporting.page.getByRole('button', { name: `More about @${twin.handle}` }).click();
    await reporting.page.getByRole('button', { name: `Report @${twin.handle}` }).click();
    await reporting.page.getByRole('button', { name: 'Pretends to be somebody else' }).click();
    await reporting.page.getByLabel('Whom do they pretend to be?').fill(` @${ada.handle.toUpperCase()} `);
    assert.deepEqual(await axe(reporting.page), []);
    await reporting.page.getByRole('button', { name: 'Send the report' }).click();
    await reporting.page.getByText('Thank you. It is reported.').waitFor();
    reporting.watch.assertClean();
    await reporting.close();
    await reporter.client.expect(201, 'POST', '/reports', { ...report, id: bystander.account.id, impersonates: twin.handle });
    const { items } = await moderator.client.get('/moderation/queue');
    assert.equal(items[0].concerned.handle, twin.handle);
    assert.equal(items[0].newest[0].impersonates.handle, ada.handle);
    assert.ok(items[0].severity > items.find(({ concerned }) => concerned.handle === bystander.handle).severity);

    const { page, watch, close } = await openPage(browser, server, { size: desktop, client: moderator.client });
    await page.goto('/moderation');
    await page.getByText(`@${twin.handle}`).first().click();
    await page.getByRole('link', { name: `Taken to be @${ada.handle}` }).waitFor();
    watch.assertClean();
    await close();
  });

  test('a domain is proven by a file or a link, over its own certificate and nowhere else', async () => {
    const owner = await newAccount(server, 'owner');
    const path = '/account/verification/domain';
    await owner.client.expect(200, 'PUT', path, { domain });
    const refused = async (pages, problem) => {
      const fresh = await newAccount(server, 'fresh');
      await fresh.client.expect(200, 'PUT', path, { domain });
      site.pages = pages(await fresh.client.get('/account/verification'));
      const { domain: link } = await fresh.client.expect(200, 'POST', `${path}/check`, {});
      assert.equal(link.state, 'waiting');
      assert.match(link.problem, problem);
    };
    const file = '/.well-known/vitrine-verification.txt';
    await refused(() => ({}), /neither the file/);
    await refused(({ domain: link }) => ({ [file]: { to: `https://elsewhere.example/${link.token}` } }), /redirects to another host/);
    await refused(() => ({ [file]: { to: 'http://garden.example/' } }), /redirects to another host/);
    await refused(() => ({ [file]: { to: file } }), /over and over/);
    await refused(({ domain: link }) => ({ [file]: `${'x'.repeat(tooManyBytes)}\n${link.token}` }), /over 64 KiB/);
    const stranger = await newAccount(server, 'stranger');
    await stranger.client.expect(200, 'PUT', path, { domain: 'other.example' });
    site.pages = {};
    const { domain: other } = await stranger.client.expect(200, 'POST', `${path}/check`, {});
    assert.match(other.problem, /could not be read/, 'the certificate is not of that domain');

    const { page, watch, close } = await openPage(browser, server, { size: desktop, client: owner.client });
    await page.goto('/settings');
    const token = await page.locator('code').first().textContent();
    site.pages = { [file]: { to: '/proof.txt' }, '/proof.txt': `# ours\n${token}\n` };
    await shoot(page, 'settings-domain');
    assert.deepEqual(await axe(page), []);
    await page.getByRole('button', { name: 'Look now' }).click();
    await page.getByText('proven', { exact: true }).waitFor();
    await page.goto(`/@${owner.handle}`);
    await page.getByRole('img', { name: /^Runs garden\.example/ }).waitFor();
    watch.assertClean();
    await close();

    const linked = await newAccount(server, 'linked');
    await linked.client.expect(200, 'PUT', path, { domain });
    const { domain: link } = await linked.client.get('/account/verification');
    site.pages = { '/': `<!doctype html><p><a rel="me" href="${link.profile}">our clips</a>` };
    assert.equal((await linked.client.expect(200, 'POST', `${path}/check`, {})).domain.state, 'proven');
  });

  test('taken with a reason', async () => {
    const { page, watch, close } = await openPage(browser, server, { size: desktop, client: moderator.client });
    await page.goto('/moderation/verification');
    await page.getByRole('button', { name: 'Take the badge of The Walled Garden' }).click();
    await page.getByRole('dialog').getByLabel('Reason, told to them').fill('The garden has closed.');
    await page.getByRole('dialog').getByRole('button', { name: 'Take the badge' }).click();
    await page.getByText('Badge taken.').waitFor();
    assert.equal((await ada.client.get(`/profiles/${ada.handle}`)).verified, null);
    assert.equal((await ada.client.get('/account/verification')).request.reason, 'The garden has closed.');
    watch.assertClean();
    await close();
  });

  test('settings and desk on any size, light or dark', async () => {
    const [asker, other] = [await newAccount(server, 'asker'), await newAccount(server, 'other')];
    await ask(asker.client, 'The Asker');
    await ask(other.client, 'The Other');
    await decide(other);
    for (const size of [phone, desktop]) {
      for (const scheme of ['light', 'dark']) {
        for (const [who, name] of [[asker, 'settings-open'], [other, 'settings-verified']]) {
          const { page, watch, close } = await openPage(browser, server, { size, scheme, client: who.client });
          await page.goto('/settings');
          await page.getByRole('switch', { name: 'Guard my data more strictly' }).waitFor();
          assert.deepEqual(await axe(page), [], `${name}, ${scheme}`);
          await page.locator('#verification').scrollIntoViewIfNeeded();
          if (process.env.VITRINE_SHOTS) {
            await page.locator('#verification').screenshot({ path: `${process.env.VITRINE_SHOTS}/${name}-${scheme}-${size.viewport.width}.png` });
          }
          watch.assertClean();
          await close();
        }
      }
    }
  });
});
