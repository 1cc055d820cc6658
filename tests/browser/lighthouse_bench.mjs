// Lighthouse over the feed page of the demo, with its phone settings (slow network and processor simulated).
//
//   performance, accessibility, best_practices   scores of 100; the median of three runs
import * as chromeLauncher from 'chrome-launcher';
import lighthouse from 'lighthouse';

import { chromiumArguments, chromiumPath } from './harness/browser.mjs';
import { Server } from './harness/server.mjs';

const runs = 3;
const categories = ['performance', 'accessibility', 'best-practices'];

const server = await Server.startWithDemo();
const chrome = await chromeLauncher.launch({ chromePath: chromiumPath(), chromeFlags: chromiumArguments });
const scores = Object.fromEntries(categories.map((name) => [name, []]));
for (let run = 0; run < runs; ++run) {
  const result = await lighthouse(`${server.url}/`, { port: chrome.port, onlyCategories: categories, logLevel: 'error' });
  for (const name of categories) scores[name].push(Math.round(result.lhr.categories[name].score * 100));
  if (process.argv.includes('--verbose')) {
    for (const audit of Object.values(result.lhr.audits)) {
      if (audit.score !== null && audit.score < 0.9) console.error(`${audit.score} ${audit.id}: ${audit.displayValue ?? audit.title}`);
    }
  }
}
await chrome.kill();
await server.close();

const figures = Object.fromEntries(
  categories.map((name) => [name.replace('-', '_'), scores[name].sort((a, b) => a - b)[Math.floor(runs / 2)]]),
);
if (process.argv.includes('--json')) console.log(JSON.stringify(figures));
else for (const [name, value] of Object.entries(figures)) console.log(`${name.padEnd(22)}${value}`);
