import { describe, expect, it } from 'vitest';
import type { Notification, Person } from '../lib/types';
import { ageOf, placeOf, sentenceOf } from './words';

const person = (name: string): Person => ({ id: name, handle: name.toLowerCase(), display_name: name });
const told = (of: Partial<Notification>): Notification => ({
  id: '1',
  kind: 'like',
  actors: [person('Ada')],
  count: 1,
  video: 'v1',
  comment: null,
  matter: null,
  text: '',
  created_at: 0,
  read: false,
  ...of,
});
const said = (of: Partial<Notification>) => sentenceOf(told(of)).replace(/[\u2068\u2069]/g, '');

describe('notifications', () => {
  it('say who and what', () => {
    const actors = ['Ada', 'Bob', 'Cid'].map(person);
    expect(said({})).toBe('Ada liked your video');
    expect(said({ actors: actors.slice(0, 2), count: 2 })).toBe('Ada and Bob liked your video');
    expect(said({ actors, count: 3 })).toBe('Ada, Bob and 1 other liked your video');
    expect(said({ actors, count: 1204, kind: 'comment_like' })).toBe('Ada, Bob and 1,202 others liked your comment');
    expect(said({ kind: 'follow' })).toBe('Ada follows you');
    expect(said({ kind: 'family_change', video: null })).toBe('Ada changed what is set for you');
    expect(said({ kind: 'follow', actors, count: 2 })).toBe('Ada and Bob follow you');
    expect(said({ actors: [{ id: '2', handle: 'dee', display_name: '' }], kind: 'reply' })).toBe('@dee replied to you');
    expect(said({ actors: [person('N'.repeat(10_000))] })).toBe(`${'N'.repeat(23)}… liked your video`);
    expect(said({ actors: [], kind: 'mention' })).toBe('Somebody mentioned you');
  });

  it('keep names of any direction apart from the sentence', () => {
    expect(sentenceOf(told({ actors: [person('\u202eevil')] }))).toBe('\u2068\u202eevil\u2069 liked your video');
  });

  it('of the service name nobody and lead to the matter itself', () => {
    const news = { actors: [], count: 0, video: null, matter: 'm1' };
    expect(said({ ...news, kind: 'decision' })).toMatch(/^Something was decided/);
    expect(placeOf(told({ ...news, kind: 'decision' }))).toBe('/decisions?about=m1');
    expect(placeOf(told({ ...news, kind: 'appeal' }))).toBe('/decisions?about=m1');
    expect(placeOf(told({ ...news, kind: 'report' }))).toBe('/reports?about=m1');
    expect(said({ ...news, kind: 'report' })).toMatch(/^There is news of what you reported/);
    expect(said({ ...news, kind: 'report', matter: null })).toMatch(/^There is news of several/);
    expect(placeOf(told({ ...news, kind: 'report', matter: null }))).toBe('/reports');
    expect(said({ ...news, kind: 'verification', matter: null })).toMatch(/^Something has changed/);
    expect(placeOf(told({ ...news, kind: 'verification', matter: null }))).toBe('/settings#verification');
  });

  it('lead to what they are about', () => {
    expect(placeOf(told({}))).toBe('/v/v1');
    expect(placeOf(told({ comment: 'c 1' }))).toBe('/v/v1?comment=c%201');
    expect(placeOf(told({ kind: 'follow', video: null }))).toBe('/@ada');
  });

  it('are of today, of this week, or older', () => {
    const now = new Date(2026, 5, 15, 9).getTime();
    expect(ageOf(new Date(2026, 5, 15, 0, 1).getTime(), now)).toBe('today');
    expect(ageOf(new Date(2026, 5, 14, 23, 59).getTime(), now)).toBe('week');
    expect(ageOf(new Date(2026, 5, 8, 23, 59).getTime(), now)).toBe('earlier');
  });
});
