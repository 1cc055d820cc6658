// Where the entries of a log and their hashes are, and how entries are packed. Source: c2sp.org/tlog-tiles.

export const tile_width = 256;
const length_bytes = 2;

/** Tile `index` of which the first `width` places are wanted: "tile/entries/x001/x234/067" or "….p/112". */
export function tilePath(level: 'entries' | number, index: number, width: number = tile_width): string {
  const digits = String(index);
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, '0').match(/.{3}/g) ?? [];
  const path = groups.map((group, at) => (at < groups.length - 1 ? `x${group}` : group)).join('/');
  return `tile/${level}/${path}${width < tile_width ? `.p/${width}` : ''}`;
}

/** The first `width` entries of a bundle; null when it has fewer, or its end is not the end of an entry. */
export function splitBundle(bytes: Uint8Array, width: number): Uint8Array[] | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const entries: Uint8Array[] = [];
  for (let at = 0; at < bytes.length;) {
    if (at + length_bytes > bytes.length) return null;
    const end = at + length_bytes + view.getUint16(at);
    if (end > bytes.length) return null;
    entries.push(bytes.subarray(at + length_bytes, end));
    at = end;
  }
  return entries.length >= width ? entries.slice(0, width) : null;
}
