// How long one has watched, and when it is time to say so. Pure: times come in, decisions come out.

export const break_minutes = [15, 30, 60] as const;
export const limit_minutes = [30, 60, 90, 120] as const;
export const more_minutes = 15;

const minute_ms = 60_000;
/** Whoever has not watched for so long has had a break. */
const rest_ms = 5 * minute_ms;

/** Both are off (null) until somebody asks for them. */
export interface PauseSettings {
  break_min: number | null;
  limit_min: number | null;
}

export interface Watched {
  /** The local day that `today_ms` is about: "2026-11-24". */
  day: string;
  today_ms: number;
  /** Without a break. */
  stretch_ms: number;
  last_at: number;
  /** Watching up to here has been granted on top of the limit. */
  granted_ms: number;
  stopped: boolean;
}

export type Pause = 'break' | 'limit';

export function dayOf(at: number): string {
  const date = new Date(at);
  const two = (n: number) => String(n).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

const nothing = (day: string): Watched => ({ day, today_ms: 0, stretch_ms: 0, last_at: 0, granted_ms: 0, stopped: false });

/** As it stands at a time: a new day begins at nothing, a rest ends the stretch. */
export function watchedAt(watched: Watched, at: number): Watched {
  const day = dayOf(at);
  const stretch_ms = at - watched.last_at >= rest_ms ? 0 : watched.stretch_ms;
  return day === watched.day ? { ...watched, stretch_ms } : { ...nothing(day), stretch_ms, last_at: watched.last_at };
}

export function addWatched(watched: Watched, ms: number, at: number): Watched {
  const now = watchedAt(watched, at);
  return { ...now, today_ms: now.today_ms + ms, stretch_ms: now.stretch_ms + ms, last_at: at };
}

function overLimit(watched: Watched, settings: PauseSettings): boolean {
  if (settings.limit_min === null) return false;
  return watched.today_ms >= Math.max(settings.limit_min * minute_ms, watched.granted_ms);
}

/** What to say now; the limit goes first. */
export function due(watched: Watched, settings: PauseSettings): Pause | null {
  if (overLimit(watched, settings)) return 'limit';
  return settings.break_min !== null && watched.stretch_ms >= settings.break_min * minute_ms ? 'break' : null;
}

export const isStopped = (watched: Watched, settings: PauseSettings) => watched.stopped && overLimit(watched, settings);

export const afterBreak = (watched: Watched): Watched => ({ ...watched, stretch_ms: 0 });

export const withMore = (watched: Watched): Watched => ({
  ...watched,
  stretch_ms: 0,
  stopped: false,
  granted_ms: watched.today_ms + more_minutes * minute_ms,
});

export const forToday = (watched: Watched): Watched => ({ ...watched, stretch_ms: 0, stopped: true });

function objectIn(text: string | null): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text ?? '{}');
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

const amount = (value: unknown) => (typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : 0);

/** Whatever cannot be read was never said. */
export function readWatched(text: string | null, at: number): Watched {
  const { day, today_ms, stretch_ms, last_at, granted_ms, stopped } = objectIn(text);
  const read: Watched = {
    day: typeof day === 'string' ? day : '',
    today_ms: amount(today_ms),
    stretch_ms: amount(stretch_ms),
    // A clock that was set back must not hold the stretch open.
    last_at: Math.min(at, amount(last_at)),
    granted_ms: amount(granted_ms),
    stopped: stopped === true,
  };
  return watchedAt(read, at);
}

export function readSettings(text: string | null): PauseSettings {
  const { break_min, limit_min } = objectIn(text);
  return {
    break_min: break_minutes.find((minutes) => minutes === break_min) ?? null,
    limit_min: limit_minutes.find((minutes) => minutes === limit_min) ?? null,
  };
}
