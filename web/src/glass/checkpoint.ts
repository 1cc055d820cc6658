// What a log commits itself to: its name, size and root. Source: c2sp.org/tlog-checkpoint.
import { fromBase64 } from './bytes';
import { hash_bytes } from './merkle';

export interface Checkpoint {
  origin: string;
  size: number;
  root: Uint8Array;
}

/** From a note's text; null when it is no checkpoint. Lines of extensions are passed over. */
export function parseCheckpoint(text: string): Checkpoint | null {
  const [origin, size, encoded] = text.split('\n');
  const root = fromBase64(encoded ?? '');
  if (
    !origin ||
    !size ||
    !/^(0|[1-9]\d*)$/.test(size) ||
    !Number.isSafeInteger(Number(size)) ||
    root?.length !== hash_bytes
  )
    return null;
  return { origin, size: Number(size), root };
}
