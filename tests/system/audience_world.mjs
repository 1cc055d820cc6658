// People around one creator, a video of theirs in each state, and everything that can be tried on a video.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';

import { adultBirthDate, eventually, newHandle, password } from '../browser/harness/api.mjs';
import { makeClip } from '../browser/harness/clips.mjs';
import { binary, Server } from '../browser/harness/server.mjs';
import { Caller } from './api_caller.mjs';
import { Description } from './api_description.mjs';

const processingMsMax = 120_000;
export const unknownId = '01hzzzzzzzzzzzzzzzzzzzzzzz';
const heldWord = 'Schmetterlingsnetz'; // the operator's automatic rule holds what has it
const inAMonth = () => Date.now() + 30 * 86_400_000;
const tus = { 'tus-resumable': '1.0.0' };
const base64 = (text) => Buffer.from(String(text)).toString('base64');

/** A second of video that nobody has uploaded: an MP4 box of free space at its end makes it another file. */
function freshClip() {
  const clip = readFileSync(makeClip({ seconds: 1, width: 180, height: 320 }));
  const box = Buffer.concat([Buffer.from([0, 0, 0, 24]), Buffer.from('free'), randomBytes(16)]);
  return Buffer.concat([clip, box]);
}

export class World {
  /** @param {string[]} states of which the creator gets a video each; `settings` go into the configuration */
  static async open(states, settings = {}) {
    const world = new World();
    world.server = await Server.start({ settings: { trusted_proxies: ['127.0.0.1'], custody_delay_s: 0, ...settings } });
    const description = new Description(await (await fetch(`${world.server.api}/openapi.json`)).json());
    world.caller = new Caller(world.server, description);
    await world.#gather();
    world.videos = {};
    for (const state of states) world.videos[state] = await world.#videoIn(state);
    return world;
  }

  async close() {
    this.caller?.close();
    await this.server?.close();
  }

  call(who, name, options = {}) {
    return this.caller.call(name, { token: this.people[who]?.token, ...options });
  }

  expect(status, who, name, options = {}) {
    return this.caller.expect(status, name, { token: this.people[who]?.token, ...options });
  }

  async signUp() {
    const handle = newHandle();
    const json = { handle, password, birth_date: adultBirthDate };
    const made = await this.caller.expect(201, 'POST /api/v1/accounts', { json });
    return { handle, token: made.body.token, id: made.body.account.id };
  }

  async #gather() {
    const { caller } = this;
    this.people = { nobody: {} };
    for (const who of ['owner', 'stranger', 'follower', 'blocked', 'moderator', 'colleague', 'reposter']) this.people[who] = await this.signUp();
    const { owner, blocked, moderator, colleague } = this.people;
    for (const who of ['follower', 'blocked'])
      await this.expect(200, who, 'PUT /api/v1/profiles/{handle}/follow', { path: { handle: owner.handle } });
    await this.expect(200, 'owner', 'PUT /api/v1/profiles/{handle}/block', { path: { handle: blocked.handle } });
    for (const { handle } of [moderator, colleague])
      execFileSync(binary, ['user', 'role', handle, 'moderator', '--data', this.server.data, ...this.server.args]);
    const rules = { words: [{ text: heldWord, outcome: 'hold' }], hashes: [], videos_per_hour: 0, rate_outcome: 'queue' };
    await caller.expect(200, 'PUT /api/v1/moderation/rules', { token: moderator.token, json: rules });
  }

  /** Uploads a clip; `metadata` as tus has it. Gives the upload's id. */
  async upload(who, metadata = {}, bytes = freshClip()) {
    const pairs = Object.entries({ filename: 'clip.mp4', ...metadata }).map(([key, value]) => `${key} ${base64(value)}`);
    const headers = { ...tus, 'upload-length': String(bytes.length), 'upload-metadata': pairs.join(',') };
    const made = await this.expect(201, who, 'POST /uploads', { headers });
    const id = made.headers.location.split('/').pop();
    const piece = { ...tus, 'upload-offset': '0', 'content-type': 'application/offset+octet-stream' };
    await this.expect(204, who, 'PATCH /uploads/{id}', { path: { id }, headers: piece, body: bytes });
    return id;
  }

  video(id, who = 'owner') {
    return this.expect(200, who, 'GET /api/v1/videos/{id}', { path: { id } }).then((answer) => answer.body);
  }

  edit(id, json) {
    return this.expect(200, 'owner', 'PATCH /api/v1/videos/{id}', { path: { id }, json }).then((answer) => answer.body);
  }

  /** Waits until all renditions are there. */
  complete(id, who = 'owner') {
    return eventually(`video ${id} is complete`, async () => {
      const video = await this.video(id, who);
      assert.equal(video.failure, null);
      return video.hls && video;
    }, processingMsMax);
  }

  /** Who may be mentioned is, and everybody who may has saved the video and written below it, before it changes. */
  async #videoIn(state) {
    const { stranger, follower, blocked, moderator } = this.people;
    const word = `w${randomBytes(5).toString('hex')}`;
    const caption = `${word} #t${word} @${stranger.handle} @${follower.handle} @${blocked.handle} @${moderator.handle}`;
    const id = await this.upload('owner', { caption });
    const video = { id, word, tag: `t${word}`, files: await this.#filesOf(await this.complete(id)), collections: {} };
    const said = await this.expect(201, 'follower', 'POST /api/v1/videos/{id}/comments', { path: { id }, json: { text: 'First!' } });
    video.comment = said.body.id;
    for (const who of ['stranger', 'follower', 'owner', 'moderator']) video.collections[who] = await this.#collectionWith(who, id);
    await this.expect(200, 'reposter', 'PUT /api/v1/videos/{id}/repost', { path: { id } });
    const title = (await this.expect(201, 'owner', 'POST /api/v1/playlists', { json: { title: word } })).body;
    await this.expect(200, 'owner', 'PUT /api/v1/playlists/{id}/videos', { path: { id: title.id }, json: { videos: [id] } });
    video.playlist = title.id;
    await eventually('those who are mentioned are told', async () => (await this.#notified('moderator', id)).length > 0);
    await this.#bring(id, state);
    assert.equal((await this.video(id)).state, state);
    return video;
  }

  async #bring(id, state) {
    if (state === 'draft') await this.edit(id, { draft: true });
    if (state === 'scheduled') await this.edit(id, { publish_at: inAMonth() });
    if (state === 'held') await this.edit(id, { caption: heldWord });
    if (state === 'removed') await this.remove(id);
  }

  async report(who, id, kind = 'video') {
    return this.call(who, 'POST /api/v1/reports', { json: { kind, id, reason: 'spam', text: 'Look at this.' } });
  }

  async caseAbout(id) {
    const { items } = (await this.expect(200, 'colleague', 'GET /api/v1/moderation/queue')).body;
    return items.find((one) => one.target.id === id)?.id;
  }

  async decide(id, action) {
    const path = { id: await this.caseAbout(id) };
    await this.expect(200, 'colleague', 'POST /api/v1/moderation/queue/{id}/claim', { path });
    const json = { action, ground: 'rules', rule: 'House rule 3', reason: 'It breaks it.', facts: 'At 0:01.' };
    return (await this.expect(200, 'colleague', 'POST /api/v1/moderation/queue/{id}/decision', { path, json })).body;
  }

  async remove(id) {
    assert.equal((await this.report('stranger', id)).status, 201);
    return this.decide(id, 'remove');
  }

  async #collectionWith(who, video) {
    const json = { name: `c${randomBytes(6).toString('hex')}` };
    const { id } = (await this.expect(201, who, 'POST /api/v1/collections', { json })).body;
    await this.expect(200, who, 'PUT /api/v1/collections/{id}/videos/{video}', { path: { id, video } });
    return id;
  }

  /** The paths of all its files below /media/: renditions, pictures, playlists, and what the playlists name. */
  async #filesOf({ sources, poster, preview, hls, captions = [] }) {
    const whole = [...sources.map(({ url }) => url), poster, preview.url, ...captions.map(({ url }) => url), ...(await this.#namedBy(hls))];
    return [...new Set(whole)].map((url) => url.replace('/media/', ''));
  }

  async #namedBy(url) {
    const folder = url.slice(0, url.lastIndexOf('/'));
    if (!url.endsWith('.m3u8')) return [url];
    const { bytes } = await this.expect(200, 'nobody', 'GET /media/{path}', { path: { path: url.replace('/media/', '') } });
    const lines = bytes.toString().split('\n').flatMap((line) => (line.startsWith('#') ? /URI="([^"]+)"/.exec(line)?.[1] ?? [] : line || []));
    const below = await Promise.all([...new Set(lines)].map((line) => this.#namedBy(`${folder}/${line}`)));
    return [url, ...below.flat()];
  }

  async #notified(who, id) {
    const { items } = (await this.expect(200, who, 'GET /api/v1/notifications')).body;
    return items.filter((one) => one.video === id && one.kind === 'mention');
  }

  /** A page that is no resource of the API, as a browser without a session or with one fetches it. */
  async page(who, path) {
    const cookie = this.people[who].token ? { cookie: `vitrine_session=${this.people[who].token}` } : {};
    const answer = await fetch(`http://127.0.0.1:${this.server.port}${path}`, { headers: { accept: 'text/html', ...cookie } });
    return { status: answer.status, text: await answer.text() };
  }

  // --- what can be tried: each says "yes" or "no", and that a "no" is the one for what is not there

  /** Asks about `id`; a refusal tells no more than one for what never was. */
  async #asked(ask, id, allowed = [200], unknown = unknownId) {
    const answer = await ask(id);
    if (allowed.includes(answer.status)) return 'yes';
    const other = await ask(unknown);
    assert.deepEqual([answer.status, answer.body], [other.status, other.body]);
    assert.equal(answer.headers['cache-control'], other.headers['cache-control']);
    return 'no';
  }

  /** The last place of the path is what is tried. */
  #on(who, name, path, { allowed, ...options } = {}) {
    const key = Object.keys(path).pop();
    return this.#asked((one) => this.call(who, name, { path: { ...path, [key]: one }, ...options }), path[key], allowed);
  }

  /** What its creator alone may do: whoever may watch it is told that it is not theirs, others that it is not there. */
  async #ofCreator(who, name, id, options = {}) {
    const { status } = await this.call(who, name, { path: { id }, ...options });
    assert.equal(status === 200, who === 'owner', `${name} by ${who}: ${status}`);
    return this.#on(who, name, { id }, { allowed: [200, 403], ...options });
  }

  async #listed(who, name, options, id, items = (body) => body.items) {
    const answer = await this.call(who, name, options);
    if (answer.status === 404 || (answer.status === 401 && who === 'nobody')) return 'no';
    assert.equal(answer.status, 200, `${name}: ${answer.bytes}`);
    return JSON.stringify(items(answer.body)).includes(id) ? 'yes' : 'no';
  }

  /** By name: who tries it, on which of the videos. */
  get resources() {
    const toggled = async (who, name, path) => {
      const did = await this.#on(who, `PUT ${name}`, path);
      if (did === 'yes') await this.expect(200, who, `DELETE ${name}`, { path });
      return did;
    };
    const shell = async (who, path) => {
      const { status, text } = await this.page(who, path);
      assert.equal(text.includes('og:title') || text.includes('"sources"'), status === 200, 'a refused page shows nothing of it');
      return status === 200 ? 'yes' : 'no';
    };
    const owner = this.people.owner.handle;
    return {
      'the video': (who, { id }) => this.#on(who, 'GET /api/v1/videos/{id}', { id }),
      'its page': (who, { id }) => shell(who, `/v/${id}`),
      'its player for other sites': (who, { id }) => shell(who, `/embed/${id}`),
      'oEmbed': (who, { id }) => this.#asked((one) => this.call(who, 'GET /api/v1/oembed', { query: `url=/v/${one}` }), id),
      'its comments': (who, { id }) => this.#on(who, 'GET /api/v1/videos/{id}/comments', { id }),
      'a comment’s replies': (who, { comment }) => this.#on(who, 'GET /api/v1/comments/{id}/replies', { id: comment }),
      'a comment’s history': (who, { comment }) => this.#on(who, 'GET /api/v1/comments/{id}/history', { id: comment }),
      'liking it': (who, { id }) => toggled(who, '/api/v1/videos/{id}/like', { id }),
      'saving it': (who, { id }) => toggled(who, '/api/v1/videos/{id}/save', { id }),
      'reposting it': async (who, { id }) => {
        const { status } = await this.call(who, 'PUT /api/v1/videos/{id}/repost', { path: { id } });
        if (status === 200) await this.expect(200, who, 'DELETE /api/v1/videos/{id}/repost', { path: { id } });
        return status === 200 ? 'yes' : 'no';
      },
      // Whoever may watch it but not repost it is told why.
      'asking to repost it': async (who, { id }) => {
        const did = await this.#on(who, 'PUT /api/v1/videos/{id}/repost', { id }, { allowed: [200, 422] });
        if (did === 'yes') await this.expect(200, who, 'DELETE /api/v1/videos/{id}/repost', { path: { id } });
        return did;
      },
      'putting it into a collection': (who, { id, collections }) =>
        this.#on(who, 'PUT /api/v1/collections/{id}/videos/{video}', { id: collections[who] ?? unknownId, video: id }),
      // Empty, so that whoever may write is told that it is, and nothing piles up.
      'commenting on it': (who, { id }) =>
        this.#on(who, 'POST /api/v1/videos/{id}/comments', { id }, { json: { text: ' ' }, allowed: [400] }),
      'liking a comment': (who, { comment }) => toggled(who, '/api/v1/comments/{id}/like', { id: comment }),
      'telling that it was shared': async (who, { id }) => {
        const event = { id: `share-${randomBytes(10).toString('hex')}`, video: id, page: 'none', position: 0, surface: 'video', shown_at: Date.now(), watched_ms: 0, shared: true };
        const { body } = await this.expect(200, who, 'POST /api/v1/events', { json: { events: [event] } });
        return body.accepted === 1 ? 'yes' : 'no';
      },
      'the profile': (who, { id }) => this.#listed(who, 'GET /api/v1/profiles/{handle}/videos', { path: { handle: owner } }, id),
      'a playlist': (who, { id, playlist }) => this.#listed(who, 'GET /api/v1/playlists/{id}', { path: { id: playlist } }, id),
      'the profile’s playlists': (who, { playlist }) =>
        this.#listed(who, 'GET /api/v1/profiles/{handle}/playlists', { path: { handle: owner } }, playlist),
      'search': (who, { id, word }) => this.#listed(who, 'GET /api/v1/search', { query: `q=${word}` }, id, ({ videos }) => videos),
      'suggestions': (who, { tag }) => this.#listed(who, 'GET /api/v1/search/suggestions', { query: `q=${tag}` }, tag),
      'the tag’s page': (who, { id, tag }) => this.#listed(who, 'GET /api/v1/tags/{tag}', { path: { tag } }, id),
      'trends': (who, { id }) => this.#listed(who, 'GET /api/v1/trending', {}, id, ({ videos }) => videos),
      'topics': (who, { tag }) => this.#listed(who, 'GET /api/v1/topics', { query: `prefix=${tag}` }, tag),
      'the feed': (who, { id }) => this.#listed(who, 'GET /api/v1/feed', { query: 'start=1&limit=20' }, id),
      'the feed of those one follows': (who, { id }) =>
        this.#listed(who, 'GET /api/v1/feed', { query: 'mode=following&start=1&limit=20' }, id),
      'what somebody reposts': (who, { id }) =>
        this.#listed(who, 'GET /api/v1/profiles/{handle}/reposts', { path: { handle: this.people.reposter.handle } }, id),
      'the feed of who follows a reposter': async (who, { id }) => {
        const path = { handle: this.people.reposter.handle };
        if (who !== 'nobody') await this.expect(200, who, 'PUT /api/v1/profiles/{handle}/follow', { path });
        return this.#listed(who, 'GET /api/v1/feed', { query: 'mode=following&start=1&limit=20' }, id);
      },
      'what one saved': async (who, { id, collections }) =>
        collections[who] ? this.#listed(who, 'GET /api/v1/collections/{id}/videos', { path: { id: collections[who] } }, id) : 'no',
      'what somebody else saved': (who, { id, collections }) => {
        const whose = who === 'follower' ? 'stranger' : 'follower';
        return this.#listed(who, 'GET /api/v1/collections/{id}/videos', { path: { id: collections[whose] } }, id);
      },
      'being told of it': (who, { id }) => this.#listed(who, 'GET /api/v1/notifications', {}, id),
      'all one’s own': (who, { id }) => this.#listed(who, 'GET /api/v1/account/videos', {}, id),
      'how far it is': (who, { id }) => this.#ofCreator(who, 'GET /api/v1/videos/{id}/progress', id),
      'editing it': (who, { id }) => this.#ofCreator(who, 'PATCH /api/v1/videos/{id}', id, { json: {} }),
      'unpinning it': (who, { id }) => this.#ofCreator(who, 'DELETE /api/v1/videos/{id}/pin', id),
    };
  }

  /** Every file, whole and in part, as <video> asks for it: by cookie. */
  async files(who, { files }) {
    const cookie = this.people[who].token ? { cookie: `vitrine_session=${this.people[who].token}` } : {};
    const got = new Set();
    for (const file of files) {
      for (const part of [{}, { range: 'bytes=0-1' }]) {
        const headers = { ...cookie, ...part };
        const ask = (path) => this.caller.call('GET /media/{path}', { path: { path }, headers });
        got.add(await this.#asked(ask, file, [200, 206], `${unknownId}/none.mp4`));
      }
    }
    assert.equal(got.size, 1, `all files alike: ${[...got]}`);
    return [...got][0];
  }
}
