// Every page and every state worth a look, by the route of the app that it belongs to (App.svelte). A further one is a row.
//
//   name     of its pictures
//   path     where it is; a function is given the content (content.mjs)
//   who      of the content looks at it; nobody is a visitor
//   ready    a text to wait for, or what is done there before it counts: (page, content)
//   prepare  what happens before the page is opened: (page, content)
//   context  of the browser: a time zone, headers
//   allow    errors that belong to it
import { makeClip } from '../harness/clips.mjs';
import { currentSlide, nextFirstFrame, swipe } from '../harness/feed.mjs';
import { addAuthenticator, chooseBirthDate } from '../harness/people.mjs';
import { password } from '../harness/api.mjs';
import { night, noon } from './content.mjs';
import { officialSignal } from './house.mjs';
import { countersign } from './staff.mjs';

/** Of the clip in the README's picture. */
const shownTopic = 'sunsets';
const swipesMax = 30;
const alarmMsMax = 25_000;
const notFound = [/status of 404/];
const forbidden = [/status of 403/];

const plays = (page) => nextFirstFrame(page, 0);
const press = (key, ready) => async (page, content) => {
  await plays(page);
  await page.keyboard.press(key);
  await ready(page, content);
};
const dialog = (page, name) => page.getByRole('dialog', { name }).waitFor();
const anyDialog = (page) => dialog(page);
const openMenu = async (page) => {
  await plays(page);
  await page.getByRole('button', { name: 'More about this video' }).first().click();
  await dialog(page);
};
const fromMenu = (item, name) => async (page) => {
  await openMenu(page);
  await page.getByRole('dialog').getByRole('button', { name: item, exact: true }).click();
  await dialog(page, name);
};

/** A visitor who has asked for a topic, so that the picture does not depend on what is popular. */
async function chooseTopic(page) {
  await page.request.get('/');
  const preferences = await (await page.request.get('/api/v1/feed/preferences')).json();
  await page.request.put('/api/v1/feed/preferences', { data: { ...preferences, topics: [shownTopic] } });
}

/** On to the first clip of the topic. */
async function swipeToTopic(page) {
  await plays(page);
  for (let i = 0; i < swipesMax; ++i) {
    if ((await currentSlide(page).textContent()).includes(`#${shownTopic}`)) return;
    await swipe(page);
  }
}

async function swipeToEnd(page) {
  const end = page.locator('.card:not([inert])').getByRole('heading', { name: /everything/ });
  for (let i = 0; i < swipesMax && !(await end.isVisible()); ++i) {
    await page.keyboard.press('ArrowDown');
    await page.waitForTimeout(1_000);
  }
  await end.waitFor();
}

async function chooseFile(page) {
  await page.locator('input[type="file"]').setInputFiles(makeClip({ seconds: 8 }));
  await page.getByRole('slider', { name: 'Begins at', exact: true }).waitFor();
}

async function chooseWhatFor(page) {
  await chooseFile(page);
  await page.getByText('At a time', { exact: true }).click();
  await page.getByText('Comments, duets and labels').click();
  await page.getByLabel('Who may comment').waitFor();
}

async function askTooYoung(page) {
  await page.getByText('Use a password').click();
  await page.getByLabel('Handle').fill('eleven');
  await page.getByLabel('Password', { exact: true }).fill(password);
  await chooseBirthDate(page, `${new Date().getUTCFullYear() - 11}-01-17`);
  await page.getByRole('button', { name: 'Create account' }).click();
  await page.getByRole('heading', { name: 'Not yet' }).waitFor();
}

/** The break one has asked for is due: as much is watched as it says. */
async function watchedTillBreak(page) {
  await page.addInitScript((value) => localStorage.setItem('vitrine.pauses', value), JSON.stringify({ break_min: 15, limit_min: 30 }));
}
async function breakComes(page) {
  await plays(page);
  await page.evaluate((ms) => {
    const day = new Date().toLocaleDateString('sv');
    localStorage.setItem('vitrine.watched', JSON.stringify({ today_ms: ms, stretch_ms: ms, day, last_at: Date.now() }));
  }, 15 * 60_000);
  await dialog(page);
}

const openCase = (name) => async (page) => {
  await page.getByRole('button', { name }).first().click();
  await page.getByRole('region', { name: /^(Video|Comment|Account)/ }).first().waitFor();
};
async function decideCase(page, { reported }) {
  await openCase(new RegExp(reported.creator.handle))(page);
  const form = page.getByRole('form', { name: 'Decision' });
  await form.locator('label').filter({ hasText: /Remove$/ }).click();
  await form.getByLabel('Which rule or law').fill('House rule 3');
  await form.getByLabel('Reason', { exact: true }).fill('These pictures are somebody else’s, who did not agree.');
}

/** A field under two signatures, open for its minute. Passkeys count what they sign, so they are carried on. */
async function openField(page, { ada, staff, second, case: about }) {
  await staff.client.expect(201, 'POST', '/staff/requests', { handle: ada.handle, class: 'contact', purpose: 'threat-to-life', case: about });
  const { keys } = await addAuthenticator(page, staff.keys);
  await page.reload();
  const one = page.getByRole('listitem').filter({ hasText: 'Waiting' }).filter({ hasText: /E-mail/ }).first();
  await one.getByRole('button', { name: /^Sign with passkey/ }).click();
  await one.getByText('You have signed').waitFor();
  await countersign(second, 'E-mail address', ada.handle);
  await one.getByRole('button', { name: /^Open the field/ }).click();
  await page.getByTestId('field').waitFor();
  staff.keys = await keys();
}

/** The server tells less than the log holds. */
async function leaveOutReceipts(page, { ada }) {
  await ada.client.expect(200, 'POST', '/my/data/identity');
  await page.route('**/api/v1/my/receipts', async (route) => {
    const response = await route.fetch();
    const { receipts } = await response.json();
    await route.fulfill({ response, json: { receipts: receipts.filter(({ entry }) => JSON.parse(entry).purpose !== 'self') } });
  });
}

const clipPath = ({ clip }) => `/v/${clip.id}`;
const ofFilm = (at, path) => ({ maker }) => path(maker.films[at].id);
const ofOwn = (path) => ({ ada }) => path(ada.own[0].id);

export const pages = {
  feed: [
    { name: 'feed', path: '/', prepare: chooseTopic, ready: swipeToTopic },
    { name: 'feed-signed-in', path: '/', who: 'ada', ready: plays },
    { name: 'fresh', path: '/?feed=fresh', ready: plays },
    { name: 'following', path: '/following', who: 'reader', ready: plays },
    { name: 'following-none', path: '/following', who: 'newcomer', ready: 'Follow creators whose' },
    { name: 'following-visitor', path: '/following', ready: 'Sign in to follow' },
    { name: 'following-repost', path: '/following', who: 'friend', ready: plays },
    { name: 'feed-end', path: '/following', who: 'fan', ready: swipeToEnd },
    { name: 'feed-help', path: '/', ready: press('?', anyDialog) },
    { name: 'feed-menu', path: '/', who: 'ada', ready: openMenu },
    { name: 'feed-why', path: '/', who: 'ada', ready: fromMenu('Why this video', 'Why this video') },
    { name: 'feed-captions', path: '/', ready: fromMenu('Captions') },
    { name: 'feed-gate', path: '/', ready: press('l', anyDialog) },
    { name: 'feed-break', path: '/', prepare: watchedTillBreak, ready: breakComes },
    { name: 'resting-limit', path: '/', who: 'done', context: { timezoneId: noon }, ready: 'That is it for today' },
    { name: 'resting-night', path: '/', who: 'owl', context: { timezoneId: night }, ready: 'Good night' },
  ],
  video: [
    { name: 'video', path: clipPath, ready: plays },
    { name: 'video-own-menu', path: ofOwn((id) => `/v/${id}`), who: 'ada', ready: openMenu },
    { name: 'video-said', path: ofOwn((id) => `/v/${id}`), ready: plays },
    { name: 'video-duet', path: ({ duet }) => `/v/${duet.id}`, ready: plays },
    { name: 'comments', path: clipPath, who: 'ada', ready: press('c', (page, { remark }) => page.getByText(remark).first().waitFor()) },
    { name: 'comments-visitor', path: clipPath, ready: press('c', (page, { remark }) => page.getByText(remark).first().waitFor()) },
    { name: 'comments-none', path: ({ quiet }) => `/v/${quiet.id}`, who: 'ada', ready: press('c', (page) => page.getByRole('textbox', { name: /^Write a/ }).waitFor()) },
    { name: 'comments-closed', path: ({ maker }) => `/v/${maker.closed.id}`, who: 'ada', ready: press('c', (page) => page.getByText('takes no comments').waitFor()) },
    { name: 'video-draft', path: ofFilm(4, (id) => `/v/${id}`), who: 'maker', ready: plays },
    { name: 'video-scheduled', path: ofFilm(5, (id) => `/v/${id}`), who: 'maker', ready: plays },
    { name: 'share', path: clipPath, who: 'ada', ready: press('s', anyDialog) },
    { name: 'collect', path: clipPath, who: 'ada', ready: fromMenu('Save to…') },
    { name: 'report', path: clipPath, who: 'ada', ready: fromMenu('Report', 'Report this video') },
    { name: 'veil', path: ({ sensitive }) => `/v/${sensitive.id}`, ready: 'Sensitive content' },
    { name: 'video-missing', path: '/v/00000000000000000000000000', ready: 'Go to the feed', allow: notFound },
    { name: 'video-removed', path: ({ kettle }) => `/v/${kettle.id}`, who: 'seller', ready: 'Read the decision' },
  ],
  embed: [
    { name: 'embed', path: ({ clip }) => `/embed/${clip.id}` },
    { name: 'embed-veil', path: ({ sensitive }) => `/embed/${sensitive.id}`, ready: 'Sensitive content' },
    { name: 'embed-missing', path: '/embed/00000000000000000000000000', allow: notFound },
  ],
  search: [
    { name: 'search', path: '/search', who: 'ada' },
    { name: 'search-results', path: '/search?q=calm', who: 'ada', ready: 'Videos' },
    { name: 'search-people', path: '/search?q=walled&kind=accounts', ready: 'The Walled Garden' },
    { name: 'search-suggestions', path: '/search', ready: async (page) => {
      const box = page.getByRole('combobox').filter({ visible: true }).first();
      await box.pressSequentially('sun');
      await page.getByRole('option').first().waitFor();
    } },
    { name: 'search-none', path: '/search?q=zeppelin', ready: 'Nothing' },
    { name: 'search-off', path: '/search?q=calm', who: 'ward', context: { timezoneId: noon }, ready: 'Search is switched off', allow: forbidden },
  ],
  tag: [
    { name: 'tag', path: `/tag/${shownTopic}`, who: 'ada' },
    { name: 'tag-none', path: '/tag/nobodyhasthis', ready: 'Search', allow: notFound },
  ],
  sound: [{ name: 'sound', path: ofOwn((id) => `/sound/${id}`), who: 'ada' }, { name: 'sound-gone', path: '/sound/none', allow: notFound }],
  duets: [
    { name: 'duets', path: ofOwn((id) => `/duets/${id}`), who: 'ada' },
    { name: 'duets-none', path: ({ clip }) => `/duets/${clip.id}`, who: 'ada' },
  ],
  profile: [
    { name: 'profile', path: '/@sol.spiro', who: 'ada' },
    { name: 'profile-own', path: '/@ada', who: 'ada' },
    { name: 'profile-verified', path: '/@walled.garden', who: 'ada' },
    { name: 'profile-shelves', path: '/@vera.films', who: 'ada', ready: 'Playlists' },
    { name: 'profile-shelves-own', path: '/@vera.films', who: 'maker', ready: 'Playlists' },
    { name: 'profile-playlists', path: '/@vera.films?tab=playlists', who: 'ada', ready: 'Evenings by the sea' },
    { name: 'profile-reposts', path: ({ speakers }) => `/@${speakers[0].handle}?tab=reposts`, who: 'ada', ready: 'Reposts' },
    { name: 'profile-empty', path: '/@new.here', who: 'newcomer' },
    { name: 'profile-menu', path: '/@sol.spiro', who: 'ada', ready: async (page) => {
      await page.getByRole('button', { name: 'More about @sol.spiro' }).click();
      await dialog(page);
    } },
    { name: 'profile-long', path: ({ speakers }) => `/@${speakers[4].handle}`, who: 'ada' },
    { name: 'profile-rtl', path: ({ speakers }) => `/@${speakers[3].handle}`, who: 'ada' },
    { name: 'profile-missing', path: '/@nobody.here', allow: notFound },
  ],
  notifications: [
    { name: 'notifications', path: '/notifications', who: 'ada' },
    { name: 'notifications-none', path: '/notifications', who: 'newcomer', ready: 'Nothing yet' },
    { name: 'notifications-visitor', path: '/notifications' },
  ],
  saved: [
    { name: 'saved', path: '/saved', who: 'ada' },
    { name: 'saved-collection', path: ({ light }) => `/saved?collection=${light.id}`, who: 'ada' },
    { name: 'saved-none', path: '/saved', who: 'newcomer', ready: 'Nothing saved yet' },
    { name: 'saved-visitor', path: '/saved' },
  ],
  upload: [
    { name: 'upload', path: '/upload', who: 'ada' },
    { name: 'upload-cut', path: '/upload', who: 'ada', ready: chooseFile },
    { name: 'upload-choices', path: '/upload', who: 'maker', ready: chooseWhatFor },
    { name: 'upload-duet', path: ({ clip }) => `/upload?duet=${clip.id}`, who: 'ada', ready: chooseFile },
    { name: 'upload-stitch', path: ({ clip }) => `/upload?stitch=${clip.id}`, who: 'ada', ready: chooseFile },
    { name: 'upload-visitor', path: '/upload' },
  ],
  captions: [
    { name: 'captions', path: ofOwn((id) => `/v/${id}/captions?language=en`), who: 'ada', ready: async (page) => {
      await page.getByRole('list', { name: 'Cues' }).getByRole('listitem').first().waitFor();
    } },
    { name: 'captions-empty', path: ({ ada }) => `/v/${ada.own[1].id}/captions`, who: 'ada', ready: 'No captions' },
    { name: 'captions-stranger', path: ({ clip }) => `/v/${clip.id}/captions`, who: 'ada' },
  ],
  studio: [
    { name: 'studio', path: '/studio', who: 'creator', ready: 'Best hours' },
    { name: 'studio-video', path: ({ creator }) => `/studio/v/${creator.video.id}`, who: 'creator', ready: 'Still watching' },
    { name: 'studio-empty', path: '/studio', who: 'newcomer', ready: 'Nothing to show yet' },
    { name: 'studio-visitor', path: '/studio' },
  ],
  'studio-videos': [
    { name: 'studio-videos', path: '/studio/videos', who: 'maker', ready: 'Ferry at dawn' },
    { name: 'studio-videos-menu', path: '/studio/videos', who: 'maker', ready: async (page) => {
      await page.getByRole('button', { name: /^More about .*Ferry/ }).click();
      await dialog(page);
    } },
    { name: 'studio-videos-none', path: '/studio/videos', who: 'newcomer' },
  ],
  'studio-playlists': [
    { name: 'studio-playlists', path: '/studio/playlists', who: 'maker', ready: 'Sketches' },
    { name: 'studio-playlists-none', path: '/studio/playlists', who: 'newcomer' },
  ],
  edit: [
    { name: 'edit', path: ofFilm(0, (id) => `/studio/v/${id}/edit`), who: 'maker', ready: 'Save' },
    { name: 'edit-scheduled', path: ofFilm(5, (id) => `/studio/v/${id}/edit`), who: 'maker', ready: 'Save' },
    { name: 'edit-leave', path: ofFilm(0, (id) => `/studio/v/${id}/edit`), who: 'maker', ready: async (page) => {
      await page.getByLabel('Caption').fill('Ferry at dawn, from the pier');
      await page.getByRole('link', { name: 'All your videos' }).click();
      await page.getByRole('alertdialog').waitFor();
    } },
    { name: 'edit-stranger', path: ofFilm(0, (id) => `/studio/v/${id}/edit`), who: 'ada' },
  ],
  playlist: [
    { name: 'playlist', path: ({ maker }) => `/playlist/${maker.playlist.id}`, who: 'ada', ready: 'Evenings by the sea' },
    { name: 'playlist-own', path: ({ maker }) => `/playlist/${maker.playlist.id}`, who: 'maker', ready: 'Evenings by the sea' },
    { name: 'playlist-order', path: ({ maker }) => `/playlist/${maker.playlist.id}?arrange=1`, who: 'maker', ready: 'Steam over the harbour' },
    { name: 'playlist-gone', path: '/playlist/none', allow: notFound },
  ],
  'your-feed': [{ name: 'your-feed', path: '/your-feed', who: 'ada' }, { name: 'your-feed-visitor', path: '/your-feed' }],
  settings: [
    { name: 'settings', path: '/settings', who: 'ada', ready: 'E-mail' },
    { name: 'settings-verified', path: '/settings#verification', who: 'garden', ready: 'Guard my data more strictly' },
    { name: 'settings-visitor', path: '/settings' },
  ],
  family: [
    { name: 'family', path: '/family', who: 'newcomer', ready: 'What guardians never see' },
    { name: 'family-code', path: '/family', who: 'newcomer', ready: async (page) => {
      await page.getByRole('button', { name: 'Make a code' }).click();
      await page.locator('.code').waitFor();
    } },
    { name: 'family-guardian', path: '/family', who: 'guardian', ready: 'Minutes watched' },
    { name: 'family-young', path: '/family', who: 'ward', context: { timezoneId: noon }, ready: 'What is set for you' },
    { name: 'family-asked', path: '/family', who: 'asking', context: { timezoneId: noon }, ready: 'wants to be your guardian' },
    { name: 'family-visitor', path: '/family' },
  ],
  reports: [
    { name: 'reports', path: '/reports', who: 'ada', ready: 'Being looked at' },
    { name: 'reports-none', path: '/reports', who: 'newcomer', ready: 'You have reported nothing' },
  ],
  decisions: [
    { name: 'decisions', path: '/decisions', who: 'seller', ready: 'Your video was removed' },
    { name: 'decisions-none', path: '/decisions', who: 'newcomer', ready: 'Nothing was decided about you' },
    { name: 'suspended', path: '/', who: 'rude', ready: 'Your account is suspended', allow: forbidden },
  ],
  moderation: [
    { name: 'moderation', path: '/moderation', who: 'moderator', ready: 'mirrorworks' },
    { name: 'moderation-case', path: '/moderation', who: 'colleague', ready: openCase(/walled_garden_official/) },
    { name: 'moderation-comment', path: '/moderation', who: 'colleague', ready: openCase(/layla/) },
    { name: 'moderation-decision', path: '/moderation', who: 'moderator', ready: decideCase },
    { name: 'moderation-appeals', path: '/moderation?view=appeals', who: 'colleague', ready: 'I bought the kettle myself' },
    { name: 'moderation-appeals-own', path: '/moderation?view=appeals', who: 'moderator', ready: 'You made this decision' },
    { name: 'moderation-rules', path: '/moderation?view=rules', who: 'moderator', ready: 'Videos an hour' },
    { name: 'moderation-keys', path: '/moderation', who: 'moderator', ready: async (page) => {
      await page.getByText('mirrorworks').first().waitFor();
      await page.keyboard.press('?');
      await dialog(page);
    } },
    { name: 'moderation-stranger', path: '/moderation', who: 'ada' },
  ],
  'verification-desk': [
    { name: 'verification-desk', path: '/moderation/verification', who: 'moderator', ready: 'Harbour Museum' },
    { name: 'verification-stranger', path: '/moderation/verification', who: 'ada', allow: forbidden },
  ],
  staff: [
    { name: 'staff', path: '/staff', who: 'staff', ready: 'New request' },
    { name: 'staff-field', path: '/staff', who: 'staff', ready: openField },
    { name: 'staff-stranger', path: '/staff', who: 'ada', ready: 'This page is for staff' },
  ],
  'my-data': [
    { name: 'my-data', path: '/my-data', who: 'ada', ready: 'You are told everything' },
    { name: 'my-data-alarm', path: '/my-data', who: 'ada', prepare: leaveOutReceipts, ready: (page) =>
      page.getByRole('heading', { name: 'An opening of your data was kept from you' }).first().waitFor({ timeout: alarmMsMax }) },
    { name: 'my-data-visitor', path: '/my-data' },
  ],
  glass: [{ name: 'glass', path: '/glass', ready: 'Check it yourself' }],
  'sign-in': [{ name: 'sign-in', path: '/sign-in' }],
  'sign-up': [{ name: 'sign-up', path: '/sign-up' }, { name: 'sign-up-too-young', path: '/sign-up', ready: askTooYoung }],
  recover: [
    { name: 'recover', path: '/recover' },
    { name: 'recover-sent', path: '/recover', ready: async (page) => {
      await page.getByLabel('Handle').fill('nobody.here');
      await page.getByRole('button', { name: 'Send the link' }).click();
      await page.getByRole('heading', { name: 'Look into your mail' }).waitFor();
    } },
    { name: 'recover-new', path: '/recover?token=none' },
  ],
  unsubscribe: [{ name: 'unsubscribe', path: ({ unsubscribe }) => unsubscribe }, { name: 'unsubscribe-none', path: '/unsubscribe?token=none' }],
  'not-found': [{ name: 'not-found', path: '/nothing-here', allow: notFound }],
};

/** What the server answers without the app. */
export const outside = [
  { name: 'declined', path: '/', context: { extraHTTPHeaders: officialSignal }, ready: 'Who decided this', allow: forbidden },
];

export const rows = [...Object.values(pages).flat(), ...outside];
