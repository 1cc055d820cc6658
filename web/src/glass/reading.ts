// One reading of the log by one person's browser: every entry hashed, and those about the person picked out.
import { textOf } from './bytes';
import { entriesOf } from './entries';
import { CompactRange, leafHash } from './merkle';
import { belonging, parseOpening, type Opening } from './openings';
import type { Server } from './server';

/** How far the log was read, and what was found. */
export interface Reading {
  range: CompactRange;
  /** The entries about this person. */
  mine: string[];
}

export const fromTheBeginning = (): Reading => ({ range: CompactRange.empty(), mine: [] });

export interface ReadOn extends Reading {
  /** Batches about several people: whether this one is among them, their entries do not tell. */
  several: Opening[];
  /** The root at the size that was to be looked at on the way; null when it lies before the start. */
  rootAtMark: Uint8Array | null;
}

/** Reads on from `start` up to `size` entries. Rejects with BundleFault and Unreachable. */
export async function readOn(
  server: Server,
  start: Reading,
  { size, mark }: { size: number; mark: number | null },
  receiptKey: Uint8Array,
  onEntries: (done: number, of: number) => void,
): Promise<ReadOn> {
  const range = start.range.copy();
  const from = range.size;
  const read: ReadOn = { range, mine: [...start.mine], several: [], rootAtMark: mark === from ? range.root() : null };
  onEntries(0, size - from);
  for await (const entries of entriesOf(server, from, size)) {
    for (const entry of entries) {
      range.append(leafHash(entry));
      if (range.size === mark) read.rootAtMark = range.root();
      sort(entry, receiptKey, read);
    }
    onEntries(range.size - from, size - from);
  }
  return read;
}

function sort(entry: Uint8Array, receiptKey: Uint8Array, into: ReadOn): void {
  const opening = openingOf(entry);
  if (!opening) return;
  const whose = belonging(opening, receiptKey);
  if (whose === 'mine') into.mine.push(opening.text);
  if (whose === 'unknown') into.several.push(opening);
}

function openingOf(entry: Uint8Array): Opening | null {
  try {
    return parseOpening(textOf(entry));
  } catch {
    return null;
  }
}
