// One viewing of one clip: how long it really played, how often it went round, and what the viewer did.
import { randomId } from '../lib/storage';
import type { Surface, WatchEvent } from '../lib/types';

/** Looking past faster than this and doing nothing is still an impression, with nothing watched. */
const finished_tail_ms = 350;

export interface ViewOf {
  video: string;
  duration_ms: number;
  page: string | null;
  position: number | null;
  surface: Surface;
}

export type Mark = 'liked' | 'commented' | 'saved' | 'shared' | 'followed' | 'not_interested';

export class View {
  readonly #id = randomId();
  readonly #shown_at: number;
  #watched_ms = 0;
  #running_since: number | null = null;
  #loops = 0;
  #finished = false;
  #marks: Partial<Record<Mark, boolean>> = {};

  constructor(
    readonly of: ViewOf,
    wall_ms: number,
  ) {
    this.#shown_at = Math.round(wall_ms);
  }

  /** Frames move. */
  run(at: number): void {
    this.#running_since ??= at;
  }

  /** Frames stand: paused, waiting for data, or out of sight. */
  rest(at: number): void {
    if (this.#running_since === null) return;
    this.#watched_ms += Math.max(0, at - this.#running_since);
    this.#running_since = null;
  }

  wentRound(): void {
    this.#loops += 1;
    this.#finished = true;
  }

  reached(position_ms: number): void {
    if (this.of.duration_ms > 0 && position_ms >= this.of.duration_ms - finished_tail_ms) this.#finished = true;
  }

  mark(what: Mark, on = true): void {
    this.#marks[what] = on;
  }

  /** What goes to the server when the view is over. */
  end(at: number): WatchEvent {
    this.rest(at);
    const { video, page, position, surface } = this.of;
    return {
      id: this.#id,
      video,
      ...(page === null ? {} : { page }),
      ...(position === null ? {} : { position }),
      surface,
      shown_at: this.#shown_at,
      watched_ms: Math.round(this.#watched_ms),
      ...(this.#loops > 0 ? { loops: this.#loops } : {}),
      ...(this.#finished ? { finished: true } : {}),
      ...Object.fromEntries(Object.entries(this.#marks).filter(([, on]) => on)),
    };
  }
}
