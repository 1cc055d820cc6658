// Swipes through the demo's feed in Chromium and prints how long the next clip's first frame takes.
//
//   swipe_p50_ms, swipe_p95_ms   from the input event's own time to the next clip's first frame on the screen
//   stalls                       times the current clip had to wait for data after it had begun
//   cold_first_frame_ms          from opening the page with an empty cache to the first clip's first frame (median)
import { Server } from './harness/server.mjs';
import { launch, openPage, phone } from './harness/browser.mjs';
import { marks, nextFirstFrame, swipe } from './harness/feed.mjs';

const swipes = 50;
const coldRuns = 5;
const dwellMs = [300, 700, 1500, 2500]; // how long people stay, by turns

const rememberInput = () => {
  window.inputTimes = [];
  window.addEventListener('keydown', (event) => window.inputTimes.push(event.timeStamp), { capture: true });
};

const quantile = (values, q) => [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(q * values.length))];
const startOf = (page, name) =>
  page.evaluate((mark) => performance.getEntriesByName(mark).map((entry) => entry.startTime), `vitrine:${name}`);

async function coldFirstFrame(browser, server) {
  const { page, close } = await openPage(browser, server, { size: phone });
  await page.goto('/');
  await nextFirstFrame(page, 0);
  const [time] = await startOf(page, 'cold-first-frame');
  await close();
  return time;
}

async function swipeTimes(browser, server) {
  const { page, close } = await openPage(browser, server, { size: phone });
  await page.addInitScript(rememberInput);
  await page.goto('/');
  await nextFirstFrame(page, 0);
  const times = [];
  for (let i = 0; i < swipes; ++i) {
    await page.waitForTimeout(dwellMs[i % dwellMs.length]);
    await swipe(page);
    const [shown, input] = [(await startOf(page, 'first-frame')).at(-1), await page.evaluate(() => window.inputTimes.at(-1))];
    times.push(shown - input);
    if (process.stderr.isTTY) process.stderr.write(`\r${i + 1} of ${swipes} swipes`);
  }
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  const stalls = (await marks(page, 'stall')).length;
  await close();
  return { times, stalls };
}

const server = await Server.startWithDemo();
const browser = await launch();
const cold = [];
for (let i = 0; i < coldRuns; ++i) cold.push(await coldFirstFrame(browser, server));
const { times, stalls } = await swipeTimes(browser, server);
await browser.close();
await server.close();

const round = (value) => Math.round(value * 10) / 10;
const figures = {
  swipe_p50_ms: round(quantile(times, 0.5)),
  swipe_p95_ms: round(quantile(times, 0.95)),
  stalls,
  cold_first_frame_ms: round(quantile(cold, 0.5)),
};
if (process.argv.includes('--json')) {
  console.log(JSON.stringify({ ...figures, swipes, cold_runs: cold.map(round) }));
} else {
  for (const [name, value] of Object.entries(figures)) console.log(`${name.padEnd(22)}${value}`);
}
