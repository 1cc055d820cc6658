// Which of a video's captions somebody is likely to read. Pure.
import { readStored, writeStored } from '../lib/storage';
import type { CaptionTrack } from '../lib/types';

const primary = (language: string): string => language.toLowerCase().split('-')[0] ?? '';

function better(tracks: CaptionTrack[]): CaptionTrack | null {
  return tracks.find((track) => !track.automatic) ?? tracks[0] ?? null;
}

/** `wanted` are language tags, the most wanted first. Without any that fit: what a person wrote before what a program did. */
export function trackFor(tracks: readonly CaptionTrack[], wanted: readonly string[]): CaptionTrack | null {
  for (const language of wanted) {
    const same = tracks.find((track) => track.language.toLowerCase() === language.toLowerCase());
    const found = same ?? better(tracks.filter((track) => primary(track.language) === primary(language)));
    if (found) return found;
  }
  return better([...tracks]);
}

export const caption_sizes = ['small', 'medium', 'large'] as const;
export type CaptionSize = (typeof caption_sizes)[number];

/** What a browser keeps of a choice, or nothing where none is to be kept. */
export interface Store {
  read(key: string): string | null;
  write(key: string, value: string | null): void;
}

export const kept: Store = { read: readStored, write: writeStored };
export const forgotten: Store = { read: () => null, write: () => {} };
