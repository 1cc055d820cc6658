import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { session } from '../lib/session.svelte';
import type { Account, AccountLimits } from '../lib/types';
import { kept } from './kept.svelte';

const minute_ms = 60_000;
const noon = Date.UTC(2026, 10, 25, 12);

const limits = (of: Partial<AccountLimits> = {}): AccountLimits => ({
  daily_minutes: 60,
  quiet: { from: '22:00', to: '06:00' },
  own: { daily_minutes: null, quiet: null },
  bound: null,
  guarded: false,
  hide_sensitive: true,
  may_show_sensitive: false,
  time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
  used_minutes: 0,
  used_seconds: 0,
  extra_minutes: 0,
  may_extend: true,
  rest: 'none',
  until: null,
  night_at: null,
  ...of,
});

let asked: string[] = [];
let answer = limits();

function begin(of: Partial<AccountLimits>) {
  session.account = { id: 'tim', limits: limits(of) } as Account;
  kept.tick(false, 0);
}

describe('limits kept with an account', () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: noon });
    asked = [];
    vi.stubGlobal('fetch', async (path: string, { method }: RequestInit) => {
      asked.push(`${method} ${path}`);
      return Response.json(answer);
    });
  });
  afterEach(() => {
    session.account = null;
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  it('the feed rests when what was played here uses up what the server had left', () => {
    begin({ used_seconds: 59 * 60 });
    kept.tick(false, minute_ms);
    kept.tick(true, minute_ms - 1);
    expect(kept.rest).toBeNull();
    kept.tick(true, 1);
    expect(kept.rest).toBe('limit');
    expect(asked).toEqual([]);
  });

  it('extra minutes count, and a new answer begins the count anew', () => {
    begin({ used_seconds: 60 * 60, extra_minutes: 15 });
    kept.tick(true, 14 * minute_ms);
    expect(kept.rest).toBeNull();
    kept.set(limits({ used_seconds: 74 * 60, extra_minutes: 15 }));
    kept.tick(true, 0);
    expect(kept.rest).toBeNull();
    kept.tick(true, minute_ms);
    expect(kept.rest).toBe('limit');
  });

  it('night comes by the clock, and the server says how long', async () => {
    begin({ night_at: noon + minute_ms });
    kept.tick(true, 1_000);
    expect(kept.rest).toBeNull();
    vi.setSystemTime(noon + minute_ms);
    answer = limits({ rest: 'night', until: noon + 2 * minute_ms });
    kept.tick(true, 1_000);
    expect(kept.rest).toBe('night');
    await vi.advanceTimersByTimeAsync(0);
    expect(asked).toEqual(['GET /api/v1/account/limits']);
    answer = limits();
    vi.setSystemTime(noon + 2 * minute_ms);
    kept.tick(false, 0);
    await vi.advanceTimersByTimeAsync(0);
    expect(kept.rest).toBeNull();
  });

  it('what the server says holds, and nobody signed in has none', () => {
    begin({ rest: 'limit', until: noon + minute_ms });
    expect(kept.rest).toBe('limit');
    session.account = null;
    expect(kept.rest).toBeNull();
    kept.tick(true, 10 * minute_ms);
    expect(kept.rest).toBeNull();
  });

  it('the time zone is told where it matters and is another', async () => {
    const elsewhere = { time_zone: 'Antarctica/Troll' };
    begin({ ...elsewhere, daily_minutes: null, quiet: null });
    await kept.begin();
    begin({});
    await kept.begin();
    expect(asked).toEqual([]);
    begin(elsewhere);
    await kept.begin();
    expect(asked).toEqual(['PUT /api/v1/account/limits/time-zone']);
  });
});
