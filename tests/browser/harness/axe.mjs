// axe, run within a page.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const passingMsMax = 2_000;

/** Pictures and colours count once nothing fades any more; what moves for ever (a wheel) or long (a clip's progress) is not waited for. */
export const stillness = `(async () => {
  const passing = () => document.getAnimations().filter(({ effect }) => effect?.getComputedTiming().endTime <= ${passingMsMax});
  for (let moving = passing(); moving.some(({ playState }) => playState === 'running'); moving = passing())
    await Promise.allSettled(moving.map(({ finished }) => finished));
})()`;

/** Serious and critical findings, each with the first elements that show it. */
export async function axe(page) {
  await page.evaluate(source);
  await page.evaluate(stillness);
  const { violations } = await page.evaluate(() => axe.run(document, { resultTypes: ['violations'] }));
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(' | ')}`);
}
