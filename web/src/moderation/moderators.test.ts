import { describe, expect, it } from 'vitest';
import type { ModerationCase } from '../lib/types';
import { actionsOf, hasDays, isPublic } from './actions';
import { hashesIn, hashesRefusal, linesOf, listsOf, wordsIn, wordsRefusal } from './automatic';
import { Desk, everything, sift } from './desk.svelte';

const waiting = (id: string, of: Partial<ModerationCase> = {}): ModerationCase => ({
  id,
  target: { kind: 'video', id: `v${id}` },
  words: '',
  concerned: null,
  severity: 1,
  reports: 1,
  created_at: 0,
  claim: null,
  newest: [{ reason: 'spam', country: null, text: '', created_at: 0, impersonates: null }],
  in_force: [],
  ...of,
});
const claimed = (mine: boolean) => ({ by: null, mine, until: 0 });

describe('the queue', () => {
  const cases = [
    waiting('1'),
    waiting('2', { target: { kind: 'comment', id: 'c' }, claim: claimed(true) }),
    waiting('3', { claim: claimed(false), newest: [{ reason: 'rule', country: null, text: '', created_at: 0, impersonates: null }] }),
  ];
  const ids = (filter: object) => sift(cases, { ...everything, ...filter }).map(({ id }) => id);

  it('is sifted by what, by whom and why', () => {
    expect(ids({})).toEqual(['1', '2', '3']);
    expect(ids({ kind: 'comment' })).toEqual(['2']);
    expect(ids({ claim: 'free' })).toEqual(['1']);
    expect(ids({ claim: 'mine' })).toEqual(['2']);
    expect(ids({ reason: 'rule' })).toEqual(['3']);
  });

  it('is gone through in the order it is shown', () => {
    const desk = new Desk();
    desk.cases = cases;
    desk.move(1);
    expect(desk.chosen).toBe('1');
    desk.move(1);
    desk.move(1);
    desk.move(1);
    expect(desk.chosen).toBe('3');
    desk.filter = { ...everything, kind: 'video' };
    desk.move(-1);
    expect(desk.chosen).toBe('1');
    desk.move(-1);
    expect(desk.chosen).toBe('1');
    desk.chosen = null;
    desk.move(-1);
    expect(desk.chosen).toBe('3');
  });
});

describe('actions', () => {
  it('fit what they are done to', () => {
    expect(actionsOf('comment')).not.toContain('label');
    expect(actionsOf('account')).not.toContain('remove');
    expect(isPublic('warn')).toBe(false);
    expect(isPublic('remove')).toBe(true);
    expect(hasDays('suspend')).toBe(true);
    expect(hasDays('remove')).toBe(false);
  });
});

describe('automatic rules', () => {
  const hash = 'Ab'.repeat(32);

  it('are lines in a list for each outcome, and back', () => {
    expect(linesOf(' a \n\nb\na\n')).toEqual(['a', 'b']);
    const lists = listsOf([{ text: 'buy now', outcome: 'queue' as const }, { text: 'x', outcome: 'hold' as const }], ({ text }) => text);
    expect(lists).toEqual({ queue: 'buy now', hold: 'x' });
    expect(wordsIn(lists)).toEqual([{ text: 'buy now', outcome: 'queue' }, { text: 'x', outcome: 'hold' }]);
    expect(hashesIn({ queue: '', hold: hash })).toEqual([{ sha256: hash.toLowerCase(), outcome: 'hold' }]);
  });

  it('say what is wrong with them', () => {
    expect(wordsRefusal({ queue: 'a', hold: 'b' })).toBeNull();
    expect(wordsRefusal({ queue: 'a', hold: 'A' })).toMatch(/both lists/);
    expect(wordsRefusal({ queue: 'w'.repeat(40), hold: '' })).toBeNull();
    expect(wordsRefusal({ queue: 'w'.repeat(41), hold: '' })).toMatch(/too long/);
    expect(wordsRefusal({ queue: Array.from({ length: 1001 }, (_, n) => `w${n}`).join('\n'), hold: '' })).toMatch(/1,000 are the most/);
    expect(hashesRefusal({ queue: hash, hold: '' })).toBeNull();
    expect(hashesRefusal({ queue: `${hash}0`, hold: '' })).toMatch(/no SHA-256/);
  });
});
