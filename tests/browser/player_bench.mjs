// Swipes through the demo's feed in Chromium by key, wheel and finger, and tells how long the next clip takes to move.
//
//   swipe_p50_ms, swipe_p95_ms   from the input event's own time until the browser shows a frame of the next clip that it had
//                                not shown before the input: the clip stands ready on its first frame, and that one is not
//                                counted, so this includes the start of playing
//   stalls                       times a clip that played had to wait for data
//   cold_first_frame_ms          from opening the page with an empty cache to the first clip's first frame (median)
//
// All times are the browser's own; nothing here relies on what the app says about itself.
import { launch, openPage, phone } from './harness/browser.mjs';
import { currentLabel, drawFinger } from './harness/feed.mjs';
import { printBench, progress, quantile } from './harness/report.mjs';
import { Server } from './harness/server.mjs';

const swipes = 50;
const coldRuns = 5;
const dwellMs = [300, 700, 1500, 2500]; // how long people stay, by turns
const frameMsMax = 15_000;

/** Runs in the page: notes inputs, every frame shown with whether its clip is the current one, and waits for data. */
const observe = () => {
  const seen = (window.seen = { inputs: [], frames: [], stalls: 0 });
  const seekRestMs = 500; // going round is a seek, and a short wait after it no stall
  const isCurrent = (video) => video.closest('article.slide')?.getAttribute('aria-hidden') === 'false';
  const currentVideo = () => document.querySelector('article.slide[aria-hidden="false"] video');
  const known = new Map();

  const follow = (video) => {
    const number = known.size;
    known.set(video, { number, seekedAt: -Infinity, moved: false });
    const note = (now, { expectedDisplayTime }) => {
      if (isCurrent(video)) seen.frames.push({ video: number, at: Math.max(now, expectedDisplayTime) });
      video.requestVideoFrameCallback(note);
    };
    video.requestVideoFrameCallback(note);
    video.addEventListener('loadstart', () => (known.get(video).moved = false));
    video.addEventListener('timeupdate', () => (known.get(video).moved ||= video.currentTime > 0));
    video.addEventListener('seeking', () => (known.get(video).seekedAt = performance.now()));
    video.addEventListener('waiting', () => {
      const { moved, seekedAt } = known.get(video);
      if (isCurrent(video) && moved && !video.seeking && performance.now() - seekedAt > seekRestMs) seen.stalls += 1;
    });
  };
  const findVideos = () => {
    for (const video of document.querySelectorAll('video')) if (!known.has(video)) follow(video);
  };
  new MutationObserver(findVideos).observe(document, { childList: true, subtree: true });

  for (const type of ['keydown', 'wheel', 'pointerup']) {
    window.addEventListener(type, (event) => {
      seen.inputs.push({ at: event.timeStamp, from: known.get(currentVideo())?.number });
    }, { capture: true, passive: true });
  }
};

const ways = [
  (page) => page.keyboard.press('ArrowDown'),
  (page) => page.mouse.wheel(0, 120),
  (page) => drawFinger(page, { x: 150, fromY: 600, toY: 250 }),
];

async function open(browser, server) {
  const opened = await openPage(browser, server, { size: phone });
  await opened.page.addInitScript(observe);
  await opened.page.goto('/');
  await opened.page.waitForFunction(() => window.seen.frames.length > 0, null, { timeout: frameMsMax });
  return opened;
}

async function coldFirstFrame(browser, server) {
  const { page, close } = await open(browser, server);
  const at = await page.evaluate(() => window.seen.frames[0].at);
  await close();
  return at;
}

/** Milliseconds from input to the next clip's frame. */
async function swipeTime(page, move) {
  const before = await page.evaluate(() => window.seen.inputs.length);
  const label = await currentLabel(page);
  await move(page);
  const found = await page.waitForFunction((n) => {
    const input = window.seen.inputs[n];
    const frame = input && window.seen.frames.find(({ video, at }) => video !== input.from && at >= input.at);
    return frame && frame.at - input.at;
  }, before, { timeout: frameMsMax, polling: 50 });
  if ((await currentLabel(page)) === label) throw new Error('the swipe did not move the feed');
  return found.jsonValue();
}

async function swipeTimes(browser, server) {
  const { page, close } = await open(browser, server);
  await page.mouse.move(195, 400);
  const times = [];
  for (let i = 0; i < swipes; ++i) {
    await page.waitForTimeout(dwellMs[i % dwellMs.length]);
    times.push(await swipeTime(page, ways[i % ways.length]));
    progress(`${i + 1} of ${swipes} swipes`);
  }
  progress('');
  const stalls = await page.evaluate(() => window.seen.stalls);
  await close();
  return { times, stalls };
}

const server = await Server.startWithDemo();
const browser = await launch();
try {
  const cold = [];
  for (let i = 0; i < coldRuns; ++i) cold.push(await coldFirstFrame(browser, server));
  const { times, stalls } = await swipeTimes(browser, server);
  printBench('player', [
    { name: 'swipe_p50_ms', value: quantile(times, 0.5), unit: 'ms', target: 50 },
    { name: 'swipe_p95_ms', value: quantile(times, 0.95), unit: 'ms', target: 100 },
    { name: 'stalls', value: stalls, unit: '', target: 0 },
    { name: 'cold_first_frame_ms', value: quantile(cold, 0.5), unit: 'ms', target: 1000 },
  ]);
  if (process.argv.includes('--verbose')) {
    for (const [n, way] of ['key', 'wheel', 'finger'].entries()) {
      console.error(way, times.filter((_, i) => i % ways.length === n).map(Math.round).join(' '));
    }
    console.error('cold', cold.map(Math.round).join(' '));
  }
} finally {
  await browser.close();
  await server.close();
}
