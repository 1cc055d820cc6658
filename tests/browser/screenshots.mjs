// Pictures of every page with the demo's content: build/screenshots/PAGE-SIZE-SCHEME.png, a page that shows them all
// (build/screenshots/index.html), and the README's. With names, only theirs.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { makeContent } from './gallery/content.mjs';
import { House } from './gallery/house.mjs';
import { rows } from './gallery/pages.mjs';
import { eachRow, growToContent, inDark, show } from './gallery/show.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));
const folder = join(root, 'build/screenshots');
const sizes = {
  phone: { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true },
  desktop: { viewport: { width: 1440, height: 900 }, deviceScaleFactor: 1 },
};
const schemes = ['light', 'dark'];
const together = 2;
/** As tall as a picture gets. */
const heightMax = 4_000;
/** The README's: which page, at what width. */
const readme = { 'feed-phone': ['feed-phone-dark', 390], 'feed-desktop': ['feed-desktop-dark', 1000], glass: ['glass-desktop-light', 1000] };

const pictureOf = (name, size, scheme) => `${name}-${size}-${scheme}.png`;

function chosenRows(names) {
  const unknown = names.filter((name) => !rows.some((row) => row.name === name));
  if (unknown.length === 0) return names.length === 0 ? rows : rows.filter(({ name }) => names.includes(name));
  console.error(`There is no page ${unknown.join(', ')}. There are: ${rows.map(({ name }) => name).join(' ')}`);
  process.exit(2);
}

async function shoot(house, content, row) {
  for (const [size, device] of Object.entries(sizes)) {
    const { page, close } = await show(house, content, row, device);
    await growToContent(page, heightMax);
    await page.screenshot({ path: join(folder, pictureOf(row.name, size, 'light')) });
    await inDark(page);
    await page.screenshot({ path: join(folder, pictureOf(row.name, size, 'dark')) });
    await close();
  }
}

/** A page with a row for each page of the app: phone and desktop, light and dark. */
function gallery(names) {
  const picture = (file) => `<a href="${file}"><img loading="lazy" alt="${file}" src="${file}"></a>`;
  const all = Object.keys(sizes).flatMap((size) => schemes.map((scheme) => [size, scheme]));
  const row = (name) => `<h2>${name}</h2><div>${all.map(([size, scheme]) => picture(pictureOf(name, size, scheme))).join('')}</div>`;
  return `<!doctype html><meta charset="utf-8"><title>Vitrine: every page</title><style>body{font:16px system-ui;margin:2rem}div{display:flex;gap:1rem;flex-wrap:wrap;align-items:start}img{height:22rem;border:1px solid #8888;border-radius:8px}</style><h1>Every page</h1>${names.map(row).join('')}`;
}

/** Small enough for a repository: as wide as the README shows them, its first screen only. */
function refreshReadme() {
  for (const [name, [picture, width]] of Object.entries(readme)) {
    const file = join(folder, `${picture}.png`);
    if (!existsSync(file)) continue;
    execFileSync('ffmpeg', ['-v', 'error', '-y', '-i', file, '-vf',
      `crop=iw:min(ih\\,iw*${picture.includes('phone') ? 844 / 390 : 900 / 1440}):0:0,scale=${width}:-2:flags=lanczos,` +
      'split[a][b];[a]palettegen=max_colors=200[p];[b][p]paletteuse=dither=sierra2_4a', join(root, `docs/images/${name}.png`)]);
  }
}

async function takeAll(house, chosen) {
  const began = Date.now();
  const seconds = () => Math.round((Date.now() - began) / 1000);
  const content = await makeContent(house, (what) => console.log(`      making ${what} (${seconds()} s)`));
  let done = 0;
  return eachRow(chosen, together, async (row) => {
    await shoot(house, content, row);
    console.log(`      ${++done} of ${chosen.length}: ${row.name} (${seconds()} s)`);
  });
}

const chosen = chosenRows(process.argv.slice(2));
mkdirSync(folder, { recursive: true });
const house = await House.open();
let failures;
try {
  failures = await takeAll(house, chosen);
} finally {
  await house.close();
}
writeFileSync(join(folder, 'index.html'), gallery(rows.map(({ name }) => name)));
console.log('      build/screenshots/index.html shows them all');
if (chosen.length === rows.length) {
  refreshReadme();
  console.log('      docs/images has the README\'s');
}
for (const { message } of failures) console.error(`error: ${message}`);
process.exitCode = failures.length > 0 ? 1 : 0;
