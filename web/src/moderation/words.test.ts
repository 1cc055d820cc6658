import { describe, expect, it } from 'vitest';
import type { Decision, ModerationAction } from '../lib/types';
import { fateOf, isAppealable, meaningOf, scopeOf, standingOf, subjectOf } from './words';

const decision = (of: Partial<Decision>): Decision => ({
  id: '1',
  target: { kind: 'video', id: 'v' },
  action: 'remove',
  labels: [],
  ground: 'rules',
  rule: 'House rule 3',
  reason: '',
  facts: '',
  automated: false,
  made_at: 0,
  until: null,
  in_force: true,
  reversed: false,
  appeal_until: 1000,
  appeal: null,
  ...of,
});

describe('decisions', () => {
  it('stand, have ended, were taken back, or restrict nothing', () => {
    expect(standingOf(decision({}))).toBe('in_force');
    expect(standingOf(decision({ in_force: false }))).toBe('ended');
    expect(standingOf(decision({ in_force: false, reversed: true }))).toBe('reversed');
    for (const action of ['warn', 'review', 'no_action'] as ModerationAction[]) {
      expect(standingOf(decision({ action, in_force: false }))).toBe('told');
    }
  });

  it('say what they do, where and how long', () => {
    expect(meaningOf(decision({}))).toMatch(/^Nobody but you/);
    expect(meaningOf(decision({ action: 'label', labels: ['ai_made', 'sensitive'] }))).toContain('AI-made, sensitive');
    expect(scopeOf(decision({}))).toContain('until it is taken back');
    expect(scopeOf(decision({ in_force: false, reversed: true }))).toContain('taken back: nothing is restricted');
    expect(scopeOf(decision({ action: 'hold', in_force: false }))).toContain('has ended');
    expect(scopeOf(decision({ action: 'hold' }))).toContain('until a moderator has looked');
    expect(scopeOf(decision({ action: 'warn', in_force: false }))).toContain('Nothing is restricted');
    expect(scopeOf(decision({ action: 'suspend', until: Date.UTC(2026, 4, 16, 12) }))).toContain('May 16, 2026');
  });

  it('can be appealed once, in time, and not when they were taken back', () => {
    expect(isAppealable(decision({}), 1000)).toBe(true);
    expect(isAppealable(decision({}), 1001)).toBe(false);
    expect(isAppealable(decision({ reversed: true }), 0)).toBe(false);
    expect(isAppealable(decision({ appeal_until: null }), 0)).toBe(false);
    const appeal = { id: 'a', text: 'no', created_at: 0, outcome: null, reason: '', decided_at: null };
    expect(isAppealable(decision({ appeal }), 0)).toBe(false);
  });
});

describe('reports', () => {
  const outcome = { action: 'remove', ground: 'rules', rule: 'x', decided_at: 0, reversed: false } as const;

  it('say what became of them', () => {
    expect(fateOf({ open: true, outcome: null })).toBe('open');
    expect(fateOf({ open: false, outcome: null })).toBe('gone');
    expect(fateOf({ open: false, outcome })).toBe('acted');
    expect(fateOf({ open: false, outcome: { ...outcome, action: 'no_action' } })).toBe('not_acted');
    expect(fateOf({ open: false, outcome: { ...outcome, reversed: true } })).toBe('reversed');
  });

  it('say what they are about', () => {
    expect(subjectOf({ target: { kind: 'video', id: '1' }, account: null })).toBe('A video');
    expect(subjectOf({ target: { kind: 'account', id: '1' }, account: { id: '1', handle: 'ada', display_name: '' } })).toBe('The account @ada');
  });
});
