// The server's JSON API. Every failure is a Problem, whose text can be shown to a person.
import { t } from '../messages';

export class Problem extends Error {
  constructor(
    /** The HTTP status; 0 when the server could not be reached. */
    readonly status: number,
    message: string,
    readonly retryAfterSeconds: number | null = null,
  ) {
    super(message);
    this.name = 'Problem';
  }

  get offline(): boolean {
    return this.status === 0;
  }
}

const request_timeout_ms = 20_000;

async function problemOf(response: Response): Promise<Problem> {
  let detail = '';
  try {
    const body = (await response.json()) as { detail?: string; title?: string };
    detail = body.detail ?? body.title ?? '';
  } catch {
    // No problem document: a proxy answered.
  }
  const retry = Number(response.headers.get('Retry-After'));
  const seconds = Number.isFinite(retry) && retry > 0 ? retry : null;
  if (response.status === 429 && seconds !== null) {
    return new Problem(429, t('error.too_many', { seconds }), seconds);
  }
  if (detail) detail = detail.charAt(0).toUpperCase() + detail.slice(1);
  return new Problem(response.status, detail || t('error.server', { status: response.status }), seconds);
}

export function api<T>(method: string, path: string, body?: unknown): Promise<T> {
  return body === undefined ? send(method, path) : send(method, path, 'application/json', JSON.stringify(body));
}

/** With a body of any type; the answer is JSON all the same. */
export async function send<T>(method: string, path: string, type = '', body: string | Blob | null = null): Promise<T> {
  let response: Response;
  try {
    response = await fetch(`/api/v1${path}`, {
      method,
      headers: type === '' ? {} : { 'Content-Type': type },
      body,
      signal: AbortSignal.timeout(request_timeout_ms),
    });
  } catch {
    throw new Problem(0, t('error.network'));
  }
  if (!response.ok) throw await problemOf(response);
  if (response.status === 204) return undefined as T;
  try {
    return (await response.json()) as T;
  } catch {
    throw new Problem(response.status, t('error.answer'));
  }
}

export const get = <T>(path: string) => api<T>('GET', path);
export const post = <T>(path: string, body: unknown = {}) => api<T>('POST', path, body);

export function messageOf(error: unknown): string {
  return error instanceof Error && error.message ? error.message : t('error.unknown');
}

export function withCursor(path: string, cursor: string | null): string {
  return cursor === null ? path : `${path}?cursor=${encodeURIComponent(cursor)}`;
}
