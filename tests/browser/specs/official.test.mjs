// Official devices: whatever they ask for is declined with a page that explains, and nothing of it is kept.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';

import { Client, eventually, newAccount, password } from '../harness/api.mjs';
import { axe } from '../harness/axe.mjs';
import { desktop, launch, openPage, phone } from '../harness/browser.mjs';
import { MailServer } from '../harness/mail.mjs';
import { binary, freePort, Server } from '../harness/server.mjs';

const officialAddress = '192.0.2.77';
const signal = { 'x-managed-browser': 'Ministry' };
const pictures = process.env.VITRINE_PICTURES;

describe('official devices', () => {
  /** Stands in every request that is declined, and afterwards nowhere. */
  const marker = `mark${randomBytes(8).toString('hex')}`;
  let server;
  let browser;
  let mail;
  let adminPort;

  before(async () => {
    mail = await MailServer.start();
    adminPort = await freePort();
    server = await Server.start({
      settings: {
        trusted_proxies: ['127.0.0.1'], smtp: mail.address, mail_from: 'vitrine@example.org',
        official_mail_domains: ['ministry.example'], official_networks: ['192.0.2.0/24', '2001:db8::/32'],
        official_signals: ['X-Managed-Browser: ministry'],
      },
      args: ['--admin-listen', `127.0.0.1:${adminPort}`],
    });
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    await server?.close();
    await mail?.close();
  });

  const from = (address) => ({ 'x-forwarded-for': address });
  const ask = (path, { headers = {}, ...options } = {}) => fetch(server.api.replace('/api/v1', '') + path, { headers, ...options });

  /** Whether a file that the server wrote, or its own log, holds the marker. */
  function isKept() {
    const search = spawnSync(binary, ['audit', 'markers', server.data, '--marker', marker], { encoding: 'utf8' });
    return search.status !== 0 || readFileSync(server.logPath, 'utf8').includes(marker);
  }

  test('every path answers 403, by network and by signal; others are served', async () => {
    const paths = ['/', '/settings', '/nowhere', '/healthz', '/api/v1/session', '/api/v1/feed', '/api/v1/glass/official', '/manifest.webmanifest', '/media/x'];
    for (const path of paths) {
      for (const headers of [from(officialAddress), from('::ffff:192.0.2.9'), from('2001:db8:1::9'), signal, from(`198.51.100.1, ${officialAddress}`)]) {
        const answer = await ask(path, { headers });
        assert.equal(answer.status, 403, `${path} ${JSON.stringify(headers)}`);
        assert.equal(answer.headers.get('set-cookie'), null);
        assert.equal(answer.headers.get('cache-control'), 'no-store');
        assert.equal((await answer.json()).type, '/problems/official-device');
      }
    }
    for (const headers of [{}, from('198.51.100.1'), from(`${officialAddress}, 198.51.100.1`), { 'x-managed-browser': 'school' }])
      assert.equal((await ask('/api/v1/session', { headers })).status, 200, JSON.stringify(headers));
  });

  test('nothing of a declined request is kept: no account, event, upload, comment, count', async () => {
    const handle = marker.slice(0, 20);
    const known = await newAccount(server, 'ada');
    const sent = [
      ['/api/v1/accounts', { handle, password, display_name: marker, birth_date: '1990-01-01' }],
      ['/api/v1/session', { handle: marker, password }],
      ['/api/v1/events', { events: [{ id: marker, video: marker, shown_at: Date.now() }] }],
      ['/api/v1/collections', { name: marker }],
      ['/uploads', { caption: marker }],
      ['/api/v1/reports', { text: marker }],
    ];
    for (const [path, body] of sent) {
      for (const headers of [from(officialAddress), signal]) {
        const all = { ...headers, 'content-type': 'application/json', authorization: `Bearer ${known.client.token}`, cookie: `vitrine_viewer=${marker}aa`, 'user-agent': marker, referer: `https://${marker}.example/`, 'idempotency-key': marker };
        const answer = await ask(`${path}?q=${marker}`, { method: 'POST', headers: all, body: JSON.stringify(body) });
        assert.equal(answer.status, 403, path);
      }
    }
    await new Client(server).expect(404, 'GET', `/profiles/${handle}`);
    assert.equal((await known.client.get('/collections')).items.length, 0);
    const metrics = await (await fetch(`http://127.0.0.1:${adminPort}/metrics`)).text();
    assert.ok(!metrics.includes(marker) && !metrics.includes(officialAddress));
    assert.match(metrics, /vitrine_http_requests_total\{method="POST",route="\/api\/v1\/collections",status="4xx"\} 0/);
    // What is written a moment later would be found as well.
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    assert.ok(!isKept(), 'the marker is in a file');
    // The search finds what is kept: the same from elsewhere does leave the marker.
    await known.client.expect(201, 'POST', '/collections', { name: marker });
    await eventually('the marker is found', () => isKept());
  });

  test('an address of an official mail domain is declined, and neither sealed nor sent to', async () => {
    const { client } = await newAccount(server, 'bob');
    const mark = `mark${randomBytes(8).toString('hex')}`;
    for (const domain of ['ministry.example', 'MAIL.Ministry.Example', 'a.b.ministry.example.', 'ministry\uff0eexample']) {
      const refused = await client.expect(403, 'PUT', '/account/email', { email: `${mark}@${domain}` });
      assert.match(refused.detail, /official mail domains/);
    }
    assert.equal((await client.get('/session')).account.email, 'none');
    assert.ok(!(await client.get('/my/data')).sealed.some((one) => one.class.endsWith('contact')));
    assert.equal(mail.mails.length, 0);
    const search = spawnSync(binary, ['audit', 'markers', server.data, '--marker', mark], { encoding: 'utf8' });
    assert.equal(search.status, 0, search.stdout);
  });

  test('people get a page that explains, in both themes', async () => {
    for (const [size, name] of [[phone, 'phone'], [desktop, 'desktop']]) {
      const opened = await openPage(browser, server, { size: { ...size, extraHTTPHeaders: signal }, allow: [/403/] });
      const answer = await opened.page.goto('/v/anything');
      assert.equal(answer.status(), 403);
      await opened.page.getByRole('heading', { name: 'This service declines official devices' }).waitFor();
      await opened.page.getByRole('heading', { name: 'Who decided this' }).waitFor();
      for (const colorScheme of ['light', 'dark']) {
        await opened.page.emulateMedia({ colorScheme });
        if (pictures) {
          mkdirSync(pictures, { recursive: true });
          await opened.page.screenshot({ path: `${pictures}/official-${name}-${colorScheme}.png`, fullPage: true });
        }
        // axe itself is a script, which the page's policy does not let in: it is read out of the document instead.
        const copy = await browser.newPage({ ...size, colorScheme, bypassCSP: true });
        await copy.setContent(await opened.page.content());
        assert.deepEqual(await axe(copy), []);
        await copy.close();
      }
      assert.deepEqual(await opened.context.cookies(), []);
      assert.ok(await opened.page.evaluate(() => getComputedStyle(document.querySelector('main')).borderRadius !== '0px'), 'its style applies');
      opened.watch.assertClean();
      await opened.close();
    }
  });

  test('the list is public, and part of the Glass page', async () => {
    const list = await new Client(server).get('/glass/official');
    assert.deepEqual(list, {
      mail_domains: ['ministry.example'], networks: ['192.0.2.0/24', '2001:db8::/32'], signals: [{ name: 'X-Managed-Browser', value: 'ministry' }],
    });
    const { page, watch, close } = await openPage(browser, server, { size: phone });
    await page.goto('/glass');
    const section = page.getByRole('region', { name: 'Official devices' });
    await section.getByText('192.0.2.0/24').waitFor();
    await section.getByText('X-Managed-Browser: ministry').waitFor();
    if (pictures) await section.screenshot({ path: `${pictures}/official-glass-phone.png` });
    assert.deepEqual(await axe(page), []);
    watch.assertClean();
    await close();
  });
});
