import { describe, expect, it } from 'vitest';
import { entriesOf, lastBundle, sizeOf } from './log';

function bundle(...lines: string[]): Uint8Array {
  const parts = lines.map((line) => new TextEncoder().encode(line));
  return new Uint8Array(parts.flatMap((part) => [part.length >> 8, part.length & 255, ...part]));
}

describe('sizeOf', () => {
  it('reads what is published, and nothing else', () => {
    const root = `${'A'.repeat(43)}=`;
    const signature = `— vitrine.example/log ${btoa('k'.repeat(68))}\n`;
    expect(sizeOf(`vitrine.example/log\n12345\n${root}\n\n${signature}`)).toBe(12_345);
    for (const none of ['', 'origin', `origin\n-1\n${root}\n\n${signature}`, `origin\nmany\n${root}\n\n${signature}`])
      expect(() => sizeOf(none)).toThrow();
  });
});

describe('lastBundle', () => {
  it('is partial unless the last one is full', () => {
    expect(lastBundle(1)).toEqual({ first: 0, width: 1 });
    expect(lastBundle(256)).toEqual({ first: 0, width: 256 });
    expect(lastBundle(257)).toEqual({ first: 256, width: 1 });
  });
});

describe('entriesOf', () => {
  it('numbers what it finds', () => {
    const entries = entriesOf(bundle('{"kind":"access","v":1}', '{"kind":"größer","v":1}'), 512, 2);
    expect(entries.map(({ index, kind }) => [index, kind])).toEqual([
      [512, 'access'],
      [513, 'größer'],
    ]);
  });

  it('refuses what is cut off or too little', () => {
    expect(() => entriesOf(bundle('{"kind":"access"}').slice(0, -1), 0, 1)).toThrow();
    expect(() => entriesOf(bundle('{"kind":"access"}'), 0, 2)).toThrow();
  });
});
