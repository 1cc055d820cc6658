// Watch events on their way to the server: kept until acknowledged, sent again with the same ids.
import { randomId, readStored, writeStored } from '../lib/storage';
import type { WatchEvent } from '../lib/types';

const key_prefix = 'vitrine.events.';
const batch_max = 50;
const queue_max = 500;
/** Browsers refuse kept-alive requests above 64 kB. */
const keepalive_bytes_max = 60_000;
const retry_ms_min = 1_000;
const retry_ms_max = 60_000;
const linger_ms = 2_000;

/** The outside of the queue, so that tests can lie about it. */
export interface Outside {
  send(body: string): Promise<number>;
  beacon(body: string): boolean;
  read(): WatchEvent[];
  write(events: WatchEvent[]): void;
  later(run: () => void, ms: number): () => void;
}

/** Statuses after which the same batch would be refused for ever. */
const hopeless = (status: number) => status >= 400 && status < 500 && status !== 408 && status !== 425 && status !== 429 && status !== 401 && status !== 403;

export class EventQueue {
  #waiting: WatchEvent[];
  #sending: Promise<boolean> | null = null;
  #cancel: (() => void) | null = null;
  #retry_ms = retry_ms_min;
  /** Lets whoever measures a view end it before the page goes. */
  beforeLeave: (() => void) | null = null;

  constructor(private readonly outside: Outside) {
    this.#waiting = outside.read();
    if (this.#waiting.length > 0) this.#schedule(0);
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** Takes an event; it goes out soon, or at once with flush(). */
  add(event: WatchEvent): void {
    this.#waiting = [...this.#waiting, event].slice(-queue_max);
    this.outside.write(this.#waiting);
    this.#schedule(linger_ms);
  }

  /** Sends what waits; true when the server holds all of it. */
  async flush(): Promise<boolean> {
    if (this.#sending) {
      await this.#sending;
    }
    if (this.#waiting.length === 0) return true;
    this.#cancel?.();
    this.#cancel = null;
    this.#sending = this.#sendAll().finally(() => {
      this.#sending = null;
    });
    return this.#sending;
  }

  /** The page goes away: hand over what waits. Nothing is forgotten, since no answer will be seen; ids make repeats harmless. */
  leave(): void {
    this.beforeLeave?.();
    for (let at = 0; at < this.#waiting.length; at += batch_max) {
      if (!this.outside.beacon(bodyOf(this.#waiting.slice(at, at + batch_max)))) return;
    }
  }

  async #sendAll(): Promise<boolean> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.slice(0, batch_max);
      const status = await this.outside.send(bodyOf(batch)).catch(() => 0);
      const taken = (status >= 200 && status < 300) || hopeless(status);
      if (!taken) {
        this.#schedule(this.#retry_ms);
        this.#retry_ms = Math.min(retry_ms_max, this.#retry_ms * 2);
        return false;
      }
      const ids = new Set(batch.map((event) => event.id));
      this.#waiting = this.#waiting.filter((event) => !ids.has(event.id));
      this.outside.write(this.#waiting);
      this.#retry_ms = retry_ms_min;
    }
    return true;
  }

  #schedule(ms: number): void {
    if (this.#cancel) return;
    this.#cancel = this.outside.later(() => {
      this.#cancel = null;
      void this.flush();
    }, ms);
  }
}

const bodyOf = (events: WatchEvent[]) => JSON.stringify({ events });

/** Reads what earlier tabs left behind, too. They may be alive and send it as well: the server counts an id once. */
function readAll(own: string): WatchEvent[] {
  const found = new Map<string, WatchEvent>();
  try {
    for (const key of Object.keys(localStorage)) {
      if (!key.startsWith(key_prefix)) continue;
      for (const event of JSON.parse(readStored(key) ?? '[]') as WatchEvent[]) found.set(event.id, event);
      if (key !== own) localStorage.removeItem(key);
    }
  } catch {
    // Unreadable leftovers are dropped.
  }
  const events = [...found.values()].slice(-queue_max);
  writeStored(own, events.length > 0 ? JSON.stringify(events) : null);
  return events;
}

function browser(): Outside {
  const own = key_prefix + randomId();
  return {
    async send(body) {
      const response = await fetch('/api/v1/events', {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body,
        keepalive: body.length < keepalive_bytes_max,
      });
      return response.status;
    },
    beacon: (body) => navigator.sendBeacon('/api/v1/events', new Blob([body], { type: 'application/json' })),
    read: () => readAll(own),
    write: (events) => writeStored(own, events.length > 0 ? JSON.stringify(events) : null),
    later: (run, ms) => {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    },
  };
}

let queue: EventQueue | null = null;

/** The page's one queue. */
export function events(): EventQueue {
  if (queue) return queue;
  const made = new EventQueue(browser());
  queue = made;
  addEventListener('online', () => void made.flush());
  addEventListener('pagehide', () => made.leave());
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'hidden') made.leave();
  });
  return made;
}
