// The whole check against an honest service, and against each way of not being one.
import { beforeEach, describe, expect, it } from 'vitest';
import { Memory, type Keys } from './memory';
import type { Claim } from './server';
import { accessEntry, base64Of, batchClaim, bytesOf, hour_s, newSigner, TestService, TestStore } from './testing';
import type { AlarmKind, Progress, Verdict } from './verdict';
import { verify } from './verifier';

const mine = bytesOf('the receipt key of the reader....');
const another = bytesOf('the receipt key of somebody else.');
const third = bytesOf('the receipt key of a third person');

let service: TestService;
let store: TestStore;
let progress: Progress[];
let pauses: number;

interface Changes {
  keys?: Keys;
  at_s?: number;
  account?: string;
  receiptKey?: Uint8Array;
  onPause?: () => void;
}

async function check({
  keys = service.keys,
  at_s = hour_s + 60,
  account = 'ada',
  receiptKey = mine,
  onPause,
}: Changes = {}): Promise<Verdict> {
  return verify({ account, receiptKey }, keys, {
    server: service,
    store,
    now_ms: () => at_s * 1000,
    pause: async () => {
      pauses += 1;
      onPause?.();
    },
    onProgress: (one) => progress.push(one),
  });
}

const alarmsOf = (verdict: Verdict): AlarmKind[] => verdict.alarms.map(({ kind }) => kind);
const factOf = (verdict: Verdict, name: string) => verdict.alarms[0]?.facts.find((fact) => fact.name === name)?.value;

const unlisted = (entry: string): Claim => ({ entry, tags: [] });

function put(claim: Claim, listed: boolean): void {
  service.entries.push(claim.entry);
  if (claim.tags.length > 0) service.batches.push(claim.tags);
  if (listed) service.list.push(claim);
}

const fill = (count: number) => {
  for (let i = 0; i < count; ++i)
    service.entries.push(JSON.stringify({ kind: 'build', v: 1, number: service.entries.length }));
};

beforeEach(async () => {
  service = await TestService.make();
  store = new TestStore();
  progress = [];
  pauses = 0;
  fill(3);
  put(unlisted(await accessEntry(mine)), true);
  put(unlisted(await accessEntry(another)), false);
  put(unlisted(await accessEntry(mine, { kind: 'refusal', reason: 'no second signature' })), true);
  put(await batchClaim([mine], { purpose: 'self' }), true);
  put(await batchClaim([another]), false);
  put(await batchClaim([another, mine, third]), true);
  put(await batchClaim([another, third]), false);
});

describe('an honest service', () => {
  it('is found to be one, with all that is ours', async () => {
    const verdict = await check();
    expect(alarmsOf(verdict)).toEqual([]);
    expect(verdict.warnings).toEqual([]);
    expect(verdict.finished).toEqual(['keys', 'checkpoint', 'witnesses', 'entries', 'memory', 'receipts']);
    expect(verdict).toMatchObject({
      size: 10,
      fetched: 10,
      witnesses: { cosigned: 3, needed: 2, all: 3 },
      cosigned_s: hour_s,
      remembered_since_ms: null,
    });
    expect(verdict.mine.map(({ kind }) => kind)).toEqual(['access', 'refusal', 'batch', 'batch']);
    expect(progress.at(-1)).toEqual({ step: 'receipts', done: 2, of: 2 });
    expect(pauses).toBe(0);
  });

  it('is read on from where it was left, over the edges of files', async () => {
    fill(500);
    expect(await check()).toMatchObject({ size: 510, fetched: 510 });
    put(unlisted(await accessEntry(mine)), true);
    fill(300);
    service.asked.length = 0;
    const verdict = await check({ at_s: hour_s + 3600 });
    expect(alarmsOf(verdict)).toEqual([]);
    expect(verdict).toMatchObject({ size: 811, fetched: 301, remembered_since_ms: (hour_s + 60) * 1000 });
    expect(verdict.mine).toHaveLength(5);
    expect(service.asked.sort()).toEqual(['tile/entries/001', 'tile/entries/002', 'tile/entries/003.p/43']);
  });

  it('may grow and sweep up partial files while it is read', async () => {
    service.frozen = await service.checkpoint();
    const serve = service.file.bind(service);
    fill(300);
    service.file = async (path) => (path.includes('.p/') ? null : serve(path));
    expect(alarmsOf(await check())).toEqual([]);
  });

  it('may list a receipt a moment after the log has it', async () => {
    const late = unlisted(await accessEntry(mine));
    put(late, false);
    const verdict = await check({ onPause: () => service.list.push(late) });
    expect(alarmsOf(verdict)).toEqual([]);
    expect(verdict.mine).toHaveLength(5);
    expect(pauses).toBe(1);
  });

  it('serves several people at one browser', async () => {
    await check();
    fill(5);
    const list = service.list;
    service.list = [];
    expect(
      alarmsOf(await check({ account: 'bob', receiptKey: bytesOf('a key about which nothing is there') })),
    ).toEqual([]);
    service.list = list;
    expect(alarmsOf(await check())).toEqual([]);
  });

  it('can be a new one', async () => {
    service.entries = [];
    service.list = [];
    expect(await check()).toMatchObject({ alarms: [], size: 0, mine: [] });
  });
});

describe('a hidden entry', () => {
  it('that the list leaves out is found in the log', async () => {
    const hidden = service.list.shift();
    const verdict = await check();
    expect(alarmsOf(verdict)).toEqual(['omitted']);
    expect(verdict.omitted).toEqual([hidden?.entry]);
    expect(pauses).toBe(1);
    expect(alarmsOf(await check({ at_s: hour_s + 120 }))).toEqual(['omitted']);
  });

  it('is found in a batch about several that the list leaves out', async () => {
    service.list.splice(3, 1);
    expect(alarmsOf(await check())).toEqual(['omitted']);
  });

  it('cannot hide behind a batch whose tags are kept back, now or later', async () => {
    service.list.splice(3, 1);
    service.batches = service.batches.filter((tags) => tags.length !== 3);
    expect(alarmsOf(await check())).toEqual(['batch_missing']);
    expect(alarmsOf(await check())).toEqual(['batch_missing']);
  });

  it('cannot hide behind other tags', async () => {
    service.list.splice(3, 1);
    service.batch = async () => [bytesOf('sixteen bytes...'), bytesOf('sixteen bytes,,,'), bytesOf('sixteen bytes;;;')];
    expect(alarmsOf(await check())).toEqual(['batch_broken', 'batch_broken']);
  });

  it('cannot be taken out of a file', async () => {
    service.frozen = await service.checkpoint();
    const signed = service.bytes;
    service.entries.splice(3, 1);
    expect(alarmsOf(await check())).toEqual(['bundle_missing']);
    service.entries.splice(3, 0, JSON.stringify({ kind: 'build', v: 1 }));
    const verdict = await check();
    expect(alarmsOf(verdict)).toEqual(['wrong_root']);
    expect(verdict.finished).toEqual(['keys', 'checkpoint', 'witnesses']);
    expect(factOf(verdict, 'expected')).not.toBe(factOf(verdict, 'computed'));
    expect(factOf(verdict, 'position'), 'hashes of what is handed out tell nothing').toBeUndefined();
    service.hashed = signed;
    const pointed = await check();
    expect([factOf(pointed, 'position'), factOf(pointed, 'entry')]).toEqual([3, service.entries[3]]);
  });

  it('cannot be kept back with its file', async () => {
    service.file = async () => null;
    expect(await check()).toMatchObject({
      alarms: [{ kind: 'bundle_missing', facts: [{ name: 'file', value: 'tile/entries/000.p/10' }] }],
    });
    service.file = async () => bytesOf('\u0000');
    expect(alarmsOf(await check())).toEqual(['bundle_broken']);
  });
});

describe('a list of receipts', () => {
  it('with one that is not in the log', async () => {
    service.list.push(unlisted(await accessEntry(mine)));
    expect(alarmsOf(await check())).toEqual(['not_in_log']);
  });

  it('with what is no receipt', async () => {
    service.list.push(unlisted('null'), unlisted('{'), unlisted('{"kind":"access"}'));
    expect(alarmsOf(await check())).toEqual(['not_mine', 'not_mine', 'not_mine']);
  });

  it('with somebody else’s', async () => {
    service.list.push(unlisted(service.entries[4] ?? ''));
    expect(alarmsOf(await check())).toEqual(['not_mine']);
  });

  it('with a batch that does not hold us', async () => {
    const claim = await batchClaim([another, third]);
    put(claim, true);
    expect(alarmsOf(await check())).toEqual(['not_mine']);
  });

  it('with a batch of another size than it says', async () => {
    put(await batchClaim([another, mine], { count: 3 }), true);
    expect(alarmsOf(await check())).toEqual(['batch_broken']);
  });

  it('with tags that do not give the batch’s root', async () => {
    service.list = service.list.map((claim) => ({ ...claim, tags: [...claim.tags].reverse() }));
    expect(alarmsOf(await check())).toEqual(['batch_broken']);
  });
});

describe('a false receipt key', () => {
  it('is known by what is missing under it: our own readings', async () => {
    new Memory(store, 'ada').countOwnReading();
    expect(alarmsOf(await check())).toEqual([]);
    store = new TestStore();
    new Memory(store, 'ada').countOwnReading();
    service.list = [];
    expect(alarmsOf(await check({ receiptKey: third })).filter((kind) => kind !== 'omitted')).toEqual([
      'own_reading_missing',
    ]);
  });

  it('is known by the one of the first visit, at every visit from then on', async () => {
    await check();
    service.list = [];
    for (let visit = 0; visit < 2; ++visit) {
      expect(alarmsOf(await check({ receiptKey: third }))).toContain('receipt_key_changed');
    }
  });
});

describe('witnesses', () => {
  it('must be enough', async () => {
    service.absent = ['w1.example'];
    expect(await check()).toMatchObject({ alarms: [], witnesses: { cosigned: 2, needed: 2, all: 3 } });
    service.absent = ['w1.example', 'w3.example'];
    const verdict = await check();
    expect(alarmsOf(verdict)).toEqual(['too_few_witnesses']);
    expect(verdict.cosigned_s).toBeNull();
    expect(verdict.finished).toContain('receipts');
  });

  it('must have vouched within a day', async () => {
    expect((await check({ at_s: hour_s + 24 * 3600 })).warnings).toEqual([]);
    expect((await check({ at_s: hour_s + 24 * 3600 + 1 })).warnings).toEqual(['stale']);
  });

  it('may be nobody, and it is said', async () => {
    const policy = `log ${service.log.vkey}\nquorum none\n`;
    expect(await check({ keys: { vkey: service.log.vkey, policy } })).toMatchObject({
      alarms: [],
      warnings: ['nobody_asked'],
    });
  });
});

describe('another story than before', () => {
  it('with a shorter log', async () => {
    await check();
    service.entries.pop();
    const verdict = await check();
    expect(alarmsOf(verdict)).toEqual(['rollback']);
    expect([factOf(verdict, 'size_before'), factOf(verdict, 'size_now')]).toEqual([10, 9]);
    expect(alarmsOf(await check()), 'and it stays one').toEqual(['rollback']);
  });

  it('with other entries at the same size', async () => {
    await check();
    service.entries[0] = JSON.stringify({ kind: 'build', v: 1, number: 'another' });
    const verdict = await check();
    expect(alarmsOf(verdict)).toEqual(['split_view']);
    expect(factOf(verdict, 'size_before')).toBe(10);
    expect(verdict.signed.before).toContain('log.example\n10\n');
    expect(verdict.signed.now).toBe(await service.checkpoint());
    expect(factOf(verdict, 'remembered')).not.toBe(factOf(verdict, 'served'));
  });

  it('with other entries under a longer log', async () => {
    await check();
    service.entries[0] = JSON.stringify({ kind: 'build', v: 1, number: 'another' });
    fill(20);
    expect(alarmsOf(await check())).toEqual(['split_view']);
  });

  it('even where nothing is new', async () => {
    await check();
    const seen = JSON.parse(store.read('vitrine.log.seen') ?? '') as { root: string };
    store.write('vitrine.log.seen', JSON.stringify({ ...seen, root: base64Of(new Uint8Array(32)) }));
    expect(alarmsOf(await check())).toEqual(['split_view']);
  });

  it('told to one person at this browser and not to the other', async () => {
    await check();
    service.entries[0] = JSON.stringify({ kind: 'build', v: 1, number: 'another' });
    service.list = [];
    expect(
      alarmsOf(await check({ account: 'bob', receiptKey: bytesOf('a key about which nothing is there') })),
    ).toEqual(['split_view']);
  });

  it('with other keys, which are not taken', async () => {
    await check();
    const { vkey, policy } = service.keys;
    expect(alarmsOf(await check({ keys: { vkey, policy: policy.replace('two 2', 'two 1') } }))).toEqual([
      'policy_changed',
    ]);
    const forged = await TestService.make();
    Object.assign(forged, { entries: service.entries, list: service.list, batches: service.batches });
    service = forged;
    expect(alarmsOf(await check())).toEqual(['log_key_changed', 'policy_changed', 'checkpoint_forged']);
    new Memory(store, 'ada').forget();
    expect(alarmsOf(await check()), 'until the reader starts afresh').toEqual([]);
  });
});

describe('a checkpoint', () => {
  it('must be the log’s', async () => {
    const text = `log.example\n0\n${base64Of(new Uint8Array(32))}\n`;
    service.frozen = `${text}\n${await (await newSigner('log.example', 1)).line(text, 0)}`;
    expect(alarmsOf(await check())).toEqual(['checkpoint_forged']);
    const elsewhere = text.replace('log.example', 'another.example');
    service.frozen = `${elsewhere}\n${await service.log.line(elsewhere, 0)}`;
    expect(alarmsOf(await check()), 'under its own name').toEqual(['checkpoint_forged']);
    service.frozen = 'an error page';
    expect(alarmsOf(await check())).toEqual(['checkpoint_forged']);
    service.checkpoint = async () => null;
    expect(alarmsOf(await check())).toEqual(['checkpoint_missing']);
  });

  it('cannot be checked under keys that are none', async () => {
    expect(alarmsOf(await check({ keys: { vkey: 'x', policy: 'quorum none' } }))).toEqual(['keys_unreadable']);
    const other = await newSigner('log.example', 1);
    expect(alarmsOf(await check({ keys: { ...service.keys, vkey: other.vkey } }))).toEqual(['keys_unreadable']);
    expect(store.kept.size).toBe(0);
  });
});

describe('a browser that keeps nothing', () => {
  it('checks all the same, and it is said', async () => {
    store.write = () => undefined;
    expect(await check()).toMatchObject({ alarms: [], warnings: ['not_remembered'] });
  });
});
