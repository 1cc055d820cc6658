// An entry of the log in one line for people.
import { className, countryName, purposeName, t } from '../messages/glass';
import type { LogEntry } from './log';

type Members = Record<string, unknown>;

export type Tone = 'opened' | 'machine' | 'refused' | 'other';

const text = (members: Members, name: string): string => String(members[name] ?? '');
const number = (members: Members, name: string): number => Number(members[name] ?? 0);
const lengthOf = (value: unknown): number => (Array.isArray(value) ? value.length : 0);

function rosterWords(m: Members): string {
  if (m['removed'] !== undefined) return t('glass.entry.roster_removed', { member: text(m, 'removed') });
  const member = (m['member'] ?? {}) as Members;
  return t('glass.entry.roster_added', { member: text(member, 'id') });
}

const words = new Map<string, (members: Members) => string>(
  Object.entries({
    access: (m: Members) => t('glass.entry.access', { class: className(text(m, 'class')), purpose: purposeName(text(m, 'purpose')) }),
    batch: (m: Members) => t('glass.entry.batch', { count: number(m, 'count'), purpose: purposeName(text(m, 'purpose')) }),
    refusal: (m: Members) => t('glass.entry.refusal', { class: className(text(m, 'class')), purpose: purposeName(text(m, 'purpose')) }),
    roster: rosterWords,
    policy: () => t('glass.entry.policy'),
    erasure: (m: Members) => t('glass.entry.erasure', { count: lengthOf(m['records']) }),
    build: (m: Members) => t('glass.entry.build', { version: text(m, 'version') }),
    model: () => t('glass.entry.model'),
    demand: (m: Members) => (m['country'] ? t('glass.entry.demand', { country: countryName(text(m, 'country')) }) : t('glass.entry.demand_sealed')),
    disclosure: () => t('glass.entry.disclosure'),
    alarm: (m: Members) => t('glass.entry.alarm', { text: text(m, 'text') }),
    retention: (m: Members) => t('glass.entry.retention', { count: number(m, 'older') }),
    intervention: (m: Members) => t('glass.entry.intervention', { action: text(m, 'action'), target: text(m, 'target') }),
  }),
);

export function wordsOf({ kind, members }: LogEntry): string {
  return words.get(kind)?.(members) ?? t('glass.entry.other', { kind });
}

export function toneOf({ kind }: LogEntry): Tone {
  if (kind === 'access') return 'opened';
  if (kind === 'batch') return 'machine';
  return kind === 'refusal' || kind === 'alarm' ? 'refused' : 'other';
}
