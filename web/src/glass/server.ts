// The service as the verifier sees it: somebody to ask, whose answers are all checked.
import { base64url, fromBase64 } from './bytes';

/** One receipt of the service's own list. */
export interface Claim {
  entry: string;
  /** Of a batch: the tags of all whom it is about. */
  tags: Uint8Array[];
}

/** Each rejects with Unreachable when there is no answer at all, which proves nothing. */
export interface Server {
  /** Null when the service says that there is no such file. */
  checkpoint(): Promise<string | null>;
  file(path: string): Promise<Uint8Array | null>;
  batch(root: Uint8Array): Promise<Uint8Array[] | null>;
  claims(): Promise<Claim[]>;
}

export class Unreachable extends Error {}

const file_timeout_ms = 30_000;

async function fetched(address: string, cache: RequestCache = 'default'): Promise<Response | null> {
  let response: Response;
  try {
    response = await fetch(address, { cache, signal: AbortSignal.timeout(file_timeout_ms) });
  } catch {
    throw new Unreachable(address);
  }
  if (response.status === 404 || response.status === 410) return null;
  if (!response.ok) throw new Unreachable(`${address}: ${response.status}`);
  return response;
}

/** Tags as the service writes them; one that is none becomes empty, and then gives another root. */
export const tagsOf = (texts: readonly string[] | undefined): Uint8Array[] =>
  (texts ?? []).map((text) => fromBase64(text) ?? new Uint8Array());

/** A log's files, and the list of receipts given by `claims`. */
export function serverOf(log: string, claims: () => Promise<Claim[]>): Server {
  return {
    claims,
    checkpoint: async () => (await (await fetched(`${log}/checkpoint`, 'no-store'))?.text()) ?? null,
    file: async (path) => {
      const response = await fetched(`${log}/${path}`);
      return response ? new Uint8Array(await response.arrayBuffer()) : null;
    },
    batch: async (root) => {
      const response = await fetched(`/api/v1/glass/batches/${base64url(root)}`);
      return response ? tagsOf(((await response.json()) as { tags?: string[] }).tags) : null;
    },
  };
}
