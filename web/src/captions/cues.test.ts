import { describe, expect, it } from 'vitest';
import type { CaptionTrack } from '../lib/types';
import { cueAtTime, inserted, merged, problemsOf, readTime, readVtt, split, timeText, writeVtt, type Cue } from './cues';
import { trackFor } from './tracks';

const cue = (id: number, start: number, end: number, text = 'x', top = false): Cue => ({ id, start, end, text, top });
const bare = (cues: Cue[] | undefined) => cues?.map(({ start, end, text }) => [start, end, text]);

describe('times', () => {
  it('are written for people', () => {
    expect(timeText(61_500)).toBe('1:01.500');
    expect(timeText(0)).toBe('0:00.000');
    expect(timeText(3_600_007)).toBe('60:00.007');
  });

  it('are read as people write them', () => {
    expect(readTime(' 1:01.5 ')).toBe(61_500);
    expect(readTime('61,25')).toBe(61_250);
    expect(readTime('00:00:01.007')).toBe(1007);
    for (const text of ['', 'x', '1:', '1:2:3:4', '-1', '1.0000', '1e3', '1 2']) expect(readTime(text)).toBeNull();
  });
});

describe('files', () => {
  const cues = [cue(1, 0, 900, '<b>&amp;\nline --> two'), cue(2, 900, 3_661_001, 'שלום', true)];

  it('come back as they were written', () => {
    const { file } = writeVtt(cues);
    expect(file).toContain('&lt;b&gt;&amp;amp;\nline --&gt; two');
    expect(readVtt(file).map(({ id: _, ...rest }) => rest)).toEqual(cues.map(({ id: _, ...rest }) => rest));
  });

  it('tell which cue stands at a line', () => {
    const { file, cueAt } = writeVtt(cues);
    const lines = file.split('\n');
    expect(cueAt.get(lines.findIndex((line) => line.includes('two')) + 1)).toBe(1);
    expect(cueAt.get(lines.indexOf('שלום') + 1)).toBe(2);
    expect(cueAt.get(1)).toBeUndefined();
  });
});

describe('problems', () => {
  it('are those that the server would name', () => {
    const cues = [cue(1, 0, 1000), cue(2, 500, 2000), cue(3, 3000, 2500), cue(4, 3000, 9001), cue(5, 9001, 9500, ' ')];
    expect([...problemsOf(cues, 8000)]).toEqual([[2, 'overlap'], [3, 'order'], [4, 'late'], [5, 'late']]);
    expect([...problemsOf([cue(1, 0, 1000, '')], 8000)]).toEqual([[1, 'empty']]);
    expect([...problemsOf([cue(1, 0, 1000, 'x'.repeat(1001))], 8000)]).toEqual([[1, 'long']]);
    expect(problemsOf([cue(1, 0, 1000), cue(2, 1000, 9000)], 8000).size).toBe(0);
  });
});

describe('edits', () => {
  const cues = [cue(1, 0, 1000, 'one two'), cue(2, 2000, 3000, 'three')];

  it('put a cue where there is room', () => {
    expect(bare(inserted(cues, 500, 8000)?.cues)).toEqual([[0, 1000, 'one two'], [1000, 2000, ''], [2000, 3000, 'three']]);
    expect(bare(inserted(cues, 4000, 8000)?.cues)?.at(-1)).toEqual([4000, 6000, '']);
    expect(inserted([cue(1, 0, 1000), cue(2, 1100, 2000)], 500, 8000)).toBeNull();
    expect(inserted(cues, 7900, 8000)).toBeNull();
  });

  it('split at the cursor, and share the time', () => {
    expect(bare(split(cues, 1, 4)?.cues)).toEqual([[0, 571, 'one'], [571, 1000, 'two'], [2000, 3000, 'three']]);
    expect(bare(split(cues, 1, 0)?.cues)?.[0]).toEqual([0, 200, '']);
    expect(split([cue(1, 0, 300)], 1, 1)).toBeNull();
  });

  it('join with the next', () => {
    expect(bare(merged(cues, 1) ?? [])).toEqual([[0, 3000, 'one two\nthree']]);
    expect(merged(cues, 2)).toBeNull();
  });

  it('know what stands at a time', () => {
    expect(cueAtTime(cues, 999)?.id).toBe(1);
    expect(cueAtTime(cues, 1000)).toBeNull();
    expect(cueAtTime(cues, 2000)?.id).toBe(2);
  });
});

describe('the track to show', () => {
  const track = (language: string, automatic = false): CaptionTrack => ({ language, automatic, label: language, url: '' });
  const tracks = [track('de', true), track('en-GB', true), track('en-US'), track('pt-BR')];

  it('fits the most wanted language', () => {
    expect(trackFor(tracks, ['en-GB'])?.language).toBe('en-GB');
    expect(trackFor(tracks, ['fr', 'pt'])?.language).toBe('pt-BR');
    expect(trackFor(tracks, ['EN'])?.language).toBe('en-US');
  });

  it('is else what a person wrote', () => {
    expect(trackFor(tracks, ['fr'])?.language).toBe('en-US');
    expect(trackFor([track('de', true)], [])?.language).toBe('de');
    expect(trackFor([], ['en'])).toBeNull();
  });
});
