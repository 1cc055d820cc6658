// The page's data, kept fresh while somebody looks: the checkpoint is asked for every few seconds, the rest when it has grown.
import { get, messageOf } from '../lib/api';
import type { Glass } from '../lib/types';
import { fetchLatest, fetchSize, type LogEntry } from './log';

const checkpoint_ms = 4_000;
/** What is not in the log (who keeps up, what is overdue) changes without it. */
const glass_ms_max = 20_000;

export class Live {
  glass = $state.raw<Glass | null>(null);
  /** The end of the log, oldest first; null when it cannot be read. */
  latest = $state.raw<LogEntry[] | null>([]);
  size = $state(0);
  /** Entries from this index on came while the page was open. */
  since = $state(Number.MAX_SAFE_INTEGER);
  problem = $state<string | null>(null);
  paused = $state(false);
  #refreshed = 0;
  #timer = 0;
  #ended = false;

  async start(): Promise<void> {
    await this.#round();
    this.since = this.size;
  }

  stop(): void {
    this.#ended = true;
    clearTimeout(this.#timer);
  }

  /** Asks for everything anew, now. */
  async refresh(): Promise<void> {
    this.#refreshed = 0;
    await this.#round();
  }

  async #round(): Promise<void> {
    if (!this.paused && !document.hidden) {
      try {
        await this.#look();
        this.problem = null;
      } catch (error) {
        this.problem = messageOf(error);
      }
    }
    clearTimeout(this.#timer);
    if (!this.#ended) this.#timer = window.setTimeout(() => void this.#round(), checkpoint_ms);
  }

  async #look(): Promise<void> {
    const size = this.glass ? await fetchSize(this.glass.log.url).catch(() => this.size) : 0;
    if (this.glass && size === this.size && Date.now() - this.#refreshed < glass_ms_max) return;
    this.glass = await get<Glass>('/glass');
    this.#refreshed = Date.now();
    const grown = Math.max(size, this.glass.log.size);
    if (grown === this.size && this.latest) return;
    this.latest = await fetchLatest(this.glass.log.url, grown).catch(() => null);
    this.size = grown;
  }
}
