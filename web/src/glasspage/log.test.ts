import { describe, expect, it } from 'vitest';
import { entriesOf, lastBundlePath, sizeOf } from './log';

function bundle(...lines: string[]): ArrayBuffer {
  const parts = lines.map((line) => new TextEncoder().encode(line));
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + 2 + part.length, 0));
  let at = 0;
  for (const part of parts) {
    new DataView(bytes.buffer).setUint16(at, part.length);
    bytes.set(part, at + 2);
    at += 2 + part.length;
  }
  return bytes.buffer;
}

describe('sizeOf', () => {
  it('reads the second line', () => {
    expect(sizeOf('vitrine.example/log\n12345\nqINS1GRF\n\n— vitrine.example/log AAAA\n')).toBe(12_345);
    for (const none of ['', 'origin', 'origin\n\nroot\n', 'origin\n-1\n', 'origin\nmany\n']) expect(() => sizeOf(none)).toThrow();
  });
});

describe('lastBundlePath', () => {
  it('is partial unless the last bundle is full', () => {
    expect(lastBundlePath(1)).toBe('/tile/entries/000.p/1');
    expect(lastBundlePath(255)).toBe('/tile/entries/000.p/255');
    expect(lastBundlePath(256)).toBe('/tile/entries/000');
    expect(lastBundlePath(257)).toBe('/tile/entries/001.p/1');
    expect(lastBundlePath(1000 * 256)).toBe('/tile/entries/999');
    expect(lastBundlePath(1_234_067 * 256 + 3)).toBe('/tile/entries/x001/x234/067.p/3');
  });
});

describe('entriesOf', () => {
  it('numbers what it finds', () => {
    const entries = entriesOf(bundle('{"kind":"access","v":1}', '{"kind":"größer","v":1}'), 512);
    expect(entries.map(({ index, kind }) => [index, kind])).toEqual([
      [512, 'access'],
      [513, 'größer'],
    ]);
    expect(entriesOf(new ArrayBuffer(0), 0)).toEqual([]);
  });

  it('refuses what is cut off', () => {
    expect(() => entriesOf(bundle('{"kind":"access"}').slice(0, -1), 0)).toThrow();
  });
});
