// The cues of this moment. The browser reads the file and keeps the time; the app draws them, where they cover nothing.
import type { CaptionTrack } from '../lib/types';

const textOf = (cue: VTTCue): string => cue.getCueAsHTML().textContent ?? '';

export class LiveCues {
  bottom = $state('');
  top = $state('');

  /** Shows what is said in `video` until the returned function is called. */
  follow(video: HTMLVideoElement, { url, language }: CaptionTrack): () => void {
    const element = document.createElement('track');
    element.kind = 'captions';
    element.srclang = language;
    element.src = url;
    video.append(element);
    const { track } = element;
    // Hidden: read and kept in time, but not drawn by the browser.
    track.mode = 'hidden';
    track.oncuechange = () => this.#show(Array.from(track.activeCues ?? []) as VTTCue[]);
    return () => {
      track.oncuechange = null;
      track.mode = 'disabled';
      element.remove();
      this.#show([]);
    };
  }

  #show(cues: VTTCue[]): void {
    const at = (top: boolean) => cues.filter((cue) => (cue.line === 0) === top).map(textOf).join('\n');
    this.bottom = at(false);
    this.top = at(true);
  }
}
