// All entries of a log in order, a few files at a time.
import { equal } from './bytes';
import { hash_bytes, leafHash } from './merkle';
import type { Server } from './server';
import { splitBundle, tile_width, tilePath } from './tiles';

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

const widthOf = (index: number, size: number): number => Math.min(tile_width, size - index * tile_width);

/** A partial file is taken away some time after the full one is there, which holds the same entries first. */
async function readBundle(server: Server, index: number, width: number): Promise<Uint8Array[]> {
  const path = tilePath('entries', index, width);
  const bytes =
    (await server.file(path)) ?? (width < tile_width ? await server.file(tilePath('entries', index)) : null);
  if (!bytes) throw new BundleFault('bundle_missing', path);
  const entries = splitBundle(bytes, width);
  if (!entries) throw new BundleFault('bundle_broken', path);
  return entries;
}

/** The entries from index `from` on, below `size`, a file's at a time. Rejects with BundleFault. */
export async function* entriesOf(server: Server, from: number, size: number): AsyncGenerator<Uint8Array[]> {
  const bundles = Math.ceil(size / tile_width);
  const first = Math.floor(from / tile_width);
  const coming: Promise<Uint8Array[]>[] = [];
  const ask = (index: number) => {
    const bundle = readBundle(server, index, widthOf(index, size));
    // Waited for in its turn; until then a failure is not left unheard.
    bundle.catch(() => undefined);
    coming.push(bundle);
  };
  let next = first;
  for (let index = first; index < bundles; ++index) {
    while (next < bundles && next < index + files_at_once) ask(next++);
    const entries = await coming.shift();
    if (entries) yield index === first ? entries.slice(from - first * tile_width) : entries;
  }
}

/**
 * The first entry that is not the one whose hash the log itself publishes; null when hashes and entries agree, or the
 * hashes are kept back. For saying where a log goes wrong, once it is known that it does.
 */
export async function firstStray(server: Server, size: number): Promise<{ index: number; entry: Uint8Array } | null> {
  for (let tile = 0; tile * tile_width < size; ++tile) {
    const width = widthOf(tile, size);
    const hashes = (await server.file(tilePath(0, tile, width))) ?? (await server.file(tilePath(0, tile)));
    if (!hashes || hashes.length < width * hash_bytes) return null;
    const entries = await readBundle(server, tile, width);
    const at = entries.findIndex(
      (entry, i) => !equal(leafHash(entry), hashes.subarray(i * hash_bytes, (i + 1) * hash_bytes)),
    );
    const entry = entries[at];
    if (entry) return { index: tile * tile_width + at, entry };
  }
  return null;
}
