// A second implementation of the log's formats, by Node's own cryptography: what our tests hold the first against.
import assert from 'node:assert/strict';
import { createHash, createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';

const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();
export const leafHash = (entry) => sha256(Buffer.of(0), entry);
export const nodeHash = (left, right) => sha256(Buffer.of(1), left, right);
export const emptyRoot = sha256();

/** MTH of RFC 6962 §2.1, by its definition. */
export function rootOf(leaves) {
  if (leaves.length === 0) return emptyRoot;
  if (leaves.length === 1) return leaves[0];
  const split = 2 ** Math.ceil(Math.log2(leaves.length) - 1);
  return nodeHash(rootOf(leaves.slice(0, split)), rootOf(leaves.slice(split)));
}

/** PROOF of RFC 6962 §2.1.2, by its definition. */
export function consistencyProof(oldSize, leaves, whole = true) {
  if (oldSize === 0) return [];
  if (oldSize === leaves.length) return whole ? [] : [rootOf(leaves)];
  const split = 2 ** Math.ceil(Math.log2(leaves.length) - 1);
  return oldSize <= split
    ? [...consistencyProof(oldSize, leaves.slice(0, split), whole), rootOf(leaves.slice(split))]
    : [...consistencyProof(oldSize - split, leaves.slice(split), false), rootOf(leaves.slice(0, split))];
}

/** The root that an inclusion proof leads to, by recursion from the top. */
export function rootFromInclusion(index, size, leaf, proof) {
  if (size === 1) {
    assert.equal(proof.length, 0, 'the proof is too long');
    return leaf;
  }
  const split = 2 ** Math.ceil(Math.log2(size) - 1);
  const beside = proof.at(-1);
  assert.ok(beside, 'the proof is too short');
  return index < split
    ? nodeHash(rootFromInclusion(index, split, leaf, proof.slice(0, -1)), beside)
    : nodeHash(beside, rootFromInclusion(index - split, size - split, leaf, proof.slice(0, -1)));
}

const spkiPrefix = Buffer.from('302a300506032b6570032100', 'hex');
const pkcs8Prefix = Buffer.from('302e020100300506032b657004220420', 'hex');

const keyId = (name, algorithmAndKey) => sha256(`${name}\n`, algorithmAndKey).subarray(0, 4);

/** "name+hash+base64" → what verifies. */
export function verifierKey(text) {
  const [name, id, ...rest] = text.trim().split('+');
  const bytes = Buffer.from(rest.join('+'), 'base64');
  assert.equal(keyId(name, bytes).toString('hex'), id);
  return { name, id, algorithm: bytes[0], key: createPublicKey({ key: Buffer.concat([spkiPrefix, bytes.subarray(1)]), format: 'der', type: 'spki' }), text: text.trim() };
}

/** A key of our own that signs notes: algorithm 1, or 4 for cosignatures. */
export function signerKey(name, algorithm, seed) {
  const key = createPrivateKey({ key: Buffer.concat([pkcs8Prefix, seed]), format: 'der', type: 'pkcs8' });
  const raw = createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-32);
  const algorithmAndKey = Buffer.concat([Buffer.of(algorithm), raw]);
  const id = keyId(name, algorithmAndKey);
  return {
    vkey: `${name}+${id.toString('hex')}+${algorithmAndKey.toString('base64')}`,
    line(text, seconds = Math.floor(Date.now() / 1000)) {
      const time = Buffer.alloc(8);
      time.writeBigUInt64BE(BigInt(seconds));
      const message = algorithm === 1 ? text : `cosignature/v1\ntime ${seconds}\n${text}`;
      const signature = sign(null, Buffer.from(message), key);
      return `— ${name} ${Buffer.concat([id, algorithm === 1 ? Buffer.alloc(0) : time, signature]).toString('base64')}\n`;
    },
  };
}

/** The keys of `keys` whose signatures under a note hold; a bad one of them throws. */
export function signersOf(note, keys) {
  const split = note.lastIndexOf('\n\n');
  assert.ok(split >= 0, 'not a note');
  const text = note.slice(0, split + 1);
  const found = [];
  for (const line of note.slice(split + 2).split('\n').filter(Boolean)) {
    const [, name, base64] = /^— (\S+) (\S+)$/.exec(line);
    const bytes = Buffer.from(base64, 'base64');
    const key = keys.find((one) => one.name === name && one.id === bytes.subarray(0, 4).toString('hex'));
    if (!key) continue;
    const time = key.algorithm === 4 ? bytes.readBigUInt64BE(4) : undefined;
    const message = key.algorithm === 4 ? `cosignature/v1\ntime ${time}\n${text}` : text;
    const signature = bytes.subarray(key.algorithm === 4 ? 12 : 4);
    assert.ok(verify(null, Buffer.from(message), key.key, signature), `the signature of ${name} does not hold`);
    found.push({ name, time: time && Number(time) });
  }
  return found;
}

export function parseCheckpoint(note) {
  const [origin, size, root] = note.split('\n');
  return { origin, size: Number(size), root: Buffer.from(root, 'base64'), text: note.slice(0, note.lastIndexOf('\n\n') + 1) };
}

/** Verifies a tlog-proof of `entry`; gives the checkpoint and who signed it. */
export function verifyProof(proof, entry, keys) {
  const split = proof.indexOf('\n\n');
  const [first, ...lines] = proof.slice(0, split).split('\n');
  assert.equal(first, 'c2sp.org/tlog-proof@v1');
  if (lines[0].startsWith('extra ')) lines.shift();
  const index = Number(/^index (\d+)$/.exec(lines.shift())[1]);
  const checkpoint = parseCheckpoint(proof.slice(split + 2));
  const root = rootFromInclusion(index, checkpoint.size, leafHash(Buffer.from(entry)), lines.map((line) => Buffer.from(line, 'base64')));
  assert.deepEqual(root, checkpoint.root, 'the proof leads to another root');
  return { index, checkpoint, signers: signersOf(proof.slice(split + 2), keys) };
}

export function tilePath(level, index, width = 256) {
  const groups = String(index).padStart(Math.ceil(String(index).length / 3) * 3, '0').match(/.{3}/g);
  const path = groups.map((group, at) => (at < groups.length - 1 ? `x${group}` : group)).join('/');
  return `tile/${level}/${path}${width < 256 ? `.p/${width}` : ''}`;
}

/** Every entry of a log, each bundle fetched by `read(path)`; the root over them must be the checkpoint's. */
export async function readLog(read, keys) {
  const note = (await read('checkpoint')).toString();
  const checkpoint = parseCheckpoint(note);
  const entries = [];
  for (let index = 0; entries.length < checkpoint.size; ++index) {
    let left = Math.min(256, checkpoint.size - entries.length);
    let bytes = await read(tilePath('entries', index, left));
    for (; left > 0; --left) {
      const length = bytes.readUInt16BE(0);
      entries.push(bytes.subarray(2, 2 + length));
      bytes = bytes.subarray(2 + length);
    }
    assert.equal(bytes.length, 0, 'a bundle is longer than its entries');
  }
  // Level by level, as tiles are: the recursive definition would copy too much here.
  let level = entries.map(leafHash);
  const complete = [];
  while (level.length > 1 || complete.length === 0) {
    if (level.length % 2 === 1) complete.push(level.pop());
    else complete.push(undefined);
    level = Array.from({ length: level.length / 2 }, (_, i) => nodeHash(level[2 * i], level[2 * i + 1]));
    if (level.length === 0) break;
  }
  if (level.length === 1) complete.push(level[0]);
  const root = complete.filter(Boolean).reduce((right, left) => nodeHash(left, right));
  assert.deepEqual(root, checkpoint.root, 'the entries do not give the root of the checkpoint');
  return { entries, checkpoint, signers: signersOf(note, keys) };
}
