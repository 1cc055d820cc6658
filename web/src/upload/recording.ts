// The camera and what comes out of it, as a file.
import { upload_ms_max } from '../lib/rules';
import { t } from '../messages/editing';

const wanted_types = ['video/mp4;codecs=avc1,mp4a.40.2', 'video/webm;codecs=vp9,opus', 'video/webm;codecs=vp8,opus', 'video/webm'];
const video_bits_per_s = 8_000_000;
const audio_bits_per_s = 160_000;

export const can_record = (): boolean =>
  typeof MediaRecorder !== 'undefined' && typeof navigator.mediaDevices?.getUserMedia === 'function';

export function cameraProblem(error: unknown): string {
  const name = error instanceof DOMException ? error.name : '';
  if (name === 'NotAllowedError' || name === 'SecurityError') return t('record.denied');
  if (name === 'NotFoundError' || name === 'OverconstrainedError') return t('record.missing');
  return t('record.failed', { detail: error instanceof Error ? error.message : String(error) });
}

export function openCamera(): Promise<MediaStream> {
  return navigator.mediaDevices.getUserMedia({
    video: { facingMode: 'user', width: { ideal: 1080 }, height: { ideal: 1920 }, frameRate: { ideal: 30 } },
    audio: { echoCancellation: true },
  });
}

export class Recording {
  readonly #recorder: MediaRecorder;
  readonly #parts: Blob[] = [];
  readonly #timer: ReturnType<typeof setTimeout>;
  readonly file: Promise<File>;

  /** Begins at once; ends by itself after `ms_max`. */
  constructor(stream: MediaStream, ms_max = upload_ms_max) {
    const mimeType = wanted_types.find((type) => MediaRecorder.isTypeSupported(type)) ?? '';
    this.#recorder = new MediaRecorder(stream, {
      mimeType,
      videoBitsPerSecond: video_bits_per_s,
      audioBitsPerSecond: audio_bits_per_s,
    });
    this.file = new Promise((resolve, reject) => {
      this.#recorder.addEventListener('dataavailable', ({ data }) => this.#parts.push(data));
      this.#recorder.addEventListener('error', () => reject(new Error(t('error.unknown'))));
      this.#recorder.addEventListener('stop', () => resolve(this.#fileOf()));
    });
    this.#recorder.start();
    this.#timer = setTimeout(() => this.stop(), ms_max);
  }

  stop(): void {
    clearTimeout(this.#timer);
    if (this.#recorder.state !== 'inactive') this.#recorder.stop();
  }

  #fileOf(): File {
    const type = this.#recorder.mimeType.split(';')[0] || 'video/webm';
    const ending = type === 'video/mp4' ? 'mp4' : 'webm';
    return new File(this.#parts, t('record.file', { ending }), { type });
  }
}
