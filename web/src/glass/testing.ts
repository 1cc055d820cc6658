// A log, its witnesses and a service to hold the verifier against. Hashes and signatures are the platform's own, trees
// are built by their definition: nothing here uses what it is there to check.
import type { Claim, Server } from './server';
import type { Store } from './memory';

export const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
export const base64Of = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes));

const join = (...parts: Uint8Array[]): Uint8Array<ArrayBuffer> => new Uint8Array(parts.flatMap((part) => [...part]));
const sha256 = async (...parts: Uint8Array[]): Promise<Uint8Array> =>
  new Uint8Array(await crypto.subtle.digest('SHA-256', join(...parts)));

/** MTH of RFC 6962 §2.1. */
export async function treeHead(entries: Uint8Array[]): Promise<Uint8Array> {
  const [first] = entries;
  if (!first) return sha256();
  if (entries.length === 1) return sha256(Uint8Array.of(0), first);
  let half = 1;
  while (half * 2 < entries.length) half *= 2;
  return sha256(Uint8Array.of(1), await treeHead(entries.slice(0, half)), await treeHead(entries.slice(half)));
}

export interface TestSigner {
  name: string;
  vkey: string;
  /** A note's line; for a witness with its time. */
  line(text: string, time_s: number): Promise<string>;
}

export async function newSigner(name: string, algorithm: 1 | 4): Promise<TestSigner> {
  const pair = (await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify'])) as CryptoKeyPair;
  const raw = new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey));
  const key = join(Uint8Array.of(algorithm), raw);
  const id = (await sha256(bytesOf(`${name}\n`), key)).subarray(0, 4);
  const idText = [...id].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return {
    name,
    vkey: `${name}+${idText}+${base64Of(key)}`,
    async line(text, time_s) {
      const time = new Uint8Array(8);
      new DataView(time.buffer).setBigUint64(0, BigInt(time_s));
      const message = algorithm === 1 ? text : `cosignature/v1\ntime ${time_s}\n${text}`;
      const signature = new Uint8Array(await crypto.subtle.sign('Ed25519', pair.privateKey, join(bytesOf(message))));
      return `— ${name} ${base64Of(join(id, algorithm === 1 ? new Uint8Array() : time, signature))}\n`;
    },
  };
}

export async function hmacTag(receiptKey: Uint8Array, nonce: Uint8Array): Promise<Uint8Array> {
  const key = await crypto.subtle.importKey('raw', join(receiptKey), { name: 'HMAC', hash: 'SHA-256' }, false, [
    'sign',
  ]);
  return new Uint8Array(await crypto.subtle.sign('HMAC', key, join(nonce))).subarray(0, 16);
}

export const hour_s = Date.UTC(2026, 10, 25, 14) / 1000;

let nonces = 0;
const nextNonce = (): Uint8Array => bytesOf(`nonce of entry ${String((nonces += 1)).padStart(6, '0')}`);

const shared = { bucket_s: hour_s, class: 'contact', commitment: 'AAAA', data_zone: 'home', v: 1, zone: 'home' };

export async function accessEntry(receiptKey: Uint8Array, more: object = {}): Promise<string> {
  const nonce = nextNonce();
  const tag = base64Of(await hmacTag(receiptKey, nonce));
  return JSON.stringify({
    ...shared,
    kind: 'access',
    nonce: base64Of(nonce),
    purpose: 'abuse-case',
    reader: 's-ab12cd34',
    role: 'staff',
    tag,
    ...more,
  });
}

/** A batch about the owners of these keys, as the service lists it. */
export async function batchClaim(receiptKeys: Uint8Array[], more: object = {}): Promise<Claim> {
  const nonce = nextNonce();
  const tags = await Promise.all(receiptKeys.map((key) => hmacTag(key, nonce)));
  const tags_root = base64Of(await treeHead(tags));
  const batch = {
    kind: 'batch',
    nonce: base64Of(nonce),
    purpose: 'deliver-message',
    reader: 'm-mail',
    role: 'service',
    count: tags.length,
    tags_root,
  };
  return { entry: JSON.stringify({ ...shared, ...batch, ...more }), tags };
}

/** An honest service; what a test changes makes it another. */
export class TestService implements Server {
  entries: string[] = [];
  list: Claim[] = [];
  batches: Uint8Array[][] = [];
  /** When the witnesses cosign; those not named do not. */
  time_s = hour_s;
  absent: string[] = [];
  /** A stored checkpoint to answer with instead of a new one. */
  frozen: string | null = null;
  /** The entries of which the hashes are published, where they are others than those handed out. */
  hashed: Uint8Array[] | null = null;
  readonly asked: string[] = [];

  private constructor(
    readonly log: TestSigner,
    readonly witnesses: TestSigner[],
  ) {}

  static async make(): Promise<TestService> {
    const names = ['w1.example', 'w2.example', 'w3.example'];
    return new TestService(
      await newSigner('log.example', 1),
      await Promise.all(names.map((name) => newSigner(name, 4))),
    );
  }

  get keys() {
    const witnesses = this.witnesses.map(({ name, vkey }) => `witness ${name} ${vkey}`);
    const group = `group two 2 ${this.witnesses.map(({ name }) => name).join(' ')}`;
    return { vkey: this.log.vkey, policy: [`log ${this.log.vkey}`, ...witnesses, group, 'quorum two', ''].join('\n') };
  }

  get bytes(): Uint8Array[] {
    return this.entries.map(bytesOf);
  }

  async checkpoint(): Promise<string | null> {
    if (this.frozen !== null) return this.frozen;
    const text = `log.example\n${this.entries.length}\n${base64Of(await treeHead(this.bytes))}\n`;
    const signers = [this.log, ...this.witnesses.filter(({ name }) => !this.absent.includes(name))];
    return `${text}\n${(await Promise.all(signers.map((one) => one.line(text, this.time_s)))).join('')}`;
  }

  async file(path: string): Promise<Uint8Array | null> {
    this.asked.push(path);
    const [, level, group, width] = /^tile\/(entries|0)\/(\d{3})(?:\.p\/(\d+))?$/.exec(path) ?? [];
    const from = Number(group) * 256;
    const until = from + Number(width ?? 256);
    if (group === undefined || until > this.entries.length) return null;
    if (level === '0')
      return join(
        ...(await Promise.all(
          (this.hashed ?? this.bytes).slice(from, until).map((entry) => sha256(Uint8Array.of(0), entry)),
        )),
      );
    return join(
      ...this.bytes
        .slice(from, until)
        .flatMap((entry) => [Uint8Array.of(entry.length >> 8, entry.length & 255), entry]),
    );
  }

  async batch(root: Uint8Array): Promise<Uint8Array[] | null> {
    for (const tags of this.batches) if (base64Of(await treeHead(tags)) === base64Of(root)) return tags;
    return null;
  }

  claims(): Promise<Claim[]> {
    return Promise.resolve(this.list);
  }
}

export class TestStore implements Store {
  readonly kept = new Map<string, string>();
  read(key: string): string | null {
    return this.kept.get(key) ?? null;
  }
  write(key: string, value: string | null): void {
    if (value === null) this.kept.delete(key);
    else this.kept.set(key, value);
  }
}
