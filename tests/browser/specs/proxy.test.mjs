// deploy/nginx.conf as it is, but for ports, name and certificate: the service behind TLS.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { eventually, newHandle, password } from '../harness/api.mjs';
import { launch, openPage, phone } from '../harness/browser.mjs';
import { makeClip } from '../harness/clips.mjs';
import { plays } from '../harness/feed.mjs';
import { chooseBirthDate } from '../harness/people.mjs';
import { Server, temporaryFolder } from '../harness/server.mjs';

const shipped = fileURLToPath(new URL('../../../deploy/nginx.conf', import.meta.url));

const freePort = () =>
  new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });

/** The shipped file with this test's addresses; each change must find its place. */
function configuration(folder, { tlsPort, plainPort, serverPort }) {
  let text = readFileSync(shipped, 'utf8');
  const put = (pattern, value) => {
    assert.match(text, pattern, `deploy/nginx.conf has ${pattern}`);
    text = text.replaceAll(new RegExp(pattern, 'g'), value);
  };
  put(/listen \[::\]:\d+.*;/, '');
  put(/listen 80;/, `listen 127.0.0.1:${plainPort};`);
  put(/listen 443 ssl/, `listen 127.0.0.1:${tlsPort} ssl`);
  put(/127\.0\.0\.1:8080/, `127.0.0.1:${serverPort}`);
  put(/clips\.example\.org;/, 'localhost;');
  put(/ssl_certificate {5}\S+;/, `ssl_certificate ${folder}/cert.pem;`);
  put(/ssl_certificate_key \S+;/, `ssl_certificate_key ${folder}/key.pem;`);
  const own = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${folder}/${name};`);
  return `pid ${folder}/pid;\ndaemon off;\nerror_log ${folder}/start.log;\nevents {}\nhttp {\n${own.join('\n')}\n${text}\n}\n`;
}

async function startNginx(folder, ports) {
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost',
    '-keyout', join(folder, 'key.pem'), '-out', join(folder, 'cert.pem')], { stdio: 'ignore' });
  const file = join(folder, 'nginx.conf');
  writeFileSync(file, configuration(folder, ports));
  const nginx = spawn('/usr/sbin/nginx', ['-p', folder, '-c', file], { stdio: ['ignore', 'ignore', 'inherit'] });
  await eventually('nginx is there', async () => (await fetch(`http://127.0.0.1:${ports.plainPort}/`, { redirect: 'manual' })).status === 301);
  return nginx;
}

const filesBelow = (folder) =>
  readdirSync(folder, { recursive: true }).map((name) => join(folder, name)).filter((path) => statSync(path).isFile());

describe('behind nginx with TLS', () => {
  let server;
  let browser;
  let nginx;
  let folder;
  let site;

  before(async () => {
    folder = temporaryFolder('nginx');
    mkdirSync(join(folder, 'logs'));
    const [tlsPort, plainPort] = [await freePort(), await freePort()];
    site = { url: `https://localhost:${tlsPort}` };
    const config = join(folder, 'vitrine.toml');
    writeFileSync(config, `public_url = "${site.url}"\ntrusted_proxies = ["127.0.0.1"]\n`);
    server = await Server.start({ args: ['--config', config] });
    process.on('exit', () => nginx?.kill());
    nginx = await startNginx(folder, { tlsPort, plainPort, serverPort: server.port });
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    nginx?.kill();
    await server?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('sign-up, upload with progress, playing; cookies for TLS only; no address in any file of the proxy', async () => {
    const { page, context, watch, close } = await openPage(browser, site, { size: { ...phone, ignoreHTTPSErrors: true } });
    const answer = await page.goto('/sign-up');
    assert.match(answer.headers()['strict-transport-security'], /max-age=\d{6}/);
    await page.getByText('Use a password').click();
    await page.getByLabel('Handle').fill(newHandle('tls'));
    await page.getByLabel('Password', { exact: true }).fill(password);
    await chooseBirthDate(page);
    await page.getByRole('button', { name: 'Create account' }).click();
    await page.waitForURL(`${site.url}/`);
    const cookies = await context.cookies();
    const session = cookies.find(({ name }) => name === 'vitrine_session');
    assert.ok(session?.secure && session.httpOnly);

    await page.goto('/upload');
    await page.locator('input[type="file"]').setInputFiles(makeClip({ seconds: 3 }));
    await page.getByLabel('Caption').fill('Through a proxy');
    await page.getByRole('button', { name: 'Upload', exact: true }).click();
    await page.getByRole('link', { name: 'See it' }).click({ timeout: 120_000 });
    await page.waitForURL(/\/v\//);
    assert.ok(await plays(page));
    const shell = await (await context.request.get(page.url())).text();
    assert.ok(shell.includes(`content="${page.url()}"`), 'the shared link is the public address');
    watch.assertClean();
    await close();

    const telling = filesBelow(folder).filter((path) => !path.endsWith('.conf') && !path.endsWith('.toml') &&
      readFileSync(path, 'latin1').includes('127.0.0.1'));
    assert.deepEqual(telling, []);
  });
});
