// The formats of C2SP and RFC 6962, each against values made another way.
import { describe, expect, it } from 'vitest';
import { base64, base64url, fromBase64, hex } from './bytes';
import { parseCheckpoint } from './checkpoint';
import { verifyEd25519 } from './ed25519';
import { verifyByLibrary } from './ed25519_library';
import { CompactRange, leafHash, rootOf } from './merkle';
import { parseNote, parseVerifierKey, signersOf, type VerifierKey } from './note';
import { parsePolicy, quorumMet, quorumSize, quorumTime } from './policy';
import { bytesOf, newSigner, treeHead } from './testing';
import { splitBundle, tilePath } from './tiles';

const entries = (count: number) => Array.from({ length: count }, (_, at) => bytesOf(`entry ${at}`));
const rootText = 'iBwvTHw7YMhk1XSquRdGoWciDFIKL4M9hu7m3++5rMs=';

describe('base64', () => {
  it('has one spelling', () => {
    expect(fromBase64('AAEC')).toEqual(Uint8Array.of(0, 1, 2));
    expect(fromBase64('')).toEqual(new Uint8Array());
    for (const wrong of ['AAE', 'AAE=\n', 'AB==', '_-__', 'AA E=', '*']) expect(fromBase64(wrong), wrong).toBeNull();
    expect(base64(Uint8Array.of(251, 255))).toBe('+/8=');
    expect(base64url(Uint8Array.of(251, 255))).toBe('-_8');
  });
});

describe('a tree', () => {
  it('grows leaf by leaf to the root of the definition', async () => {
    const range = CompactRange.empty();
    expect(range.root()).toEqual(await treeHead([]));
    const all = entries(70);
    for (const [at, entry] of all.entries()) {
      range.append(leafHash(entry));
      expect(range.root()).toEqual(await treeHead(all.slice(0, at + 1)));
    }
    expect(rootOf(all.map(leafHash))).toEqual(range.root());
  });

  it('goes on from its right edge, and not from another', () => {
    const all = entries(300).map(leafHash);
    const first = CompactRange.empty();
    all.slice(0, 173).forEach((leaf) => first.append(leaf));
    const second = CompactRange.of(173, [...first.edge]);
    all.slice(173).forEach((leaf) => second?.append(leaf));
    expect(second?.root()).toEqual(rootOf(all));
    expect(first.root()).toEqual(rootOf(all.slice(0, 173)));
    expect(CompactRange.of(172, [...first.edge])).toBeNull();
    expect(CompactRange.of(1, [new Uint8Array(31)])).toBeNull();
  });

  it('copies without sharing', () => {
    const one = CompactRange.empty();
    one.append(leafHash(bytesOf('a')));
    const copy = one.copy();
    copy.append(leafHash(bytesOf('b')));
    expect([one.size, copy.size]).toEqual([1, 2]);
    expect(one.root()).toEqual(leafHash(bytesOf('a')));
  });
});

describe('tiles', () => {
  it('have the paths of tlog-tiles', () => {
    expect(tilePath('entries', 0)).toBe('tile/entries/000');
    expect(tilePath('entries', 273, 112)).toBe('tile/entries/273.p/112');
    expect(tilePath('entries', 1_234_067)).toBe('tile/entries/x001/x234/067');
    expect(tilePath(2, 1000, 1)).toBe('tile/2/x001/000.p/1');
  });

  it('are split at their lengths', () => {
    const bundle = Uint8Array.of(0, 2, 65, 66, 0, 0, 0, 1, 67);
    expect(splitBundle(bundle, 3)).toEqual([Uint8Array.of(65, 66), new Uint8Array(), Uint8Array.of(67)]);
    expect(splitBundle(bundle, 2)).toEqual([Uint8Array.of(65, 66), new Uint8Array()]);
    expect(splitBundle(bundle, 4)).toBeNull();
    expect(splitBundle(bundle.subarray(0, 8), 3)).toBeNull();
    expect(splitBundle(bundle.subarray(0, 7), 2)).toBeNull();
    const long = new Uint8Array(2 + 65_535).fill(255);
    expect(splitBundle(long, 1)?.[0]).toHaveLength(65_535);
  });
});

describe('Ed25519', () => {
  // RFC 8032 §7.1, test 2.
  const key = fromHex('3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c');
  const message = fromHex('72');
  const signature = fromHex(
    '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da' +
      '085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
  );
  const flipped = signature.map((byte, at) => (at === 40 ? byte ^ 1 : byte));

  for (const [by, verify] of [
    ['what is there', verifyEd25519],
    ['the library', verifyByLibrary],
  ] as const) {
    it(`is verified by ${by}`, async () => {
      expect(await verify(key, message, signature)).toBe(true);
      expect(await verify(key, message, flipped)).toBe(false);
      expect(await verify(key, fromHex('73'), signature)).toBe(false);
    });
  }

  it('refuses what has another length', async () => {
    expect(await verifyEd25519(key.subarray(1), message, signature)).toBe(false);
    expect(await verifyEd25519(key, message, signature.subarray(1))).toBe(false);
  });
});

describe('a verifier key', () => {
  it('is read with its id checked', () => {
    const text = 'custody.example/access-log+f27cd4fd+AZxANFKDnYKqs7IxysD7B9OddT2GvkcYHylQQ3oKvdgS';
    expect(parseVerifierKey(text)).toMatchObject({ name: 'custody.example/access-log', id: 'f27cd4fd', algorithm: 1 });
    for (const wrong of [
      text.replace('f27', 'f28'),
      text.replace('AZx', 'AZy'),
      text.slice(0, -1),
      text.replace('custody.', 'a b'),
      '',
      'a+b',
    ]) {
      expect(parseVerifierKey(wrong), wrong).toBeNull();
    }
  });
});

describe('a note', async () => {
  const text = `log.example\n3\n${rootText}\n`;
  const log = await newSigner('log.example', 1);
  const witness = await newSigner('w.example', 4);
  const stranger = await newSigner('x.example', 4);
  const keys = [log.vkey, witness.vkey].map(parseVerifierKey) as VerifierKey[];
  const noteOf = async (signers: (typeof log)[], body = text) =>
    `${text}\n${(await Promise.all(signers.map((one) => one.line(body, 1234)))).join('')}`;

  it('names its signers and their time; strangers are passed over', async () => {
    const note = parseNote(await noteOf([log, stranger, witness]));
    expect(note?.text).toBe(text);
    expect(note?.signatures).toHaveLength(3);
    const signers = note && (await signersOf(note, keys));
    expect(signers?.map(({ key, time_s }) => [key.name, time_s])).toEqual([
      ['log.example', null],
      ['w.example', 1234],
    ]);
  });

  it('is spoilt by a false signature of a known key', async () => {
    const note = parseNote(await noteOf([log, witness], `${text}more\n`));
    expect(note && (await signersOf(note, keys))).toBeNull();
  });

  it('has a text, an empty line and signatures', async () => {
    const good = await noteOf([log]);
    expect(parseNote(good)).not.toBeNull();
    for (const wrong of [
      text,
      good.slice(0, -1),
      good.replace('— ', '- '),
      good.replace('3', '3\t'),
      `${good}\n`,
      `${text}\n— log.example AAAA\n`,
    ]) {
      expect(parseNote(wrong), wrong).toBeNull();
    }
  });
});

describe('a checkpoint', () => {
  it('has a name, a size and a root', () => {
    expect(parseCheckpoint(`o\n70000\n${rootText}\next\n`)).toMatchObject({ origin: 'o', size: 70_000 });
    for (const wrong of [
      `o\n070\n${rootText}\n`,
      `o\n-1\n${rootText}\n`,
      `\n1\n${rootText}\n`,
      'o\n1\nAAAA\n',
      'o\n1\n',
      `o\n99999999999999999\n${rootText}\n`,
    ]) {
      expect(parseCheckpoint(wrong), wrong).toBeNull();
    }
  });
});

describe('a policy', async () => {
  const log = await newSigner('log.example', 1);
  const [a, b, c, d] = await Promise.all(['a', 'b', 'c', 'd'].map((name) => newSigner(name, 4)));
  const witnesses = [a, b, c, d].map((one) => `witness ${one?.name} ${one?.vkey}`).join('\n');
  const groups = 'group near any a b\ngroup far all c d\ngroup both 2 near far\nquorum both\n';
  const good = `# who watches\nlog ${log.vkey} https://log.example/\n${witnesses}\n${groups}`;

  it('says who is enough', () => {
    const policy = parsePolicy(good);
    expect(policy?.logs.map(({ name }) => name)).toEqual(['log.example']);
    const enough = (...names: string[]) => policy && quorumMet(policy, new Set(names));
    expect(enough('a', 'c', 'd')).toBe(true);
    expect(enough('a', 'b', 'c')).toBe(false);
    expect(enough('c', 'd')).toBe(false);
    expect(policy && quorumSize(policy)).toBe(3);
    const none = parsePolicy('quorum none');
    expect(none && quorumMet(none, new Set())).toBe(true);
  });

  it('dates a quorum by the cosignature that completes it', () => {
    const policy = parsePolicy(good);
    const time = (times: Record<string, number>) => policy && quorumTime(policy, new Map(Object.entries(times)), 99);
    expect(time({ a: 10, b: 30, c: 20, d: 15 })).toBe(15);
    expect(time({ a: 10, c: 20, d: 15 })).toBe(10);
    expect(time({ a: 10, c: 20 })).toBeNull();
  });

  it('is nothing when a line of it is not understood', () => {
    const wrong = [
      good.replace('quorum both\n', ''),
      good.replace('quorum both', 'quorum nobody'),
      `${good}quorum both\n`,
      good.replace('any a b', 'any a b c').replace('all c d', 'all d c'),
      good.replace('group both 2', 'group both 3'),
      good.replace('group both 2', 'group both 0'),
      good.replace('group both', 'group near'),
      `${good}witness e ${a?.vkey}\n`,
      good.replace(`log ${log.vkey}`, `log ${a?.vkey}`),
      `${good}judge me\n`,
    ];
    for (const text of wrong) expect(parsePolicy(text), text).toBeNull();
  });
});

function fromHex(text: string): Uint8Array {
  const bytes = Uint8Array.from(text.match(/../g) ?? [], (byte) => parseInt(byte, 16));
  expect(hex(bytes)).toBe(text);
  return bytes;
}
