// For tests: a <video> as far as it goes without a browser. It does what it is told, and tells of it as browsers do.

export class TestElement extends EventTarget {
  src = '';
  paused = true;
  muted = false;
  seeking = false;
  currentTime = 0;
  duration = 10;
  readyState = 4;
  error: unknown = null;
  /** Refuses to be heard before somebody has touched the page. */
  wants_touch = false;
  #first_frame: (() => void) | null = null;

  get video(): HTMLVideoElement {
    return this as unknown as HTMLVideoElement;
  }

  tell(...events: (keyof HTMLMediaElementEventMap)[]): void {
    for (const event of events) this.dispatchEvent(new Event(event));
  }

  async play(): Promise<void> {
    if (this.wants_touch && !this.muted) throw new DOMException('', 'NotAllowedError');
    if (!this.paused) return;
    this.paused = false;
    this.tell('playing');
  }

  pause(): void {
    if (this.paused) return;
    this.paused = true;
    this.tell('pause');
  }

  load(): void {
    this.paused = true;
    this.currentTime = 0;
  }

  setAttribute(): void {}

  removeAttribute(name: string): void {
    if (name === 'src') this.src = '';
  }

  requestVideoFrameCallback(shown: () => void): void {
    this.#first_frame = shown;
  }

  present(): void {
    this.#first_frame?.();
    this.#first_frame = null;
  }
}
