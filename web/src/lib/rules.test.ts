import { describe, expect, it } from 'vitest';
import { durationProblem, fileProblem } from '../upload/check';
import { Speed } from '../upload/speed';
import { captionParts, cleanTag, handleProblem, passwordProblem, tagsIn, textParts, type TextPart, upload_bytes_max, upload_ms_max } from './rules';
import { toBytes, toText } from './webauthn';

const marked = (parts: TextPart[]) => parts.map(({ text, href }) => (href ? `[${text}]` : text)).join('');

describe('rules', () => {
  it('checks handles and passwords at their limits', () => {
    expect(handleProblem('abc')).toBeNull();
    expect(handleProblem('a'.repeat(24))).toBeNull();
    for (const bad of ['ab', 'a'.repeat(25), 'Mira', 'a b', 'ä.b.c']) expect(handleProblem(bad)).not.toBeNull();
    expect(passwordProblem('1234567890')).toBeNull();
    expect(passwordProblem('123456789')).not.toBeNull();
    expect(passwordProblem('a'.repeat(128))).toBeNull();
    expect(passwordProblem('ä'.repeat(65))).not.toBeNull();
  });

  it('cleans tags', () => {
    expect(cleanTag(' #Ferry ')).toBe('ferry');
    expect(cleanTag('Ünder_9')).toBe('ünder_9');
    for (const bad of ['', '#', 'two words', 'a-b', 'x'.repeat(41)]) expect(cleanTag(bad)).toBeNull();
    expect(tagsIn('Light #harbour, #Slow! and #東京')).toEqual(['harbour', 'slow', '東京']);
  });

  it('shows a tag once, where the caption names it or else at its end', () => {
    const read = (caption: string, tags: string[]) => marked(captionParts(caption, tags, []));
    expect(read('Last light #Night', ['sunsets', 'night'])).toBe('Last light [#Night] [#sunsets]');
    expect(read('#sea #calm', ['calm', 'sea'])).toBe('[#sea] [#calm]');
    expect(read('', ['a', 'b'])).toBe('[#a] [#b]');
    expect(read('No. #1? Fine!', ['1'])).toBe('No. [#1]? Fine!');
    expect(read('plain # text', [])).toBe('plain # text');
    expect(captionParts('', [], [])).toEqual([]);
  });

  it('makes links of those a text names, and of no part of an address', () => {
    const read = (text: string) => marked(textParts(text));
    expect(read('@Ada, see @bob.b.')).toBe('[@Ada], see [@bob.b].');
    expect(textParts('@Ada')).toEqual([{ text: '@Ada', href: '/@ada' }]);
    expect(read('ada@example.org @ab @' + 'x'.repeat(25))).toBe('ada@example.org @ab @' + 'x'.repeat(25));
    expect(read('你好@ada')).toBe('你好[@ada]');
    expect(read('@ada@bob')).toBe('[@ada]@bob');
    expect(textParts('#Été')).toEqual([{ text: '#Été', href: '/tag/%C3%A9t%C3%A9' }]);
    expect(read('#' + 'x'.repeat(41))).toBe('#' + 'x'.repeat(41));
  });

  it('makes links only of known people where they are known', () => {
    const ada = { id: '1', handle: 'ada', display_name: '' };
    expect(marked(captionParts('@ada and @bob', [], [ada]))).toBe('[@ada] and @bob');
  });
});

describe('files', () => {
  const file = (name: string, size: number, type = 'video/mp4') => fileProblem({ name, size, type });

  it('are refused before they are sent', () => {
    expect(file('a.mp4', 10)).toBeNull();
    expect(file('a.MOV', 10, '')).toBeNull();
    expect(file('a.mp4', upload_bytes_max)).toBeNull();
    expect(file('a.mp4', upload_bytes_max + 1)).toContain('2 GB');
    expect(file('a.mp4', 0)).toContain('empty');
    expect(file('a.pdf', 10, 'application/pdf')).toContain('a.pdf');
    expect(durationProblem(upload_ms_max)).toBeNull();
    expect(durationProblem(upload_ms_max + 1000)).toContain('10:01');
    expect(durationProblem(null)).toBeNull();
  });
});

describe('Speed', () => {
  it('speaks of the last moments only', () => {
    const speed = new Speed();
    speed.note(0, 0);
    expect(speed.rate).toBeNull();
    for (let s = 1; s <= 10; s += 1) speed.note(s * 1_000_000, s * 1000);
    expect(speed.rate).toBeCloseTo(1_000_000);
    expect(speed.leftMs(15_000_000)).toBeCloseTo(5000);
  });
});

describe('base64url', () => {
  it('goes both ways', () => {
    const bytes = new Uint8Array([0, 255, 254, 62, 63, 250]);
    expect(toText(bytes.buffer)).not.toMatch(/[+/=]/);
    expect([...toBytes(toText(bytes.buffer))]).toEqual([...bytes]);
    expect(toText(new Uint8Array().buffer)).toBe('');
  });
});
