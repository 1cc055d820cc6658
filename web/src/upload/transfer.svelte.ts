// One upload by tus: pause, go on, and go on even after the tab was closed.
import { DetailedError, Upload, defaultOptions, type PreviousUpload } from 'tus-js-client';
import { t } from '../messages';
import { Speed } from './speed';

const endpoint = '/uploads';
const chunk_bytes = 8 * 1024 * 1024;
const retry_delays_ms = [500, 1_000, 2_000, 4_000, 8_000, 15_000, 30_000, 30_000, 30_000];

export type TransferState = 'sending' | 'paused' | 'waiting' | 'sent' | 'failed' | 'dropped';

export interface Details {
  caption: string;
  tags: string[];
  /** What is to be done to the file and who is to see it, as the server's metadata has it. */
  more: Record<string, string>;
}

const idOf = (url: string | null) => url?.split('/').filter(Boolean).at(-1) ?? null;

/** The server's reason, when it gave one. */
function reasonOf(error: Error): string {
  if (!(error instanceof DetailedError) || !error.originalResponse) return t('upload.stopped', { detail: t('error.network') });
  const status = error.originalResponse.getStatus();
  let detail = t('error.server', { status });
  try {
    detail = (JSON.parse(error.originalResponse.getBody()) as { detail?: string }).detail ?? detail;
  } catch {
    // No problem document.
  }
  return status >= 400 && status < 500 ? t('upload.refused', { detail }) : t('upload.stopped', { detail });
}

export class Transfer {
  state = $state<TransferState>('sending');
  sent = $state(0);
  rate = $state<number | null>(null);
  left_ms = $state<number | null>(null);
  problem = $state('');
  resumed = $state(false);
  id = $state<string | null>(null);
  readonly size: number;
  #upload: Upload;
  #speed = new Speed();

  constructor(file: File, details: Details) {
    this.size = file.size;
    this.#upload = new Upload(file, {
      endpoint,
      chunkSize: chunk_bytes,
      retryDelays: retry_delays_ms,
      removeFingerprintOnSuccess: true,
      metadata: {
        filename: file.name,
        filetype: file.type,
        caption: details.caption,
        tags: details.tags.join(','),
        ...details.more,
      },
      // The same file for something else, or for other people, is another upload.
      fingerprint: async (chosen, options) =>
        `${await defaultOptions.fingerprint?.(chosen, options)}${JSON.stringify(Object.entries(details.more))}`,
      onUploadUrlAvailable: () => (this.id = idOf(this.#upload.url)),
      onProgress: (sent) => this.#progress(sent),
      onShouldRetry: (error) => {
        const status = error.originalResponse?.getStatus() ?? 0;
        const again = status === 0 || status >= 500 || status === 409 || status === 423 || status === 429;
        if (again) this.state = 'waiting';
        return again;
      },
      onError: (error) => {
        this.problem = reasonOf(error);
        this.state = 'failed';
      },
      onSuccess: () => {
        this.id = idOf(this.#upload.url);
        this.sent = this.size;
        this.state = 'sent';
      },
    });
  }

  get busy(): boolean {
    return this.state === 'sending' || this.state === 'waiting';
  }

  /** Begins, or goes on with what an earlier visit left. */
  async start(): Promise<void> {
    const [previous] = await this.#upload.findPreviousUploads();
    if (previous) {
      this.#upload.resumeFromPreviousUpload(previous);
      this.resumed = true;
    }
    this.#upload.start();
  }

  async pause(): Promise<void> {
    await this.#upload.abort();
    this.#speed.reset();
    this.rate = this.left_ms = null;
    this.state = 'paused';
  }

  resume(): void {
    this.problem = '';
    this.state = 'sending';
    this.#upload.start();
  }

  /** Stops and has the server forget what it got. */
  async drop(): Promise<void> {
    this.state = 'dropped';
    await this.#upload.abort(true).catch(() => {});
  }

  #progress(sent: number): void {
    if (this.state === 'waiting') this.state = 'sending';
    this.sent = sent;
    this.#speed.note(sent, performance.now());
    this.rate = this.#speed.rate;
    this.left_ms = this.#speed.leftMs(this.size);
  }
}

export interface Unfinished {
  name: string;
  size: number;
  key: string;
  url: string | null;
  begun_at: number;
  /** What was said with it. */
  fields: Record<string, string>;
}

/** New videos that earlier visits began to send and did not finish, newest first. */
export async function unfinishedUploads(): Promise<Unfinished[]> {
  const all: PreviousUpload[] = (await defaultOptions.urlStorage?.findAllUploads()) ?? [];
  return all
    .filter((upload) => upload.metadata['replaces'] === undefined)
    .map((upload) => ({
      name: upload.metadata['filename'] ?? '',
      size: upload.size ?? 0,
      key: upload.urlStorageKey,
      url: upload.uploadUrl ?? null,
      begun_at: Date.parse(upload.creationTime) || 0,
      fields: upload.metadata,
    }))
    .sort((a, b) => b.begun_at - a.begun_at);
}

export async function discard(upload: Unfinished): Promise<void> {
  if (upload.url) await Upload.terminate(upload.url, { retryDelays: [] }).catch(() => {});
  await defaultOptions.urlStorage?.removeUpload(upload.key);
}
