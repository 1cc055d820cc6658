// What this browser keeps from visit to visit, so that the service cannot tell it another story later: the keys of the
// first visit, the last tree, and how far each person's receipts were looked for.
import { sha256 } from '@noble/hashes/sha2';
import { base64, fromBase64 } from './bytes';
import { CompactRange } from './merkle';
import { fromTheBeginning, type Reading } from './reading';

/** localStorage, or what stands for it. A value of null removes. */
export interface Store {
  read(key: string): string | null;
  write(key: string, value: string | null): void;
}

/** What the service says about its log, and what is kept of it. */
export interface Keys {
  vkey: string;
  policy: string;
}

export interface Seen {
  size: number;
  root: Uint8Array;
  /** The checkpoint as it was signed: with another of the same size it proves to everybody what the log did. */
  signed: string;
}

interface Person {
  receipt_key: string | null;
  size: number;
  edge: string[];
  mine: string[];
  own_readings: number;
}

const version = 1;
const keys_at = 'vitrine.log.keys';
const seen_at = 'vitrine.log.seen';
const person_at = (account: string) => `vitrine.log.person.${account}`;

function parse<T>(text: string | null): T | null {
  try {
    const value = JSON.parse(text ?? 'null') as (T & { v: number }) | null;
    return value?.v === version ? value : null;
  } catch {
    return null;
  }
}

export class Memory {
  constructor(
    private readonly store: Store,
    private readonly account: string,
  ) {}

  keys(): (Keys & { since_ms: number }) | null {
    return parse(this.store.read(keys_at));
  }

  keepKeys({ vkey, policy }: Keys, since_ms: number): void {
    this.#write(keys_at, { vkey, policy, since_ms });
  }

  seen(): Seen | null {
    const kept = parse<{ size: number; root: string; signed: string }>(this.store.read(seen_at));
    const root = fromBase64(kept?.root ?? '');
    return kept && root ? { size: kept.size, root, signed: kept.signed } : null;
  }

  keepSeen({ size, root, signed }: Seen): void {
    this.#write(seen_at, { size, root: base64(root), signed });
  }

  /** A fingerprint of the receipt key of the first visit; the key itself is not kept. Null before. */
  receiptKey(): string | null {
    return this.#person().receipt_key;
  }

  /** The reading to go on from, empty at the first visit. */
  reading(): Reading {
    const { size, edge, mine } = this.#person();
    const hashes = edge.map(fromBase64);
    const range = hashes.every((hash) => hash !== null) ? CompactRange.of(size, hashes) : null;
    return range ? { range, mine } : fromTheBeginning();
  }

  /** The fingerprint counts at the first visit only. */
  keepReading({ range, mine }: Reading, fingerprint: string): void {
    const kept = this.#person();
    this.#keepPerson({
      ...kept,
      receipt_key: kept.receipt_key ?? fingerprint,
      size: range.size,
      edge: range.edge.map(base64),
      mine,
    });
  }

  /** How often this person opened their own data in this browser: so many receipts of their own the log must hold. */
  ownReadings(): number {
    return this.#person().own_readings;
  }

  countOwnReading(): void {
    const kept = this.#person();
    this.#keepPerson({ ...kept, own_readings: kept.own_readings + 1 });
  }

  /** Takes what is said at the next visit for the truth, as at the first. */
  forget(): void {
    for (const key of [keys_at, seen_at, person_at(this.account)]) this.store.write(key, null);
  }

  /** False where the browser keeps nothing: private windows, full storage. */
  works(): boolean {
    return this.keys() !== null;
  }

  #person(): Person {
    return (
      parse<Person>(this.store.read(person_at(this.account))) ?? {
        receipt_key: null,
        size: 0,
        edge: [],
        mine: [],
        own_readings: 0,
      }
    );
  }

  #keepPerson(person: Person): void {
    this.#write(person_at(this.account), person);
  }

  #write(key: string, value: object): void {
    this.store.write(key, JSON.stringify({ v: version, ...value }));
  }
}

export const fingerprint = (receiptKey: Uint8Array): string => base64(sha256(receiptKey));
