// The daily limit and the quiet hours that the server keeps with an account. Between its answers the clock here goes on.
import { api, get, post } from '../lib/api';
import { session } from '../lib/session.svelte';
import type { AccountLimits } from '../lib/types';

const ask_again_ms = 15_000;

class KeptLimits {
  /** Nobody is signed in: none. */
  readonly limits = $derived(session.account?.limits ?? null);
  #of: AccountLimits | null = null;
  #played_ms = 0;
  #reached = $state<'limit' | 'night' | null>(null);
  #reached_on = 0;
  #asked_at = 0;
  /** Why the feed rests. */
  readonly rest = $derived(this.limits === null ? null : this.limits.rest !== 'none' ? this.limits.rest : this.#reached);

  /** Somebody has come in: days and nights are those of where they are. */
  async begin(): Promise<void> {
    const { limits } = this;
    const time_zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    const wanted = limits !== null && (limits.daily_minutes !== null || limits.quiet !== null);
    if (!wanted || !time_zone || limits.time_zone === time_zone) return;
    // Refused when it was changed today already: what was told before holds.
    await this.#take(api<AccountLimits>('PUT', '/account/limits/time-zone', { time_zone })).catch(() => {});
  }

  /** Called every second by whoever plays, with what has passed since. */
  tick(playing: boolean, passed_ms: number): void {
    const { limits } = this;
    if (limits !== this.#of) {
      this.#of = limits;
      this.#played_ms = 0;
      this.#reached = null;
    }
    if (limits === null) return;
    const now = Date.now();
    if (this.rest !== null) {
      const is_over = limits.until === null ? new Date(now).getDate() !== this.#reached_on : now >= limits.until;
      if (is_over) this.#askAgain(now);
      return;
    }
    if (playing) this.#played_ms += passed_ms;
    if (limits.night_at !== null && now >= limits.night_at) this.#reach('night', now);
    else if (limits.daily_minutes !== null && limits.used_seconds * 1000 + this.#played_ms >= (limits.daily_minutes + limits.extra_minutes) * 60_000)
      this.#reach('limit', now);
  }

  /** Fifteen minutes more, today. */
  async extend(): Promise<void> {
    await this.#take(post<AccountLimits>('/account/limits/extra'));
  }

  async refresh(): Promise<void> {
    await this.#take(get<AccountLimits>('/account/limits'));
  }

  /** What the server said elsewhere. */
  set(limits: AccountLimits): void {
    if (session.account) session.account = { ...session.account, limits };
  }

  async #take(answer: Promise<AccountLimits>): Promise<void> {
    const account = session.account?.id;
    const limits = await answer;
    if (session.account?.id === account) this.set(limits);
  }

  #reach(why: 'limit' | 'night', now: number): void {
    this.#reached = why;
    this.#reached_on = new Date(now).getDate();
    if (why === 'night') this.#askAgain(now);
  }

  #askAgain(now: number): void {
    if (now - this.#asked_at < ask_again_ms) return;
    this.#asked_at = now;
    this.refresh().catch(() => {});
  }
}

export const kept = new KeptLimits();
