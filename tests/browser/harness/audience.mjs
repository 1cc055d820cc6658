// People in numbers: strangers who watch videos over some weeks, as players tell of it.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const showingsPerVisitMax = 3;
const together = 8;

/** Numbers that look drawn but are the same each time (mulberry32). */
export function draws(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const chosen = (draw, weights) => {
  let left = draw() * Object.values(weights).reduce((sum, weight) => sum + weight, 0);
  return Object.keys(weights).find((name) => (left -= weights[name]) < 0) ?? Object.keys(weights)[0];
};

/** The evening is busy, the night is not; most leave early, some stay to the end. */
function showing(draw, video, daysAgoMax, weights) {
  const daysAgo = Math.floor(draw() ** 1.4 * daysAgoMax);
  const hour = Math.floor(24 * (1 - Math.abs(draw() - draw()))) % 24;
  const shownAt = Math.min(Date.now(), Math.floor(Date.now() / dayMs - daysAgo) * dayMs + hour * hourMs + Math.floor(draw() * hourMs));
  const share = draw() < 0.3 ? 1 : 0.15 + 0.85 * draw() ** 1.6;
  return {
    id: randomBytes(16).toString('hex'), video: video.id, surface: chosen(draw, weights), shown_at: shownAt,
    watched_ms: Math.round(Math.max(2_000, share * video.duration_ms)), finished: share === 1,
    liked: draw() < 0.16, commented: draw() < 0.03, saved: draw() < 0.05, shared: draw() < 0.04, followed: draw() < 0.05,
  };
}

const everyday = { for_you: 60, following: 14, profile: 9, search: 7, video: 6, tag: 3, embed: 1 };

/**
 * Lets `viewers` strangers watch each video up to three times in the last days. The server must take 127.0.0.1 for its
 * proxy (trusted_proxies), since limits go by network.
 */
export async function watchedBy(server, viewers, videos, { days = 27, weights = everyday, seed = 7 } = {}) {
  const draw = draws(seed);
  const visits = Array.from({ length: viewers }, (_, at) => ({
    network: `2001:db8:${at.toString(16)}::1`,
    events: videos.flatMap((video) =>
      Array.from({ length: 1 + Math.floor(draw() * showingsPerVisitMax) }, () => showing(draw, video, days, weights))),
  }));
  const send = async ({ network, events }) => {
    const response = await fetch(`${server.api}/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-forwarded-for': network, cookie: `vitrine_viewer=${randomBytes(16).toString('base64url')}` },
      body: JSON.stringify({ events }),
    });
    assert.equal(response.status, 200, await response.clone().text());
    assert.equal((await response.json()).accepted, events.length);
  };
  for (let at = 0; at < visits.length; at += together) await Promise.all(visits.slice(at, at + together).map(send));
}
