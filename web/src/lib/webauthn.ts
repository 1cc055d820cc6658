// Passkeys: the browser speaks in buffers, the server in base64url (WebAuthn Level 3, section 5.1.8 and following).
import { post, Problem } from './api';
import { t } from '../messages';
import type { Account, Passkey, PasskeyCreation, PasskeyDescriptor, PasskeyRequest } from './types';

export function toBytes(text: string): Uint8Array<ArrayBuffer> {
  const plain = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  const bytes = new Uint8Array(plain.length);
  for (let i = 0; i < plain.length; i += 1) bytes[i] = plain.charCodeAt(i);
  return bytes;
}

export function toText(buffer: ArrayBuffer): string {
  let plain = '';
  for (const byte of new Uint8Array(buffer)) plain += String.fromCharCode(byte);
  return btoa(plain).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

const descriptor = (json: PasskeyDescriptor): PublicKeyCredentialDescriptor => ({
  id: toBytes(json.id),
  type: 'public-key',
  ...(json.transports ? { transports: json.transports as AuthenticatorTransport[] } : {}),
});

export function creationOptions(json: PasskeyCreation): PublicKeyCredentialCreationOptions {
  return {
    ...json,
    challenge: toBytes(json.challenge),
    user: { ...json.user, id: toBytes(json.user.id) },
    excludeCredentials: (json.excludeCredentials ?? []).map(descriptor),
  };
}

export function requestOptions(json: PasskeyRequest): PublicKeyCredentialRequestOptions {
  return {
    ...json,
    challenge: toBytes(json.challenge),
    allowCredentials: (json.allowCredentials ?? []).map(descriptor),
  };
}

export function registrationJson(credential: PublicKeyCredential): Record<string, unknown> {
  const response = credential.response as AuthenticatorAttestationResponse;
  return {
    id: credential.id,
    rawId: toText(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment ?? undefined,
    clientExtensionResults: credential.getClientExtensionResults(),
    response: {
      clientDataJSON: toText(response.clientDataJSON),
      attestationObject: toText(response.attestationObject),
      transports: response.getTransports?.() ?? [],
    },
  };
}

export function authenticationJson(credential: PublicKeyCredential): Record<string, unknown> {
  const response = credential.response as AuthenticatorAssertionResponse;
  return {
    id: credential.id,
    rawId: toText(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment ?? undefined,
    clientExtensionResults: credential.getClientExtensionResults(),
    response: {
      clientDataJSON: toText(response.clientDataJSON),
      authenticatorData: toText(response.authenticatorData),
      signature: toText(response.signature),
      userHandle: response.userHandle ? toText(response.userHandle) : undefined,
    },
  };
}

/** Why passkeys cannot be used here, or null when they can. */
export function passkeyObstacle(): string | null {
  if (/^[\d.]+$|^\[/.test(location.hostname)) return t('passkey.address');
  if (!isSecureContext) return t('passkey.insecure');
  if (typeof PublicKeyCredential === 'undefined') return t('passkey.unsupported');
  return null;
}

/** What a person should hear when the browser ended a ceremony. */
function explained(error: unknown): Error {
  if (error instanceof Problem) return error;
  if (error instanceof DOMException) {
    if (error.name === 'NotAllowedError' || error.name === 'AbortError') return new Error(t('passkey.cancelled'));
    if (error.name === 'InvalidStateError') return new Error(t('passkey.exists'));
    if (error.name === 'SecurityError') return new Error(t('passkey.address'));
  }
  return new Error(t('passkey.failed'));
}

export interface Registered {
  account: Account;
  passkey: Passkey;
}

/** Signs up with a handle, or, signed in and without one, adds a key. */
export async function registerPasskey(who: { handle?: string; display_name?: string; birth_date?: string }, name: string): Promise<Registered> {
  try {
    const options = await post<PasskeyCreation>('/passkeys/registration', who);
    const credential = await navigator.credentials.create({ publicKey: creationOptions(options) });
    if (!(credential instanceof PublicKeyCredential)) throw new Error(t('passkey.failed'));
    return await post<Registered>('/passkeys', { ...registrationJson(credential), name });
  } catch (error) {
    throw explained(error);
  }
}

/** Asks the person for a passkey, and hands what it signed to `path`. */
async function answerWithPasskey<T>(options: PasskeyRequest, path: string, more: object = {}): Promise<T> {
  const credential = await navigator.credentials.get({ publicKey: requestOptions(options) });
  if (!(credential instanceof PublicKeyCredential)) throw new Error(t('passkey.failed'));
  return post<T>(path, { ...authenticationJson(credential), ...more });
}

/** `appeal`: also if the account is suspended, to read the decision and appeal. */
export async function signInWithPasskey(appeal = false): Promise<Account> {
  try {
    const options = await post<PasskeyRequest>('/passkeys/authentication');
    return (await answerWithPasskey<{ account: Account }>(options, '/session/passkey', { appeal })).account;
  } catch (error) {
    throw explained(error);
  }
}

/** Signs a challenge that the server gave before, and posts the signature to `path`. */
export async function signWithPasskey<T>(options: PasskeyRequest, path: string): Promise<T> {
  try {
    return await answerWithPasskey<T>(options, path);
  } catch (error) {
    throw explained(error);
  }
}

/** "Chrome on Linux", so that a list of keys can be told apart. */
export function deviceName(): string {
  const data = (navigator as Navigator & { userAgentData?: { platform?: string } }).userAgentData;
  return data?.platform || /\(([^;)]+)/.exec(navigator.userAgent)?.[1] || t('passkey.default_name');
}
