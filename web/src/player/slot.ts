// One of the three <video> elements of the pool: loads a clip, stands on its first frame, plays when told.
import type { Video } from '../lib/types';
import { bandwidth } from './bandwidth';
import { attachHls } from './hls';
import { type Box, chooseRung, fills, hls_from_ms, shownHeight } from './rungs';

/** Browsers without requestVideoFrameCallback show the frame a moment after the data is there. */
const frame_guess_ms = 40;

export interface SlotEvents {
  /** The first frame of the loaded clip is on the element. */
  presented(slot: Slot): void;
  failed(slot: Slot): void;
}

export class Slot {
  clip: Video | null = null;
  presented = false;
  #release: (() => void) | null = null;
  #load = 0;
  #source = '';

  constructor(
    readonly video: HTMLVideoElement,
    private readonly events: SlotEvents,
  ) {
    video.playsInline = true;
    video.loop = true;
    video.disableRemotePlayback = true;
    video.setAttribute('disablepictureinpicture', '');
  }

  /** Puts a clip on the element and leaves it paused on its first frame. */
  load(clip: Video, box: Box): void {
    if (this.clip?.id === clip.id && this.#source !== '') return;
    this.clear();
    this.clip = clip;
    const load = ++this.#load;
    this.video.preload = 'auto';
    this.#watchFirstFrame(load);
    if (clip.hls && clip.duration_ms > hls_from_ms) {
      this.#source = clip.hls;
      this.#release = attachHls(this.video, clip.hls, () => this.#progressive(clip, box, load));
    } else {
      this.#progressive(clip, box, load);
    }
  }

  /** Lets go of clip and network. */
  clear(): void {
    this.#load += 1;
    this.#release?.();
    this.#release = null;
    this.clip = null;
    this.presented = false;
    if (this.#source !== '') {
      this.#source = '';
      this.video.removeAttribute('src');
      this.video.load();
    }
  }

  /** Ends the use of a broken source and tries once more. */
  reload(box: Box): void {
    const clip = this.clip;
    if (!clip) return;
    this.clear();
    this.load(clip, box);
  }

  #progressive(clip: Video, box: Box, load: number): void {
    if (load !== this.#load) return;
    this.#release?.();
    this.#release = null;
    const needed = shownHeight(box, clip, devicePixelRatio, fills(box, clip));
    const rung = chooseRung(clip.sources, needed, bandwidth.bitsPerSecond);
    if (!rung) {
      this.events.failed(this);
      return;
    }
    this.#source = rung.url;
    this.video.src = rung.url;
    this.video.load();
  }

  #watchFirstFrame(load: number): void {
    const seen = () => {
      if (load !== this.#load || this.presented) return;
      this.presented = true;
      this.events.presented(this);
    };
    if ('requestVideoFrameCallback' in this.video) {
      this.video.requestVideoFrameCallback(seen);
    } else {
      (this.video as HTMLVideoElement).addEventListener('loadeddata', () => setTimeout(seen, frame_guess_ms), { once: true });
    }
  }
}
