import { describe, expect, it } from 'vitest';
import type { LogEntry } from './log';
import { toneOf, wordsOf } from './words';

const entry = (members: Record<string, unknown>): LogEntry => ({ index: 7, kind: String(members['kind']), members });

describe('wordsOf', () => {
  it('tells an entry in a line', () => {
    const told: [Record<string, unknown>, string][] = [
      [{ kind: 'access', class: 'contact', purpose: 'abuse-case' }, 'E-mail address opened · A case of abuse'],
      [{ kind: 'batch', count: 1, purpose: 'self' }, '1 field opened by machine · People reading their own data'],
      [{ kind: 'refusal', class: 'minor.contact', purpose: 'payout' }, 'E-mail address of a minor refused · Paying a creator'],
      [{ kind: 'roster', member: { id: 's-1' } }, 's-1 may sign from now on'],
      [{ kind: 'roster', removed: 's-1' }, 's-1 may no longer sign'],
      [{ kind: 'policy', hash: 'x' }, 'New rules announced'],
      [{ kind: 'erasure', records: ['a', 'b'] }, '2 sealed records destroyed'],
      [{ kind: 'build', version: '0.9.2' }, 'Version 0.9.2 of the program started'],
      [{ kind: 'demand', country: 'NL' }, 'A legal demand · Netherlands'],
      [{ kind: 'demand', commitment: 'x' }, 'A sealed legal demand'],
      [{ kind: 'retention', older: 0 }, 'Retention checked: 0 records too old'],
      [{ kind: 'campaign' }, 'An entry of kind “campaign”'],
    ];
    for (const [members, words] of told) expect(wordsOf(entry(members))).toBe(words);
  });

  it('takes no name of an object’s own for a kind', () => {
    expect(wordsOf(entry({ kind: 'toString' }))).toBe('An entry of kind “toString”');
  });
});

describe('toneOf', () => {
  it('tells people from machines, and trouble from the rest', () => {
    expect(['access', 'batch', 'refusal', 'alarm', 'policy'].map((kind) => toneOf(entry({ kind })))).toEqual([
      'opened',
      'machine',
      'refused',
      'refused',
      'other',
    ]);
  });
});
