// What a link shows to those who do not run scripts: other services' previews, and browsers before the app is there.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { Client } from '../harness/api.mjs';
import { Server } from '../harness/server.mjs';

const metaOf = (html) =>
  Object.fromEntries([...html.matchAll(/<meta (?:property|name)="([^"]+)" content="([^"]*)"/g)].map(([, name, content]) => [name, content]));

describe('links', () => {
  let server;
  let video;

  before(async () => {
    server = await Server.startWithDemo();
    [{ video }] = (await new Client(server).get('/feed?mode=fresh&limit=1')).items;
  });
  after(() => server?.close());

  test('a video page carries Open Graph tags', async () => {
    const response = await fetch(`${server.url}/v/${video.id}`);
    assert.equal(response.status, 200);
    const meta = metaOf(await response.text());
    assert.equal(meta['og:type'], 'video.other');
    assert.ok(meta['og:title']);
    assert.ok(meta['og:url'].endsWith(`/v/${video.id}`));
    assert.ok(meta['og:image'].startsWith('http'), 'addresses are absolute');
    assert.ok(meta['og:image'].endsWith(video.poster));
    assert.equal((await fetch(meta['og:image'])).status, 200);
    assert.ok(meta['og:video'].startsWith('http'));
    assert.equal(meta['og:video:type'], 'video/mp4');
    assert.equal((await fetch(meta['og:video'], { method: 'HEAD' })).status, 200);
  });

  test('a video that is not there answers 404, still with the app', async () => {
    const response = await fetch(`${server.url}/v/01aaaaaaaaaaaaaaaaaaaaaaaa`);
    assert.equal(response.status, 404);
    assert.match(await response.text(), /<div id="app">/);
  });

  test('every page has strict security headers', async () => {
    for (const path of ['/', '/sign-in', `/v/${video.id}`, '/nothing-here']) {
      const { headers } = await fetch(server.url + path);
      const policy = headers.get('content-security-policy');
      assert.match(policy, /default-src '(self|none)'/, path);
      assert.doesNotMatch(policy, /unsafe-eval/, path);
      assert.doesNotMatch(policy, /script-src[^;]*unsafe-inline/, path);
      assert.match(policy, /frame-ancestors 'none'/, path);
      assert.equal(headers.get('x-content-type-options'), 'nosniff', path);
      assert.ok(headers.get('referrer-policy'), path);
    }
  });
});
