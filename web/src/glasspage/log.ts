// The end of the public log, to be looked at, not checked: what its checkpoint says, and the last bundle of entries.
import { textOf } from '../glass/bytes';
import { parseCheckpoint } from '../glass/checkpoint';
import { parseNote } from '../glass/note';
import { splitBundle, tile_width, tilePath } from '../glass/tiles';

export interface LogEntry {
  index: number;
  kind: string;
  members: Record<string, unknown>;
}

/** How many entries a published checkpoint covers. */
export function sizeOf(published: string): number {
  const note = parseNote(published);
  const checkpoint = note && parseCheckpoint(note.text);
  if (!checkpoint) throw new Error('not a checkpoint');
  return checkpoint.size;
}

/** The first entry of the bundle that holds the last of `size` entries, and how many that bundle has. */
export function lastBundle(size: number): { first: number; width: number } {
  const first = Math.floor((size - 1) / tile_width) * tile_width;
  return { first, width: size - first };
}

/** The entries of a bundle of `width`; `first` is the index of the first. */
export function entriesOf(bundle: Uint8Array, first: number, width: number): LogEntry[] {
  const lines = splitBundle(bundle, width);
  if (!lines) throw new Error('not a bundle of entries');
  return lines.map((line, i) => {
    const members = JSON.parse(textOf(line)) as Record<string, unknown>;
    return { index: first + i, kind: String(members['kind']), members };
  });
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
  const { first, width } = lastBundle(size);
  const bundle = await (await fetched(`${log}/${tilePath('entries', first / tile_width, width)}`)).arrayBuffer();
  return entriesOf(new Uint8Array(bundle), first, width);
}
