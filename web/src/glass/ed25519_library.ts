// Ed25519 for browsers that have none: a chunk of its own.
import { etc, verify } from '@noble/ed25519';
import { sha512 } from '@noble/hashes/sha2';

etc.sha512Sync = (...parts) => sha512(etc.concatBytes(...parts));

export const verifyByLibrary = (key: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean =>
  verify(signature, message, key, { zip215: false });
