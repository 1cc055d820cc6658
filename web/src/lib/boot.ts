// What the server wrote into the page so that the first frame waits for no API call.
import type { Boot } from './types';

function read(): Boot | null {
  const block = typeof document === 'undefined' ? null : document.getElementById('boot');
  if (!block?.textContent) return null;
  try {
    return JSON.parse(block.textContent) as Boot;
  } catch {
    return null;
  }
}

const boot = read();

/** Null when the page came without boot data (development server). */
export const bootSession = boot?.session ?? null;

let feed = boot?.feed ?? null;
let video = boot?.video ?? null;

/** The first feed page, once: a later visit to the feed must ask again. */
export function takeBootFeed() {
  const taken = feed;
  feed = null;
  return taken;
}

export function takeBootVideo(id: string) {
  if (video?.id !== id) return null;
  const taken = video;
  video = null;
  return taken;
}
