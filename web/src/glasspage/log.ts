// The end of the public log, read as an outsider reads it (docs/formats/log.md): the checkpoint, then the last bundle of entries.

/** Entries in a full bundle (C2SP tlog-tiles). */
export const bundle_entries = 256;

export interface LogEntry {
  index: number;
  kind: string;
  members: Record<string, unknown>;
}

/** How many entries a checkpoint covers: its second line. */
export function sizeOf(checkpoint: string): number {
  const size = Number(checkpoint.split('\n')[1] || NaN);
  if (!Number.isSafeInteger(size) || size < 0) throw new Error('not a checkpoint');
  return size;
}

/** Where the bundle with the last of `size` entries is: full ones by number, the last one with its width. */
export function lastBundlePath(size: number): string {
  const number = Math.floor((size - 1) / bundle_entries);
  const width = size - number * bundle_entries;
  const groups =
    String(number)
      .padStart(Math.ceil(String(number).length / 3) * 3, '0')
      .match(/.{3}/g) ?? [];
  const path = groups.map((group, i) => (i < groups.length - 1 ? `x${group}` : group)).join('/');
  return `/tile/entries/${path}${width < bundle_entries ? `.p/${width}` : ''}`;
}

function read(index: number, line: string): LogEntry {
  const members = JSON.parse(line) as Record<string, unknown>;
  return { index, kind: String(members['kind']), members };
}

/** The entries of a bundle, each behind its length in two bytes; `first` is the index of the first. */
export function entriesOf(bundle: ArrayBuffer, first: number): LogEntry[] {
  const view = new DataView(bundle);
  const entries: LogEntry[] = [];
  for (let at = 0; at < bundle.byteLength;) {
    const length = view.getUint16(at);
    const line = new TextDecoder('utf-8', { fatal: true }).decode(new Uint8Array(bundle, at + 2, length));
    entries.push(read(first + entries.length, line));
    at += 2 + length;
  }
  return entries;
}

async function fetched(url: string): Promise<Response> {
  const response = await fetch(url, { signal: AbortSignal.timeout(10_000) });
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return response;
}

export const fetchSize = async (log: string): Promise<number> => sizeOf(await (await fetched(`${log}/checkpoint`)).text());

/** What the last bundle of a log of `size` entries holds, oldest first. */
export async function fetchLatest(log: string, size: number): Promise<LogEntry[]> {
  if (size === 0) return [];
  const bundle = await (await fetched(log + lastBundlePath(size))).arrayBuffer();
  return entriesOf(bundle, Math.floor((size - 1) / bundle_entries) * bundle_entries);
}
