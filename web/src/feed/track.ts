// The track that carries the slides, and the fingers and wheels that move it. It is moved by hand, not by the framework: a
// swipe's first frame waits for nothing else.
import { Drag, Taps, Wheel, withResistance, type Step } from '../player/gestures';
import type { Deck } from './deck.svelte';

/** A finger that moved further did not tap. */
const tap_slop_px = 10;
/** What has a use of its own for fingers. */
const controls = 'a, button, [role="slider"], input, textarea, dialog, .text.open';
const scrollers = '.text.open, dialog';

const isIn = (event: Event, selector: string) => event.target instanceof Element && event.target.closest(selector) !== null;

export interface TrackEvents {
  /** 0: it was let go where it came from. */
  swiped(by: Step): void;
  tapped(): void;
  /** In pixels from the casing's corner. */
  tappedTwice(x: number, y: number): void;
}

export class Track {
  /** What it is seen through. */
  casing!: HTMLElement;
  slides!: HTMLElement;
  readonly #deck: Deck;
  readonly #told: TrackEvents;
  readonly #drag = new Drag();
  readonly #wheel = new Wheel();
  readonly #taps: Taps;
  #pressed: { x: number; y: number } | null = null;
  /** How far a finger holds it from its place. */
  #offset_px = 0;

  constructor(deck: Deck, told: TrackEvents) {
    this.#deck = deck;
    this.#told = told;
    this.#taps = new Taps(
      () => told.tapped(),
      (x, y) => {
        const { left, top } = this.casing.getBoundingClientRect();
        told.tappedTwice(x - left, y - top);
      },
    );
  }

  /** Puts it where the deck is. */
  place(): void {
    this.slides.style.transform = `translate3d(0, calc(${-this.#deck.index * 100}% + ${this.#offset_px}px), 0)`;
  }

  /** Moves it there smoothly. */
  settle(): void {
    this.#offset_px = 0;
    this.slides.classList.add('sliding');
    this.place();
  }

  /** The deck has moved: a first tap was for another clip. */
  follow(): void {
    this.#taps.cancel();
    this.settle();
  }

  readonly onpointerdown = (event: PointerEvent): void => {
    if (!event.isPrimary || event.button !== 0 || isIn(event, controls)) return;
    this.#drag.begin(event.clientX, event.clientY, event.timeStamp);
    this.#pressed = { x: event.clientX, y: event.clientY };
  };

  readonly onpointermove = (event: PointerEvent): void => {
    if (!event.isPrimary || !this.#pressed || event.pointerType === 'mouse') return;
    const was = this.#drag.vertical;
    const moved = this.#drag.move(event.clientX, event.clientY, event.timeStamp);
    if (moved === null) return;
    if (!was) {
      this.casing.setPointerCapture(event.pointerId);
      this.slides.classList.remove('sliding');
    }
    this.#offset_px = withResistance(moved, this.#deck.index > 0, this.#deck.index < this.#deck.last);
    this.place();
  };

  readonly onpointerup = (event: PointerEvent): void => {
    if (!event.isPrimary || !this.#pressed) return;
    const { x, y } = this.#pressed;
    this.#pressed = null;
    if (this.#drag.vertical) {
      this.#told.swiped(this.#drag.end(this.casing.clientHeight, event.timeStamp));
      return;
    }
    this.#drag.cancel();
    const isTap = Math.hypot(event.clientX - x, event.clientY - y) < tap_slop_px;
    if (isTap) this.#taps.tap(event.clientX, event.clientY, event.timeStamp);
  };

  readonly onpointercancel = (): void => {
    this.#pressed = null;
    if (this.#drag.vertical) this.settle();
    this.#drag.cancel();
  };

  readonly onwheel = (event: WheelEvent): void => {
    if (event.ctrlKey || isIn(event, scrollers)) return;
    event.preventDefault();
    const by = this.#wheel.turn(event.deltaY, event.deltaMode, event.timeStamp);
    if (by !== 0) this.#told.swiped(by);
  };
}
