// Debian's Chromium, and a watch over every page for what a user would not see: errors, policy violations, foreign requests.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';

import { chromium } from 'playwright-core';

const executable = process.env.CHROMIUM ?? ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find(existsSync);

export const chromiumArguments = [
  '--headless=new', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync',
  // Chromium's own sandbox refuses to run as root.
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
];

export const phone = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true };
export const desktop = { viewport: { width: 1280, height: 800 }, deviceScaleFactor: 1 };

export function chromiumPath() {
  if (!executable) throw new Error('Chromium is missing: run script/bootstrap --test');
  return executable;
}

export function launch(args = []) {
  return chromium.launch({ executablePath: chromiumPath(), headless: true, args: [...chromiumArguments, ...args] });
}

/** Collects what must not happen on any page of a context. */
class Watch {
  #findings = [];
  #allowed;

  constructor(context, origin, allowed) {
    this.#allowed = allowed;
    context.on('request', (request) => {
      const url = request.url();
      if (!url.startsWith(`${origin}/`) && !/^(data|blob|about):/.test(url)) this.#note(`request to another origin: ${url}`);
    });
    context.on('console', (message) => {
      if (message.type() === 'error') this.#note(`console error: ${message.text()} (${message.location().url})`);
    });
    context.on('weberror', (error) => this.#note(`uncaught: ${error.error().stack ?? error.error()}`));
  }

  #note(text) {
    if (!this.#allowed.some((pattern) => pattern.test(text))) this.#findings.push(text);
  }

  assertClean() {
    assert.deepEqual(this.#findings, [], 'the page made no error, no policy violation and no foreign request');
  }
}

const reportViolations = () => {
  document.addEventListener('securitypolicyviolation', (event) => {
    console.error(`policy violation: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
  });
};

/**
 * A fresh profile with one page, watched.
 * @param {{allow?: RegExp[], size?: object, scheme?: 'light'|'dark', client?: import('./api.mjs').Client}} options `allow`
 *   names errors that the spec itself provokes; `client` signs the profile in.
 */
export async function openPage(browser, server, { allow = [], size = desktop, scheme = 'light', client } = {}) {
  const context = await browser.newContext({ ...size, colorScheme: scheme, baseURL: server.url });
  await context.addInitScript(reportViolations);
  const watch = new Watch(context, server.url, allow);
  if (client) {
    await context.addCookies([{ name: 'vitrine_session', value: client.token, url: server.url, httpOnly: true, sameSite: 'Lax' }]);
  }
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  return { context, page, watch, close: () => context.close() };
}
