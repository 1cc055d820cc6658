// What can be known of a file before it is sent.
import { upload_bytes_max, upload_ms_max } from '../lib/rules';
import { bytes, clock, t } from '../messages';

const looks_like_video = /\.(mp4|m4v|mov|webm|mkv|avi|3gp|3g2|mpe?g|ts|mts|m2ts|ogv|wmv|flv)$/i;
const metadata_wait_ms = 8_000;

export interface Checked {
  problem: string | null;
  /** Null when the browser cannot read the format; the server will say. */
  duration_ms: number | null;
}

export function fileProblem(file: { name: string; size: number; type: string }): string | null {
  const { name } = file;
  if (!file.type.startsWith('video/') && !looks_like_video.test(name)) return t('upload.type_bad', { name });
  if (file.size === 0) return t('upload.empty_bad', { name });
  if (file.size > upload_bytes_max) return t('upload.size_bad', { name, size: bytes(file.size) });
  return null;
}

export function durationProblem(duration_ms: number | null): string | null {
  return duration_ms !== null && duration_ms > upload_ms_max ? t('upload.duration_bad', { length: clock(duration_ms) }) : null;
}

/** The length of a clip as far as this browser can read it. */
export function readDuration(url: string): Promise<number | null> {
  return new Promise((resolve) => {
    const video = document.createElement('video');
    const finish = (duration: number | null) => {
      clearTimeout(timer);
      video.removeAttribute('src');
      video.load();
      resolve(duration);
    };
    const timer = setTimeout(() => finish(null), metadata_wait_ms);
    video.preload = 'metadata';
    video.muted = true;
    const known = () => Number.isFinite(video.duration) && video.duration > 0;
    video.addEventListener('loadedmetadata', () => {
      if (known()) return finish(video.duration * 1000);
      // What a browser recorded says no length: it is known once the end has been looked for.
      video.addEventListener('durationchange', () => known() && finish(video.duration * 1000));
      video.currentTime = Number.MAX_SAFE_INTEGER;
    });
    video.addEventListener('error', () => finish(null), { once: true });
    video.src = url;
  });
}
