// Swipes through the demo's feed in Chromium by key, wheel and finger, and tells how long the next clip takes.
//
//   swipe_p50_ms, swipe_p95_ms   from the input event's own time until the screen shows the next clip's first frame: the
//                                browser has presented it (requestVideoFrameCallback), it is the feed's current clip, a tenth
//                                of the screen shows it, and one more frame of the page has begun since
//   moving_p50_ms, moving_p95_ms the same until its second frame: the clip stands ready on its first, so this is how long
//                                it takes to move (at 25 frames a second 40 ms of it are the first frame's own time)
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

/** Runs in the page: notes inputs, the frames of the current clip, and waits for data. */
const observe = () => {
  const seen = (window.seen = { inputs: [], frames: [], stalls: 0 });
  const seekRestMs = 500; // going round is a seek, and a short wait after it no stall
  const shareInView = 0.1; // of the screen's height
  const known = new Map();
  const currentVideo = () => document.querySelector('article.slide[aria-hidden="false"] video');

  const inView = (video) => {
    const { top, bottom } = video.getBoundingClientRect();
    return Math.min(bottom, innerHeight) - Math.max(top, 0) >= shareInView * innerHeight;
  };

  /** Looks at every frame of the page until the next clip is to be seen on it. */
  const awaitNext = (input) => {
    const video = currentVideo();
    const state = known.get(video);
    if (state && state.number !== input.from && state.presented && inView(video)) {
      requestAnimationFrame(() => (input.shown = performance.now()));
    } else {
      requestAnimationFrame(() => awaitNext(input));
    }
  };

  const follow = (video) => {
    const state = { number: known.size, presented: false, moved: false, seekedAt: -Infinity };
    known.set(video, state);
    const note = (now, { expectedDisplayTime }) => {
      state.presented = true;
      if (video === currentVideo()) seen.frames.push({ video: state.number, at: Math.max(now, expectedDisplayTime) });
      video.requestVideoFrameCallback(note);
    };
    video.requestVideoFrameCallback(note);
    video.addEventListener('emptied', () => (state.presented = state.moved = false));
    video.addEventListener('timeupdate', () => (state.moved ||= video.currentTime > 0));
    video.addEventListener('seeking', () => (state.seekedAt = performance.now()));
    video.addEventListener('waiting', () => {
      const wentRound = video.seeking || performance.now() - state.seekedAt < seekRestMs;
      if (video === currentVideo() && state.moved && !wentRound) seen.stalls += 1;
    });
  };
  const findVideos = () => {
    for (const video of document.querySelectorAll('video')) if (!known.has(video)) follow(video);
  };
  new MutationObserver(findVideos).observe(document, { childList: true, subtree: true });

  for (const type of ['keydown', 'wheel', 'pointerup']) {
    const note = (event) => {
      const input = { at: event.timeStamp, from: known.get(currentVideo())?.number };
      seen.inputs.push(input);
      requestAnimationFrame(() => awaitNext(input));
    };
    window.addEventListener(type, note, { capture: true, passive: true });
  }
};

const ways = [
  { name: 'key', move: (page) => page.keyboard.press('ArrowDown') },
  { name: 'wheel', move: (page) => page.mouse.wheel(0, 120) },
  { name: 'finger', move: (page) => drawFinger(page, { x: 150, fromY: 600, toY: 250 }) },
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

/** Milliseconds from an input to the next clip's first frame, and to the one after. */
async function swipe(page, move) {
  const before = await page.evaluate(() => window.seen.inputs.length);
  const label = await currentLabel(page);
  await move(page);
  const found = await page.waitForFunction((n) => {
    const input = window.seen.inputs[n];
    const frame = input?.shown && window.seen.frames.find(({ video, at }) => video !== input.from && at >= input.at);
    return frame && { shown: input.shown - input.at, moving: frame.at - input.at };
  }, before, { timeout: frameMsMax, polling: 50 });
  if ((await currentLabel(page)) === label) throw new Error('the swipe did not move the feed');
  return found.jsonValue();
}

async function swipeThrough(browser, server) {
  const { page, close } = await open(browser, server);
  await page.mouse.move(195, 400);
  const times = [];
  for (let i = 0; i < swipes; ++i) {
    await page.waitForTimeout(dwellMs[i % dwellMs.length]);
    times.push(await swipe(page, ways[i % ways.length].move));
    progress(`${i + 1} of ${swipes} swipes`);
  }
  progress('');
  const stalls = await page.evaluate(() => window.seen.stalls);
  await close();
  return { shown: times.map((time) => time.shown), moving: times.map((time) => time.moving), stalls };
}

function printEach(cold, { shown, moving }) {
  const list = (values) => values.map(Math.round).join(' ');
  for (const [n, { name }] of ways.entries()) {
    const ofWay = (_, i) => i % ways.length === n;
    console.error(`${name}: shown ${list(shown.filter(ofWay))}; moving ${list(moving.filter(ofWay))}`);
  }
  console.error(`cold: ${list(cold)}`);
}

const server = await Server.startWithDemo();
const browser = await launch();
try {
  const cold = [];
  for (let i = 0; i < coldRuns; ++i) cold.push(await coldFirstFrame(browser, server));
  const times = await swipeThrough(browser, server);
  if (process.argv.includes('--verbose')) printEach(cold, times);
  printBench('player', [
    { name: 'swipe_p50_ms', value: quantile(times.shown, 0.5), unit: 'ms', target: 50 },
    { name: 'swipe_p95_ms', value: quantile(times.shown, 0.95), unit: 'ms', target: 100 },
    { name: 'moving_p50_ms', value: quantile(times.moving, 0.5), unit: 'ms' },
    { name: 'moving_p95_ms', value: quantile(times.moving, 0.95), unit: 'ms' },
    { name: 'stalls', value: times.stalls, unit: '', target: 0 },
    { name: 'cold_first_frame_ms', value: quantile(cold, 0.5), unit: 'ms', target: 1000 },
  ]);
} finally {
  await browser.close();
  await server.close();
}
