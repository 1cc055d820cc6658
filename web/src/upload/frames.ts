// Frames of a clip, drawn one after the other from a video element that nobody sees.
const seek_wait_ms = 3_000;

function once(video: HTMLVideoElement, event: string, wait_ms: number): Promise<boolean> {
  return new Promise((resolve) => {
    const finish = (came: boolean) => {
      clearTimeout(timer);
      video.removeEventListener(event, ok);
      video.removeEventListener('error', bad);
      resolve(came);
    };
    const ok = () => finish(true);
    const bad = () => finish(false);
    const timer = setTimeout(bad, wait_ms);
    video.addEventListener(event, ok);
    video.addEventListener('error', bad);
  });
}

/** Draws the frame into a part of the canvas, which it fills. */
function paint(video: HTMLVideoElement, canvas: HTMLCanvasElement, left: number, width: number): void {
  const { height } = canvas;
  const scale = Math.max(width / video.videoWidth, height / video.videoHeight);
  const [w, h] = [width / scale, height / scale];
  canvas
    .getContext('2d')
    ?.drawImage(video, (video.videoWidth - w) / 2, (video.videoHeight - h) / 2, w, h, left, 0, width, height);
}

export class Frames {
  #video = document.createElement('video');
  #opened: Promise<boolean>;
  #turn: Promise<void> = Promise.resolve();
  #last = 0;

  constructor(url: string) {
    this.#video.muted = true;
    this.#video.preload = 'auto';
    this.#opened = once(this.#video, 'loadeddata', 2 * seek_wait_ms);
    this.#video.src = url;
  }

  /** One after the other. What the browser cannot show stays as it was. */
  draw(at_ms: number, canvas: HTMLCanvasElement, left = 0, width = canvas.width): Promise<void> {
    this.#turn = this.#turn.then(() => this.#draw(at_ms, canvas, left, width));
    return this.#turn;
  }

  /** The whole canvas; of those that wait for their turn only the last is drawn. */
  drawLast(at_ms: number, canvas: HTMLCanvasElement): void {
    const number = ++this.#last;
    this.#turn = this.#turn.then(() => (number === this.#last ? this.#draw(at_ms, canvas, 0, canvas.width) : undefined));
  }

  async #draw(at_ms: number, canvas: HTMLCanvasElement, left: number, width: number): Promise<void> {
    if (!(await this.#opened)) return;
    const at_s = at_ms / 1000;
    if (Math.abs(this.#video.currentTime - at_s) > 0.001) {
      const seeked = once(this.#video, 'seeked', seek_wait_ms);
      this.#video.currentTime = at_s;
      if (!(await seeked)) return;
    }
    paint(this.#video, canvas, left, width);
  }

  close(): void {
    this.#video.removeAttribute('src');
    this.#video.load();
  }
}
