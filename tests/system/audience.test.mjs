// Who may do what with a video of somebody else's, or learn that it is there: everything there is to try, by everybody,
// for each audience and state. What is expected stands in the tables below; who is not named is refused, and the refusal
// is the one for what was never there.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';

import { eventually } from '../browser/harness/api.mjs';
import { unknownId, World } from './audience_world.mjs';
import { noPostgresql, Postgresql } from './postgresql.mjs';

const audiences = ['public', 'followers', 'link', 'only_me'];
const states = ['live', 'draft', 'scheduled', 'held', 'removed'];
const everybody = ['nobody', 'stranger', 'follower', 'blocked', 'moderator', 'owner'];

/** By state, then by audience, or whatever the audience. A moderator watches what is withheld, and does nothing with it. */
const mayWatch = {
  live: {
    public: 'nobody stranger follower moderator owner',
    followers: 'follower owner',
    link: 'nobody stranger follower moderator owner',
    only_me: 'owner',
  },
  draft: 'owner', scheduled: 'owner', held: 'moderator owner', removed: 'moderator owner',
};
const mayUse = {
  live: {
    public: 'stranger follower moderator owner',
    followers: 'follower owner',
    link: 'stranger follower moderator owner',
    only_me: 'owner',
  },
  draft: 'owner', scheduled: 'owner', held: 'owner', removed: 'owner',
};
const signedInWatchers = { ...mayUse, held: 'moderator owner', removed: 'moderator owner' };
/** A file that everybody may have is not looked at twice: a block hides the video, and who signs out would have it. */
const mayFetchFiles = { ...mayWatch, live: { ...mayWatch.live, public: everybody.join(' ') } };
/** Other sites ask for whoever looks at them. */
const asAnybodyElsewhere = { live: { public: everybody.join(' '), link: everybody.join(' ') } };
const onProfile = {
  live: { public: 'nobody stranger follower moderator owner', followers: 'follower owner', link: 'owner', only_me: 'owner' },
};
const inPlaylist = { ...onProfile, draft: 'owner', scheduled: 'owner', held: 'owner', removed: 'owner' };
const inPublic = { live: { public: 'nobody stranger follower moderator owner' } };
const namesInPublic = { live: { public: everybody.join(' ') } };
/** Four were mentioned while it was public; the one who is blocked was not told. Its owner is told of the comment. */
const wereTold = {
  live: { public: 'stranger follower moderator owner', followers: 'follower owner', link: 'stranger follower moderator owner', only_me: 'owner' },
  draft: 'owner', scheduled: 'owner', held: 'owner', removed: 'owner',
};
const ownerAlone = Object.fromEntries(states.map((state) => [state, 'owner']));

const expected = {
  'the video': mayWatch,
  'its page': mayWatch,
  'its player for other sites': asAnybodyElsewhere,
  'oEmbed': asAnybodyElsewhere,
  'its comments': mayWatch,
  'a comment’s replies': mayWatch,
  'a comment’s history': mayWatch,
  'liking it': mayUse,
  'saving it': mayUse,
  'reposting it': { live: { public: 'stranger follower moderator' } },
  'asking to repost it': mayUse,
  'putting it into a collection': mayUse,
  'commenting on it': mayUse,
  'liking a comment': mayUse,
  'telling that it was shared': namesInPublic,
  'the profile': onProfile,
  'a playlist': inPlaylist,
  'the profile’s playlists': inPlaylist,
  'search': inPublic,
  'suggestions': namesInPublic,
  'the tag’s page': inPublic,
  'trends': inPublic,
  'topics': namesInPublic,
  'the feed': inPublic,
  'the feed of those one follows': inPublic,
  'what somebody reposts': inPublic,
  'the feed of who follows a reposter': inPublic,
  'what one saved': { live: mayUse.live },
  'what somebody else saved': {},
  'being told of it': wereTold,
  'all one’s own': ownerAlone,
  'how far it is': signedInWatchers,
  'editing it': signedInWatchers,
  'unpinning it': signedInWatchers,
};
/** What ranks or counts now and then may leave out what is public; it must never have what is not. */
const mayLeaveOut = new Set(['trends', 'topics', 'the feed', 'the feed of those one follows', 'the feed of who follows a reposter']);

const allowed = (table, state, audience) => {
  const row = table[state] ?? '';
  return new Set((typeof row === 'string' ? row : row[audience] ?? '').split(' ').filter(Boolean));
};

/** The tests that hold the tables against a world. */
function tryEverything(world) {
  test('the tables name everything that is tried', () => {
    assert.deepEqual(Object.keys(world().resources), Object.keys(expected));
  });

  for (const state of states) {
    for (const audience of audiences) {
      test(`${state}, for ${audience}`, async () => {
        const video = world().videos[state];
        assert.equal((await world().edit(video.id, { audience })).audience, audience);
        const wrong = [];
        const hold = (what, who, did, table) => {
          const should = allowed(table, state, audience).has(who) ? 'yes' : 'no';
          if (did !== should && !(did === 'no' && mayLeaveOut.has(what))) wrong.push(`${who}: ${what}: ${did}`);
        };
        for (const who of everybody) {
          for (const [what, tryIt] of Object.entries(world().resources)) hold(what, who, await tryIt(who, video), expected[what]);
          hold('its files', who, await world().files(who, video), mayFetchFiles);
        }
        assert.deepEqual(wrong, []);
      });
    }
  }
}

describe('the audience of a video', () => {
  let world;
  before(async () => {
    world = await World.open(states);
  });
  after(() => world?.close());

  tryEverything(() => world);

  test('what is public is in the feed, and its files are cached for ever; others ask anew each time', async () => {
    const { id, files } = world.videos.live;
    const caching = async () =>
      (await world.expect(200, 'owner', 'GET /media/{path}', { path: { path: files[0] } })).headers['cache-control'];
    await world.edit(id, { audience: 'public' });
    assert.match(await caching(), /^public.*immutable$/);
    const feed = await world.expect(200, 'stranger', 'GET /api/v1/feed', { query: 'start=1&limit=20' });
    assert.ok(feed.body.items.some(({ video }) => video.id === id));
    await world.edit(id, { audience: 'followers' });
    assert.equal(await caching(), 'private, no-cache');
    await world.edit(id, { audience: 'public' });
  });

  test('who stops following is out at once', async () => {
    const { id, files } = world.videos.live;
    await world.edit(id, { audience: 'followers' });
    const path = { handle: world.people.owner.handle };
    await world.expect(200, 'stranger', 'PUT /api/v1/profiles/{handle}/follow', { path });
    await world.expect(200, 'stranger', 'GET /api/v1/videos/{id}', { path: { id } });
    assert.equal(await world.files('stranger', { files }), 'yes');
    await world.expect(200, 'stranger', 'DELETE /api/v1/profiles/{handle}/follow', { path });
    await world.expect(404, 'stranger', 'GET /api/v1/videos/{id}', { path: { id } });
    assert.equal(await world.files('stranger', { files }), 'no');
    await world.edit(id, { audience: 'public' });
  });

  test('public numbers count what is public alone, whatever is done with the rest', async () => {
    const { id, tag } = world.videos.live;
    const others = await world.complete(await world.upload('stranger', { caption: `#${tag}` }), 'stranger');
    const ask = async (name, options = {}) => (await world.expect(200, 'nobody', name, options)).body;
    const numbers = async () => ({
      profile: (await ask('GET /api/v1/profiles/{handle}', { path: { handle: world.people.owner.handle } })).videos,
      tag: (await ask('GET /api/v1/tags/{tag}', { path: { tag } })).videos,
      found: (await ask('GET /api/v1/search', { query: `q=%23${tag}&kind=tags` })).tags.map(({ videos }) => videos),
      topics: (await ask('GET /api/v1/topics', { query: `prefix=${tag}` })).items.map(({ videos }) => videos),
    });
    const watched = (video) => ({
      id: `watch-${randomBytes(10).toString('hex')}`, video, page: 'none', position: 0, surface: 'profile', shown_at: Date.now(), watched_ms: 2_000,
    });
    const withIt = await numbers();
    for (const audience of ['followers', 'link', 'only_me']) {
      await world.edit(id, { audience });
      const { views } = await world.video(id);
      const without = await numbers();
      assert.deepEqual(without, { profile: withIt.profile - 1, tag: 1, found: [1], topics: [1] });
      for (const who of ['follower', 'owner']) {
        await world.call(who, 'PUT /api/v1/videos/{id}/like', { path: { id } });
        const { body } = await world.expect(200, who, 'POST /api/v1/events', { json: { events: [watched(id), watched(unknownId)] } });
        assert.equal(body.accepted, 0);
        assert.equal(body.rejected[0].detail, body.rejected[1].detail, 'as of what never was');
      }
      assert.deepEqual(await numbers(), without);
      assert.equal((await world.video(id)).views, views);
      for (const who of ['stranger', 'follower', 'moderator'])
        await world.expect(404, who, 'GET /api/v1/videos/{id}/analytics', { path: { id } });
      await world.expect(404, 'nobody', 'GET /api/v1/sounds/{id}', { path: { id } });
    }
    await world.edit(id, { audience: 'public' });
    const again = { profile: withIt.profile, tag: 2, found: [2], topics: [2] }; // topics are counted every ten seconds
    await eventually('it counts again', async () => isDeepStrictEqual(await numbers(), again));
    await world.expect(204, 'stranger', 'DELETE /api/v1/videos/{id}', { path: { id: others.id } });
  });

  describe('reports and moderation', () => {
    const mayReport = { public: 'stranger follower blocked moderator', followers: 'follower', link: 'stranger follower blocked moderator', only_me: '' };
    for (const audience of audiences) {
      test(`who may watch may report, also across a block: ${audience}`, async () => {
        const { id, comment } = world.videos.live;
        await world.edit(id, { audience });
        const may = new Set(mayReport[audience].split(' '));
        for (const who of ['stranger', 'blocked', 'moderator']) {
          const statuses = may.has(who) ? [201, 409] : [404];
          for (const [kind, target] of [['video', id], ['comment', comment]]) {
            const answer = await world.report(who, target, kind);
            assert.ok(statuses.includes(answer.status), `${who} reports a ${kind}: ${answer.status}`);
          }
        }
        const refused = await world.report('nobody', id);
        assert.equal(refused.status, 401);
      });
    }

    test('moderators watch what is before them, for as long as it is', async () => {
      const { id, files } = world.videos.live;
      await world.edit(id, { audience: 'followers' });
      // The moderator of this world has reported it, so another one decides.
      const sees = async (status) => {
        for (const name of ['GET /api/v1/videos/{id}', 'GET /api/v1/videos/{id}/comments'])
          await world.expect(status, 'colleague', name, { path: { id } });
        assert.equal(await world.files('colleague', { files }), status === 200 ? 'yes' : 'no');
        await world.expect(404, 'colleague', 'PUT /api/v1/videos/{id}/like', { path: { id } });
      };
      await sees(200);
      await world.decide(id, 'no_action');
      await sees(404);
      await world.edit(id, { audience: 'public' });
    });

    test('queue and decisions are for moderators', async () => {
      for (const who of ['stranger', 'follower', 'blocked', 'owner']) {
        for (const name of ['queue', 'appeals', 'rules']) await world.expect(403, who, `GET /api/v1/moderation/${name}`);
      }
      await world.expect(401, 'nobody', 'GET /api/v1/moderation/queue');
    });
  });

  describe('before it is published', () => {
    const told = async (who, id) =>
      (await world.expect(200, who, 'GET /api/v1/notifications')).body.items.filter((one) => one.video === id).length;

    test('a draft is announced when it goes live, once, and to those alone who may watch it', async () => {
      const { follower, stranger } = world.people;
      const caption = `For @${follower.handle} and @${stranger.handle}`;
      const id = await world.upload('owner', { caption, draft: 1, audience: 'followers', labels: 'ai_made,sensitive', comment_permission: 'nobody' });
      const made = await world.complete(id);
      assert.deepEqual(
        [made.state, made.audience, made.comment_permission, made.labels, made.sensitive, made.published_at],
        ['draft', 'followers', 'nobody', ['ai_made'], true, null]);
      assert.equal(await told('follower', id), 0);
      const live = await world.edit(id, { draft: false });
      assert.deepEqual([live.state, live.may_comment], ['live', true]);
      assert.ok(live.published_at > made.created_at);
      await eventually('the follower is told', async () => (await told('follower', id)) === 1);
      await world.edit(id, { draft: true });
      assert.equal(await told('follower', id), 0, 'what was told is hidden with it');
      await world.edit(id, { draft: false, audience: 'public' });
      assert.equal(await told('follower', id), 1);
      assert.equal(await told('stranger', id), 0);
      const comment = { path: { id }, json: { text: 'Hello' } };
      await world.expect(403, 'follower', 'POST /api/v1/videos/{id}/comments', comment);
      assert.equal((await world.video(id, 'follower')).may_comment, false);
      await world.expect(204, 'owner', 'DELETE /api/v1/videos/{id}', { path: { id } });
    });

    test('what is scheduled goes live on its time, also when that passes while the server is down', async () => {
      const soon = await world.upload('owner', { publish_at: Date.now() + 8_000 });
      const later = await world.upload('owner', { publish_at: Date.now() + 600_000 });
      for (const id of [soon, later]) assert.equal((await world.complete(id)).state, 'scheduled');
      const { items } = (await world.expect(200, 'owner', 'GET /api/v1/account/videos', { query: 'state=scheduled' })).body;
      assert.ok([soon, later].every((id) => items.some((one) => one.id === id)));
      const live = await eventually('the first is live', async () => {
        const video = await world.video(soon);
        return video.state === 'live' && video;
      });
      assert.equal(live.publish_at, null);
      await world.expect(200, 'nobody', 'GET /api/v1/videos/{id}', { path: { id: soon } });
      await world.edit(later, { publish_at: Date.now() + 1_000 });
      await world.server.kill();
      await new Promise((resolve) => setTimeout(resolve, 1_200));
      await world.server.restart();
      await eventually('the second is live', async () => (await world.video(later)).state === 'live');
      for (const id of [soon, later]) await world.expect(204, 'owner', 'DELETE /api/v1/videos/{id}', { path: { id } });
    });
  });

  test('another upload takes the place of a video’s media once it is ready, and not before', async () => {
    const { id, comment, files } = world.videos.live;
    const before = await world.video(id);
    const broken = await world.upload('owner', { replaces: id }, Buffer.alloc(5_000, 1));
    await eventually('the creator is told why not', async () => (await world.video(id)).failure?.code);
    assert.equal((await world.video(id)).state, 'live');
    assert.equal(await world.files('nobody', { files }), 'yes', 'what was there plays on');
    await world.expect(404, 'owner', 'GET /api/v1/videos/{id}', { path: { id: broken } });
    await world.upload('owner', { replaces: id });
    const replaced = await eventually('the new media are there', async () => {
      const video = await world.video(id);
      return video.sources[0].url !== before.sources[0].url && video;
    }, 120_000);
    assert.deepEqual([replaced.state, replaced.failure, replaced.likes], ['live', null, before.likes]);
    assert.ok(replaced.hls, 'all of them at once');
    await eventually('the old media are gone', async () => (await world.files('nobody', { files })) === 'no');
    await world.expect(200, 'nobody', 'GET /api/v1/comments/{id}/replies', { path: { id: comment } });
    const headers = { 'tus-resumable': '1.0.0', 'upload-length': '5000' };
    const replacement = 'POST /api/v1/videos/{id}/replacement';
    const made = await world.expect(201, 'owner', replacement, { path: { id }, headers });
    const path = { id: made.headers.location.split('/').pop() };
    await world.expect(204, 'owner', 'DELETE /uploads/{id}', { path, headers });
    await world.expect(403, 'stranger', replacement, { path: { id }, headers });
    await world.expect(404, 'owner', replacement, { path: { id: unknownId }, headers });
    await world.expect(409, 'owner', replacement, { path: { id: world.videos.removed.id }, headers });
    await world.expect(404, 'stranger', replacement, { path: { id: world.videos.draft.id }, headers });
  });

  test('bad choices are refused, and say what is right', async () => {
    const { id } = world.videos.live;
    const refused = async (json, pattern) => {
      const answer = await world.expect(400, 'owner', 'PATCH /api/v1/videos/{id}', { path: { id }, json });
      assert.match(answer.body.detail, pattern);
    };
    await refused({ audience: 'friends' }, /public, followers, link, only_me/);
    await refused({ audience: 'public\u202e' }, /audience/);
    await refused({ comment_permission: 'all' }, /everyone, followers, nobody/);
    await refused({ labels: ['cute'] }, /advertising, ai_made, sensitive/);
    await refused({ publish_at: Date.now() - 1 }, /to come/);
    await refused({ publish_at: Date.now() + 400 * 86_400_000 }, /a year/);
    await refused({ draft: true, publish_at: Date.now() + 60_000 }, /not both/);
    await refused({ draft: 'yes' }, /draft/);
    for (const metadata of [{ audience: 'all' }, { draft: 'yes' }, { publish_at: 'soon' }, { publish_at: 5 }, { labels: 'x' }]) {
      const pair = Object.entries(metadata).map(([key, value]) => `${key} ${Buffer.from(String(value)).toString('base64')}`)[0];
      const headers = { 'tus-resumable': '1.0.0', 'upload-length': '5', 'upload-metadata': pair };
      await world.expect(400, 'owner', 'POST /uploads', { headers });
    }
    const kept = await world.edit(id, { labels: ['advertising'] });
    assert.deepEqual([kept.audience, kept.own_labels, kept.imposed_labels], ['public', ['advertising'], []]);
    assert.deepEqual((await world.video(id, 'stranger')).own_labels, []);
  });
});

describe('the audience of a video, on PostgreSQL', { skip: noPostgresql }, () => {
  let postgresql;
  let world;
  before(async () => {
    postgresql = await Postgresql.start();
    world = await World.open(states, { database: postgresql.url });
  });
  after(async () => {
    await world?.close();
    await postgresql?.end();
  });

  tryEverything(() => world);
});
