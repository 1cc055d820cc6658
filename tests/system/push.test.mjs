// Push messages as a push service gets them: over TLS, read by a second implementation of the encryption; which
// endpoints are refused, and that nothing connects to addresses that are not public; what a killed server still sends.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { hostname } from 'node:os';
import { after, before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import { Client, eventually, newAccount, password } from '../browser/harness/api.mjs';
import { claimsOf, PushService } from '../browser/harness/push.mjs';
import { binary, Server } from '../browser/harness/server.mjs';

const contact = 'mailto:operator@example.org';
const subscriptions = '/account/push-subscriptions';
const subscriptionsMax = 10;
const retryMsMin = 30_000; // as the server has it
const quietMs = 3_000; // long enough for a message that should not come

describe('push', () => {
  let service;
  /** At a port that subscriptions may name, but not at an address that may be reached. */
  let canary;
  let server;

  before(async () => {
    [service, canary] = [await PushService.start(), await PushService.start()];
    server = await Server.start({
      settings: { push_allow: [service.address, `192.0.2.7:${canary.port}`], push_ca: service.certificate, security_contact: contact },
    });
  });
  after(async () => {
    await server?.close();
    await service?.close();
    await canary?.close();
  });

  const subscribe = (person, browser) => person.client.expect(201, 'POST', subscriptions, browser);
  const listed = async (person) => (await person.client.get(subscriptions)).items;

  /** Somebody with a browser that is told. */
  async function told(stem) {
    const person = await newAccount(server, stem);
    const browser = service.browser();
    const { id } = await subscribe(person, browser);
    return { ...person, browser, subscription: id };
  }

  async function follow(creator, stem = 'fan') {
    const fan = await newAccount(server, stem);
    await fan.client.expect(200, 'PUT', `/profiles/${creator.handle}/follow`);
    return fan;
  }

  /** What was told is read, so that the next is told for itself. */
  async function readAll({ client }) {
    const { items } = await client.get('/notifications');
    await client.expect(200, 'POST', '/notifications/read', { until: items[0].id });
  }

  test('a message arrives, readable by its browser alone, and says who sent it', async () => {
    const ada = await told('ada');
    const fan = await follow(ada);
    const { method, headers, says } = await service.next(ada.browser);
    const [notification] = (await ada.client.get('/notifications')).items;
    assert.equal(method, 'POST');
    assert.deepEqual(says, { title: `\u2068${fan.handle}\u2069 follows you`, body: '', tag: notification.id, url: `/@${fan.handle}` });
    assert.equal(headers['content-encoding'], 'aes128gcm');
    assert.equal(headers.ttl, '86400');
    assert.match(headers.topic, /^[\w-]{32}$/);
    const claims = claimsOf(headers.authorization);
    assert.equal(claims.key, (await ada.client.get(subscriptions)).public_key);
    assert.equal(claims.aud, service.origin);
    assert.equal(claims.sub, contact);
    await pause(quietMs);
    assert.equal(service.to(ada.browser).length, 1, 'once');
  });

  test('others get other bytes of the same length, under another topic', async () => {
    const ada = await told('ada');
    const second = service.browser();
    await subscribe(ada, second);
    await follow(ada);
    const [one, other] = [await service.next(ada.browser), await service.next(second)];
    assert.deepEqual(one.says, other.says);
    assert.notDeepEqual(one.body.subarray(0, 86), other.body.subarray(0, 86));
    assert.equal(one.body.length, other.body.length);
    assert.notEqual(one.headers.topic, other.headers.topic);
  });

  test('kinds that are not wanted there stay behind the bell', async () => {
    const ada = await told('ada');
    const settings = await ada.client.get('/account/notification-settings');
    assert.deepEqual([settings.push.follow, settings.push.like, settings.push.comment_like], [true, false, false]);
    await ada.client.expect(200, 'PUT', '/account/notification-settings', { ...settings, push: { ...settings.push, follow: false } });
    await follow(ada);
    await eventually('it is behind the bell', async () => (await ada.client.get('/notifications')).unread === 1);
    await pause(quietMs);
    assert.deepEqual(service.to(ada.browser), []);
  });

  describe('endpoints', () => {
    const forged = {
      'nothing': '',
      'plain http': 'http://push.example/x',
      'another scheme': 'ftp://push.example/x',
      'a file': 'file:///etc/passwd',
      'a script': 'javascript:alert(1)',
      'no scheme': '//push.example/x',
      'a user': 'https://ada@push.example/x',
      'a user and a password': 'https://ada:secret@push.example/x',
      'a user who looks like the host': 'https://push.example@127.0.0.1/x',
      'an IPv4 address': 'https://127.0.0.1/x',
      'an IPv4 address that is public': 'https://1.1.1.1/x',
      'an IPv4 address as one number': 'https://2130706433/x',
      'an IPv4 address in hexadecimal': 'https://0x7f000001/x',
      'an IPv4 address cut short': 'https://127.1/x',
      'the clouds’ own address': 'https://169.254.169.254/latest/meta-data/',
      'an IPv6 address': 'https://[::1]/x',
      'IPv4 in IPv6': 'https://[::ffff:127.0.0.1]/x',
      'another port': 'https://push.example:8443/x',
      'port 0': 'https://push.example:0/x',
      'a port past the last': 'https://push.example:65979/x',
      'no host': 'https:///x',
      'no path': 'https://push.example',
      'an empty label': 'https://push..example/x',
      'a dot at the end': 'https://push.example./x',
      'letters of other scripts': 'https://bücher.example/x',
      'a full stop of another script': 'https://push。example/x',
      'a percent sign in the host': 'https://push%2eexample/x',
      'a backslash': 'https://push.example\\@127.0.0.1/x',
      'a line break': 'https://push.example/x\r\nx-injected: 1',
      'a NUL': 'https://push.example/x\0',
      'a fragment': 'https://push.example/x#y',
      'too much': `https://push.example/${'x'.repeat(2048)}`,
    };

    test('that are forged are refused, and the answer says what is wrong', async () => {
      const { client } = await newAccount(server, 'mallory');
      for (const [what, endpoint] of Object.entries(forged)) {
        const { status, body } = await client.call('POST', subscriptions, { ...service.browser().toJSON(), endpoint });
        assert.equal(status, 400, `${what}: ${JSON.stringify(body)}`);
        assert.equal(body.type, '/problems/invalid-argument', what);
        assert.match(body.detail, /^"endpoint" must be the https address of a push service: ./, what);
      }
      assert.deepEqual((await client.get(subscriptions)).items, []);
    });

    test('need keys of the right kind', async () => {
      const { client } = await newAccount(server, 'mallory');
      const good = service.browser().toJSON();
      const wrong = [undefined, null, [], {}, { ...good.keys, p256dh: 'x' }, { ...good.keys, auth: good.keys.p256dh }, { ...good.keys, p256dh: Buffer.alloc(65, 4).toString('base64url') }];
      for (const keys of wrong) await client.expect(400, 'POST', subscriptions, { ...good, keys });
      await new Client(server).expect(401, 'POST', subscriptions, good);
    });

    test('whose name stands for an address that is not public are not connected to, and go', async () => {
      const ada = await told('ada');
      const hidden = [`https://localhost:${canary.port}/x`, 'https://localhost/x', `https://${hostname().toLowerCase()}:${canary.port}/x`];
      for (const endpoint of hidden) await subscribe(ada, { ...service.browser().toJSON(), endpoint });
      await follow(ada);
      await service.next(ada.browser);
      await eventually('only the good one is left', async () => (await listed(ada)).length === 1);
      assert.equal((await listed(ada))[0].id, ada.subscription);
      assert.equal(canary.connections, 0);
    });

    test('that lead on to others are not followed', async () => {
      const ada = await told('ada');
      service.answer(ada.browser, 307, { location: `https://localhost:${canary.port}/x` });
      await follow(ada);
      await service.next(ada.browser);
      await pause(quietMs);
      assert.equal(canary.connections, 0);
      assert.equal(service.to(ada.browser).length, 1, 'a refusal is a refusal');
    });

    test('are few for each account, and each is one however often it comes', async () => {
      const { client } = await newAccount(server, 'ada');
      const browsers = Array.from({ length: subscriptionsMax }, () => service.browser());
      for (const browser of browsers) await client.expect(201, 'POST', subscriptions, browser);
      await client.expect(201, 'POST', subscriptions, browsers[4]);
      assert.equal((await client.get(subscriptions)).items.length, subscriptionsMax);
      const refusal = await client.expect(409, 'POST', subscriptions, service.browser());
      assert.match(refusal.detail, /remove one first/);
      const [{ id }] = (await client.get(subscriptions)).items;
      await client.expect(204, 'DELETE', `${subscriptions}/${id}`);
      await client.expect(404, 'DELETE', `${subscriptions}/${id}`);
      await client.expect(201, 'POST', subscriptions, service.browser());
    });
  });

  test('a browser that is gone is forgotten', async () => {
    for (const status of [404, 410]) {
      const ada = await told('ada');
      service.answer(ada.browser, status);
      await follow(ada);
      await eventually(`forgotten after ${status}`, async () => (await listed(ada)).length === 0);
      assert.equal(service.to(ada.browser).length, 1);
    }
  });

  test('a push service that has enough is left alone for a while, then tried again', async () => {
    const [busy, broken] = [await told('ada'), await told('ada')];
    service.answer(busy.browser, 429, { 'retry-after': '31' });
    service.answer(broken.browser, 503);
    await Promise.all([follow(busy), follow(broken)]);
    const first = await Promise.all([service.next(busy.browser), service.next(broken.browser)]);
    const since = Date.now();
    for (const { browser } of [busy, broken]) service.answer(browser, 201);
    const again = await Promise.all([busy, broken].map(({ browser }) => service.next(browser, 1, 2 * retryMsMin)));
    assert.ok(Date.now() - since >= retryMsMin - 1_000, 'not before its time');
    again.forEach(({ says, headers }, i) => {
      assert.deepEqual(says, first[i].says);
      assert.equal(headers.topic, first[i].headers.topic, 'so that the push service keeps one of the two');
    });
  });

  test('signing out ends it, and what is kept is shown, exported and not readable in any file', async () => {
    const ada = await told('ada');
    const elsewhere = new Client(server, (await new Client(server).expect(200, 'POST', '/session', { handle: ada.handle, password })).token);
    const second = service.browser();
    await elsewhere.expect(201, 'POST', subscriptions, second);
    assert.deepEqual((await elsewhere.get(subscriptions)).items.map((one) => [one.push_service, one.current]), [['localhost', true], ['localhost', false]]);
    assert.equal((await ada.client.get('/my/data')).plain.devices, 2);
    const archive = Buffer.from(await (await fetch(`${server.api}/my/export`, { headers: { authorization: `Bearer ${ada.client.token}` } })).arrayBuffer());
    assert.ok(archive.includes('devices.json') && archive.includes(second.endpoint));
    const markers = [second.endpoint.split('/').pop(), second.toJSON().keys.auth, second.toJSON().keys.p256dh];
    const search = spawnSync(binary, ['audit', 'markers', server.data, ...markers.flatMap((marker) => ['--marker', marker])], { encoding: 'utf8' });
    assert.equal(search.status, 0, search.stdout);
    await elsewhere.expect(204, 'DELETE', '/session');
    assert.deepEqual((await listed(ada)).map((one) => one.current), [true]);
    await follow(ada);
    await service.next(ada.browser);
    assert.deepEqual(service.to(second), []);
  });

  test('kill -9 loses nothing and sends nothing without need', async () => {
    const ada = await told('ada');
    service.answer(ada.browser, 'nothing');
    await follow(ada);
    await service.next(ada.browser);
    await server.kill();
    service.answer(ada.browser, 201);
    await server.restart();
    const { says } = await service.next(ada.browser, 1);
    assert.equal(says.tag, service.to(ada.browser).map(({ body }) => ada.browser.decrypt(body).tag)[0], 'the browser shows one');
    await pause(quietMs);
    await server.kill();
    await server.restart();
    await readAll(ada);
    await follow(ada);
    await service.next(ada.browser, 2);
    await pause(quietMs);
    assert.equal(service.to(ada.browser).length, 3, 'what was taken is not sent again');
  });
});
