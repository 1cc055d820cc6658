// Checks the service's account of who opened one person's data against the public log, trusting nothing that the
// service says but the keys it gave at this browser's first visit. The order of things:
//
//   keys        are they those of the first visit
//   checkpoint  is it signed by the log
//   witnesses   have enough of them cosigned it, and lately
//   entries     does every entry, hashed anew, lead to the checkpoint's root
//   memory      does this log go on from the one seen before
//   receipts    does the service's list hold what the log holds about this person, no more and no less
//
// An alarm that leaves nothing to rely on ends the check; the others are collected. Rejects with Unreachable when the
// service does not answer: that is neither good nor bad.
import { base64, equal, textOf } from './bytes';
import { parseCheckpoint, type Checkpoint } from './checkpoint';
import { BundleFault, firstStray } from './entries';
import { fingerprint, Memory, type Keys, type Seen, type Store } from './memory';
import { parseNote, parseVerifierKey, signersOf, type Note, type VerifierKey } from './note';
import { parsePolicy, quorumSize, quorumTime, type Policy } from './policy';
import { fromTheBeginning, readOn, type ReadOn, type Reading } from './reading';
import { areTheirs, compare, mayPass, missingReadings, type Comparison } from './receipts';
import type { Server } from './server';
import type { Alarm, AlarmKind, Progress, Step, Verdict } from './verdict';

const stale_after_s = 24 * 3600;
/** A receipt may reach the list a moment after the log, or the other way round: differences are looked at twice. */
const second_look_after_ms = 3000;

export interface Person {
  account: string;
  receiptKey: Uint8Array;
}

export interface Surroundings {
  server: Server;
  store: Store;
  now_ms: () => number;
  pause: (ms: number) => Promise<void>;
  onProgress: (progress: Progress) => void;
}

/** Ends a check early: what was found makes the rest worthless. */
class Hopeless extends Error {}

class Verification {
  readonly #memory: Memory;
  readonly #verdict: Verdict;

  constructor(
    private readonly person: Person,
    private readonly announced: Keys,
    private readonly around: Surroundings,
  ) {
    this.#memory = new Memory(around.store, person.account);
    this.#verdict = {
      at_ms: around.now_ms(),
      alarms: [],
      warnings: [],
      finished: [],
      size: 0,
      fetched: 0,
      witnesses: { cosigned: 0, needed: 0, all: 0 },
      cosigned_s: null,
      remembered_since_ms: null,
      signed: { before: this.#memory.seen()?.signed ?? null, now: null },
      mine: [],
      omitted: [],
    };
  }

  async run(): Promise<Verdict> {
    try {
      const { log, policy } = this.#keys();
      const { alarms, mine, omitted } = await this.#look(log, policy, this.#memory.reading());
      this.#verdict.alarms.push(...alarms);
      Object.assign(this.#verdict, { mine, omitted });
      this.#finish('receipts');
      if (!this.#memory.works()) this.#verdict.warnings.push('not_remembered');
    } catch (error) {
      if (!(error instanceof Hopeless)) throw error;
    }
    return this.#verdict;
  }

  /** Log against list; once more after a while if they differ. */
  async #look(log: VerifierKey, policy: Policy, from: Reading): Promise<Comparison> {
    const first = await this.#lookOnce(log, policy, from);
    if (!mayPass(first.comparison.alarms)) return first.comparison;
    await this.around.pause(second_look_after_ms);
    return (await this.#lookOnce(log, policy, first.reading)).comparison;
  }

  async #lookOnce(
    log: VerifierKey,
    policy: Policy,
    from: Reading,
  ): Promise<{ comparison: Comparison; reading: Reading }> {
    const { note, checkpoint } = await this.#checkpoint(log);
    await this.#witnesses(note, policy);
    const read = await this.#entries(checkpoint, from);
    const onBatch = (done: number) => this.#progress('receipts', done, read.several.length);
    onBatch(0);
    const { server } = this.around;
    const { receiptKey } = this.person;
    const claims = await server.claims();
    const theirs = await areTheirs(read.several, claims, receiptKey, server, onBatch);
    const mine = [...read.mine, ...theirs.mine];
    const comparison = compare(mine, claims, receiptKey);
    const missing = missingReadings(comparison.mine, this.#memory.ownReadings());
    comparison.alarms = distinct([...comparison.alarms, ...theirs.alarms, ...missing]);
    // The reading does not go past a batch that could not be decided, so that it is asked for again.
    const reading = theirs.alarms.length === 0 ? { range: read.range, mine } : from;
    this.#memory.keepReading(reading, fingerprint(receiptKey));
    return { comparison, reading };
  }

  #keys(): { log: VerifierKey; policy: Policy } {
    const kept = this.#memory.keys();
    const { vkey, policy: text } = kept ?? this.announced;
    const log = parseVerifierKey(vkey);
    const policy = parsePolicy(text);
    if (!log || !policy || (policy.logs.length > 0 && !policy.logs.some((one) => equal(one.key, log.key)))) {
      return this.#hopeless('keys_unreadable', 'keys', [{ name: 'served', value: `${vkey}\n${text}` }]);
    }
    if (kept) this.#compareKeys(kept);
    else this.#memory.keepKeys(this.announced, this.#verdict.at_ms);
    this.#verdict.remembered_since_ms = kept?.since_ms ?? null;
    const before = this.#memory.receiptKey();
    const now = fingerprint(this.person.receiptKey);
    if (before !== null && before !== now) this.#alarm('receipt_key_changed', 'keys', differing(before, now));
    this.#finish('keys');
    return { log, policy };
  }

  #compareKeys(kept: Keys): void {
    const { vkey, policy } = this.announced;
    if (kept.vkey !== vkey) this.#alarm('log_key_changed', 'keys', differing(kept.vkey, vkey));
    if (kept.policy !== policy) this.#alarm('policy_changed', 'keys', differing(kept.policy, policy));
  }

  async #checkpoint(log: VerifierKey): Promise<{ note: Note; checkpoint: Checkpoint }> {
    this.#progress('checkpoint', 0, 1);
    const text = await this.around.server.checkpoint();
    if (text === null) return this.#hopeless('checkpoint_missing', 'checkpoint', []);
    const note = parseNote(text);
    const checkpoint = note && parseCheckpoint(note.text);
    const signers = note && (await signersOf(note, [log]));
    if (!note || !checkpoint || checkpoint.origin !== log.name || !signers?.length) {
      return this.#hopeless('checkpoint_forged', 'checkpoint', [{ name: 'served', value: text }]);
    }
    this.#verdict.size = checkpoint.size;
    this.#verdict.signed.now = text;
    this.#finish('checkpoint');
    return { note, checkpoint };
  }

  async #witnesses(note: Note, policy: Policy): Promise<void> {
    this.#progress('witnesses', 0, policy.witnesses.length);
    const signers = await signersOf(
      note,
      policy.witnesses.map(({ key }) => key),
    );
    const times_s = new Map<string, number>();
    for (const { key, time_s } of signers ?? []) {
      const witness = policy.witnesses.find((one) => one.key === key);
      if (witness && time_s !== null) times_s.set(witness.name, time_s);
    }
    const now_s = this.around.now_ms() / 1000;
    const cosigned_s = quorumTime(policy, times_s, now_s);
    const counts = { cosigned: times_s.size, needed: quorumSize(policy), all: policy.witnesses.length };
    Object.assign(this.#verdict, {
      witnesses: counts,
      cosigned_s: policy.quorum === null ? null : cosigned_s,
      warnings: [],
    });
    this.#verdict.alarms = this.#verdict.alarms.filter(({ kind }) => kind !== 'too_few_witnesses');
    if (cosigned_s === null) {
      const facts = [
        { name: 'expected' as const, value: counts.needed },
        { name: 'computed' as const, value: counts.cosigned },
      ];
      this.#alarm('too_few_witnesses', 'witnesses', facts);
    } else if (now_s - cosigned_s > stale_after_s) {
      this.#verdict.warnings.push('stale');
    }
    if (policy.quorum === null) this.#verdict.warnings.push('nobody_asked');
    this.#finish('witnesses');
  }

  /** Every entry, from where this browser left off. */
  async #entries(checkpoint: Checkpoint, from: Reading): Promise<ReadOn> {
    const seen = this.#memory.seen();
    if (seen && checkpoint.size < seen.size) {
      const facts = [
        { name: 'size_before' as const, value: seen.size },
        { name: 'size_now' as const, value: checkpoint.size },
      ];
      return this.#hopeless('rollback', 'memory', facts);
    }
    const start = seen && from.range.size <= seen.size ? from : fromTheBeginning();
    let read = await this.#read(checkpoint, start, seen);
    if (start.range.size > 0 && !equal(read.range.root(), checkpoint.root)) {
      // Either what was fetched now is not what the checkpoint covers, or the tree is another than the one read before.
      read = await this.#read(checkpoint, fromTheBeginning(), seen);
    }
    const root = read.range.root();
    if (!equal(root, checkpoint.root)) {
      const facts: Alarm['facts'] = [
        { name: 'expected', value: base64(checkpoint.root) },
        { name: 'computed', value: base64(root) },
      ];
      return this.#hopeless('wrong_root', 'entries', [...facts, ...(await this.#stray(checkpoint.size))]);
    }
    this.#finish('entries');
    this.#remember(checkpoint, seen, read.rootAtMark);
    return read;
  }

  /** Where a tree goes wrong, as far as the log's own hashes tell. */
  async #stray(size: number): Promise<Alarm['facts']> {
    try {
      const stray = await firstStray(this.around.server, size);
      return stray
        ? [
            { name: 'position', value: stray.index },
            { name: 'entry', value: textOf(stray.entry) },
          ]
        : [];
    } catch {
      return [];
    }
  }

  async #read(checkpoint: Checkpoint, start: Reading, seen: Seen | null): Promise<ReadOn> {
    const range = { size: checkpoint.size, mark: seen?.size ?? null };
    const onEntries = (done: number, of: number) => this.#progress('entries', done, of);
    this.#verdict.fetched = Math.max(this.#verdict.fetched, checkpoint.size - start.range.size);
    try {
      return await readOn(this.around.server, start, range, this.person.receiptKey, onEntries);
    } catch (error) {
      if (error instanceof BundleFault)
        return this.#hopeless(error.kind, 'entries', [{ name: 'file', value: error.file }]);
      throw error;
    }
  }

  /** Goes on only if the tree at the size seen before is the one seen before. */
  #remember(checkpoint: Checkpoint, seen: Seen | null, rootThen: Uint8Array | null): void {
    if (seen && rootThen && !equal(seen.root, rootThen)) {
      const facts = [
        { name: 'size_before' as const, value: seen.size },
        ...differing(base64(seen.root), base64(rootThen)),
      ];
      this.#hopeless('split_view', 'memory', facts);
    }
    this.#memory.keepSeen({ ...checkpoint, signed: this.#verdict.signed.now ?? '' });
    this.#finish('memory');
  }

  #progress(step: Step, done: number, of: number): void {
    this.around.onProgress({ step, done, of });
  }

  #finish(step: Step): void {
    if (!this.#verdict.finished.includes(step)) this.#verdict.finished.push(step);
  }

  #alarm(kind: AlarmKind, step: Step, facts: Alarm['facts']): void {
    this.#verdict.alarms.push({ kind, step, facts });
  }

  #hopeless(kind: AlarmKind, step: Step, facts: Alarm['facts']): never {
    this.#alarm(kind, step, facts);
    throw new Hopeless(kind);
  }
}

const differing = (remembered: string, served: string): Alarm['facts'] => [
  { name: 'remembered', value: remembered },
  { name: 'served', value: served },
];

/** A listed batch may be found wrong in the list and in the log. */
const distinct = (alarms: Alarm[]): Alarm[] => [
  ...new Map(alarms.map((alarm) => [JSON.stringify(alarm), alarm])).values(),
];

/** `announced` is what the service says its keys are; at the first visit they are kept. */
export function verify(person: Person, announced: Keys, around: Surroundings): Promise<Verdict> {
  return new Verification(person, announced, around).run();
}
