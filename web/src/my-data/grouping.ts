// How receipts are laid out: people one by one, machines a day at a time.
import type { Opening } from '../glass/openings';
import type { SealedField } from '../lib/types';
import { dayOf } from './words';

export type Group = { kind: 'one'; opening: Opening } | { kind: 'machines'; day: string; openings: Opening[] };

/** A machine acts on its own; a person who opens their own data is no machine, though a machine carries it out. */
const byMachine = ({ role, purpose }: Opening): boolean => role === 'service' && purpose !== 'self';

/** Newest first. A day's machine openings stand together where the newest of them is; `apart` keeps some out of it. */
export function grouped(openings: readonly Opening[], apart: ReadonlySet<string>, now_ms = Date.now()): Group[] {
  const groups: Group[] = [];
  const days = new Map<string, Opening[]>();
  for (const opening of [...openings].sort((a, b) => b.bucket_s - a.bucket_s)) {
    if (!byMachine(opening) || apart.has(opening.text)) {
      groups.push({ kind: 'one', opening });
      continue;
    }
    const day = dayOf(opening.bucket_s, now_ms);
    const together = days.get(day);
    if (together) {
      together.push(opening);
    } else {
      const openings = [opening];
      days.set(day, openings);
      groups.push({ kind: 'machines', day, openings });
    }
  }
  return groups;
}

/** Several fields of a class as one: they are opened together. */
export function perClass(fields: readonly SealedField[]): SealedField[] {
  const classes = new Map<string, SealedField>();
  for (const field of fields) {
    const other = classes.get(field.class) ?? field;
    classes.set(field.class, {
      class: field.class,
      since_s: Math.min(field.since_s, other.since_s),
      until_s: field.until_s === null || other.until_s === null ? null : Math.max(field.until_s, other.until_s),
      purposes: [...new Set([...other.purposes, ...field.purposes])],
    });
  }
  return [...classes.values()];
}
