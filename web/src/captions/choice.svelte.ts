// Whether, how large and in which language captions are shown. As long as nobody has said so: while the sound is off.
import type { CaptionTrack } from '../lib/types';
import { caption_sizes, kept, trackFor, type CaptionSize, type Store } from './tracks';

const key = 'vitrine.captions';
const size_key = `${key}.size`;
const language_key = `${key}.language`;

export class CaptionChoice {
  /** Null: while the sound is off. */
  shown = $state<boolean | null>(null);
  size = $state<CaptionSize>('medium');
  /** Null: by the browser's languages. */
  language = $state<string | null>(null);
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
    const shown = store.read(key);
    this.shown = shown === null ? null : shown === 'on';
    this.size = caption_sizes.find((size) => size === store.read(size_key)) ?? 'medium';
    this.language = store.read(language_key);
  }

  on(muted: boolean): boolean {
    return this.shown ?? muted;
  }

  show(shown: boolean | null): void {
    this.shown = shown;
    this.#store.write(key, shown === null ? null : shown ? 'on' : 'off');
  }

  resize(size: CaptionSize): void {
    this.size = size;
    this.#store.write(size_key, size);
  }

  speak(language: string | null): void {
    this.language = language;
    this.#store.write(language_key, language);
  }

  trackOf(tracks: readonly CaptionTrack[]): CaptionTrack | null {
    return trackFor(tracks, this.language ? [this.language, ...navigator.languages] : navigator.languages);
  }
}

export const captionChoice = new CaptionChoice(kept);
