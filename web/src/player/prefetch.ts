// Brings the beginnings of the clips after the next into the browser's cache, and measures the network by it.
import type { Video } from '../lib/types';
import { bandwidth, savesData } from './bandwidth';
import { type Box, chooseRung, fills, hls_from_ms, shownHeight } from './rungs';

/** Three independent services fetch this much ahead; it holds 8 to 12 seconds of a low rung. */
const head_bytes = 800_000;
const ahead_max = 2;

const done = new Set<string>();
let running: AbortController | null = null;

export function stopPrefetch(): void {
  running?.abort();
  running = null;
}

/** Fetches one clip after the other; a new call replaces the one before. */
export async function prefetch(clips: Video[], box: Box): Promise<void> {
  stopPrefetch();
  if (savesData()) return;
  const control = new AbortController();
  running = control;
  for (const clip of clips.slice(0, ahead_max)) {
    if (clip.hls && clip.duration_ms > hls_from_ms) continue;
    const rung = chooseRung(clip.sources, shownHeight(box, clip, devicePixelRatio, fills(box, clip)), bandwidth.bitsPerSecond);
    if (!rung || done.has(rung.url)) continue;
    try {
      await fetchHead(rung.url, control.signal);
      done.add(rung.url);
    } catch {
      return;
    }
  }
  bandwidth.save();
}

async function fetchHead(url: string, signal: AbortSignal): Promise<void> {
  const response = await fetch(url, { headers: { Range: `bytes=0-${head_bytes - 1}` }, signal, priority: 'low' });
  const reader = response.body?.getReader();
  if (!reader) return;
  const began = performance.now();
  let size = 0;
  for (;;) {
    const { done: ended, value } = await reader.read();
    if (ended) break;
    size += value.byteLength;
  }
  bandwidth.measured(size, performance.now() - began);
}
