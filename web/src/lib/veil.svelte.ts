// What is sensitive stays behind a veil until the viewer lifts it: for one video, or, as an adult, for all.
import { session } from './session.svelte';
import { readStored, writeStored } from './storage';
import type { Video } from './types';

const key = 'vitrine.veil';

class Veil {
  /** Kept in this browser. It counts for adults only. */
  always = $state(readStored(key) === 'off');
  #lifted = $state.raw<ReadonlySet<string>>(new Set());

  covers({ id, sensitive, own }: Video): boolean {
    if (!sensitive || own) return false;
    return !(this.always && this.isAdult) && !this.#lifted.has(id);
  }

  get isAdult(): boolean {
    return session.account?.age_band === 'adult';
  }

  /** A visitor may be anybody's age and decides; somebody known to be a minor does not. */
  get mayLift(): boolean {
    return session.account?.age_band !== 'minor';
  }

  lift(id: string): void {
    if (this.mayLift) this.#lifted = new Set(this.#lifted).add(id);
  }

  showAlways(on: boolean): void {
    this.always = on;
    writeStored(key, on ? 'off' : null);
  }

  /** Another person: what one lifted does not count for the next. */
  forget(): void {
    this.#lifted = new Set();
  }
}

export const veil = new Veil();
