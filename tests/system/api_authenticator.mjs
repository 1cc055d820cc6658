// A passkey in software: enough of an authenticator (WebAuthn Level 2, ES256, no attestation) to register and sign in.
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';

const sha256 = (bytes) => createHash('sha256').update(bytes).digest();
const base64url = (bytes) => Buffer.from(bytes).toString('base64url');

function cborHead(major, length) {
  if (length < 24) return Buffer.from([(major << 5) | length]);
  if (length < 256) return Buffer.from([(major << 5) | 24, length]);
  return Buffer.from([(major << 5) | 25, length >> 8, length & 255]);
}

/** CBOR (RFC 8949) of whole numbers, texts, bytes and maps. */
function cbor(value) {
  if (typeof value === 'number') return value < 0 ? cborHead(1, -1 - value) : cborHead(0, value);
  if (typeof value === 'string') return Buffer.concat([cborHead(3, Buffer.byteLength(value)), Buffer.from(value)]);
  if (Buffer.isBuffer(value)) return Buffer.concat([cborHead(2, value.length), value]);
  return Buffer.concat([cborHead(5, value.size), ...[...value].flat().map(cbor)]);
}

const userPresentAndVerified = 0x05;
const withCredential = 0x40;

export class Authenticator {
  #key = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  #id = randomBytes(16);

  constructor(origin) {
    this.origin = origin;
  }

  #facts(flags) {
    return Buffer.concat([sha256(new URL(this.origin).hostname), Buffer.from([flags, 0, 0, 0, 0])]);
  }

  #clientData(type, challenge) {
    return Buffer.from(JSON.stringify({ type, challenge, origin: this.origin, crossOrigin: false }));
  }

  #coseKey() {
    const { x, y } = this.#key.publicKey.export({ format: 'jwk' });
    const coordinate = (text) => Buffer.from(text, 'base64url');
    return cbor(new Map([[1, 2], [3, -7], [-1, 1], [-2, coordinate(x)], [-3, coordinate(y)]]));
  }

  #answer(response) {
    return { id: base64url(this.#id), rawId: base64url(this.#id), type: 'public-key', response };
  }

  /** RegistrationResponseJSON for PublicKeyCredentialCreationOptionsJSON. */
  register({ challenge }) {
    const length = Buffer.from([0, this.#id.length]);
    const credential = Buffer.concat([Buffer.alloc(16), length, this.#id, this.#coseKey()]);
    const authData = Buffer.concat([this.#facts(userPresentAndVerified | withCredential), credential]);
    const attestation = cbor(new Map([['fmt', 'none'], ['attStmt', new Map()], ['authData', authData]]));
    const clientDataJSON = base64url(this.#clientData('webauthn.create', challenge));
    return this.#answer({ clientDataJSON, attestationObject: base64url(attestation) });
  }

  /** AuthenticationResponseJSON for PublicKeyCredentialRequestOptionsJSON. */
  signIn({ challenge }) {
    const client = this.#clientData('webauthn.get', challenge);
    const authData = this.#facts(userPresentAndVerified);
    const signature = sign('sha256', Buffer.concat([authData, sha256(client)]), this.#key.privateKey);
    return this.#answer({
      clientDataJSON: base64url(client),
      authenticatorData: base64url(authData),
      signature: base64url(signature),
    });
  }
}
