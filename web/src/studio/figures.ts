// What the server tells creators, and what the plots need to draw it. Null everywhere: withheld, because fewer people
// are behind it than `people_min` (docs/analytics.md).
import type { Video } from '../lib/types';

export type Figure = number | null;

export const acts = ['likes', 'comments', 'saves', 'shares', 'follows'] as const;
export type Act = (typeof acts)[number];

export type Source = 'for_you' | 'following' | 'fresh' | 'profile' | 'video' | 'search' | 'tag' | 'sound' | 'saved' | 'embed';

export type Day = { day: string; views: Figure; watched_ms: Figure; followers: Figure } & Record<Act, Figure>;

export interface Figures {
  people_min: number;
  totals: { views: Figure; viewers: Figure; watched_ms: Figure; watched_percent: Figure } & Record<Act, Figure>;
  days: Day[];
  sources: { source: Source; views: Figure }[];
}

export interface AccountFigures extends Figures {
  /** 168, from Monday 0:00 in the asker's time; 1 to 5. */
  hours: Figure[];
  top: { video: Video; views: number }[];
}

export interface VideoFigures extends Figures {
  /** Percent of views that still watch after each 50th of the clip. */
  retention: Figure[];
}

export const periods = [7, 28, 90] as const;
export type Period = (typeof periods)[number];

export function periodOf(search: string): Period {
  const days = Number(new URLSearchParams(search).get('days'));
  return periods.find((one) => one === days) ?? 28;
}

/** A round number of the size of `value` or more, that the axis ends with. */
export function roundUp(value: number): number {
  if (value <= 10) return 10;
  const size = 10 ** Math.floor(Math.log10(value));
  return [1, 1.5, 2, 3, 4, 5, 6, 8, 10].map((step) => step * size).find((one) => one >= value) ?? 10 * size;
}

/** From where to where an axis goes; `afloat`: closely around the values, else from nothing. */
export function axisOf(values: readonly number[], afloat: boolean): { from: number; to: number } {
  const most = Math.max(0, ...values);
  if (!afloat || values.length === 0) return { from: 0, to: roundUp(most) };
  const half = roundUp(most - Math.min(...values)) / 2;
  const from = Math.floor(Math.min(...values) / half) * half;
  return { from, to: from + 2 * half >= most ? from + 2 * half : from + 4 * half };
}

export interface Run {
  from: number;
  to: number;
  told: boolean;
}

/** Stretches of values that are all told, or all withheld. `to` is within the stretch. */
export function runsOf(values: readonly Figure[]): Run[] {
  const runs: Run[] = [];
  values.forEach((value, at) => {
    const told = value !== null;
    const last = runs.at(-1);
    if (last && last.told === told) last.to = at;
    else runs.push({ from: at, to: at, told });
  });
  return runs;
}

/** "M0 10L5 8": through the points of `values` from place `from` to `to`. */
export function lineOf(values: readonly Figure[], run: Run, x: (at: number) => number, y: (value: number) => number): string {
  let path = '';
  for (let at = run.from; at <= run.to; at++) {
    path += `${path ? 'L' : 'M'}${x(at).toFixed(1)} ${y(values[at] ?? 0).toFixed(1)}`;
  }
  return path;
}

/** At most `most` places of `count`, evenly, the last among them. */
export function ticksOf(count: number, most: number): number[] {
  const step = Math.max(1, Math.ceil(count / Math.max(1, most)));
  const ticks: number[] = [];
  for (let at = count - 1; at >= 0; at -= step) ticks.unshift(at);
  return ticks;
}

/** Where an arrow, Home or End leads from `at` on a line of `count` places; null for other keys. */
export function placeAfter(key: string, at: number, count: number, row = 0): number | null {
  const steps: Record<string, number> = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: row || -1, ArrowUp: -row || 1 };
  if (key === 'Home') return 0;
  if (key === 'End') return count - 1;
  const step = steps[key];
  return step === undefined ? null : Math.max(0, Math.min(count - 1, at + step));
}

/** Views whose source is not told apart. */
export function untoldOf(figures: Figures): number {
  const told = figures.sources.reduce((sum, one) => sum + (one.views ?? 0), 0);
  return Math.max(0, (figures.totals.views ?? 0) - told);
}

/** The middle of the clip's audience: where fewer than half still watch, or null if that is not told. */
export function halfwayOf(retention: readonly Figure[]): number | null {
  const at = retention.findIndex((share) => share !== null && share < 50);
  return at < 0 ? null : at;
}
