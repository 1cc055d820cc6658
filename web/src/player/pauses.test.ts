import { describe, expect, it } from 'vitest';
import { addWatched, afterBreak, dayOf, due, forToday, isStopped, readSettings, readWatched, withMore, type Watched } from './pauses';

const minute = 60_000;
const noon = new Date(2026, 10, 24, 12).getTime();
const none = readWatched(null, noon);

/** Watches for some minutes, a second at a time. */
function watch(from: Watched, minutes: number, at: number): Watched {
  let watched = from;
  for (let s = 1; s <= minutes * 60; s += 1) watched = addWatched(watched, 1000, at + s * 1000);
  return watched;
}

describe('a break', () => {
  const settings = { break_min: 15, limit_min: null };

  it('is due after so many minutes, not before, and again as long after it', () => {
    const almost = addWatched(watch(none, 14, noon), 59_999, noon + 15 * minute);
    expect(due(almost, settings)).toBeNull();
    const now = addWatched(almost, 1, noon + 15 * minute);
    expect(due(now, settings)).toBe('break');
    const after = afterBreak(now);
    expect(due(after, settings)).toBeNull();
    expect(due(watch(after, 15, noon + 15 * minute), settings)).toBe('break');
  });

  it('is not due when there has been one', () => {
    const before = watch(none, 14, noon);
    expect(due(watch(before, 2, noon + 14 * minute + 4 * minute), settings)).toBe('break');
    expect(due(watch(before, 2, noon + 14 * minute + 5 * minute), settings)).toBeNull();
  });

  it('is never due while it is off', () => {
    expect(due(watch(none, 200, noon), { break_min: null, limit_min: null })).toBeNull();
  });
});

describe('the daily limit', () => {
  const settings = { break_min: 15, limit_min: 30 };
  const half = watch(none, 30, noon);

  it('goes before a break', () => {
    expect(due(watch(none, 29, noon), settings)).toBe('break');
    expect(due(half, settings)).toBe('limit');
  });

  it('can be stretched by 15 minutes at a time', () => {
    const more = withMore(half);
    expect(due(more, settings)).toBeNull();
    expect(due(watch(more, 14, noon + 30 * minute), settings)).toBeNull();
    const end = watch(more, 15, noon + 30 * minute);
    expect(due(end, settings)).toBe('limit');
    expect(due(withMore(end), settings)).toBeNull();
  });

  it('once stopped stays so until midnight, or until the limit is raised', () => {
    const stopped = forToday(half);
    const read = (at: number) => readWatched(JSON.stringify(stopped), at);
    expect(isStopped(read(noon + 8 * 60 * minute), settings)).toBe(true);
    expect(isStopped(read(noon + 8 * 60 * minute), { ...settings, limit_min: 60 })).toBe(false);
    expect(isStopped(read(noon + 8 * 60 * minute), { ...settings, limit_min: null })).toBe(false);
    expect(isStopped(withMore(stopped), settings)).toBe(false);
    const tomorrow = read(noon + 12 * 60 * minute);
    expect(tomorrow).toMatchObject({ day: '2026-11-25', today_ms: 0, stopped: false, granted_ms: 0 });
  });

  it('counts days as the clock on the wall does', () => {
    expect(dayOf(new Date(2026, 0, 1, 0, 0, 0).getTime())).toBe('2026-01-01');
    expect(dayOf(new Date(2026, 0, 1, 23, 59, 59).getTime())).toBe('2026-01-01');
    const late = watch(none, 3, new Date(2026, 10, 24, 23, 58).getTime());
    expect(late.day).toBe('2026-11-25');
    expect(late.today_ms).toBe(61_000);
    expect(late.stretch_ms).toBe(3 * minute);
  });
});

describe('what is kept', () => {
  it('is read back', () => {
    const half = watch(none, 30, noon);
    expect(readWatched(JSON.stringify(half), noon + 31 * minute)).toEqual(half);
    expect(readSettings('{"break_min":60,"limit_min":120}')).toEqual({ break_min: 60, limit_min: 120 });
  });

  it('may be anything', () => {
    const off = { break_min: null, limit_min: null };
    for (const text of [null, '', '{', 'null', '7', '[]', '{"break_min":"15","limit_min":1e9}']) {
      expect(readSettings(text)).toEqual(off);
      expect(readWatched(text, noon)).toEqual(none);
    }
    const bad = '{"day":"2026-11-24","today_ms":-5,"stretch_ms":"x","last_at":9e15,"granted_ms":null,"stopped":1}';
    expect(readWatched(bad, noon)).toEqual({ ...none, last_at: noon });
  });
});
