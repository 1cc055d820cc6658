// Ed25519 by the browser where it can, else by a library that is fetched only then: older browsers, and pages that are
// not served over HTTPS, have no such function.

const probe = { key: new Uint8Array(32), algorithm: 'Ed25519' } as const;

let native: Promise<boolean> | undefined;

async function browserCan(): Promise<boolean> {
  if (!globalThis.crypto?.subtle) return false;
  try {
    await crypto.subtle.importKey('raw', probe.key, probe.algorithm, false, ['verify']);
    return true;
  } catch {
    return false;
  }
}

async function verifyByBrowser(key: Uint8Array, message: Uint8Array, signature: Uint8Array): Promise<boolean> {
  const imported = await crypto.subtle.importKey('raw', buffer(key), 'Ed25519', false, ['verify']);
  return crypto.subtle.verify('Ed25519', imported, buffer(signature), buffer(message));
}

const buffer = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => new Uint8Array(bytes);

async function verifyByLibrary(key: Uint8Array, message: Uint8Array, signature: Uint8Array): Promise<boolean> {
  const library = await import('./ed25519_library');
  return library.verifyByLibrary(key, message, signature);
}

/** `key` has 32 bytes, `signature` 64; whatever else is given does not verify. */
export async function verifyEd25519(key: Uint8Array, message: Uint8Array, signature: Uint8Array): Promise<boolean> {
  if (key.length !== 32 || signature.length !== 64) return false;
  native ??= browserCan();
  try {
    return await ((await native) ? verifyByBrowser : verifyByLibrary)(key, message, signature);
  } catch {
    return false;
  }
}
