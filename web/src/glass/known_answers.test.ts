// The verifier against vectors made by other people's implementations, where they lie beside the repository.
import { describe, expect, it } from 'vitest';
import { hex } from './bytes';
import { parseCheckpoint } from './checkpoint';
import { CompactRange, leafHash } from './merkle';
import { parseNote, parseVerifierKey, signersOf, type VerifierKey } from './note';
import { bytesOf } from './testing';

const files = import.meta.glob<string>('../../../../shared/vectors/tlog/{kat.json,checkpoint}', {
  query: '?raw',
  import: 'default',
  eager: true,
});
const file = (name: string): string => Object.entries(files).find(([path]) => path.endsWith(`/${name}`))?.[1] ?? '';
const known = file('kat.json')
  ? (JSON.parse(file('kat.json')) as { N: number; roots: Record<string, string>; vkeys: Record<string, string> })
  : null;

describe.skipIf(known === null)('known answers (skipped where the vectors are not here)', () => {
  it('roots at every size that is told', () => {
    const range = CompactRange.empty();
    const roots: Record<string, string> = {};
    for (let at = 0; at < (known?.N ?? 0); ++at) {
      range.append(leafHash(bytesOf(`leaf-${at}`)));
      if (known && String(range.size) in known.roots) roots[range.size] = hex(range.root());
    }
    expect(Object.keys(roots).length).toBeGreaterThan(5);
    expect(roots).toEqual(known?.roots);
  });

  it('a checkpoint with its log and three witnesses', async () => {
    const note = parseNote(file('checkpoint'));
    const keys = Object.values(known?.vkeys ?? {}).map(parseVerifierKey) as VerifierKey[];
    expect(keys).toHaveLength(4);
    expect(keys).not.toContain(null);
    const signers = note && (await signersOf(note, keys));
    expect(signers?.map(({ key }) => key.name)).toEqual([
      'custody.example/access-log',
      'witness1.example/w',
      'witness2.example/w',
      'witness3.example/w',
    ]);
    expect(signers?.[1]?.time_s).toBeGreaterThan(1_700_000_000);
    expect(parseCheckpoint(note?.text ?? '')).toMatchObject({ origin: 'custody.example/access-log', size: known?.N });
    expect(hex(parseCheckpoint(note?.text ?? '')?.root ?? new Uint8Array())).toBe(known?.roots[String(known.N)]);
  });
});
