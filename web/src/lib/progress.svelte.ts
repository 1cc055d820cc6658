// How far the preparation of a video is, as the server tells it.
import type { Progress } from './types';

const give_up_after = 8;

export class Preparation {
  state = $state<Progress['state']>('queued');
  percent = $state(0);
  detail = $state('');
  #stream: EventSource | null = null;
  #failures = 0;

  readonly over = $derived(this.state === 'done' || this.state === 'failed');
  readonly playable = $derived(this.state === 'live' || this.state === 'done');

  constructor(id: string) {
    const stream = new EventSource(`/api/v1/videos/${id}/progress`);
    this.#stream = stream;
    stream.addEventListener('progress', (event) => this.#take((event as MessageEvent<string>).data));
    // The browser reconnects by itself; a server that keeps refusing is left alone.
    stream.addEventListener('error', () => {
      this.#failures += 1;
      if (this.#failures >= give_up_after || stream.readyState === EventSource.CLOSED) this.stop();
    });
  }

  stop(): void {
    this.#stream?.close();
    this.#stream = null;
  }

  #take(data: string): void {
    try {
      const progress = JSON.parse(data) as Progress;
      this.#failures = 0;
      this.state = progress.state;
      this.percent = progress.percent;
      const detail = progress.detail;
      this.detail = typeof detail === 'string' ? detail : (detail?.detail ?? '');
      if (this.over) this.stop();
    } catch {
      // The next report will be whole.
    }
  }
}
