// Where the clips of a feed come from: pages asked for ahead of the viewer, without repeats.
import { get, messageOf, Problem } from '../lib/api';
import { takeBootFeed } from '../lib/boot';
import { choices } from '../lib/choices.svelte';
import type { FeedItem, FeedMode, FeedPage, Surface, Video } from '../lib/types';
import { events } from '../player/events';
import { kept as keptLimits } from '../player/kept.svelte';

const page_size = 5;
export const fetch_ahead_at = 2;
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
  /** The last page was none: the feed rests for this person. */
  rested = false;
  /** Where the viewer is, kept while other pages are open. */
  index = 0;
  #seen = new Set<string>();
  #keys = 0;
  /** Left out by what was muted, to come back if that is undone. */
  #hidden: Clip[] = [];
  #version = choices.version;
  /** A visit begins: what was handed out, here or in another feed, but not watched may come again. */
  #anew = true;

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
    const version = this.#version;
    const before = this.clips.length;
    try {
      const page = this.#boot() ?? (await this.#fetch());
      if (version === this.#version) this.#take(page);
    } catch (problem) {
      this.offline = problem instanceof Problem && problem.offline;
      this.error = messageOf(problem);
    } finally {
      this.loading = false;
    }
    // The page was made for choices that have changed since, or all of it is muted.
    if (this.clips.length === before && !this.error) await this.more();
  }

  /** Called at each move; keeps pages ahead. */
  at(index: number): void {
    this.index = index;
    if (this.clips.length - 1 - index <= fetch_ahead_at && !this.error) void this.more();
  }

  /** After a choice that changes what belongs here: what is ahead is asked for anew. What is on the screen stays. */
  renew(): void {
    if (this.#version === choices.version) return;
    this.#version = choices.version;
    if (this.mode !== 'for_you') return;
    const stays = (clip: Clip, at: number) => at <= this.index || clip.page === null;
    for (const clip of [...this.clips.filter((clip, at) => !stays(clip, at)), ...this.#hidden]) this.#seen.delete(clip.video.id);
    this.#hidden = [];
    this.clips = this.clips.filter(stays);
    this.ended = false;
    this.#anew = true;
  }

  /** After muting and its undoing: clips ahead go or come back. What one follows, or has opened oneself, stays. */
  sift(): void {
    const ahead = this.clips.slice(this.index + 1);
    const gone = ahead.filter((clip) => this.#hides(clip));
    const back = this.#hidden.filter((clip) => !this.#hides(clip));
    if (gone.length + back.length === 0) return;
    this.#hidden = [...this.#hidden.filter((clip) => !back.includes(clip)), ...gone];
    this.clips = [...this.clips.slice(0, this.index + 1), ...ahead.filter((clip) => !gone.includes(clip)), ...back];
    this.at(this.index);
  }

  #hides(clip: Clip): boolean {
    return this.mode !== 'following' && clip.page !== null && choices.hides(clip.video);
  }

  /** After the end: what has come in since, and what may be seen again. */
  again(): void {
    this.ended = false;
    this.rested = false;
    this.#seen.clear();
    void this.more();
  }

  #boot(): FeedPage | null {
    const page = this.mode === 'for_you' && this.clips.length === 0 ? takeBootFeed() : null;
    if (page) this.#anew = false;
    return page;
  }

  async #fetch(): Promise<FeedPage> {
    await Promise.race([events().flush(), wait(events_wait_ms)]);
    const start = this.#anew ? '&start=1' : '';
    this.#anew = false;
    return get<FeedPage>(`/feed?mode=${this.mode}&limit=${page_size}${start}`);
  }

  #take(page: FeedPage): void {
    const before = this.#seen.size;
    this.rested = page.rest !== null;
    if (this.rested) void keptLimits.refresh().catch(() => {});
    page.items.forEach((item, at) => this.#append(item.video, item.reason, page.page, at, this.mode));
    this.ended = page.end || this.#seen.size === before;
  }

  #append(video: Video, reason: FeedItem['reason'], page: string | null, position: number | null, surface: Surface): void {
    if (this.#seen.has(video.id)) return;
    this.#seen.add(video.id);
    const clip = { key: this.#keys++, video, reason, page, position, surface };
    if (this.#hides(clip)) this.#hidden.push(clip);
    else this.clips = [...this.clips, clip];
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
