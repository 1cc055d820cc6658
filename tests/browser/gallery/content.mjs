// What people have said and done before anybody looks. Each part gives what pages need to know of it.
import { eventually } from '../harness/api.mjs';
import { watchedBy } from '../harness/audience.mjs';
import { askToPair, minorBirthDate, pair, setControls, watchFor, zoneAt } from '../harness/families.mjs';
import { caseAbout, decide, report } from '../harness/moderation.mjs';
import { publish } from '../harness/uploads.mjs';
import { hire, makeModerator } from './staff.mjs';

const studioViewers = 240;

export const noon = zoneAt(12);
export const night = zoneAt(23);

const remarks = [
  'Where was this filmed?',
  'I could watch it all day. #spirographs',
  'The second oscillator is a hair flat, and that is exactly why it works. Took me three evenings to see what you are doing there.',
  'More of these, please!',
];
const cues = `WEBVTT

00:00.400 --> 00:02.100
We left the road at the old mill

00:02.300 --> 00:04.200
and walked until the sun
was under the trees.

00:04.500 --> 00:06.000
Listen: no wind at all.
`;
const longName = 'Bartholomäus Freiherr von Hohenlangenburg-Schwarzenfels';
const longWord = 'Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft';

/** Ada, who looks at most pages: her films, and whom she likes. */
async function makeAda(house) {
  const ada = await house.newcomer('ada', 'Ada Lind', { bio: 'Watches more than she films.\nEvening walks, mostly.' });
  const [sun] = await house.videosOf('lennart.low.sun');
  const [mirror] = await house.videosOf('mirrorworks');
  const own = [];
  for (const [source, caption] of [[sun, 'Home by the long way #evening'], [mirror, 'Found in a drawer #kaleidoscope']]) {
    own.push(await publish(ada.client, { caption, file: await house.fileOf(source) }));
  }
  const file = await fetch(`${house.server.api}/videos/${own[0].id}/captions/en`, {
    method: 'PUT', headers: { authorization: `Bearer ${ada.client.token}`, 'content-type': 'text/vtt' }, body: cues,
  });
  if (!file.ok) throw new Error(await file.text());
  await house.giveAddress(ada);
  return { ...ada, own };
}

/** A thread under a clip of the demo, with what a page must bear: long words, another direction, an edit. */
async function makeTalk({ house, ada, clip, sol }) {
  const say = ({ client }, text, parent) => client.expect(201, 'POST', `/videos/${clip.id}/comments`, { text, ...(parent && { parent }) });
  const speakers = [];
  for (const [handle, name] of [['mira', 'Mira'], ['jonas', 'Jonas'], ['tove', 'Tove'], ['layla', 'ليلى الخطيب'], ['bartholomaeus_hohenlangen', longName]])
    speakers.push(await house.newcomer(handle.slice(0, 24), name.slice(0, 50)));
  const [mira, jonas, tove, layla, baron] = speakers;
  const first = await say(mira, remarks[0]);
  const answer = await say(sol, 'In the cellar, with an oscilloscope from 1971 and the window open.', first.id);
  await say(ada, '@sol.spiro that explains the moths.', first.id);
  await say(jonas, remarks[1]);
  const long = await say(tove, remarks[2]);
  await say(layla, 'جميل جدًا! هل يمكن أن نسمع الصوت وحده؟');
  await say(baron, longWord);
  const mine = await say(ada, remarks[3]);
  await say(sol, 'Next one on Sunday, @ada.', mine.id);
  await ada.client.expect(200, 'PATCH', `/comments/${mine.id}`, { text: 'More of these, please! The green one above all.' });
  await sol.client.expect(200, 'PUT', `/comments/${long.id}/pin`);
  for (const { client } of [mira, jonas, layla]) await client.expect(200, 'PUT', `/comments/${answer.id}/like`);
  for (const { client } of [tove, mira]) await client.expect(200, 'PUT', `/comments/${mine.id}/like`);
  return { speakers };
}

/** What Ada is told of: follows, likes, comments, a duet, a stitch, her sound. */
async function makeAttention({ house, ada, speakers }) {
  const [video, other] = ada.own;
  for (const { client, handle } of speakers) {
    await client.expect(200, 'PUT', `/profiles/${ada.handle}/follow`);
    await client.expect(200, 'PUT', `/videos/${video.id}/like`);
    if (handle !== 'mira') await client.expect(200, 'PUT', `/videos/${other.id}/like`);
  }
  const [mira, jonas, tove] = speakers;
  await mira.client.expect(201, 'POST', `/videos/${video.id}/comments`, { text: 'That light on the fields at the end!' });
  await jonas.client.expect(201, 'POST', `/videos/${video.id}/comments`, { text: 'We were there last June, @ada. You walk faster.' });
  const files = await Promise.all(['polar.pia', 'waves.daily', 'lantern.street'].map(async (handle) => house.fileOf((await house.videosOf(handle))[0])));
  const [duet] = await Promise.all([
    publish(mira.client, { caption: 'The same evening, 2,000 km north #evening', file: files[0], edits: { duet_of: video.id } }),
    publish(jonas.client, { caption: 'And then we reached the sea', file: files[1], edits: { stitch_of: video.id, stitch_start_ms: '0', stitch_end_ms: '3000' } }),
    publish(tove.client, { caption: 'Your birds over my street #night', file: files[2], edits: { sound_of: video.id } }),
  ]);
  return { duet };
}

/** Who follows: one two creators of the demo, one Ada alone. */
async function makeFollowers({ house, ada }) {
  const reader = await house.newcomer('reader', 'Noor');
  for (const creator of ['lennart.low.sun', 'polar.pia']) await reader.client.expect(200, 'PUT', `/profiles/${creator}/follow`);
  const fan = await house.newcomer('fan.of.ada', 'A Fan');
  await fan.client.expect(200, 'PUT', `/profiles/${ada.handle}/follow`);
  return { reader, fan };
}

async function makeCollections({ house, ada, clip }) {
  await ada.client.expect(200, 'PUT', `/videos/${clip.id}/save`);
  let light;
  for (const [name, creators] of [['Light', ['lennart.low.sun', 'polar.pia', 'lantern.street']], ['For the reading room', ['otto.cells', 'rule30']]]) {
    const made = await ada.client.expect(201, 'POST', '/collections', { name });
    light ??= made;
    for (const creator of creators) {
      for (const { id } of (await house.videosOf(creator)).slice(0, 2)) await ada.client.expect(200, 'PUT', `/collections/${made.id}/videos/${id}`);
    }
  }
  return light;
}

/** Numbers for a creator's studio. */
async function makeFigures({ house }) {
  const lennart = await house.resident('lennart.low.sun');
  const videos = await house.videosOf(lennart.handle);
  await watchedBy(house.server, studioViewers, videos.slice(0, 3));
  await eventually('the figures are there', async () => (await lennart.client.get('/account/analytics')).totals.views > studioViewers);
  return { ...lennart, video: videos[0] };
}

/** A creator whose videos stand in every way: pinned, for some, not out yet; playlists. */
async function makeShelves({ house }) {
  const maker = await house.newcomer('vera.films', 'Vera Holm', { bio: 'Boats, steam, weather.' });
  const { client } = maker;
  const hasPoster = ({ poster }) => poster !== null;
  const film = async (source, caption, edits = {}) =>
    publish(client, { caption, edits, ready: hasPoster, file: await house.fileOf((await house.videosOf(source))[1]) });
  const films = await Promise.all([
    film('lennart.low.sun', 'Ferry at dawn, the long way round the islands #sea'),
    film('polar.pia', 'Steam over the harbour #calm'),
    film('lantern.street', 'Rehearsal, for those who follow', { audience: 'followers' }),
    film('waves.daily', 'The cut I sent to Jonas', { audience: 'link', labels: 'advertising' }),
    film('mirrorworks', 'Not sure about this one yet', { draft: '1' }),
    film('otto.cells', 'Out on Sunday evening', { publish_at: String(Date.now() + 50 * 3_600_000) }),
    film('rule30', 'For me alone', { audience: 'only_me' }),
  ]);
  for (const { id } of films.slice(0, 2)) await client.expect(200, 'PUT', `/videos/${id}/pin`);
  const playlist = await client.expect(201, 'POST', '/playlists', { title: 'Evenings by the sea' });
  await client.expect(200, 'PUT', `/playlists/${playlist.id}/videos`, { videos: [films[1], films[0], films[2], films[4], films[3]].map(({ id }) => id) });
  await client.expect(201, 'POST', '/playlists', { title: 'Sketches' });
  const closed = films[1];
  await client.expect(200, 'PATCH', `/videos/${closed.id}`, { comment_permission: 'nobody' });
  return { maker: { ...maker, films, playlist, closed } };
}

/** A repost, and whom it reaches. */
async function makeReposts({ house, clip, speakers: [mira] }) {
  await mira.client.expect(200, 'PUT', `/videos/${clip.id}/repost`);
  const friend = await house.newcomer('friend.of.mira', 'A Friend');
  await friend.client.expect(200, 'PUT', `/profiles/${mira.handle}/follow`);
  return { friend };
}

async function makeFamilies({ house, clip }) {
  const young = async (handle, name, zone = noon) => {
    const person = await house.newcomer(handle, name, { birth_date: minorBirthDate });
    await person.client.expect(200, 'PUT', '/account/limits/time-zone', { time_zone: zone });
    return person;
  };
  const guardian = await house.newcomer('miriam', 'Miriam');
  const ward = await young('tim', 'Tim');
  await pair(guardian, ward);
  await setControls(guardian, ward, { daily_minutes: 45, comments: 'followers' });
  await setControls(guardian, ward, { left_out: ['retro'], findable: false, search: false });
  await watchFor(37, clip, ward.client);
  const asking = await young('lena', 'Lena');
  await askToPair(guardian, asking);
  const done = await young('nils', 'Nils');
  await watchFor(60, clip, done.client);
  const owl = await young('olga', 'Olga', night);
  return { guardian, ward, asking, done, owl };
}

/** Who is who: one verified, one who asks, one who pretends. */
async function makeVerified({ house, moderator }) {
  const garden = await house.newcomer('walled.garden', 'The Walled Garden', { bio: 'Vegetables, and how.' });
  const asker = await house.newcomer('harbour.museum', 'Harbour Museum', { bio: 'Ships, ropes, fog.' });
  const ask = ({ client }, name, links, text) => client.expect(201, 'POST', '/account/verification', { kind: 'organisation', name, links, text });
  await ask(garden, 'The Walled Garden', ['https://garden.example/about'], '');
  const { items: [asked] } = await moderator.client.get('/moderation/verifications');
  await moderator.client.expect(204, 'POST', `/moderation/verifications/${asked.id}/decision`, {
    outcome: 'granted', display_name: 'The Walled Garden', reason: 'The imprint of garden.example names this account.',
  });
  await garden.client.expect(200, 'PUT', '/account/verification/domain', { domain: 'garden.example' });
  await publish(garden.client, { caption: 'Beans in May', file: await house.fileOf((await house.videosOf('carpet.maker'))[0]) });
  await ask(asker, 'Harbour Museum', ['https://harbour.example/imprint', 'https://museums.example/list'], 'We have been in the old customs house since 1911.');
  const twin = await house.newcomer('walled_garden_official', 'The Walled Garden');
  return { garden, asker, twin };
}

/** Cases of several kinds, decisions of every sort, appeals, and who was suspended. */
async function makeModeration({ house, ada, clip, speakers, moderator, colleague, twin, garden }) {
  const [mira, jonas, tove, layla] = speakers;
  const seller = await house.newcomer('kettle.king', 'Kettle King');
  const kettle = await publish(seller.client, {
    caption: 'The best kettle you can buy #kitchen', file: await house.fileOf((await house.videosOf('tv.museum'))[0]),
  });
  const shown = await house.videosOf('mirrorworks');
  const video = ({ id }) => ({ kind: 'video', id });
  const account = (person) => ({ kind: 'account', id: person.account.id });

  // Decided: Ada reported it, the seller reads why and appeals; another was labelled, one was nothing.
  await report(ada, video(kettle), { reason: 'deception', text: 'He is paid for it and does not say so.' });
  await decide(moderator, video(kettle), { action: 'remove', reason: 'It advertises a kettle and does not say that it was paid for.', facts: 'At 0:01 a price tag, at 0:04 a voucher code.' });
  const { items: [removal] } = await seller.client.get('/account/decisions');
  await seller.client.expect(201, 'POST', `/account/decisions/${removal.id}/appeal`, { text: 'I bought the kettle myself. The voucher is for everybody.' });
  const [sensitive] = await house.videosOf('otto.cells');
  await report(ada, video(sensitive), { reason: 'violence', text: 'Flickers strongly.' });
  await decide(moderator, video(sensitive), { action: 'label', labels: ['sensitive'], reason: 'Strong flicker may harm people with epilepsy.' });
  await report(ada, video(shown[1]), { reason: 'copyright', text: '' });
  await decide(moderator, video(shown[1]), { action: 'no_action', reason: 'The creator made these pictures.' });
  const rude = await house.newcomer('rude.robert', 'Robert');
  await report(ada, account(rude), { reason: 'harassment', text: 'Under three of my videos.' });
  await decide(moderator, account(rude), { action: 'suspend', days: 7, reason: 'Threats under three videos.' });

  // Waiting.
  await report(ada, video(shown[0]), { reason: 'illegal', country: 'NL', text: 'The song in it is protected there.' });
  await report(jonas, video(shown[0]), { reason: 'copyright', text: 'This is my cousin’s kaleidoscope footage, uploaded without asking.' });
  await report(tove, video(shown[0]), { reason: 'copyright', text: '' });
  const shop = await layla.client.expect(201, 'POST', `/videos/${clip.id}/comments`, { text: 'Buy followers at shop.example, cheapest in town!!!' });
  await report(mira, { kind: 'comment', id: shop.id }, { reason: 'spam', text: '' });
  await report(jonas, account(twin), { reason: 'impersonation', text: 'Not them.', impersonates: garden.handle });
  const [night] = await house.videosOf('lantern.street');
  await report(mira, video(night), { reason: 'self_harm', text: 'The caption worries me. Please have a look at how they are.' });
  const claimed = await caseAbout(moderator, video(shown[0]));
  await moderator.client.expect(200, 'POST', `/moderation/queue/${claimed.id}/claim`);
  await moderator.client.expect(200, 'PUT', '/moderation/rules', {
    words: [{ text: 'miracle cure', outcome: 'hold' }, { text: 'free crypto', outcome: 'queue' }], hashes: [], videos_per_hour: 20, rate_outcome: 'queue',
  });
  const theirs = await caseAbout(colleague, video(night));
  await colleague.client.expect(200, 'POST', `/moderation/queue/${theirs.id}/claim`);
  return { seller, kettle, rude, sensitive, reported: shown[0], shop };
}

/** Behind the counter: two of staff, a case, requests, a demand of a foreign court. */
async function makeCustody({ house, ada }) {
  const staff = await hire(house, 'ines.staff', 'Inês');
  const second = await hire(house, 'karl.staff', 'Karl');
  const { case: { id } } = await staff.client.expect(201, 'POST', '/staff/cases', { title: 'Threat in comments, report 17' });
  await staff.client.expect(201, 'POST', '/staff/cases', { title: 'Doxxing of a creator, report 23' });
  // One waits for signatures, the other is refused at once: its purpose does not cover the field.
  for (const [purpose, status] of [['threat-to-life', 201], ['abuse-case', 403]]) {
    await staff.client.expect(status, 'POST', '/staff/requests', { handle: ada.handle, class: 'identity', purpose, case: id });
  }
  const { page } = staff.desk;
  await page.goto('/staff');
  await page.getByRole('button', { name: 'Enter a demand' }).click();
  const form = page.getByRole('dialog');
  await form.getByLabel('Authority').fill('District Court of Somewhere');
  await form.getByLabel('Country').fill('BR');
  await form.getByLabel('Legal basis').fill('Order 4711 of 2026');
  await form.getByRole('button', { name: 'Put it on the register' }).click();
  await page.getByText('Refused at once').waitFor();
  return { staff, second, case: id };
}

async function unsubscribeLink({ house, ada }) {
  const reader = await house.newcomer('digest.reader', 'Digest Reader');
  const email = await house.giveAddress(reader);
  await ada.client.expect(200, 'PUT', `/profiles/${reader.handle}/follow`);
  const settings = await reader.client.get('/account/notification-settings');
  await eventually('it is told', async () => (await reader.client.get('/notifications')).unread > 0);
  await reader.client.expect(200, 'PUT', '/account/notification-settings', { ...settings, digest: 'daily' });
  const { text } = await house.mail.next(email);
  return /\/unsubscribe\?token=\S+/.exec(text)[0];
}

/** @param {(what: string) => void} say Told what is being made. */
export async function makeContent(house, say = () => {}) {
  const [clip] = await house.videosOf('sol.spiro');
  const [quiet] = await house.videosOf('rule30');
  const content = { house, clip, quiet, remark: remarks[0], sol: await house.resident('sol.spiro') };
  const part = async (what, make) => {
    say(what);
    return make({ ...content });
  };
  content.ada = await part('films of one’s own', () => makeAda(house));
  Object.assign(content, await part('a conversation', makeTalk));
  Object.assign(content, await part('a duet, a stitch, a sound', makeAttention), await makeFollowers(content));
  content.light = await part('collections', makeCollections);
  content.creator = await part('an audience', makeFigures);
  Object.assign(content, await part('drafts, times, playlists', makeShelves), await makeReposts(content));
  Object.assign(content, await part('families', makeFamilies));
  content.moderator = await makeModerator(house, 'mia', 'Mia');
  content.colleague = await makeModerator(house, 'max', 'Max');
  content.newcomer = await house.newcomer('new.here', 'New Here');
  Object.assign(content, await part('who is who', makeVerified));
  Object.assign(content, await part('reports, decisions, appeals', makeModeration));
  Object.assign(content, await part('staff', makeCustody));
  content.unsubscribe = await part('mail', unsubscribeLink);
  await house.untilFound('walled');
  return content;
}
