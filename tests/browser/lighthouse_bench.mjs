// Lighthouse over pages of the demo, with its phone settings (slow network and processor simulated).
//
//   PAGE_performance, PAGE_accessibility, PAGE_best_practices   scores of 100; the median of three runs
//   first_load_script                                           what the page's own scripts weigh, gzipped
import * as chromeLauncher from 'chrome-launcher';
import lighthouse from 'lighthouse';

import { Client } from './harness/api.mjs';
import { chromiumArguments, chromiumPath } from './harness/browser.mjs';
import { printBench, progress, quantile } from './harness/report.mjs';
import { Server } from './harness/server.mjs';

const runs = 3;
const targets = { performance: 90, accessibility: 95, 'best-practices': 95 };
const creator = 'lennart.low.sun';
const scriptKilobytesMax = 120;

/** Scores of each run, by category. */
async function scoresOf(url, port) {
  const scores = Object.fromEntries(Object.keys(targets).map((name) => [name, []]));
  for (let run = 1; run <= runs; ++run) {
    progress(`${url}, run ${run} of ${runs}`);
    const { lhr } = await lighthouse(url, { port, onlyCategories: Object.keys(targets), logLevel: 'error' });
    for (const name of Object.keys(targets)) scores[name].push(Math.round(lhr.categories[name].score * 100));
    if (process.argv.includes('--verbose')) tellShortcomings(lhr);
  }
  return scores;
}

function tellShortcomings({ requestedUrl, audits }) {
  for (const { score, id, displayValue, title } of Object.values(audits)) {
    if (score !== null && score < 0.9) console.error(`${requestedUrl} ${score} ${id}: ${displayValue ?? title}`);
  }
}

/** What the document itself asks for; the rest comes once the first clip plays. */
async function firstLoadKilobytes({ url }) {
  const document = await (await fetch(url)).text();
  const scripts = [...document.matchAll(/<(?:script[^>]* src|link rel="modulepreload"[^>]* href)="([^"]+)"/g)];
  const sizes = await Promise.all(scripts.map(async ([, path]) => {
    const answer = await fetch(new URL(path, url), { headers: { 'accept-encoding': 'gzip' } });
    return Number(answer.headers.get('content-length'));
  }));
  return sizes.reduce((sum, bytes) => sum + bytes, 0) / 1000;
}

const server = await Server.startWithDemo();
const chrome = await chromeLauncher.launch({ chromePath: chromiumPath(), chromeFlags: chromiumArguments });
const figures = [];
try {
  const { items: [video] } = await new Client(server).get(`/profiles/${creator}/videos`);
  const pages = { feed: '/', video: `/v/${video.id}`, profile: `/@${creator}`, search: '/search', sign_in: '/sign-in', glass: '/glass' };
  for (const [page, path] of Object.entries(pages)) {
    for (const [name, scores] of Object.entries(await scoresOf(server.url + path, chrome.port))) {
      figures.push({ name: `${page}_${name.replace('-', '_')}`, value: quantile(scores, 0.5), unit: 'of 100', target: targets[name], atLeast: true });
    }
  }
  figures.push({ name: 'first_load_script', value: await firstLoadKilobytes(server), unit: 'kB', target: scriptKilobytesMax });
  progress('');
} finally {
  await chrome.kill();
  await server.close();
}
printBench('lighthouse', figures);
