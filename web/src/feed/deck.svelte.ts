// Going through the clips of a feed: a few video elements take turns, one plays, its neighbours stand on their first frames.
// It knows the elements it is given, not how they are shown.
import { bandwidth } from '../player/bandwidth';
import { events } from '../player/events';
import type { Step } from '../player/gestures';
import { pauses } from '../player/pauses.svelte';
import { prefetch, stopPrefetch } from '../player/prefetch';
import type { Box } from '../player/rungs';
import { Slot } from '../player/slot';
import { sound } from '../player/sound.svelte';
import { mark } from '../player/timeline';
import { Watching } from '../player/watching.svelte';
import { veil } from '../lib/veil.svelte';
import { placesAround, ring_size, slotOf } from './ring';
import type { Clip, FeedSource } from './source.svelte';

/** A swipe's first frames are out by then. */
const gather_delay_ms = 60;
/** A clip left behind goes back to its beginning once it is out of sight. */
const rewind_delay_ms = 450;
const pause_tick_ms = 1000;
/** Closer to the end it would go round at once. */
const end_margin_s = 0.05;

export interface DeckEvents {
  /** `index` is another. The clip there has not been touched yet: to show the move comes first. */
  moved(): void;
  /** This clip counts from now on. */
  entered(clip: Clip): void;
}

const none = () => Array<boolean>(ring_size).fill(false);

export class Deck {
  /** The place on the screen. One past the clips there is a card: loading, the end, or an error. */
  index = $state(0);
  /** The place the slides lie around. It follows `index` once the swipe's first frames are out: they are what one feels. */
  around = $state(0);
  paused = $state(false);
  /** By slot: frames of its clip are on its element. */
  readonly ready = $state(none());
  /** By slot: its clip cannot be played. */
  readonly broken = $state(none());
  /** The room a slide has, by which files are chosen. */
  box = $state<Box>({ width: 0, height: 0 });
  readonly watching = new Watching();
  readonly source: FeedSource;
  readonly current = $derived<Clip | null>(this.clips[this.index] ?? null);
  readonly last = $derived(this.clips.length);
  /** By slot: the place that lies in it. */
  readonly places = $derived(placesAround(this.around));
  readonly #told: DeckEvents;
  readonly #slots = $state<Slot[]>([]);
  /** By its key, the clip on the screen whose first frame has yet to come. */
  #awaited: number | null = null;
  #cold = true;

  constructor(source: FeedSource, told: DeckEvents) {
    this.source = source;
    this.#told = told;
    this.index = this.around = source.index;
  }

  get clips(): Clip[] {
    return this.source.clips;
  }

  /** The element on the screen. */
  get video(): HTMLVideoElement | null {
    return this.#slot?.video ?? null;
  }

  get #slot(): Slot | undefined {
    return this.#slotAt(this.index);
  }

  #slotAt(place: number): Slot | undefined {
    return this.#slots[slotOf(place)];
  }

  // --- Life ---------------------------------------------------------------------------------------------------------

  /** Gives a slot its element. */
  equip(n: number, video: HTMLVideoElement): void {
    const slot = new Slot(video, {
      presented: () => this.#presented(n),
      failed: () => (this.broken[n] = true),
    });
    this.#slots[n] = slot;
    const isOnScreen = () => slot === this.#slot;
    this.watching.listen(video, isOnScreen);
    video.addEventListener('error', () => {
      if (video.error && slot.clip) this.broken[n] = true;
    });
    video.addEventListener('canplaythrough', () => {
      if (isOnScreen()) this.#prefetchSoon();
    });
  }

  /** Starts where the source was left, until the returned function is called. */
  begin(): () => void {
    const onvisibility = () => this.#seen(document.visibilityState === 'visible');
    events().beforeLeave = () => this.watching.end();
    document.addEventListener('visibilitychange', onvisibility);
    const ticking = setInterval(() => pauses.tick(this.#isWatched), pause_tick_ms);
    this.source.renew();
    if (this.clips.length > 0) this.#enter();
    else void this.source.more();
    return () => {
      clearInterval(ticking);
      document.removeEventListener('visibilitychange', onvisibility);
      events().beforeLeave = null;
      stopPrefetch();
      this.watching.end();
      void events().flush();
      bandwidth.save();
      for (const slot of this.#slots) slot.clear();
    };
  }

  /** Clips have come. If the viewer already stands at the place of one, it starts at once. */
  arrived(): void {
    const { current } = this;
    if (this.clips.length === 0) return;
    if (current && !this.watching.view && this.#slot?.clip?.id !== current.video.id) this.#enter();
    else if (this.#slot?.presented) this.#loadNeighbours();
  }

  /** The page has come to the front, or gone. */
  #seen(visible: boolean): void {
    if (!visible) {
      this.video?.pause();
      events().leave();
    } else if (this.#slot?.clip && this.current) {
      if (!this.watching.view) this.#beginView(this.current);
      if (!this.paused) this.#play(this.#slot);
    }
  }

  get #isWatched(): boolean {
    const { video, current } = this;
    const moves = video !== null && !video.paused && video.readyState > HTMLMediaElement.HAVE_CURRENT_DATA;
    return document.visibilityState === 'visible' && current !== null && moves;
  }

  // --- Moving -------------------------------------------------------------------------------------------------------

  /** False where there is nothing to go to, or nothing may play. */
  step(by: Step): boolean {
    const to = this.index + by;
    if (by === 0 || to < 0 || to > this.last || pauses.holding) return false;
    this.goTo(to);
    return true;
  }

  goTo(place: number): void {
    const from = this.#slot;
    const clip = this.clips[place];
    if (clip) mark('swipe', clip.video.id);
    stopPrefetch();
    from?.video.pause();
    this.watching.end();
    this.index = place;
    // No slide lies there yet.
    if (Math.abs(place - this.around) > 1) this.around = place;
    this.#told.moved();
    this.#enter();
    setTimeout(() => this.#gather(), gather_delay_ms);
    setTimeout(() => {
      if (from && from !== this.#slot && from.clip) from.video.currentTime = 0;
    }, rewind_delay_ms);
  }

  /** The clip at `index` becomes the one that counts. */
  #enter(): void {
    const clip = this.current;
    const slot = this.#slot;
    this.paused = false;
    this.watching.enter();
    this.#awaited = null;
    this.source.at(this.index);
    if (!clip || !slot) return;
    this.#fill(this.index);
    this.#beginView(clip);
    if (slot.presented) requestAnimationFrame(() => this.#firstFrameShown(clip));
    else this.#awaited = clip.key;
    if (document.visibilityState === 'visible') this.#play(slot);
    this.#told.entered(clip);
  }

  #beginView({ video, page, position, surface }: Clip): void {
    this.watching.begin({ video: video.id, duration_ms: video.duration_ms, page, position, surface });
  }

  // --- Loading: the clip on the screen, then its neighbours, then the beginnings of those after -----------------------

  #fill(place: number): void {
    const n = slotOf(place);
    const slot = this.#slots[n];
    const clip = this.clips[place];
    if (!slot || slot.clip?.id === clip?.video.id) return;
    this.ready[n] = false;
    this.broken[n] = false;
    if (clip) slot.load(clip.video, this.box);
    else slot.clear();
  }

  #presented(n: number): void {
    this.ready[n] = true;
    const clip = this.current;
    if (clip && this.#awaited === clip.key && n === slotOf(this.index)) {
      this.#awaited = null;
      this.#firstFrameShown(clip);
    } else if (n === slotOf(this.index + 1)) {
      this.#prefetchSoon();
    }
  }

  #firstFrameShown({ video }: Clip): void {
    mark('first-frame', video.id);
    if (this.#cold) mark('cold-first-frame', video.id);
    this.#cold = false;
    setTimeout(() => this.#gather(), gather_delay_ms);
  }

  /** What a swipe brings with it besides the next clip. */
  #gather(): void {
    this.around = this.index;
    void events().flush();
    if (this.#slot?.presented) this.#loadNeighbours();
  }

  #loadNeighbours(): void {
    this.#fill(this.index + 1);
    if (this.index > 0) this.#fill(this.index - 1);
  }

  #prefetchSoon(): void {
    const next = this.#slotAt(this.index + 1);
    if (!this.video || this.video.readyState < HTMLMediaElement.HAVE_ENOUGH_DATA || !next?.presented) return;
    const ahead = this.clips.slice(this.index + 2, this.index + 4).map((clip) => clip.video);
    if (ahead.length > 0) void prefetch(ahead, this.box);
  }

  /** Once more, after the clip at a place could not be played. */
  retry(place: number): void {
    const n = slotOf(place);
    this.broken[n] = false;
    this.#slots[n]?.reload(this.box);
    if (place === this.index) this.#enter();
  }

  // --- Playing ------------------------------------------------------------------------------------------------------

  #play(slot: Slot): void {
    if (pauses.holding || (slot.clip && veil.covers(slot.clip))) return;
    const { video } = slot;
    video.muted = sound.muted;
    video.play().catch((error: unknown) => {
      if (!(error instanceof DOMException) || error.name !== 'NotAllowedError' || video.muted) return;
      // The browser wants a touch first: until then in silence.
      sound.blocked = true;
      video.muted = true;
      video.play().catch(() => (this.paused = true));
    });
  }

  play(): void {
    this.paused = false;
    if (this.#slot) this.#play(this.#slot);
  }

  toggle(): void {
    const slot = this.#slot;
    if (!slot?.clip || veil.covers(slot.clip)) return;
    if (slot.video.paused) {
      this.play();
    } else {
      this.paused = true;
      slot.video.pause();
    }
  }

  toggleSound(): void {
    sound.toggle();
    for (const { video } of this.#slots) video.muted = sound.muted;
  }

  /** Nothing may play, or may again. */
  hold(holding: boolean): void {
    const slot = this.#slot;
    if (holding) slot?.video.pause();
    else if (slot?.clip && !this.paused && document.visibilityState === 'visible') this.#play(slot);
  }

  /** Stands still while the viewer moves through the clip. */
  scrub(active: boolean): void {
    this.watching.scrub(active);
    const slot = this.#slot;
    if (active) slot?.video.pause();
    else if (slot && !this.paused) this.#play(slot);
  }

  seekBy(seconds: number): void {
    const { video } = this;
    if (!video || !Number.isFinite(video.duration)) return;
    this.scrub(true);
    video.currentTime = Math.max(0, Math.min(video.duration - end_margin_s, video.currentTime + seconds));
    this.scrub(false);
  }
}
