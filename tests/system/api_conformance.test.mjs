// The API as openapi.json describes it: every route is there, every answer is as described, and bad input in every
// place gets a clear refusal, never a fault of the server's own.
//
// Limits on requests go by network. The tests stay under them by coming from many: the server takes 127.0.0.1 for its
// proxy and believes what X-Forwarded-For says. One test runs into each limit on purpose.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createECDH, createHash, randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import { adultBirthDate, eventually, newEmail, newHandle, password } from '../browser/harness/api.mjs';
import { makeClip } from '../browser/harness/clips.mjs';
import { codeIn, MailServer } from '../browser/harness/mail.mjs';
import { binary, freePort, personal, Server } from '../browser/harness/server.mjs';
import { Authenticator } from './api_authenticator.mjs';
import * as bad from './api_bad_input.mjs';
import { Caller } from './api_caller.mjs';
import { assertProblem, Description } from './api_description.mjs';
import { Desk } from './api_moderation.mjs';
import { readLog, verifierKey } from './tlog.mjs';

const headTimeoutMsMax = 15_000; // the server gives a head 10 s
const tus = { 'tus-resumable': '1.0.0' };
const piece = { ...tus, 'upload-offset': '0', 'content-type': 'application/offset+octet-stream' };
const unknownId = '01hzzzzzzzzzzzzzzzzzzzzzzz';
/** Speech recognition for want of speech. */
const engine = ['/usr/bin/perl', '-e', 'open F, ">$ARGV[1].vtt"; print F "WEBVTT\n\n00:00.000 --> 00:00.900\n[" . int((-s $ARGV[0]) / 1000) . " kB of sound]"',
  '{audio}', '{output}'];

describe('the API', () => {
  const clip = readFileSync(makeClip({ seconds: 1, width: 180, height: 320 }));
  let mail;
  let adminPort;
  let server;
  let description;
  let caller;
  let origin;
  /** Two people; the video is the first one's, and each test leaves it as it was. */
  let owner;
  let other;
  let video;
  /** Somebody on the roster; `key` is the passkey they sign with. */
  let staff;
  /** Moderators, and somebody who is reported. */
  let desk;
  /** A client that stops in the middle of its request's head; looked at when its time is up. */
  let slowClient;

  before(async () => {
    mail = await MailServer.start();
    adminPort = await freePort();
    const port = await freePort();
    server = await Server.start({
      port,
      settings: {
        trusted_proxies: ['127.0.0.1'], security_contact: 'mailto:security@example.org', home_countries: ['NL'],
        transcriber: engine, custody_delay_s: 0, smtp: mail.address, mail_from: 'vitrine@example.org', public_url: `http://127.0.0.1:${port}`,
      },
      args: ['--admin-listen', `127.0.0.1:${adminPort}`],
    });
    origin = `http://127.0.0.1:${server.port}`;
    description = new Description(await (await fetch(`${server.api}/openapi.json`)).json());
    caller = new Caller(server, description);
    slowClient = caller.exchange('GET /healthz HTTP/1.1\r\nHost:', headTimeoutMsMax);
    slowClient.catch(() => {}); // its test tells
    owner = await signUp(personal.address);
    other = await signUp();
    staff = await hire();
    video = await upload(owner, clip);
    await processed(owner, video);
    const uploadWhole = async (account) => processed(account, await upload(account, clip));
    desk = await Desk.open(caller, server.data, { signUp, upload: uploadWhole });
  });
  after(async () => {
    caller?.close();
    await server?.close();
    await mail?.close();
  });

  async function signUp(network, birth_date = adultBirthDate) {
    const handle = newHandle();
    const made = await caller.expect(201, 'POST /api/v1/accounts', { network, json: { handle, password, display_name: 'Ada', birth_date } });
    return { handle, token: made.body.token, id: made.body.account.id };
  }

  const signUpMinor = () => signUp(undefined, `${new Date().getUTCFullYear() - 15}-01-17`);

  /** A guardian and a young person; their pairing is confirmed by both unless it is to wait. */
  async function family({ waits = false } = {}) {
    const [guardian, ward] = [await signUp(), await signUpMinor()];
    const { code } = (await caller.expect(201, 'POST /api/v1/family/codes', { token: guardian.token })).body;
    const { id } = (await caller.expect(201, 'POST /api/v1/family/pairings', { token: ward.token, json: { code } })).body;
    const confirm = ({ token }) => caller.expect(200, 'PUT /api/v1/family/pairings/{id}/confirmation', { path: { id }, token });
    if (!waits) for (const account of [guardian, ward]) await confirm(account);
    return { guardian, ward, id };
  }

  async function createUpload(account, length, headers = {}) {
    const all = { ...tus, 'upload-length': String(length), ...headers };
    const made = await caller.expect(201, 'POST /uploads', { token: account.token, headers: all });
    return made.headers.location.split('/').pop();
  }

  const metadataOf = (fields) =>
    Object.entries(fields).map(([key, value]) => `${key} ${Buffer.from(String(value)).toString('base64')}`).join(',');

  /** The clip with edits: as far as it is announced, and all of it. */
  const announceEdited = (account, fields) => createUpload(account, clip.length, { 'upload-metadata': metadataOf(fields) });
  async function finishEdited(account, id) {
    await caller.expect(204, 'PATCH /uploads/{id}', { path: { id }, token: account.token, headers: piece, body: clip });
    await processed(account, id);
    return (await caller.expect(200, 'GET /api/v1/videos/{id}', { path: { id }, token: account.token })).body;
  }
  const makeEdited = async (account, fields) => finishEdited(account, await announceEdited(account, fields));

  async function upload(account, bytes) {
    const id = await createUpload(account, bytes.length);
    await caller.expect(204, 'PATCH /uploads/{id}', { path: { id }, token: account.token, headers: piece, body: bytes });
    return id;
  }

  async function processed({ token }, id) {
    await caller.expect(200, 'GET /api/v1/videos/{id}/progress', { path: { id }, token });
    return id;
  }

  /** What a browser would send, of a push service that is not there. */
  function pushSubscription() {
    const keys = createECDH('prime256v1');
    keys.generateKeys();
    const endpoint = `https://push.example/${randomBytes(16).toString('hex')}`;
    return { endpoint, keys: { p256dh: keys.getPublicKey('base64url'), auth: randomBytes(16).toString('base64url') } };
  }

  async function comment(account, text, parent) {
    const request = { path: { id: video }, token: account.token, json: { text, parent } };
    return (await caller.expect(201, 'POST /api/v1/videos/{id}/comments', request)).body;
  }

  async function comments({ account, sort = 'new' } = {}) {
    const request = { path: { id: video }, token: account?.token, query: `sort=${sort}` };
    return (await caller.expect(200, 'GET /api/v1/videos/{id}/comments', request)).body.items;
  }

  async function registerPasskey(account) {
    const key = new Authenticator(origin);
    const options = await caller.expect(200, 'POST /api/v1/passkeys/registration', { token: account.token });
    const json = { ...key.register(options.body), name: 'Laptop' };
    const made = await caller.expect(201, 'POST /api/v1/passkeys', { token: account.token, json });
    return { key, id: made.body.passkey.id };
  }

  async function hire() {
    const person = await signUp();
    person.key = (await registerPasskey(person)).key;
    const made = await eventually('the log takes the roster', () => execFileSync(binary, ['user', 'role', person.handle, 'staff', '--data', server.data]));
    assert.ok(made);
    return person;
  }

  /** An account with an address; the code that was sent there. */
  async function withEmail() {
    const person = await signUp();
    person.email = newEmail();
    await caller.expect(202, 'PUT /api/v1/account/email', { token: person.token, json: { email: person.email } });
    person.code = codeIn(await mail.next(person.email));
    return person;
  }

  /** The token of a link that was sent to somebody who forgot their password. */
  async function recoveryToken() {
    const { token, handle, email, code } = await withEmail();
    await caller.expect(200, 'POST /api/v1/account/email/verification', { token, json: { code } });
    await caller.expect(202, 'POST /api/v1/recovery', { json: { handle } });
    return /recover\?token=(\S+)/.exec((await mail.next(email)).text)[1];
  }

  const newCase = async () =>
    (await caller.expect(201, 'POST /api/v1/staff/cases', { token: staff.token, json: { title: 'Threats' } })).body.case.id;
  const requestFor = async (handle) => ({ handle, class: 'identity', purpose: 'threat-to-life', case: await newCase() });
  const newRequest = async (handle = other.handle) =>
    (await caller.expect(201, 'POST /api/v1/staff/requests', { token: staff.token, json: await requestFor(handle) })).body.request;

  const watchEvent = () => ({
    id: `api-${randomBytes(12).toString('hex')}`, video, page: 'none', position: 0, surface: 'for_you', shown_at: Date.now(),
    watched_ms: 900, loops: 0, finished: false, liked: false, shared: false, followed: false, commented: false, saved: false,
    not_interested: false, reported: false,
  });

  const isOfWebApp = (path) => /^\/(assets|icons)\/|^\/(manifest\.webmanifest|service-worker\.js)$/.test(path);
  const isOfAdmin = (path) => path === '/metrics';

  async function routesOfServer() {
    const text = await (await fetch(`http://127.0.0.1:${adminPort}/metrics`)).text();
    const routes = [...text.matchAll(/^vitrine_http_requests_total\{method="(\w+)",route="([^"]+)",status="2xx"\}/gm)];
    return routes
      .filter(([, , path]) => !isOfWebApp(path) && !isOfAdmin(path))
      .map(([, method, path]) => `${method} ${path.replace('*}', '}')}`);
  }

  test('describes every route, and no other', async () => {
    assert.deepEqual((await routesOfServer()).sort(), [...description.operations.keys()].sort());
  });

  describe('used as it is meant to be', () => {
    test('the service', async () => {
      await caller.expect(200, 'GET /healthz');
      await caller.expect(200, 'GET /readyz');
      await caller.expect(200, 'GET /api/v1/openapi.json');
      await caller.expect(200, 'GET /problems/{code}', { path: { code: 'not-found' } });
      await caller.expect(200, 'GET /.well-known/security.txt');
    });

    test('accounts and sessions', async () => {
      const { handle, token } = await signUp();
      assert.equal((await caller.expect(200, 'GET /api/v1/session')).body.account, null);
      const again = await caller.expect(200, 'POST /api/v1/session', { json: { handle, password } });
      const session = await caller.expect(200, 'GET /api/v1/session', { token: again.body.token });
      assert.equal(session.body.account.handle, handle);
      const edit = { bio: 'Paints.', current_password: password, password: `${password} 2` };
      assert.equal((await caller.expect(200, 'PATCH /api/v1/account', { token, json: edit })).body.account.bio, 'Paints.');
      for (const region of ['DE', null])
        assert.equal((await caller.expect(200, 'PATCH /api/v1/account', { token, json: { region } })).body.account.region, region);
      await caller.expect(400, 'PATCH /api/v1/account', { token, json: { region: 'XX' } });
      await caller.expect(204, 'DELETE /api/v1/session', { token });
      await caller.expect(401, 'DELETE /api/v1/sessions', { token });
      const last = await caller.expect(200, 'POST /api/v1/session', { json: { handle, password: edit.password } });
      await caller.expect(204, 'DELETE /api/v1/account', { token: last.body.token, json: { password: edit.password } });
      await caller.expect(204, 'DELETE /api/v1/sessions', { token: (await signUp()).token });
    });

    test('passkeys', async () => {
      const account = await signUp();
      const { key, id } = await registerPasskey(account);
      const options = await caller.expect(200, 'POST /api/v1/passkeys/authentication');
      const json = key.signIn(options.body);
      assert.equal((await caller.expect(200, 'POST /api/v1/session/passkey', { json })).body.account.handle, account.handle);
      assert.equal((await caller.expect(200, 'GET /api/v1/passkeys', { token: account.token })).body.items.length, 1);
      await caller.expect(204, 'DELETE /api/v1/passkeys/{id}', { path: { id }, token: account.token });
    });

    test('an account with nothing but a passkey', async () => {
      const key = new Authenticator(origin);
      const options = await caller.expect(200, 'POST /api/v1/passkeys/registration', { json: { handle: newHandle(), birth_date: adultBirthDate } });
      const made = await caller.expect(201, 'POST /api/v1/passkeys', { json: key.register(options.body) });
      const { token } = made.body;
      const path = { id: made.body.passkey.id };
      await caller.expect(409, 'DELETE /api/v1/passkeys/{id}', { path, token });
      await caller.expect(204, 'DELETE /api/v1/account', { token });
    });

    test('uploads', async () => {
      const { token } = owner;
      await caller.expect(204, 'OPTIONS /uploads');
      const id = await createUpload(owner, clip.length);
      await caller.expect(204, 'OPTIONS /uploads/{id}', { path: { id } });
      const look = await caller.expect(200, 'HEAD /uploads/{id}', { path: { id }, token, headers: tus });
      assert.equal(look.headers['upload-length'], String(clip.length));
      await caller.expect(204, 'DELETE /uploads/{id}', { path: { id }, token, headers: tus });
    });

    test('a video', async () => {
      const { token } = owner;
      const path = { id: video };
      const json = { caption: 'A test of #patterns', tags: ['test'] };
      const edited = await caller.expect(200, 'PATCH /api/v1/videos/{id}', { path, token, json });
      assert.deepEqual(edited.body.tags, ['test', 'patterns']);
      assert.equal((await caller.expect(200, 'GET /api/v1/videos/{id}', { path })).body.state, 'live');
      const like = (method) => caller.expect(200, `${method} /api/v1/videos/{id}/like`, { path, token: other.token });
      assert.deepEqual((await like('PUT')).body, { liked: true, likes: 1 });
      assert.deepEqual((await like('DELETE')).body, { liked: false, likes: 0 });
      assert.equal((await caller.expect(200, 'GET /api/v1/account/videos', { token })).body.items.length, 1);
    });

    test('a cut and a cover', async () => {
      const cut = await makeEdited(other, { trim_start_ms: 200, trim_end_ms: 800, cover_ms: 500 });
      assert.equal(cut.state, 'live');
      assert.ok(Math.abs(cut.duration_ms - 600) <= 50, `${cut.duration_ms} ms`);
      const long = await makeEdited(other, { trim_end_ms: 5000 });
      assert.equal(long.state, 'failed');
      assert.equal(long.failure.code, 'bad_edit');
      for (const { id } of [cut, long]) await caller.expect(204, 'DELETE /api/v1/videos/{id}', { path: { id }, token: other.token });
    });

    test('a duet, a stitch and a sound, credited', async () => {
      const creator = { id: (await caller.expect(200, 'GET /api/v1/videos/{id}', { path: { id: video } })).body.creator.id, handle: owner.handle, display_name: 'Ada' };
      const duet = await makeEdited(other, { duet_of: video });
      const stitch = await makeEdited(other, { stitch_of: video, stitch_start_ms: 0, stitch_end_ms: 500 });
      const song = await makeEdited(other, { sound_of: video, own_sound: 'low' });
      assert.deepEqual(duet.credit, { kind: 'duet', video, creator });
      assert.deepEqual(stitch.credit, { kind: 'stitch', video, creator });
      assert.ok(Math.abs(stitch.duration_ms - 1500) <= 50, `${stitch.duration_ms} ms`);
      assert.deepEqual(song.sound, { id: video, title: `original sound · @${owner.handle}`, creator, original: false });
      assert.equal(song.credit, null);
      assert.ok(duet.sound.original && duet.may_duet);

      const made = await caller.expect(200, 'GET /api/v1/videos/{id}/duets', { path: { id: video } });
      assert.deepEqual(made.body.items.map(({ id }) => id), [stitch.id, duet.id]);
      const sound = await caller.expect(200, 'GET /api/v1/sounds/{id}', { path: { id: song.id }, query: 'sort=new' });
      assert.equal(sound.body.sound.id, video);
      assert.equal(sound.body.videos, 2);
      assert.deepEqual(sound.body.items.map(({ id }) => id), [song.id, video]);
      await eventually('the original creator is told of all three', async () => {
        const { items } = (await caller.expect(200, 'GET /api/v1/notifications', { token: owner.token })).body;
        return ['duet', 'stitch', 'sound'].every((kind) => items.some((one) => one.kind === kind));
      });
      for (const { id } of [duet, stitch, song]) await caller.expect(204, 'DELETE /api/v1/videos/{id}', { path: { id }, token: other.token });
    });

    test('a duet with what is withdrawn before it is processed', async () => {
      const original = await makeEdited(owner, { trim_end_ms: 900 });
      const late = await announceEdited(other, { duet_of: original.id });
      await caller.expect(204, 'DELETE /api/v1/videos/{id}', { path: { id: original.id }, token: owner.token });
      const failed = await finishEdited(other, late);
      assert.equal(failed.state, 'failed');
      assert.equal(failed.failure.code, 'not_permitted');
      assert.match(failed.failure.detail, /removed/);
      await caller.expect(204, 'DELETE /api/v1/videos/{id}', { path: { id: late }, token: other.token });
    });

    test('a video’s choices, pin and replacement', async () => {
      const { token } = owner;
      const path = { id: (await makeEdited(owner, { trim_end_ms: 700 })).id };
      const choices = { audience: 'followers', comment_permission: 'followers', duet_permission: 'nobody', labels: ['advertising'] };
      const chosen = (await caller.expect(200, 'PATCH /api/v1/videos/{id}', { path, token, json: choices })).body;
      assert.deepEqual([chosen.audience, chosen.duet_permission, chosen.labels], ['followers', 'nobody', ['advertising']]);
      await caller.expect(404, 'GET /api/v1/videos/{id}', { path, token: other.token });
      await caller.expect(422, 'PUT /api/v1/videos/{id}/pin', { path, token });
      const open = { audience: 'public', comment_permission: 'everyone', labels: [] };
      await caller.expect(200, 'PATCH /api/v1/videos/{id}', { path, token, json: open });
      for (const [method, pinned] of [['PUT', true], ['DELETE', false]])
        assert.equal((await caller.expect(200, `${method} /api/v1/videos/{id}/pin`, { path, token })).body.pinned, pinned);
      const headers = { ...tus, 'upload-length': String(clip.length) };
      const begun = await caller.expect(201, 'POST /api/v1/videos/{id}/replacement', { path, token, headers });
      const id = begun.headers.location.split('/').pop();
      await caller.expect(204, 'DELETE /uploads/{id}', { path: { id }, token, headers: tus });
      const drafts = await caller.expect(200, 'GET /api/v1/account/videos', { token, query: 'state=draft' });
      assert.deepEqual(drafts.body.items, []);
      await caller.expect(204, 'DELETE /api/v1/videos/{id}', { path, token });
    });

    test('a video’s own permissions, and the account’s again', async () => {
      const { token } = owner;
      const edit = async (json) => (await caller.expect(200, 'PATCH /api/v1/videos/{id}', { path: { id: video }, token, json })).body;
      const { defaults } = (await caller.expect(200, 'GET /api/v1/session', { token })).body.account;
      assert.deepEqual(defaults, { audience: 'public', comment_permission: 'everyone', duet_permission: 'everyone' });
      const own = await edit({ comment_permission: 'nobody', duet_permission: 'followers' });
      assert.deepEqual([own.comment_permission, own.own_comment_permission, own.own_duet_permission], ['nobody', 'nobody', 'followers']);
      assert.equal((await edit({ caption: 'A test' })).own_comment_permission, 'nobody');
      const seen = (await caller.expect(200, 'GET /api/v1/videos/{id}', { path: { id: video }, token: other.token })).body;
      assert.deepEqual([seen.comment_permission, seen.own_comment_permission, seen.may_comment], ['nobody', null, false]);
      const again = await edit({ comment_permission: null, duet_permission: null });
      assert.deepEqual([again.comment_permission, again.own_comment_permission, again.duet_permission, again.own_duet_permission],
        ['everyone', null, 'everyone', null]);
      const minor = await signUpMinor();
      const young = (await caller.expect(200, 'GET /api/v1/session', { token: minor.token })).body.account;
      assert.deepEqual(young.defaults, { audience: 'followers', comment_permission: 'followers', duet_permission: 'nobody' });
      const ids = [await upload(minor, clip), await announceEdited(minor, { audience: 'public' })];
      await finishEdited(minor, ids[1]);
      const audiences = await Promise.all(ids.map((id) => caller.expect(200, 'GET /api/v1/videos/{id}', { path: { id }, token: minor.token })));
      assert.deepEqual(audiences.map(({ body }) => body.audience), ['followers', 'public']);
    });

    test('reposts, and the feed of whoever follows', async () => {
      const fan = await signUp();
      const repost = (method, { token }, status = 200) => caller.expect(status, `${method} /api/v1/videos/{id}/repost`, { path: { id: video }, token });
      const listed = async (account) =>
        (await caller.expect(200, 'GET /api/v1/profiles/{handle}/reposts', { path: { handle: other.handle }, token: account?.token })).body.items;
      await caller.expect(200, 'PUT /api/v1/profiles/{handle}/follow', { path: { handle: other.handle }, token: fan.token });
      assert.deepEqual((await repost('PUT', other)).body, { reposted: true, reposts: 1 });
      assert.deepEqual((await repost('PUT', other)).body, { reposted: true, reposts: 1 });
      assert.match((await repost('PUT', owner, 422)).body.detail, /your own/);
      assert.deepEqual((await listed()).map(({ id, reposts, reposted }) => [id, reposts, reposted]), [[video, 1, false]]);
      assert.equal((await listed(other))[0].reposted, true);
      const { items } = (await caller.expect(200, 'GET /api/v1/feed', { token: fan.token, query: 'mode=following&start=1' })).body;
      assert.deepEqual(items.map((item) => [item.video.id, item.video.reposted_by.handle, item.reason.source]), [[video, other.handle, 'reposted']]);
      await eventually('the creator is told', async () => {
        const told = (await caller.expect(200, 'GET /api/v1/notifications', { token: owner.token })).body.items;
        return told.some(({ kind, actors }) => kind === 'repost' && actors[0].handle === other.handle);
      });
      const data = (await caller.expect(200, 'GET /api/v1/my/data', { token: other.token })).body;
      assert.equal(data.plain.reposts, 1);
      assert.deepEqual((await repost('DELETE', other)).body, { reposted: false, reposts: 0 });
      assert.deepEqual((await repost('DELETE', other)).body, { reposted: false, reposts: 0 });
      assert.deepEqual(await listed(), []);
    });

    test('playlists', async () => {
      const { token } = owner;
      const made = (await caller.expect(201, 'POST /api/v1/playlists', { token, json: { title: 'Patterns' } })).body;
      const path = { id: made.id };
      await caller.expect(404, 'GET /api/v1/playlists/{id}', { path });
      const filled = await caller.expect(200, 'PUT /api/v1/playlists/{id}/videos', { path, token, json: { videos: [video] } });
      assert.deepEqual([filled.body.videos, filled.body.own], [1, true]);
      const seen = (await caller.expect(200, 'GET /api/v1/playlists/{id}', { path })).body;
      assert.deepEqual([seen.playlist.title, seen.items.map(({ id }) => id)], ['Patterns', [video]]);
      const of = { path: { handle: owner.handle } };
      assert.equal((await caller.expect(200, 'GET /api/v1/profiles/{handle}/playlists', of)).body.items[0].id, made.id);
      await caller.expect(404, 'PATCH /api/v1/playlists/{id}', { path, token: other.token, json: { title: 'Mine' } });
      const renamed = await caller.expect(200, 'PATCH /api/v1/playlists/{id}', { path, token, json: { title: 'Tests' } });
      assert.equal(renamed.body.title, 'Tests');
      await caller.expect(204, 'DELETE /api/v1/playlists/{id}', { path, token });
    });

    test('captions: from SubRip to WebVTT, by whom they may be written, and away again', async () => {
      const { token } = owner;
      const path = { id: video, language: 'PT-br' };
      const srt = '1\n00:00:00,100 --> 00:00:00,900\n<b>Ol\u00e1</b> <script>alert(1)</script>\n';
      const put = (options) =>
        caller.call('PUT /api/v1/videos/{id}/captions/{language}', { path, token, headers: { 'content-type': 'application/x-subrip' }, body: srt, ...options });
      const made = await put();
      assert.equal(made.status, 200);
      assert.deepEqual([made.body.language, made.body.label, made.body.cues, made.body.automatic], ['pt-BR', 'portugu\u00eas (Brasil)', 1, false]);
      assert.equal((await caller.expect(200, 'GET /api/v1/videos/{id}', { path })).body.captions[0].url, made.body.url);
      const text = await caller.expect(200, 'GET /api/v1/videos/{id}/captions/{language}', { path, query: made.body.url.split('?')[1] });
      assert.equal(text.bytes.toString(), 'WEBVTT\n\n00:00:00.100 --> 00:00:00.900\nOl\u00e1 alert(1)\n');
      assert.match(text.headers['cache-control'], /^private, .*immutable/);
      assert.equal((await caller.expect(200, 'GET /api/v1/videos/{id}/captions', { path })).body.items.length, 1);

      assert.equal((await put({ token: other.token })).status, 403);
      assert.equal((await put({ headers: { 'content-type': 'application/json' } })).status, 415);
      assert.equal((await put({ body: 'x'.repeat((512 << 10) + 1) })).status, 413);
      assert.match((await put({ body: srt.replace('00,900', '09,900') })).body.detail, /^line 2: /);
      assert.equal((await put({ path: { ...path, language: 'klingonish' } })).status, 400);
      const taken = await caller.call('POST /api/v1/videos/{id}/captions/{language}/automatic', { path, token });
      assert.equal(taken.status, 409);
      await caller.expect(204, 'DELETE /api/v1/videos/{id}/captions/{language}', { path, token });
      await caller.expect(404, 'GET /api/v1/videos/{id}/captions/{language}', { path });
    });

    test('captions by the speech recognition', async () => {
      const { token } = owner;
      const path = { id: video, language: 'en' };
      const asked = await caller.expect(202, 'POST /api/v1/videos/{id}/captions/{language}/automatic', { path, token });
      assert.deepEqual(asked.body, { language: 'en', state: 'queued', detail: '' });
      await eventually('it has written them', async () => {
        const { items, engine: there, work } = (await caller.expect(200, 'GET /api/v1/videos/{id}/captions', { path, token })).body;
        assert.equal(there, true);
        assert.ok(work.every(({ state }) => state !== 'failed'), JSON.stringify(work));
        return items[0]?.automatic;
      });
      const text = await caller.expect(200, 'GET /api/v1/videos/{id}/captions/{language}', { path });
      assert.match(text.bytes.toString(), /\[3\d kB of sound\]/);
      await caller.expect(204, 'DELETE /api/v1/videos/{id}/captions/{language}', { path, token });
    });

    test('a video that cannot be one', async () => {
      const { token } = other;
      const path = { id: await upload(other, randomBytes(5000)) };
      await caller.expect(200, 'GET /api/v1/videos/{id}/progress', { path, token });
      const failed = await caller.expect(200, 'GET /api/v1/videos/{id}', { path, token });
      assert.equal(failed.body.state, 'failed');
      await caller.expect(404, 'GET /api/v1/videos/{id}', { path });
      await caller.expect(204, 'DELETE /api/v1/videos/{id}', { path, token });
    });

    test('profiles', async () => {
      const path = { handle: owner.handle };
      assert.equal((await caller.expect(200, 'GET /api/v1/profiles/{handle}', { path })).body.videos, 1);
      assert.equal((await caller.expect(200, 'GET /api/v1/profiles/{handle}/videos', { path })).body.items[0].id, video);
      const { token } = other;
      const follow = (method) => caller.expect(200, `${method} /api/v1/profiles/{handle}/follow`, { path, token });
      assert.deepEqual((await follow('PUT')).body, { following: true, followers: 1 });
      assert.deepEqual((await follow('DELETE')).body, { following: false, followers: 0 });
    });

    test('the feed', async () => {
      for (const query of ['start=1', 'mode=fresh&limit=1', 'mode=following'])
        await caller.expect(200, 'GET /api/v1/feed', { query, token: other.token });
      const kept = await caller.expect(200, 'GET /api/v1/feed', { query: 'receipt=1', token: other.token });
      assert.equal(JSON.parse(kept.body.receipts[0]).page, kept.body.page);
      assert.match((await caller.expect(200, 'GET /api/v1/feed/settings')).bytes.toString(), /^\[heads\]$/m);
      const told = await caller.expect(200, 'POST /api/v1/events', { json: { events: [watchEvent()] }, token: other.token });
      assert.deepEqual(told.body, { accepted: 1, duplicates: 0, rejected: [] });
      const body = JSON.stringify({ events: [watchEvent()] });
      const beacon = { headers: { 'content-type': 'text/plain;charset=UTF-8' }, body };
      assert.equal((await caller.expect(200, 'POST /api/v1/events', beacon)).body.accepted, 1);
    });

    test('choices for the feed', async () => {
      const { token } = await signUp();
      const creator = (await caller.expect(200, 'GET /api/v1/profiles/{handle}', { path: { handle: owner.handle } })).body;
      const none = { personalised: true, topics: [], muted_tags: [], muted_creators: [] };
      assert.deepEqual((await caller.expect(200, 'GET /api/v1/feed/preferences', { token })).body, none);
      const { id, handle, display_name } = creator;
      const json = {
        personalised: false, topics: ['Boats', '#boats'], muted_tags: ['cats'], muted_creators: [id, id, unknownId],
      };
      const kept = { personalised: false, topics: ['boats'], muted_tags: ['cats'], muted_creators: [{ id, handle, display_name }] };
      assert.deepEqual((await caller.expect(200, 'PUT /api/v1/feed/preferences', { token, json })).body, kept);
      await caller.expect(204, 'DELETE /api/v1/feed/taste', { token });
      assert.deepEqual((await caller.expect(200, 'GET /api/v1/feed/preferences', { token })).body, kept);
      assert.deepEqual((await caller.expect(200, 'GET /api/v1/feed/preferences')).body, none);
    });

    test('choices of a stranger, who is known by a cookie', async () => {
      const json = { personalised: true, topics: ['boats'], muted_tags: [], muted_creators: [] };
      const first = await caller.expect(200, 'PUT /api/v1/feed/preferences', { json });
      const cookie = first.headers['set-cookie'][0].split(';')[0];
      assert.match(cookie, /^vitrine_viewer=/);
      const again = await caller.expect(200, 'GET /api/v1/feed/preferences', { headers: { cookie } });
      assert.deepEqual(again.body.topics, ['boats']);
      assert.match(again.headers['cache-control'], /no-store/);
      await caller.expect(204, 'DELETE /api/v1/feed/taste', { headers: { cookie } });
      await caller.expect(204, 'DELETE /api/v1/feed/taste');
    });

    test('comments: a thread, its edits, likes, pin and end', async () => {
      const [author, stranger] = [await signUp(), await signUp()];
      const first = await comment(author, 'First!');
      const reply = await comment(owner, 'Welcome', first.id);
      assert.deepEqual([reply.parent, reply.by_creator, reply.state], [first.id, true, 'live']);
      const of = (name, account, json) => caller.call(name, { path: { id: first.id }, token: account?.token, json });
      assert.equal((await of('GET /api/v1/comments/{id}/replies')).body.items[0].text, 'Welcome');
      assert.deepEqual((await of('GET /api/v1/comments/{id}')).body, { ...first, own: false, replies: 1 });
      const edited = await of('PATCH /api/v1/comments/{id}', author, { text: 'First, and best' });
      assert.ok(edited.body.edited_at >= first.created_at);
      assert.equal((await of('GET /api/v1/comments/{id}/history')).body.items[0].text, 'First!');
      assert.equal((await of('PATCH /api/v1/comments/{id}', stranger, { text: 'Mine' })).status, 403);
      assert.deepEqual((await of('PUT /api/v1/comments/{id}/like', stranger)).body, { likes: 1, liked: true });
      assert.deepEqual((await of('DELETE /api/v1/comments/{id}/like', stranger)).body, { likes: 0, liked: false });
      assert.equal((await of('PUT /api/v1/comments/{id}/pin', author)).status, 403);
      assert.equal((await of('PUT /api/v1/comments/{id}/pin', owner)).body.pinned, true);
      await comment(stranger, 'Second');
      for (const sort of ['top', 'new']) assert.equal((await comments({ sort }))[0].id, first.id, 'what is pinned comes first');
      assert.equal((await of('DELETE /api/v1/comments/{id}/pin', owner)).body.pinned, false);
      const counted = async () => (await caller.expect(200, 'GET /api/v1/videos/{id}', { path: { id: video } })).body.comments;
      const before = await counted();
      assert.equal((await of('DELETE /api/v1/comments/{id}', stranger)).status, 403);
      assert.equal((await of('DELETE /api/v1/comments/{id}', author)).status, 204);
      const stub = (await comments()).find(({ id }) => id === first.id);
      assert.deepEqual([stub.state, stub.text, stub.replies], ['removed', '', 1]);
      assert.equal(await counted(), before - 1);
    });

    test('comments that wait for the creator', async () => {
      const { token } = owner;
      const author = await signUp();
      const rules = { who: 'everyone', hold: 'links', words: ['Schnörkel'] };
      assert.deepEqual((await caller.expect(200, 'PUT /api/v1/account/comment-rules', { token, json: rules })).body, rules);
      const held = [await comment(author, 'see example.org'), await comment(author, 'SCHNORKEL')];
      assert.deepEqual(held.map(({ state }) => state), ['held', 'held']);
      const shown = async (account) =>
        (await comments({ account })).filter(({ id }) => held.some((one) => one.id === id)).length;
      assert.deepEqual([await shown(author), await shown(other), await shown()], [2, 0, 0]);
      await caller.expect(404, 'GET /api/v1/comments/{id}/replies', { path: { id: held[0].id }, token: other.token });
      const waiting = await caller.expect(200, 'GET /api/v1/account/held-comments', { token });
      assert.deepEqual(waiting.body.items.map(({ id }) => id).sort(), held.map(({ id }) => id).sort());
      const approval = 'POST /api/v1/comments/{id}/approval';
      await caller.expect(403, approval, { path: { id: held[0].id }, token: author.token });
      assert.equal((await caller.expect(200, approval, { path: { id: held[0].id }, token })).body.state, 'live');
      assert.equal(await shown(), 1);
      const closed = { who: 'nobody', hold: 'nothing', words: [] };
      await caller.expect(200, 'PUT /api/v1/account/comment-rules', { token, json: closed });
      assert.deepEqual((await caller.expect(200, 'GET /api/v1/account/comment-rules', { token })).body, closed);
      const late = { path: { id: video }, token: author.token, json: { text: 'Too late' } };
      await caller.expect(403, 'POST /api/v1/videos/{id}/comments', late);
      await caller.expect(200, 'PUT /api/v1/account/comment-rules', { token, json: { ...closed, who: 'everyone' } });
    });

    test('blocks: neither sees anything of the other', async () => {
      const pest = await signUp();
      const { token } = owner;
      const path = { handle: pest.handle };
      const said = await comment(pest, 'Boo');
      await caller.expect(200, 'PUT /api/v1/profiles/{handle}/follow', { path: { handle: owner.handle }, token: pest.token });
      const block = (method) => caller.expect(200, `${method} /api/v1/profiles/{handle}/block`, { path, token });
      assert.deepEqual((await block('PUT')).body, { blocked: true });
      const hidden = {
        'GET /api/v1/profiles/{handle}': { handle: owner.handle },
        'GET /api/v1/profiles/{handle}/videos': { handle: owner.handle },
        'PUT /api/v1/profiles/{handle}/follow': { handle: owner.handle },
        'GET /api/v1/videos/{id}': { id: video },
        'PUT /api/v1/videos/{id}/like': { id: video },
        'PUT /api/v1/videos/{id}/save': { id: video },
        'GET /api/v1/videos/{id}/comments': { id: video },
        'GET /api/v1/comments/{id}/history': { id: said.id },
      };
      for (const [name, place] of Object.entries(hidden)) await caller.expect(404, name, { path: place, token: pest.token });
      const again = { path: { id: video }, token: pest.token, json: { text: 'Boo again' } };
      await caller.expect(404, 'POST /api/v1/videos/{id}/comments', again);
      const feed = await caller.expect(200, 'GET /api/v1/feed', { query: 'start=1&limit=20', token: pest.token });
      assert.ok(feed.body.items.every((item) => item.video.id !== video));
      assert.ok((await comments({ account: owner })).every(({ id }) => id !== said.id));
      const profile = await caller.expect(200, 'GET /api/v1/profiles/{handle}', { path, token });
      assert.deepEqual([profile.body.blocked, profile.body.followed], [true, false]);
      await caller.expect(409, 'PUT /api/v1/profiles/{handle}/follow', { path, token });
      assert.equal((await caller.expect(200, 'GET /api/v1/account/blocks', { token })).body.items[0].handle, pest.handle);
      assert.deepEqual((await block('DELETE')).body, { blocked: false });
      await caller.expect(200, 'GET /api/v1/videos/{id}', { path: { id: video }, token: pest.token });
      const following = await caller.expect(200, 'GET /api/v1/feed', { query: 'mode=following', token: pest.token });
      assert.deepEqual(following.body.items, [], 'the follow that the block ended does not come back with its end');
      await caller.expect(204, 'DELETE /api/v1/comments/{id}', { path: { id: said.id }, token: pest.token });
    });

    test('mutes: one does not hear of somebody', async () => {
      const account = await signUp();
      const { token } = account;
      const path = { handle: other.handle };
      const said = await comment(other, 'Blah');
      const mute = (method) => caller.expect(200, `${method} /api/v1/profiles/{handle}/mute`, { path, token });
      assert.deepEqual((await mute('PUT')).body, { muted: true });
      assert.ok((await comments({ account })).every(({ id }) => id !== said.id));
      assert.equal((await caller.expect(200, 'GET /api/v1/profiles/{handle}', { path, token })).body.muted, true);
      assert.equal((await caller.expect(200, 'GET /api/v1/account/mutes', { token })).body.items[0].handle, other.handle);
      assert.deepEqual((await mute('DELETE')).body, { muted: false });
    });

    test('notifications, also as they come', async () => {
      const [{ handle, token }, fan] = [await signUp(), await signUp()];
      const stream = 'GET /api/v1/notifications/stream';
      const arrives = caller.events(stream, token, (events) => events.at(-1)?.[1].unread === 2);
      await caller.expect(200, 'PUT /api/v1/profiles/{handle}/follow', { path: { handle }, token: fan.token });
      const said = await comment(fan, `Look at this, @${handle}`);
      assert.ok((await arrives).every(([event]) => event === 'unread'));
      const page = (await caller.expect(200, 'GET /api/v1/notifications', { token })).body;
      const told = page.items.map(({ kind, count, actors }) => [kind, count, actors[0].handle]);
      assert.deepEqual(told.sort(), [['follow', 1, fan.handle], ['mention', 1, fan.handle]]);
      const mention = page.items.find(({ kind }) => kind === 'mention');
      assert.deepEqual([page.unread, mention.comment, mention.text], [2, said.id, said.text]);
      const read = (until) => caller.expect(200, 'POST /api/v1/notifications/read', { token, json: { until } });
      assert.deepEqual((await read(page.items[1].id)).body, { unread: 1 });
      assert.deepEqual((await read(page.items[0].id)).body, { unread: 0 });
      const kinds = ['follow', 'like', 'comment', 'reply', 'mention', 'comment_like', 'duet', 'stitch', 'sound', 'repost'];
      const all = Object.fromEntries(kinds.map((kind) => [kind, true]));
      const settings = '/api/v1/account/notification-settings';
      const first = { ...all, push: { ...all, like: false, comment_like: false, repost: false }, digest: 'never' };
      assert.deepEqual((await caller.expect(200, `GET ${settings}`, { token })).body, first);
      const fewer = { ...first, like: false, push: { ...all, mention: false } };
      assert.deepEqual((await caller.expect(200, `PUT ${settings}`, { token, json: fewer })).body, fewer);
      assert.deepEqual((await caller.expect(200, `PUT ${settings}`, { token, json: all })).body, { ...all, push: fewer.push, digest: 'never' });
      await caller.expect(409, `PUT ${settings}`, { token, json: { ...all, digest: 'daily' } });
    });

    test('browsers that are told', async () => {
      const { token } = await signUp();
      const path = '/api/v1/account/push-subscriptions';
      const made = (await caller.expect(201, `POST ${path}`, { token, json: pushSubscription() })).body;
      assert.deepEqual([made.push_service, made.current], ['push.example', true]);
      const { items, public_key } = (await caller.expect(200, `GET ${path}`, { token })).body;
      assert.deepEqual(items, [made]);
      assert.equal(Buffer.from(public_key, 'base64url').length, 65);
      await caller.expect(204, `DELETE ${path}/{id}`, { path: { id: made.id }, token });
      await caller.expect(404, `DELETE ${path}/{id}`, { path: { id: made.id }, token });
    });

    test('mail about notifications, until its link is followed', async () => {
      const [{ token, handle, email, code }, fan] = [await withEmail(), await signUp()];
      await caller.expect(200, 'PUT /api/v1/profiles/{handle}/follow', { path: { handle }, token: fan.token });
      await caller.expect(200, 'POST /api/v1/account/email/verification', { token, json: { code } });
      const settings = 'PUT /api/v1/account/notification-settings';
      const all = { follow: true, like: true, comment: true, reply: true, mention: true, comment_like: true, duet: true, stitch: true, sound: true, repost: true };
      await eventually('it is told', async () => (await caller.expect(200, 'GET /api/v1/notifications', { token })).body.unread === 1);
      await caller.expect(200, settings, { token, json: { ...all, digest: 'daily' } });
      const { headers, text } = await mail.next(email);
      assert.equal(headers.subject, 'One new notification');
      assert.ok(text.includes(`* \u2068Ada\u2069 follows you\r\n  ${origin}/@${fan.handle}\r\n`), text);
      assert.equal(headers['list-unsubscribe-post'], 'List-Unsubscribe=One-Click');
      const [, link] = /^<(.+)>$/.exec(headers['list-unsubscribe']);
      assert.ok(text.includes(`${origin}/unsubscribe${new URL(link).search}`), text);
      assert.ok(link.startsWith(`${origin}/api/v1/unsubscribe?`), link);
      const query = new URL(link).search.slice(1);
      const oneClick = { query, headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'List-Unsubscribe=One-Click' };
      await caller.expect(200, 'POST /api/v1/unsubscribe', oneClick);
      assert.equal((await caller.expect(200, 'GET /api/v1/account/notification-settings', { token })).body.digest, 'never');
      await caller.expect(410, 'POST /api/v1/unsubscribe', { query });
    });

    test('verification: asked, decided, told, taken', async () => {
      const { id, handle, token } = await askedToBeVerified();
      const queue = (await caller.expect(200, 'GET /api/v1/moderation/verifications', { token: desk.moderator.token })).body.items;
      assert.deepEqual(queue.filter((one) => one.id === id).map(({ person, may_decide }) => [person.handle, may_decide]), [[handle, true]]);
      const decision = 'POST /api/v1/moderation/verifications/{id}/decision';
      const json = { outcome: 'granted', display_name: 'Ada', reason: 'Seen on their page.' };
      await caller.expect(403, decision, { path: { id }, token: other.token, json });
      await caller.expect(409, decision, { path: { id }, token: desk.moderator.token, json: { ...json, display_name: 'Another' } });
      await caller.expect(204, decision, { path: { id }, token: desk.moderator.token, json });
      const status = async () => (await caller.expect(200, 'GET /api/v1/account/verification', { token })).body;
      assert.deepEqual([(await status()).verified.kind, (await status()).request.reason], ['organisation', json.reason]);
      const profile = async () => (await caller.expect(200, 'GET /api/v1/profiles/{handle}', { path: { handle } })).body;
      assert.equal((await profile()).verified.kind, 'organisation');
      const all = (await caller.expect(200, 'GET /api/v1/moderation/verified', { token: desk.moderator.token })).body.items;
      assert.ok(all.some((one) => one.handle === handle));
      await caller.expect(200, 'PATCH /api/v1/account', { token, json: { display_name: 'The Government' } });
      assert.deepEqual([(await profile()).verified, (await status()).paused], [null, true]);
      await caller.expect(200, 'PATCH /api/v1/account', { token, json: { display_name: 'Ada' } });
      const revocation = { path: { handle }, token: desk.moderator.token, json: { reason: 'The account was sold.' } };
      await caller.expect(204, 'POST /api/v1/moderation/verified/{handle}/revocation', revocation);
      assert.equal((await profile()).verified, null);
      assert.equal((await caller.expect(200, 'DELETE /api/v1/account/verification', { token })).body.verified, null);
    });

    test('a domain that is not on the public internet is not looked at', async () => {
      const { token } = await signUp();
      const domain = '/api/v1/account/verification/domain';
      await caller.expect(400, `PUT ${domain}`, { token, json: { domain: '127.0.0.1' } });
      await caller.expect(200, `PUT ${domain}`, { token, json: { domain: 'localhost.localdomain' } });
      const looked = (await caller.expect(200, `POST ${domain}/check`, { token })).body.domain;
      assert.equal(looked.state, 'waiting');
      assert.notEqual(looked.problem, '');
      await caller.expect(429, `POST ${domain}/check`, { token });
      assert.equal((await caller.expect(200, `DELETE ${domain}`, { token })).body.domain, null);
    });

    test('analytics, for the creator alone', async () => {
      const figures = (await caller.expect(200, 'GET /api/v1/account/analytics', { token: owner.token, query: 'days=7' })).body;
      assert.deepEqual([figures.people_min, figures.days.length, figures.hours.length], [20, 7, 168]);
      const path = { id: video };
      assert.equal((await caller.expect(200, 'GET /api/v1/videos/{id}/analytics', { path, token: owner.token })).body.totals.views, null);
      await caller.expect(404, 'GET /api/v1/videos/{id}/analytics', { path, token: other.token });
    });

    test('collections', async () => {
      const { token } = await signUp();
      const save = (method) => caller.expect(200, `${method} /api/v1/videos/{id}/save`, { path: { id: video }, token });
      assert.deepEqual((await save('PUT')).body, { saved: true });
      assert.equal((await caller.expect(200, 'GET /api/v1/videos/{id}', { path: { id: video }, token })).body.saved, true);
      const boats = (await caller.expect(201, 'POST /api/v1/collections', { token, json: { name: 'Boats' } })).body;
      await caller.expect(409, 'POST /api/v1/collections', { token, json: { name: 'Boats' } });
      const path = { id: boats.id, video };
      const rename = { path, token, json: { name: 'Ships' } };
      assert.equal((await caller.expect(200, 'PATCH /api/v1/collections/{id}', rename)).body.name, 'Ships');
      const place = '/api/v1/collections/{id}/videos/{video}';
      assert.equal((await caller.expect(200, `PUT ${place}`, { path, token })).body.videos, 1);
      const kept = await caller.expect(200, 'GET /api/v1/collections/{id}/videos', { path, token });
      assert.equal(kept.body.items[0].id, video);
      assert.equal((await caller.expect(200, `DELETE ${place}`, { path, token })).body.videos, 0);
      const all = (await caller.expect(200, 'GET /api/v1/collections', { token })).body.items;
      assert.deepEqual(all.map(({ name, videos }) => [name, videos]), [['Saved', 1], ['Ships', 0]]);
      await caller.expect(404, 'GET /api/v1/collections/{id}/videos', { path, token: other.token });
      await caller.expect(204, 'DELETE /api/v1/collections/{id}', { path, token });
      assert.deepEqual((await save('DELETE')).body, { saved: false });
    });

    test('a video on other sites', async () => {
      const address = encodeURIComponent(`${origin}/v/${video}`);
      const answer = await caller.expect(200, 'GET /api/v1/oembed', {
        query: `url=${address}&format=json&maxwidth=300`, headers: { host: new URL(origin).host },
      });
      const { type, version, width, height, html } = answer.body;
      assert.deepEqual([type, version], ['video', '1.0']);
      assert.ok(width <= 300 && height > width);
      const [, source] = /^<iframe src="([^"]+)"/.exec(html);
      const policyOf = async (page) => (await fetch(page)).headers.get('content-security-policy');
      const [framed, plain] = [await policyOf(source), await policyOf(`${origin}/v/${video}`)];
      assert.match(framed, /; frame-ancestors \*$/);
      assert.match(plain, /; frame-ancestors 'none'$/);
      const otherwise = (policy) => policy.replace(/frame-ancestors .*$/, '');
      assert.equal(otherwise(framed), otherwise(plain));
      assert.match(await (await fetch(`${origin}/v/${video}`)).text(), /<link rel="alternate" type="application\/json\+oembed"/);
      for (const wrong of ['https://example.org/v/x', `${origin}/v/${unknownId}`, `${origin}/settings`])
        await caller.expect(404, 'GET /api/v1/oembed', { query: `url=${encodeURIComponent(wrong)}` });
    });

    test('topics', async () => {
      const { body } = await caller.expect(200, 'GET /api/v1/topics', { query: 'limit=5' });
      assert.ok(body.items.every(({ tag, videos }) => tag && videos > 0));
      assert.deepEqual((await caller.expect(200, 'GET /api/v1/topics', { query: 'prefix=nosuchtag' })).body.items, []);
    });

    test('an e-mail address, and a password set by it', async () => {
      const { token, handle, code } = await withEmail();
      await caller.expect(422, 'POST /api/v1/account/email/verification', { token, json: { code: '00000000' } });
      const verified = await caller.expect(200, 'POST /api/v1/account/email/verification', { token, json: { code } });
      assert.equal(verified.body.account.email, 'verified');
      await caller.expect(410, 'POST /api/v1/account/email/verification', { token, json: { code } });
      assert.equal((await caller.expect(200, 'DELETE /api/v1/account/email', { token })).body.account.email, 'none');
      await caller.expect(202, 'POST /api/v1/recovery', { json: { handle } });
      const json = { token: await recoveryToken(), password: `${password} 3` };
      await caller.expect(200, 'POST /api/v1/recovery/password', { json });
      await caller.expect(410, 'POST /api/v1/recovery/password', { json });
    });

    test('what is held about oneself', async () => {
      const { token } = await signUp();
      const held = (await caller.expect(200, 'GET /api/v1/my/data', { token })).body;
      assert.deepEqual(held.sealed.map((one) => one.class).sort(), ['identity', 'link', 'network']);
      const path = { class: 'identity' };
      assert.deepEqual((await caller.expect(200, 'POST /api/v1/my/data/{class}', { path, token })).body.fields, [adultBirthDate]);
      const { receipts } = (await caller.expect(200, 'GET /api/v1/my/receipts', { token })).body;
      assert.deepEqual(receipts.map(({ entry }) => JSON.parse(entry).class), ['identity']);
      const root = Buffer.from(JSON.parse(receipts[0].entry).tags_root, 'base64').toString('base64url');
      const { tags } = (await caller.expect(200, 'GET /api/v1/glass/batches/{root}', { path: { root } })).body;
      assert.deepEqual(tags, receipts[0].tags);
      const archive = await caller.expect(200, 'GET /api/v1/my/export', { token });
      assert.equal(archive.bytes.subarray(0, 2).toString(), 'PK');
      assert.ok(archive.bytes.includes(adultBirthDate));
      const exposed = (value) => caller.expect(200, 'PUT /api/v1/my/exposed', { token, json: { exposed: value } });
      assert.equal((await exposed(true)).body.exposed, true);
      assert.equal((await caller.expect(200, 'GET /api/v1/my/data', { token })).body.exposed, true);
      assert.equal((await exposed(false)).body.exposed, false);
    });

    test('children are refused, and nothing of them is stored', async () => {
      const json = { handle: newHandle('kid'), password, birth_date: new Date().toISOString().slice(0, 10) };
      await caller.expect(403, 'POST /api/v1/accounts', { json });
      await caller.expect(404, 'GET /api/v1/profiles/{handle}', { path: { handle: json.handle } });
    });

    test('staff: a case, a request, two signatures, one field', async () => {
      const colleague = await hire();
      const { id, options } = await newRequest();
      const open = (status) => caller.expect(status, 'POST /api/v1/staff/requests/{id}/open', { path: { id }, token: staff.token });
      const sign = ({ key, token }) =>
        caller.expect(200, 'POST /api/v1/staff/requests/{id}/approvals', { path: { id }, token, json: key.signIn(options) });
      await sign(staff);
      await open(403);
      await sign(colleague);
      await caller.expect(403, 'POST /api/v1/staff/requests/{id}/open', { path: { id }, token: colleague.token });
      assert.equal((await open(200)).body.field, adultBirthDate);
      await open(410);
      const { items } = (await caller.expect(200, 'GET /api/v1/staff/requests', { token: colleague.token })).body;
      assert.equal(items.find((one) => one.id === id).state, 'opened');
      const wrong = { ...(await requestFor(other.handle)), class: 'contact', purpose: 'abuse-case' };
      await caller.expect(404, 'POST /api/v1/staff/requests', { token: staff.token, json: wrong });
      await caller.expect(403, 'POST /api/v1/staff/requests', { token: staff.token, json: { ...wrong, class: 'identity' } });
      const tried = async () => {
        const history = (await caller.expect(200, 'GET /api/v1/staff/history', { token: staff.token })).body.items;
        return history.some((one) => one.kind === 'refused') && history.some((one) => one.kind === 'opened');
      };
      await eventually('the log shows both attempts', tried);
      const path = { id: await newCase() };
      const closed = await caller.expect(200, 'PATCH /api/v1/staff/cases/{id}', { path, token: staff.token, json: { state: 'closed' } });
      assert.equal(closed.body.case.state, 'closed');
      assert.ok((await caller.expect(200, 'GET /api/v1/staff/cases', { token: staff.token })).body.items.length > 0);
      for (const name of ['GET /api/v1/staff/cases', 'GET /api/v1/staff/requests', 'GET /api/v1/staff/history', 'GET /api/v1/staff/demands'])
        await caller.expect(403, name, { token: other.token });
    });

    test('the glass page', async () => {
      await eventually('what runs is in the log', async () => (await caller.expect(200, 'GET /api/v1/glass')).body.builds.length === 1);
      const { body, headers } = await caller.expect(200, 'GET /api/v1/glass');
      assert.equal(body.state, 'up');
      assert.equal(body.mode, 'single-machine');
      assert.equal(headers['cache-control'], 'public, max-age=1');
      assert.equal(createHash('sha256').update(body.rules.text).digest('base64'), body.rules.hash);
      assert.equal(body.days.length, 30);
      assert.equal(body.models.length, 1);
    });

    test('the public log, as its own verifier reads it', async () => {
      const { body } = await caller.expect(200, 'GET /api/v1/glass');
      const read = async (path) => {
        const [, first, rest] = /^(tile|checkpoint)\/?(.*)$/.exec(path);
        const name = first === 'tile' ? 'GET /log/tile/{path}' : 'GET /log/checkpoint';
        return (await caller.expect(200, name, { path: { path: rest } })).bytes;
      };
      const vkey = (await caller.expect(200, 'GET /log/vkey')).bytes.toString();
      assert.equal(vkey.trim(), body.log.vkey);
      const keys = [vkey, ...body.witnesses.map((one) => one.vkey)].map(verifierKey);
      const { entries, signers } = await readLog(read, keys);
      assert.equal(signers.length, 2, 'the log and its witness');
      assert.ok(entries.length >= 2);
    });

    test('demands of authorities', async () => {
      const { token } = staff;
      const taken = (change = {}) =>
        caller.expect(201, 'POST /api/v1/staff/demands', { token, json: { ...demandOfCourt(), sealed_until: null, ...change } });
      const publicly = (id, told = () => true) =>
        eventually(`the demand ${id} is public`, async () => {
          const found = (await caller.expect(200, 'GET /api/v1/glass')).body.demands.find((one) => one.id === id);
          return found && told(found) ? found : null;
        });
      const home = (await taken()).body.demand;
      assert.deepEqual(await publicly(home.id), home);
      const foreign = (await taken({ country: 'XX' })).body.demand;
      assert.equal(foreign.outcome, 'refused');
      assert.equal((await publicly(foreign.id, (one) => one.outcome)).outcome, 'refused');
      const sealed = (await taken({ sealed_until: inAYear() })).body.demand;
      const { id, bucket_s, open_by_s } = sealed;
      assert.deepEqual(await publicly(id), { id, bucket_s, sealed: true, open_by_s, overdue: false, outcome: null });
      const opened = await caller.expect(200, 'POST /api/v1/staff/demands/{id}/opening', { path: { id }, token });
      assert.equal(opened.body.demand.sealed, false);
      await caller.expect(409, 'POST /api/v1/staff/demands/{id}/opening', { path: { id }, token });
      const decide = (status, json) => caller.expect(status, 'POST /api/v1/staff/demands/{id}/outcome', { path: { id }, token, json });
      assert.equal((await decide(200, { outcome: 'partly', reason: 'One of two.' })).body.demand.outcome, 'partly');
      await decide(409, { outcome: 'complied', reason: '' });
      const list = await caller.expect(200, 'GET /api/v1/staff/demands', { token });
      assert.deepEqual(list.body.items.slice(0, 3).map((one) => one.id), [id, foreign.id, home.id]);
      await caller.expect(403, 'POST /api/v1/staff/demands', { token, json: { ...demandOfCourt(), country: 'XX' } });
    });

    test('searching', async () => {
      const { token } = owner;
      const path = { id: video };
      const before = (await caller.expect(200, 'GET /api/v1/videos/{id}', { path })).body;
      const caption = 'A zébra crossing #black_white';
      await caller.expect(200, 'PATCH /api/v1/videos/{id}', { path, token, json: { caption, tags: [] } });
      const search = async (query) => (await caller.expect(200, 'GET /api/v1/search', { query, token })).body;
      const all = await search('q=zebra+cross');
      assert.deepEqual(all.videos.map(({ id }) => id), [video]);
      assert.equal(all.videos[0].own, true);
      assert.equal((await search(`q=${owner.handle}&kind=accounts`)).accounts[0].handle, owner.handle);
      assert.deepEqual((await search('q=black&kind=tags')).tags, [{ tag: 'black_white', videos: 1 }]);
      assert.deepEqual(await search('q=%22*%27'), { videos: [], accounts: [], tags: [], next: null });
      const suggest = await caller.expect(200, 'GET /api/v1/search/suggestions', { query: 'q=balckwh' });
      assert.deepEqual(suggest.body.items, [{ text: 'black_white', kind: 'tag' }]);
      assert.match(suggest.headers['cache-control'], /private/);
      for (const sort of ['top', 'new']) {
        const page = await caller.expect(200, 'GET /api/v1/tags/{tag}', { path: { tag: 'Black_White' }, query: `sort=${sort}` });
        assert.deepEqual([page.body.tag, page.body.videos, page.body.items[0].id], ['black_white', 1, video]);
      }
      await hidesBehindABlock('zebra');
      const { tags } = before;
      await caller.expect(200, 'PATCH /api/v1/videos/{id}', { path, token, json: { caption: before.caption, tags } });
      assert.deepEqual((await search('q=zebra')).videos, []);
      await caller.expect(404, 'GET /api/v1/tags/{tag}', { path: { tag: 'black_white' } });
    });

    /** Nothing of the owner's is found by whom the owner has blocked. */
    async function hidesBehindABlock(word) {
      const { handle } = other;
      const finds = async (query) => {
        const { videos, accounts } = (await caller.expect(200, 'GET /api/v1/search', { query, token: other.token })).body;
        return videos.length + accounts.length;
      };
      assert.equal(await finds(`q=${word}`), 1);
      assert.equal(await finds(`q=${owner.handle}&kind=accounts`), 1);
      await caller.expect(200, 'PUT /api/v1/profiles/{handle}/block', { path: { handle }, token: owner.token });
      assert.equal(await finds(`q=${word}`), 0);
      assert.equal(await finds(`q=${owner.handle}&kind=accounts`), 0);
      const suggest = { query: `q=%40${owner.handle}`, token: other.token };
      assert.deepEqual((await caller.expect(200, 'GET /api/v1/search/suggestions', suggest)).body.items, []);
      await caller.expect(200, 'DELETE /api/v1/profiles/{handle}/block', { path: { handle }, token: owner.token });
    }

    test('what trends, and by which rule', async () => {
      const { body } = await caller.expect(200, 'GET /api/v1/trending');
      assert.deepEqual([body.tags, body.videos], [[], []]);
      assert.match(body.definition, /Views of the last/);
      const inPortuguese = await caller.expect(200, 'GET /api/v1/trending', { query: 'language=pt-BR' });
      assert.deepEqual([inPortuguese.body.videos, inPortuguese.body.languages], [[], []]);
      await caller.expect(400, 'GET /api/v1/trending', { query: 'language=nowhere-at-all' });
      const inGermany = (await caller.expect(200, 'GET /api/v1/trending', { query: 'region=DE' })).body;
      assert.deepEqual([inGermany.region, inGermany.regions, inGermany.definition], [null, [], body.definition], 'too few people: everybody’s');
      for (const query of ['region=XX', 'region=de', 'region=DE&language=de']) await caller.expect(400, 'GET /api/v1/trending', { query });
    });

    const idOf = async ({ handle }) => (await caller.expect(200, 'GET /api/v1/profiles/{handle}', { path: { handle } })).body.id;
    const inPublicLog = (decision, action) =>
      eventually(`the log tells of ${action}`, async () =>
        (await caller.expect(200, 'GET /api/v1/glass')).body.interventions.some((one) => one.target === decision.id && one.action === action && one.by === 'moderation'));
    const decisionsAbout = async ({ token }) => (await caller.expect(200, 'GET /api/v1/account/decisions', { token })).body.items;

    /** Told behind the bell, and with nobody's name. */
    const hears = ({ token }, { kind, matter }) =>
      eventually(`${kind} is told`, async () => {
        const { items } = (await caller.expect(200, 'GET /api/v1/notifications', { token })).body;
        return items.some((one) => one.kind === kind && one.matter === matter && one.actors.length === 0);
      });

    test('reports: reasons, one of a thing, none of oneself', async () => {
      const { items } = (await caller.expect(200, 'GET /api/v1/reports/reasons')).body;
      assert.ok(items.some(({ reason }) => reason === 'impersonation') && items.every(({ reason, text }) => reason !== 'rule' && text));
      const reporter = await desk.report();
      const report = (status, json, { token } = reporter) => caller.expect(status, 'POST /api/v1/reports', { token, json });
      await report(409, { kind: 'video', id: desk.video, reason: 'hate' });
      await report(400, { kind: 'video', id: desk.video, reason: 'hate' }, desk.suspect);
      await report(400, { kind: 'account', id: await idOf(owner), reason: 'illegal' });
      await report(404, { kind: 'video', id: unknownId, reason: 'spam' });
      const mine = (await caller.expect(200, 'GET /api/v1/account/reports', { token: reporter.token })).body.items;
      assert.equal(mine[0].open, true);
      await desk.decide({ action: 'no_action' });
      const told = (await caller.expect(200, 'GET /api/v1/account/reports', { token: reporter.token })).body.items[0];
      assert.equal(told.outcome.action, 'no_action');
      await hears(reporter, { kind: 'report', matter: told.id });
      assert.deepEqual(await decisionsAbout(desk.suspect), [], 'nobody is told that nothing was done to them');
    });

    test('a video is removed, its files too, and comes back on appeal', async () => {
      const path = { id: desk.video };
      const { body } = await caller.expect(200, 'GET /api/v1/videos/{id}', { path });
      const file = { path: body.sources[0].url.replace('/media/', '') };
      const sees = async (status, account) => {
        await caller.expect(status, 'GET /api/v1/videos/{id}', { path, token: account?.token });
        await caller.expect(status, 'GET /media/{path}', { path: file, token: account?.token });
      };
      const reporter = await desk.report();
      const id = await desk.claimedCase();
      await desk.claim(id, desk.colleague, 409);
      const release = { path: { id }, token: desk.moderator.token };
      assert.equal((await caller.expect(200, 'POST /api/v1/moderation/queue/{id}/release', release)).body.claim, null);
      const decision = await desk.decide({ action: 'remove' });
      for (const account of [undefined, other, reporter]) await sees(404, account);
      for (const account of [desk.suspect, desk.moderator]) await sees(200, account);
      assert.equal((await caller.expect(200, 'GET /api/v1/account/videos', { token: desk.suspect.token })).body.items[0].state, 'removed');
      assert.deepEqual((await decisionsAbout(desk.suspect))[0], decision);
      await inPublicLog(decision, 'remove');
      await hears(desk.suspect, { kind: 'decision', matter: decision.id });
      // News of the second report joins that of the first, which nobody has read yet.
      await hears(reporter, { kind: 'report', matter: null });
      const before = { path: { id: await idOf(desk.suspect) }, token: desk.colleague.token };
      const { items: [known] } = (await caller.expect(200, 'GET /api/v1/moderation/accounts/{id}/decisions', before)).body;
      assert.deepEqual(known, decision);
      const appeal = await desk.appeal(decision);
      await desk.decideAppeal(appeal, 'reversed', desk.moderator, 403);
      assert.equal((await desk.decideAppeal(appeal, 'reversed')).body.reversed, true);
      await desk.decideAppeal(appeal, 'upheld', desk.colleague, 409);
      await hears(desk.suspect, { kind: 'appeal', matter: decision.id });
      for (const account of [undefined, other, desk.suspect]) await sees(200, account);
      await inPublicLog(decision, 'reverse');
      const { items } = (await caller.expect(200, 'GET /api/v1/account/reports', { token: reporter.token })).body;
      assert.equal(items[0].outcome.reversed, true);
    });

    test('a video is labelled, and another time kept out of feeds', async () => {
      const look = async () => (await caller.expect(200, 'GET /api/v1/videos/{id}', { path: { id: desk.video } })).body;
      const inFeed = async () => {
        const { token } = await signUp();
        const { items } = (await caller.expect(200, 'GET /api/v1/feed', { query: 'limit=20', token })).body;
        return items.some((item) => item.video.id === desk.video);
      };
      assert.ok(await inFeed());
      const label = await desk.decide({ action: 'label', labels: ['sensitive', 'ai_made'] });
      assert.deepEqual([(await look()).labels, (await look()).sensitive], [['ai_made'], true]);
      const limit = await desk.decide({ action: 'limit', days: 7 });
      assert.equal((await look()).state, 'live');
      assert.ok(!(await inFeed()));
      for (const decision of [label, limit]) await desk.decideAppeal(await desk.appeal(decision), 'reversed');
      assert.deepEqual([(await look()).labels, (await look()).sensitive], [[], false]);
      assert.ok(await inFeed());
    });

    test('a suspended account reads why, appeals, and does nothing else', async () => {
      const person = await signUp();
      const target = { kind: 'account', id: await idOf(person) };
      const decision = await desk.decide({ action: 'suspend', days: 1 }, target);
      const signIn = (status, more) => caller.expect(status, 'POST /api/v1/session', { json: { handle: person.handle, password, ...more } });
      assert.match((await signIn(403)).body.detail, /suspended until .* It breaks it\. .*appeal/);
      const session = (await signIn(200, { appeal: true })).body;
      assert.equal(session.account.suspended.until, decision.until);
      for (const { token } of [person, session]) {
        await caller.expect(403, 'POST /uploads', { token, headers: { ...tus, 'upload-length': '9' } });
        await caller.expect(403, 'POST /api/v1/videos/{id}/comments', { path: { id: video }, token, json: { text: 'Still here' } });
        await caller.expect(403, 'PUT /api/v1/videos/{id}/like', { path: { id: video }, token });
        await caller.expect(403, 'POST /api/v1/reports', { token, json: { kind: 'video', id: video, reason: 'spam' } });
        await caller.expect(200, 'GET /api/v1/my/export', { token });
        assert.equal((await decisionsAbout({ token }))[0].id, decision.id);
      }
      await inPublicLog(decision, 'suspend');
      await desk.decideAppeal(await desk.appeal(decision, session), 'reversed');
      assert.equal((await signIn(200)).body.account.suspended, null);
    });

    test('automatic rules hold what they find, and say so', async () => {
      const { token } = desk.moderator;
      const none = (await caller.expect(200, 'GET /api/v1/moderation/rules', { token })).body;
      const rules = { ...none, words: [{ text: 'Cheap pills', outcome: 'hold' }] };
      assert.deepEqual((await caller.expect(200, 'PUT /api/v1/moderation/rules', { token, json: rules })).body, rules);
      const spammer = await signUp();
      const held = await comment(spammer, 'CHEAP   pills!');
      assert.equal(held.state, 'held');
      assert.ok((await comments()).every(({ id }) => id !== held.id));
      const [decision] = await decisionsAbout(spammer);
      assert.deepEqual([decision.automated, decision.action, decision.target.id], [true, 'hold', held.id]);
      assert.match(decision.facts, /Cheap pills/);
      await desk.decide({ action: 'no_action' }, decision.target);
      assert.ok((await comments()).some(({ id }) => id === held.id));
      await caller.expect(200, 'PUT /api/v1/moderation/rules', { token, json: none });
    });

    test('moderation is for moderators', async () => {
      assert.equal((await caller.expect(200, 'GET /api/v1/session', { token: desk.moderator.token })).body.account.moderator, true);
      const decision = await desk.decide({ action: 'warn' });
      const appeal = await desk.appeal(decision);
      const reporter = await desk.report();
      const [{ id }] = (await desk.queue()).filter(({ target }) => target.id === desk.video);
      const judge = { action: 'no_action', ground: 'rules', rule: 'None', reason: 'None' };
      for (const { token } of [other, staff, reporter, desk.suspect]) {
        for (const name of ['queue', 'appeals', 'rules']) await caller.expect(403, `GET /api/v1/moderation/${name}`, { token });
        await caller.expect(403, 'PUT /api/v1/moderation/rules', { token, json: {} });
        await caller.expect(403, 'GET /api/v1/moderation/accounts/{id}/decisions', { path: { id: await idOf(desk.suspect) }, token });
        await desk.claim(id, { token }, 403);
        await caller.expect(403, 'POST /api/v1/moderation/queue/{id}/release', { path: { id }, token });
        await caller.expect(403, 'POST /api/v1/moderation/queue/{id}/decision', { path: { id }, token, json: judge });
        await desk.decideAppeal(appeal, 'reversed', { token }, 403);
      }
      for (const { token } of [other, reporter, desk.moderator])
        await caller.expect(404, 'POST /api/v1/account/decisions/{id}/appeal', { path: { id: decision.id }, token, json: { text: 'Why?' } });
      await desk.decide({ action: 'no_action' });
      await desk.decideAppeal(appeal, 'upheld');
    });

    const controls = {
      daily_minutes: 45, quiet: { from: '21:00', to: '07:00' }, comments: 'followers', mentions: 'nobody', sensitive_locked: true,
      left_out: ['diet'], search: false, findable: false,
    };

    test('limits', async () => {
      const { token } = await signUp();
      const limits = async (name, json) => (await caller.expect(200, `${name}`, { token, json })).body;
      assert.equal((await limits('GET /api/v1/account/limits')).daily_minutes, null);
      const json = { daily_minutes: 30, quiet: null, hide_sensitive: true };
      assert.equal((await limits('PUT /api/v1/account/limits', json)).own.daily_minutes, 30);
      assert.equal((await limits('PUT /api/v1/account/limits/time-zone', { time_zone: 'Asia/Tokyo' })).time_zone, 'Asia/Tokyo');
      const events = [{ ...watchEvent(), watched_ms: 30 * 60_000 }];
      const count = () => caller.expect(200, 'POST /api/v1/events', { token, json: { events } });
      await count();
      await count();
      assert.deepEqual((({ used_minutes, rest }) => [used_minutes, rest])(await limits('GET /api/v1/account/limits')), [30, 'limit'], 'once, however often it is sent');
      const feed = await caller.expect(200, 'GET /api/v1/feed', { token });
      assert.deepEqual([feed.body.items, feed.body.rest.why], [[], 'limit']);
      assert.equal((await limits('POST /api/v1/account/limits/extra')).rest, 'none');
      await caller.expect(409, 'POST /api/v1/account/limits/extra', { token });
      const minor = await signUpMinor();
      await caller.expect(403, 'PUT /api/v1/account/limits', { token: minor.token, json: { ...json, daily_minutes: 61 } });
      await caller.expect(401, 'GET /api/v1/account/limits');
    });

    test('families', async () => {
      const { guardian, ward, id } = await family({ waits: true });
      const path = { id };
      const place = { id: ward.id };
      const stranger = await signUp();
      const waiting = await caller.expect(200, 'GET /api/v1/family', { token: ward.token });
      assert.deepEqual([waiting.body.role, waiting.body.waiting, waiting.body.pairings[0].other.handle], ['none', true, guardian.handle]);
      await caller.expect(403, 'GET /api/v1/family/wards/{id}', { path: place, token: guardian.token });
      await caller.expect(404, 'PUT /api/v1/family/pairings/{id}/confirmation', { path, token: stranger.token });
      for (const { token } of [guardian, ward]) await caller.expect(200, 'PUT /api/v1/family/pairings/{id}/confirmation', { path, token });
      const set = (status, { token }, json = controls) => caller.expect(status, 'PUT /api/v1/family/wards/{id}/controls', { path: place, token, json });
      assert.deepEqual((await set(200, guardian)).body, controls);
      for (const other of [ward, stranger]) await set(403, other);
      const seen = async ({ token }) => (await caller.expect(200, 'GET /api/v1/family/wards/{id}', { path: place, token })).body;
      assert.deepEqual(await seen(guardian), await seen(ward), 'both see the same');
      assert.deepEqual(Object.keys(await seen(guardian)).sort(), ['changes', 'controls', 'days', 'person']);
      await caller.expect(403, 'GET /api/v1/family/wards/{id}', { path: place, token: stranger.token });
      await caller.expect(403, 'GET /api/v1/search', { query: 'q=x', token: ward.token });
      const session = await caller.expect(200, 'GET /api/v1/session', { token: ward.token });
      assert.deepEqual(session.body.account.family, { role: 'ward', waiting: false });
      await caller.expect(204, 'DELETE /api/v1/family/pairings/{id}', { path, token: ward.token });
      await caller.expect(403, 'GET /api/v1/family/wards/{id}', { path: place, token: guardian.token });
      const told = (await eventually('it is told', async () => {
        const { items } = (await caller.expect(200, 'GET /api/v1/notifications', { token: guardian.token })).body;
        return items[0];
      }));
      assert.deepEqual([told.kind, told.actors[0].handle], ['family_end', ward.handle]);
    });

    test('whom the service declines', async () => {
      const { body } = await caller.expect(200, 'GET /api/v1/glass/official');
      assert.deepEqual(body, { mail_domains: [], networks: [], signals: [] });
    });

    test('files: every rendition, picture and playlist, whole and in part', async () => {
      const { body } = await caller.expect(200, 'GET /api/v1/videos/{id}', { path: { id: video } });
      for (const url of [...body.sources.map((source) => source.url), body.poster, body.preview.url, body.hls]) {
        const path = { path: url.replace('/media/', '') };
        const whole = await caller.expect(200, 'GET /media/{path}', { path });
        const part = await caller.expect(206, 'GET /media/{path}', { path, headers: { range: 'bytes=1-9' } });
        assert.deepEqual(part.bytes, whole.bytes.subarray(1, 10));
        await caller.expect(304, 'GET /media/{path}', { path, headers: { 'if-none-match': whole.headers.etag } });
      }
    });
  });

  const inAYear = () => new Date(Date.now() + 365 * 86_400_000).toISOString().slice(0, 10);
  const demandOfCourt = () => ({
    authority: 'Court of Amsterdam', country: 'NL', basis: 'Sv 126nd', class: 'contact', zone: 'home', sealed_until: inAYear(),
  });
  const newDemand = async () =>
    (await caller.expect(201, 'POST /api/v1/staff/demands', { token: staff.token, json: demandOfCourt() })).body.demand.id;

  const verificationRequest = { kind: 'organisation', name: 'Harbour office', links: ['https://example.org/about'], text: 'Look at the page.' };
  async function askedToBeVerified() {
    const { handle, token } = await signUp();
    const asked = await caller.expect(201, 'POST /api/v1/account/verification', { token, json: verificationRequest });
    return { id: asked.body.request.id, handle, token };
  }
  async function verifiedPerson() {
    const { id, handle, token } = await askedToBeVerified();
    const json = { outcome: 'granted', display_name: 'Ada', reason: 'Seen on their page.' };
    await caller.expect(204, 'POST /api/v1/moderation/verifications/{id}/decision', { path: { id }, token: desk.moderator.token, json });
    return { handle, token };
  }

  /** For each operation that takes JSON, a request that succeeds, made anew each time. */
  const goodRequests = {
    'POST /api/v1/session': () => ({ json: { handle: owner.handle, password, appeal: false } }),
    'POST /api/v1/accounts': () => ({ json: { handle: newHandle(), password, display_name: 'Ada', birth_date: adultBirthDate } }),
    'PATCH /api/v1/account': async () => ({
      token: (await signUp()).token, json: { display_name: 'Ada', bio: 'Paints.', region: 'NL', current_password: password, password },
    }),
    'DELETE /api/v1/account': async () => ({ token: (await signUp()).token, json: { password } }),
    'PATCH /api/v1/videos/{id}': async () => {
      chooser ??= await signUp();
      chosen ??= await upload(chooser, clip);
      return {
        path: { id: chosen },
        token: chooser.token,
        json: {
          caption: 'A test', tags: ['test'], audience: 'public', comment_permission: 'everyone', duet_permission: 'followers',
          labels: ['ai_made'], draft: false, publish_at: Date.now() + 86_400_000,
        },
      };
    },
    'POST /api/v1/playlists': async () => ({ token: (await signUp()).token, json: { title: 'Patterns' } }),
    'PATCH /api/v1/playlists/{id}': async () => ({ ...(await newPlaylist()), json: { title: 'Tests' } }),
    'PUT /api/v1/playlists/{id}/videos': async () => ({ ...(await newPlaylist()), json: { videos: [video] } }),
    'POST /api/v1/events': () => ({ json: { events: [watchEvent()] } }),
    'PUT /api/v1/feed/preferences': () => ({
      token: other.token,
      json: { personalised: true, topics: ['boats'], muted_tags: ['cats'], muted_creators: [unknownId] },
    }),
    'POST /api/v1/staff/demands': () => ({ token: staff.token, json: demandOfCourt() }),
    'POST /api/v1/staff/demands/{id}/outcome': async () => ({
      path: { id: await newDemand() }, token: staff.token, json: { outcome: 'partly', reason: 'One of two.' },
    }),
    'POST /api/v1/reports': async () => ({
      token: (await signUp()).token,
      json: { kind: 'video', id: desk.video, reason: 'illegal', country: 'NL', text: 'Look at this.', impersonates: null },
    }),
    'POST /api/v1/account/decisions/{id}/appeal': async () => ({
      path: { id: (await desk.decide({ action: 'warn' })).id }, token: desk.suspect.token, json: { text: 'It does not.' },
    }),
    'POST /api/v1/moderation/queue/{id}/decision': async () => ({
      path: { id: await desk.claimedCase() },
      token: desk.moderator.token,
      json: {
        action: 'label', labels: ['ai_made'], ground: 'law', rule: 'Act 1', reason: 'It is.', facts: 'At 0:01.', days: 0,
      },
    }),
    'POST /api/v1/moderation/appeals/{id}/decision': async () => ({
      path: { id: await desk.openAppeal() }, token: desk.colleague.token, json: { outcome: 'upheld', reason: 'It stands.' },
    }),
    'PUT /api/v1/moderation/rules': () => ({
      token: desk.moderator.token,
      json: {
        words: [{ text: 'cheap pills', outcome: 'queue' }], hashes: [{ sha256: 'a'.repeat(64), outcome: 'hold' }],
        videos_per_hour: 1000, rate_outcome: 'queue',
      },
    }),
    'POST /api/v1/account/verification': async () => ({ token: (await signUp()).token, json: verificationRequest }),
    'PUT /api/v1/account/verification/domain': async () => ({ token: (await signUp()).token, json: { domain: 'example.org' } }),
    'POST /api/v1/moderation/verifications/{id}/decision': async () => {
      const { id } = await askedToBeVerified();
      return {
        path: { id }, token: desk.moderator.token, json: { outcome: 'granted', display_name: 'Ada', reason: 'Seen on their page.' },
      };
    },
    'POST /api/v1/moderation/verified/{handle}/revocation': async () => ({
      path: { handle: (await verifiedPerson()).handle }, token: desk.moderator.token, json: { reason: 'The account was sold.' },
    }),
    'PUT /api/v1/account/email': async () => ({ token: (await signUp()).token, json: { email: newEmail() } }),
    'POST /api/v1/account/email/verification': async () => {
      const { token, code } = await withEmail();
      return { token, json: { code } };
    },
    'POST /api/v1/recovery': () => ({ json: { handle: owner.handle } }),
    'POST /api/v1/recovery/password': async () => ({ json: { token: await recoveryToken(), password } }),
    'PUT /api/v1/my/exposed': async () => ({ token: (await signUp()).token, json: { exposed: true } }),
    'POST /api/v1/staff/cases': () => ({ token: staff.token, json: { title: 'Threats' } }),
    'PATCH /api/v1/staff/cases/{id}': async () => ({ path: { id: await newCase() }, token: staff.token, json: { state: 'closed' } }),
    'POST /api/v1/staff/requests': async () => ({ token: staff.token, json: await requestFor(other.handle) }),
    'POST /api/v1/staff/requests/{id}/approvals': async () => {
      const { id, options } = await newRequest();
      return { path: { id }, token: staff.token, json: staff.key.signIn(options) };
    },
    'POST /api/v1/videos/{id}/comments': async () => {
      thread ??= await comment(owner, 'A thread');
      return { path: { id: video }, token: (await signUp()).token, json: { text: 'Well done', parent: thread.id } };
    },
    'PATCH /api/v1/comments/{id}': async () => {
      const author = await signUp();
      return { path: { id: (await comment(author, 'Well done')).id }, token: author.token, json: { text: 'Better' } };
    },
    'PUT /api/v1/account/comment-rules': () => ({
      token: other.token, json: { who: 'followers', hold: 'strangers', words: ['spam'] },
    }),
    'POST /api/v1/notifications/read': () => ({ token: other.token, json: { until: unknownId } }),
    'PUT /api/v1/account/notification-settings': () => ({
      token: other.token,
      json: {
        follow: true, like: false, comment: true, reply: true, mention: true, comment_like: false, duet: true, stitch: true, sound: true, repost: true,
        push: { follow: true, like: false, comment: true, reply: true, mention: true, comment_like: false, duet: true, stitch: true, sound: true, repost: true },
        digest: 'never',
      },
    }),
    'PUT /api/v1/account/limits': async () => ({
      token: (await signUp()).token, json: { daily_minutes: 60, quiet: { from: '22:00', to: '06:00' }, hide_sensitive: true },
    }),
    'PUT /api/v1/account/limits/time-zone': async () => ({ token: (await signUp()).token, json: { time_zone: 'Asia/Tokyo' } }),
    'POST /api/v1/family/pairings': async () => {
      const { code } = (await caller.expect(201, 'POST /api/v1/family/codes', { token: (await signUp()).token })).body;
      return { token: (await signUpMinor()).token, json: { code } };
    },
    'PUT /api/v1/family/wards/{id}/controls': async () => {
      shared ??= await family();
      return {
        path: { id: shared.ward.id },
        token: shared.guardian.token,
        json: {
          daily_minutes: 45, quiet: { from: '21:00', to: '07:00' }, comments: 'followers', mentions: 'nobody', sensitive_locked: true,
          left_out: ['diet'], search: false, findable: false,
        },
      };
    },
    'POST /api/v1/account/push-subscriptions': async () => ({ token: (await signUp()).token, json: pushSubscription() }),
    'POST /api/v1/collections': () => ({ token: other.token, json: { name: randomBytes(8).toString('hex') } }),
    'PATCH /api/v1/collections/{id}': async () => {
      const { token } = await signUp();
      const made = await caller.expect(201, 'POST /api/v1/collections', { token, json: { name: 'Boats' } });
      return { path: { id: made.body.id }, token, json: { name: 'Ships' } };
    },
    'POST /api/v1/passkeys/registration': () => ({
      json: { handle: newHandle(), display_name: 'Ada', birth_date: adultBirthDate },
    }),
    'POST /api/v1/passkeys': async () => {
      const options = await caller.expect(200, 'POST /api/v1/passkeys/registration', { token: other.token });
      const key = new Authenticator(origin);
      return { token: other.token, json: { ...key.register(options.body), name: 'Laptop' } };
    },
    'POST /api/v1/session/passkey': async () => {
      ownersPasskey ??= (await registerPasskey(owner)).key;
      const json = ownersPasskey.signIn((await caller.expect(200, 'POST /api/v1/passkeys/authentication')).body);
      return { json: { ...json, appeal: false } };
    },
  };
  let ownersPasskey;
  let shared;
  let thread;
  /** Somebody with a video that is edited over and over. */
  let chooser;
  let chosen;
  let playlist;
  async function newPlaylist() {
    const { token } = owner;
    playlist ??= (await caller.expect(201, 'POST /api/v1/playlists', { token, json: { title: 'Patterns' } })).body.id;
    return { path: { id: playlist }, token };
  }

  const isSuccess = (answer) => answer.status >= 200 && answer.status < 300;

  /** A refusal tells what to mend; one for asking too often would tell nothing of the input. */
  function assertRefused(answer, told) {
    const { status } = answer;
    assert.ok(status >= 400 && status < 500 && status !== 429, `${told}: ${status} ${answer.bytes.subarray(0, 400)}`);
  }

  /** Of a batch of events each is judged for itself. */
  const rejectsOne = (answer) => isSuccess(answer) && answer.body?.rejected?.length === 1;

  async function assertJudged(name, request, told) {
    const answer = await caller.call(name, request);
    if (rejectsOne(answer)) return;
    const allowed = description.allowsBody(name, request.json);
    if (!allowed || !isSuccess(answer)) assertRefused(answer, `${name} with ${told}`);
  }

  describe('given bad bodies', () => {
    test('each operation that takes JSON is tried', () => {
      const takesJson = description.where((operation) => operation.requestBody?.content['application/json']);
      assert.deepEqual(Object.keys(goodRequests).sort(), takesJson.sort());
    });

    for (const [name, goodRequest] of Object.entries(goodRequests)) {
      test(name, async () => {
        const good = await goodRequest();
        const places = bad.placesIn(good.json);
        const left = description.placesInBody(name).map(String).filter((place) => !places.map(String).includes(place));
        assert.deepEqual(left, [], 'the good request has each member');
        assert.ok(isSuccess(await caller.call(name, good)), 'the good request succeeds');
        await refusesBrokenBodies(name, await goodRequest());
        for (const place of places) await judgesEachValue(name, goodRequest, place);
      });
    }

    async function refusesBrokenBodies(name, { json, ...rest }) {
      const typed = (type) => ({ ...rest, headers: { 'content-type': type } });
      for (const [what, body] of Object.entries(bad.brokenBodies(json))) {
        assertRefused(await caller.call(name, { ...typed('application/json'), body }), `${name} with ${what}`);
      }
      for (const type of ['text/html', 'application/xml', 'application/json-patch+json', 'nonsense', ';'])
        await caller.expect(415, name, { ...typed(type), body: JSON.stringify(json) });
      await caller.expect(413, name, { ...rest, json: { ...json, more: 'x'.repeat(300 << 10) } });
    }

    async function judgesEachValue(name, goodRequest, place) {
      const told = place.join('.');
      for (const [what, value] of Object.entries(bad.wrongValues)) {
        const request = await goodRequest();
        await assertJudged(name, { ...request, json: bad.withValue(request.json, place, value) }, `${what} as ${told}`);
      }
      const request = await goodRequest();
      await assertJudged(name, { ...request, json: bad.without(request.json, place) }, `no ${told}`);
    }

    test('a batch of more than 100 events', async () => {
      await caller.expect(400, 'POST /api/v1/events', { json: { events: Array.from({ length: 101 }, watchEvent) } });
    });

    test('more choices than are kept, each list at its limit and one past it', async () => {
      const name = 'PUT /api/v1/feed/preferences';
      const { token, json } = goodRequests[name]();
      const tag = (n) => `t${n}`;
      const id = (n) => unknownId.slice(0, -3) + (100 + n);
      const lists = { topics: [32, tag], muted_tags: [64, tag], muted_creators: [128, id] };
      for (const [member, [max, make]] of Object.entries(lists)) {
        const list = Array.from({ length: max + 1 }, (_, n) => make(n));
        await caller.expect(200, name, { token, json: { ...json, [member]: list.slice(1) } });
        const refused = await caller.expect(400, name, { token, json: { ...json, [member]: list } });
        assert.ok(refused.body.detail.includes(`"${member}"`), refused.body.detail);
      }
    });

    test('a video of somebody else', async () => {
      const path = { id: video };
      await caller.expect(403, 'PATCH /api/v1/videos/{id}', { path, token: other.token, json: { caption: 'Mine' } });
      await caller.expect(403, 'DELETE /api/v1/videos/{id}', { path, token: other.token });
    });

    test('markup, which is text like any other', async () => {
      for (const text of bad.markup) {
        const author = await signUp();
        assert.equal((await comment(author, text)).text, text);
        const page = await caller.expect(200, 'GET /api/v1/videos/{id}/comments', { path: { id: video }, query: 'sort=new' });
        assert.equal(page.body.items[0].text, text);
        assert.equal(page.type, 'application/json');
        assert.equal(page.headers['x-content-type-options'], 'nosniff');
        const named = { token: author.token, json: { name: text.slice(0, 50) } };
        assert.equal((await caller.expect(201, 'POST /api/v1/collections', named)).body.name, text.slice(0, 50).trim());
      }
    });

    test('a storm of mentions, and comments without end', async () => {
      const { token } = await signUp();
      const say = async (text) =>
        (await caller.call('POST /api/v1/videos/{id}/comments', { path: { id: video }, token, json: { text } })).status;
      assert.equal(await say(Array.from({ length: 40 }, (_, n) => `@user${n}`).join(' ')), 400);
      assert.equal(await say('@'.repeat(500)), 201);
      const statuses = [];
      while (statuses.length < 30 && statuses.at(-1) !== 429) statuses.push(await say('again'));
      assert.equal(statuses.at(-1), 429);
      assert.ok(statuses.length >= 10);
    });

    test('more streams than an account may have', async () => {
      const { handle, token } = await signUp();
      const name = 'GET /api/v1/notifications/stream';
      const begun = new Set();
      const streams = Array.from({ length: 5 }, () =>
        caller.events(name, token, (events) => begun.add(events) && events.at(-1)?.[1].unread === 1));
      while (begun.size < streams.length) await pause(20);
      await caller.expect(429, name, { token });
      await caller.expect(200, 'PUT /api/v1/profiles/{handle}/follow', { path: { handle }, token: other.token });
      await Promise.all(streams);
    });

    test('an idempotency key used twice, and one too long', async () => {
      const headers = { 'idempotency-key': 'once' };
      const like = (method) => ({ path: { id: video }, token: other.token, headers });
      await caller.expect(200, 'PUT /api/v1/videos/{id}/like', like());
      await caller.expect(422, 'DELETE /api/v1/videos/{id}/like', like());
      for (const key of ['', 'x'.repeat(129)]) {
        const request = { ...like(), headers: { 'idempotency-key': key } };
        await caller.expect(400, 'PUT /api/v1/videos/{id}/like', request);
      }
      await caller.expect(200, 'DELETE /api/v1/videos/{id}/like', { path: { id: video }, token: other.token });
    });
  });

  describe('given bad addresses', () => {
    const everyPlace = () => ({ id: video, video, handle: owner.handle, tag: 'test', code: 'not-found', path: unknownId, root: unknownId, class: 'none', language: 'en' });

    test('in each place of a path', async () => {
      for (const name of description.where((operation) => operation.path.includes('{'))) {
        for (const { name: key } of description.parameters(name, 'path')) {
          for (const [what, value] of [...Object.entries(bad.wrongPathValues), ['what is not there', unknownId]]) {
            const request = { path: { ...everyPlace(), [key]: value }, token: owner.token, headers: piece };
            const answer = await caller.call(name, { ...request, ...jsonFor(name) });
            // What a tus server can do it tells at any address.
            if (name.startsWith('OPTIONS ') && answer.status === 204) continue;
            assertRefused(answer, `${name} with ${what}`);
          }
        }
      }
    });

    /** So that the address is all that is wrong. */
    const jsonFor = (name) => (description.bodySchema(name) ? { json: {}, headers: {} } : {});

    test('in each query parameter', async () => {
      for (const name of description.where((operation) => operation.parameters?.some((one) => one.in === 'query'))) {
        for (const parameter of description.parameters(name, 'query')) await judgesQuery(name, parameter);
      }
    });

    async function judgesQuery(name, parameter) {
      const ask = (value) =>
        caller.call(name, { path: everyPlace(), token: owner.token, query: `${parameter.name}=${value}` });
      for (const [what, value] of Object.entries(bad.brokenQueryValues))
        assertRefused(await ask(value), `${name} with ${what} as ${parameter.name}`);
      for (const value of bad.wrongQueryValues) {
        const answer = await ask(encodeURIComponent(value));
        const allowed = description.allowsValue(parameter, value);
        if (!allowed || !isSuccess(answer)) assertRefused(answer, `${name} with ${parameter.name}=${value.slice(0, 40)}`);
      }
    }

    test('with a hundred values and more', async () => {
      assertRefused(await caller.call('GET /api/v1/feed', { query: 'a=b&'.repeat(1000) }), 'a thousand values');
    });

    test('with another method', async () => {
      for (const request of ['PUT /api/v1/session', 'GET /uploads', 'DELETE /healthz', 'POST /media/x']) {
        const answer = await caller.exchange(`${request} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
        assert.equal(answer.status, 405, request);
        assertProblem(answer, request);
        caller.problemTypes.add(answer.body.type);
      }
    });
  });

  describe('given bad credentials', () => {
    const credentials = { 'none': {}, ...bad.wrongCredentials() };

    test('refuses whatever needs a session', async () => {
      for (const name of description.where((operation) => operation.security)) {
        for (const [what, wrong] of Object.entries(credentials)) {
          const path = { id: video, video, handle: owner.handle, class: 'identity', language: 'en' };
          const answer = await caller.call(name, { path, headers: { ...piece, ...wrong } });
          assert.equal(answer.status, 401, `${name} with ${what}: ${answer.status} ${answer.bytes}`);
        }
      }
    });

    test('takes their bearer for a stranger elsewhere', async () => {
      for (const headers of Object.values(credentials)) {
        assert.equal((await caller.expect(200, 'GET /api/v1/session', { headers })).body.account, null);
        await caller.expect(200, 'GET /api/v1/feed', { headers });
        await caller.expect(200, 'POST /api/v1/events', { json: { events: [watchEvent()] }, headers });
        await caller.expect(204, 'DELETE /api/v1/session', { headers });
      }
    });

    test('refuses what another site sends', async () => {
      for (const headers of [{ origin: 'https://example.net' }, { origin: 'null' }, { 'sec-fetch-site': 'cross-site' }])
        for (const name of ['DELETE /api/v1/session', 'DELETE /api/v1/feed/taste', 'PUT /api/v1/feed/preferences'])
          await caller.expect(403, name, { headers });
    });
  });

  describe('given bad ranges of a file', () => {
    const many = (count) => `bytes=${Array.from({ length: count }, (_, i) => `${2 * i}-${2 * i}`).join(',')}`;
    // RFC 9110 §14.2: a range that cannot be read is passed over; several may be answered by the whole.
    const unreadable = ['bytes=abc', 'bytes=5-2', 'bytes=', 'bytes=-', 'bytes=--1', 'lines=1-2', '=', ','];
    const wholeFile = [...unreadable, many(2), many(200)];
    const nothingThere = ['bytes=-0', 'bytes=999999999-', 'bytes=99999999999999999999-', 'bytes=999999998-999999999'];
    const file = async () => {
      const { body } = await caller.expect(200, 'GET /api/v1/videos/{id}', { path: { id: video } });
      return { size: body.sources[0].bytes, path: { path: body.sources[0].url.replace('/media/', '') } };
    };

    test('gives the whole file when it cannot read them', async () => {
      const { path, size } = await file();
      for (const range of wholeFile) {
        const answer = await caller.expect(200, 'GET /media/{path}', { path, headers: { range } });
        assert.equal(answer.bytes.length, size, range);
      }
    });

    test('says how long the file is when they are past its end', async () => {
      const { path, size } = await file();
      for (const range of nothingThere) {
        const answer = await caller.expect(416, 'GET /media/{path}', { path, headers: { range } });
        assert.equal(answer.headers['content-range'], `bytes */${size}`);
      }
    });
  });

  describe('given bad uploads', () => {
    const create = (headers) => caller.call('POST /uploads', { token: owner.token, headers: { ...tus, ...headers } });
    const metadata = (fields) => ({ 'upload-length': '9', 'upload-metadata': fields });
    const base64 = (text) => Buffer.from(text).toString('base64');

    test('refuses to begin them', async () => {
      const cases = [
        [412, { 'upload-length': '9', 'tus-resumable': '' }],
        [412, { 'upload-length': '9', 'tus-resumable': '0.2.2' }],
        ...['', '-1', 'abc', '1.5', '1e3', '9 9', '9'.repeat(20)].map((length) => [400, { 'upload-length': length }]),
        [413, { 'upload-length': String(2 ** 31 + 1) }],
        [413, { 'upload-length': String(Number.MAX_SAFE_INTEGER) }],
        [400, { 'upload-defer-length': '1' }],
        [400, metadata('caption !!!')],
        [400, metadata(`caption ${base64('a\0b')}`)],
        [400, metadata(`caption ${Buffer.from([0xff, 0xfe]).toString('base64')}`)],
        [400, metadata(`caption ${base64('x'.repeat(501))}`)],
        [400, metadata(`filename ${base64('x'.repeat(256))}`)],
        [400, metadata(`tags ${base64('two words')}`)],
        [413, metadata(`more ${base64('x'.repeat(8 << 10))}`)],
        ...['-1', 'NaN', '1.5', '1e3', ' 1', '600001', '9'.repeat(30), '∞', '٣'].flatMap((time) =>
          ['trim_start_ms', 'trim_end_ms', 'cover_ms'].map((key) => [400, metadata(metadataOf({ [key]: time }))])),
        [400, metadata(metadataOf({ trim_start_ms: 1000, trim_end_ms: 1499 }))],
        [400, metadata(metadataOf({ trim_start_ms: 1000, cover_ms: 999 }))],
        [400, metadata(metadataOf({ duet_of: video, sound_of: video }))],
        [400, metadata(metadataOf({ stitch_of: video, stitch_start_ms: 0, stitch_end_ms: 5001 }))],
        [400, metadata(metadataOf({ sound_of: video, own_sound: 'loud' }))],
        ...['x', '../../etc/passwd', `${unknownId}x`].map((id) => [400, metadata(metadataOf({ duet_of: id }))]),
        ...['duet_of', 'stitch_of', 'sound_of'].map((key) => [404, metadata(metadataOf({ [key]: unknownId }))]),
        [422, metadata(metadataOf({ stitch_of: video, stitch_start_ms: 4000, stitch_end_ms: 5000 }))],
      ];
      for (const [status, headers] of cases) {
        const answer = await create(headers);
        assert.equal(answer.status, status, `${JSON.stringify(headers).slice(0, 100)}: ${answer.status} ${answer.bytes}`);
      }
    });

    test('refuses wrong pieces, and takes the right one after them', async () => {
      const id = await createUpload(owner, clip.length);
      const patch = (headers, body) =>
        caller.call('PATCH /uploads/{id}', { path: { id }, token: owner.token, headers: { ...piece, ...headers }, body });
      const sha1 = (bytes) => `sha1 ${createHash('sha1').update(bytes).digest('base64')}`;
      const cases = [
        [412, { 'tus-resumable': '' }],
        [409, { 'upload-offset': '1' }],
        ...['', '-1', 'abc', '99999999999999999999'].map((offset) => [400, { 'upload-offset': offset }]),
        [415, { 'content-type': 'application/json' }],
        [460, { 'upload-checksum': sha1('something else') }],
        ...['md5 AAAA', 'sha1', 'sha1 !!!', 'sha1 AAAA', ''].map((checksum) => [400, { 'upload-checksum': checksum }]),
      ];
      for (const [status, headers] of cases) {
        const answer = await patch(headers, clip);
        assert.equal(answer.status, status, `${JSON.stringify(headers)}: ${answer.status} ${answer.bytes}`);
      }
      assertRefused(await patch({}, Buffer.concat([clip, clip])), 'more than was announced');
      const strange = { path: { id }, token: other.token, headers: tus };
      await caller.expect(404, 'HEAD /uploads/{id}', strange);
      await caller.expect(404, 'DELETE /uploads/{id}', strange);
      assert.equal((await patch({ 'upload-checksum': sha1(clip) }, clip)).status, 204);
      await caller.expect(204, 'DELETE /api/v1/videos/{id}', { path: { id }, token: owner.token });
    });
  });

  describe('given bad HTTP', () => {
    const post = (fields, body = '0\r\n\r\n') => `POST /api/v1/events HTTP/1.1\r\nHost: x\r\n${fields}\r\n\r\n${body}`;
    const cases = {
      'a head over the limit': [431, `GET /healthz HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(20 << 10)}\r\n\r\n`],
      'a head of a thousand fields': [431, `GET /healthz HTTP/1.1\r\nHost: x\r\n${'A: b\r\n'.repeat(1000)}\r\n`],
      'a length and chunks': [400, post('Content-Length: 5\r\nTransfer-Encoding: chunked')],
      'two lengths': [400, post('Content-Length: 5\r\nContent-Length: 6')],
      'a negative length': [400, post('Content-Length: -5')],
      'a length past 64 bits': [400, post('Content-Length: 99999999999999999999')],
      'a length past the limit': [413, post('Content-Length: 999999999')],
      'chunks that are none': [400, post('Transfer-Encoding: chunked', 'zz\r\n\r\n')],
      'an encoding nobody knows': [501, post('Transfer-Encoding: gzip')],
      'an expectation nobody knows': [417, post('Expect: miracles\r\nContent-Length: 0', '')],
      'a version nobody knows': [505, 'GET /healthz HTTP/3.0\r\nHost: x\r\n\r\n'],
      'a version that is none': [400, 'GET /healthz HTTP/x\r\nHost: x\r\n\r\n'],
      'a method nobody knows': [501, 'BREW /healthz HTTP/1.1\r\nHost: x\r\n\r\n'],
      'no host': [400, 'GET /healthz HTTP/1.1\r\n\r\n'],
      'two hosts': [400, 'GET /healthz HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n'],
      'lines that end in LF': [400, 'GET /healthz HTTP/1.1\nHost: x\n\n'],
      'a folded line': [400, 'GET /healthz HTTP/1.1\r\nHost: x\r\nA: b\r\n c\r\n\r\n'],
      'a target that is no path': [400, 'GET healthz HTTP/1.1\r\nHost: x\r\n\r\n'],
      'bytes in the path': [400, Buffer.from('GET /api/v1/videos/\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n', 'latin1')],
      'TLS': [400, Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x0d, 0x0a, 0x0d, 0x0a])],
    };

    for (const [what, [status, bytes]] of Object.entries(cases)) {
      test(what, async () => {
        const answer = await caller.exchange(bytes);
        assert.equal(answer.status, status, `${answer.status} ${answer.bytes}`);
        assert.equal(answer.type, 'application/problem+json');
        assertProblem(answer, what);
        caller.problemTypes.add(answer.body.type);
      });
    }

    test('half a head, and then nothing', async () => {
      const answer = await slowClient;
      assert.equal(answer.status, 408);
      assertProblem(answer, 'half a head');
    });
  });

  describe('asked too often', () => {
    test('a network that signs up too many is told when to come back; others are not held up', async () => {
      const network = caller.newNetwork();
      let answer;
      for (let tries = 0; tries < 200 && answer?.status !== 429; ++tries)
        answer = await caller.call('POST /api/v1/accounts', { json: {}, network });
      assert.equal(answer.status, 429);
      assert.match(answer.headers['retry-after'], /^[1-9]\d*$/);
      await caller.expect(400, 'POST /api/v1/accounts', { json: {} });
    });

    test('so is who tries passwords', async () => {
      const guesser = await signUp();
      const network = caller.newNetwork();
      const guesses = {
        'POST /api/v1/session': { network, json: { handle: guesser.handle, password: 'a guess of mine' } },
        'DELETE /api/v1/account': { token: guesser.token, json: { password: 'a guess of mine' } },
        'PATCH /api/v1/account': { token: guesser.token, json: { password, current_password: 'a guess of mine' } },
      };
      for (const [name, request] of Object.entries(guesses)) {
        let answer;
        for (let tries = 0; tries < 10 && answer?.status !== 429; ++tries) answer = await caller.call(name, request);
        assert.equal(answer.status, 429, name);
        assert.match(answer.headers['retry-after'], /^[1-9]\d*$/, name);
      }
    });

    test('so is who begins uploads without end', async () => {
      const { token } = await signUp();
      let answer;
      for (let tries = 0; tries < 30 && answer?.status !== 429; ++tries)
        answer = await caller.call('POST /uploads', { token, headers: { ...tus, 'upload-length': '9' } });
      assert.equal(answer.status, 429);
    });
  });

  describe('after all that', () => {
    test('each operation has succeeded at least once', () => {
      const never = [...caller.seen].filter(([, statuses]) => ![...statuses].some((status) => status < 300));
      assert.deepEqual(never.map(([name]) => name), []);
    });

    test('each described success has been seen', () => {
      for (const [name, seen] of caller.seen) {
        const described = Object.keys(description.operation(name).responses).filter((status) => status !== 'default');
        assert.deepEqual(described.filter((status) => !seen.has(Number(status))), [], name);
      }
    });

    test('each kind of problem that came up is explained', async () => {
      assert.ok(caller.problemTypes.size > 10);
      for (const type of caller.problemTypes)
        await caller.expect(200, 'GET /problems/{code}', { path: { code: type.split('/').pop() } });
    });

    test('the server was never at fault', async () => {
      const text = await (await fetch(`http://127.0.0.1:${adminPort}/metrics`)).text();
      const counts = [...text.matchAll(/^vitrine_http_requests_total\{method="(\w+)",.*status="5xx"\} (\d+)/gm)];
      assert.ok(counts.length > description.operations.size);
      // What could not be read as HTTP/1.1 reached no route: a strange method or version is answered by 501 and 505.
      const faults = counts.filter(([, method, count]) => method !== 'none' && count !== '0');
      assert.deepEqual(faults.map(([line]) => line), []);
    });

    test('the server is ready and the video plays', async () => {
      await caller.expect(200, 'GET /readyz');
      const { body } = await caller.expect(200, 'GET /api/v1/videos/{id}', { path: { id: video } });
      assert.equal(body.state, 'live');
      const path = { path: body.sources[0].url.replace('/media/', '') };
      const { bytes } = await caller.expect(200, 'GET /media/{path}', { path });
      assert.equal(bytes.length, body.sources[0].bytes);
      const file = `${server.data}/played.mp4`;
      writeFileSync(file, bytes);
      execFileSync('ffmpeg', ['-v', 'error', '-xerror', '-i', file, '-f', 'null', '-']);
    });
  });
});
