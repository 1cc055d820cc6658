// Where the entries of a log are and how they are packed. Source: c2sp.org/tlog-tiles.

export const bundle_entries = 256;
const length_bytes = 2;

/** Bundle `index` of which the first `width` entries are wanted: "tile/entries/x001/x234/067" or "….p/112". */
export function bundlePath(index: number, width: number = bundle_entries): string {
  const digits = String(index);
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, '0').match(/.{3}/g) ?? [];
  const path = groups.map((group, at) => (at < groups.length - 1 ? `x${group}` : group)).join('/');
  return `tile/entries/${path}${width < bundle_entries ? `.p/${width}` : ''}`;
}

/** The first `width` entries of a bundle; null when it has fewer, or its end is not the end of an entry. */
export function splitBundle(bytes: Uint8Array, width: number): Uint8Array[] | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const entries: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    if (at + length_bytes > bytes.length) return null;
    const end = at + length_bytes + view.getUint16(at);
    if (end > bytes.length) return null;
    entries.push(bytes.subarray(at + length_bytes, end));
    at = end;
  }
  return entries.length >= width ? entries.slice(0, width) : null;
}
