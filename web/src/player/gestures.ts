// What fingers and wheels mean. Pure: times and positions come in, decisions come out.

export type Step = -1 | 0 | 1;

const axis_slop_px = 8;
const flick_px_per_ms = 0.35;
const commit_share = 0.28;
const velocity_window_ms = 90;
const rest_ms = 110;
const edge_resistance = 0.28;

interface Sample {
  y: number;
  at: number;
}

/** One finger dragging the feed up or down. */
export class Drag {
  #start: { x: number; y: number } | null = null;
  #samples: Sample[] = [];
  #axis: 'none' | 'vertical' | 'other' = 'none';

  begin(x: number, y: number, at: number): void {
    this.#start = { x, y };
    this.#samples = [{ y, at }];
    this.#axis = 'none';
  }

  /** How far the feed follows the finger, or null while it is no vertical drag. */
  move(x: number, y: number, at: number): number | null {
    if (!this.#start) return null;
    this.#samples = [...this.#samples.filter((sample) => at - sample.at <= velocity_window_ms), { y, at }];
    const dx = x - this.#start.x;
    const dy = y - this.#start.y;
    if (this.#axis === 'none' && Math.hypot(dx, dy) >= axis_slop_px) {
      this.#axis = Math.abs(dy) >= Math.abs(dx) ? 'vertical' : 'other';
    }
    return this.#axis === 'vertical' ? dy : null;
  }

  get vertical(): boolean {
    return this.#axis === 'vertical';
  }

  /** +1 goes to the next clip, -1 to the one before. */
  end(height: number, at: number): Step {
    const start = this.#start;
    const last = this.#samples.at(-1);
    this.#start = null;
    if (!start || !last || this.#axis !== 'vertical') return 0;
    const travelled = last.y - start.y;
    // A finger that rested before it left does not flick; one that left a little late still does.
    const recent = this.#samples.find((sample) => last.at - sample.at <= velocity_window_ms) ?? last;
    const rested = at - last.at > rest_ms;
    const velocity = rested ? 0 : (last.y - recent.y) / Math.max(1, last.at - recent.at);
    if (Math.abs(velocity) >= flick_px_per_ms) {
      // A flick back against the way travelled calls the swipe off.
      if (Math.sign(velocity) !== Math.sign(travelled)) return 0;
      return velocity < 0 ? 1 : -1;
    }
    if (Math.abs(travelled) >= height * commit_share) return travelled < 0 ? 1 : -1;
    return 0;
  }

  cancel(): void {
    this.#start = null;
    this.#axis = 'none';
  }
}

/** Past the first or last clip the feed gives way less and less. */
export function withResistance(offset: number, canGoBack: boolean, canGoOn: boolean): number {
  const blocked = (offset > 0 && !canGoBack) || (offset < 0 && !canGoOn);
  return blocked ? offset * edge_resistance : offset;
}

const wheel_commit_px = 24;
const wheel_quiet_ms = 140;
const wheel_again_ms = 320;
const wheel_impulse_ratio = 1.6;
const wheel_impulse_px = 12;
const line_px = 20;

/**
 * One clip a wheel gesture. A trackpad goes on sending events of shrinking size for a second after the fingers left;
 * these are ignored until they end, or until a clearly larger one says that the fingers pushed again.
 */
export class Wheel {
  #sum = 0;
  #last_at = -Infinity;
  #committed_at = -Infinity;
  #spent = false;
  #level = 0;

  turn(deltaY: number, deltaMode: number, at: number): Step {
    const delta = deltaMode === 0 ? deltaY : deltaY * line_px * (deltaMode === 2 ? 20 : 1);
    const size = Math.abs(delta);
    if (at - this.#last_at > wheel_quiet_ms) this.#rest();
    this.#last_at = at;
    if (this.#spent) {
      const pushed = size > this.#level * wheel_impulse_ratio && size >= wheel_impulse_px;
      this.#level = this.#level * 0.7 + size * 0.3;
      if (!pushed || at - this.#committed_at < wheel_again_ms) return 0;
      this.#rest();
    }
    this.#sum = Math.sign(delta) === Math.sign(this.#sum) ? this.#sum + delta : delta;
    if (Math.abs(this.#sum) < wheel_commit_px) return 0;
    this.#spent = true;
    this.#level = size;
    this.#committed_at = at;
    return this.#sum > 0 ? 1 : -1;
  }

  #rest(): void {
    this.#sum = 0;
    this.#spent = false;
    this.#level = 0;
  }
}

const double_tap_ms = 260;
const double_tap_px = 48;

/** Tells one tap from two: the first is held back until a second can no longer come. */
export class Taps {
  #pending: { x: number; y: number; timer: ReturnType<typeof setTimeout> } | null = null;
  #streak_until = -Infinity;

  constructor(
    private readonly single: () => void,
    private readonly double: (x: number, y: number) => void,
  ) {}

  tap(x: number, y: number, at: number): void {
    // Further taps of a quick series are more hearts, not a pause.
    if (at < this.#streak_until) {
      this.#streak_until = at + double_tap_ms * 1.5;
      this.double(x, y);
      return;
    }
    const first = this.#pending;
    if (first && Math.hypot(x - first.x, y - first.y) <= double_tap_px) {
      this.cancel();
      this.#streak_until = at + double_tap_ms * 1.5;
      this.double(x, y);
      return;
    }
    this.cancel();
    const timer = setTimeout(() => {
      this.#pending = null;
      this.single();
    }, double_tap_ms);
    this.#pending = { x, y, timer };
  }

  cancel(): void {
    if (this.#pending) clearTimeout(this.#pending.timer);
    this.#pending = null;
  }
}
