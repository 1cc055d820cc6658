// Draws the PNG icons from icon.svg with a Chromium that is on the path. Run by hand when the drawing changes: npm run icons
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const icons = join(dirname(fileURLToPath(import.meta.url)), '../public/icons');
const svg = readFileSync(join(icons, 'icon.svg'), 'utf8');
const work = mkdtempSync(join(tmpdir(), 'vitrine-icons-'));

/** Systems cut maskable icons to shapes of their own, so these fill the square. */
const square = svg.replace('rx="112"', 'rx="0"');

function draw(source, size, name) {
  const page = join(work, `${name}.html`);
  const scaled = source.replace('<svg ', `<svg width="${size}" height="${size}" style="display:block" `);
  writeFileSync(page, `<!doctype html><style>html,body{margin:0;overflow:hidden;background:transparent}</style>${scaled}`);
  execFileSync('chromium', [
    '--headless', '--no-sandbox', '--hide-scrollbars', '--force-device-scale-factor=1', '--default-background-color=00000000',
    `--window-size=${size},${size}`, `--screenshot=${join(icons, `${name}.png`)}`, `file://${page}`,
  ], { stdio: 'ignore' });
}

draw(svg, 192, 'icon-192');
draw(svg, 512, 'icon-512');
draw(square, 180, 'icon-180');
draw(square, 512, 'maskable-512');
rmSync(work, { recursive: true });
