// What viewers do with the clip on the screen. The view of it is told what the server has taken up.
import { choices } from '../lib/choices.svelte';
import { session } from '../lib/session.svelte';
import { social } from '../lib/social.svelte';
import { toasts } from '../lib/toasts.svelte';
import { t } from '../messages';
import type { Deck } from './deck.svelte';
import type { Sheets } from './sheets.svelte';
import type { Clip } from './source.svelte';

/** Where somebody tapped twice, in pixels of the slide that shows the clip of this key. */
export interface Heart {
  id: number;
  key: number;
  x: number;
  y: number;
  tilt: number;
}

const heart_shown_ms = 800;

/** One after the other they lean another way, by at most 18 degrees. */
const tiltOf = (id: number): number => ((id * 37) % 36) - 18;

/** Before anything is known of the creator: a clip may be there because one follows them. */
export function isFollowed({ video, reason }: Clip): boolean {
  const { handle } = video.creator;
  return social.knows(handle) ? social.follows(handle) : reason?.source === 'followed';
}

export class Reactions {
  hearts = $state.raw<Heart[]>([]);
  #last_heart = 0;
  readonly #deck: Deck;
  readonly #sheets: Sheets;

  constructor(deck: Deck, sheets: Sheets) {
    this.#deck = deck;
    this.#sheets = sheets;
  }

  toggleLike(): void {
    const clip = this.#deck.current;
    if (clip) void this.#like(!social.likeOf(clip.video).liked);
  }

  /** Two taps only ever like. */
  likeAt(x: number, y: number): void {
    const clip = this.#deck.current;
    if (!clip) return;
    if (session.account) this.#showHeart(clip.key, x, y);
    if (!social.likeOf(clip.video).liked) void this.#like(true);
  }

  async #like(on: boolean): Promise<void> {
    const { current, watching } = this.#deck;
    const { view } = watching;
    if (current && (await social.like(current.video, on))) view?.mark('liked', on);
  }

  #showHeart(key: number, x: number, y: number): void {
    const id = ++this.#last_heart;
    this.hearts = [...this.hearts, { id, key, x, y, tilt: tiltOf(id) }];
    setTimeout(() => (this.hearts = this.hearts.filter((heart) => heart.id !== id)), heart_shown_ms);
  }

  async save(): Promise<void> {
    const { current: clip, watching } = this.#deck;
    if (!clip) return;
    const on = !social.saved(clip.video);
    const { view } = watching;
    if (!(await social.save(clip.video, on))) return;
    view?.mark('saved', on);
    const where = { label: t('video.collect'), run: () => this.#sheets.open('collect') };
    // By now another clip may be on the screen, and that one is not the one to collect.
    const isThere = clip === this.#deck.current;
    toasts.add(t(on ? 'video.saved' : 'video.unsaved'), on && isThere ? { action: where } : {});
  }

  async follow(): Promise<void> {
    const { current: clip, watching } = this.#deck;
    if (!clip) return;
    const { handle } = clip.video.creator;
    const on = !isFollowed(clip);
    const { view } = watching;
    if (await social.follow(handle, on)) view?.mark('followed', on);
  }

  /** Said, and thanked for; to go on is the feed's. */
  notInterested(): void {
    this.#sheets.menu = 'closed';
    this.#deck.watching.view?.mark('not_interested');
    toasts.add(t(choices.value?.personalised === false ? 'feed.not_interested_off' : 'feed.not_interested_done'));
  }
}
