// A second implementation of sealing and signing (docs/formats/custody.md), by libsodium: what our tests hold the
// first against.
import { createHash, createHmac, createPrivateKey, createPublicKey, randomBytes, sign } from 'node:crypto';
import { createRequire } from 'node:module';

const require = createRequire(new URL('../browser/package.json', import.meta.url));
const sodium = require('libsodium-wrappers');
await sodium.ready;

const base64 = (bytes) => Buffer.from(bytes).toString('base64');
export const sha256 = (data) => createHash('sha256').update(data).digest();

/** RFC 8785, of what we have: whole numbers, texts, lists, objects with ASCII names. */
export function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  return `{${Object.keys(value).sort().map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join(',')}}`;
}

/** 48 bits of time and 80 random ones, in Crockford's base 32. */
function newId() {
  const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';
  let number = (BigInt(Date.now()) << 80n) | BigInt(`0x${randomBytes(10).toString('hex')}`);
  let out = '';
  for (let i = 0; i < 26; ++i, number >>= 5n) out = alphabet[Number(number & 31n)] + out;
  return out;
}

/** Multiplication in GF(2^8) modulo x^8 + x^4 + x^3 + x^2 + 1. */
function times(a, b) {
  let out = 0;
  for (; b > 0; b >>= 1, a = (a << 1) ^ (a & 0x80 ? 0x11d : 0)) if (b & 1) out ^= a;
  return out;
}

/** Share `number` of what the polynomials' coefficients (the secret first) share. */
const shareOf = (coefficients, number) =>
  coefficients[0].map((_, byte) => coefficients.reduceRight((sum, each) => times(sum, number) ^ each[byte], 0));

/** A field as the service seals it: `{record, receipt_key}` for the vault, and the record's id. */
export function seal(rules, { subject, dataClass = 'contact', zone = 'home', receiptKey, guarded = false }, text) {
  const id = newId();
  const key = randomBytes(32);
  const nonce = randomBytes(24);
  const context = `vitrine field v1\n${id}\n${dataClass}\n${zone}\n`;
  const ciphertext = Buffer.concat([nonce, sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(Buffer.from(text), context, null, nonce, key)]);
  const coefficients = [key, ...Array.from({ length: rules.threshold - 1 }, () => randomBytes(32))];
  const label = {
    v: 1, record: id, ciphertext: base64(sha256(ciphertext)), class: dataClass, zone, guarded, threshold: rules.threshold,
    purposes: Object.keys(rules.purposes).filter((name) => rules.purposes[name].classes.includes(dataClass)),
    receipt_key: base64(receiptKey), mask: base64(randomBytes(32)),
  };
  const boxes = rules.custodians.map((custodian, index) => {
    const share = base64(shareOf(coefficients, index + 1));
    return base64(sodium.crypto_box_seal(canonical({ ...label, number: index + 1, share }), Buffer.from(custodian.key, 'base64')));
  });
  return { id, body: { record: { v: 1, id, subject, class: dataClass, zone, ciphertext: base64(ciphertext), boxes }, receipt_key: base64(receiptKey) } };
}

/** How an entry names the owner of a receipt key. */
export const tagOf = (receiptKey, nonce) => createHmac('sha256', receiptKey).update(nonce).digest().subarray(0, 16);

const pkcs8Prefix = Buffer.from('302e020100300506032b657004220420', 'hex');
function ed25519(seed) {
  const key = createPrivateKey({ key: Buffer.concat([pkcs8Prefix, seed]), format: 'der', type: 'pkcs8' });
  return { key, publicKey: createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-32) };
}
export const machineKey = (seed) => base64(ed25519(seed).publicKey);

/** A person with a passkey in software. */
export class Signer {
  #key;
  constructor(id, role = 'staff', zone = 'home') {
    const { key, publicKey } = ed25519(sha256(`passkey of ${id}`));
    this.#key = key;
    const cose = Buffer.concat([Buffer.from('a4010103272006215820', 'hex'), publicKey]);
    this.member = { id, role, zone, passkey: base64(cose) };
  }
  /** A WebAuthn assertion over a request. */
  approve(request, rpId = 'localhost') {
    const challenge = sha256(`vitrine approval v1\n${canonical(request)}`).toString('base64url');
    const facts = Buffer.concat([sha256(rpId), Buffer.of(0x05, 0, 0, 0, 1)]);
    const clientData = Buffer.from(JSON.stringify({ type: 'webauthn.get', challenge, origin: `https://${rpId}` }));
    const signature = sign(null, Buffer.concat([facts, sha256(clientData)]), this.#key);
    return { by: this.member.id, authenticator_data: base64(facts), client_data: base64(clientData), signature: base64(signature) };
  }
}
