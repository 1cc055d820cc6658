import { describe, expect, it } from 'vitest';
import { asked, fieldsOf, moveEnd, moveStart, msOf, readNumbers, whole } from './edits';

const video = '01hzzzzzzzzzzzzzzzzzzzzzzz';
const piece = { start_ms: 0, end_ms: 5_000 };

describe('the other video', () => {
  it('comes from the address', () => {
    expect(asked(`?duet=${video}`)).toEqual({ kind: 'duet', video });
    expect(asked(`?x=1&sound=${video}`)).toEqual({ kind: 'sound', video });
    expect(asked('?duet=')).toBeNull();
    expect(asked('')).toBeNull();
  });
});

describe('metadata', () => {
  it('says nothing of what stays as it is', () => {
    expect(fieldsOf(whole(), null)).toEqual({});
  });

  it('names what changes, in whole milliseconds', () => {
    expect(fieldsOf({ start_ms: 100.4, end_ms: 2_000, cover_ms: 0 }, null)).toEqual({ trim_start_ms: '100', trim_end_ms: '2000', cover_ms: '0' });
    expect(fieldsOf(whole(), { kind: 'duet', video, piece, own_sound: true })).toEqual({ duet_of: video });
    expect(fieldsOf(whole(), { kind: 'stitch', video, piece: { start_ms: 500, end_ms: 1_500 }, own_sound: false })).toEqual({
      stitch_of: video,
      stitch_start_ms: '500',
      stitch_end_ms: '1500',
    });
    expect(fieldsOf(whole(), { kind: 'sound', video, piece, own_sound: true })).toEqual({ sound_of: video, own_sound: 'low' });
  });
});

describe('two ends on a line', () => {
  const bounds = { duration_ms: 10_000, min_ms: 500, max_ms: 10_000 };
  const range = { start_ms: 2_000, end_ms: 6_000 };

  it('stop at each other and at the clip', () => {
    expect(moveStart(range, -50, bounds).start_ms).toBe(0);
    expect(moveStart(range, 5_900, bounds).start_ms).toBe(5_500);
    expect(moveEnd(range, 99_000, bounds).end_ms).toBe(10_000);
    expect(moveEnd(range, 2_100, bounds).end_ms).toBe(2_500);
  });

  it('take each other along where there is a longest length', () => {
    const short = { ...bounds, max_ms: 5_000 };
    expect(moveStart(range, 0, short)).toEqual({ start_ms: 0, end_ms: 5_000 });
    expect(moveEnd(range, 9_000, short)).toEqual({ start_ms: 4_000, end_ms: 9_000 });
  });

  it('hold a clip that is shorter than the least cut', () => {
    const tiny = { duration_ms: 300, min_ms: 500, max_ms: 300 };
    expect(moveStart({ start_ms: 0, end_ms: 300 }, 200, tiny)).toEqual({ start_ms: 0, end_ms: 300 });
    expect(moveEnd({ start_ms: 0, end_ms: 300 }, 100, tiny)).toEqual({ start_ms: 0, end_ms: 300 });
  });
});

describe('a cut in numbers', () => {
  it('reads seconds', () => {
    expect(msOf('1.5')).toBe(1_500);
    expect(msOf(' 0,25 ')).toBe(250);
    expect(msOf('600')).toBe(600_000);
    for (const bad of ['', '-1', '1e3', 'NaN', '601', '1.2345', '0x1', '∞', '1.']) expect(msOf(bad)).toBeNull();
  });

  it('is a cut or says why not', () => {
    expect(readNumbers({ start: '', end: '', cover: '' })).toEqual(whole());
    expect(readNumbers({ start: '1', end: '3.5', cover: '2' })).toEqual({ start_ms: 1_000, end_ms: 3_500, cover_ms: 2_000 });
    expect(readNumbers({ start: 'x', end: '', cover: '' })).toMatch(/number of seconds/);
    expect(readNumbers({ start: '1', end: '1.4', cover: '' })).toMatch(/half a second/);
    expect(readNumbers({ start: '1', end: '2', cover: '2.5' })).toMatch(/cover/);
  });
});
