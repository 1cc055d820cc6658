// What the media events of the element on the screen mean: whether frames move, what of it counts as watched, and when
// the viewer waits.
import { events } from './events';
import { mark } from './timeline';
import { View, type ViewOf } from './view';

const waiting_shown_after_ms = 350;
/** For this long after a seek, or after going round, a wait is no stall. */
const seek_settled_after_ms = 500;
/** An element tells of a seek a little later. */
const scrub_over_after_ms = 80;
/** A looping element goes back to its beginning by itself, and tells of it as of any other seek. */
const beginning_s = 0.1;

export class Watching {
  /** No frames have come for long enough to say so. */
  waiting = $state(false);
  /** None while nothing is on the screen, and once a hidden page has told of it. */
  view: View | null = null;
  /** Frames of this clip have moved: what comes before is its start, not a stall. */
  #started = false;
  /** The element's seeks are the viewer's for now. */
  #scrubbing = false;
  #sought_at = -Infinity;

  /** Another place is on the screen. */
  enter(): void {
    this.waiting = false;
    this.#started = false;
  }

  begin(of: ViewOf): void {
    this.view = new View(of, Date.now());
  }

  /** Hands the view over to go to the server. */
  end(): void {
    if (!this.view) return;
    events().add(this.view.end(performance.now()));
    this.view = null;
  }

  /** The viewer moves through the clip: it goes round by nobody's hand but theirs. */
  scrub(active: boolean): void {
    if (active) this.#scrubbing = true;
    else setTimeout(() => (this.#scrubbing = false), scrub_over_after_ms);
  }

  /** Attends to one element of several: what it tells counts while it is the one on the screen. */
  listen(video: HTMLVideoElement, isOnScreen: () => boolean): void {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const when = (event: keyof HTMLMediaElementEventMap, happened: () => void) =>
      video.addEventListener(event, () => {
        if (isOnScreen()) happened();
      });
    const flows = () => {
      clearTimeout(timer);
      this.waiting = false;
    };

    when('playing', () => {
      flows();
      this.#started = true;
      this.view?.run(performance.now());
    });
    when('timeupdate', () => {
      flows();
      this.#reached(video);
    });
    when('pause', () => this.view?.rest(performance.now()));
    when('seeking', () => this.#sought(video));
    when('waiting', () => {
      this.view?.rest(performance.now());
      this.#markStall(video);
      timer = setTimeout(() => (this.waiting = isOnScreen()), waiting_shown_after_ms);
    });
  }

  #reached(video: HTMLVideoElement): void {
    if (this.#scrubbing || video.paused) return;
    this.view?.run(performance.now());
    this.view?.reached(video.currentTime * 1000);
  }

  #sought(video: HTMLVideoElement): void {
    this.#sought_at = performance.now();
    if (!this.#scrubbing && this.#started && !video.paused && video.currentTime < beginning_s) this.view?.wentRound();
  }

  #markStall(video: HTMLVideoElement): void {
    const seeks = video.seeking || performance.now() - this.#sought_at < seek_settled_after_ms;
    if (this.#started && !seeks && this.view) mark('stall', this.view.of.video);
  }
}
