// The log's entries about somebody's data, and whose data that was. Source: docs/formats/custody.md.
import { hmac } from '@noble/hashes/hmac';
import { sha256 } from '@noble/hashes/sha2';
import { equal, fromBase64 } from './bytes';
import { leafHash, rootOf } from './merkle';

export const tag_bytes = 16;

export type OpeningKind = 'access' | 'refusal' | 'batch';

/** One opening of sealed data, or a refusal, as the log says it. */
export interface Opening {
  /** The entry itself, byte for byte. */
  text: string;
  kind: OpeningKind;
  /** The hour in which it happened, in seconds since 1970. */
  bucket_s: number;
  data_class: string;
  purpose: string;
  reader: string;
  role: string;
  /** Why it was refused; empty otherwise. */
  reason: string;
  nonce: Uint8Array;
  /** Of an access or refusal: whom it is about, recognisable with their receipt key only. */
  tag: Uint8Array | null;
  /** Of a batch: how many it is about, and the root over their tags. */
  batch: { count: number; root: Uint8Array } | null;
}

const kinds: readonly string[] = ['access', 'refusal', 'batch'] satisfies OpeningKind[];

/** Null for an entry that opens nothing. Custodians release shares for entries of exactly this shape only. */
export function parseOpening(text: string): Opening | null {
  const entry = objectOf(text);
  if (!entry) return null;
  const words = (key: string): string => (typeof entry[key] === 'string' ? entry[key] : '');
  const kind = words('kind');
  const nonce = fromBase64(words('nonce'));
  const bucket_s = Number(entry['bucket_s']);
  if (!kinds.includes(kind) || !nonce || !Number.isSafeInteger(bucket_s)) return null;
  const tag = fromBase64(words('tag'));
  const root = fromBase64(words('tags_root'));
  const batch = kind === 'batch';
  if (batch ? !root : tag?.length !== tag_bytes) return null;
  return {
    text,
    kind: kind as OpeningKind,
    bucket_s,
    data_class: words('class'),
    purpose: words('purpose'),
    reader: words('reader'),
    role: words('role'),
    reason: words('reason'),
    nonce,
    tag: batch ? null : tag,
    batch: batch && root ? { count: Number(entry['count']), root } : null,
  };
}

function objectOf(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

/** What marks an entry as being about the person who has the receipt key. */
export const subjectTag = (receiptKey: Uint8Array, nonce: Uint8Array): Uint8Array =>
  hmac(sha256, receiptKey, nonce).subarray(0, tag_bytes);

export type Belonging = 'mine' | 'another' | 'unknown';

/** Whose an opening is, as far as the entry alone tells: a batch of several keeps its tags elsewhere. */
export function belonging(opening: Opening, receiptKey: Uint8Array): Belonging {
  const tag = subjectTag(receiptKey, opening.nonce);
  if (opening.tag) return equal(opening.tag, tag) ? 'mine' : 'another';
  if (opening.batch?.count === 1) return equal(opening.batch.root, leafHash(tag)) ? 'mine' : 'another';
  return 'unknown';
}

/** Whether these are the tags that a batch committed itself to. */
export function areTagsOf(opening: Opening, tags: readonly Uint8Array[]): boolean {
  return (
    opening.batch !== null &&
    tags.length === opening.batch.count &&
    equal(rootOf(tags.map(leafHash)), opening.batch.root)
  );
}

export function holdsTag(opening: Opening, tags: readonly Uint8Array[], receiptKey: Uint8Array): boolean {
  const mine = subjectTag(receiptKey, opening.nonce);
  return tags.some((tag) => equal(tag, mine));
}
