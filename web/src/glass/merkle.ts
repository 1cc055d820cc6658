// The hash tree of RFC 6962, grown leaf by leaf. Source: RFC 6962 §2.1.
import { sha256 } from '@noble/hashes/sha2';
import { concat } from './bytes';

export const hash_bytes = 32;

const leaf_prefix = Uint8Array.of(0);
const node_prefix = Uint8Array.of(1);

export const leafHash = (data: Uint8Array): Uint8Array => sha256(concat(leaf_prefix, data));
export const nodeHash = (left: Uint8Array, right: Uint8Array): Uint8Array => sha256(concat(node_prefix, left, right));

/**
 * A tree of which only the right edge is kept: the roots of the largest whole subtrees, widest first. That is enough to
 * go on appending and to give the root at every size, in 32 bytes for each set bit of the size.
 */
export class CompactRange {
  private constructor(
    private count: number,
    private readonly subtrees: Uint8Array[],
  ) {}

  static empty(): CompactRange {
    return new CompactRange(0, []);
  }

  /** Null when `subtrees` cannot be the right edge of a tree of `size` leaves. */
  static of(size: number, subtrees: Uint8Array[]): CompactRange | null {
    const fits = subtrees.length === setBits(size) && subtrees.every((hash) => hash.length === hash_bytes);
    return fits ? new CompactRange(size, [...subtrees]) : null;
  }

  get size(): number {
    return this.count;
  }

  get edge(): readonly Uint8Array[] {
    return this.subtrees;
  }

  copy(): CompactRange {
    return new CompactRange(this.count, [...this.subtrees]);
  }

  append(leaf: Uint8Array): void {
    let hash = leaf;
    // As many whole subtrees end here as the old size has ones at its end.
    for (let rest = this.count; rest % 2 === 1; rest = Math.floor(rest / 2)) {
      const left = this.subtrees.pop();
      if (left) hash = nodeHash(left, hash);
    }
    this.subtrees.push(hash);
    this.count += 1;
  }

  root(): Uint8Array {
    if (this.count === 0) return sha256(new Uint8Array());
    return this.subtrees.reduceRight((right, left) => nodeHash(left, right));
  }
}

/** Sizes go beyond what bit operations hold. */
function setBits(size: number): number {
  let ones = 0;
  for (let rest = size; rest > 0; rest = Math.floor(rest / 2)) ones += rest % 2;
  return ones;
}

export function rootOf(leaves: Iterable<Uint8Array>): Uint8Array {
  const range = CompactRange.empty();
  for (const leaf of leaves) range.append(leaf);
  return range.root();
}
