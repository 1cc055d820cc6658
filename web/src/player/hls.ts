// Long clips by HLS: the browser's own player where there is one, hls.js (fetched only then) elsewhere.
import type HlsType from 'hls.js';
import { bandwidth } from './bandwidth';

const watchdog_ms = 2_000;

/** Attaches a playlist; the returned function lets go of it. `failed` is called at most once. */
export function attachHls(video: HTMLVideoElement, url: string, failed: () => void): () => void {
  let released = false;
  let player: HlsType | null = null;

  const withLibrary = async () => {
    const { default: Hls } = await import('hls.js/light');
    if (released) return;
    if (!Hls.isSupported()) {
      failed();
      return;
    }
    const made = new Hls({
      // A worker would be made from a blob: address, which the security policy forbids.
      enableWorker: false,
      abrEwmaDefaultEstimate: bandwidth.bitsPerSecond,
      testBandwidth: false,
      startFragPrefetch: true,
      capLevelToPlayerSize: true,
      maxBufferLength: 10,
      maxBufferSize: 8_000_000,
      backBufferLength: 5,
    });
    player = made;
    made.on(Hls.Events.ERROR, (_event, data) => {
      if (data.fatal && !released) failed();
    });
    made.loadSource(url);
    made.attachMedia(video);
  };

  let timer: ReturnType<typeof setTimeout> | undefined;
  const native = video.canPlayType('application/vnd.apple.mpegurl') !== '';
  const fallBack = () => {
    stopWatching();
    if (released) return;
    video.removeAttribute('src');
    void withLibrary().catch(failed);
  };
  const stopWatching = () => {
    clearTimeout(timer);
    video.removeEventListener('loadeddata', stopWatching);
    video.removeEventListener('error', fallBack);
  };
  if (native) {
    timer = setTimeout(fallBack, watchdog_ms);
    video.addEventListener('loadeddata', stopWatching);
    video.addEventListener('error', fallBack);
    video.src = url;
    video.load();
  } else {
    void withLibrary().catch(failed);
  }
  return () => {
    released = true;
    stopWatching();
    player?.destroy();
    player = null;
  };
}
