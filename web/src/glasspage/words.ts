// An entry of the log in one line for people.
import { className, countryName, purposeName, t } from '../messages/glass';
import type { LogEntry } from './log';

export type Tone = 'opened' | 'machine' | 'refused' | 'other';

const text = (members: Record<string, unknown>, name: string): string => String(members[name] ?? '');
const number = (members: Record<string, unknown>, name: string): number => Number(members[name] ?? 0);
const lengthOf = (value: unknown): number => (Array.isArray(value) ? value.length : 0);

function rosterWords(m: Record<string, unknown>): string {
  if (m['removed'] !== undefined) return t('glass.entry.roster_removed', { member: text(m, 'removed') });
  const member = (m['member'] ?? {}) as Record<string, unknown>;
  return t('glass.entry.roster_added', { member: text(member, 'id') });
}

const words: Record<string, (members: Record<string, unknown>) => string> = {
  access: (m) => t('glass.entry.access', { class: className(text(m, 'class')), purpose: purposeName(text(m, 'purpose')) }),
  batch: (m) => t('glass.entry.batch', { count: number(m, 'count'), purpose: purposeName(text(m, 'purpose')) }),
  refusal: (m) => t('glass.entry.refusal', { class: className(text(m, 'class')), purpose: purposeName(text(m, 'purpose')) }),
  roster: rosterWords,
  policy: () => t('glass.entry.policy'),
  erasure: (m) => t('glass.entry.erasure', { count: lengthOf(m['records']) }),
  build: (m) => t('glass.entry.build', { version: text(m, 'version') }),
  model: () => t('glass.entry.model'),
  demand: (m) => (m['country'] ? t('glass.entry.demand', { country: countryName(text(m, 'country')) }) : t('glass.entry.demand_sealed')),
  disclosure: () => t('glass.entry.disclosure'),
  alarm: (m) => t('glass.entry.alarm', { text: text(m, 'text') }),
  retention: (m) => t('glass.entry.retention', { count: number(m, 'older') }),
  intervention: (m) => t('glass.entry.intervention', { action: text(m, 'action'), target: text(m, 'target') }),
};

export function wordsOf({ kind, members }: LogEntry): string {
  return words[kind]?.(members) ?? t('glass.entry.other', { kind });
}

export function toneOf({ kind }: LogEntry): Tone {
  if (kind === 'access') return 'opened';
  if (kind === 'batch') return 'machine';
  return kind === 'refusal' || kind === 'alarm' ? 'refused' : 'other';
}
