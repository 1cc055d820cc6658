// The shapes of limits and families, as the server's API speaks them. Times are milliseconds since 1970.
import type { Limits, Person } from '../lib/types';

export type Who = 'everyone' | 'followers' | 'nobody';

export interface Pairing {
  id: string;
  /** The viewer's own. */
  role: 'guardian' | 'ward';
  other: Person;
  confirmed: boolean;
  confirmed_by_other: boolean;
  made_at: number;
  /** Null until both have confirmed. */
  since: number | null;
}

export interface Family {
  role: 'none' | 'guardian' | 'ward';
  waiting: boolean;
  pairings: Pairing[];
}

export interface Controls extends Limits {
  comments: Who;
  mentions: Who;
  sensitive_locked: boolean;
  left_out: string[];
  search: boolean;
  findable: boolean;
}

export interface Day {
  /** "2026-11-25" */
  day: string;
  minutes: number;
}

export interface Change {
  at: number;
  /** Null: they have left. */
  by: Person | null;
  what: string;
  before: string;
  after: string;
}

/** What a guardian sees of somebody, and they themselves as well. */
export interface Ward {
  person: Person;
  controls: Controls;
  days: Day[];
  changes: Change[];
}
