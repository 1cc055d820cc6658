// Which file of a video to play: the smallest that fills the element's pixels within what the network carries.
import type { Source } from '../lib/types';

/** A rung a little smaller than the element cannot be told from one that fits. */
const fit_tolerance = 0.9;
/** Measured throughput varies; what is left over fills the buffer. */
const throughput_share = 0.8;
/** Above this many device pixels to a CSS pixel, nobody sees the difference in moving pictures. */
const pixel_ratio_max = 2;
/** Longer clips switch rungs while playing, by HLS. */
export const hls_from_ms = 90_000;

export interface Box {
  width: number;
  height: number;
}

/** Height in device pixels at which a picture of the given shape is shown inside the box. */
export function shownHeight(box: Box, picture: Box, pixelRatio: number, cover: boolean): number {
  if (picture.width <= 0 || picture.height <= 0) return box.height;
  const scales = [box.width / picture.width, box.height / picture.height];
  const scale = cover ? Math.max(...scales) : Math.min(...scales);
  return picture.height * scale * Math.min(pixelRatio, pixel_ratio_max);
}

/** Sources come smallest first. Null only when there are none. */
export function chooseRung(sources: Source[], neededHeight: number, bitsPerSecond: number): Source | null {
  const carried = sources.filter((source) => source.bitrate <= bitsPerSecond * throughput_share);
  const candidates = carried.length > 0 ? carried : sources.slice(0, 1);
  return candidates.find((source) => source.height >= neededHeight * fit_tolerance) ?? candidates.at(-1) ?? null;
}

/** A picture of nearly the box's shape fills it; others are shown whole. */
export function fills(box: Box, picture: Box): boolean {
  if (box.height <= 0 || picture.height <= 0) return true;
  const ratio = box.width / box.height / (picture.width / picture.height);
  return ratio > 0.72 && ratio < 1.3;
}
