// Pictures of every page with the demo's content: build/screenshots/PAGE-SIZE-SCHEME.png, and the README's two.
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { newAccount } from './harness/api.mjs';
import { launch, openPage } from './harness/browser.mjs';
import { currentSlide, nextFirstFrame, swipe } from './harness/feed.mjs';
import { Server } from './harness/server.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));
const folder = join(root, 'build/screenshots');
const sizes = {
  phone: { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true },
  desktop: { viewport: { width: 1440, height: 900 }, deviceScaleFactor: 1 },
};
const shownTopic = 'sunsets';
const swipesMax = 30;
const remarks = ['Where was this filmed?', 'I could watch it all day. #sunsets', 'More of these, please!'];
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

/** Somebody new for each set of pictures: the feeds show a person nothing twice. */
async function newViewer() {
  const { client, handle } = await newAccount(server, 'ada');
  await client.expect(200, 'PATCH', '/account', { display_name: 'Ada', bio: 'Watches more than she films.' });
  for (const creator of ['lennart.low.sun', 'sol.spiro']) await client.expect(200, 'PUT', `/profiles/${creator}/follow`);
  const clip = (await client.get('/profiles/sol.spiro/videos')).items[0].id;
  await client.expect(200, 'PUT', `/videos/${clip}/save`);
  for (const text of remarks) await client.expect(201, 'POST', `/videos/${clip}/comments`, { text });
  return { client, handle, clip };
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
const pagesOf = ({ client, handle, clip }) => [
  ['feed', '/', { ready: feedReady }],
  ['following', '/following', { client, ready: (page) => nextFirstFrame(page, 0) }],
  ['video', `/v/${clip}`, { ready: (page) => nextFirstFrame(page, 0) }],
  ['comments', `/v/${clip}`, { client, ready: commentsReady }],
  ['search', '/search', { client }],
  ['search-results', '/search?q=sun', { client }],
  ['tag', `/tag/${shownTopic}`, { client }],
  ['notifications', '/notifications', { client }],
  ['saved', '/saved', { client }],
  ['embed', `/embed/${clip}`, {}],
  ['profile', '/@sol.spiro', { client }],
  ['own-profile', `/@${handle}`, { client }],
  ['upload', '/upload', { client }],
  ['studio', '/studio', { client }],
  ['settings', '/settings', { client }],
  ['your-feed', '/your-feed', { client }],
  ['my-data', '/my-data', { client }],
  ['sign-in', '/sign-in', {}],
  ['sign-up', '/sign-up', {}],
  ['glass', '/glass', {}],
  ['not-found', '/v/00000000000000000000000000', {}],
];
for (const size of Object.keys(sizes)) {
  for (const scheme of ['light', 'dark']) {
    const pages = pagesOf(await newViewer());
    for (const [name, path, options] of pages) await shoot(name, path, size, scheme, options);
    console.log(`      ${size}, ${scheme}: ${pages.length} pages`);
  }
}
await browser.close();
await server.close();

// Small enough for a repository: as wide as the README shows them.
for (const [size, width] of [['phone', 390], ['desktop', 1000]]) {
  execFileSync('ffmpeg', ['-v', 'error', '-y', '-i', join(folder, `feed-${size}-dark.png`), '-vf',
    `scale=${width}:-2:flags=lanczos,split[a][b];[a]palettegen=max_colors=200[p];[b][p]paletteuse=dither=sierra2_4a`,
    join(root, `docs/images/feed-${size}.png`)]);
}
console.log('      build/screenshots has them all, docs/images the README\'s two');
