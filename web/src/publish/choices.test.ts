import { describe, expect, it } from 'vitest';
import { Choices, fresh, type Chosen } from './choices.svelte';
import { fieldOf, msOf, timeProblem, tomorrowEvening } from './times';

const minor = { audience: 'followers', comment_permission: 'followers', duet_permission: 'nobody' } as const;
const minute_ms = 60_000;
const at = Date.UTC(2026, 10, 26, 17, 0);

const scheduled: Chosen = { ...fresh(), when: 'later', publish_at: at };

describe('choices', () => {
  it('say nothing of what the server does by itself', () => {
    expect(new Choices(fresh()).fields()).toEqual({});
    expect(new Choices(fresh(minor)).fields()).toEqual({});
    expect(new Choices(scheduled).change()).toEqual({});
  });

  it('are told as an upload has them', () => {
    const choices = new Choices(fresh());
    choices.audience = 'only_me';
    choices.comments = 'nobody';
    choices.duets = 'followers';
    choices.label('sensitive', true);
    choices.label('advertising', true);
    choices.plan('draft');
    expect(choices.fields()).toEqual({
      audience: 'only_me', comment_permission: 'nobody', duet_permission: 'followers', labels: 'advertising,sensitive', draft: '1',
    });
  });

  it('come back as an upload that was begun has them', () => {
    for (const fields of [
      {},
      { audience: 'link', comment_permission: 'nobody', duet_permission: 'followers', labels: 'ai_made,sensitive', draft: '1' },
      { audience: 'followers', publish_at: String(at) },
    ]) {
      const choices = new Choices(fresh());
      choices.label('advertising', true);
      choices.plan('draft');
      choices.take(fields);
      expect(choices.fields()).toEqual(fields);
    }
  });

  it('take a draft live, and a time away', () => {
    const change = (before: Chosen, when: 'now' | 'later' | 'draft') => {
      const choices = new Choices(before);
      choices.plan(when);
      return choices.change();
    };
    expect(change({ ...fresh(), when: 'draft' }, 'now')).toEqual({ draft: false });
    expect(change(scheduled, 'now')).toEqual({ publish_at: null });
    expect(change(scheduled, 'draft')).toEqual({ draft: true });
    expect(change(fresh(), 'draft')).toEqual({ draft: true });
  });

  it('give the comment rule back to the account, and labels back one by one', () => {
    const choices = new Choices({ ...fresh(), comments: 'nobody', labels: ['advertising', 'ai_made'] });
    choices.comments = null;
    choices.label('advertising', false);
    expect(choices.change()).toEqual({ comment_permission: null, labels: ['ai_made'] });
  });

  it('look at a time that is new, and leave one alone that was there', () => {
    const choices = new Choices(scheduled);
    expect(choices.check(at + minute_ms)).toBe(true);
    choices.time = fieldOf(at + 2 * minute_ms);
    expect(choices.check(at)).toBe(true);
    expect(choices.change()).toEqual({ publish_at: at + 2 * minute_ms });
    expect(choices.check(at + 2 * minute_ms)).toBe(false);
    expect(choices.wrong).toMatch(/passed/);
    choices.plan('draft');
    expect(choices.check(at + 2 * minute_ms)).toBe(true);
  });
});

describe('times', () => {
  it('go through their field and back', () => {
    expect(msOf(fieldOf(at))).toBe(at);
    expect(fieldOf(tomorrowEvening(at))).toMatch(/T18:00$/);
    expect(new Date(tomorrowEvening(at)).getDate()).toBe(new Date(at + 24 * 60 * minute_ms).getDate());
  });

  it('are neither missing, past nor further than a year', () => {
    expect(timeProblem('', at)).toMatch(/Choose/);
    expect(timeProblem(fieldOf(at), at)).toMatch(/passed/);
    expect(timeProblem(fieldOf(at + minute_ms), at)).toBeNull();
    expect(timeProblem(fieldOf(at + 365 * 24 * 60 * minute_ms), at)).toBeNull();
    expect(timeProblem(fieldOf(at + 365 * 24 * 60 * minute_ms + minute_ms), at)).toMatch(/year/);
  });
});
