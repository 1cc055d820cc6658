// Somebody turns 18: the server's clock passes the day, and their next visit makes them an adult (docs/families.md).
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { Client, eventually, newAccount, newHandle, password } from '../browser/harness/api.mjs';
import { Server } from '../browser/harness/server.mjs';
import { publish } from '../browser/harness/uploads.mjs';
import { daysAhead, noMovedClock } from './moved_clock.mjs';

const dayMs = 86_400_000;
/** Born 18 years ago but for a day; who was born on 29 February has their birthday on 1 March. */
function eighteenTomorrow() {
  const day = new Date(Date.now() + dayMs);
  return new Date(Date.UTC(day.getUTCFullYear() - 18, day.getUTCMonth(), day.getUTCDate())).toISOString().slice(0, 10);
}

describe('coming of age', { skip: noMovedClock }, () => {
  const birthDate = eighteenTomorrow();
  let server;
  let guardian;
  let ward;
  let stranger;
  let early;

  before(async () => {
    server = await Server.start();
    [guardian, stranger] = [await newAccount(server, 'mum'), await newAccount(server, 'stranger')];
    const handle = newHandle('kim');
    const made = await new Client(server).expect(201, 'POST', '/accounts', { handle, password, birth_date: birthDate });
    ward = { handle, account: made.account, client: new Client(server, made.token) };
    const { code } = await guardian.client.expect(201, 'POST', '/family/codes');
    const { id } = await ward.client.expect(201, 'POST', '/family/pairings', { code });
    for (const { client } of [ward, guardian]) await client.expect(200, 'PUT', `/family/pairings/${id}/confirmation`);
    const { controls } = await guardian.client.get(`/family/wards/${ward.account.id}`);
    await guardian.client.expect(200, 'PUT', `/family/wards/${ward.account.id}/controls`, { ...controls, search: false, comments: 'nobody' });
    early = await publish(ward.client, { caption: 'Seventeen' });
  });
  after(() => server?.close());

  const accountOf = async ({ client }) => (await client.get('/session')).account;
  const limitsOf = ({ limits: { daily_minutes, quiet, bound, guarded, may_show_sensitive } }) =>
    ({ daily_minutes, quiet, bound, guarded, may_show_sensitive });
  const pairingsOf = async ({ client }) => (await client.get('/family')).pairings;

  async function restart(environment) {
    await server.stop();
    server.environment = environment;
    await server.restart();
  }

  async function assertIsMinor() {
    const account = await accountOf(ward);
    assert.deepEqual([account.age_band, account.family.role], ['minor', 'ward']);
    assert.deepEqual(account.defaults, { audience: 'followers', comment_permission: 'followers', duet_permission: 'nobody' });
    assert.deepEqual(limitsOf(account), {
      daily_minutes: 60, quiet: { from: '22:00', to: '06:00' }, bound: account.limits.bound, guarded: true, may_show_sensitive: false,
    });
    await ward.client.expect(403, 'GET', '/search?q=low');
    assert.equal((await pairingsOf(guardian)).length, 1);
  }

  test('the day before, all that holds for young people holds', async () => {
    await assertIsMinor();
    assert.equal((await ward.client.get(`/videos/${early.id}`)).audience, 'followers');
    await stranger.client.expect(404, 'GET', `/videos/${early.id}`);
  });

  test('a server that starts anew makes nobody older', async () => {
    await restart({});
    await assertIsMinor();
  });

  test('once the day has come, nothing changes until they visit', async () => {
    await restart(daysAhead(3));
    const [pairing] = await pairingsOf(guardian);
    assert.equal(pairing.other.handle, ward.handle);
    await guardian.client.expect(200, 'GET', `/family/wards/${ward.account.id}`);
  });

  test('on the first visit they are an adult: limits, pairing and defaults have gone', async () => {
    const account = await accountOf(ward);
    assert.deepEqual([account.age_band, account.family.role], ['adult', 'none']);
    assert.deepEqual(limitsOf(account), { daily_minutes: null, quiet: null, bound: null, guarded: false, may_show_sensitive: true });
    assert.deepEqual(account.defaults, { audience: 'public', comment_permission: 'everyone', duet_permission: 'everyone' });
    await ward.client.expect(200, 'GET', '/search?q=low');
    for (const person of [ward, guardian]) assert.deepEqual(await pairingsOf(person), []);
    await guardian.client.expect(403, 'GET', `/family/wards/${ward.account.id}`);
    await eventually('the guardian is told', async () => {
      const { items } = await guardian.client.get('/notifications');
      return items.some(({ kind, actors }) => kind === 'family_end' && actors[0].handle === ward.handle);
    });
  });

  test('what was posted before stays for followers, what is new is for everybody', async () => {
    const before = await ward.client.get(`/videos/${early.id}`);
    assert.deepEqual([before.audience, before.comment_permission], ['followers', 'everyone'], 'its own choice, and the account’s');
    await stranger.client.expect(404, 'GET', `/videos/${early.id}`);
    const late = await publish(ward.client, { caption: 'Eighteen', seconds: 2 });
    assert.equal((await stranger.client.get(`/videos/${late.id}`)).audience, 'public');
    await stranger.client.expect(201, 'POST', `/videos/${late.id}/comments`, { text: 'Happy birthday' });
  });

  test('they are nobody’s ward again, and can be somebody’s guardian', async () => {
    const { code } = await guardian.client.expect(201, 'POST', '/family/codes');
    await ward.client.expect(422, 'POST', '/family/pairings', { code });
    await ward.client.expect(201, 'POST', '/family/codes');
  });

  test('what was sealed for them stays where it is, and opens for them', async () => {
    const { age_band, sealed } = await ward.client.get('/my/data');
    assert.equal(age_band, 'adult');
    assert.ok(sealed.some((one) => one.class === 'minor.identity'));
    const { fields } = await ward.client.expect(200, 'POST', '/my/data/minor.identity');
    assert.ok(fields.some((field) => field.includes(birthDate)));
  });
});
