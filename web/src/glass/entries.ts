// All entries of a log in order, a few files at a time.
import { bundle_entries, bundlePath, splitBundle } from './bundles';
import type { Server } from './server';

const files_at_once = 6;

/** A file that the checkpoint covers and that cannot be read as its entries. */
export class BundleFault extends Error {
  constructor(
    readonly kind: 'bundle_missing' | 'bundle_broken',
    readonly file: string,
  ) {
    super(file);
  }
}

/** A partial file is taken away some time after the full one is there, which holds the same entries first. */
async function readBundle(server: Server, index: number, width: number): Promise<Uint8Array[]> {
  const path = bundlePath(index, width);
  const bytes = (await server.bundle(path)) ?? (width < bundle_entries ? await server.bundle(bundlePath(index)) : null);
  if (!bytes) throw new BundleFault('bundle_missing', path);
  const entries = splitBundle(bytes, width);
  if (!entries) throw new BundleFault('bundle_broken', path);
  return entries;
}

/** The entries from index `from` on, below `size`, a file's at a time. Rejects with BundleFault. */
export async function* entriesOf(server: Server, from: number, size: number): AsyncGenerator<Uint8Array[]> {
  const bundles = Math.ceil(size / bundle_entries);
  const first = Math.floor(from / bundle_entries);
  const widthOf = (index: number) => Math.min(bundle_entries, size - index * bundle_entries);
  const coming: Promise<Uint8Array[]>[] = [];
  const ask = (index: number) => {
    const bundle = readBundle(server, index, widthOf(index));
    // Waited for in its turn; until then a failure is not left unheard.
    bundle.catch(() => undefined);
    coming.push(bundle);
  };
  let next = first;
  for (let index = first; index < bundles; ++index) {
    while (next < bundles && next < index + files_at_once) ask(next++);
    const entries = await coming.shift();
    if (entries) yield index === first ? entries.slice(from - first * bundle_entries) : entries;
  }
}
