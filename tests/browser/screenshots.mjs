// Pictures of every page with the demo's content: build/screenshots/PAGE-SIZE-SCHEME.png, a page that shows them all
// (build/screenshots/index.html), and the README's two.
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { Client, newAccount } from './harness/api.mjs';
import { launch, openPage } from './harness/browser.mjs';
import { makeClip } from './harness/clips.mjs';
import { currentSlide, nextFirstFrame, swipe } from './harness/feed.mjs';
import { Server } from './harness/server.mjs';
import { publish } from './harness/uploads.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));
const folder = join(root, 'build/screenshots');
const sizes = {
  phone: { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true },
  desktop: { viewport: { width: 1440, height: 900 }, deviceScaleFactor: 1 },
};
const schemes = ['light', 'dark'];
const shownTopic = 'sunsets';
const swipesMax = 30;
const remarks = ['Where was this filmed?', 'I could watch it all day. #sunsets', 'More of these, please!'];
const people = [['mira', 'Mira'], ['jonas', 'Jonas'], ['tove', 'Tove']];
const adasClips = [['lennart.low.sun', 'Home by the long way #evening'], ['mirrorworks', 'Found in a drawer #kaleidoscope']];
const settleMs = 900;

mkdirSync(folder, { recursive: true });
const server = await Server.startWithDemo();
const browser = await launch();

/** Swipes until a clip of the topic plays, so that the README's picture does not depend on the feed's order. */
async function swipeToTopic(page) {
  for (let i = 0; i < swipesMax; ++i) {
    if ((await currentSlide(page).textContent()).includes(`#${shownTopic}`)) return;
    await swipe(page);
  }
}

async function shoot(name, path, size, scheme, { client, ready } = {}) {
  const { page, close } = await openPage(browser, server, { size: sizes[size], scheme, client });
  await page.goto(path);
  await ready?.(page);
  await page.waitForTimeout(settleMs);
  await page.screenshot({ path: join(folder, `${name}-${size}-${scheme}.png`) });
  await close();
}

/** The file of the largest rendition of a creator's newest clip, to be published once more under another name. */
async function fileOf(creator) {
  const [{ sources }] = (await new Client(server).get(`/profiles/${creator}/videos`)).items;
  const path = join(tmpdir(), `vitrine-picture-${creator}.mp4`);
  const answer = await fetch(new URL(sources.at(-1).url, server.url));
  writeFileSync(path, Buffer.from(await answer.arrayBuffer()));
  return path;
}

async function newPerson(stem, display_name, bio = '') {
  const person = await newAccount(server, stem);
  await person.client.expect(200, 'PATCH', '/account', { display_name, bio });
  return person;
}

/** What people have said and done before the pictures are taken: Ada is who looks. */
async function makeContent() {
  const clip = (await new Client(server).get('/profiles/sol.spiro/videos')).items[0].id;
  const ada = await newPerson('ada', 'Ada', 'Watches more than she films.');
  const own = [];
  for (const [creator, caption] of adasClips) own.push(await publish(ada.client, { caption, file: await fileOf(creator) }));
  for (const [i, text] of remarks.entries()) {
    const { client } = await newPerson(...people[i]);
    await client.expect(201, 'POST', `/videos/${clip}/comments`, { text });
    await client.expect(201, 'POST', `/videos/${own[0].id}/comments`, { text });
    await client.expect(200, 'PUT', `/videos/${own[1].id}/like`);
    await client.expect(200, 'PUT', `/profiles/${ada.handle}/follow`);
  }
  await ada.client.expect(200, 'PUT', `/videos/${clip}/save`);
  return { clip, ada, own };
}

/** Somebody new for each set of pictures: the feeds show a person nothing twice. */
async function newViewer() {
  const { client } = await newPerson('noor', 'Noor');
  for (const creator of ['lennart.low.sun', 'sol.spiro']) await client.expect(200, 'PUT', `/profiles/${creator}/follow`);
  return client;
}

/** A page with a row for each page of the app: phone and desktop, light and dark. */
function gallery(names) {
  const picture = (name, size, scheme) => `<a href="${name}-${size}-${scheme}.png"><img loading="lazy" alt="${name}, ${size}, ${scheme}" src="${name}-${size}-${scheme}.png"></a>`;
  const row = (name) => `<h2>${name}</h2><div>${Object.keys(sizes).flatMap((size) => schemes.map((scheme) => picture(name, size, scheme))).join('')}</div>`;
  return `<!doctype html><meta charset="utf-8"><title>Vitrine: every page</title><style>body{font:16px system-ui;margin:2rem}div{display:flex;gap:1rem;flex-wrap:wrap}img{height:22rem;border:1px solid #8888;border-radius:8px}</style><h1>Every page</h1>${names.map(row).join('')}`;
}

const feedReady = async (page) => {
  await nextFirstFrame(page, 0);
  await swipeToTopic(page);
};
const commentsReady = async (page) => {
  await nextFirstFrame(page, 0);
  await page.keyboard.press('c');
  await page.getByText(remarks[0]).waitFor();
};
const cutReady = async (page) => {
  await page.locator('input[type="file"]').setInputFiles(makeClip({ seconds: 8 }));
  await page.getByRole('slider', { name: 'Begins at', exact: true }).waitFor();
};
const pagesOf = ({ clip, ada: { client, handle } }, viewer) => [
  ['feed', '/', { ready: feedReady }],
  ['following', '/following', { client: viewer, ready: (page) => nextFirstFrame(page, 0) }],
  ['video', `/v/${clip}`, { ready: (page) => nextFirstFrame(page, 0) }],
  ['comments', `/v/${clip}`, { client: viewer, ready: commentsReady }],
  ['search', '/search', { client }],
  ['search-results', '/search?q=sun', { client }],
  ['tag', `/tag/${shownTopic}`, { client }],
  ['notifications', '/notifications', { client }],
  ['saved', '/saved', { client }],
  ['family', '/family', { client }],
  ['embed', `/embed/${clip}`, {}],
  ['profile', '/@sol.spiro', { client }],
  ['own-profile', `/@${handle}`, { client }],
  ['upload', '/upload', { client }],
  ['upload-duet', `/upload?duet=${clip}`, { client, ready: cutReady }],
  ['upload-stitch', `/upload?stitch=${clip}`, { client, ready: cutReady }],
  ['sound', `/sound/${clip}`, { client }],
  ['duets', `/duets/${clip}`, { client }],
  ['settings', '/settings', { client }],
  ['your-feed', '/your-feed', { client }],
  ['my-data', '/my-data', { client }],
  ['unsubscribe', '/unsubscribe?token=none', {}],
  ['sign-in', '/sign-in', {}],
  ['sign-up', '/sign-up', {}],
  ['glass', '/glass', {}],
  ['not-found', '/v/00000000000000000000000000', {}],
];
const content = await makeContent();
for (const size of Object.keys(sizes)) {
  for (const scheme of schemes) {
    const pages = pagesOf(content, await newViewer());
    for (const [name, path, options] of pages) await shoot(name, path, size, scheme, options);
    console.log(`      ${size}, ${scheme}: ${pages.length} pages`);
  }
}
await browser.close();
await server.close();
writeFileSync(join(folder, 'index.html'), gallery(pagesOf(content).map(([name]) => name)));

// Small enough for a repository: as wide as the README shows them.
for (const [size, width] of [['phone', 390], ['desktop', 1000]]) {
  execFileSync('ffmpeg', ['-v', 'error', '-y', '-i', join(folder, `feed-${size}-dark.png`), '-vf',
    `scale=${width}:-2:flags=lanczos,split[a][b];[a]palettegen=max_colors=200[p];[b][p]paletteuse=dither=sierra2_4a`,
    join(root, `docs/images/feed-${size}.png`)]);
}
console.log('      build/screenshots/index.html shows them all, docs/images the README\'s two');
