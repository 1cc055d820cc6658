// Where the clips of a feed come from: pages asked for ahead of the viewer, without repeats.
import { get, messageOf, Problem } from '../lib/api';
import { takeBootFeed } from '../lib/boot';
import type { FeedItem, FeedMode, FeedPage, Surface, Video } from '../lib/types';
import { events } from '../player/events';

const page_size = 6;
export const fetch_ahead_at = 5;
/** A page waits this long for the watch events that should shape it. */
const events_wait_ms = 400;

export interface Clip {
  key: number;
  video: Video;
  reason: FeedItem['reason'];
  page: string | null;
  position: number | null;
  surface: Surface;
}

const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

export class FeedSource {
  clips = $state.raw<Clip[]>([]);
  ended = $state(false);
  loading = $state(false);
  error = $state<string | null>(null);
  offline = $state(false);
  /** Where the viewer is, kept while other pages are open. */
  index = 0;
  #seen = new Set<string>();
  #keys = 0;

  constructor(
    readonly mode: FeedMode,
    first: { videos: Video[]; surface: Surface } | null = null,
  ) {
    for (const video of first?.videos ?? []) this.#append(video, null, null, null, first?.surface ?? 'video');
  }

  /** Asks for another page unless one is on its way. */
  async more(): Promise<void> {
    if (this.loading || this.ended) return;
    this.loading = true;
    this.error = null;
    try {
      const page = (this.mode === 'for_you' && this.clips.length === 0 ? takeBootFeed() : null) ?? (await this.#fetch());
      const before = this.clips.length;
      page.items.forEach((item, at) => this.#append(item.video, item.reason, page.page, at, this.mode));
      this.ended = page.end || this.clips.length === before;
    } catch (problem) {
      this.offline = problem instanceof Problem && problem.offline;
      this.error = messageOf(problem);
    } finally {
      this.loading = false;
    }
  }

  /** Called at each move; keeps pages ahead. */
  at(index: number): void {
    this.index = index;
    if (this.clips.length - 1 - index <= fetch_ahead_at && !this.error) void this.more();
  }

  /** A video whose words were changed. */
  replace(video: Video): void {
    this.clips = this.clips.map((clip) => (clip.video.id === video.id ? { ...clip, video } : clip));
  }

  /** After the end: what has come in since, and what may be seen again. */
  again(): void {
    this.ended = false;
    this.#seen.clear();
    void this.more();
  }

  async #fetch(): Promise<FeedPage> {
    await Promise.race([events().flush(), wait(events_wait_ms)]);
    return get<FeedPage>(`/feed?mode=${this.mode}&limit=${page_size}`);
  }

  #append(video: Video, reason: FeedItem['reason'], page: string | null, position: number | null, surface: Surface): void {
    if (this.#seen.has(video.id)) return;
    this.#seen.add(video.id);
    this.clips = [...this.clips, { key: this.#keys++, video, reason, page, position, surface }];
  }
}

const kept = new Map<string, FeedSource>();

/** The feed of a mode, as it was left, for one person. */
export function keptSource(mode: FeedMode, epoch: number): FeedSource {
  const key = `${mode} ${epoch}`;
  let source = kept.get(key);
  if (!source) {
    kept.clear();
    source = new FeedSource(mode);
    kept.set(key, source);
  }
  return source;
}

/** The clips that a grid was showing when one was opened, so that swiping goes on through them. */
let playlist: { videos: Video[]; surface: Surface } | null = null;

export function openFrom(videos: Video[], surface: Surface): void {
  playlist = { videos, surface };
}

export function takePlaylist(id: string): { videos: Video[]; surface: Surface } | null {
  const taken = playlist;
  playlist = null;
  return taken?.videos.some((video) => video.id === id) ? taken : null;
}
