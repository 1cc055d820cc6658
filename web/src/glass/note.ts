// Signed notes and the keys that verify them. Source: c2sp.org/signed-note, c2sp.org/tlog-cosignature.
import { sha256 } from '@noble/hashes/sha2';
import { concat, fromBase64, hex, utf8 } from './bytes';
import { verifyEd25519 } from './ed25519';

export const note_bytes_max = 1_000_000;
const signatures_max = 64;
const key_id_bytes = 4;
const time_bytes = 8;

/** The algorithms that this browser verifies, by the byte that stands before the key. */
export const algorithm = { ed25519: 1, cosignature: 4 } as const;

export interface VerifierKey {
  name: string;
  /** The key's id in a note: eight hex digits. */
  id: string;
  algorithm: number;
  key: Uint8Array;
}

export interface Note {
  /** What was signed: ends with a newline. */
  text: string;
  signatures: { name: string; id: string; signature: Uint8Array }[];
}

export interface Signer {
  key: VerifierKey;
  /** When a witness says it signed; null for a plain signature. */
  time_s: number | null;
}

/** A key's name has no space and no plus, so that it can stand in a line and before a plus. */
const isName = (name: string): boolean => name !== '' && !/[\s\u0085+]/u.test(name);

/** NAME+ID+BASE64; null when the text is no key, or its id is not the key's. */
export function parseVerifierKey(text: string): VerifierKey | null {
  const [, name, id, encoded] = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/.exec(text) ?? [];
  const bytes = fromBase64(encoded ?? '');
  if (!name || !isName(name) || !bytes || bytes.length < 2) return null;
  const computed = hex(sha256(concat(utf8(`${name}\n`), bytes)).subarray(0, key_id_bytes));
  return computed === id ? { name, id, algorithm: bytes[0] ?? 0, key: bytes.subarray(1) } : null;
}

/** Null when the text is not a signed note. */
export function parseNote(whole: string): Note | null {
  const split = whole.lastIndexOf('\n\n');
  if (split < 0 || whole.length > note_bytes_max || !whole.endsWith('\n') || /[\u0000-\u0009\u000b-\u001f]/.test(whole))
    return null;
  const lines = whole.slice(split + 2, -1).split('\n');
  if (lines.length > signatures_max) return null;
  const signatures = lines.map(parseSignature);
  return signatures.every((one) => one !== null) ? { text: whole.slice(0, split + 1), signatures } : null;
}

function parseSignature(line: string): Note['signatures'][number] | null {
  const [, name, encoded] = /^— (\S+) (\S+)$/u.exec(line) ?? [];
  const bytes = fromBase64(encoded ?? '');
  if (!name || !isName(name) || !bytes || bytes.length <= key_id_bytes) return null;
  return { name, id: hex(bytes.subarray(0, key_id_bytes)), signature: bytes.subarray(key_id_bytes) };
}

/** Who of `keys` signed, each once; a signature that pretends to be of one of them and is not spoils the note: null. */
export async function signersOf(note: Note, keys: readonly VerifierKey[]): Promise<Signer[] | null> {
  const signers = new Map<VerifierKey, Signer>();
  for (const { name, id, signature } of note.signatures) {
    const key = keys.find((one) => one.name === name && one.id === id);
    if (!key) continue;
    const signer = await verify(note.text, key, signature);
    if (!signer) return null;
    signers.set(key, signer);
  }
  return [...signers.values()];
}

async function verify(text: string, key: VerifierKey, signature: Uint8Array): Promise<Signer | null> {
  if (key.algorithm === algorithm.ed25519) {
    return (await verifyEd25519(key.key, utf8(text), signature)) ? { key, time_s: null } : null;
  }
  if (key.algorithm !== algorithm.cosignature || signature.length < time_bytes) return null;
  const time_s = Number(new DataView(signature.buffer, signature.byteOffset, time_bytes).getBigUint64(0));
  const message = utf8(`cosignature/v1\ntime ${time_s}\n${text}`);
  return (await verifyEd25519(key.key, message, signature.subarray(time_bytes))) ? { key, time_s } : null;
}
