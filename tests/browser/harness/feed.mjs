// What stands where on the feed page.

/** The slide that plays. */
export const currentSlide = (page) => page.locator('article.slide[aria-hidden="false"]');

/** What the current slide is called; it changes with the clip. */
export const currentLabel = (page) => currentSlide(page).getAttribute('aria-label');

/** The clip ids of all marks of a kind so far, in order. */
export const marks = (page, kind) =>
  page.evaluate((name) => performance.getEntriesByName(`vitrine:${name}`).map((entry) => entry.detail.video), kind);

/** Waits until a frame of some clip other than `previous` has been shown as the current one, and gives its id. */
export async function nextFirstFrame(page, count) {
  await page.waitForFunction((n) => performance.getEntriesByName('vitrine:first-frame').length > n, count);
  return (await marks(page, 'first-frame')).at(-1);
}

/** True once the current clip's picture moves on. */
export async function plays(page) {
  const video = await currentSlide(page).locator('video').elementHandle();
  return page.evaluate(async (element) => {
    const from = element.currentTime;
    const end = performance.now() + 5_000;
    while (performance.now() < end) {
      if (!element.paused && element.currentTime !== from && element.currentTime > 0) return true;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return false;
  }, video);
}

/** Moves on by a key and waits for the next clip's first frame. */
export async function swipe(page, move = () => page.keyboard.press('ArrowDown')) {
  const shown = (await marks(page, 'first-frame')).length;
  await move();
  return nextFirstFrame(page, shown);
}

/** A finger drawn over the screen, as a phone reports it. */
export async function drawFinger(page, { x, fromY, toY, steps = 8, msPerStep = 12 }) {
  const cdp = await page.context().newCDPSession(page);
  const touch = (type, y) => cdp.send('Input.dispatchTouchEvent', { type, touchPoints: type === 'touchEnd' ? [] : [{ x, y }] });
  await touch('touchStart', fromY);
  for (let step = 1; step <= steps; ++step) {
    await touch('touchMove', fromY + ((toY - fromY) * step) / steps);
    await page.waitForTimeout(msPerStep);
  }
  await touch('touchEnd', toY);
  await cdp.detach();
}
