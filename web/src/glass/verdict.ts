// What a check of the log comes to.
import type { Opening } from './openings';

/** In the order in which they are gone through. */
export const steps = ['keys', 'checkpoint', 'witnesses', 'entries', 'memory', 'receipts'] as const;
export type Step = (typeof steps)[number];

/** Each is something that an honest service does not do. */
export type AlarmKind =
  | 'keys_unreadable'
  | 'log_key_changed'
  | 'policy_changed'
  | 'receipt_key_changed'
  | 'checkpoint_missing'
  | 'checkpoint_forged'
  | 'too_few_witnesses'
  | 'bundle_missing'
  | 'bundle_broken'
  | 'wrong_root'
  | 'rollback'
  | 'split_view'
  | 'omitted'
  | 'not_in_log'
  | 'not_mine'
  | 'batch_missing'
  | 'batch_broken'
  | 'own_reading_missing';

export type FactName =
  'remembered' | 'served' | 'expected' | 'computed' | 'file' | 'position' | 'size_before' | 'size_now' | 'entry';

export interface Alarm {
  kind: AlarmKind;
  step: Step;
  /** What exactly differs. */
  facts: { name: FactName; value: string | number }[];
}

/** Not proof of anything, but less than was promised. */
export type WarningKind = 'stale' | 'nobody_asked' | 'not_remembered';

export interface Verdict {
  at_ms: number;
  alarms: Alarm[];
  warnings: WarningKind[];
  /** The steps that were gone through to their end, alarms or not. */
  finished: Step[];
  /** Entries that the checkpoint covers, and how many of them were fetched now: the others were checked earlier. */
  size: number;
  fetched: number;
  witnesses: { cosigned: number; needed: number; all: number };
  /** When the witnesses last vouched together, in seconds since 1970. */
  cosigned_s: number | null;
  /** Since when this browser has kept the keys; null when they were kept just now. */
  remembered_since_ms: number | null;
  /** The signed checkpoints of the last visit and of this one: evidence that others can check. */
  signed: { before: string | null; now: string | null };
  /** Everything in the log about this person, oldest first. */
  mine: Opening[];
  /** Texts of entries that the server's list leaves out. */
  omitted: string[];
}

export interface Progress {
  step: Step;
  done: number;
  of: number;
}
