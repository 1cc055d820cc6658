// A playlist while its owner puts it in order: each change is kept at once, one after another.
import { api, get, messageOf, withCursor } from '../lib/api';
import { toasts } from '../lib/toasts.svelte';
import type { PlaylistPage, Video } from '../lib/types';

/** The same list with the item at `from` standing at `to`. */
export function moved<T>(list: T[], from: number, to: number): T[] {
  const rest = list.filter((_, at) => at !== from);
  const item = list[from];
  return item === undefined ? list : [...rest.slice(0, to), item, ...rest.slice(to)];
}

export class Arrangement {
  videos = $state.raw<Video[]>([]);
  loaded = $state(false);
  problem = $state<string | null>(null);
  readonly #path: string;
  #last: Promise<void> = Promise.resolve();

  constructor(playlist: string) {
    this.#path = `/playlists/${encodeURIComponent(playlist)}`;
  }

  /** All of it: what is not told would be lost with the first change. */
  async load(): Promise<void> {
    this.problem = null;
    try {
      const videos: Video[] = [];
      let cursor: string | null = null;
      do {
        const page: PlaylistPage = await get<PlaylistPage>(withCursor(this.#path, cursor));
        videos.push(...page.items);
        cursor = page.next;
      } while (cursor !== null);
      this.videos = videos;
      this.loaded = true;
    } catch (error) {
      this.problem = messageOf(error);
    }
  }

  move(from: number, to: number): void {
    if (to < 0 || to >= this.videos.length || from === to) return;
    this.#put(moved(this.videos, from, to));
  }

  takeOut(video: Video): void {
    this.#put(this.videos.filter(({ id }) => id !== video.id));
  }

  add(videos: Video[]): void {
    this.#put([...this.videos, ...videos]);
  }

  /** Once all that was changed is kept. */
  settled(): Promise<void> {
    return this.#last;
  }

  #put(videos: Video[]): void {
    this.videos = videos;
    const ids = videos.map(({ id }) => id);
    this.#last = this.#last.then(() => this.#keep(ids));
  }

  async #keep(videos: string[]): Promise<void> {
    try {
      await api('PUT', `${this.#path}/videos`, { videos });
    } catch (error) {
      toasts.error(messageOf(error));
      await this.load();
    }
  }
}
