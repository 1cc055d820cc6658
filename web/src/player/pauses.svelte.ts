// Breaks and the daily limit. Kept in this browser only, and nothing is counted unless one of them is on. What the server
// keeps with an account (kept.svelte.ts) goes first.
import { readStored, writeStored } from '../lib/storage';
import { kept } from './kept.svelte';
import * as rules from './pauses';
import type { Pause, PauseSettings, Watched } from './pauses';

const settings_key = 'vitrine.pauses';
const watched_key = 'vitrine.watched';
/** Timers of a sleeping computer come late: a longer gap was not watched. */
const gap_ms_max = 2_000;

class Pauses {
  settings = $state.raw<PauseSettings>(rules.readSettings(readStored(settings_key)));
  /** The sheet that asks. */
  sheet = $state<Pause | null>(null);
  /** The answer was to stop. */
  rest = $state<Pause | null>(null);
  /** What stands in the feed's place. */
  readonly resting = $derived(kept.rest === null ? this.rest : kept.rest === 'night' ? 'night' : 'kept');
  /** Nothing may play. */
  readonly holding = $derived(this.sheet !== null || this.resting !== null);
  #ticked_at = Date.now();

  constructor() {
    if (rules.isStopped(this.#read(), this.settings)) this.rest = 'limit';
  }

  set(change: Partial<PauseSettings>): void {
    this.settings = { ...this.settings, ...change };
    const on = this.settings.break_min !== null || this.settings.limit_min !== null;
    writeStored(settings_key, on ? JSON.stringify(this.settings) : null);
    if (!on) writeStored(watched_key, null);
    else if ('break_min' in change) this.#write(rules.afterBreak(this.#read()));
    this.sheet = null;
    this.rest = rules.isStopped(this.#read(), this.settings) ? 'limit' : null;
  }

  /** Called every second by whoever plays. */
  tick(playing: boolean): void {
    const now = Date.now();
    const passed = Math.min(gap_ms_max, Math.max(0, now - this.#ticked_at));
    this.#ticked_at = now;
    kept.tick(playing, passed);
    const { break_min, limit_min } = this.settings;
    if ((break_min === null && limit_min === null) || this.sheet !== null) return;
    if (!playing || this.rest !== null) return;
    // Read again each time: another tab may have played meanwhile.
    const watched = rules.addWatched(this.#read(), passed, now);
    this.#write(watched);
    this.sheet = rules.due(watched, this.settings);
  }

  goOn(): void {
    this.#write(this.sheet === 'limit' || this.rest === 'limit' ? rules.withMore(this.#read()) : rules.afterBreak(this.#read()));
    this.sheet = this.rest = null;
  }

  stop(): void {
    this.#write(this.sheet === 'limit' ? rules.forToday(this.#read()) : rules.afterBreak(this.#read()));
    this.rest = this.sheet;
    this.sheet = null;
  }

  /** Whole minutes, for the sheet's words. */
  get minutes(): number {
    const watched = this.#read();
    return Math.floor((this.sheet === 'limit' ? watched.today_ms : watched.stretch_ms) / 60_000);
  }

  #read(): Watched {
    return rules.readWatched(readStored(watched_key), Date.now());
  }

  #write(watched: Watched): void {
    writeStored(watched_key, JSON.stringify(watched));
  }
}

export const pauses = new Pauses();
