// An estimate of what the network carries, remembered between visits.
import { readStored, writeStored } from '../lib/storage';

const key = 'vitrine.bits_per_second';
const first_guess = 4_000_000;
/** Smaller transfers measure the round trip, not the line. */
const bytes_min = 60_000;
/** Half of the estimate is renewed by this many bytes. */
const half_life_bytes = 1_500_000;

interface Connection {
  downlink?: number;
  saveData?: boolean;
}

const connection = (): Connection | undefined =>
  typeof navigator === 'undefined' ? undefined : (navigator as Navigator & { connection?: Connection }).connection;

export const savesData = (): boolean => connection()?.saveData === true;

export class Bandwidth {
  #estimate: number | null = null;

  constructor(stored: number | null = null, hint: number | null = null) {
    if (stored !== null && stored > 0) this.#estimate = stored;
    else if (hint !== null && hint > 0) this.#estimate = hint;
  }

  get bitsPerSecond(): number {
    return this.#estimate ?? first_guess;
  }

  measured(bytes: number, ms: number): void {
    if (bytes < bytes_min || ms <= 0) return;
    const sample = (bytes * 8000) / ms;
    const weight = this.#estimate === null ? 1 : 1 - 0.5 ** (bytes / half_life_bytes);
    this.#estimate = this.bitsPerSecond * (1 - weight) + sample * weight;
  }

  save(): void {
    if (this.#estimate !== null) writeStored(key, String(Math.round(this.#estimate)));
  }
}

const stored = Number(readStored(key));
const downlink = connection()?.downlink;
export const bandwidth = new Bandwidth(
  Number.isFinite(stored) && stored > 0 ? stored : null,
  downlink === undefined ? null : downlink * 1_000_000,
);
