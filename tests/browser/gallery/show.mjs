// Brings a row of the list (pages.mjs) before one's eyes.
import { openPage } from '../harness/browser.mjs';
import { stillness } from '../harness/axe.mjs';

const settleMs = 250;
const heading = '#main :is(h1, h2, article), main h1';

/** No pointer rests on anything, and nothing moves. */
async function settle(page) {
  await page.mouse.move(0, 0);
  await page.evaluate(async () => {
    await document.fonts.ready;
    const seen = [...document.images].filter((image) => image.loading !== 'lazy' || image.getBoundingClientRect().top < innerHeight);
    await Promise.race([
      Promise.allSettled(seen.map((image) => image.decode())),
      new Promise((resolve) => setTimeout(resolve, 3_000)),
    ]);
  });
  await page.evaluate(stillness);
  await page.waitForTimeout(settleMs);
}

/** All of a page that scrolls, as far as a picture goes; what covers the screen stays a screen. */
export async function growToContent(page, heightMax) {
  const height = await page.evaluate(() => {
    if (document.querySelector('dialog[open]')) return 0;
    const scroller = document.querySelector('#main') ?? document.scrollingElement;
    scroller.scrollTop = 0;
    return innerHeight + scroller.scrollHeight - scroller.clientHeight;
  });
  const { width, height: shown } = page.viewportSize();
  if (height <= shown) return;
  await page.setViewportSize({ width, height: Math.min(height, heightMax) });
  await settle(page);
}

/** Opens a row, ready, in the light theme. */
export async function show({ browser, server }, content, row, size) {
  const client = row.who && content[row.who].client;
  const opened = await openPage(browser, server, { size: { ...size, ...row.context }, client, allow: row.allow });
  const { page } = opened;
  try {
    await row.prepare?.(page, content);
    await page.goto(typeof row.path === 'function' ? row.path(content) : row.path);
    await page.locator(heading).first().waitFor({ state: 'attached' });
    if (typeof row.ready === 'string') await page.getByText(row.ready).filter({ visible: true }).first().waitFor();
    else await row.ready?.(page, content);
    await settle(page);
  } catch (error) {
    await opened.close();
    throw new Error(`${row.name}: ${error.message}`, { cause: error });
  }
  return opened;
}

export async function inDark(page) {
  await page.emulateMedia({ colorScheme: 'dark' });
  await settle(page);
}

/** Rows by turns, so many at a time; each failure is told, none ends the others. */
export async function eachRow(rows, together, visit) {
  const waiting = [...rows];
  const failures = [];
  const work = async () => {
    for (let row = waiting.shift(); row; row = waiting.shift()) await visit(row).catch((error) => failures.push(error));
  };
  await Promise.all(Array.from({ length: together }, work));
  return failures;
}
